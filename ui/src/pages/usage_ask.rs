//! The question that the history page asks about what it shows.

use voltaire_chart::{Spec, Window, day, fmt, period, spec::Range};

use crate::state::App;

/// About the days or hours on screen.
pub(super) fn question(app: App, spec: &Spec) -> String {
    let (text, zone) = (app.text(), app.zone());
    let Window { start, end } = match spec.range {
        Range::Calendar(period) => match period.bounds(&zone) {
            Some((start, end)) => Window { start, end },
            None => return String::new(),
        },
        Range::Exact(window) => window,
    };
    let (Some(first), Some(last)) = (period::day_of(start, &zone), period::day_of(end - 1, &zone)) else {
        return String::new();
    };
    let exact = matches!(spec.range, Range::Exact(_));
    if exact && first == last {
        let clock = |at: i64| fmt::clock(at, &zone, &app.locale());
        return text.ask_about_hours(&day::iso(first), &clock(start), &clock(end));
    }
    text.ask_about_days(&day::iso(first), &day::iso(last))
}
