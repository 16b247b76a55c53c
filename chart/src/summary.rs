//! What a chart says, as a sentence: for screen readers, and for everybody in a hurry.

use crate::fmt::{Axis, Lang, Locale};

/// What a summary is made from.
#[derive(Clone, Copy, Debug)]
pub struct Summary<'a> {
    /// The total of each step; NaN where nothing was measured.
    pub values: &'a [f64],
    /// The name of each step, as `18:00` or `Mon 23 Nov`.
    pub labels: &'a [String],
    /// How values are printed.
    pub axis: &'a Axis,
    /// Whether the values add up (energy, money) or not (power).
    pub additive: bool,
}

/// One or two sentences: the sum where there is one, the highest and the lowest step, what is missing. `None` without any value.
pub fn sentence(summary: &Summary<'_>, locale: &Locale) -> Option<String> {
    let known = || {
        summary
            .values
            .iter()
            .copied()
            .enumerate()
            .filter(|(_, value)| value.is_finite())
    };
    // The earliest of equals, as everywhere.
    let high = known().reduce(|best, next| if next.1 > best.1 { next } else { best })?;
    let low = known().reduce(|best, next| if next.1 < best.1 { next } else { best })?;
    let say = |(step, value): (usize, f64)| {
        (
            summary.axis.value(value, locale),
            summary.labels.get(step).cloned().unwrap_or_default(),
        )
    };
    let ((most, at), (least, then)) = (say(high), say(low));
    let sum = summary.axis.sum(known().map(|(_, value)| value).sum(), locale);
    let missing = summary.values.len() - known().count();
    let mut text = match (locale.lang, summary.additive) {
        (Lang::En, true) => format!("{sum} in all. Most: {most} ({at}); least: {least} ({then})."),
        (Lang::En, false) => format!("Highest {most} ({at}); lowest {least} ({then})."),
        (Lang::De, true) => format!("Insgesamt {sum}. Am meisten: {most} ({at}); am wenigsten: {least} ({then})."),
        (Lang::De, false) => format!("Höchster Wert {most} ({at}); niedrigster {least} ({then})."),
    };
    if missing > 0 {
        text.push_str(&gap_sentence(missing, summary.values.len(), locale));
    }
    Some(text)
}

fn gap_sentence(missing: usize, of: usize, locale: &Locale) -> String {
    match locale.lang {
        Lang::En => format!(" No readings in {missing} of {of} steps."),
        Lang::De => format!(" Keine Messwerte in {missing} von {of} Abschnitten."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(count: usize) -> Vec<String> {
        (0..count).map(|hour| format!("{hour:02}:00")).collect()
    }

    #[test]
    fn a_chart_can_be_read_aloud() {
        let (values, labels, axis) = ([1000.0, 3100.0, f64::NAN, 200.0], labels(4), Axis::energy(3100.0));
        let text = sentence(
            &Summary {
                values: &values,
                labels: &labels,
                axis: &axis,
                additive: true,
            },
            &Locale::default(),
        );
        let expected = "4.3 kWh in all. Most: 3.10 kWh (01:00); least: 0.20 kWh (03:00). No readings in 1 of 4 steps.";
        assert_eq!(text.unwrap().replace('\u{202F}', " "), expected);
    }

    #[test]
    fn power_is_not_added_up() {
        let (values, labels, axis) = ([88.0, 88.0], labels(2), Axis::power(88.0));
        let text = sentence(
            &Summary {
                values: &values,
                labels: &labels,
                axis: &axis,
                additive: false,
            },
            &Locale::default(),
        );
        assert_eq!(
            text.unwrap().replace('\u{202F}', " "),
            "Highest 88 W (00:00); lowest 88 W (00:00)."
        );
    }

    #[test]
    fn nothing_says_nothing() {
        let axis = Axis::power(1.0);
        let summary = Summary {
            values: &[f64::NAN],
            labels: &[],
            axis: &axis,
            additive: true,
        };
        assert_eq!(sentence(&summary, &Locale::default()), None);
    }
}
