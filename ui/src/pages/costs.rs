//! What the running month costs: so far, expected, against the month before, by device, at which tariffs.

use dioxus::prelude::*;
use voltaire_chart::{Axis, Period, Quantity, Span, compare, day, fmt, period, stack};
use voltaire_proto::telemetry::v1::{
    self as pb, CalendarPeriod, CalendarUnit, ForecastMethod, GetForecastRequest, GetForecastResponse, Metric,
    QuerySeriesRequest, Step, SummarizeRequest, SummarizeResponse, period::Kind, step,
};

use super::{
    costs_budget::Budgets,
    costs_parts::{ByDevice, Changed},
    no_devices::NoDevices,
    settings_tariffs::since,
};
use crate::{
    api,
    app::Route,
    chart::{Drawing, Frame, Series, Setting, TimeChart},
    dock::AskAbout,
    load::{Load, use_catalog, use_load},
    parts::{Empty, Figure, Page, Problem, Skeleton},
    state::{App, use_app},
};

/// The running month of the calendar, or one before it.
pub(super) fn month(back: u32) -> pb::Period {
    pb::Period {
        kind: Some(Kind::Calendar(CalendarPeriod {
            unit: CalendarUnit::Month.into(),
            back,
        })),
    }
}

pub(super) fn amount(money: Option<&pb::Money>) -> f64 {
    money.and_then(|money| fmt::read(&money.amount)).unwrap_or(f64::NAN)
}

pub(super) fn shown(app: App, money: Option<&pb::Money>) -> Quantity {
    money.map_or_else(Quantity::missing, |money| {
        fmt::money(&money.amount, &money.currency_code, &app.locale())
    })
}

/// The page of money.
#[component]
pub(crate) fn Costs() -> Element {
    let app = use_app();
    let text = app.text();
    let catalog = use_catalog();
    let bare = catalog.data().is_some_and(|catalog| catalog.devices.is_empty());
    let priced = app.home.read().as_ref().is_some_and(|home| !home.pb.tariffs.is_empty());
    let minute = use_memo(move || (app.now)() / 60_000);
    let forecast = use_load(move || {
        let _ = minute();
        api::figures(GetForecastRequest {
            home_id: app.home_id(),
            unit: CalendarUnit::Month.into(),
            scope: Some(api::whole_home()),
        })
    });
    let sums = use_load(move || {
        let _ = minute();
        api::summary(SummarizeRequest {
            home_id: app.home_id(),
            period: Some(month(0)),
            scope: Some(api::whole_home()),
            per_device: true,
            compare_to: Some(month(1)),
        })
    });
    let failure = forecast.failure().or_else(|| sums.failure());
    let state = if priced && !bare { sums.state() } else { "empty" };
    rsx! {
        Page { name: "costs", title: text.costs(), state,
            tools: rsx! { if priced && !bare { AskAbout { question: text.first_3() } } },
            if bare {
                NoDevices {}
            } else if !priced {
                div { class: "card",
                    Empty { icon: "wallet", title: text.no_tariff(), text: text.no_tariff_text(),
                        Link { class: "btn primary", to: Route::settings("tariffs"), "data-testid": "set-price", {text.set_price()} }
                    }
                }
            } else {
                if let Some(failure) = failure {
                    Problem { failure, onretry: move |()| { forecast.reload(); sums.reload(); } }
                }
                div { class: "figures",
                    Bill { forecast, sums }
                    Budgets { forecast: forecast.data().unwrap_or_default() }
                }
                div { class: "card", Cumulative {} }
                Changed {}
                if let Some(sums) = sums.data() { ByDevice { sums } }
                Tariffs {}
            }
        }
    }
}

/// Cost so far, what it is made of, and what is expected.
#[component]
fn Bill(forecast: Load<GetForecastResponse>, sums: Load<SummarizeResponse>) -> Element {
    let app = use_app();
    let text = app.text();
    let locale = app.locale();
    let Some(answer) = sums.data() else {
        if sums.failure().is_some() {
            return rsx! {};
        }
        return rsx! { div { class: "card", Skeleton { shape: "sk-stat" } } };
    };
    let summary = answer.summary.unwrap_or_default();
    let currency = app.currency();
    let (cost, standing) = (amount(summary.cost.as_ref()), amount(summary.standing_charge.as_ref()));
    let standing = if standing.is_finite() { standing } else { 0.0 };
    let money = |value: f64| fmt::amount(value, &currency, &locale).to_string();
    let change = answer.compared.as_ref().and_then(|before| {
        let whole = before.coverage > 0.9;
        fmt::change(amount(before.cost.as_ref()), cost, &locale).filter(|_| whole)
    });
    rsx! {
        section { class: "card stack", "data-testid": "bill", "data-state": sums.state(),
            h2 { class: "muted", {text.this_month()} }
            Figure { value: shown(app, summary.cost.as_ref()), class: "hero", testid: "month-cost" }
            p { class: "split",
                span { "{text.energy_part()} {money(cost - standing)}" }
                span { "{text.standing_part()} {money(standing)}" }
                span { {fmt::energy(summary.energy_wh, &locale).to_string()} }
            }
            if let Some(change) = change {
                p { class: "muted", {text.against(&change, text.equal_part())} }
            }
            if let Some(forecast) = forecast.data() {
                Expected { forecast }
            } else {
                Skeleton {}
            }
            if summary.coverage < 0.98 {
                p { class: "hint", "data-state": "partial", {text.coverage(&fmt::share(summary.coverage, &locale))} }
            }
        }
    }
}

#[component]
fn Expected(forecast: GetForecastResponse) -> Element {
    let app = use_app();
    let text = app.text();
    let Some(cost) = forecast.cost.clone() else {
        return rsx! { p { class: "hint", {text.forecast_none()} } };
    };
    let range = match (&cost.low, &cost.high) {
        (Some(low), Some(high)) => format!("{} – {}", shown(app, Some(low)), shown(app, Some(high))),
        _ => String::new(),
    };
    let how = match forecast.method() {
        ForecastMethod::Usual => text.forecast_usual(),
        ForecastMethod::SameRate | ForecastMethod::Unspecified => text.forecast_rate(),
    };
    rsx! {
        p { "data-testid": "month-expected", {text.expected(&shown(app, cost.expected.as_ref()).to_string(), &range)} }
        details { class: "how",
            summary { {text.how_computed()} }
            p { "{how}" }
            p { {text.cost_how()} }
        }
    }
}

/// The cost of each day with those before it, standing charge included, beside the month before.
#[component]
fn Cumulative() -> Element {
    let app = use_app();
    let text = app.text();
    let today = use_memo(move || period::day_of((app.now)(), &app.zone()).unwrap_or_default());
    let minute = use_memo(move || (app.now)() / 60_000);
    let load = use_load(move || {
        let _ = minute();
        let this = Period::around(Span::Month, today(), 1);
        let asked = [this, this.moved(-1)].map(|period| period.bounds(&app.zone()));
        let home_id = app.home_id();
        let series = move |bounds: Option<(i64, i64)>| {
            let home_id = home_id.clone();
            async move {
                let (start, end) = bounds.ok_or_else(api::Failure::incomplete)?;
                let request = QuerySeriesRequest {
                    home_id,
                    period: Some(api::period(start, end)),
                    step: Some(Step {
                        kind: Some(step::Kind::Calendar(CalendarUnit::Day.into())),
                    }),
                    scopes: vec![api::whole_home()],
                    metrics: vec![Metric::Cost.into(), Metric::StandingCharge.into()],
                };
                let answer = api::series(request).await?;
                let parts: Vec<Vec<f64>> = answer.series.into_iter().map(|one| one.values).collect();
                let boundaries: Vec<i64> = answer.boundaries.iter().map(api::millis).collect();
                Ok((boundaries, stack::totals(&parts)))
            }
        };
        async move { futures::try_join!(series(asked[0]), series(asked[1])) }
    });
    if let Some(failure) = load.failure() {
        return rsx! { Problem { failure, onretry: move |()| load.reload() } };
    }
    let Some(((boundaries, this), (_, before))) = load.data() else {
        return rsx! { Skeleton { shape: "sk-plot" } };
    };
    let (zone, locale) = (app.zone(), app.locale());
    let setting = Setting {
        zone,
        locale,
        axis: Axis::money(&app.currency()),
    };
    let now = *app.now.peek();
    let begun = boundaries.iter().filter(|start| **start < now).count();
    let series = vec![Series {
        label: text.this_month().to_owned(),
        class: "home",
        values: running(&this, begun),
    }];
    let frame = Frame::over_time(boundaries, series, now, &setting);
    let ghost = compare::aligned(&running(&before, usize::MAX), frame.labels.len());
    rsx! {
        TimeChart { id: "costs-chart", title: text.cumulative(), frame, setting, drawing: Drawing::Lines, ghost }
    }
}

/// Sums from the start on, for the first `known` steps; a step that nobody measured adds nothing.
fn running(values: &[f64], known: usize) -> Vec<f64> {
    let mut sum = 0.0;
    let add = |(step, value): (usize, &f64)| {
        sum += if value.is_finite() { *value } else { 0.0 };
        if step < known { sum } else { f64::NAN }
    };
    values.iter().enumerate().map(add).collect()
}

/// The tariffs there are, newest first, and which one is in force.
#[component]
fn Tariffs() -> Element {
    let app = use_app();
    let text = app.text();
    let (locale, currency) = (app.locale(), app.currency());
    let tariffs = app
        .home
        .read()
        .as_ref()
        .map(|home| home.pb.tariffs.clone())
        .unwrap_or_default();
    let today = period::day_of(*app.now.peek(), &app.zone())
        .map(day::iso)
        .unwrap_or_default();
    let in_force = tariffs.iter().rposition(|tariff| tariff.valid_from <= today);
    let standing = |tariff: &pb::Tariff| match tariff.standing_charge_per_day.as_str() {
        "" => fmt::MISSING.to_owned(),
        amount => fmt::money(amount, &currency, &locale).to_string(),
    };
    rsx! {
        section { class: "card flush", "data-testid": "tariffs",
            div { class: "card-head",
                h2 { {text.tariffs()} }
                Link { to: Route::settings("tariffs"), {text.change_it()} }
            }
            table { class: "table",
                thead {
                    tr {
                        th { scope: "col", {text.in_force_from()} }
                        th { scope: "col", class: "num", {text.price()} }
                        th { scope: "col", class: "num", {text.per_day()} }
                    }
                }
                tbody {
                    for (index, tariff) in tariffs.iter().enumerate().rev() {
                        tr { key: "{index}",
                            th { scope: "row",
                                {since(app, tariff)}
                                if in_force == Some(index) { " " span { class: "chip live", {text.in_force()} } }
                            }
                            td { class: "num", {fmt::price(&tariff.price_per_kwh, &currency, &locale).to_string()} }
                            td { class: "num", {standing(tariff)} }
                        }
                    }
                }
            }
        }
    }
}
