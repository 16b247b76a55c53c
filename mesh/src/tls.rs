//! Mutual TLS between the processes of the mesh: both sides show a certificate of the mesh's own authority, which names a
//! member of the mesh. Files may be replaced while the process runs.

mod certificates;
mod member;

use std::{io, path::PathBuf, time::Duration};

pub use certificates::Certificates;
pub use member::Member;
pub(crate) use member::{Caller, PROXY};

/// The longest a handshake may take.
pub(crate) const HANDSHAKE: Duration = Duration::from_secs(5);

/// The section `[mesh.tls]`: PEM files, in the layout of cert-manager (`tls.crt`, `tls.key`, `ca.crt`) or any other. They are
/// looked at every second, and taken when they have changed and fit together.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TlsConfig {
    /// This process's certificate, with those between it and the authority's. It names the host that others call it by, and
    /// the member of the mesh as a SPIFFE id: `spiffe://voltaire/telemetry`, `spiffe://voltaire/ns/energy/sa/telemetry`.
    pub certificate: PathBuf,
    /// The certificate's private key.
    pub key: PathBuf,
    /// The certificates of the authorities that sign the certificates of all members.
    pub authority: PathBuf,
    /// The trust domain of the SPIFFE ids; who has one of another domain is no member.
    pub trust_domain: String,
}

impl Default for TlsConfig {
    fn default() -> Self {
        Self {
            certificate: PathBuf::new(),
            key: PathBuf::new(),
            authority: PathBuf::new(),
            trust_domain: "voltaire".to_owned(),
        }
    }
}

/// The certificates cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read.
    #[error("cannot read {}", .0.display())]
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
    /// The certificate names no member of this mesh.
    #[error("the certificate names no member of the mesh: it needs one SPIFFE id, as spiffe://{0}/telemetry")]
    NoMember(String),
    /// The certificate is another member's.
    #[error("the certificate is of {found}, and this is {expected}")]
    OtherMember {
        /// Whose certificate is needed.
        expected: String,
        /// Whose it is.
        found: Member,
    },
}
