//! Failures as sentences that say what to do.

use super::Text;
use crate::api::{Failure, Kind};

impl Text {
    /// What failed, why, and what can be done.
    pub(crate) fn failure(self, failure: &Failure) -> String {
        if let Some(sentence) = self.reason(failure) {
            return sentence.to_owned();
        }
        match (failure.kind, failure.retry_seconds) {
            (Kind::Exhausted, Some(seconds)) => self.pick(
                format!("Too many attempts. Please wait {seconds} seconds."),
                format!("Zu viele Versuche. Bitte warten Sie {seconds} Sekunden."),
            ),
            (Kind::Invalid, _) => match failure.fields.first() {
                Some((_, problem)) => problem.clone(),
                None => self.kind(Kind::Invalid).to_owned(),
            },
            (kind, _) => self.kind(kind).to_owned(),
        }
    }

    fn reason(self, failure: &Failure) -> Option<&'static str> {
        Some(match failure.reason.as_str() {
            "BAD_CREDENTIALS" => self.pick(
                "That e-mail and password do not fit together. Check both and try again.",
                "E-Mail und Passwort passen nicht zusammen. Bitte prüfen Sie beides.",
            ),
            "EMAIL_TAKEN" => self.pick(
                "There is an account with this e-mail already. Sign in instead.",
                "Mit dieser E-Mail gibt es schon ein Konto. Bitte melden Sie sich an.",
            ),
            "REGISTRATION_CLOSED" => self.pick(
                "This server does not take new accounts. Ask its admin.",
                "Dieser Server nimmt keine neuen Konten an. Fragen Sie, wer ihn verwaltet.",
            ),
            "INVITE_REQUIRED" => self.pick(
                "This server asks for an invitation code. Its admin can make one.",
                "Dieser Server verlangt einen Einladungscode. Wer ihn verwaltet, kann einen erstellen.",
            ),
            "INVITE_INVALID" => self.pick(
                "This invitation code is not valid any more. Ask for a new one.",
                "Dieser Einladungscode gilt nicht mehr. Bitten Sie um einen neuen.",
            ),
            "NAME_TAKEN" => self.pick(
                "A device of this name exists already. Choose another name.",
                "Ein Gerät mit diesem Namen gibt es schon. Bitte wählen Sie einen anderen.",
            ),
            "TOO_MANY_DEVICES" => self.pick(
                "A home holds at most 500 devices.",
                "Ein Zuhause fasst höchstens 500 Geräte.",
            ),
            "NO_SESSION" => self.pick(
                "This conversation is not there any more. Start a new one.",
                "Dieses Gespräch gibt es nicht mehr. Beginnen Sie ein neues.",
            ),
            _ => return None,
        })
    }

    fn kind(self, kind: Kind) -> &'static str {
        match kind {
            Kind::Offline => self.pick("You are offline. Check your network.", "Sie sind offline. Bitte prüfen Sie Ihr Netz."),
            Kind::Unreachable => self.pick(
                "The server did not answer. It may be restarting; try again in a moment.",
                "Der Server hat nicht geantwortet. Vielleicht startet er neu; versuchen Sie es gleich wieder.",
            ),
            Kind::SignedOut => self.pick("Your session has ended. Sign in again.", "Ihre Sitzung ist beendet. Bitte melden Sie sich wieder an."),
            Kind::Denied => self.pick("Your account is not allowed to do this.", "Ihr Konto darf das nicht."),
            Kind::Invalid => self.pick(
                "The server did not accept this. Check what you entered.",
                "Der Server hat das nicht angenommen. Bitte prüfen Sie Ihre Eingabe.",
            ),
            Kind::Missing => self.pick("This is not there any more.", "Das gibt es nicht mehr."),
            Kind::Exhausted => self.pick("Too much at once. Wait a moment and try again.", "Zu viel auf einmal. Bitte warten Sie kurz."),
            Kind::Unsupported => self.pick("This server cannot do this yet.", "Das kann dieser Server noch nicht."),
            Kind::Broken => self.pick(
                "The server failed at this. Try again; if it stays, tell whoever runs the server.",
                "Dem Server ist das misslungen. Versuchen Sie es erneut; bleibt es dabei, sagen Sie es, wer ihn betreibt.",
            ),
        }
    }
}
