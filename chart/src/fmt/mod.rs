//! How figures are printed, in one place: power, energy, money, shares, ages and times, in the reader's language and number style.
//!
//! Rules: U+2212 is the minus, U+202F joins number and unit, a missing value is an en dash and never 0.

mod axis;
mod currency;
mod locale;
mod number;
mod quantity;
mod time;

pub use axis::Axis;
pub use currency::{for_region, minor_digits};
pub use locale::{Lang, Locale};
pub use number::{MISSING, decimal, fixed, read};
pub use quantity::{Quantity, amount, change, duration, energy, money, power, price, share};
pub use time::{
    age, clock, clock_seconds, date, date_time, month, month_year, offset_name, range, short_date, step, tick, weekday,
};

/// Joins a number and its unit.
pub const THIN: char = '\u{202F}';
/// The minus sign.
pub const MINUS: char = '\u{2212}';
