//! Which questions a load asks, and how often each.

use std::{fmt, str::FromStr};

/// A kind of call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// Readings of all devices of a home.
    Ingest,
    /// The last values of a home.
    Latest,
    /// A summary of today, with each device.
    Summary,
    /// The days of this month.
    Series,
    /// A question in words.
    Ask,
}

impl Kind {
    /// All kinds, in the order in which they are told.
    pub(super) const ALL: [Self; 5] = [Self::Ingest, Self::Latest, Self::Summary, Self::Series, Self::Ask];

    /// Its name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Ingest => "ingest",
            Self::Latest => "latest",
            Self::Summary => "summary",
            Self::Series => "series",
            Self::Ask => "ask",
        }
    }
}

/// The parts of each question, as `latest=3,ask=1`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mix(Vec<(Kind, u32)>);

impl Mix {
    /// The question for a random number from 0 to 1.
    pub(super) fn at(&self, chance: f64) -> Kind {
        let sum: u32 = self.0.iter().map(|(_, parts)| parts).sum();
        let mut left = chance * f64::from(sum);
        for (kind, parts) in &self.0 {
            left -= f64::from(*parts);
            if left < 0.0 {
                return *kind;
            }
        }
        Kind::Latest
    }
}

impl Default for Mix {
    fn default() -> Self {
        Self(vec![
            (Kind::Latest, 60),
            (Kind::Summary, 25),
            (Kind::Series, 10),
            (Kind::Ask, 5),
        ])
    }
}

impl fmt::Display for Mix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = self.0.iter().map(|(kind, parts)| format!("{}={parts}", kind.name()));
        f.write_str(&parts.collect::<Vec<_>>().join(","))
    }
}

impl FromStr for Mix {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let part = |part: &str| {
            let (name, parts) = part.split_once('=')?;
            let kind = Kind::ALL.into_iter().skip(1).find(|it| it.name() == name.trim())?;
            Some((kind, parts.trim().parse::<u16>().ok()?.into()))
        };
        let mix = text
            .split(',')
            .map(|it| part(it).ok_or_else(|| format!("{it:?} is none of latest=N, summary=N, series=N, ask=N")))
            .collect::<Result<Vec<_>, _>>()?;
        if mix.iter().all(|(_, parts)| *parts == 0) {
            return Err("one of the parts must be above 0".to_owned());
        }
        Ok(Self(mix))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_shares() {
        assert_eq!(Mix::default().to_string().parse(), Ok(Mix::default()));
        let mix: Mix = "latest=3, ask=1".parse().unwrap();
        let at = |chance| mix.at(chance);
        assert_eq!(
            [at(0.0), at(0.74), at(0.76), at(0.999)],
            [Kind::Latest, Kind::Latest, Kind::Ask, Kind::Ask]
        );
        for wrong in [
            "",
            "latest",
            "latest=x",
            "latest=-1",
            "ingest=1",
            "latest=0,ask=0",
            "latest=70000",
        ] {
            assert!(wrong.parse::<Mix>().is_err(), "{wrong}");
        }
    }
}
