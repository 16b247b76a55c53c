//! What the month's cost is made of: which devices explain the change, and what each of them cost.

use dioxus::prelude::*;
use voltaire_chart::{Axis, bars, color, fmt, waterfall};
use voltaire_proto::telemetry::v1::{self as pb, ExplainChangeRequest, ExplainChangeResponse, SummarizeResponse};

use super::{
    costs::{amount, month, shown},
    usage_data::is_of,
};
use crate::{
    api,
    chart::{Frame, RankedBars, Series, Setting, Waterfall},
    load::{use_catalog, use_load},
    parts::{Problem, Skeleton},
    state::use_app,
};

/// So many parts of a change are shown; the others as one.
const PARTS: usize = 6;

/// Which devices explain the difference to the month before.
#[component]
pub(super) fn Changed() -> Element {
    let app = use_app();
    let text = app.text();
    let load = use_load(move || {
        api::figures(ExplainChangeRequest {
            home_id: app.home_id(),
            period: Some(month(0)),
            compare_to: Some(month(1)),
            scope: Some(api::whole_home()),
        })
    });
    let answer = load.data();
    let empty = answer.as_ref().is_some_and(|answer| answer.compared_coverage <= 0.0);
    rsx! {
        section { class: "card stack", "data-testid": "what-changed", "data-state": if empty { "empty" } else { load.state() },
            if let Some(failure) = load.failure() {
                Problem { failure, onretry: move |()| load.reload() }
            }
            match answer {
                Some(_) if empty => rsx! { h2 { {text.what_changed()} } p { class: "muted", {text.nothing_changed()} } },
                Some(answer) => rsx! { Steps { answer } },
                None if load.failure().is_none() => rsx! { Skeleton { shape: "sk-plot" } },
                None => rsx! {},
            }
        }
    }
}

#[component]
fn Steps(answer: ExplainChangeResponse) -> Element {
    let app = use_app();
    let text = app.text();
    let changes: Vec<f64> = answer.parts.iter().map(|part| part.change_wh).collect();
    let (kept, rest) = waterfall::largest(&changes, PARTS);
    let named = kept.iter().filter_map(|index| answer.parts.get(*index));
    let parts = named.map(|part| (part.label.clone(), part.change_wh));
    let parts: Vec<(String, f64)> = parts.chain(rest.map(|rest| (text.others().to_owned(), rest))).collect();
    let axis = Axis::energy(answer.energy_wh.max(answer.compared_wh));
    let locale = app.locale();
    let change = fmt::change(answer.compared_wh, answer.energy_wh, &locale).unwrap_or_default();
    let money = answer.change_cost.as_ref().map(|money| {
        let sign = if money.amount.starts_with('-') { "" } else { "+" };
        format!(", {sign}{}", shown(app, Some(money)))
    });
    let sum = format!("{change}{}", money.unwrap_or_default());
    rsx! {
        Waterfall { id: "changed", title: text.what_changed(), axis, before: (text.before_part().to_owned(), answer.compared_wh), after: text.after_part().to_owned(), parts }
        p { class: "muted", "data-testid": "change-sum", "{sum}" }
        p { class: "hint", {text.what_changed_text()} }
    }
}

/// What each device cost this month.
#[component]
pub(super) fn ByDevice(sums: SummarizeResponse) -> Element {
    let app = use_app();
    let text = app.text();
    let consumers = use_catalog().data().unwrap_or_default().consumers();
    let counts = |total: &&pb::Summary| consumers.iter().any(|device| is_of(total, device));
    let rows: Vec<&pb::Summary> = sums.devices.iter().filter(counts).collect();
    let costs: Vec<f64> = rows.iter().map(|row| amount(row.cost.as_ref())).collect();
    let order = bars::most_first(&costs);
    let known = order
        .into_iter()
        .filter_map(|index| rows.get(index).copied().zip(costs.get(index).copied()));
    let known = known.filter(|(_, cost)| *cost > 0.0);
    let colour = |row: &pb::Summary| {
        let device = consumers.iter().find(|device| is_of(row, device))?;
        Some(color::class(device.color_slot))
    };
    let mut colours = Vec::new();
    let (labels, values): (Vec<String>, Vec<f64>) = known
        .inspect(|(row, _)| colours.push(colour(row)))
        .map(|(row, cost)| (row.label.clone(), cost))
        .unzip();
    if labels.is_empty() {
        return rsx! {};
    }
    let frame = Frame {
        begun: labels.len(),
        labels,
        boundaries: Vec::new(),
        series: vec![Series {
            label: text.cost().to_owned(),
            class: "home",
            values,
        }],
    };
    let setting = Setting {
        zone: app.zone(),
        locale: app.locale(),
        axis: Axis::money(&app.currency()),
    };
    rsx! {
        div { class: "card", RankedBars { id: "cost-by-device", title: text.cost_by_device(), frame, setting, colours } }
    }
}
