//! What was read last, kept in this browser, so that the app opens without a network and says how old everything is.
//!
//! Only what every page stands on is kept: who is signed in, the home and its devices. It goes when the session ends.

use super::{Answer, Failure, Kind};
use crate::browser;

/// The calls whose last answers are kept.
const METHODS: [&str; 4] = ["GetMe", "ListHomes", "ListDevices", "ListDeviceTypes"];
/// What the names of kept answers begin with.
const PREFIX: &str = "kept.";

/// Forgets everything that is kept.
pub(crate) fn forget() {
    browser::forget(PREFIX);
}

/// Text that is kept beside the answers.
pub(crate) fn text(name: &str) -> Option<String> {
    browser::stored(&format!("{PREFIX}{name}"))
}

/// Keeps text beside the answers.
pub(crate) fn keep_text(name: &str, text: &str) {
    browser::store(&format!("{PREFIX}{name}"), text);
}

/// Keeps a fresh answer to `body`; where the server could not be reached, gives the one that is kept.
pub(super) fn or_kept(method: &str, body: &[u8], answer: Answer<Vec<u8>>) -> Answer<Vec<u8>> {
    if !METHODS.contains(&method) {
        return answer;
    }
    let name = format!("{method}.{}", browser::to_base64(body));
    match answer {
        Ok(answer) => {
            keep_text(&name, &browser::to_base64(&answer));
            Ok(answer)
        }
        Err(failure) if away(&failure) => text(&name).and_then(|it| browser::base64(&it)).ok_or(failure),
        Err(failure) => Err(failure),
    }
}

fn away(failure: &Failure) -> bool {
    matches!(failure.kind, Kind::Offline | Kind::Unreachable)
}
