//! What begins with a digit: numbers, ordinals, dates, clock times; and numerals in words.

use jiff::civil::Date;

use super::normalise::Kind;

const CARDINALS: [&str; 21] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
];
const ORDINALS: [&str; 10] = [
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
];

/// `three` is 3.
pub(crate) fn cardinal(word: &str) -> Option<u32> {
    let tens = match word {
        "thirty" => Some(30),
        "forty" => Some(40),
        "fifty" => Some(50),
        "sixty" => Some(60),
        "ninety" => Some(90),
        "hundred" => Some(100),
        _ => None,
    };
    tens.or_else(|| {
        CARDINALS
            .iter()
            .position(|it| *it == word)
            .and_then(|it| u32::try_from(it).ok())
    })
}

/// `third` is 3.
pub(crate) fn ordinal(word: &str) -> Option<u32> {
    ORDINALS
        .iter()
        .position(|it| *it == word)
        .and_then(|it| u32::try_from(it + 1).ok())
}

/// The length and kind of what stands at the start; the text begins with a digit.
pub(crate) fn scan(text: &str, month_first: bool) -> (usize, Kind) {
    date(text, month_first)
        .or_else(|| clock(text))
        .or_else(|| nth(text))
        .unwrap_or_else(|| number(text))
}

fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

/// Three runs of digits with the same separator, or two with a slash or dots.
fn date(text: &str, month_first: bool) -> Option<(usize, Kind)> {
    let first = digits(text);
    let separator = text.as_bytes().get(first).copied().filter(|it| b"-/.".contains(it))?;
    let second_at = first + 1;
    let second = digits(text.get(second_at..)?);
    if second == 0 || first > 4 || second > 2 {
        return None;
    }
    let a: i16 = text.get(..first)?.parse().ok()?;
    let b: i16 = text.get(second_at..second_at + second)?.parse().ok()?;
    let end = second_at + second;
    let third = (text.as_bytes().get(end) == Some(&separator)).then(|| digits(text.get(end + 1..).unwrap_or_default()));
    match third {
        Some(length @ (1 | 2 | 4)) => {
            let c: i16 = text.get(end + 1..end + 1 + length)?.parse().ok()?;
            let (year, month, day) = if first == 4 {
                (a, b, c)
            } else {
                order(a, b, c, month_first && separator == b'/')
            };
            let year = if year < 100 { 2000 + year } else { year };
            let date = Date::new(year, month.try_into().ok()?, day.try_into().ok()?).ok()?;
            Some((end + 1 + length, Kind::Date(date)))
        }
        Some(0) if separator == b'.' => {
            let (_, month, day) = order(a, b, 0, false);
            day_month(day, month).map(|kind| (end + 1, kind))
        }
        None if separator == b'/' => {
            let (_, month, day) = order(a, b, 0, month_first);
            day_month(day, month).map(|kind| (end, kind))
        }
        _ => None,
    }
}

fn order(a: i16, b: i16, year: i16, month_first: bool) -> (i16, i16, i16) {
    let month_first = if a > 12 { false } else { month_first || b > 12 };
    if month_first { (year, a, b) } else { (year, b, a) }
}

fn day_month(day: i16, month: i16) -> Option<Kind> {
    // 2024 has every day that any year has.
    let (day, month) = (day.try_into().ok()?, month.try_into().ok()?);
    Date::new(2024, month, day).ok().map(|_| Kind::DayMonth(day, month))
}

fn clock(text: &str) -> Option<(usize, Kind)> {
    let hours = digits(text);
    let rest = text.get(hours..)?.strip_prefix(':')?;
    let minutes = digits(rest);
    let (h, m): (u16, u16) = (text.get(..hours)?.parse().ok()?, rest.get(..minutes)?.parse().ok()?);
    (hours <= 2 && minutes == 2 && m < 60 && (h < 24 || (h, m) == (24, 0)))
        .then_some((hours + 1 + minutes, Kind::Clock(h * 60 + m)))
}

fn nth(text: &str) -> Option<(usize, Kind)> {
    let length = digits(text);
    let rest = text.get(length..)?;
    let ending = rest.get(..2)?.to_ascii_lowercase();
    let alone = !rest.get(2..)?.starts_with(char::is_alphanumeric);
    let value = text.get(..length)?.parse().ok()?;
    (alone && ["st", "nd", "rd", "th"].contains(&ending.as_str())).then_some((length + 2, Kind::Ordinal(value)))
}

fn number(text: &str) -> (usize, Kind) {
    let mut end = digits(text);
    let mut plain = text.get(..end).unwrap_or_default().to_owned();
    while let Some(group) = text
        .get(end..)
        .and_then(|rest| rest.strip_prefix(','))
        .filter(|rest| digits(rest) == 3)
    {
        if plain.len() > 12 {
            break;
        }
        plain.push_str(group.get(..3).unwrap_or_default());
        end += 4;
    }
    if let Some(rest) = text.get(end..).and_then(|rest| rest.strip_prefix(['.', ','])) {
        let fraction = digits(rest);
        if fraction > 0 {
            plain = format!("{plain}.{}", rest.get(..fraction).unwrap_or_default());
            end += 1 + fraction;
        }
    }
    (end.max(1), Kind::Number(plain.parse().unwrap_or(f64::NAN)))
}
