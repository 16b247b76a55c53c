//! The broker: where it is, who asks, and what its refusals mean.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::Context;
use rumqttc::{AsyncClient, ConnectReturnCode, ConnectionError, EventLoop, MqttOptions, TlsConfiguration, Transport};
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};

use crate::client::refusal::Usage;

/// Larger messages are not read, bytes; a notice of all that a device knows has some kilobytes.
const LARGEST: usize = 1 << 20;
const KEEP_ALIVE_SECONDS: u16 = 30;
const PORT: u16 = 1883;
const TLS_PORT: u16 = 8883;

/// An MQTT broker.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Broker {
    /// The broker, as mqtt://HOST:PORT, or mqtts://HOST:PORT for TLS.
    #[arg(
        long = "broker",
        env = "VOLTAIRE_MQTT_BROKER",
        default_value = "mqtt://127.0.0.1:1883",
        value_name = "URL"
    )]
    pub(crate) url: String,
    /// The user that the broker knows.
    #[arg(long, env = "VOLTAIRE_MQTT_USER", requires = "password_file")]
    user: Option<String>,
    /// A file with the user's password.
    #[arg(long, env = "VOLTAIRE_MQTT_PASSWORD_FILE", value_name = "FILE", requires = "user")]
    password_file: Option<PathBuf>,
    /// A file with the certificate of the authority that has signed the broker's, where that is no public one.
    #[arg(long = "broker-authority", env = "VOLTAIRE_MQTT_AUTHORITY", value_name = "FILE")]
    trusted: Option<PathBuf>,
    /// A file with the certificate that the broker is shown, where it asks for one.
    #[arg(long, env = "VOLTAIRE_MQTT_CERTIFICATE", value_name = "FILE", requires = "key")]
    certificate: Option<PathBuf>,
    /// A file with the certificate's key.
    #[arg(long, env = "VOLTAIRE_MQTT_KEY", value_name = "FILE", requires = "certificate")]
    key: Option<PathBuf>,
    /// The name of this collector at the broker; each has its own.
    #[arg(long, env = "VOLTAIRE_MQTT_CLIENT", default_value = "voltaire", value_name = "NAME")]
    pub(crate) client: String,
}

/// Why there is no connection. Exit code 3, or 4 where the broker refuses who asks.
#[derive(Debug, thiserror::Error)]
#[error("{text}")]
pub(crate) struct BrokerError {
    text: String,
    /// Whether trying again with the same settings is of no use.
    pub(crate) refused: bool,
}

impl Broker {
    /// What a collector says of itself there: `online`, `waiting` for the server, or, by the broker when it is gone, `offline`.
    pub(crate) fn status_topic(&self) -> String {
        format!("voltaire/status/{}", self.client)
    }

    /// A client that is called `name`, and what drives it.
    pub(crate) fn open(&self, options: MqttOptions) -> anyhow::Result<(AsyncClient, EventLoop)> {
        AsyncClient::builder(options)
            .unbounded()
            .try_build()
            .with_context(|| Usage(format!("{} cannot be connected to", self.url)))
    }

    /// How to connect as `name`.
    pub(crate) fn options(&self, name: &str) -> anyhow::Result<MqttOptions> {
        let (tls, host, port) = self.address()?;
        let mut options = MqttOptions::new(name, (host, port));
        options
            .set_keep_alive(KEEP_ALIVE_SECONDS)
            .set_max_packet_size(LARGEST, LARGEST);
        if tls {
            options.set_transport(Transport::tls_with_config(self.tls()?));
        }
        if let (Some(user), Some(file)) = (&self.user, &self.password_file) {
            let password = read(file)?;
            let password = String::from_utf8(password).unwrap_or_default();
            options.set_credentials(user, password.trim().to_owned());
        }
        Ok(options)
    }

    /// Whether it is TLS, the host, the port.
    fn address(&self) -> anyhow::Result<(bool, String, u16)> {
        let wrong = || Usage(format!("{} is no address of a broker: mqtt://HOST:PORT is", self.url));
        let (scheme, rest) = self.url.split_once("://").ok_or_else(wrong)?;
        let tls = match scheme {
            "mqtt" | "tcp" => false,
            "mqtts" | "ssl" => true,
            _ => return Err(wrong().into()),
        };
        if rest.contains('@') {
            return Err(
                Usage("give the user with --user, and the password in a file with --password-file".into()).into(),
            );
        }
        let rest = rest.trim_end_matches('/');
        let usual = if tls { TLS_PORT } else { PORT };
        let bracketed = rest.ends_with(']');
        let (host, port) = match rest.rsplit_once(':').filter(|_| !bracketed) {
            Some((host, port)) => (host, port.parse().map_err(|_| wrong())?),
            None => (rest, usual),
        };
        let host = host.trim_start_matches('[').trim_end_matches(']');
        if host.is_empty() || host.contains('/') {
            return Err(wrong().into());
        }
        Ok((tls, host.to_owned(), port))
    }

    fn tls(&self) -> anyhow::Result<TlsConfiguration> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
        let mut roots = RootCertStore::empty();
        match &self.trusted {
            Some(file) => {
                for certificate in certificates(file)? {
                    roots.add(certificate)?;
                }
            }
            None => {
                roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            }
        }
        let builder = builder.with_root_certificates(roots);
        let config = match (&self.certificate, &self.key) {
            (Some(certificate), Some(key)) => {
                let text = read(key)?;
                let key = PrivateKeyDer::from_pem_slice(&text)
                    .with_context(|| Usage(format!("{} holds no key", key.display())))?;
                builder.with_client_auth_cert(certificates(certificate)?, key)?
            }
            _ => builder.with_no_client_auth(),
        };
        Ok(TlsConfiguration::Rustls(Arc::new(config)))
    }

    /// What a lost connection means.
    pub(crate) fn explain(&self, error: &ConnectionError) -> BrokerError {
        let of = |text: String, refused| BrokerError { text, refused };
        match error {
            ConnectionError::ConnectionRefused(
                ConnectReturnCode::BadUserNamePassword | ConnectReturnCode::NotAuthorized,
            ) => of(
                format!(
                    "the broker at {} does not let us in: give it the right --user and --password-file",
                    self.url
                ),
                true,
            ),
            ConnectionError::ConnectionRefused(code) => {
                of(format!("the broker at {} refuses: {code:?}", self.url), false)
            }
            ConnectionError::Tls(error) => of(
                format!("no secure connection to the broker at {}: {error}", self.url),
                false,
            ),
            error => of(
                format!(
                    "no broker answers at {}: start one, or say where it is with --broker ({error})",
                    self.url
                ),
                false,
            ),
        }
    }
}

fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
    Ok(fs::read(file).map_err(|error| Usage(format!("cannot read {}: {error}", file.display())))?)
}

fn certificates(file: &Path) -> anyhow::Result<Vec<CertificateDer<'static>>> {
    let text = read(file)?;
    let all: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    let all = all.ok().filter(|it| !it.is_empty());
    Ok(all.ok_or_else(|| Usage(format!("{} holds no certificate", file.display())))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(url: &str) -> Result<(bool, String, u16), String> {
        let broker = Broker {
            url: url.into(),
            user: None,
            password_file: None,
            trusted: None,
            certificate: None,
            key: None,
            client: "voltaire".into(),
        };
        broker.address().map_err(|error| error.to_string())
    }

    #[test]
    fn addresses_have_the_usual_port_and_no_secrets() {
        let is = |tls, host: &str, port| Ok((tls, host.to_owned(), port));
        assert_eq!(at("mqtt://house"), is(false, "house", 1883));
        assert_eq!(at("mqtts://house.example/"), is(true, "house.example", 8883));
        assert_eq!(at("mqtt://192.168.1.5:1884"), is(false, "192.168.1.5", 1884));
        assert_eq!(at("mqtt://[fe80::1]:1884"), is(false, "fe80::1", 1884));
        assert_eq!(at("mqtt://[fe80::1]"), is(false, "fe80::1", 1883));
        for wrong in [
            "house",
            "http://house",
            "mqtt://",
            "mqtt://house:port",
            "mqtt://house:99999",
            "mqtt://a/b:1",
        ] {
            assert!(at(wrong).unwrap_err().contains("mqtt://HOST:PORT"), "{wrong}");
        }
        assert!(at("mqtt://me:secret@house").unwrap_err().contains("--password-file"));
    }
}
