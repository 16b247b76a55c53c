//! The figures of a device: energy, what is always on, its runs, and when it uses how much.

use dioxus::prelude::*;
use voltaire_chart::{Quantity, fmt};
use voltaire_proto::telemetry::v1::{
    CalendarPeriod, CalendarUnit, GetAlwaysOnRequest, GetDurationCurveRequest, GetProfileRequest, ListRunsRequest,
    Money, Period, Run, SummarizeRequest, Summary, period::Kind,
};

use super::device::last;
use crate::{
    api,
    chart::{Curve, HeatMap},
    load::{Load, use_load},
    parts::{Figure, Problem, Skeleton},
    state::{App, use_app},
};

const DAY: i64 = 86_400;
/// So many runs are listed.
const RUNS: usize = 12;

fn money(app: App, money: Option<&Money>) -> Quantity {
    money.map_or_else(Quantity::missing, |money| {
        fmt::money(&money.amount, &money.currency_code, &app.locale())
    })
}

fn use_summary(app: App, id: String, period: Period) -> Load<Summary> {
    use_load(move || {
        let request = SummarizeRequest {
            home_id: app.home_id(),
            period: Some(period),
            scope: Some(api::one_device(&id)),
            per_device: false,
            compare_to: None,
        };
        async move { Ok(api::summary(request).await?.summary.unwrap_or_default()) }
    })
}

/// One figure with its name and how it is computed.
#[component]
pub(super) fn Fact(
    name: String,
    value: Quantity,
    #[props(default)] note: String,
    #[props(default)] how: String,
) -> Element {
    let text = use_app().text();
    rsx! {
        div {
            p { class: "muted", "{name}" }
            Figure { value, class: "stat" }
            if !note.is_empty() {
                p { class: "hint", "{note}" }
            }
            if !how.is_empty() {
                details { class: "how", summary { {text.how_computed()} } p { "{how}" } }
            }
        }
    }
}

/// Energy today and in 30 days, a usual day, what is always on.
#[component]
pub(super) fn DeviceFigures(id: String) -> Element {
    let app = use_app();
    let text = app.text();
    let locale = app.locale();
    let day = CalendarPeriod {
        unit: CalendarUnit::Day.into(),
        back: 0,
    };
    let today = use_summary(
        app,
        id.clone(),
        Period {
            kind: Some(Kind::Calendar(day)),
        },
    );
    let month = use_summary(app, id.clone(), last(30 * DAY));
    let always = use_load(move || {
        api::figures(GetAlwaysOnRequest {
            home_id: app.home_id(),
            period: Some(last(30 * DAY)),
            scope: Some(api::one_device(&id)),
        })
    });
    let measured = |load: Load<Summary>| load.data().filter(|summary| summary.covered_seconds > 0.0);
    let energy = |summary: &Option<Summary>| {
        let wh = summary.as_ref().map(|summary| summary.energy_wh);
        wh.map_or_else(Quantity::missing, |wh| fmt::energy(wh, &locale))
    };
    let (today_sum, month_sum) = (measured(today), measured(month));
    let usual = month_sum
        .as_ref()
        .map(|summary| summary.energy_wh / summary.covered_seconds * DAY as f64);
    let share = month_sum
        .as_ref()
        .map(|summary| text.coverage(&fmt::share(summary.coverage, &locale)));
    let standby = always.data().unwrap_or_default();
    let yearly = standby.yearly_wh.map(|wh| {
        let cost = standby
            .yearly_cost
            .as_ref()
            .map(|cost| money(app, Some(cost)).to_string());
        text.by_the_year(&fmt::energy(wh, &locale).to_string(), cost.as_deref())
    });
    let cost = today_sum.as_ref().and_then(|summary| summary.cost.as_ref());
    let cost = cost.map(|cost| money(app, Some(cost)).to_string()).unwrap_or_default();
    let failure = [today.failure(), month.failure(), always.failure()]
        .into_iter()
        .flatten()
        .next();
    rsx! {
        section { class: "card", "data-testid": "device-figures", "data-state": month.state(),
            if let Some(failure) = failure {
                Problem { failure, onretry: move |()| { today.reload(); month.reload(); always.reload(); } }
            }
            div { class: "facts-row",
                Fact { name: text.today(), value: energy(&today_sum), note: cost, how: text.energy_how() }
                Fact { name: text.used_30(), value: energy(&month_sum), note: share.unwrap_or_default(), how: text.energy_how() }
                Fact { name: text.usual_day(), value: usual.map_or_else(Quantity::missing, |wh| fmt::energy(wh, &locale)), how: text.usual_day_how() }
                Fact { name: text.always_on(), value: standby.power_watts.map_or_else(Quantity::missing, |watts| fmt::power(watts, &locale)),
                    note: yearly.unwrap_or_default(), how: text.always_on_how() }
            }
        }
    }
}

/// The runs of the last week, newest first.
#[component]
pub(super) fn Runs(id: String) -> Element {
    let app = use_app();
    let text = app.text();
    let locale = app.locale();
    let load = use_load(move || {
        let request = ListRunsRequest {
            device_id: id.clone(),
            period: Some(last(7 * DAY)),
            page_size: 1000,
            page_token: String::new(),
        };
        async move { Ok(api::figures(request).await?.runs) }
    });
    let runs = load.data().unwrap_or_default();
    let amounts = runs.iter().filter_map(|run| fmt::read(&run.cost.as_ref()?.amount));
    let mean = amounts.sum::<f64>() / runs.len().max(1) as f64;
    let mean_wh = runs.iter().map(|run| run.energy_wh).sum::<f64>() / runs.len().max(1) as f64;
    let priced = app.home.read().as_ref().is_some_and(|home| !home.pb.tariffs.is_empty());
    let mut per_run = fmt::energy(mean_wh, &locale).to_string();
    if priced {
        per_run = format!("{per_run}, {}", fmt::amount(mean, &app.currency(), &locale));
    }
    rsx! {
        section { class: "card flush", "data-testid": "device-runs", "data-state": if load.data().is_some() && runs.is_empty() { "empty" } else { load.state() },
            div { class: "card-head", h2 { {text.runs()} } }
            if let Some(failure) = load.failure() {
                Problem { failure, onretry: move |()| load.reload() }
            }
            if load.data().is_none() {
                div { class: "empty-state", Skeleton {} }
            } else if runs.is_empty() {
                p { class: "empty-state muted", {text.no_runs()} }
            } else {
                table { class: "table",
                    caption { class: "visually-hidden", {text.runs()} }
                    thead {
                        tr {
                            th { scope: "col", {text.started()} }
                            th { scope: "col", class: "num", {text.lasted()} }
                            th { scope: "col", class: "num", {text.energy()} }
                            th { scope: "col", class: "num", {text.cost()} }
                        }
                    }
                    tbody {
                        for (index, run) in runs.iter().rev().take(RUNS).enumerate() {
                            RunRow { key: "{index}", run: run.clone() }
                        }
                    }
                }
                details { class: "how", summary { "{text.per_run()}: {per_run}" } p { {text.per_run_how()} } }
            }
        }
    }
}

#[component]
fn RunRow(run: Run) -> Element {
    let app = use_app();
    let text = app.text();
    let locale = app.locale();
    let Some((start, end)) = run.interval.as_ref().and_then(super::usage_data::bounds) else {
        return rsx! {};
    };
    let lasted = fmt::duration((end - start) as f64 / 1000.0, &locale);
    rsx! {
        tr {
            th { scope: "row",
                {fmt::date_time(start, *app.now.peek(), &app.zone(), &locale)}
                if run.running { span { class: "hint", " {text.still_running()}" } }
            }
            td { class: "num", "{lasted}" }
            td { class: "num", {fmt::energy(run.energy_wh, &locale).to_string()} }
            td { class: "num", {money(app, run.cost.as_ref()).to_string()} }
        }
    }
}

/// Mean power by weekday and hour, and the duration curve.
#[component]
pub(super) fn Profile(id: String) -> Element {
    let app = use_app();
    let text = app.text();
    let asked = id.clone();
    let profile = use_load(move || {
        let request = GetProfileRequest {
            home_id: app.home_id(),
            period: Some(last(28 * DAY)),
            scope: Some(api::one_device(&asked)),
        };
        async move {
            let hours = api::figures(request).await?.hours;
            Ok(hours
                .iter()
                .map(|hour| (hour.weekday, hour.hour, hour.power_watts))
                .collect::<Vec<_>>())
        }
    });
    let curve = use_load(move || {
        let request = GetDurationCurveRequest {
            home_id: app.home_id(),
            period: Some(last(30 * DAY)),
            scope: Some(api::one_device(&id)),
            threshold_watts: Vec::new(),
            points: 100,
        };
        async move {
            let points = api::figures(request).await?.curve;
            Ok(points
                .iter()
                .map(|point| (point.share, point.power_watts))
                .collect::<Vec<_>>())
        }
    });
    rsx! {
        div { class: "pair",
            div { class: "card", "data-state": profile.state(),
                if let Some(failure) = profile.failure() {
                    Problem { failure, onretry: move |()| profile.reload() }
                }
                match profile.data() {
                    Some(fields) => rsx! { HeatMap { id: "profile", title: text.profile(), fields } },
                    None => rsx! { Skeleton { shape: "sk-plot" } },
                }
            }
            div { class: "card", "data-state": curve.state(),
                if let Some(failure) = curve.failure() {
                    Problem { failure, onretry: move |()| curve.reload() }
                }
                match curve.data() {
                    Some(points) => rsx! { Curve { id: "duration", title: text.duration_curve(), points } },
                    None => rsx! { Skeleton { shape: "sk-plot" } },
                }
            }
        }
    }
}
