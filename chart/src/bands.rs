//! Which price was in force when, as stretches of a chart, so that one sees when energy was cheap.

use crate::fmt;

/// A stretch at one price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// When it starts, milliseconds UTC.
    pub start: i64,
    /// When it ends.
    pub end: i64,
    /// Which of the prices.
    pub price: usize,
}

/// The prices of a chart and when each was in force.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bands {
    /// In order, without gaps after the first.
    pub stretches: Vec<Stretch>,
    /// Decimals per kWh, the lowest first.
    pub prices: Vec<String>,
}

impl Bands {
    /// From prices that each hold from an instant on, oldest first, as far as they reach into the chart. One price alone makes no bands.
    pub fn new(prices: &[(i64, &str)], (start, end): (i64, i64)) -> Self {
        let ends = prices.iter().skip(1).map(|next| next.0).chain([end]);
        let held: Vec<(i64, i64, &str)> = prices
            .iter()
            .zip(ends)
            .map(|((from, price), to)| ((*from).max(start), to.min(end), *price))
            .filter(|(from, to, _)| from < to)
            .collect();
        let mut different: Vec<(f64, &str)> = held.iter().filter_map(|it| Some((fmt::read(it.2)?, it.2))).collect();
        different.sort_by(|a, b| a.0.total_cmp(&b.0));
        different.dedup_by(|a, b| a.0.total_cmp(&b.0).is_eq());
        if different.len() < 2 {
            return Self::default();
        }
        let mut stretches: Vec<Stretch> = Vec::new();
        for (start, end, price) in held {
            let Some(price) =
                fmt::read(price).and_then(|price| different.iter().position(|it| it.0.total_cmp(&price).is_eq()))
            else {
                continue;
            };
            match stretches.last_mut() {
                // Another standing charge at the same price.
                Some(last) if last.price == price && last.end == start => last.end = end,
                _ => stretches.push(Stretch { start, end, price }),
            }
        }
        let prices = different.into_iter().map(|it| it.1.to_owned()).collect();
        Self { stretches, prices }
    }

    /// The price in force at an instant.
    pub fn at(&self, at: i64) -> Option<usize> {
        let stretch = self.stretches.iter().find(|it| it.start <= at && at < it.end)?;
        Some(stretch.price)
    }

    /// What a price is among the others: the class of its colour.
    pub fn class(&self, price: usize) -> &'static str {
        match price {
            0 => "low-price",
            last if last + 1 == self.prices.len() => "high-price",
            _ => "mid-price",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_by_the_time_of_day_are_bands() {
        let prices = [(-50, "0.21"), (6, "0.307"), (17, "0.42"), (21, "0.307"), (22, "0.21")];
        let bands = Bands::new(&prices, (0, 24));
        assert_eq!(bands.prices, ["0.21", "0.307", "0.42"]);
        let drawn: Vec<_> = bands
            .stretches
            .iter()
            .map(|it| (it.start, it.end, bands.class(it.price)))
            .collect();
        let expected = [
            (0, 6, "low-price"),
            (6, 17, "mid-price"),
            (17, 21, "high-price"),
            (21, 22, "mid-price"),
            (22, 24, "low-price"),
        ];
        assert_eq!(drawn, expected);
        assert_eq!((bands.at(17), bands.at(24)), (Some(2), None));
    }

    #[test]
    fn one_price_makes_no_bands() {
        assert_eq!(Bands::new(&[(0, "0.30")], (0, 24)), Bands::default());
        assert_eq!(
            Bands::new(&[(0, "0.30"), (24, "0.42")], (0, 24)),
            Bands::default(),
            "the other is not reached"
        );
        assert_eq!(
            Bands::new(&[(0, "0.30"), (12, "0.300")], (0, 24)),
            Bands::default(),
            "only the standing charge changed"
        );
        assert_eq!(Bands::new(&[], (0, 24)), Bands::default());
    }

    #[test]
    fn a_price_that_stays_goes_on_in_one_band() {
        let bands = Bands::new(&[(0, "0.30"), (6, "0.3"), (12, "0.42")], (0, 24));
        let drawn: Vec<_> = bands.stretches.iter().map(|it| (it.start, it.end)).collect();
        assert_eq!(drawn, [(0, 12), (12, 24)]);
        let later = Bands::new(&[(6, "0.30"), (12, "0.42")], (0, 24));
        assert_eq!(later.at(3), None, "before the first price");
    }
}
