//! The certificates in force, and how newer ones come in their place.

use std::{fmt, path::Path, sync::Arc, time::Duration};

use parking_lot::RwLock;
use rustls::{
    ClientConfig, RootCertStore, ServerConfig,
    client::Resumption,
    crypto::CryptoProvider,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::{NoServerSessionStorage, WebPkiClientVerifier},
};
use tokio_rustls::{TlsAcceptor, TlsConnector};
use tokio_util::sync::CancellationToken;
use x509_parser::{certificate::X509Certificate, prelude::FromDer};

use super::{Caller, Member, TlsConfig, TlsError};

/// How often the files are looked at.
const EVERY: Duration = Duration::from_secs(1);

/// The certificates of this process; shared by clones. New connections use what the files hold now, those that are open go
/// on until they end, which they do within half an hour.
#[derive(Clone)]
pub struct Certificates {
    inner: Arc<Inner>,
}

struct Inner {
    files: TlsConfig,
    in_force: RwLock<Arc<InForce>>,
}

struct InForce {
    texts: Texts,
    member: Member,
    /// s since 1970.
    expires: Option<i64>,
    server: Arc<ServerConfig>,
    client: Arc<ClientConfig>,
}

/// What the files contain: certificate, key, authority.
#[derive(PartialEq, Eq)]
struct Texts([Vec<u8>; 3]);

impl Certificates {
    /// Reads the files. Fails where one is missing, where they do not fit together, and where the certificate names no member.
    pub fn read(files: &TlsConfig) -> Result<Self, TlsError> {
        let in_force = InForce::new(Texts::read(files)?, &files.trust_domain)?;
        let inner = Inner {
            files: files.clone(),
            in_force: RwLock::new(Arc::new(in_force)),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The member that this process is.
    pub fn member(&self) -> Member {
        self.in_force().member.clone()
    }

    /// The same, checked: who shows another's certificate would be refused by everyone.
    pub(crate) fn of(self, expected: &str) -> Result<Self, TlsError> {
        let found = self.member();
        if found.name() == expected {
            return Ok(self);
        }
        let expected = expected.to_owned();
        Err(TlsError::OtherMember { expected, found })
    }

    /// Takes what the files hold now; whether it is something new. On an error what was in force stays.
    pub fn renew(&self) -> Result<bool, TlsError> {
        let texts = Texts::read(&self.inner.files)?;
        if texts == self.in_force().texts {
            return Ok(false);
        }
        let fresh = InForce::new(texts, &self.inner.files.trust_domain)?;
        *self.inner.in_force.write() = Arc::new(fresh);
        Ok(true)
    }

    /// Looks at the files again and again, until the process drains.
    pub(crate) async fn follow(self, stopping: CancellationToken) {
        let mut failed = 0_u64;
        loop {
            if let Some(expires) = self.in_force().expires {
                metrics::gauge!("voltaire_tls_certificate_expires_seconds").set(expires as f64);
            }
            tokio::select! {
                () = stopping.cancelled() => return,
                () = tokio::time::sleep(EVERY) => {}
            }
            failed = match self.renew() {
                Ok(renewed) => {
                    if renewed {
                        tracing::info!("certificates are renewed");
                        metrics::counter!("voltaire_tls_renewals_total", "outcome" => "ok").increment(1);
                    }
                    0
                }
                Err(error) => {
                    // The first time the files may be half written.
                    if failed == 1 {
                        let error = anyhow::Error::from(error);
                        tracing::warn!(
                            error = format!("{error:#}"),
                            "certificates cannot be renewed: the old ones stay"
                        );
                        metrics::counter!("voltaire_tls_renewals_total", "outcome" => "failed").increment(1);
                    }
                    failed + 1
                }
            };
        }
    }

    /// Accepts connections of those alone who show a certificate of the authority.
    pub fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(Arc::clone(&self.in_force().server))
    }

    /// Connects to those alone who show one.
    pub(crate) fn connector(&self) -> TlsConnector {
        TlsConnector::from(Arc::clone(&self.in_force().client))
    }

    /// The member at the other end of a connection, by the chain that it has shown.
    pub fn peer(&self, chain: Option<&[CertificateDer<'_>]>) -> Option<Member> {
        let certificate = chain?.first()?;
        Member::of_certificate(certificate, &self.inner.files.trust_domain)
    }

    /// The same as one who makes calls.
    pub(crate) fn caller(&self, chain: Option<&[CertificateDer<'_>]>) -> Option<Caller> {
        Some(Caller::Member {
            member: self.peer(chain)?,
            trust_domain: self.inner.files.trust_domain.as_str().into(),
        })
    }

    fn in_force(&self) -> Arc<InForce> {
        Arc::clone(&self.inner.in_force.read())
    }
}

impl Texts {
    fn read(files: &TlsConfig) -> Result<Self, TlsError> {
        let read = |path: &Path| std::fs::read(path).map_err(|error| TlsError::File(path.to_owned(), error));
        Ok(Self([
            read(&files.certificate)?,
            read(&files.key)?,
            read(&files.authority)?,
        ]))
    }
}

impl InForce {
    fn new(texts: Texts, trust_domain: &str) -> Result<Self, TlsError> {
        let Texts([certificate, key, authority]) = &texts;
        let chain = CertificateDer::pem_slice_iter(certificate).collect::<Result<Vec<_>, _>>()?;
        let member = chain.first().and_then(|it| Member::of_certificate(it, trust_domain));
        let member = member.ok_or_else(|| TlsError::NoMember(trust_domain.to_owned()))?;
        let expires = chain.first().and_then(expires);
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(authority) {
            roots.add(certificate?)?;
        }
        let key = PrivateKeyDer::from_pem_slice(key)?;
        let shown = Shown {
            chain,
            key,
            roots: Arc::new(roots),
            provider: Arc::new(rustls::crypto::aws_lc_rs::default_provider()),
        };
        let (server, client) = (shown.server()?, shown.client()?);
        let (server, client) = (Arc::new(server), Arc::new(client));
        Ok(Self {
            texts,
            member,
            expires,
            server,
            client,
        })
    }
}

/// When a certificate expires, s since 1970.
fn expires(certificate: &CertificateDer<'_>) -> Option<i64> {
    let (_, certificate) = X509Certificate::from_der(certificate).ok()?;
    Some(certificate.validity().not_after.timestamp())
}

/// What this process shows, and whom it believes.
struct Shown {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
    roots: Arc<RootCertStore>,
    provider: Arc<CryptoProvider>,
}

impl Shown {
    /// Every connection shows its certificate anew: none is resumed whose certificate has expired since.
    fn server(&self) -> Result<ServerConfig, TlsError> {
        let provider = Arc::clone(&self.provider);
        let clients = WebPkiClientVerifier::builder_with_provider(Arc::clone(&self.roots), Arc::clone(&provider));
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_client_cert_verifier(clients.build()?)
            .with_single_cert(self.chain.clone(), self.key.clone_key())?;
        config.alpn_protocols = vec![b"h2".to_vec()];
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
        Ok(config)
    }

    fn client(&self) -> Result<ClientConfig, TlsError> {
        let mut config = ClientConfig::builder_with_provider(Arc::clone(&self.provider))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(Arc::clone(&self.roots))
            .with_client_auth_cert(self.chain.clone(), self.key.clone_key())?;
        config.alpn_protocols = vec![b"h2".to_vec()];
        config.resumption = Resumption::disabled();
        Ok(config)
    }
}

impl fmt::Debug for Certificates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Certificates({})", self.member())
    }
}
