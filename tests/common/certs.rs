//! A certificate authority of the test's own, and a certificate for each role.

use std::{fs, path::Path};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};

/// Writes `ca.crt`, and `ROLE.crt` and `ROLE.key` for every role.
pub(crate) fn write(folder: &Path) {
    let ca_key = KeyPair::generate().expect("a key");
    let mut ca = CertificateParams::new(Vec::new()).expect("parameters");
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca_certificate = ca.self_signed(&ca_key).expect("a certificate");
    fs::write(folder.join("ca.crt"), ca_certificate.pem()).expect("written");
    let issuer = Issuer::from_params(&ca, &ca_key);
    for role in ["auth", "telemetry", "chat", "gateway"] {
        let key = KeyPair::generate().expect("a key");
        let names = [role.to_owned(), "localhost".to_owned(), "127.0.0.1".to_owned()];
        let leaf = CertificateParams::new(names)
            .expect("parameters")
            .signed_by(&key, &issuer)
            .expect("a certificate");
        fs::write(folder.join(format!("{role}.crt")), leaf.pem()).expect("written");
        fs::write(folder.join(format!("{role}.key")), key.serialize_pem()).expect("written");
    }
}
