//! Charts, Usage, a device's page, Costs.

use super::{Text, messages};

messages! {
    compared: "before", "davor";
    compare: "Compare", "Vergleich";
    compare_none: "None", "Keiner";
    compare_previous: "Previous", "Vorher";
    compare_year: "Last year", "Vorjahr";
    power: "Power", "Leistung";
    legend: "Legend", "Legende";
    zoom_in: "Zoom in", "Vergrößern";
    reset_zoom: "Reset", "Zurücksetzen";
    zoom_out: "Zoom out", "Verkleinern";
    path_here: "You are here", "Sie sind hier";
    drill_hint_day: "Choose a bar to look inside it, or drag to zoom.", "Wählen Sie einen Balken oder ziehen Sie, um zu vergrößern.";
    change: "Change", "Änderung";
    costs: "Costs", "Kosten";
    this_month: "This month so far", "Dieser Monat bisher";
    cumulative: "Cost so far, day by day", "Kosten bisher, Tag für Tag";
    energy_part: "Energy", "Energie";
    standing_part: "Standing charge", "Grundpreis";
    tariffs: "Tariffs", "Tarife";
    always_in_force: "From the beginning", "Von Anfang an";
    in_force_from: "In force from", "Gilt ab";
    in_force: "in force", "gilt jetzt";
    per_day: "Standing charge per day", "Grundpreis je Tag";
    no_tariff: "No price yet", "Noch kein Preis";
    no_tariff_text: "Enter what you pay per kWh, and every day, device and run has its cost, also for the past.", "Geben Sie ein, was Sie je kWh zahlen: dann hat jeder Tag, jedes Gerät und jeder Lauf seine Kosten, auch rückwirkend.";
    set_price: "Set a price", "Preis eintragen";
    what_changed: "What changed against last month", "Was sich gegenüber letztem Monat geändert hat";
    what_changed_text: "Equal parts of both months are compared.", "Verglichen werden gleiche Teile beider Monate.";
    nothing_changed: "Nothing to compare yet: there are no readings of last month.", "Noch nichts zu vergleichen: vom letzten Monat gibt es keine Messwerte.";
    before_part: "The same part of last month", "Derselbe Teil des letzten Monats";
    after_part: "This month so far", "Dieser Monat bisher";
    equal_part: "the same part of last month", "demselben Teil des letzten Monats";
    others: "Everything else", "Alles Übrige";
    cost_by_device: "This month by device", "Dieser Monat nach Gerät";
    budget: "Budget", "Budget";
    budget_hint: "You are told when a month passes it, or is going to.", "Sie werden gewarnt, wenn ein Monat es überschreitet oder überschreiten wird.";
    budget_none: "No budget is set.", "Es ist kein Budget gesetzt.";
    budget_per_month: "Budget per month", "Budget je Monat";
    budget_wrong: "Enter an amount above 0, as 80.", "Geben Sie einen Betrag über 0 ein, etwa 80.";
    set_budget: "Set budget", "Budget setzen";
    remove: "Remove", "Entfernen";
    forecast_usual: "The rest of the month as the same weekdays of the last eight weeks; four times in five it ends within the range.", "Der Rest des Monats wie dieselben Wochentage der letzten acht Wochen; in vier von fünf Fällen endet er in der Spanne.";
    forecast_rate: "The rest of the month at the same rate as so far: there is too little history for more.", "Der Rest des Monats wie bisher: für mehr gibt es zu wenig Verlauf.";
    forecast_none: "A projection needs a few hours of readings.", "Eine Prognose braucht ein paar Stunden Messwerte.";
    range_of: "Range", "Zeitraum";
    always_on: "Always on", "Immer an";
    always_on_how: "The 5th percentile of the power by minutes from 02:00 to 05:00, over the nights of 30 days.", "Das 5. Perzentil der Leistung je Minute von 02:00 bis 05:00, über die Nächte von 30 Tagen.";
    used_30: "Last 30 days", "Letzte 30 Tage";
    usual_day: "A usual day", "Ein üblicher Tag";
    usual_day_how: "Energy of the last 30 days by the time that was measured.", "Energie der letzten 30 Tage, geteilt durch die gemessene Zeit.";
    per_run: "Per run", "Je Lauf";
    per_run_how: "The mean over the runs of the last 7 days. A run is a stretch above the on-threshold; pauses below 5 minutes belong to it.", "Der Mittelwert der Läufe der letzten 7 Tage. Ein Lauf ist eine Zeit über der Einschaltschwelle; Pausen unter 5 Minuten gehören dazu.";
    runs: "Runs of the last 7 days", "Läufe der letzten 7 Tage";
    no_runs: "It was not on in the last 7 days.", "In den letzten 7 Tagen war es nicht an.";
    started: "Start", "Beginn";
    lasted: "Duration", "Dauer";
    still_running: "still running", "läuft noch";
    profile: "Mean power by weekday and hour, 4 weeks", "Mittlere Leistung nach Wochentag und Stunde, 4 Wochen";
    duration_curve: "How long how much power, 30 days", "Wie lange wie viel Leistung, 30 Tage";
    quality: "Data quality, 30 days", "Datenqualität, 30 Tage";
    covered: "Covered", "Abgedeckt";
    readings: "Readings", "Messwerte";
    apart: "Usually apart", "Üblicher Abstand";
    rejected: "Rejected", "Abgewiesen";
    gaps: "Longest gaps", "Längste Lücken";
    no_gaps: "No gaps.", "Keine Lücken.";
    corrections: "Corrections", "Korrekturen";
    no_corrections: "Nothing was corrected.", "Es wurde nichts korrigiert.";
    left_out: "Left out", "Ausgelassen";
    refresh: "Refresh", "Aktualisieren";
    undo: "Undo", "Rückgängig";
    undone: "Undone", "Zurückgenommen";
    latest_readings: "Readings of the last 10 minutes", "Messwerte der letzten 10 Minuten";
    no_such_device: "There is no such device", "Dieses Gerät gibt es nicht";
    no_such_device_text: "It may have been removed.", "Vielleicht wurde es entfernt.";
    estimated: "Estimated by corrections", "Durch Korrekturen geschätzt";
}

impl Text {
    /// Where a week is strongest.
    pub(crate) fn heat_peak(self, weekday: &str, hour: usize, power: &str) -> String {
        self.pick(
            format!("Strongest on {weekday} from {hour:02}:00: {power} on average."),
            format!("Am stärksten {weekday} ab {hour:02}:00: im Mittel {power}."),
        )
    }

    /// What a duration curve says.
    pub(crate) fn curve_sentence(self, tenth: &str, half: &str) -> String {
        self.pick(
            format!("At least {tenth} for a tenth of the time, {half} for half of it."),
            format!("Ein Zehntel der Zeit mindestens {tenth}, die Hälfte mindestens {half}."),
        )
    }

    /// What a month will come to.
    pub(crate) fn expected(self, expected: &str, range: &str) -> String {
        if range.is_empty() {
            return self.pick(format!("≈ {expected} expected"), format!("≈ {expected} erwartet"));
        }
        self.pick(
            format!("≈ {expected} expected ({range})"),
            format!("≈ {expected} erwartet ({range})"),
        )
    }

    /// How far a budget is used up.
    pub(crate) fn budget_used(self, used: &str, limit: &str, share: &str) -> String {
        self.pick(
            format!("{used} of {limit} used ({share})"),
            format!("{used} von {limit} verbraucht ({share})"),
        )
    }

    /// A change against another period.
    pub(crate) fn against(self, change: &str, period: &str) -> String {
        self.pick(
            format!("{change} against {period}"),
            format!("{change} gegenüber {period}"),
        )
    }

    /// That a load is always there, by the year.
    pub(crate) fn by_the_year(self, energy: &str, money: Option<&str>) -> String {
        let year = self.pick(format!("{energy} a year"), format!("{energy} im Jahr"));
        match money {
            Some(money) => format!("{year}, {money}"),
            None => year,
        }
    }

    /// How many gaps there are beyond those that are listed.
    pub(crate) fn more_gaps(self, count: u64) -> String {
        self.pick(format!("and {count} more"), format!("und {count} weitere"))
    }

    /// The title of a device's chart.
    pub(crate) fn device_chart(self, range: &str) -> String {
        self.pick(format!("Power, {range}"), format!("Leistung, {range}"))
    }
}
