//! The totals of the period, and each device's part in them.

use dioxus::prelude::*;
use voltaire_chart::{Axis, Quantity, fmt, spec::Unit};
use voltaire_proto::telemetry::v1::{Money, Summary, scope::Kind};

use super::usage_data::{History, bounds, class_of};
use crate::{
    app::Route,
    load::use_catalog,
    parts::Figure,
    state::{App, use_app},
};

/// Energy and cost of the period, who used most, and how it is computed.
#[component]
pub(super) fn Totals(history: History) -> Element {
    let app = use_app();
    let text = app.text();
    let locale = app.locale();
    let summary = &history.summary;
    let priced = app.home.read().as_ref().is_some_and(|home| !home.pb.tariffs.is_empty());
    let cost = money(app, summary.cost.as_ref()).filter(|_| priced);
    let mut spoken = fmt::energy(summary.energy_wh, &locale).to_string();
    if let Some(cost) = &cost {
        spoken = format!("{spoken}, {cost}");
    }
    let top = history
        .totals
        .first()
        .filter(|top| top.energy_wh > 0.0 && summary.energy_wh > 0.0);
    let top = top.map(|top| text.top_device(&top.label, &fmt::share(top.energy_wh / summary.energy_wh, &locale)));
    let compared = history.compared.as_ref().and_then(|before| {
        let interval = before.summary.interval.as_ref().and_then(bounds)?;
        let name = fmt::range(interval.0, interval.1, &app.zone(), &locale);
        let change = fmt::change(before.summary.energy_wh, summary.energy_wh, &locale)?;
        Some(text.against(
            &change,
            &format!("{name} ({})", fmt::energy(before.summary.energy_wh, &locale)),
        ))
    });
    rsx! {
        section { "data-testid": "usage-totals", "aria-label": "{spoken}",
            div { class: "stats",
                Figure { value: fmt::energy(summary.energy_wh, &locale), class: "stat", testid: "usage-energy" }
                if let Some(cost) = cost {
                    Figure { value: cost, class: "stat", testid: "usage-cost" }
                }
                if let Some(top) = top {
                    span { class: "muted", "{top}" }
                }
            }
            if let Some(compared) = compared {
                p { class: "muted", "data-testid": "usage-compared", "{compared}" }
            }
            if summary.coverage < 0.98 && history.measured_so_far(*app.now.peek()) < 0.98 {
                p { class: "hint", "data-state": "partial", {text.coverage(&fmt::share(history.measured_so_far(*app.now.peek()), &locale))} }
            }
            if summary.estimated_share > 0.0 {
                p { span { class: "est hint", "{text.estimated()}: {fmt::share(summary.estimated_share, &locale)}" } }
            }
            if history.spec.unit == Unit::Cost && !priced {
                p { class: "hint", Link { to: Route::settings("tariffs"), {text.price_missing()} } }
            }
            details { class: "how",
                summary { {text.how_computed()} }
                p { {text.energy_how()} }
                p { {text.cost_how()} }
                p { {text.coverage(&fmt::share(summary.coverage, &locale))} }
            }
        }
    }
}

fn money(app: App, money: Option<&Money>) -> Option<Quantity> {
    money.map(|money| fmt::money(&money.amount, &money.currency_code, &app.locale()))
}

fn id_of(total: &Summary) -> Option<&str> {
    match total.scope.as_ref()?.kind.as_ref()? {
        Kind::DeviceId(id) => Some(id),
        _ => None,
    }
}

/// Each device's energy, cost and share.
#[component]
pub(super) fn DeviceShares(history: History) -> Element {
    let app = use_app();
    let text = app.text();
    let catalog = use_catalog().data().unwrap_or_default();
    let whole = history.summary.energy_wh;
    let rows: Vec<Summary> = history
        .totals
        .into_iter()
        .filter(|total| total.energy_wh > 0.0)
        .collect();
    if rows.is_empty() {
        return rsx! {};
    }
    let locale = app.locale();
    let (before, more) = (history.compared, history.more);
    let change = |row: &Summary| {
        let then = before.as_ref()?.totals.iter().find(|total| total.scope == row.scope)?;
        fmt::change(then.energy_wh, row.energy_wh, &locale)
    };
    let energy = Axis::energy(rows.iter().map(|row| row.energy_wh).fold(0.0, f64::max));
    rsx! {
        section { class: "card flush share-list",
            table { class: "table", "data-testid": "usage-devices",
                thead {
                    tr {
                        th { scope: "col", {text.device()} }
                        th { scope: "col", class: "num", {text.energy()} }
                        th { scope: "col", class: "num", {text.cost()} }
                        th { scope: "col", class: "num", {text.share()} }
                        if before.is_some() {
                            th { scope: "col", class: "num wide-only", {text.change()} }
                        }
                    }
                }
                tbody {
                    for row in rows {
                        tr { key: "{row.label}",
                            td {
                                span { class: "swatch {class_of(&catalog, more.as_ref(), &row)}" }
                                match id_of(&row) {
                                    Some(id) => rsx! { Link { class: "row-link", to: Route::device(id), span { class: "name", "{row.label}" } } },
                                    None => rsx! { "{row.label}" },
                                }
                            }
                            td { class: "num", {energy.value(row.energy_wh, &locale)} }
                            td { class: "num", {money(app, row.cost.as_ref()).unwrap_or_else(Quantity::missing).to_string()} }
                            td { class: "num", {fmt::share(if whole > 0.0 { row.energy_wh / whole } else { f64::NAN }, &locale)} }
                            if before.is_some() {
                                td { class: "num wide-only", {change(&row).unwrap_or_else(|| fmt::MISSING.to_owned())} }
                            }
                        }
                    }
                }
            }
        }
    }
}
