//! Opens services and serves them: the only table of roles.

use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use voltaire_mesh::{Listener, Mesh, Service};

use super::settings::Settings;

/// The services that this process runs, until `end`.
pub(crate) struct Services {
    mesh: Mesh,
    running: TaskTracker,
    end: CancellationToken,
    databases: Vec<voltaire_mesh::Db>,
}

impl Services {
    pub(crate) fn new(mesh: Mesh, end: CancellationToken) -> Self {
        Self {
            mesh,
            running: TaskTracker::new(),
            end,
            databases: Vec::new(),
        }
    }

    /// Opens a service by its role's name and serves it to this process; also on a socket, where one is given.
    pub(crate) async fn open(
        &mut self,
        role: &str,
        settings: &Settings,
        socket: Option<Listener>,
    ) -> anyhow::Result<Service> {
        let service = match role {
            "auth" => voltaire_auth::open(settings.auth.clone(), &self.mesh).await?,
            "telemetry" => voltaire_telemetry::open(settings.telemetry.clone(), &self.mesh).await?,
            "chat" => voltaire_chat::open(settings.chat.clone(), &self.mesh).await?,
            other => anyhow::bail!("no service is called {other}"),
        };
        self.databases.push(service.db.clone());
        self.serve(&service, socket);
        Ok(service)
    }

    /// Serves a service to this process, and on a socket.
    pub(crate) fn serve(&self, service: &Service, socket: Option<Listener>) {
        let memory = self.mesh.listen(service.name).map(Listener::Memory);
        for listener in memory.into_iter().chain(socket) {
            let (mesh, end, service) = (self.mesh.clone(), self.end.clone(), service.clone());
            let serving = async move {
                let stop = end.clone();
                if let Err(error) = voltaire_mesh::serve(listener, vec![service], &mesh, stop.cancelled_owned()).await {
                    tracing::error!(error = format!("{error:#}"), "a service cannot be served");
                }
                end.cancel();
            };
            drop(self.running.spawn(serving));
        }
    }

    /// Waits until all have ended, then ends tasks and closes databases.
    pub(crate) async fn finish(self) {
        self.running.close();
        self.running.wait().await;
        self.mesh.drain().await;
        for database in self.databases {
            database.close().await;
        }
    }
}

/// A socket for a service, with TLS where the mesh has certificates.
pub(crate) async fn socket(settings: &Settings, mesh: &Mesh) -> anyhow::Result<Listener> {
    let listener = TcpListener::bind(&settings.mesh.listen).await?;
    let tls = mesh.certificates();
    Ok(Listener::Tcp { listener, tls })
}
