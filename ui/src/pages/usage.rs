//! History: a day, week or month in bars, in total or by device, as energy or money. Everything chosen stands in the address.

use dioxus::prelude::*;
use voltaire_chart::{
    Locale, Period, Span, Spec, fmt, period,
    spec::{Address, Range},
};

use super::{
    no_devices::NoDevices,
    usage_ask::question,
    usage_chart::HistoryChart,
    usage_data::{History, route, same_data, use_history},
    usage_list::{DeviceShares, Totals},
    usage_tools::{Choices, Crumbs, Pager},
};
use crate::{
    dock::AskAbout,
    parts::{Empty, Page, Problem, Skeleton},
    state::use_app,
};

/// The history page: what its address says, as a `Spec`.
#[component]
pub(crate) fn Usage(z: String, r: String, by: String, u: String, cmp: String) -> Element {
    let app = use_app();
    let text = app.text();
    let today = use_memo(move || period::day_of((app.now)(), &app.zone()).unwrap_or_default());
    let address = Address {
        zoom: z,
        range: r,
        by,
        unit: u,
        compare: cmp,
    };
    let spec = Spec::read(&address, today(), app.week_start());
    let mut wanted = use_signal(|| spec);
    if *wanted.peek() != spec {
        wanted.set(spec);
    }
    let load = use_history(wanted);
    let shown = load.data().filter(|history| same_data(&history.spec, &spec));
    let shown = shown.map(|history| History { spec, ..history });
    let state = match (&shown, load.failure()) {
        (_, Some(_)) => "error",
        (None, None) => "loading",
        (Some(history), None) if history.is_empty() => "empty",
        _ => load.state(),
    };
    rsx! {
        Page { name: "usage", title: text.usage(), state, tools: rsx! { Pager { spec, today: today() } },
            Crumbs { spec }
            Choices { spec }
            if let Some(failure) = load.failure() {
                Problem { failure, onretry: move |()| load.reload() }
            }
            match shown {
                Some(history) if history.is_empty() => rsx! { Nothing { history } },
                Some(history) => rsx! {
                    Totals { history: history.clone() }
                    div { class: "card",
                        div { class: "chart-tools", AskAbout { question: question(app, &spec) } }
                        HistoryChart { history: history.clone() }
                    }
                    DeviceShares { history }
                },
                None if load.failure().is_none() => rsx! {
                    Skeleton {}
                    div { class: "card", Skeleton { shape: "sk-plot" } }
                },
                None => rsx! {},
            }
        }
    }
}

/// Nothing in this period: say where there is something.
#[component]
fn Nothing(history: History) -> Element {
    let app = use_app();
    let text = app.text();
    let (zone, locale): (_, Locale) = (app.zone(), app.locale());
    let Some((first, last)) = history.data_range else {
        return rsx! {
            NoDevices {}
        };
    };
    let now = *app.now.peek();
    let name = |at: i64| fmt::date_time(at, now, &zone, &locale);
    let span = match history.spec.range {
        Range::Calendar(period) => period.span,
        Range::Exact(_) => Span::Day,
    };
    let there = period::day_of(last - 1, &zone).map(|day| Spec {
        range: Range::Calendar(Period::around(span, day, app.week_start())),
        ..history.spec
    });
    rsx! {
        div { class: "card",
            Empty { icon: "chart-column", title: text.no_data(), text: "{text.data_range(&name(first), &name(last))} {text.no_data_text()}",
                if let Some(there) = there {
                    Link { class: "btn primary", to: route(&there), "data-testid": "go-there", {text.go_there()} }
                }
            }
        }
    }
}
