//! Charts as components: geometry and words come from `voltaire-chart`, here they become SVG, a table, keys and a readout.

mod curve;
mod heat;
mod live;
mod plot;
mod ranked;
pub(crate) mod save;
mod strokes;
mod surface;
mod table;
mod time;
mod waterfall;

use jiff_bare::tz::TimeZone;
use voltaire_chart::{Axis, Locale, Scale, fmt, time_ticks};

pub(crate) use curve::Curve;
pub(crate) use heat::HeatMap;
pub(crate) use live::LiveChart;
pub(crate) use ranked::RankedBars;
pub(crate) use strokes::Strokes;
pub(crate) use time::{Drawing, TimeChart};
pub(crate) use waterfall::Waterfall;

/// One series of a chart.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Series {
    /// What a person would call it.
    pub(crate) label: String,
    /// The class that gives its colour.
    pub(crate) class: &'static str,
    /// One value per step; NaN where there is none.
    pub(crate) values: Vec<f64>,
}

/// Values over time, or over names.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Frame {
    /// Where steps start, and where the last one ends, milliseconds UTC; empty: steps have names and stand for no time.
    pub(crate) boundaries: Vec<i64>,
    /// The name of each step.
    pub(crate) labels: Vec<String>,
    /// In the order of stacking.
    pub(crate) series: Vec<Series>,
    /// How many steps have begun: what is to come is not missing.
    pub(crate) begun: usize,
}

impl Frame {
    /// A frame over time up to `now`, its steps named in the home's time zone.
    pub(crate) fn over_time(boundaries: Vec<i64>, series: Vec<Series>, now: i64, setting: &Setting) -> Self {
        let name = |pair: &[i64]| fmt::step(pair[0], pair[1], &setting.zone, &setting.locale);
        let labels = boundaries.windows(2).map(name).collect();
        let begun = boundaries.windows(2).filter(|pair| pair[0] < now).count();
        Self {
            boundaries,
            labels,
            series,
            begun,
        }
    }

    /// Whether its steps have names instead of times.
    pub(crate) fn is_named(&self) -> bool {
        self.boundaries.is_empty()
    }

    /// The values of all series.
    pub(crate) fn values(&self) -> Vec<Vec<f64>> {
        self.series.iter().map(|series| series.values.clone()).collect()
    }

    /// Whether nothing was measured.
    pub(crate) fn is_empty(&self) -> bool {
        self.series
            .iter()
            .all(|series| series.values.iter().all(|value| !value.is_finite()))
    }
}

/// Where a chart stands and how it speaks.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Setting {
    /// The zone of its time axis.
    pub(crate) zone: TimeZone,
    /// How its figures are printed.
    pub(crate) locale: Locale,
    /// The unit of its values.
    pub(crate) axis: Axis,
}

/// Margins around the marks, CSS pixels.
pub(crate) const LEFT: f64 = 44.0;
pub(crate) const RIGHT: f64 = 8.0;
pub(crate) const TOP: f64 = 24.0;
pub(crate) const BOTTOM: f64 = 24.0;

/// How wide a letter of a label is at most on average, CSS pixels.
const LETTER: f64 = 7.0;

/// The labels of the time axis: where each stands, and what it says.
pub(crate) fn x_labels(x: &Scale, width: f64, setting: &Setting) -> Vec<(f64, String)> {
    let (start, end) = x.domain();
    let count = ((width - LEFT) / 72.0).max(2.0) as usize;
    let ticks = time_ticks::time_ticks(start as i64, end as i64, &setting.zone, count);
    let label = |at: &i64| {
        (
            x.at(*at as f64),
            fmt::tick(*at, ticks.step, &setting.zone, &setting.locale),
        )
    };
    let fits = |(at, label): &(f64, String)| {
        let half = label.chars().count() as f64 * LETTER / 2.0;
        *at > LEFT - 4.0 && *at + half.max(20.0) < width
    };
    ticks.at.iter().map(label).filter(fits).collect()
}

#[cfg(test)]
mod tests {
    use voltaire_chart::Lang;

    use super::*;

    #[test]
    fn labels_stay_within_the_chart() {
        let setting = Setting {
            zone: TimeZone::UTC,
            locale: Locale::new("en-US", Lang::En),
            axis: Axis::of_unit("W", 1000.0),
        };
        let width = 400.0;
        let mut seen = 0;
        for shift in 0..120 {
            let start = 1_764_240_000_000 + shift * 30_000;
            let x = Scale::time(start, start + 3_600_000, (LEFT, width - RIGHT));
            for (at, label) in x_labels(&x, width, &setting) {
                let half = label.chars().count() as f64 * LETTER / 2.0;
                assert!(at + half < width, "{label} at {at}");
                seen += 1;
            }
        }
        assert!(seen > 120, "{seen} labels");
    }
}
