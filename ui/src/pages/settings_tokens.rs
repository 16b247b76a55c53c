//! API tokens: what each opens, shown once when made, revoked at once.

use dioxus::prelude::*;
use voltaire_chart::fmt;
use voltaire_proto::auth::v1::{ApiToken, CreateApiTokenRequest, ListApiTokensRequest, RevokeApiTokenRequest};

use crate::{
    act::{ActProblem, Confirm, use_act},
    api,
    load::use_load,
    parts::{Copy, Field, Problem, Skeleton},
    state::use_app,
};

/// The caller's tokens, and a form for a new one.
#[component]
pub(super) fn Tokens() -> Element {
    let app = use_app();
    let text = app.text();
    let tokens = use_load(|| api::ask_once(ListApiTokensRequest {}));
    let list: Option<Vec<ApiToken>> = tokens.data().map(|answer| {
        answer
            .api_tokens
            .into_iter()
            .filter(|it| it.revoke_time.is_none())
            .collect()
    });
    let state = match &list {
        Some(list) if list.is_empty() => "empty",
        _ => tokens.state(),
    };
    rsx! {
        NewToken { onmade: move |()| tokens.reload() }
        section { class: "card stack", "aria-labelledby": "tokens-title", "data-testid": "tokens", "data-state": state,
            h2 { id: "tokens-title", {text.your_tokens()} }
            if let Some(failure) = tokens.failure() {
                Problem { failure, onretry: move |()| tokens.reload() }
            }
            match list {
                None => rsx! { Skeleton { shape: "sk-row" } },
                Some(list) if list.is_empty() => rsx! { p { class: "muted", {text.no_tokens()} } },
                Some(list) => rsx! {
                    ul { class: "lines",
                        for token in list { Line { key: "{token.token_id}", token, onrevoked: move |()| tokens.reload() } }
                    }
                },
            }
        }
    }
}

#[component]
fn Line(token: ApiToken, onrevoked: EventHandler<()>) -> Element {
    let app = use_app();
    let text = app.text();
    let act = use_act();
    let (zone, locale, now) = (app.zone(), app.locale(), *app.now.peek());
    let until = token
        .expire_time
        .as_ref()
        .map(|time| text.good_until(&fmt::date_time(api::millis(time), now, &zone, &locale)))
        .unwrap_or_default();
    let opens = token
        .scopes
        .iter()
        .map(|scope| text.scope(scope))
        .collect::<Vec<_>>()
        .join(", ");
    let id = token.token_id.clone();
    rsx! {
        li { "data-testid": "token",
            div { class: "grow",
                p { strong { "{token.name}" } }
                p { class: "hint", "{opens} · {until}" }
                ActProblem { act }
            }
            Confirm { label: text.revoke(), what: token.name.clone(), question: text.revoke_question(), testid: "revoke", busy: act.busy(),
                onconfirm: move |()| {
                    let request = RevokeApiTokenRequest { token_id: id.clone() };
                    act.run(app, api::ask_once(request), move |_| onrevoked.call(()));
                }
            }
        }
    }
}

const SCOPES: [&str; 3] = ["ingest", "read", "mcp"];
const DAYS: [i64; 4] = [7, 30, 90, 365];

#[component]
fn NewToken(onmade: EventHandler<()>) -> Element {
    let app = use_app();
    let text = app.text();
    let act = use_act();
    let mut name = use_signal(String::new);
    let mut scope = use_signal(|| SCOPES[0].to_owned());
    let mut days = use_signal(|| 90_i64);
    let mut made = use_signal(|| None::<String>);
    let mut missing = use_signal(|| false);
    let make = move |event: FormEvent| {
        event.prevent_default();
        let wanted = name.peek().trim().to_owned();
        missing.set(wanted.is_empty());
        if wanted.is_empty() {
            return;
        }
        let request = CreateApiTokenRequest {
            name: wanted,
            scopes: vec![scope.peek().clone()],
            expire_time: Some(api::time(*app.now.peek() + *days.peek() * 86_400_000)),
        };
        act.run(app, api::api_token(request), move |token| {
            made.set(Some(token));
            name.set(String::new());
            onmade.call(());
        });
    };
    rsx! {
        section { class: "card form", "aria-labelledby": "new-token",
            h2 { id: "new-token", {text.new_token()} }
            if let Some(token) = made() {
                div { class: "note", role: "status", "data-testid": "made-token",
                    div { class: "grow",
                        p { {text.token_once()} }
                        pre { class: "snippet", tabindex: "0", "{token}" }
                    }
                    Copy { value: token, label: text.copy(), testid: "copy-made-token" }
                }
            }
            form { class: "form", onsubmit: make, novalidate: true,
                Field { id: "token-name", label: text.token_name(), hint: text.token_name_hint(), problem: if missing() { text.required(text.token_name()) } else { String::new() },
                    input { class: "input", id: "token-name", maxlength: "80", autocomplete: "off", value: "{name}", "aria-invalid": if missing() { "true" },
                        oninput: move |event| name.set(event.value()) }
                }
                div { class: "two",
                    Field { id: "token-scope", label: text.token_opens(),
                        select { class: "input", id: "token-scope", onchange: move |event| scope.set(event.value()),
                            for key in SCOPES { option { key: "{key}", value: key, selected: scope() == key, {text.scope(key)} } }
                        }
                    }
                    Field { id: "token-days", label: text.token_days(),
                        select { class: "input", id: "token-days", onchange: move |event| days.set(event.value().parse().unwrap_or(90)),
                            for count in DAYS { option { key: "{count}", value: "{count}", selected: days() == count, {text.days(count)} } }
                        }
                    }
                }
                ActProblem { act }
                div { button { class: "btn primary", r#type: "submit", "data-testid": "create-token", "aria-disabled": if act.busy() { "true" }, {text.make_token()} } }
            }
        }
    }
}
