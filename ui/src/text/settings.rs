//! Settings beyond the home, and administration.

use super::{Text, messages};

messages! {
    devices_and_rooms: "Devices and rooms", "Geräte und Räume";
    tariffs_text: "Each version is in force from its day on until the next one. Days before a new version keep their cost.", "Jede Fassung gilt ab ihrem Tag bis zur nächsten. Tage vor einer neuen Fassung behalten ihre Kosten.";
    tariffs_link: "Prices from a day on, standing charge", "Preise ab einem Tag, Grundpreis";
    change_it: "Change", "Ändern";
    new_tariff: "New version", "Neue Fassung";
    change_tariff: "Change a version", "Fassung ändern";
    remove_tariff_question: "Its days then cost what the version before says.", "Ihre Tage kosten dann, was die Fassung davor sagt.";
    tariff_from_hint: "The first day of these prices, also in the past or to come. Empty: from the beginning.", "Der erste Tag dieser Preise, auch vergangen oder künftig. Leer: von Anfang an.";
    tariff_needs_day: "Another version is in force from the beginning. Enter the first day of this one.", "Von Anfang an gilt schon eine andere Fassung. Geben Sie den ersten Tag dieser ein.";
    tariff_day_taken: "Another version begins on this day. Change that one, or choose another day.", "An diesem Tag beginnt schon eine andere Fassung. Ändern Sie jene, oder wählen Sie einen anderen Tag.";
    standing_hint: "What each day costs, whatever is used. May be left empty.", "Was jeder Tag kostet, unabhängig vom Verbrauch. Darf leer bleiben.";
    tokens: "Tokens", "Tokens";
    alerts: "Alerts", "Hinweise";
    your_tokens: "Your tokens", "Ihre Tokens";
    no_tokens: "No token is in use.", "Kein Token ist im Einsatz.";
    new_token: "New token", "Neues Token";
    demo_until: "The mark stays until you take it off, once only devices of your own send readings.", "Der Hinweis bleibt, bis Sie ihn entfernen, sobald nur noch eigene Geräte Messwerte senden.";
    demo_over: "Remove the demo mark", "Demo-Hinweis entfernen";
    token_name: "What it is for", "Wofür es ist";
    token_name_hint: "As Fridge plug, or Backup script.", "Etwa Steckdose Kühlschrank oder Sicherungsskript.";
    token_opens: "What it opens", "Was es öffnet";
    token_days: "Good for", "Gilt für";
    revoke: "Revoke", "Widerrufen";
    revoke_question: "Whatever uses it stops at once.", "Was es nutzt, hört sofort auf.";
    your_rules: "You are told when", "Sie werden informiert, wenn";
    no_rules: "No rule yet. You are told of nothing.", "Noch keine Regel. Sie werden über nichts informiert.";
    new_rule: "New rule", "Neue Regel";
    rule_when: "When", "Wann";
    kind_silent: "It sends nothing for an hour", "Es sendet eine Stunde lang nichts";
    kind_power: "It uses much for 10 minutes", "Es verbraucht 10 Minuten lang viel";
    rule_watts: "More than, W", "Mehr als, W";
    rule_watts_wrong: "Enter a number above 0.", "Geben Sie eine Zahl über 0 ein.";
    create_rule: "Create rule", "Regel erstellen";
    rule_budget: "A budget is used up, or is going to be.", "Ein Budget ist aufgebraucht oder wird es bald sein.";
    rule_unusual: "A day is unlike others.", "Ein Tag ist anders als andere.";
    remove_rule_question: "You are then not told of it.", "Darüber werden Sie dann nicht informiert.";
    paused: "Paused", "Pausiert";
    pause: "Pause", "Pausieren";
    resume: "Resume", "Fortsetzen";
    password_ends_sessions: "A new password ends all other sessions.", "Ein neues Passwort beendet alle anderen Sitzungen.";
    password_now: "Current password", "Jetziges Passwort";
    password_new: "New password", "Neues Passwort";
    change_password: "Change password", "Passwort ändern";
    password_changed: "Password changed. Other sessions have ended.", "Passwort geändert. Andere Sitzungen sind beendet.";
    this_session: "This session", "Diese Sitzung";
    delete_account: "Delete account", "Konto löschen";
    delete_account_text: "Your home, its devices, readings and conversations are erased. This cannot be undone.", "Ihr Zuhause, seine Geräte, Messwerte und Gespräche werden gelöscht. Das lässt sich nicht rückgängig machen.";
    admin: "Admin", "Verwaltung";
    admins_only: "Only admins can open this page", "Nur Verwalter können diese Seite öffnen";
    admins_only_text: "Ask whoever runs this server to make you one.", "Bitten Sie, wer diesen Server betreibt.";
    users: "Users", "Benutzer";
    services: "Services", "Dienste";
    audit: "Activity", "Vorgänge";
    role: "Role", "Rolle";
    role_user: "User", "Benutzer";
    role_admin: "Admin", "Verwalter";
    disabled: "Disabled", "Gesperrt";
    disable: "Disable", "Sperren";
    enable: "Enable", "Entsperren";
    disable_question: "All sessions and tokens of the account end.", "Alle Sitzungen und Tokens des Kontos enden.";
    enable_question: "The account can sign in again.", "Das Konto kann sich wieder anmelden.";
    invite: "Invite someone", "Jemanden einladen";
    invite_text: "An invitation is good for one registration within 7 days.", "Eine Einladung gilt für eine Registrierung innerhalb von 7 Tagen.";
    invite_once: "Pass it on now: it is not shown again.", "Geben Sie ihn jetzt weiter: er wird nicht wieder gezeigt.";
    invite_email: "Only for this e-mail", "Nur für diese E-Mail";
    invite_email_hint: "Empty: anyone with the code.", "Leer: alle, die den Code haben.";
    create_invite: "Create invitation", "Einladung erstellen";
    check_again: "Check again", "Erneut prüfen";
    serving: "Serving", "In Betrieb";
    not_serving: "Not serving", "Nicht in Betrieb";
    api_docs: "API documentation", "API-Dokumentation";
    event: "What", "Was";
    who: "Who", "Wer";
    whom: "Whom", "Wen";
    address: "From", "Von";
}

impl Text {
    /// What a token's scope opens.
    pub(crate) fn scope(self, scope: &str) -> &'static str {
        match scope {
            "ingest" => self.pick("Send readings", "Messwerte senden"),
            "read" => self.pick("Read everything", "Alles lesen"),
            "mcp" => self.pick("Ask, for assistants (MCP)", "Fragen, für Assistenten (MCP)"),
            _ => "",
        }
    }

    /// A price per kWh with a charge for each day.
    pub(crate) fn with_standing(self, price: &str, charge: &str) -> String {
        self.pick(
            format!("{price}, and {charge} per day"),
            format!("{price}, dazu {charge} je Tag"),
        )
    }

    /// A number of days.
    pub(crate) fn days(self, count: i64) -> String {
        self.pick(format!("{count} days"), format!("{count} Tage"))
    }

    /// Until when a token is good.
    pub(crate) fn good_until(self, time: &str) -> String {
        self.pick(format!("until {time}"), format!("bis {time}"))
    }

    /// Before a device is removed.
    pub(crate) fn remove_device_question(self, name: &str) -> String {
        self.pick(
            format!("{name} is removed with all its readings."),
            format!("{name} wird mit allen Messwerten entfernt."),
        )
    }

    /// The field in which one types the e-mail once more.
    pub(crate) fn type_email(self, email: &str) -> String {
        self.pick(format!("Type {email}"), format!("Geben Sie {email} ein"))
    }

    /// A rule of high power.
    pub(crate) fn rule_power(self, name: &str, power: &str) -> String {
        self.pick(
            format!("{name} uses more than {power} for long."),
            format!("{name} verbraucht lange mehr als {power}."),
        )
    }

    /// A rule of silence.
    pub(crate) fn rule_silent(self, name: &str) -> String {
        self.pick(
            format!("{name} sends nothing for long."),
            format!("{name} sendet lange nichts."),
        )
    }

    /// A rule of long runs.
    pub(crate) fn rule_long(self, name: &str) -> String {
        self.pick(format!("{name} is on for long."), format!("{name} läuft lange."))
    }

    /// A security event by its key; one that is not known as it is.
    pub(crate) fn event_name(self, kind: &str) -> String {
        let (en, de) = match kind {
            "login" => ("Signed in", "Angemeldet"),
            "login_failed" => ("Sign-in failed", "Anmeldung misslungen"),
            "register" => ("Account created", "Konto angelegt"),
            "logout" => ("Signed out", "Abgemeldet"),
            "password_changed" => ("Password changed", "Passwort geändert"),
            "role_changed" => ("Role changed", "Rolle geändert"),
            "user_disabled" => ("Account disabled", "Konto gesperrt"),
            "user_enabled" => ("Account enabled", "Konto entsperrt"),
            "user_deleted" => ("Account deleted", "Konto gelöscht"),
            "token_created" => ("Token made", "Token erstellt"),
            "token_revoked" => ("Token revoked", "Token widerrufen"),
            "invite_created" => ("Invitation made", "Einladung erstellt"),
            "keys_rotated" => ("Keys changed", "Schlüssel gewechselt"),
            other => (other, other),
        };
        self.pick(en, de).to_owned()
    }
}
