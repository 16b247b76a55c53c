//! Who is at the other end of a connection: a member of the mesh, by the SPIFFE id of its certificate.

use std::{fmt, sync::Arc};

use http::HeaderMap;
use rustls::pki_types::CertificateDer;
use x509_parser::{
    certificate::X509Certificate, extensions::GeneralName, extensions::ParsedExtension, prelude::FromDer,
};

/// The member that stands between the others: it says whose call it passes on, and is the only one who may.
pub(crate) const PROXY: &str = "envoy";
/// Where it says so.
const FORWARDED: &str = "x-forwarded-client-cert";

/// A member of the mesh: `auth`, `telemetry`, `chat`, `gateway`, `envoy`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Member(Arc<str>);

impl Member {
    /// The member that a SPIFFE id of this trust domain names: the last part of its path.
    pub fn of_id(id: &str, trust_domain: &str) -> Option<Self> {
        let path = id.strip_prefix("spiffe://")?.strip_prefix(trust_domain)?;
        let name = path.strip_prefix('/')?.rsplit('/').next()?;
        let is_name = !name.is_empty()
            && name
                .bytes()
                .all(|it| it.is_ascii_alphanumeric() || b"-_.".contains(&it));
        is_name.then(|| Self(name.into()))
    }

    /// The member that a certificate names, whose signature has been checked before: a certificate of a member has exactly
    /// one URI.
    pub(super) fn of_certificate(certificate: &CertificateDer<'_>, trust_domain: &str) -> Option<Self> {
        let (_, certificate) = X509Certificate::from_der(certificate).ok()?;
        let names = certificate
            .extensions()
            .iter()
            .find_map(|it| match it.parsed_extension() {
                ParsedExtension::SubjectAlternativeName(names) => Some(names),
                _ => None,
            });
        let mut ids = names?.general_names.iter().filter_map(|it| match it {
            GeneralName::URI(id) => Some(*id),
            _ => None,
        });
        let id = ids.next()?;
        ids.next().is_none().then(|| Self::of_id(id, trust_domain))?
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Who makes the calls of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    /// This process itself.
    Process,
    /// Somebody without a certificate, where there are none: told apart by tokens alone.
    Unknown,
    /// A member, by its certificate.
    Member {
        /// Who.
        member: Member,
        /// The trust domain of those whose calls it may pass on.
        trust_domain: Arc<str>,
    },
}

impl Caller {
    /// Whose call this is: the other end's own, or that of the member for whom the mesh's proxy passes it on. What others say
    /// of themselves is not believed.
    pub(crate) fn of_call(&self, headers: &mut HeaderMap) -> Self {
        let told = headers.remove(FORWARDED);
        let Self::Member { member, trust_domain } = self else {
            return self.clone();
        };
        let told = told.filter(|_| member.name() == PROXY);
        let told = told.as_ref().and_then(|it| it.to_str().ok());
        match told.and_then(|it| forwarded(it, trust_domain)) {
            Some(member) => Self::Member {
                member,
                trust_domain: Arc::clone(trust_domain),
            },
            None => self.clone(),
        }
    }
}

/// The one member of `By=…;Hash=…;URI=spiffe://voltaire/chat`.
fn forwarded(header: &str, trust_domain: &str) -> Option<Member> {
    if header.contains(',') {
        return None;
    }
    let mut ids = header.split(';').filter_map(|it| it.strip_prefix("URI="));
    let id = ids.next()?;
    ids.next().is_none().then(|| Member::of_id(id, trust_domain))?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(name: &str) -> Caller {
        Caller::Member {
            member: Member(name.into()),
            trust_domain: "voltaire".into(),
        }
    }

    fn told(caller: &Caller, header: &str) -> Caller {
        let mut headers = HeaderMap::new();
        headers.insert(FORWARDED, header.parse().unwrap());
        let it = caller.of_call(&mut headers);
        assert!(headers.is_empty(), "no method sees it");
        it
    }

    #[test]
    fn a_spiffe_id_of_the_trust_domain_names_a_member() {
        let name = |id| Member::of_id(id, "voltaire").map(|it| it.to_string());
        assert_eq!(name("spiffe://voltaire/auth").as_deref(), Some("auth"));
        assert_eq!(name("spiffe://voltaire/ns/energy/sa/chat").as_deref(), Some("chat"));
        for id in [
            "",
            "spiffe://voltaire",
            "spiffe://voltaire/",
            "spiffe://voltaire.evil/auth",
            "spiffe://other/auth",
            "https://voltaire/auth",
            "spiffe://voltaire/auth/",
            "spiffe://voltaire/a b",
            "SPIFFE://voltaire/auth",
        ] {
            assert_eq!(name(id), None, "{id}");
        }
    }

    #[test]
    fn only_the_proxy_passes_calls_on() {
        let chat = "By=spiffe://voltaire/envoy;Hash=00;URI=spiffe://voltaire/chat";
        assert_eq!(told(&member("envoy"), chat), member("chat"));
        assert_eq!(told(&member("telemetry"), chat), member("telemetry"));
        assert_eq!(told(&Caller::Unknown, chat), Caller::Unknown);
        assert_eq!(told(&Caller::Process, chat), Caller::Process);
    }

    #[test]
    fn what_the_proxy_does_not_say_clearly_is_the_proxys_own() {
        for header in [
            "",
            "URI=",
            "URI=spiffe://other/chat",
            "URI=spiffe://voltaire/chat,URI=spiffe://voltaire/auth",
            "URI=spiffe://voltaire/chat;URI=spiffe://voltaire/auth",
            "Subject=\"CN=chat\"",
        ] {
            assert_eq!(told(&member("envoy"), header), member("envoy"), "{header}");
        }
    }
}
