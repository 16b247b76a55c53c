//! Making an account. The new home starts with the browser's time zone, number style and currency.

use dioxus::prelude::*;
use voltaire_chart::fmt;
use voltaire_proto::{auth::v1::RegisterRequest, telemetry::v1::Home};

use super::login::{AuthFrame, AuthProblem, PasswordField, use_inside};
use crate::{
    api::{self, Failure},
    app::Route,
    browser,
    parts::Field,
    state::use_app,
};

/// The sign-up page.
#[component]
pub(crate) fn Signup() -> Element {
    let app = use_app();
    let text = app.text();
    let mut name = use_signal(String::new);
    let mut email = use_signal(String::new);
    let mut invite = use_signal(String::new);
    let password = use_signal(String::new);
    let mut failure = use_signal(|| None::<Failure>);
    let mut busy = use_signal(|| false);
    use_inside();
    let submit = move |event: FormEvent| {
        event.prevent_default();
        async move {
            if busy() {
                return;
            }
            busy.set(true);
            let request = RegisterRequest {
                name: name.peek().trim().to_owned(),
                email: email.peek().trim().to_owned(),
                password: password.peek().clone(),
                invite_code: invite.peek().trim().to_owned(),
            };
            match api::sign_up(request).await {
                Ok(user) => {
                    settle(text.home()).await;
                    // Whoever was on the way to a page still gets there.
                    if ["", "/"].contains(&app.next.peek().as_str()) {
                        app.come_back_to(&Route::welcome("", "").to_string());
                    }
                    app.enter(user);
                }
                Err(problem) => failure.set(Some(problem)),
            }
            busy.set(false);
        }
    };
    let wrong = failure();
    let wrong_in = |field: &str| {
        wrong
            .as_ref()
            .and_then(|wrong| wrong.field(field))
            .unwrap_or_default()
            .to_owned()
    };
    let asks_invite = wrong.as_ref().is_some_and(|wrong| wrong.reason.starts_with("INVITE"));
    let (wrong_name, wrong_email, wrong_password) = (wrong_in("name"), wrong_in("email"), wrong_in("password"));
    let general = wrong.filter(|_| wrong_name.is_empty() && wrong_email.is_empty() && wrong_password.is_empty());
    rsx! {
        AuthFrame { title: text.create_account(), name: "signup",
            form { class: "form", onsubmit: submit, novalidate: true,
                AuthProblem { failure: general }
                Field { id: "name", label: text.your_name(), problem: wrong_name,
                    input { class: "input", id: "name", name: "name", autocomplete: "name", autofocus: true, required: true, maxlength: "80",
                        value: "{name}", oninput: move |event| name.set(event.value()) }
                }
                Field { id: "email", label: text.email(), problem: wrong_email,
                    input { class: "input", id: "email", r#type: "email", name: "email", autocomplete: "username", required: true, maxlength: "254",
                        value: "{email}", oninput: move |event| email.set(event.value()) }
                }
                PasswordField { value: password, autocomplete: "new-password", hint: text.password_hint(), problem: wrong_password }
                if asks_invite || !invite.read().is_empty() {
                    Field { id: "invite", label: text.invite_code(), hint: text.invite_hint(),
                        input { class: "input", id: "invite", name: "invite", autocomplete: "off", value: "{invite}",
                            oninput: move |event| invite.set(event.value()) }
                    }
                }
                button { class: "btn primary wide", r#type: "submit", id: "submit", "aria-disabled": if busy() { "true" } else { "false" },
                    if busy() { {text.creating_account()} } else { {text.create_account()} }
                }
                p { class: "muted",
                    {text.have_account()}
                    " "
                    Link { to: Route::Login {}, id: "to-login", {text.sign_in()} }
                }
            }
        }
    }
}

/// Gives the new home a name in the reader's language and what the browser knows. What fails here can be set in Settings.
async fn settle(name: &str) {
    let Ok(home) = api::home().await else { return };
    let locale = browser::language();
    let mut fields = vec!["name", "locale"];
    let mut changed = Home {
        home_id: home.home_id,
        name: name.to_owned(),
        locale: locale.clone(),
        ..Home::default()
    };
    if let Some(zone) = browser::time_zone() {
        changed.time_zone = zone;
        fields.push("time_zone");
    }
    if let Some(currency) = fmt::for_region(&locale) {
        currency.clone_into(&mut changed.currency_code);
        fields.push("currency_code");
    }
    let _ = api::update_home(changed, &fields).await;
}
