//! `health`: asks a role how it is, as its orchestrator does: over gRPC, and over mutual TLS where the mesh has certificates.

use std::time::Duration;

use anyhow::Context;
use toml::Table;
use tonic::{
    Request, Status,
    transport::{Certificate, ClientTlsConfig, Endpoint, Identity},
};
use tonic_health::pb::{HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient};
use voltaire_mesh::TlsConfig;

use super::settings::{self, Settings};
use crate::{
    cli::{self, Role},
    client::refusal::Unreachable,
};

const PATIENCE: Duration = Duration::from_secs(4);

/// Asks a role of this machine whether it serves.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "For health checks of containers, which have no other gRPC client. It reads the role's own settings: where it \
listens, and mesh.tls. Exit codes: 0 serves, 1 does not, 3 does not answer."
)]
pub(crate) struct Health {
    /// Which.
    #[arg(value_enum)]
    role: Role,
    /// Where it listens.
    #[arg(long, env = "VOLTAIRE_LISTEN", value_name = "ADDR:PORT")]
    listen: Option<std::net::SocketAddr>,
    /// Any answer will do: it need not be ready to serve.
    #[arg(long)]
    alive: bool,
    #[command(flatten)]
    settings: cli::Settings,
}

impl Health {
    pub(crate) async fn run(&self) -> anyhow::Result<()> {
        let settings = settings::load(&self.settings, Table::new())?;
        let endpoint = self.endpoint(&settings)?;
        let at = endpoint.uri().to_string();
        let channel = endpoint.connect().await.map_err(|_| Unreachable(at))?;
        let question = HealthCheckRequest {
            service: self.role.name().to_owned(),
        };
        let mut question = Request::new(question);
        question.set_timeout(PATIENCE);
        let answer = HealthClient::new(channel).check(question).await;
        let status = answer.map(|it| it.into_inner().status());
        match status {
            Ok(ServingStatus::Serving) => Ok(()),
            Ok(_) if self.alive => Ok(()),
            Ok(status) => anyhow::bail!("{} says {}", self.role.name(), status.as_str_name()),
            Err(status) => Err(Status::into(status)),
        }
    }

    fn endpoint(&self, settings: &Settings) -> anyhow::Result<Endpoint> {
        let listen = match (self.listen, self.role) {
            (Some(listen), _) => listen.to_string(),
            (None, Role::Gateway) => settings.gateway.listen.to_string(),
            (None, _) => settings.mesh.listen.clone(),
        };
        let port = listen.rsplit(':').next().unwrap_or_default();
        let secure = self.role != Role::Gateway || settings.gateway.mutual_tls;
        let tls = settings.mesh.tls.as_ref().filter(|_| secure);
        let scheme = if tls.is_some() { "https" } else { "http" };
        let endpoint = Endpoint::from_shared(format!("{scheme}://127.0.0.1:{port}"))
            .with_context(|| format!("{listen} is no ADDR:PORT"))?
            .connect_timeout(PATIENCE);
        Ok(match tls {
            Some(tls) => endpoint.tls_config(self.certificates(tls)?)?,
            None => endpoint,
        })
    }

    fn certificates(&self, tls: &TlsConfig) -> anyhow::Result<ClientTlsConfig> {
        let read =
            |file: &std::path::Path| std::fs::read(file).with_context(|| format!("cannot read {}", file.display()));
        Ok(ClientTlsConfig::new()
            .domain_name(self.role.name())
            .ca_certificate(Certificate::from_pem(read(&tls.authority)?))
            .identity(Identity::from_pem(read(&tls.certificate)?, read(&tls.key)?)))
    }
}
