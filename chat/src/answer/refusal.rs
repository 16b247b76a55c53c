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
            "I cannot tell the always-on load yet. I can tell the lowest power of a day, as in “lowest power yesterday between 2am and 5am”."
        }
        Topic::Runs => {
            "I cannot count or time runs of a device yet. I can tell how much it used, its peak and when, and whether it is on now."
        }
        Topic::Unusual => {
            "I cannot tell what is usual or unusual yet. I can compare two periods, as in “last week against the week before”."
        }
        Topic::Why => "I cannot explain causes yet. I can rank the devices of a period or compare it with another one.",
        Topic::Forecast => "I do not forecast yet. I can tell how much it is so far, as in “cost this month”.",
        Topic::WhatIf => "I cannot compute what would be yet. I can tell what was used and what it cost.",
        Topic::Threshold => {
            "I cannot tell for how long the power was above or below a value yet. I can tell the peak and when it was."
        }
        Topic::DataQuality => {
            "I cannot list gaps in the readings yet. I can tell how far back they go, and every answer says how much of its period is covered."
        }
        Topic::Electrical => "I cannot answer about volts and amperes yet. I can tell power, energy and cost.",
        Topic::Solar => {
            "I cannot answer about solar, battery and export yet. I can tell what the home and its devices used."
        }
        Topic::Carbon => "I know nothing about emissions. I can tell energy and cost.",
        Topic::PastPrice => {
            "I can tell the tariff that is in force now, and what any past period cost, but not past prices by themselves."
        }
        Topic::SeveralDays => {
            "I can answer for a time of day on one day, but not yet over several days. Ask for one day, as in “yesterday between 2am and 5am”."
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
