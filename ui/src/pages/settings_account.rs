//! The account: name and e-mail, password, signing out, deleting everything.

use dioxus::prelude::*;
use voltaire_proto::auth::v1::{UpdateMeRequest, User};

use crate::{
    act::{ActProblem, use_act},
    api::{self, Failure},
    icon::Icon,
    parts::{Field, Problem},
    state::{Me, use_app},
};

/// The parts of the account.
#[component]
pub(super) fn Account() -> Element {
    let app = use_app();
    let Me::SignedIn(user) = app.me.read().clone() else {
        return rsx! {};
    };
    let user = *user;
    rsx! {
        Person { key: "{user.name} {user.email}", user: user.clone() }
        Password {}
        SignOut {}
        DeleteAccount { email: user.email }
    }
}

#[component]
fn Person(user: User) -> Element {
    let app = use_app();
    let text = app.text();
    let act = use_act();
    let mut name = use_signal(|| user.name.clone());
    let mut email = use_signal(|| user.email.clone());
    let save = move |event: FormEvent| {
        event.prevent_default();
        let request = UpdateMeRequest {
            user: Some(User {
                name: name.peek().trim().to_owned(),
                email: email.peek().trim().to_owned(),
                ..User::default()
            }),
            update_mask: Some(api::mask(&["name", "email"])),
        };
        act.run(app, api::ask_once(request), move |answer| {
            if let Some(user) = answer.user {
                app.enter(user);
                app.announce(app.text().saved().to_owned());
            }
        });
    };
    rsx! {
        section { class: "card form", "aria-labelledby": "person-title",
            h2 { id: "person-title", {text.account()} }
            form { class: "form", onsubmit: save, novalidate: true,
                div { class: "two",
                    Field { id: "person-name", label: text.your_name(),
                        input { class: "input", id: "person-name", autocomplete: "name", maxlength: "80", value: "{name}", oninput: move |event| name.set(event.value()) }
                    }
                    Field { id: "person-email", label: text.email(),
                        input { class: "input", id: "person-email", r#type: "email", autocomplete: "username", maxlength: "254", value: "{email}", oninput: move |event| email.set(event.value()) }
                    }
                }
                ActProblem { act }
                div { button { class: "btn", r#type: "submit", "aria-disabled": if act.busy() { "true" }, {text.save()} } }
            }
        }
    }
}

#[component]
fn Password() -> Element {
    let app = use_app();
    let text = app.text();
    let act = use_act();
    let mut current = use_signal(String::new);
    let mut wanted = use_signal(String::new);
    let mut done = use_signal(|| false);
    let change = move |event: FormEvent| {
        event.prevent_default();
        done.set(false);
        let asked = api::change_password(current.peek().clone(), wanted.peek().clone());
        act.run(app, asked, move |()| {
            current.set(String::new());
            wanted.set(String::new());
            done.set(true);
        });
    };
    rsx! {
        section { class: "card form", "aria-labelledby": "password-title",
            h2 { id: "password-title", {text.password()} }
            p { class: "muted", {text.password_ends_sessions()} }
            form { class: "form", onsubmit: change, novalidate: true,
                div { class: "two",
                    Field { id: "password-now", label: text.password_now(),
                        input { class: "input", id: "password-now", r#type: "password", autocomplete: "current-password", maxlength: "512", value: "{current}", oninput: move |event| current.set(event.value()) }
                    }
                    Field { id: "password-new", label: text.password_new(), hint: text.password_hint(),
                        input { class: "input", id: "password-new", r#type: "password", autocomplete: "new-password", maxlength: "512", value: "{wanted}", oninput: move |event| wanted.set(event.value()) }
                    }
                }
                ActProblem { act }
                if done() { p { class: "done row", role: "status", "data-testid": "password-changed", Icon { name: "check", small: true } {text.password_changed()} } }
                div { button { class: "btn", r#type: "submit", "data-testid": "change-password", "aria-disabled": if act.busy() { "true" }, {text.change_password()} } }
            }
        }
    }
}

#[component]
fn SignOut() -> Element {
    let app = use_app();
    let text = app.text();
    let mut failure = use_signal(|| None::<Failure>);
    let sign_out = use_callback(move |()| {
        spawn(async move {
            match api::sign_out().await {
                Ok(()) => app.forget(),
                Err(problem) if problem.kind == api::Kind::SignedOut => app.forget(),
                Err(problem) => failure.set(Some(problem)),
            }
        });
    });
    rsx! {
        section { class: "card form", "aria-labelledby": "session-title",
            h2 { id: "session-title", {text.this_session()} }
            if let Some(failure) = failure() {
                Problem { failure, onretry: move |()| sign_out(()) }
            }
            span {
                button { class: "btn", r#type: "button", id: "sign-out", onclick: move |_| sign_out(()),
                    Icon { name: "log-out", small: true }
                    {text.sign_out()}
                }
            }
        }
    }
}

/// Needs the password, and the e-mail typed once more.
#[component]
fn DeleteAccount(email: String) -> Element {
    let app = use_app();
    let text = app.text();
    let act = use_act();
    let mut typed = use_signal(String::new);
    let mut password = use_signal(String::new);
    let ready = typed.read().trim().eq_ignore_ascii_case(&email) && !password.read().is_empty();
    let delete = move |event: FormEvent| {
        event.prevent_default();
        if ready {
            act.run(app, api::delete_account(password.peek().clone()), move |()| {
                app.forget();
            });
        }
    };
    rsx! {
        section { class: "card form", "aria-labelledby": "delete-title",
            h2 { id: "delete-title", {text.delete_account()} }
            p { class: "muted", id: "delete-text", {text.delete_account_text()} }
            form { class: "form", onsubmit: delete, novalidate: true,
                div { class: "two",
                    Field { id: "delete-email", label: text.type_email(&email),
                        input { class: "input", id: "delete-email", autocomplete: "off", value: "{typed}", oninput: move |event| typed.set(event.value()) }
                    }
                    Field { id: "delete-password", label: text.password(),
                        input { class: "input", id: "delete-password", r#type: "password", autocomplete: "current-password", value: "{password}", oninput: move |event| password.set(event.value()) }
                    }
                }
                ActProblem { act }
                div { button { class: "btn danger", r#type: "submit", "data-testid": "delete-account", disabled: !ready, "aria-describedby": "delete-text", {text.delete_account()} } }
            }
        }
    }
}
