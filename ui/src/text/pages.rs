//! Now, Usage, Settings and charts.

use super::{Text, messages};
use voltaire_chart::Span;

messages! {
    power_now: "Power now", "Leistung jetzt";
    no_live_power_text: "The last value is shown below with its age. Nothing is guessed for the time since.", "Der letzte Wert steht unten mit seinem Alter. Für die Zeit danach wird nichts geraten.";
    exporting: "Feeding into the grid", "Einspeisung ins Netz";
    today: "Today", "Heute";
    last_minutes: "Last 5 minutes", "Letzte 5 Minuten";
    using_now: "Using power now", "Verbraucht jetzt Strom";
    show_all: "Show them", "Einblenden";
    show_fewer: "Fold them", "Ausblenden";
    other: "Other", "Sonstiges";
    other_text: "Not metered by a device", "Von keinem Gerät gemessen";
    waiting_for_live: "Waiting for readings", "Wartet auf Messwerte";
    no_devices: "No devices yet", "Noch keine Geräte";
    no_devices_text: "Add your first device and send it one reading: live power, history and costs appear at once.", "Fügen Sie Ihr erstes Gerät hinzu und senden Sie einen Messwert: Leistung, Verlauf und Kosten erscheinen sofort.";
    load_demo: "Load the demo home", "Demo-Haus laden";
    loading_demo: "Loading the demo home …", "Demo-Haus wird geladen …";
    add_device: "Add device", "Gerät hinzufügen";
    how_computed: "How computed", "Wie berechnet";
    total: "Total", "Gesamt";
    by_device: "By device", "Nach Gerät";
    energy: "Energy", "Energie";
    cost: "Cost", "Kosten";
    grouping: "Grouped", "Gliederung";
    unit: "Unit", "Einheit";
    period: "Period", "Zeitraum";
    previous: "Earlier", "Früher";
    next: "Later", "Später";
    show_table: "Table", "Tabelle";
    time: "Time", "Zeit";
    no_data: "No readings in this period", "Keine Messwerte in diesem Zeitraum";
    no_data_text: "Choose another period, or send readings for it: late ones count as well.", "Wählen Sie einen anderen Zeitraum oder senden Sie Messwerte dafür: auch späte zählen.";
    go_there: "Show the latest readings", "Neueste Messwerte zeigen";
    share: "Share", "Anteil";
    device: "Device", "Gerät";
    chart_word: "chart", "Diagramm";
    drill_hint: "Choose a bar to open its day.", "Wählen Sie einen Balken, um den Tag zu öffnen.";
    energy_how: "Energy is the integral of power between readings, in the home's time zone; nothing is added across gaps.", "Energie ist das Integral der Leistung zwischen Messwerten, in der Zeitzone des Hauses; über Lücken wird nichts hinzugerechnet.";
    cost_how: "Cost is energy × the price in force at that time, plus the standing charge of each day when the whole home is meant.", "Kosten sind Energie × der jeweils gültige Preis, für das ganze Haus zuzüglich Grundpreis je Tag.";
    home: "Home", "Zuhause";
    home_name: "Name", "Name";
    time_zone: "Time zone", "Zeitzone";
    time_zone_hint: "“Today” and “last week” are meant in this zone.", "„Heute“ und „letzte Woche“ sind in dieser Zone gemeint.";
    currency: "Currency", "Währung";
    currency_hint: "Three letters, as EUR or USD.", "Drei Buchstaben, wie EUR oder USD.";
    price: "Price per kWh", "Preis je kWh";
    price_hint: "What you pay for a kilowatt-hour from the grid, as 0.31.", "Was Sie für eine Kilowattstunde aus dem Netz zahlen, etwa 0,31.";
    price_wrong: "Enter a number from 0 to 1000, as 0.31.", "Geben Sie eine Zahl von 0 bis 1000 ein, etwa 0,31.";
    price_missing: "Set a price per kWh in Settings to see costs.", "Tragen Sie unter Einstellungen einen Preis je kWh ein, um Kosten zu sehen.";
    look: "Look", "Aussehen";
    account: "Account", "Konto";
    saved: "Saved", "Gespeichert";
    saving: "Saving", "Speichert";
}

impl Text {
    /// Devices that are shown as one.
    pub(crate) fn more_devices(self, count: usize) -> String {
        self.pick(format!("{count} more"), format!("{count} weitere"))
    }

    /// What an hour at this power costs.
    pub(crate) fn per_hour(self, money: &str) -> String {
        self.pick(format!("≈ {money} per hour"), format!("≈ {money} pro Stunde"))
    }

    /// How the cost per hour is computed.
    pub(crate) fn per_hour_how(self, power: &str, price: &str, money: &str) -> String {
        self.pick(
            format!("{power} × {price} = {money} per hour, at the price in force now, without the standing charge."),
            format!("{power} × {price} = {money} pro Stunde, zum jetzt gültigen Preis, ohne Grundpreis."),
        )
    }

    /// A change against yesterday by the same time.
    pub(crate) fn against_yesterday(self, change: &str, time: &str) -> String {
        self.pick(
            format!("{change} against yesterday by {time}"),
            format!("{change} gegenüber gestern bis {time}"),
        )
    }

    /// When a value is from.
    pub(crate) fn measured(self, age: &str) -> String {
        self.pick(format!("Measured {age} ago"), format!("Gemessen vor {age}"))
    }

    /// That less than everything is covered.
    pub(crate) fn coverage(self, share: &str) -> String {
        self.pick(
            format!("Based on {share} of the period"),
            format!("Beruht auf {share} des Zeitraums"),
        )
    }

    /// Meters that contradict each other.
    pub(crate) fn meters_disagree(self, power: &str) -> String {
        self.pick(
            format!("Devices add up to {power} more than the main meter says. Check whether one is counted twice."),
            format!("Die Geräte ergeben {power} mehr als der Hauptzähler. Prüfen Sie, ob eines doppelt zählt."),
        )
    }

    /// A length of the history page.
    pub(crate) fn span(self, span: Span) -> &'static str {
        match span {
            Span::Day => self.pick("Day", "Tag"),
            Span::Week => self.pick("Week", "Woche"),
            Span::Month => self.pick("Month", "Monat"),
            Span::Year => self.pick("Year", "Jahr"),
        }
    }

    /// The title of the history chart.
    pub(crate) fn usage_title(self, period: &str, unit: &str, span: Span) -> String {
        let step = match span {
            Span::Day => self.pick("hour", "Stunde"),
            Span::Week | Span::Month => self.pick("day", "Tag"),
            Span::Year => self.pick("month", "Monat"),
        };
        self.pick(
            format!("{period}, {unit} per {step}"),
            format!("{period}, {unit} je {step}"),
        )
    }

    /// Which device used most.
    pub(crate) fn top_device(self, name: &str, share: &str) -> String {
        self.pick(format!("{name} used {share}."), format!("{name}: {share}."))
    }

    /// Where the first reading is.
    pub(crate) fn data_range(self, first: &str, last: &str) -> String {
        self.pick(
            format!("Readings exist from {first} to {last}."),
            format!("Messwerte gibt es vom {first} bis {last}."),
        )
    }
}
