//! A heat map of hours by weekdays: which field is how strong, and where nothing was measured.

/// Hours of a day.
pub const HOURS: usize = 24;
/// Days of a week.
pub const DAYS: usize = 7;
/// How many strengths a field can have.
pub const LEVELS: u8 = 6;

/// A week by hours.
#[derive(Clone, Debug, PartialEq)]
pub struct Heat {
    /// The values by row, then hour; NaN where nothing was measured. Rows begin with the week's first day.
    pub values: Vec<Vec<f64>>,
    /// The weekday of each row, 1 Monday to 7 Sunday.
    pub weekdays: Vec<i8>,
    largest: f64,
}

impl Heat {
    /// From `(weekday, hour, value)`, weekday 1 Monday to 7 Sunday; rows begin with `week_start`. What is outside of a week is left out.
    pub fn new(fields: &[(u32, u32, f64)], week_start: i8) -> Self {
        let first = week_start.clamp(1, 7) - 1;
        let weekdays: Vec<i8> = (0..7).map(|row| (first + row) % 7 + 1).collect();
        let mut values = vec![vec![f64::NAN; HOURS]; DAYS];
        for (weekday, hour, value) in fields {
            let row = weekdays.iter().position(|day| i64::from(*day) == i64::from(*weekday));
            let field = row.and_then(|row| values.get_mut(row)?.get_mut(*hour as usize));
            if let Some(field) = field {
                *field = *value;
            }
        }
        let known = values.iter().flatten().copied().filter(|value| value.is_finite());
        let largest = known.fold(0.0, f64::max);
        Self {
            values,
            weekdays,
            largest,
        }
    }

    /// How strong a value is: 0 for nothing, up to `LEVELS`; `None` where nothing was measured.
    pub fn level(&self, value: f64) -> Option<u8> {
        if !value.is_finite() {
            return None;
        }
        if value <= 0.0 || self.largest <= 0.0 {
            return Some(0);
        }
        let level = (value / self.largest * f64::from(LEVELS)).ceil();
        Some((level as u8).clamp(1, LEVELS))
    }

    /// The field with the largest value: row, hour, value; the earliest of equals.
    pub fn peak(&self) -> Option<(usize, usize, f64)> {
        let fields = self.values.iter().enumerate().flat_map(|(row, hours)| {
            let field = move |(hour, value): (usize, &f64)| (row, hour, *value);
            hours.iter().enumerate().map(field)
        });
        fields
            .filter(|field| field.2.is_finite())
            .fold(None, |best: Option<(usize, usize, f64)>, field| match best {
                Some(best) if best.2 >= field.2 => Some(best),
                _ => Some(field),
            })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn rows_begin_with_the_first_day_of_the_week() {
        let heat = Heat::new(&[(7, 23, 100.0), (1, 0, 50.0)], 7);
        assert_eq!(heat.weekdays, [7, 1, 2, 3, 4, 5, 6]);
        assert_eq!((heat.values[0][23], heat.values[1][0]), (100.0, 50.0));
        assert_eq!(heat.peak(), Some((0, 23, 100.0)));
        assert_eq!(heat.level(heat.values[3][3]), None);
    }

    #[test]
    fn a_week_without_values_has_no_peak() {
        assert_eq!(Heat::new(&[(8, 1, 1.0), (1, 24, 1.0)], 1).peak(), None);
    }

    proptest! {
        #[test]
        fn a_larger_value_is_never_weaker(a in 0.0..5000.0f64, b in 0.0..5000.0f64) {
            let heat = Heat::new(&[(1, 0, a), (1, 1, b), (2, 2, 5000.0)], 1);
            let (low, high) = (a.min(b), a.max(b));
            prop_assert!(heat.level(low) <= heat.level(high));
            prop_assert_eq!(heat.level(5000.0), Some(LEVELS));
        }
    }
}
