//! The words every part of Voltaire shares: ids, units, money, time and the calendar. No I/O.

mod calendar;
mod id;
mod money;
#[cfg(feature = "sqlx")]
mod sql;
mod time;
mod unit;

pub use calendar::{Calendar, CalendarUnit, InvalidZone};
pub use id::{
    AlertId, AlertRuleId, CorrectionId, DeviceId, EventId, HomeId, InviteId, MessageId, SessionId, TokenId, UserId,
};
pub use money::{Currency, InvalidCurrency};
pub use rust_decimal::Decimal;
pub use time::{Clock, Interval, InvalidTimestamp, Timestamp};
pub use unit::{WattHours, Watts};
