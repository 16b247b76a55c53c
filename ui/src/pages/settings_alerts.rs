//! What one wants to be told of.

use dioxus::prelude::*;
use prost_types::Duration;
use voltaire_chart::fmt;
use voltaire_proto::telemetry::v1::{
    AlertRule, CreateAlertRuleRequest, DeleteAlertRuleRequest, ListAlertRulesRequest, NoData, PowerAbove,
    UpdateAlertRuleRequest, alert_rule::Condition,
};

use crate::{
    act::{ActProblem, Confirm, use_act},
    api,
    load::{Catalog, use_catalog, use_load},
    parts::{Field, Problem, Skeleton},
    state::{App, use_app},
};

/// How long power must be high, seconds.
const HIGH: i64 = 600;
/// How long a device may be silent, seconds.
const SILENT: i64 = 3600;

/// The rules of the home, and a form for a new one.
#[component]
pub(super) fn Alerts() -> Element {
    let app = use_app();
    let text = app.text();
    let rules = use_load(move || {
        api::ask_once(ListAlertRulesRequest {
            home_id: app.home_id(),
            ..ListAlertRulesRequest::default()
        })
    });
    let list = rules.data().map(|answer| answer.alert_rules);
    let state = if list.as_ref().is_some_and(Vec::is_empty) {
        "empty"
    } else {
        rules.state()
    };
    rsx! {
        NewRule { onmade: move |()| rules.reload() }
        section { class: "card stack", "aria-labelledby": "rules-title", "data-testid": "rules", "data-state": state,
            h2 { id: "rules-title", {text.your_rules()} }
            if let Some(failure) = rules.failure() {
                Problem { failure, onretry: move |()| rules.reload() }
            }
            match list {
                None => rsx! { Skeleton { shape: "sk-row" } },
                Some(list) if list.is_empty() => rsx! { p { class: "muted", {text.no_rules()} } },
                Some(list) => rsx! {
                    ul { class: "lines",
                        for rule in list { Line { key: "{rule.alert_rule_id}", rule, onchanged: move |()| rules.reload() } }
                    }
                },
            }
        }
    }
}

/// A rule in words.
fn words(app: App, catalog: &Catalog, rule: &AlertRule) -> String {
    let (text, locale) = (app.text(), app.locale());
    let name = |id: &str| catalog.device(id).map(|device| device.name.clone()).unwrap_or_default();
    match &rule.condition {
        Some(Condition::PowerAbove(it)) => {
            text.rule_power(&name(&it.device_id), &fmt::power(it.power_watts, &locale).to_string())
        }
        Some(Condition::NoData(it)) => text.rule_silent(&name(&it.device_id)),
        Some(Condition::OnLonger(it)) => text.rule_long(&name(&it.device_id)),
        Some(Condition::Budget(_)) => text.rule_budget().to_owned(),
        Some(Condition::UnusualDay(_)) => text.rule_unusual().to_owned(),
        None => String::new(),
    }
}

#[component]
fn Line(rule: AlertRule, onchanged: EventHandler<()>) -> Element {
    let app = use_app();
    let text = app.text();
    let catalog = use_catalog().data().unwrap_or_default();
    let act = use_act();
    let id = rule.alert_rule_id.clone();
    let turned = AlertRule {
        paused: !rule.paused,
        ..rule.clone()
    };
    rsx! {
        li { "data-testid": "rule", "data-state": if rule.paused { "paused" } else { "on" },
            div { class: "grow",
                p { strong { "{rule.name}" } }
                p { class: "hint",
                    {words(app, &catalog, &rule)}
                    if rule.paused { " · {text.paused()}" }
                }
                ActProblem { act }
            }
            button { class: "btn small", r#type: "button", "data-testid": "pause-rule", "aria-disabled": if act.busy() { "true" },
                onclick: move |_| {
                    let request = UpdateAlertRuleRequest { alert_rule: Some(turned.clone()), update_mask: Some(api::mask(&["paused"])) };
                    act.run(app, api::ask_once(request), move |_| onchanged.call(()));
                },
                {if rule.paused { text.resume() } else { text.pause() }}
            }
            Confirm { label: text.remove(), what: rule.name.clone(), question: text.remove_rule_question(), testid: "remove-rule", busy: act.busy(),
                onconfirm: move |()| {
                    let request = DeleteAlertRuleRequest { alert_rule_id: id.clone() };
                    act.run(app, api::ask_once(request), move |_| onchanged.call(()));
                }
            }
        }
    }
}

/// Asks for a device, and for the power that is too much or silence.
#[component]
fn NewRule(onmade: EventHandler<()>) -> Element {
    let app = use_app();
    let text = app.text();
    let catalog = use_catalog().data().unwrap_or_default();
    let act = use_act();
    let mut device = use_signal(String::new);
    let mut silent = use_signal(|| true);
    let mut watts = use_signal(|| "2000".to_owned());
    let mut wrong = use_signal(|| false);
    let first = catalog
        .devices
        .first()
        .map(|device| device.device_id.clone())
        .unwrap_or_default();
    let known = catalog.clone();
    let make = move |event: FormEvent| {
        event.prevent_default();
        let chosen = device.peek().clone();
        let device_id = if chosen.is_empty() { first.clone() } else { chosen };
        let power = fmt::read(&watts.peek().replace(',', ".")).filter(|watts| *watts > 0.0);
        wrong.set(!*silent.peek() && power.is_none());
        if *wrong.peek() || device_id.is_empty() {
            return;
        }
        let of = |seconds| Some(Duration { seconds, nanos: 0 });
        let condition = if *silent.peek() {
            Condition::NoData(NoData {
                device_id: device_id.clone(),
                duration: of(SILENT),
            })
        } else {
            Condition::PowerAbove(PowerAbove {
                device_id: device_id.clone(),
                power_watts: power.unwrap_or_default(),
                duration: of(HIGH),
            })
        };
        let name = known
            .device(&device_id)
            .map(|device| device.name.clone())
            .unwrap_or_default();
        let rule = AlertRule {
            home_id: app.home_id_now(),
            name,
            condition: Some(condition),
            ..AlertRule::default()
        };
        act.run(
            app,
            api::ask_once(CreateAlertRuleRequest { alert_rule: Some(rule) }),
            move |_| onmade.call(()),
        );
    };
    if catalog.devices.is_empty() {
        return rsx! {};
    }
    rsx! {
        section { class: "card form", "aria-labelledby": "new-rule",
            h2 { id: "new-rule", {text.new_rule()} }
            form { class: "form", onsubmit: make, novalidate: true,
                div { class: "two",
                    Field { id: "rule-device", label: text.device(),
                        select { class: "input", id: "rule-device", onchange: move |event| device.set(event.value()),
                            for it in catalog.devices { option { key: "{it.device_id}", value: "{it.device_id}", "{it.name}" } }
                        }
                    }
                    Field { id: "rule-kind", label: text.rule_when(),
                        select { class: "input", id: "rule-kind", onchange: move |event| silent.set(event.value() == "silent"),
                            option { value: "silent", selected: silent(), {text.kind_silent()} }
                            option { value: "power", selected: !silent(), {text.kind_power()} }
                        }
                    }
                }
                if !silent() {
                    Field { id: "rule-watts", label: text.rule_watts(), problem: if wrong() { text.rule_watts_wrong() } else { "" },
                        input { class: "input", id: "rule-watts", inputmode: "decimal", value: "{watts}", "aria-invalid": if wrong() { "true" },
                            oninput: move |event| watts.set(event.value()) }
                    }
                }
                ActProblem { act }
                div { button { class: "btn primary", r#type: "submit", "data-testid": "create-rule", "aria-disabled": if act.busy() { "true" }, {text.create_rule()} } }
            }
        }
    }
}
