//! An authority of the test's own, and a certificate for each member.

use std::path::Path;

use super::process::{self, voltaire};

/// Writes `ca.crt`, and `MEMBER/tls.crt` and `MEMBER/tls.key` for every member; members' files are made anew each time.
pub(crate) fn write(folder: &Path) {
    let mut command = voltaire();
    command.args(["certs", "--dir"]).arg(folder);
    let output = process::run(command, "");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
