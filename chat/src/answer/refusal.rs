//! Honest noes, each with what can be asked instead.

use super::event::Reason;
use crate::understand::{No, Topic};

/// The reason and the sentence.
pub(crate) fn refusal(no: &No, devices: &[String]) -> (Reason, String) {
    match no {
        No::NotUnderstood(words) if words.is_empty() => (
            Reason::NotUnderstood,
            "I did not understand the question. I speak English and answer questions about this home's energy, such as “How much did I use yesterday?”.".to_owned(),
        ),
        No::NotUnderstood(words) => (
            Reason::NotUnderstood,
            format!("I understood a part of it, but not {}, and I would rather not guess. Please say it in other words.", quoted(words)),
        ),
        No::OffTopic => (
            Reason::OffTopic,
            "That is not my subject. I answer questions about this home's energy: what it used, what it cost, when and by which device.".to_owned(),
        ),
        No::UnknownDevice(words) => (Reason::UnknownDevice, unknown_device(words, devices)),
        No::Future => (
            Reason::Future,
            "That time has not come yet, so there are no readings. I can answer for any time up to now; for a day of another year, say the year.".to_owned(),
        ),
        No::Private => (
            Reason::Private,
            "I only answer about your own home, never about other people or accounts.".to_owned(),
        ),
        No::OtherCurrency(words) => (
            Reason::NotSupported,
            format!("I do not convert money into “{words}”: I answer in your home's own currency. Leave the currency out to see it."),
        ),
        No::NoTariff => (
            Reason::NotSupported,
            "No tariff is set, so I cannot tell what that costs: set one in the settings. I can tell the energy.".to_owned(),
        ),
        No::Unsupported(topic) => (Reason::NotSupported, unsupported(*topic).to_owned()),
    }
}

fn unknown_device(words: &str, devices: &[String]) -> String {
    let known = match devices.len() {
        0 => "This home has no devices yet.".to_owned(),
        1..=12 => format!("Your devices are {}.", list(devices)),
        more => format!("You have {more} devices; ask “What devices do I have?” to see them."),
    };
    format!("I know no “{words}” in this home. {known}")
}

const fn unsupported(topic: Topic) -> &'static str {
    match topic {
        Topic::AlwaysOn => {
            "I can tell what is always on of the whole home or of one device, as in “standby load last week”, but not that."
        }
        Topic::Runs => {
            "I can count and time the runs of one device, as in “how often did the dryer run last week”, “how long was it on” or “when did it last run”, but not that."
        }
        Topic::Unusual => {
            "I can list unusual days, as in “anything odd last week?”, and compare two periods, but not that."
        }
        Topic::Why => {
            "I can explain why one period took more or less than another, as in “why was yesterday higher than the day before?”, but not that."
        }
        Topic::Forecast => {
            "I can tell what the running day, week, month or year will come to, as in “forecast of the cost this month”, but not that."
        }
        Topic::WhatIf => {
            "I can compute what a part more or less would have meant, as in “what if the dryer used 30 % less last month”, but not that."
        }
        Topic::Threshold => {
            "I can tell for how long the power was above or below a value, as in “how long was the house above 2 kW yesterday”, but not that."
        }
        Topic::DataQuality => {
            "I can tell how complete readings are and list the longest gaps, as in “any missing data last week?”, but not that."
        }
        Topic::Electrical => {
            "I can tell the highest, lowest and mean voltage, current and power factor of a device over at most a few weeks, as in “maximum amps of the dryer last week”, but not that."
        }
        Topic::Solar => {
            "I cannot answer about solar, battery and export yet. I can tell what the home and its devices used."
        }
        Topic::Carbon => "I know nothing about emissions. I can tell energy and cost.",
        Topic::PastPrice => {
            "I can tell the tariff that is in force now, and what any past period cost, but not past prices by themselves."
        }
        Topic::SeveralDays => {
            "I can tell totals, means, peaks, rankings and comparisons of parts of several days, as in “weekday evenings last week” or “between 6 and 9 pm in October”, but not that."
        }
        Topic::WhichNight => {
            "A night belongs to two days, and I would rather not guess which one you mean: say the hours, as in “between 10 pm and 6 am on Fridays in October”."
        }
        Topic::Advice => "I give no advice. I can show what uses the most, as in “top 5 devices last month”.",
        Topic::Command => {
            "I only read: I cannot switch, set or change anything. I can tell what is on and what it uses."
        }
    }
}

fn quoted(words: &[String]) -> String {
    let quoted: Vec<String> = words.iter().take(5).map(|it| format!("“{it}”")).collect();
    list(&quoted)
}

/// `a, b and c`.
pub(crate) fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [only] => only.clone(),
        [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
    }
}
