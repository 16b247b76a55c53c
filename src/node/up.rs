//! `up`: all roles in one process, on SQLite, with nothing to configure.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use anyhow::Context;
use tokio::net::TcpListener;
use toml::Table;
use voltaire_mesh::Mesh;
use voltaire_types::Clock;

use super::{
    demo, end_of_process,
    services::Services,
    settings::{self, assign},
};
use crate::cli::Up;

/// Runs until the process is asked to end.
pub(crate) async fn run(up: Up) -> anyhow::Result<()> {
    private_folder(&up.data_dir)?;
    let settings = settings::load(&up.settings, flags(&up))?;
    settings::observe(&settings, "voltaire")?;
    let listener = TcpListener::bind(up.listen)
        .await
        .with_context(|| format!("cannot listen at {}: choose another address with --listen", up.listen))?;
    let address = listener.local_addr()?;
    let mesh = Mesh::new("up", Clock::system(), &settings.mesh)?;
    settings::show_metrics(&settings, &mesh).await?;
    let end = end_of_process()?;
    let mut services = Services::new(mesh.clone(), end.clone());
    let auth = services.open("auth", &settings, None).await?;
    services.open("telemetry", &settings, None).await?;
    services.open("chat", &settings, None).await?;
    mesh.follow_auth();
    let login = if up.no_demo {
        None
    } else {
        services.serve(&demo::service(&mesh, &up.data_dir, &auth.db), None);
        Some(demo::account(&auth.db, mesh.clock(), &up.data_dir).await?)
    };
    let gateway = voltaire_gateway::open(settings.gateway, &mesh)?;
    greet(address, login.as_ref());
    if let Some(login) = login {
        mesh.spawn("demo home", demo::home(mesh.clone(), up.data_dir.clone(), login));
    }
    gateway.serve(listener, end.cancelled_owned()).await?;
    services.finish().await;
    voltaire_mesh::spans::flush().await;
    Ok(())
}

/// Databases hold passwords' hashes and signing keys: only the owner may look into their folder.
fn private_folder(folder: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot make the data directory {}", folder.display()))?;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700))
        .with_context(|| format!("cannot make the data directory {} private", folder.display()))
}

fn flags(up: &Up) -> Table {
    let mut flags = Table::new();
    for service in ["auth", "telemetry", "chat"] {
        let file = up.data_dir.join(format!("{service}.db"));
        text(
            &mut flags,
            &format!("{service}.database_url"),
            &format!("sqlite://{}", file.display()),
        );
    }
    text(&mut flags, "gateway.listen", &up.listen.to_string());
    if let Some(folder) = up.ui_dir.clone().or_else(built_ui) {
        text(&mut flags, "gateway.ui_dir", &folder.display().to_string());
    }
    flags
}

fn text(table: &mut Table, key: &str, value: &str) {
    assign(table, key, &toml::Value::from(value).to_string());
}

/// The web app beside the binary, as the container image and `cargo xtask up` have it.
fn built_ui() -> Option<std::path::PathBuf> {
    let beside = std::env::current_exe().ok()?.parent()?.join("ui");
    beside.join("index.html").is_file().then_some(beside)
}

fn greet(address: std::net::SocketAddr, login: Option<&demo::Login>) {
    println!("Voltaire is at http://{address}");
    println!("  Create your account there, or with: voltaire register --name NAME --email EMAIL");
    println!("  The first account that you create is the admin.");
    println!("  API: http://{address}/api-docs, gRPC with reflection on the same port.");
    if let Some(login) = login {
        println!(
            "  Look around in the demo home: {}, password {}",
            login.email, login.password
        );
    }
}

/// The settings that `up` makes for a folder.
#[cfg(test)]
fn settings_of(up: &Up) -> anyhow::Result<settings::Settings> {
    settings::load(&up.settings, flags(up))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[test]
    fn each_service_has_a_file_of_its_own() {
        let cli = crate::cli::Cli::parse_from(["voltaire", "up", "--data-dir", "some where"]);
        let crate::cli::Command::Up(up) = cli.command else {
            panic!("another command")
        };
        let settings = settings_of(&up).unwrap();
        assert_eq!(settings.auth.database_url.reveal(), "sqlite://some where/auth.db");
        assert_eq!(settings.gateway.listen.port(), 3000);
    }
}
