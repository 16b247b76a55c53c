//! `cargo xtask tools`: what tests need beyond cargo, found on the machine or installed into the target folder.
//!
//! Nothing here is needed to build or to run the product. A tool that cannot be had comes with the exact command that would help.

mod axe;
pub(crate) mod browser;
pub(crate) mod daemons;
pub(crate) mod llama;
mod operators;
pub(crate) mod peers;
pub(crate) mod postgres;
pub(crate) mod prometheus;
pub(crate) mod python;
pub(crate) mod timescale;
pub(crate) mod wasm;

use std::path::PathBuf;

use crate::workspace::Workspace;

/// A tool that tests find through an environment variable.
pub(crate) struct Tool {
    /// What it is called.
    pub(crate) name: &'static str,
    /// The variable that tests read.
    pub(crate) variable: &'static str,
    /// Where it is, or why it is missing.
    pub(crate) found: anyhow::Result<PathBuf>,
}

/// The programs that tests start themselves, installed where possible.
pub(crate) fn programs(workspace: &Workspace) -> Vec<Tool> {
    let tool = |name, variable, found| Tool { name, variable, found };
    vec![
        tool(
            "python with grpcio",
            "VOLTAIRE_TEST_PYTHON",
            python::with_grpcio(workspace),
        ),
        tool(
            "python with schemas",
            "VOLTAIRE_TEST_SCHEMAS",
            python::with_schemas(workspace),
        ),
        tool(
            "schemas of operators",
            "VOLTAIRE_TEST_OPERATORS",
            operators::folder(workspace),
        ),
        tool("kubectl", "VOLTAIRE_TEST_KUBECTL", operators::kubectl()),
        tool("buf", "VOLTAIRE_TEST_BUF", python::buf(workspace)),
        tool("grpcurl", "VOLTAIRE_TEST_GRPCURL", python::grpcurl(workspace)),
        tool("envoy", "VOLTAIRE_TEST_ENVOY", python::envoy(workspace)),
        tool("nats-server", "VOLTAIRE_TEST_NATS", daemons::nats()),
        tool("mosquitto", "VOLTAIRE_TEST_MOSQUITTO", daemons::mosquitto()),
        tool("promtool", "VOLTAIRE_TEST_PROMTOOL", prometheus::promtool()),
        tool(
            "llama.cpp with SmolLM2",
            "VOLTAIRE_TEST_LLAMA",
            llama::python(workspace),
        ),
        tool("axe-core", "VOLTAIRE_TEST_AXE", axe::script(workspace)),
        tool("chromium", "VOLTAIRE_TEST_CHROMIUM", browser::chromium()),
        tool("chromedriver", "VOLTAIRE_TEST_CHROMEDRIVER", browser::chromedriver()),
    ]
}

/// Prints every tool with its place or with what to do.
pub(crate) fn run(workspace: &Workspace) {
    let mut tools = vec![("wasm target", wasm::ensure(workspace).map(|()| "installed".to_owned()))];
    for tool in programs(workspace) {
        tools.push((tool.name, tool.found.map(|path| path.display().to_string())));
    }
    tools.push(("PostgreSQL", postgres::find().map(|server| server.to_string())));
    tools.push((
        "TimescaleDB",
        timescale::find_or_install(workspace).map(|server| server.to_string()),
    ));
    let mut missing = 0;
    for (name, found) in tools {
        match found {
            Ok(place) => println!("{name:<20} {place}"),
            Err(error) => {
                missing += 1;
                println!("{name:<20} missing: {error:#}");
            }
        }
    }
    println!("{missing} missing");
}
