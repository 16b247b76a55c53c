//! `certs`: an authority for development and certificates of all members, in the layout that cert-manager has in production.

use std::{
    fs,
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Context;
use clap::Args;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, SanType, date_time_ymd,
};
use voltaire_types::{Clock, Timestamp};

/// Members of the mesh, the server by which replicas tell each other what is new, the broker of devices and its collector.
const MEMBERS: [&str; 8] = [
    "auth",
    "telemetry",
    "chat",
    "gateway",
    "envoy",
    "nats",
    "mosquitto",
    "mqtt",
];
/// The server certificate that browsers are shown; it names no member.
const EDGE: &str = "edge";
/// The authority lives so long, days.
const AUTHORITY_DAYS: u32 = 3650;

/// Makes certificates for development.
#[derive(Debug, Args)]
#[command(
    after_help = "DIR/ca.crt and ca.key are the authority, made at first and kept; DIR/MEMBER has tls.crt, tls.key and ca.crt \
and is made anew each time: running members take the new files. DIR/edge is for the proxy's public side. In \
production an authority that is looked after (cert-manager, SPIRE) writes the same files."
)]
pub(crate) struct Certs {
    /// Where to.
    #[arg(long, default_value = "certs", value_name = "DIR")]
    dir: PathBuf,
    /// Only this member; may be repeated.
    #[arg(long = "member", value_name = "NAME", value_parser = MEMBERS.into_iter().chain([EDGE]).collect::<Vec<_>>())]
    members: Vec<String>,
    /// A further name or address that members are called by; may be repeated.
    #[arg(long = "host", value_name = "HOST")]
    hosts: Vec<String>,
    /// How long certificates of members are good, days.
    #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(u32).range(1..=825))]
    days: u32,
    /// The trust domain of the SPIFFE ids.
    #[arg(long, default_value = "voltaire", value_name = "DOMAIN")]
    trust_domain: String,
}

/// Makes what is asked for and says where it is.
pub(crate) fn run(certs: &Certs) -> anyhow::Result<()> {
    let now = Clock::system().now();
    let authority = Authority::open(&certs.dir, now)?;
    for member in MEMBERS.into_iter().chain([EDGE]) {
        if certs.members.is_empty() || certs.members.iter().any(|it| it == member) {
            authority.certify(certs, member, now)?;
        }
    }
    println!("Certificates are in {}.", certs.dir.display());
    println!("Let your own clients trust {}.", certs.dir.join("ca.crt").display());
    Ok(())
}

/// The development authority.
struct Authority {
    params: CertificateParams,
    key: KeyPair,
    certificate: String,
}

impl Authority {
    /// The one of this folder, made if there is none.
    fn open(folder: &Path, now: Timestamp) -> anyhow::Result<Self> {
        let (key_file, file) = (folder.join("ca.key"), folder.join("ca.crt"));
        let params = Self::params(now)?;
        let known = (fs::read_to_string(&key_file), fs::read_to_string(&file));
        let (key, certificate) = if let (Ok(key), Ok(certificate)) = known {
            let key = KeyPair::from_pem(&key).with_context(|| format!("{} is no key", key_file.display()))?;
            (key, certificate)
        } else {
            let key = KeyPair::generate()?;
            let certificate = params.self_signed(&key)?.pem();
            write(&key_file, &key.serialize_pem(), 0o600)?;
            write(&file, &certificate, 0o644)?;
            (key, certificate)
        };
        Ok(Self {
            params,
            key,
            certificate,
        })
    }

    /// The same at every time but for how long it is good, so that an authority of long ago is found again.
    fn params(now: Timestamp) -> anyhow::Result<CertificateParams> {
        let mut params = CertificateParams::new(Vec::new())?;
        params.distinguished_name = named("Voltaire development authority");
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        good(&mut params, now, AUTHORITY_DAYS)?;
        Ok(params)
    }

    fn certify(&self, certs: &Certs, member: &str, now: Timestamp) -> anyhow::Result<()> {
        let own = [member, "localhost", "127.0.0.1", "::1"].map(str::to_owned);
        let hosts: Vec<_> = own.into_iter().chain(certs.hosts.iter().cloned()).collect();
        let mut params = CertificateParams::new(hosts).context("a host is neither a name nor an address")?;
        params.distinguished_name = named(member);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        if member != EDGE {
            let id = format!("spiffe://{}/{member}", certs.trust_domain);
            let id = id
                .try_into()
                .context("a trust domain is lower-case letters, digits, hyphens, dots")?;
            params.subject_alt_names.push(SanType::URI(id));
            params.extended_key_usages.push(ExtendedKeyUsagePurpose::ClientAuth);
        }
        good(&mut params, now, certs.days)?;
        let key = KeyPair::generate()?;
        let issuer = Issuer::from_params(&self.params, &self.key);
        let certificate = params.signed_by(&key, &issuer)?.pem();
        let folder = certs.dir.join(member);
        write(&folder.join("ca.crt"), &self.certificate, 0o644)?;
        write(&folder.join("tls.key"), &key.serialize_pem(), 0o600)?;
        write(&folder.join("tls.crt"), &certificate, 0o644)
    }
}

fn named(name: &str) -> DistinguishedName {
    let mut names = DistinguishedName::new();
    names.push(DnType::CommonName, name);
    names
}

/// Good from the day before, as clocks differ, for so many days.
fn good(params: &mut CertificateParams, now: Timestamp, days: u32) -> anyhow::Result<()> {
    const DAY: Duration = Duration::from_hours(24);
    let date = |at: Timestamp| {
        let at = jiff::Timestamp::from_second(at.parts().0)?.to_zoned(jiff::tz::TimeZone::UTC);
        let part = |number: i8| u8::try_from(number);
        anyhow::Ok(date_time_ymd(at.year().into(), part(at.month())?, part(at.day())?))
    };
    params.not_before = date(now.minus(DAY))?;
    params.not_after = date(now.plus(DAY * days))?;
    Ok(())
}

/// Writes a file, whole or not at all, so that who follows it never reads half of it.
fn write(file: &Path, text: &str, mode: u32) -> anyhow::Result<()> {
    let folder = file.parent().context("a file in a folder")?;
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let fresh = file.with_extension("new");
    let mut open = fs::OpenOptions::new();
    let open = open.write(true).create(true).truncate(true).mode(mode);
    let written = open.open(&fresh).and_then(|mut it| it.write_all(text.as_bytes()));
    written
        .and_then(|()| fs::rename(&fresh, file))
        .with_context(|| format!("cannot write {}", file.display()))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use voltaire_mesh::{Certificates, TlsConfig};

    use super::*;

    fn certs(dir: &Path, members: &[&str]) -> Certs {
        Certs {
            dir: dir.to_owned(),
            members: members.iter().map(|it| (*it).to_owned()).collect(),
            hosts: vec!["telemetry.home.svc".into(), "10.0.0.7".into()],
            days: 30,
            trust_domain: "voltaire".into(),
        }
    }

    fn read(dir: &Path, member: &str) -> Certificates {
        let file = |name: &str| dir.join(member).join(name);
        let files = TlsConfig {
            certificate: file("tls.crt"),
            key: file("tls.key"),
            authority: file("ca.crt"),
            ..TlsConfig::default()
        };
        Certificates::read(&files).unwrap()
    }

    #[test]
    fn every_member_has_files_that_the_mesh_takes() {
        let folder = tempfile::tempdir().unwrap();
        run(&certs(folder.path(), &[])).unwrap();
        for member in MEMBERS {
            assert_eq!(read(folder.path(), member).member().name(), member);
            let key = folder.path().join(member).join("tls.key");
            assert_eq!(fs::metadata(key).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn the_authority_stays_and_members_are_renewed() {
        let folder = tempfile::tempdir().unwrap();
        run(&certs(folder.path(), &[])).unwrap();
        let file = |name: &str| fs::read(folder.path().join(name)).unwrap();
        let (authority, auth, chat) = (file("ca.crt"), file("auth/tls.crt"), file("chat/tls.crt"));
        let running = read(folder.path(), "auth");
        run(&certs(folder.path(), &["auth"])).unwrap();
        assert_eq!((file("ca.crt"), file("chat/tls.crt")), (authority, chat));
        assert_ne!(file("auth/tls.crt"), auth);
        assert!(running.renew().unwrap());
    }
}
