//! Tools that a test may need: named by the environment, else the test says that it is skipped.

use std::{path::PathBuf, process::Command};

/// The tool that an environment variable names; none, with a word why, where it is not set.
pub(crate) fn tool(variable: &str) -> Option<Command> {
    let path = path(variable)?;
    Some(Command::new(path))
}

/// The path that an environment variable names; none, with a word why, where it is not set.
pub(crate) fn path(variable: &str) -> Option<String> {
    let found = std::env::var(variable).ok().filter(|it| !it.is_empty());
    if found.is_none() {
        println!("skipped: {variable} is not set");
    }
    found
}

/// Where to keep pictures of pages, for those who want to look; a test without them is no less of a test.
pub(crate) fn pictures() -> Option<PathBuf> {
    std::env::var_os("VOLTAIRE_TEST_PICTURES")
        .filter(|it| !it.is_empty())
        .map(PathBuf::from)
}

/// A PostgreSQL database of the test's own.
pub(crate) struct Database {
    /// Its URL.
    pub(crate) url: String,
    server: String,
    name: String,
}

impl Database {
    /// Makes a database on the server that tests are given, with TimescaleDB where there is one.
    pub(crate) fn make() -> Option<Self> {
        let timescale = path("TEST_TIMESCALE_URL");
        let server = timescale.clone().or_else(|| path("TEST_POSTGRES_URL"))?;
        Some(Self::on(server, timescale.is_some()))
    }

    /// Makes a database on a server.
    pub(crate) fn on(server: String, timescale: bool) -> Self {
        let name = format!("voltaire_{}", uuid::Uuid::now_v7().simple());
        psql(&server, &format!("CREATE DATABASE {name}"));
        let base = server
            .rsplit_once('/')
            .map_or(server.as_str(), |(base, _)| base)
            .to_owned();
        let url = format!("{base}/{name}");
        if timescale {
            psql(&url, "CREATE EXTENSION IF NOT EXISTS timescaledb");
        }
        Self { url, server, name }
    }

    /// `HOST:PORT` of its server.
    pub(crate) fn server_address(&self) -> String {
        let rest = self
            .server
            .rsplit_once('@')
            .map_or(self.server.as_str(), |(_, rest)| rest);
        rest.split('/').next().unwrap_or_default().to_owned()
    }

    /// Its URL by way of another port of this machine.
    pub(crate) fn url_at(&self, port: u16) -> String {
        self.url.replace(&self.server_address(), &format!("127.0.0.1:{port}"))
    }

    /// Drops it.
    pub(crate) fn drop(self) {
        psql(&self.server, &format!("DROP DATABASE {} WITH (FORCE)", self.name));
    }
}

/// Runs a statement; its answer without headings.
pub(crate) fn psql(url: &str, statement: &str) -> String {
    let output = Command::new("psql")
        .args([url, "-qtAc", statement])
        .output()
        .expect("psql runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}
