//! What is on now: power with its age, today so far, the last minutes, devices by power.

use dioxus::prelude::*;
use voltaire_chart::{Quantity, fmt, fresh::Freshness, period};
use voltaire_proto::telemetry::v1::{
    self as telemetry, CalendarPeriod, CalendarUnit, Metric, Period, QuerySeriesRequest, Step, SummarizeRequest,
    SummarizeResponse, period::Kind, step,
};

use super::{no_devices::NoDevices, now_list::DeviceList};
use crate::{
    api,
    app::Route,
    chart::LiveChart,
    dock::AskAbout,
    live::WINDOW,
    load::{Load, use_catalog, use_load},
    parts::{Figure, Page, Problem, Skeleton},
    state::{App, use_app},
};

/// The start page.
#[component]
pub(crate) fn Now() -> Element {
    let app = use_app();
    let text = app.text();
    let catalog = use_catalog();
    let state = use_memo(move || match catalog.data() {
        Some(catalog) if catalog.devices.is_empty() => "empty",
        Some(_) => app.live.read().freshness((app.now)()).name(),
        None if catalog.failure().is_some() => "error",
        None => "loading",
    });
    rsx! {
        Page { name: "now", title: text.now(), state: state(),
            tools: rsx! { if catalog.data().is_some_and(|catalog| !catalog.devices.is_empty()) { AskAbout { question: text.first_1() } } },
            if let Some(failure) = catalog.failure() {
                Problem { failure, onretry: move |()| catalog.reload() }
            }
            match catalog.data() {
                Some(catalog) if catalog.devices.is_empty() => rsx! {
                    NoDevices {}
                },
                Some(_) => rsx! { Figures {} },
                None => rsx! {
                    div { class: "figures",
                        div { class: "card", Skeleton { shape: "sk-stat" } }
                        div { class: "card", Skeleton { shape: "sk-stat" } }
                    }
                    div { class: "card", Skeleton { shape: "sk-live" } }
                },
            }
        }
    }
}

#[component]
fn Figures() -> Element {
    let app = use_app();
    let text = app.text();
    let minute = use_memo(move || (app.now)() / 60_000);
    let today = use_load(move || {
        let _ = minute();
        api::summary(today_request(app))
    });
    use_past(app);
    rsx! {
        div { class: "figures",
            PowerCard {}
            TodayCard { today }
        }
        div { class: "card", LiveChart { title: text.last_minutes() } }
        DeviceList {}
    }
}

/// Fills the live chart with the minutes before the stream was open, and again after each time it was lost.
fn use_past(app: App) {
    let openings = use_memo(move || app.live.read().openings);
    let past = use_load(move || {
        let _ = openings();
        api::series(QuerySeriesRequest {
            home_id: app.home_id(),
            period: Some(Period {
                kind: Some(Kind::Last(prost_types::Duration {
                    seconds: WINDOW / 1000,
                    nanos: 0,
                })),
            }),
            step: Some(Step {
                kind: Some(step::Kind::Fixed(prost_types::Duration { seconds: 5, nanos: 0 })),
            }),
            scopes: vec![api::whole_home()],
            metrics: vec![Metric::PowerAverage.into()],
        })
    });
    use_effect(move || {
        let mut live = app.live;
        let Some(past) = past.data() else { return };
        let starts = past.boundaries.iter().map(api::millis);
        let values = past
            .series
            .first()
            .map(|series| series.values.clone())
            .unwrap_or_default();
        live.write().past = starts.zip(values).map(|(start, watts)| (start + 2500, watts)).collect();
    });
}

fn today_request(app: App) -> SummarizeRequest {
    let day = CalendarPeriod {
        unit: CalendarUnit::Day.into(),
        back: 0,
    };
    let yesterday = period::yesterday_by_now(*app.now.peek(), &app.zone());
    SummarizeRequest {
        home_id: app.home_id(),
        period: Some(Period {
            kind: Some(Kind::Calendar(day)),
        }),
        scope: Some(api::whole_home()),
        per_device: false,
        compare_to: yesterday.map(|(start, end)| api::period(start, end)),
    }
}

#[component]
fn PowerCard() -> Element {
    let app = use_app();
    let text = app.text();
    let locale = app.locale();
    let now = (app.now)();
    let (power, fresh, newest) = {
        let live = app.live.read();
        (live.power, live.freshness(now), live.newest())
    };
    let value = power.map_or_else(Quantity::missing, |watts| fmt::power(watts, &locale));
    let age = newest.map(|at| fmt::age(now - at, &locale));
    let look = if matches!(fresh, Freshness::Live(_)) {
        "hero"
    } else {
        "hero old"
    };
    rsx! {
        section { class: "card", "aria-labelledby": "power-title", "data-testid": "power-card", "data-state": fresh.name(),
            h2 { class: "muted", id: "power-title", {text.power_now()} }
            Figure { value: value.clone(), class: look, testid: "power-now" }
            if let Some(age) = age {
                p { class: "muted", "data-testid": "power-age", {text.measured(&age)} }
            } else {
                p { class: "muted", {text.waiting_for_live()} }
            }
            match power {
                None if newest.is_some() => rsx! { p { class: "hint", {text.no_live_power_text()} } },
                Some(watts) if watts < -0.5 => rsx! { p { {text.exporting()} } },
                Some(watts) => rsx! { PerHour { watts, shown: value.to_string() } },
                None => rsx! {},
            }
        }
    }
}

/// What an hour at this power costs, and how that is computed.
#[component]
fn PerHour(watts: f64, shown: String) -> Element {
    let app = use_app();
    let text = app.text();
    let locale = app.locale();
    let currency = app.currency();
    let Some(price) = app
        .home
        .read()
        .as_ref()
        .and_then(|home| home.price(*app.now.peek()).map(str::to_owned))
    else {
        return rsx! {
            p { class: "hint",
                Link { to: Route::settings("tariffs"), {text.price_missing()} }
            }
        };
    };
    let per_kwh = fmt::read(&price).unwrap_or(f64::NAN);
    let money = fmt::amount(watts / 1000.0 * per_kwh, &currency, &locale).to_string();
    let unit_price = fmt::price(&price, &currency, &locale).to_string();
    rsx! {
        p { "data-testid": "cost-per-hour", {text.per_hour(&money)} }
        details { class: "how",
            summary { {text.how_computed()} }
            p { {text.per_hour_how(&shown, &unit_price, &money)} }
        }
    }
}

#[component]
fn TodayCard(today: Load<SummarizeResponse>) -> Element {
    let text = use_app().text();
    rsx! {
        section { class: "card", "aria-labelledby": "today-title", "data-testid": "today-card", "data-state": today.state(),
            h2 { class: "muted", id: "today-title", {text.today()} }
            if let Some(failure) = today.failure() {
                Problem { failure, onretry: move |()| today.reload() }
            }
            match today.data() {
                Some(answer) => rsx! { TodayFigures { answer } },
                None if today.failure().is_none() => rsx! { Skeleton { shape: "sk-stat" } },
                None => rsx! {},
            }
        }
    }
}

#[component]
fn TodayFigures(answer: SummarizeResponse) -> Element {
    let app = use_app();
    let text = app.text();
    let locale = app.locale();
    let summary = answer.summary.unwrap_or_default();
    let measured = summary.reading_count > 0 || summary.coverage > 0.0;
    let energy = if measured {
        fmt::energy(summary.energy_wh, &locale)
    } else {
        Quantity::missing()
    };
    let cost = summary
        .cost
        .filter(|_| measured)
        .map(|telemetry::Money { amount, currency_code }| fmt::money(&amount, &currency_code, &locale));
    // Two parts that were measured for different lengths say nothing about each other.
    let whole = |coverage: f64| coverage > 0.9;
    let compared = answer
        .compared
        .filter(|before| whole(before.coverage) && whole(summary.coverage));
    let change = compared.and_then(|before| fmt::change(before.energy_wh, summary.energy_wh, &locale));
    let clock = fmt::clock(*app.now.peek(), &app.zone(), &locale);
    rsx! {
        div { class: "stats",
            Figure { value: energy, class: "stat", testid: "today-energy" }
            if let Some(cost) = cost {
                Figure { value: cost, class: "stat", testid: "today-cost" }
            }
        }
        if let Some(change) = change.filter(|_| measured) {
            p { class: "muted", {text.against_yesterday(&change, &clock)} }
        }
        if summary.coverage < 0.95 {
            p { class: "hint", {text.coverage(&fmt::share(summary.coverage, &locale))} }
        }
        details { class: "how",
            summary { {text.how_computed()} }
            p { {text.energy_how()} }
            p { {text.cost_how()} }
        }
    }
}
