//! A session that ends while the page is open: calls wait until the reader has signed in again, and are then made once more, so that
//! nothing that was typed or begun is lost.

use std::cell::Cell;

use dioxus::prelude::*;
use gloo_timers::future::TimeoutFuture;

use super::{Failure, Kind};

/// Whose session this page has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Held {
    /// Nobody's.
    Nobody,
    /// That of the reader's sign-in of this number.
    Since(u32),
    /// The one of this number has ended; the reader is asked to sign in again.
    Ended(u32),
}

impl Held {
    /// After a sign-in.
    pub(crate) fn renewed(self) -> Self {
        match self {
            Self::Nobody => Self::Since(0),
            Self::Since(number) => Self::Since(number),
            Self::Ended(number) => Self::Since(number + 1),
        }
    }
}

/// Calls that find out whether there is a session, make one, or end it.
const ABOUT_SESSIONS: [&str; 4] = ["GetMe", "Login", "Register", "Logout"];
/// How soon calls go on after a sign-in, milliseconds.
const POLL: u32 = 100;

thread_local! {
    static HELD: Cell<Option<Signal<Held>>> = const { Cell::new(None) };
}

/// Says where it stands whose session this page has.
pub(crate) fn watch(held: Signal<Held>) {
    HELD.set(Some(held));
}

/// The session that a call begins with.
pub(super) fn held() -> Held {
    HELD.get().map_or(Held::Nobody, |held| *held.peek())
}

/// Whether a call that began with a session and failed is to be made again: it is, when the session had ended and the reader has
/// signed in again since.
pub(super) async fn renewed(before: Held, method: &str, failure: &Failure) -> bool {
    let ended = failure.kind == Kind::SignedOut && failure.reason != "BAD_CREDENTIALS";
    let Some(mut held) = HELD.get().filter(|_| ended && !ABOUT_SESSIONS.contains(&method)) else {
        return false;
    };
    if let Held::Since(number) = before
        && *held.peek() == before
    {
        held.set(Held::Ended(number));
    }
    while matches!(*held.peek(), Held::Ended(_)) {
        TimeoutFuture::new(POLL).await;
    }
    matches!(*held.peek(), Held::Since(_))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_in_over_an_ended_session_is_another_one() {
        assert_eq!(Held::Nobody.renewed(), Held::Since(0));
        assert_eq!(Held::Since(3).renewed(), Held::Since(3));
        assert_eq!(Held::Ended(3).renewed(), Held::Since(4));
    }
}
