//! What went wrong, in a sentence that says what to do, and the exit code that scripts see.

use tonic::{Code, Status};
use tonic_types::StatusExt;

/// The server does not answer. Exit code 3.
#[derive(Debug, thiserror::Error)]
#[error("no server answers at {0}: start one with `voltaire up`, or say where it is with --server")]
pub(crate) struct Unreachable(pub(crate) String);

/// There is no token for the server. Exit code 4.
#[derive(Debug, thiserror::Error)]
#[error("not signed in at {0}: run `voltaire login` or `voltaire register`, or give a token with --token")]
pub(crate) struct NotSignedIn(pub(crate) String);

/// The command's input is wrong. Exit code 2.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Usage(pub(crate) String);

/// What to print and which code to exit with: 1 refused, 2 wrong input, 3 unreachable, 4 not signed in,
/// 64 wrong settings.
pub(crate) fn explain(error: &anyhow::Error) -> (String, u8) {
    for cause in error.chain() {
        if let Some(status) = cause.downcast_ref::<Status>() {
            return (sentence(status), exit_code(status.code()));
        }
        if cause.is::<Unreachable>() {
            return (format!("{error:#}"), 3);
        }
        if cause.is::<NotSignedIn>() {
            return (format!("{error:#}"), 4);
        }
        if let Some(broker) = cause.downcast_ref::<crate::mqtt::BrokerError>() {
            return (format!("{error:#}"), if broker.refused { 4 } else { 3 });
        }
        if cause.is::<crate::node::settings::BadSettings>() {
            return (format!("{error:#}"), 64);
        }
        if cause.is::<Usage>() || cause.is::<crate::import::BrokenFile>() {
            return (format!("{error:#}"), 2);
        }
    }
    (format!("{error:#}"), 1)
}

fn exit_code(code: Code) -> u8 {
    match code {
        Code::InvalidArgument => 2,
        Code::Unavailable => 3,
        Code::Unauthenticated => 4,
        _ => 1,
    }
}

fn sentence(status: &Status) -> String {
    let details = status.get_error_details();
    let fields: Vec<_> = details
        .bad_request()
        .map(|bad| {
            bad.field_violations
                .iter()
                .map(|it| format!("{}: {}", it.field, it.description))
                .collect()
        })
        .unwrap_or_default();
    let what = if fields.is_empty() {
        status.message().to_owned()
    } else {
        fields.join("; ")
    };
    let reason = details
        .error_info()
        .map(|info| format!(" [{}]", info.reason))
        .unwrap_or_default();
    let retry = details.retry_info().and_then(|info| info.retry_delay);
    let advice = match (status.code(), retry) {
        (_, Some(wait)) => format!(" Try again in {} s.", wait.as_secs().max(1)),
        (Code::Unauthenticated, None) => " Run `voltaire login`.".to_owned(),
        _ => String::new(),
    };
    format!("{what}{reason}{advice}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_field_is_named() {
        let status: Status = voltaire_mesh::Invalid::new("name", "must be set").into();
        assert_eq!(explain(&status.into()), ("name: must be set [INVALID_FIELD]".into(), 2));
    }

    #[test]
    fn an_unreachable_server_says_how_to_start_one() {
        let (text, code) = explain(&Unreachable("http://h:1".into()).into());
        assert!(text.contains("voltaire up"));
        assert_eq!(code, 3);
    }
}
