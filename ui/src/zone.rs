//! Time zones as the browser knows them; ours would be a large part of the download.

use jiff_bare::tz::TimeZone;
use js_sys::{Array, Date, Function, Intl, Object, Reflect};
use voltaire_chart::{day, zone};
use wasm_bindgen::{JsCast as _, JsValue};

use crate::browser;

/// The zone of an IANA name; `None` when the browser does not know it.
pub(crate) fn named(name: &str) -> Option<TimeZone> {
    if name == "UTC" {
        return Some(TimeZone::UTC);
    }
    if browser::time_zone().as_deref() == Some(name) {
        return zone::from_offsets(name, |at| (Date::new(&millis(at)).get_timezone_offset() * -60.0) as i32);
    }
    let format = format(name)?;
    zone::from_offsets(name, |at| offset(&format, at).unwrap_or(0))
}

/// All names that the browser knows.
pub(crate) fn names() -> Vec<String> {
    let ask = || {
        let ask: Function = Reflect::get(&intl()?, &"supportedValuesOf".into())
            .ok()?
            .dyn_into()
            .ok()?;
        ask.call1(&JsValue::UNDEFINED, &"timeZone".into())
            .ok()?
            .dyn_into::<Array>()
            .ok()
    };
    let known = ask().unwrap_or_default();
    known
        .iter()
        .filter_map(|name| name.as_string())
        .chain(["UTC".to_owned()])
        .collect()
}

fn intl() -> Option<JsValue> {
    Reflect::get(&js_sys::global(), &"Intl".into()).ok()
}

fn millis(seconds: i64) -> JsValue {
    JsValue::from_f64(seconds as f64 * 1000.0)
}

/// A formatter of local times, `11/23/2026, 14:20:05`. A name it does not know is an exception, not a value.
fn format(name: &str) -> Option<Function> {
    let options = Object::new();
    let parts = ["year", "month", "day", "hour", "minute", "second"].map(|part| (part, "numeric"));
    for (key, value) in parts.into_iter().chain([("timeZone", name), ("hourCycle", "h23")]) {
        Reflect::set(&options, &key.into(), &value.into()).ok()?;
    }
    let maker: Function = Reflect::get(&intl()?, &"DateTimeFormat".into()).ok()?.dyn_into().ok()?;
    let made = Reflect::construct(&maker, &Array::of2(&"en-US".into(), &options)).ok()?;
    Some(made.unchecked_into::<Intl::DateTimeFormat>().format())
}

/// Local time less UTC, seconds.
fn offset(format: &Function, at: i64) -> Option<i32> {
    let text = format.call1(&JsValue::UNDEFINED, &millis(at)).ok()?.as_string()?;
    let mut numbers = text
        .split(|letter: char| !letter.is_ascii_digit())
        .filter_map(|part| part.parse::<i64>().ok());
    let mut next = || numbers.next();
    let (month, date, year, hour, minute, second) = (next()?, next()?, next()?, next()?, next()?, next()?);
    let local = day::seconds(year, month, date)? + hour * 3600 + minute * 60 + second;
    i32::try_from(local - at).ok()
}
