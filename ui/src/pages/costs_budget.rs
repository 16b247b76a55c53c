//! The month's budget: how far it is used up, setting one, removing it. A budget is an alert rule that tells before and when it is passed.

use dioxus::prelude::*;
use voltaire_chart::fmt;
use voltaire_proto::telemetry::v1::{
    AlertRule, Budget, CalendarUnit, CreateAlertRuleRequest, DeleteAlertRuleRequest, GetForecastResponse,
    ListAlertRulesRequest, alert_rule::Condition, budget::Limit,
};

use crate::{
    api::{self, Failure},
    load::use_load,
    parts::{Field, LoadBar, Problem, Skeleton, Writes},
    state::use_app,
};

/// A budget of money for the whole home and the month, and its rule.
fn budget(rule: &AlertRule) -> Option<(String, f64)> {
    let Some(Condition::Budget(budget)) = &rule.condition else {
        return None;
    };
    match &budget.limit {
        Some(Limit::Cost(cost)) if budget.device_id.is_empty() && budget.period() == CalendarUnit::Month => {
            Some((rule.alert_rule_id.clone(), fmt::read(cost)?))
        }
        _ => None,
    }
}

/// The budget of the running month.
#[component]
pub(super) fn Budgets(forecast: GetForecastResponse) -> Element {
    let app = use_app();
    let text = app.text();
    let rules = use_load(move || {
        let request = ListAlertRulesRequest {
            home_id: app.home_id(),
            page_size: 0,
            page_token: String::new(),
        };
        async move {
            Ok(api::figures(request)
                .await?
                .alert_rules
                .iter()
                .filter_map(budget)
                .collect::<Vec<_>>())
        }
    });
    let mut failed = use_signal(|| None::<Failure>);
    let used = forecast
        .so_far_cost
        .as_ref()
        .and_then(|money| fmt::read(&money.amount))
        .unwrap_or(0.0);
    let remove = move |alert_rule_id: String| {
        spawn(async move {
            match api::figures(DeleteAlertRuleRequest { alert_rule_id }).await {
                Ok(_) => rules.reload(),
                Err(failure) => failed.set(Some(failure)),
            }
        });
    };
    let list = rules.data();
    let state = if list.as_ref().is_some_and(Vec::is_empty) {
        "empty"
    } else {
        rules.state()
    };
    rsx! {
        section { class: "card stack", "data-testid": "budget", "data-state": state,
            h2 { class: "muted", {text.budget()} }
            if let Some(failure) = rules.failure().or_else(|| failed.read().clone()) {
                Problem { failure, onretry: move |()| { failed.set(None); rules.reload(); } }
            }
            Writes {
                match list {
                    None => rsx! { Skeleton {} },
                    Some(list) if list.is_empty() => rsx! {
                        p { {text.budget_none()} }
                        NewBudget { onset: move |()| rules.reload() }
                    },
                    Some(list) => rsx! {
                        for (id, limit) in list {
                            Used { key: "{id}", limit, used, onremove: move |()| remove(id.clone()) }
                        }
                    },
                }
            }
        }
    }
}

#[component]
fn Used(limit: f64, used: f64, onremove: EventHandler<()>) -> Element {
    let app = use_app();
    let text = app.text();
    let (locale, currency) = (app.locale(), app.currency());
    let share = if limit > 0.0 { used / limit } else { 1.0 };
    let money = |value: f64| fmt::amount(value, &currency, &locale).to_string();
    rsx! {
        p { "data-testid": "budget-used", {text.budget_used(&money(used), &money(limit), &fmt::share(share, &locale))} }
        span { class: if share > 1.0 { "d8" } else { "home" }, LoadBar { share } }
        p { class: "hint", {text.budget_hint()} }
        div { button { class: "btn small", r#type: "button", onclick: move |_| onremove.call(()), {text.remove()} } }
    }
}

#[component]
fn NewBudget(onset: EventHandler<()>) -> Element {
    let app = use_app();
    let text = app.text();
    let mut typed = use_signal(String::new);
    let mut wrong = use_signal(|| false);
    let mut failed = use_signal(|| None::<Failure>);
    let set = move |event: FormEvent| {
        event.prevent_default();
        let cost = typed().trim().replace(',', ".");
        if !fmt::read(&cost).is_some_and(|cost| cost > 0.0) {
            wrong.set(true);
            return;
        }
        wrong.set(false);
        spawn(async move {
            let rule = AlertRule {
                home_id: app.home_id_now(),
                name: app.text().budget().to_owned(),
                condition: Some(Condition::Budget(Budget {
                    device_id: String::new(),
                    period: CalendarUnit::Month.into(),
                    projected: true,
                    limit: Some(Limit::Cost(cost)),
                })),
                ..AlertRule::default()
            };
            match api::figures(CreateAlertRuleRequest { alert_rule: Some(rule) }).await {
                Ok(_) => onset.call(()),
                Err(failure) => failed.set(Some(failure)),
            }
        });
    };
    rsx! {
        form { class: "form", onsubmit: set, novalidate: true,
            Field { id: "budget-amount", label: "{text.budget_per_month()}, {app.currency()}", hint: text.budget_hint(), problem: if wrong() { text.budget_wrong() } else { "" },
                div { class: "with-button",
                    input { class: "input", id: "budget-amount", inputmode: "decimal", autocomplete: "off", value: "{typed}", "data-testid": "budget-amount",
                        "aria-invalid": if wrong() { "true" }, oninput: move |event| typed.set(event.value()) }
                    button { class: "btn", r#type: "submit", "data-testid": "set-budget", {text.set_budget()} }
                }
            }
            if let Some(failure) = failed() {
                Problem { failure, onretry: move |()| failed.set(None) }
            }
        }
    }
}
