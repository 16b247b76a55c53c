//! `serve`: one role of the mesh as a process of its own.

use anyhow::Context;
use tokio::net::TcpListener;
use toml::Table;
use voltaire_mesh::Mesh;
use voltaire_types::Clock;

use super::{
    end_of_process,
    services::{Services, socket},
    settings::{self, assign},
};
use crate::cli::{Role, Serve};

impl Role {
    /// Its name, as in the settings.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Auth => "auth",
            Self::Telemetry => "telemetry",
            Self::Chat => "chat",
            Self::Gateway => "gateway",
        }
    }
}

/// Runs until the process is asked to end.
pub(crate) async fn run(serve: Serve) -> anyhow::Result<()> {
    let role = serve.role;
    let mut flags = Table::new();
    if let Some(listen) = serve.listen {
        let section = if role == Role::Gateway {
            "gateway.listen"
        } else {
            "mesh.listen"
        };
        assign(&mut flags, section, &format!("\"{listen}\""));
    }
    let settings = settings::load(&serve.settings, flags)?;
    settings::observe(&settings, role.name())?;
    let mesh = Mesh::new(role.name(), Clock::system(), &settings.mesh)?;
    settings::show_metrics(&settings, &mesh).await?;
    let end = end_of_process()?;
    let mut services = Services::new(mesh.clone(), end.clone());
    if role == Role::Gateway {
        let gateway = voltaire_gateway::open(settings.gateway.clone(), &mesh)?;
        let listen = settings.gateway.listen;
        let listener = TcpListener::bind(listen)
            .await
            .with_context(|| format!("cannot listen at {listen}"))?;
        tracing::info!(%listen, "gateway is listening");
        gateway.serve(listener, end.cancelled_owned()).await?;
    } else {
        let socket = socket(&settings, &mesh)
            .await
            .with_context(|| format!("cannot listen at {}", settings.mesh.listen))?;
        voltaire_mesh::metrics::keep_up(&mesh);
        services.open(role.name(), &settings, Some(socket)).await?;
        mesh.follow_auth();
        tracing::info!(listen = settings.mesh.listen, role = role.name(), "listening");
    }
    services.finish().await;
    voltaire_mesh::spans::flush().await;
    Ok(())
}
