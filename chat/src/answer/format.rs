//! How numbers and times are written: by the home's locale, currency and zone. One place for text, facts and charts.

use jiff::{Zoned, civil::Date};
use voltaire_types::{Calendar, Currency, Decimal, Interval, Timestamp};

use crate::understand::{
    plan::Unit,
    timex::{self, Stretches},
};

/// The habits of a home.
#[derive(Clone, Debug)]
pub(crate) struct Format {
    calendar: Calendar,
    currency: String,
    decimal: char,
    group: char,
    sign_first: bool,
    twelve_hours: bool,
    /// Periods that are told of by their parts, known by the whole that these lie in.
    stretches: Vec<Stretches>,
}

const THIN: char = '\u{202F}';
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];
const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

impl Format {
    pub(crate) fn new(calendar: &Calendar, currency: &str, locale: &str) -> Self {
        let mut parts = locale.split(['-', '_']);
        let language = parts.next().unwrap_or_default().to_ascii_lowercase();
        let region = parts.next().unwrap_or_default().to_ascii_uppercase();
        let (decimal, group) = match (language.as_str(), region.as_str()) {
            ("de" | "fr" | "it", "CH" | "LI") => ('.', '’'),
            ("de" | "es" | "it" | "nl" | "pt" | "da" | "tr" | "id" | "el" | "ro" | "hr" | "sl", _) => (',', '.'),
            (
                "fr" | "pl" | "cs" | "sk" | "sv" | "nb" | "no" | "fi" | "ru" | "uk" | "bg" | "hu" | "et" | "lv" | "lt",
                _,
            ) => (',', THIN),
            _ => ('.', ','),
        };
        Self {
            calendar: calendar.clone(),
            currency: currency.to_owned(),
            decimal,
            group,
            sign_first: decimal == '.' || language == "nl" || language == "tr",
            twelve_hours: language == "en" && ["US", "CA", "AU", "NZ", "IN", "PH"].contains(&region.as_str()),
            stretches: Vec::new(),
        }
    }

    /// The same where these periods have several stretches.
    pub(crate) fn with(self, stretches: &[Stretches]) -> Self {
        let stretches = stretches.to_vec();
        Self { stretches, ..self }
    }

    /// ISO 4217.
    pub(crate) fn currency(&self) -> &str {
        &self.currency
    }

    /// Exactly so many decimals, grouped; half away from zero.
    pub(crate) fn fixed(&self, value: f64, places: u32) -> String {
        let exact = format!("{value:.9}").parse::<Decimal>();
        exact.map_or_else(|_| "–".to_owned(), |it| self.decimal(it, places))
    }

    fn decimal(&self, value: Decimal, places: u32) -> String {
        let rounded = value.round_dp_with_strategy(places, rust_decimal::RoundingStrategy::MidpointAwayFromZero);
        let text = format!("{:.*}", places as usize, rounded.abs());
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
        let mut out = String::new();
        if rounded.is_sign_negative() && !rounded.is_zero() {
            out.push('\u{2212}');
        }
        for (at, digit) in whole.chars().enumerate() {
            if at > 0 && (whole.len() - at).is_multiple_of(3) {
                out.push(self.group);
            }
            out.push(digit);
        }
        if places > 0 {
            out.push(self.decimal);
            out.push_str(fraction);
        }
        out
    }

    /// Power, W.
    pub(crate) fn power(&self, watts: f64, unit: Option<Unit>) -> String {
        let kilo = match unit {
            Some(Unit::W) => false,
            Some(Unit::Kw) => true,
            _ => watts.abs() >= 999.5,
        };
        match (kilo, watts.abs()) {
            (false, _) => format!("{}{THIN}W", self.fixed(watts, 0)),
            (true, size) if size < 9_995.0 => format!("{}{THIN}kW", self.fixed(watts / 1000.0, 2)),
            (true, _) => format!("{}{THIN}kW", self.fixed(watts / 1000.0, 1)),
        }
    }

    /// A value in its unit with so many decimals; without a unit where it has none.
    pub(crate) fn measured(&self, value: f64, (unit, places): (&str, u32)) -> String {
        let space = if unit.is_empty() { "" } else { "\u{202F}" };
        format!("{}{space}{unit}", self.fixed(value, places))
    }

    /// Energy, Wh: in kilo- or megawatt-hours, or as asked for.
    pub(crate) fn energy(&self, wh: f64, unit: Option<Unit>) -> String {
        let kwh = wh / 1000.0;
        let size = kwh.abs();
        if unit == Some(Unit::Wh) {
            return format!("{}{THIN}Wh", self.fixed(wh, 0));
        }
        if size >= 9_999.5 && unit.is_none() {
            return format!("{}{THIN}MWh", self.fixed(kwh / 1000.0, u32::from(size < 99_950.0)));
        }
        if unit == Some(Unit::Mwh) {
            // As exact as kilowatt-hours are told.
            let places = if size < 99.95 { 4 } else { 3 };
            return format!("{}{THIN}MWh", self.fixed(kwh / 1000.0, places));
        }
        let places = if size < 0.995 { 2 } else { u32::from(size < 99.95) };
        format!("{}{THIN}kWh", self.fixed(kwh, places))
    }

    /// Money: the currency's own decimals, three below a tenth.
    pub(crate) fn money(&self, amount: Decimal) -> String {
        let minor = self
            .currency
            .parse::<Currency>()
            .map_or(2, |it| u32::from(it.minor_digits()));
        let small = minor == 2 && !amount.is_zero() && amount.abs() < Decimal::new(995, 4);
        let digits = self.decimal(amount, if small { 3 } else { minor });
        self.signed(&digits)
    }

    /// Money that was computed in floating point.
    pub(crate) fn amount(&self, value: f64) -> String {
        format!("{value:.9}")
            .parse()
            .map_or_else(|_| "–".to_owned(), |it| self.money(it))
    }

    /// A price per kWh with all its digits, at least three.
    pub(crate) fn price(&self, price: &str) -> String {
        let exact: Decimal = price.parse().unwrap_or_default();
        let digits = self.decimal(exact, exact.normalize().scale().max(3));
        format!("{digits}{THIN}{}/kWh", sign(&self.currency))
    }

    fn signed(&self, digits: &str) -> String {
        let sign = sign(&self.currency);
        if !self.sign_first {
            return format!("{digits}{THIN}{sign}");
        }
        let space = if sign.chars().all(char::is_alphabetic) {
            THIN.to_string()
        } else {
            String::new()
        };
        match digits.strip_prefix('\u{2212}') {
            Some(rest) => format!("\u{2212}{sign}{space}{rest}"),
            None => format!("{sign}{space}{digits}"),
        }
    }

    /// A share, 0 to 1.
    pub(crate) fn share(&self, share: f64) -> String {
        let percent = share * 100.0;
        if percent > 0.0 && percent < 1.0 {
            return format!("<1{THIN}%");
        }
        format!("{}{THIN}%", self.fixed(percent, 0))
    }

    /// A relative change with its sign: `−17 %`.
    pub(crate) fn change(&self, ratio: f64) -> String {
        let sign = if ratio < 0.0 { "\u{2212}" } else { "" };
        format!("{sign}{}", self.share(ratio.abs()))
    }

    /// A length of time: `45 s`, `12 min`, `2 h 15 min`.
    pub(crate) fn length(&self, seconds: f64) -> String {
        if seconds.abs() < 59.5 {
            return format!("{}{THIN}s", self.fixed(seconds, 0));
        }
        let minutes = (seconds / 60.0).round();
        let (hours, rest) = ((minutes / 60.0).trunc(), minutes % 60.0);
        match (hours > 0.0, rest > 0.0) {
            (false, _) => format!("{}{THIN}min", self.fixed(minutes, 0)),
            (true, false) => format!("{}{THIN}h", self.fixed(hours, 0)),
            (true, true) => format!("{}{THIN}h {}{THIN}min", self.fixed(hours, 0), self.fixed(rest, 0)),
        }
    }

    /// A time of day: `14:20`, `2:20 pm`.
    pub(crate) fn time(&self, at: Timestamp) -> String {
        let local = self.calendar.local(at);
        self.clock(u16::try_from(i32::from(local.hour()) * 60 + i32::from(local.minute())).unwrap_or(0))
    }

    /// Minutes after midnight.
    fn clock(&self, minute: u16) -> String {
        let (hour, minute) = (minute / 60, minute % 60);
        if !self.twelve_hours {
            return format!("{hour:02}:{minute:02}");
        }
        let half = if hour % 24 < 12 { "am" } else { "pm" };
        format!("{}:{minute:02}{THIN}{half}", (hour + 11) % 12 + 1)
    }

    /// A moment: `Mon 9 Nov 2026, 14:20`.
    pub(crate) fn moment(&self, at: Timestamp) -> String {
        format!("{}, {}", Self::day(self.calendar.date(at)), self.time(at))
    }

    /// A day: `Mon 9 Nov 2026`.
    pub(crate) fn day(date: Date) -> String {
        let weekday = DAYS
            .get(usize::try_from(date.weekday().to_monday_zero_offset()).unwrap_or(0))
            .copied()
            .unwrap_or_default();
        format!("{weekday} {} {} {}", date.day(), month(date), date.year())
    }

    /// A period: `Mon 9 Nov 2026`, `9–15 Nov 2026`, `Oct 2026`, `9 Nov 2026, 18:00–21:00`; of several stretches:
    /// `9–15 Nov 2026, Mon–Fri, 18:00–24:00 (5 times)`.
    pub(crate) fn period(&self, interval: Interval) -> String {
        let several = |it: &&Stretches| it.hull() == interval && (it.has_weekdays() || it.window.is_some());
        self.stretches
            .iter()
            .find(several)
            .map_or_else(|| self.whole(interval), |it| self.parts(it))
    }

    fn parts(&self, it: &Stretches) -> String {
        let mut words = vec![self.whole(it.base)];
        if it.has_weekdays() {
            words.push(timex::weekdays(it.weekdays));
        }
        let noun = match it.window {
            Some((from, to)) => {
                let end = if to == 0 { 1440 } else { to };
                words.push(format!("{}–{}", self.clock(from), self.clock(end)));
                "time"
            }
            None => "day",
        };
        let count = it.each.len();
        let plural = if count == 1 { "" } else { "s" };
        format!("{} ({count} {noun}{plural})", words.join(", "))
    }

    fn whole(&self, interval: Interval) -> String {
        let (start, end) = (self.calendar.local(interval.start), self.calendar.local(interval.end));
        let midnight = |it: &Zoned| self.calendar.start_of_day(it.date()).jiff() == it.timestamp();
        if midnight(&start) && midnight(&end) {
            let last = end.date().yesterday().unwrap_or(end.date());
            return Self::days(start.date(), last);
        }
        if midnight(&start) {
            let days = Self::days(start.date(), end.date());
            return format!("{days}, until {}", self.time(interval.end));
        }
        if start.date() == end.date() {
            return format!(
                "{}, {}–{}",
                Self::day(start.date()),
                self.time(interval.start),
                self.time(interval.end)
            );
        }
        format!("{} – {}", self.moment(interval.start), self.moment(interval.end))
    }

    fn days(first: Date, last: Date) -> String {
        let whole_month = first.day() == 1 && last == first.last_of_month();
        let whole_year = first == first.first_of_year() && last == first.last_of_year();
        match () {
            () if first >= last => Self::day(first),
            () if whole_year => format!("{}", first.year()),
            () if whole_month => format!("{} {}", month(first), first.year()),
            () if first.year() != last.year() => {
                format!(
                    "{} {} {} – {} {} {}",
                    first.day(),
                    month(first),
                    first.year(),
                    last.day(),
                    month(last),
                    last.year()
                )
            }
            () if first.month() != last.month() => {
                format!(
                    "{} {} – {} {} {}",
                    first.day(),
                    month(first),
                    last.day(),
                    month(last),
                    last.year()
                )
            }
            () => format!("{}–{} {} {}", first.day(), last.day(), month(last), last.year()),
        }
    }
}

fn month(date: Date) -> &'static str {
    MONTHS
        .get(usize::try_from(date.month() - 1).unwrap_or(0))
        .copied()
        .unwrap_or_default()
}

fn sign(code: &str) -> &str {
    match code {
        "EUR" => "€",
        "USD" => "$",
        "GBP" => "£",
        "JPY" | "CNY" => "¥",
        "INR" => "₹",
        "KRW" => "₩",
        "PLN" => "zł",
        "CZK" => "Kč",
        "SEK" | "NOK" | "DKK" | "ISK" => "kr",
        "AUD" => "A$",
        "CAD" => "CA$",
        "NZD" => "NZ$",
        "BRL" => "R$",
        "TRY" => "₺",
        "UAH" => "₴",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn format(locale: &str, currency: &str) -> Format {
        Format::new(
            &Calendar::new("Europe/Berlin", jiff::civil::Weekday::Monday).unwrap(),
            currency,
            locale,
        )
    }

    #[test]
    fn numbers_follow_the_locale() {
        let (en, de) = (format("en-GB", "EUR"), format("de-DE", "EUR"));
        assert_eq!(en.energy(12_345.0, None), "12.3\u{202F}kWh");
        assert_eq!(de.energy(1_234_567.0, None), "1.235\u{202F}kWh");
        assert_eq!(en.energy(420.0, None), "0.42\u{202F}kWh");
        assert_eq!(en.energy(420.4, Some(Unit::Wh)), "420\u{202F}Wh");
        assert_eq!(en.energy(432_100.0, Some(Unit::Mwh)), "0.432\u{202F}MWh");
        assert_eq!(en.energy(4_321.0, Some(Unit::Mwh)), "0.0043\u{202F}MWh");
        assert_eq!(en.power(2_310.0, None), "2.31\u{202F}kW");
        assert_eq!(en.power(2_310.0, Some(Unit::W)), "2,310\u{202F}W");
        assert_eq!(en.money("2.785".parse().unwrap()), "€2.79");
        assert_eq!(de.money("2.785".parse().unwrap()), "2,79\u{202F}€");
        assert_eq!(en.money("0.0041".parse().unwrap()), "€0.004");
        assert_eq!(format("ja-JP", "JPY").money("412.4".parse().unwrap()), "¥412");
        assert_eq!(en.price("0.3427"), "0.3427\u{202F}€/kWh");
        assert_eq!(en.share(0.004), "<1\u{202F}%");
        assert_eq!(en.change(-0.17), "\u{2212}17\u{202F}%");
        assert_eq!(en.change(0.17), "17\u{202F}%");
    }

    #[test]
    fn periods_are_told_by_the_local_calendar() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let en = format("en-GB", "EUR");
        let period = |from, to| en.period(Interval::new(at(from), at(to)));
        assert_eq!(period("2026-11-08T23:00:00Z", "2026-11-15T23:00:00Z"), "9–15 Nov 2026");
        assert_eq!(period("2026-09-30T22:00:00Z", "2026-10-31T23:00:00Z"), "Oct 2026");
        assert_eq!(period("2026-11-08T23:00:00Z", "2026-11-09T23:00:00Z"), "Mon 9 Nov 2026");
        assert_eq!(
            period("2026-11-09T17:00:00Z", "2026-11-09T20:00:00Z"),
            "Mon 9 Nov 2026, 18:00–21:00"
        );
    }
}
