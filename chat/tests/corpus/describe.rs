//! What was understood, for whoever reads the failures.

use voltaire_chat::understand::{Understood, plan::TimeExpr, timex};

use super::judge::Asked;

/// What was understood, for people.
pub(crate) fn describe(understood: &Understood, asked: &Asked<'_>) -> String {
    match understood {
        Understood::Plan { plan, unknown, .. } => {
            let when = |expr: &TimeExpr| match timex::resolve(expr, &asked.home.calendar(), asked.now) {
                Ok(span) if span.all => "all time".to_owned(),
                Ok(span) => format!(
                    "{} .. {}",
                    asked.home.calendar().local(span.interval.start).datetime(),
                    asked.home.calendar().local(span.interval.end).datetime()
                ),
                Err(error) => format!("{error:?}"),
            };
            let devices: Vec<&str> = plan.selection.devices.iter().map(|it| asked.home.device(*it)).collect();
            let mut value = serde_json::to_value(plan).expect("a plan is JSON");
            value["selection"]["devices"] = devices.into();
            value["period"] = plan.period.as_ref().map(when).into();
            value["compare_to"] = plan.compare_to.as_ref().map(when).into();
            if let Some(fields) = value.as_object_mut() {
                fields.retain(|_, it| !(it.is_null() || *it == 0 || it.as_array().is_some_and(Vec::is_empty)));
            }
            format!("{value} unknown {unknown:?}")
        }
        Understood::Clarify(pending) => {
            let options: Vec<&str> = pending.options.iter().map(|it| asked.home.device(*it)).collect();
            format!("asks: {options:?}")
        }
        Understood::Refuse(no) => format!("refuses: {no:?}"),
        Understood::Courtesy => "courtesy".to_owned(),
        Understood::Several(parts) => {
            let parts = parts
                .iter()
                .map(|it| format!("“{}”: {}", it.text, describe(&it.understood, asked)));
            parts.collect::<Vec<_>>().join("; ")
        }
    }
}
