//! Shell, navigation, states, sign-in.

use super::{Text, messages};
use crate::state::Theme;

messages! {
    skip: "Skip to content", "Zum Inhalt";
    navigation: "Main", "Hauptmenü";
    now: "Now", "Jetzt";
    usage: "Usage", "Verbrauch";
    devices: "Devices", "Geräte";
    ask: "Ask", "Fragen";
    settings: "Settings", "Einstellungen";
    connecting: "Connecting", "Verbindet";
    no_readings_yet: "No readings yet", "Noch keine Messwerte";
    reconnecting: "Reconnecting", "Verbindet neu";
    offline: "Offline", "Offline";
    writes_off: "You are offline. Nothing can be changed until the network is back.", "Sie sind offline. Bis das Netz zurück ist, lässt sich nichts ändern.";
    try_now: "Try now", "Jetzt versuchen";
    loading: "Loading", "Lädt";
    retry: "Try again", "Erneut versuchen";
    details: "Details", "Einzelheiten";
    close: "Close", "Schließen";
    cancel: "Cancel", "Abbrechen";
    copy: "Copy", "Kopieren";
    theme: "Theme", "Darstellung";
    colours: "Colours", "Farben";
    colours_standard: "Colours only", "Nur Farben";
    colours_hint: "Patterns tell devices apart without colour, on screen as in print.", "Muster unterscheiden Geräte auch ohne Farbe, auf dem Schirm wie im Druck.";
    colours_patterns: "With patterns", "Mit Mustern";
    language: "Language", "Sprache";
    sign_in: "Sign in", "Anmelden";
    signing_in: "Signing in", "Meldet an";
    sign_out: "Sign out", "Abmelden";
    sign_in_again: "Your session has ended", "Ihre Sitzung ist beendet";
    sign_in_again_text: "Sign in again to go on. What you typed is still here, and what you began is then done.", "Melden Sie sich wieder an, um weiterzumachen. Was Sie getippt haben, steht noch da, und was Sie begonnen haben, wird dann erledigt.";
    create_account: "Create account", "Konto anlegen";
    creating_account: "Creating account", "Legt Konto an";
    demo: "Demo", "Demo";
    demo_title: "The readings of this home are made up.", "Die Messwerte dieses Hauses sind erfunden.";
    first_time: "First time on this server?", "Zum ersten Mal auf diesem Server?";
    have_account: "You have an account?", "Sie haben ein Konto?";
    email: "E-mail", "E-Mail";
    password: "Password", "Passwort";
    show_password: "Show password", "Passwort zeigen";
    hide_password: "Hide password", "Passwort verbergen";
    password_hint: "12 to 128 characters. A few unrelated words work well.", "12 bis 128 Zeichen. Ein paar Wörter ohne Zusammenhang sind gut.";
    your_name: "Name", "Name";
    invite_code: "Invitation code", "Einladungscode";
    invite_hint: "This server asks for one. Its admin can make it.", "Dieser Server verlangt einen. Wer ihn verwaltet, kann ihn erstellen.";
    promise: "Runs on your own server. Your readings stay there.", "Läuft auf Ihrem eigenen Server. Ihre Messwerte bleiben dort.";
    not_found: "There is no such page", "Diese Seite gibt es nicht";
    not_found_text: "The address may be mistyped, or the page has moved.", "Vielleicht ist die Adresse vertippt oder die Seite umgezogen.";
    to_now: "Show what is on now", "Zeigen, was jetzt läuft";
}

impl Text {
    /// The live chip.
    pub(crate) fn live(self, age: &str) -> String {
        self.pick(format!("Live {age}"), format!("Live {age}"))
    }

    /// The chip of a stream that is silent.
    pub(crate) fn last_reading(self, age: &str) -> String {
        self.pick(format!("Last reading {age} ago"), format!("Letzter Wert vor {age}"))
    }

    /// The banner while nothing arrives.
    pub(crate) fn away(self, offline: bool, until: Option<&str>) -> String {
        let why = if offline {
            self.pick("You are offline.", "Sie sind offline.")
        } else {
            self.pick(
                "The connection to the server is lost.",
                "Die Verbindung zum Server ist unterbrochen.",
            )
        };
        match until {
            Some(until) => self.pick(
                format!("{why} Showing readings up to {until}."),
                format!("{why} Messwerte bis {until}."),
            ),
            None => why.to_owned(),
        }
    }

    /// After copying.
    pub(crate) fn copied(self, done: bool) -> &'static str {
        if done {
            self.pick("Copied", "Kopiert")
        } else {
            self.pick(
                "This browser does not allow copying here; select the text instead.",
                "Dieser Browser erlaubt hier kein Kopieren; bitte den Text markieren.",
            )
        }
    }

    /// Light or dark.
    pub(crate) fn theme_name(self, theme: Theme) -> &'static str {
        match theme {
            Theme::System => self.pick("System", "System"),
            Theme::Light => self.pick("Light", "Hell"),
            Theme::Dark => self.pick("Dark", "Dunkel"),
        }
    }

    /// A field that must not be empty.
    pub(crate) fn required(self, field: &str) -> String {
        self.pick(
            format!("Please fill in: {field}."),
            format!("Bitte ausfüllen: {field}."),
        )
    }
}
