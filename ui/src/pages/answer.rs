//! One question with its answer: what was understood, the text, the chart, the figures with their computation.

use dioxus::prelude::*;
use voltaire_chart::{Axis, color, fmt};
use voltaire_proto::chat::v1::{Chart, ChartKind, Done, Fact};

use super::answer_actions::Actions;
use crate::{
    api,
    chart::{Drawing, Frame, RankedBars, Series, Setting, TimeChart},
    chat::{self, Part, Phase, Reply, Turn},
    icon::Icon,
    load::{Catalog, use_catalog},
    parts::Problem,
    state::{App, use_app},
    text::Text,
};

/// A question and its answer.
#[component]
pub(super) fn TurnView(index: usize, turn: Turn, last: bool) -> Element {
    let app = use_app();
    let text = app.text();
    let Turn { question, reply, phase } = turn;
    let asked = question.clone();
    let state = match &phase {
        Phase::Running => "running",
        Phase::Done => "done",
        Phase::Stopped => "stopped",
        Phase::Failed(_) => "error",
    };
    rsx! {
        article { class: "turn", id: "turn-{index}", "data-testid": "turn", "data-state": state,
            h2 { class: "visually-hidden", "{text.you()}: {question}" }
            p { class: "question", dir: "auto", "{question}" }
            div { class: "answer", "data-testid": "answer",
                for (place, part) in reply.parts.iter().cloned().enumerate() {
                    PartView { key: "{place}", id: "{index}-{place}", part }
                }
                if reply.parts.is_empty() && phase == Phase::Running {
                    p { class: "understanding", "data-testid": "thinking", Icon { name: "clock", small: true } {text.thinking()} }
                }
                match phase.clone() {
                    Phase::Failed(failure) => rsx! { Problem { failure, onretry: move |()| chat::ask(app, &asked) } },
                    Phase::Stopped => rsx! { p { class: "hint", {text.stopped()} } },
                    _ => rsx! {},
                }
                if let Some(clarification) = reply.clarification.clone() {
                    if !reply.text.contains(&clarification.question) {
                        p { "{clarification.question}" }
                    }
                    Questions { label: text.choose(), testid: "choice", questions: clarification.choices }
                }
                if last && phase == Phase::Done {
                    Questions { label: text.ask_next(), testid: "suggestion", questions: next(text, &reply) }
                }
                if let Some(done) = reply.done.clone() {
                    Meta { done }
                }
                if matches!(phase, Phase::Done | Phase::Stopped) {
                    Actions {
                        index,
                        question,
                        answer: reply.text.clone(),
                        message: reply.done.map(|done| done.message_id).unwrap_or_default(),
                    }
                }
            }
        }
    }
}

/// The answer to one question: what was understood of it, the text, the chart, the figures.
#[component]
fn PartView(id: String, part: Part) -> Element {
    let text = use_app().text();
    let written = part.text.trim();
    rsx! {
        div { class: "answer-part", "data-testid": "answer-part",
            if let Some(understanding) = part.understanding.clone() {
                p { class: "understanding", "data-testid": "understanding",
                    Icon { name: "check", small: true }
                    span {
                        "{understanding.text}"
                        if !understanding.unknown_words.is_empty() {
                            " · {text.unknown_words(&understanding.unknown_words.join(\", \"))}"
                        }
                    }
                }
            }
            if let Some(refusal) = part.refusal.clone().filter(|refusal| !written.contains(&refusal.text)) {
                p { class: "note", "data-testid": "refusal", Icon { name: "info" } span { class: "grow", "{refusal.text}" } }
            }
            p { class: "answer-text", "data-testid": "answer-text", dir: "auto", "{written}" }
            for (place, chart) in part.charts.iter().cloned().enumerate() {
                AnswerChart { key: "{place}", id: "chart-{id}-{place}", chart }
            }
            if !part.facts.is_empty() {
                Facts { facts: part.facts.clone() }
            }
        }
    }
}

/// What can be asked next; after a refusal at least what always works.
fn next(text: Text, reply: &Reply) -> Vec<String> {
    if reply.suggestions.is_empty() && reply.refused() {
        return [text.first_1(), text.first_2(), text.first_3()]
            .map(str::to_owned)
            .to_vec();
    }
    reply.suggestions.clone()
}

/// Questions to ask with one press.
#[component]
fn Questions(label: String, testid: &'static str, questions: Vec<String>) -> Element {
    let app = use_app();
    if questions.is_empty() {
        return rsx! {};
    }
    rsx! {
        div { class: "chips", role: "group", "aria-label": "{label}",
            for question in questions {
                button { key: "{question}", class: "btn", r#type: "button", "data-testid": testid, disabled: app.chat.running(),
                    onclick: { let question = question.clone(); move |_| chat::ask(app, &question) },
                    "{question}"
                }
            }
        }
    }
}

/// Which figures there are, each with its computation.
#[component]
fn Facts(facts: Vec<Fact>) -> Element {
    let app = use_app();
    let text = app.text();
    let (zone, locale) = (app.zone(), app.locale());
    let range = |fact: &Fact| {
        Some(fmt::range(
            api::millis(fact.start_time.as_ref()?),
            api::millis(fact.end_time.as_ref()?),
            &zone,
            &locale,
        ))
    };
    let at = |fact: &Fact| {
        fact.time
            .as_ref()
            .map(|time| fmt::date_time(api::millis(time), *app.now.peek(), &zone, &locale))
    };
    rsx! {
        ul { class: "facts", "aria-label": text.facts(), "data-testid": "facts",
            for fact in facts {
                li { key: "{fact.id}", "data-testid": "fact", "data-unit": "{fact.unit}",
                    span { "{fact.label}" }
                    span { class: "value", "{fact.text}" }
                    details { class: "how",
                        summary { {text.how_computed()} }
                        ul {
                            if !fact.how.is_empty() { li { "{fact.how}" } }
                            if let Some(range) = range(&fact) { li { {text.covers(&range)} } }
                            if let Some(at) = at(&fact) { li { {text.happened(&at)} } }
                            if let Some(coverage) = fact.coverage { li { {text.coverage(&fmt::share(coverage, &locale))} } }
                        }
                    }
                }
            }
        }
    }
}

#[component]
fn Meta(done: Done) -> Element {
    let app = use_app();
    let text = app.text();
    let locale = app.locale();
    rsx! {
        p { class: "meta", "data-testid": "answer-meta",
            span { {text.answered_by(&done.answered_by)} }
            span { {text.took(&fmt::fixed(done.milliseconds / 1000.0, 2, &locale))} }
            if !done.time_zone.is_empty() { span { "{done.time_zone}" } }
            if let Some(coverage) = done.coverage.filter(|coverage| *coverage < 0.95) {
                span { {text.coverage(&fmt::share(coverage, &locale))} }
            }
            if !done.devices.is_empty() { span { {text.counted(&done.devices.join(", "))} } }
        }
    }
}

/// A chart of an answer, drawn like every other one.
#[component]
fn AnswerChart(id: String, chart: Chart) -> Element {
    let app = use_app();
    let text = app.text();
    let catalog = use_catalog().data().unwrap_or_default();
    let setting = setting(app, &chart);
    let kind = chart.kind();
    let frame = frame(&chart, &catalog, *app.now.peek(), &setting);
    // What repeats itself in time, as the hours of a day, keeps its order.
    let in_order = chart.boundaries.len() > 1 || kind == ChartKind::Bars;
    let drawing = match kind {
        ChartKind::Line => Drawing::Lines,
        ChartKind::PairedBars => Drawing::Paired,
        ChartKind::Bars | ChartKind::RankedBars | ChartKind::Unspecified => Drawing::Stacked,
    };
    // Only addresses of this app are followed.
    let href = Some(chart.href.clone()).filter(|href| href.starts_with("/usage"));
    rsx! {
        div { class: "card", "data-testid": "answer-chart",
            if in_order {
                TimeChart { id, title: chart.title.clone(), frame, setting, drawing, height: 220.0 }
            } else {
                RankedBars { id, title: chart.title.clone(), frame, setting, colours: colours(&chart, &catalog) }
            }
            if let Some(href) = href {
                p { Link { to: href, {text.open_in_usage()} } }
            }
        }
    }
}

fn setting(app: App, chart: &Chart) -> Setting {
    let values = chart
        .series
        .iter()
        .flat_map(|series| &series.values)
        .filter(|value| value.is_finite());
    let largest = values.fold(0.0f64, |largest, value| largest.max(value.abs()));
    Setting {
        zone: app.zone(),
        locale: app.locale(),
        axis: Axis::of_unit(&chart.unit, largest),
    }
}

/// The colours of bars that are called as a device is: the same as on every page.
fn colours(chart: &Chart, catalog: &Catalog) -> Vec<Option<&'static str>> {
    let of = |name: &String| {
        let device = catalog.devices.iter().find(|device| device.name == *name)?;
        Some(color::class(device.color_slot))
    };
    chart.categories.iter().map(of).collect()
}

fn frame(chart: &Chart, catalog: &Catalog, now: i64, setting: &Setting) -> Frame {
    let series = chart.series.iter().enumerate().map(|(index, series)| Series {
        label: series.label.clone(),
        class: match catalog.device(&series.device_id) {
            Some(device) => color::class(device.color_slot),
            None if index == 0 => "home",
            None => color::OTHER_CLASS,
        },
        values: series.values.clone(),
    });
    let series: Vec<Series> = series.collect();
    let boundaries: Vec<i64> = chart.boundaries.iter().map(api::millis).collect();
    if boundaries.len() > 1 {
        return Frame::over_time(boundaries, series, now, setting);
    }
    let begun = chart.categories.len();
    Frame {
        boundaries,
        labels: chart.categories.clone(),
        series,
        begun,
    }
}
