//! The first minutes.

use super::{Text, messages};

messages! {
    welcome_title: "Welcome", "Willkommen";
    welcome_text: "Two minutes to live power and your first answer. Where should readings come from?", "Zwei Minuten bis zur Leistung jetzt und zur ersten Antwort. Woher sollen Messwerte kommen?";
    first_device_title: "Your first device", "Ihr erstes Gerät";
    first_power_title: "Live power", "Leistung jetzt";
    skip_setup: "Skip", "Überspringen";
    back: "Back", "Zurück";
    step_account: "Account", "Konto";
    step_readings: "Readings", "Messwerte";
    step_live: "Live", "Live";
    step_ask: "Ask", "Fragen";
    demo_choice: "Look around first", "Erst einmal umsehen";
    demo_choice_text: "A demo home with a dozen devices and 90 days of history. It goes on live, and you can delete its devices later.", "Ein Demo-Haus mit einem Dutzend Geräten und 90 Tagen Verlauf. Es läuft live weiter; seine Geräte können Sie später löschen.";
    device_choice: "Use your own device", "Eigenes Gerät verwenden";
    device_choice_text: "A plug, a meter or anything that knows its watts. One reading is enough to begin.", "Eine Steckdose, ein Zähler oder alles, was seine Watt kennt. Ein Messwert genügt für den Anfang.";
    add_first_device: "Add your first device", "Erstes Gerät hinzufügen";
    change_in_settings: "Change in Settings", "In den Einstellungen ändern";
    copy_token: "Copy token", "Token kopieren";
    demo_arrived: "The demo home is live. Its history is still being filled in.", "Das Demo-Haus ist live. Sein Verlauf wird noch gefüllt.";
    first_question_title: "Ask your first question", "Stellen Sie Ihre erste Frage";
    first_question_text: "Every figure in an answer is computed from your readings and can be checked.", "Jede Zahl einer Antwort ist aus Ihren Messwerten berechnet und lässt sich prüfen.";
}

impl Text {
    /// How far one is.
    pub(crate) fn step_of(self, at: usize, all: usize) -> String {
        self.pick(format!("Step {at} of {all}"), format!("Schritt {at} von {all}"))
    }

    /// What the new home was given.
    pub(crate) fn home_defaults(self, zone: &str, currency: &str) -> String {
        self.pick(
            format!("Your home: {zone}, {currency}, as this browser says."),
            format!("Ihr Zuhause: {zone}, {currency}, wie dieser Browser sagt."),
        )
    }
}
