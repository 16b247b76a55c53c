//! The command line as a client: it finds the server, carries the token, and turns refusals into sentences.

pub(crate) mod account;
pub(crate) mod alert;
pub(crate) mod alert_rule;
pub(crate) mod ask;
pub(crate) mod credentials;
pub(crate) mod device;
mod device_send;
pub(crate) mod home;
pub(crate) mod json;
pub(crate) mod refusal;
pub(crate) mod token;

use std::path::PathBuf;

use anyhow::Context;
use tonic::{
    metadata::{Ascii, MetadataValue},
    service::Interceptor,
    transport::{Certificate, Channel, ClientTlsConfig, Endpoint},
};

/// Where the server is and who asks: the same for every client command.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Connection {
    /// The server's address.
    #[arg(
        long,
        global = true,
        env = "VOLTAIRE_SERVER",
        default_value = "http://127.0.0.1:3000",
        value_name = "URL"
    )]
    pub(crate) server: String,
    /// A file with the certificate of the authority that has signed the server's, where that is no public one.
    #[arg(long, global = true, env = "VOLTAIRE_AUTHORITY", value_name = "FILE")]
    pub(crate) authority: Option<PathBuf>,
    /// A token; by default the one that `register` or `login` stored for the server.
    #[arg(
        long,
        global = true,
        env = "VOLTAIRE_TOKEN",
        hide_env_values = true,
        value_name = "TOKEN"
    )]
    pub(crate) token: Option<String>,
    /// A file with the token.
    #[arg(
        long,
        global = true,
        env = "VOLTAIRE_TOKEN_FILE",
        value_name = "FILE",
        conflicts_with = "token"
    )]
    pub(crate) token_file: Option<PathBuf>,
    /// Prints JSON instead of words.
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

/// Adds the token to every call.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bearer(Option<MetadataValue<Ascii>>);

impl Bearer {
    pub(crate) fn new(token: &str) -> anyhow::Result<Self> {
        let value = format!("Bearer {token}")
            .parse()
            .context("the token holds characters that no token has")?;
        Ok(Self(Some(value)))
    }
}

impl Interceptor for Bearer {
    fn call(&mut self, mut request: tonic::Request<()>) -> Result<tonic::Request<()>, tonic::Status> {
        if let Some(value) = &self.0 {
            request.metadata_mut().insert("authorization", value.clone());
        }
        Ok(request)
    }
}

/// A connected server.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    pub(crate) channel: Channel,
    pub(crate) bearer: Bearer,
}

impl Connection {
    /// The server without a token: for signing up and in.
    pub(crate) async fn anonymous(&self) -> anyhow::Result<Server> {
        let mut endpoint = Endpoint::from_shared(self.server.clone())
            .with_context(|| format!("{} is no address: http://HOST:PORT is", self.server))?
            .connect_timeout(std::time::Duration::from_secs(5))
            .tcp_nodelay(true);
        if self.server.starts_with("https:") {
            endpoint = endpoint.tls_config(self.trusted()?)?;
        }
        let channel = endpoint
            .connect()
            .await
            .map_err(|_| refusal::Unreachable(self.server.clone()))?;
        Ok(Server {
            channel,
            bearer: Bearer::default(),
        })
    }

    /// Whom an `https` server must be known to.
    fn trusted(&self) -> anyhow::Result<ClientTlsConfig> {
        let tls = ClientTlsConfig::new();
        let Some(file) = &self.authority else {
            return Ok(tls.with_enabled_roots());
        };
        let text = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        Ok(tls.ca_certificate(Certificate::from_pem(text)))
    }

    /// The server as the user whose token is given or stored.
    pub(crate) async fn signed_in(&self) -> anyhow::Result<Server> {
        let read = |file: &PathBuf| {
            std::fs::read_to_string(file)
                .map_err(|error| refusal::Usage(format!("cannot read {}: {error}", file.display())))
        };
        let given = self
            .token
            .clone()
            .map(Ok)
            .or_else(|| self.token_file.as_ref().map(read));
        let token = match given.transpose()? {
            Some(token) => token.trim().to_owned(),
            None => credentials::load(&self.server)?.ok_or_else(|| refusal::NotSignedIn(self.server.clone()))?,
        };
        Ok(Server {
            bearer: Bearer::new(&token)?,
            ..self.anonymous().await?
        })
    }
}
