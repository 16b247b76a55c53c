//! Mutual TLS between services: both sides show a certificate of the mesh's own authority.

use std::{io, path::PathBuf, sync::Arc, time::Duration};

use rustls::{
    RootCertStore, ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::WebPkiClientVerifier,
};
use tokio_rustls::TlsAcceptor;

/// The files, PEM.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TlsConfig {
    /// This service's certificate, with those between it and the authority's. Its name is the host that others call it by.
    pub certificate: PathBuf,
    /// The certificate's private key.
    pub key: PathBuf,
    /// The certificate of the authority that signs the certificates of all services.
    pub authority: PathBuf,
}

/// What the files contain.
#[derive(Clone)]
pub struct Pem {
    pub(crate) certificate: Vec<u8>,
    pub(crate) key: Vec<u8>,
    pub(crate) authority: Vec<u8>,
}

/// The certificates cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read.
    #[error("cannot read {0}")]
    File(PathBuf, #[source] io::Error),
    /// A file holds something else.
    #[error("not PEM of a certificate or a key")]
    Pem(#[from] rustls::pki_types::pem::Error),
    /// Key and certificate do not fit, or use what is not supported.
    #[error("certificate and key cannot be used")]
    Rustls(#[from] rustls::Error),
    /// The authority cannot be used.
    #[error("the authority's certificate cannot be used")]
    Authority(#[from] rustls::server::VerifierBuilderError),
}

impl TlsConfig {
    /// Reads the files.
    pub fn read(&self) -> Result<Pem, TlsError> {
        let read = |path: &PathBuf| std::fs::read(path).map_err(|error| TlsError::File(path.clone(), error));
        Ok(Pem {
            certificate: read(&self.certificate)?,
            key: read(&self.key)?,
            authority: read(&self.authority)?,
        })
    }
}

impl Pem {
    /// Certificates that are at hand: PEM texts.
    pub fn new(certificate: impl Into<Vec<u8>>, key: impl Into<Vec<u8>>, authority: impl Into<Vec<u8>>) -> Self {
        Self {
            certificate: certificate.into(),
            key: key.into(),
            authority: authority.into(),
        }
    }

    /// Accepts connections of those alone who show a certificate of the authority.
    pub(crate) fn acceptor(&self) -> Result<TlsAcceptor, TlsError> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(&self.authority) {
            roots.add(certificate?)?;
        }
        let clients = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider)).build()?;
        let chain = CertificateDer::pem_slice_iter(&self.certificate).collect::<Result<Vec<_>, _>>()?;
        let key = PrivateKeyDer::from_pem_slice(&self.key)?;
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_client_cert_verifier(clients)
            .with_single_cert(chain, key)?;
        config.alpn_protocols = vec![b"h2".to_vec()];
        Ok(TlsAcceptor::from(Arc::new(config)))
    }
}

impl std::fmt::Debug for Pem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pem(..)")
    }
}

/// The longest a handshake may take.
pub(crate) const HANDSHAKE: Duration = Duration::from_secs(5);
