//! The conversation.

use super::{Text, messages};
use crate::api::Failure;

messages! {
    ask_title: "Ask about your home", "Fragen Sie zu Ihrem Zuhause";
    ask_intro: "Every number in an answer is computed from your readings and opens its computation.", "Jede Zahl in einer Antwort ist aus Ihren Messwerten berechnet und zeigt ihre Berechnung.";
    ask_placeholder: "Ask about your home…", "Fragen Sie zu Ihrem Zuhause …";
    question: "Question", "Frage";
    send: "Send", "Senden";
    stop: "Stop", "Anhalten";
    stopped: "Stopped. What had arrived is shown.", "Angehalten. Gezeigt ist, was angekommen war.";
    new_conversation: "New conversation", "Neues Gespräch";
    conversations: "Conversations", "Gespräche";
    no_conversations: "Your questions will be listed here.", "Hier stehen dann Ihre Fragen.";
    ask_about: "Ask about this", "Dazu fragen";
    open_page: "Open as page", "Als Seite öffnen";
    search_conversations: "Search conversations", "Gespräche durchsuchen";
    nothing_found: "No conversation is called so.", "Kein Gespräch heißt so.";
    rename_conversation: "Rename conversation", "Gespräch umbenennen";
    conversation_title: "Title", "Titel";
    save: "Save", "Speichern";
    delete_conversation: "Delete conversation", "Gespräch löschen";
    you: "You", "Sie";
    answer: "Answer", "Antwort";
    thinking: "Reading your data", "Liest Ihre Daten";
    more_below: "More below", "Weiter unten";
    facts: "Figures", "Zahlen";
    open_in_usage: "Open in Usage", "Im Verbrauch öffnen";
    ask_next: "Ask next", "Weiter fragen";
    choose: "Choose", "Auswählen";
    answered_here: "Answered on this server by rules", "Auf diesem Server nach Regeln beantwortet";
    answer_actions: "With this answer", "Mit dieser Antwort";
    ask_again: "Ask again", "Erneut fragen";
    report_answer: "Report this answer", "Diese Antwort melden";
    report_note: "What is wrong? (may be left empty)", "Was stimmt nicht? (darf leer bleiben)";
    report_hint: "This server keeps a copy of the answer and of the questions before it, until your account is deleted.", "Dieser Server bewahrt die Antwort und die Fragen davor auf, bis Ihr Konto gelöscht wird.";
    send_report: "Send report", "Meldung senden";
    reported: "Reported. Thank you.", "Gemeldet. Danke.";
    first_1: "What uses most right now?", "Was verbraucht gerade am meisten?";
    first_2: "How much did I use yesterday?", "Wie viel habe ich gestern verbraucht?";
    first_3: "What did this month cost so far?", "Was hat dieser Monat bisher gekostet?";
    first_4: "When was my highest hour this week?", "Wann war diese Woche meine höchste Stunde?";
}

impl Text {
    /// For screen readers, when an answer is whole.
    pub(crate) fn answer_ready(self, facts: usize, charts: usize) -> String {
        let figures = match facts {
            1 => self.pick("1 figure", "1 Zahl").to_owned(),
            _ => self.pick(format!("{facts} figures"), format!("{facts} Zahlen")),
        };
        let charts = match charts {
            0 => String::new(),
            1 => self.pick(", 1 chart", ", 1 Diagramm").to_owned(),
            _ => self.pick(format!(", {charts} charts"), format!(", {charts} Diagramme")),
        };
        self.pick(
            format!("Answer ready: {figures}{charts}."),
            format!("Antwort fertig: {figures}{charts}."),
        )
    }

    /// Who understood the question.
    pub(crate) fn answered_by(self, by: &str) -> String {
        if by.is_empty() || by == "rules" {
            return self.answered_here().to_owned();
        }
        self.pick(
            format!("Read by {by}; figures computed on this server"),
            format!("Gelesen von {by}; Zahlen auf diesem Server berechnet"),
        )
    }

    /// How long an answer took.
    pub(crate) fn took(self, seconds: &str) -> String {
        self.pick(format!("{seconds}\u{202F}s"), format!("{seconds}\u{202F}s"))
    }

    /// Words that were not understood.
    pub(crate) fn unknown_words(self, words: &str) -> String {
        self.pick(format!("Not understood: {words}"), format!("Nicht verstanden: {words}"))
    }

    /// Since when a figure counts.
    pub(crate) fn covers(self, range: &str) -> String {
        self.pick(format!("Period: {range}"), format!("Zeitraum: {range}"))
    }

    /// When something happened.
    pub(crate) fn happened(self, at: &str) -> String {
        self.pick(format!("Time: {at}"), format!("Zeitpunkt: {at}"))
    }

    /// A conversation that is about to be deleted.
    pub(crate) fn deleted(self, title: &str) -> String {
        self.pick(format!("Deleted “{title}”."), format!("„{title}“ gelöscht."))
    }

    /// A conversation that could not be deleted.
    pub(crate) fn not_deleted(self, title: &str, failure: &Failure) -> String {
        let why = self.failure(failure);
        self.pick(
            format!("“{title}” is still there. {why}"),
            format!("„{title}“ ist noch da. {why}"),
        )
    }

    /// A question about days, given as in ISO 8601; both count in.
    pub(crate) fn ask_about_days(self, first: &str, last: &str) -> String {
        if first == last {
            return self.pick(
                format!("How much did each device use on {first}?"),
                format!("Wie viel hat jedes Gerät am {first} verbraucht?"),
            );
        }
        self.pick(
            format!("How much did each device use from {first} to {last}?"),
            format!("Wie viel hat jedes Gerät vom {first} bis {last} verbraucht?"),
        )
    }

    /// A question about hours of a day.
    pub(crate) fn ask_about_hours(self, day: &str, from: &str, to: &str) -> String {
        self.pick(
            format!("How much did each device use on {day} between {from} and {to}?"),
            format!("Wie viel hat jedes Gerät am {day} zwischen {from} und {to} verbraucht?"),
        )
    }

    /// A question about a device.
    pub(crate) fn ask_about_device(self, name: &str) -> String {
        self.pick(
            format!("How much did {name} use in the last 7 days?"),
            format!("Wie viel hat {name} in den letzten 7 Tagen verbraucht?"),
        )
    }

    /// Which devices count in.
    pub(crate) fn counted(self, devices: &str) -> String {
        self.pick(format!("Devices: {devices}"), format!("Geräte: {devices}"))
    }
}
