//! Signing in.

use std::str::FromStr as _;

use dioxus::prelude::*;

use crate::{
    api::{self, Failure},
    app::Route,
    browser,
    icon::Icon,
    parts::{Field, LanguageSelect, ThemeSelect},
    state::{Me, use_app},
};

/// The sign-in page.
#[component]
pub(crate) fn Login() -> Element {
    let app = use_app();
    let text = app.text();
    let mut email = use_signal(String::new);
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
            match api::sign_in(email.peek().trim().to_owned(), password.peek().clone()).await {
                Ok(user) => app.enter(user),
                Err(problem) => {
                    failure.set(Some(problem));
                    browser::focus("password");
                }
            }
            busy.set(false);
        }
    };
    rsx! {
        AuthFrame { title: text.sign_in(), name: "login",
            form { class: "form", onsubmit: submit, novalidate: true,
                AuthProblem { failure: failure() }
                Field { id: "email", label: text.email(),
                    input { class: "input", id: "email", r#type: "email", name: "email", autocomplete: "username", autofocus: true, required: true,
                        value: "{email}", oninput: move |event| email.set(event.value()) }
                }
                PasswordField { value: password, autocomplete: "current-password", hint: "", problem: "" }
                button { class: "btn primary wide", r#type: "submit", id: "submit", "aria-disabled": if busy() { "true" } else { "false" },
                    if busy() { {text.signing_in()} } else { {text.sign_in()} }
                }
                p { class: "muted",
                    {text.first_time()}
                    " "
                    Link { to: Route::Signup {}, id: "to-signup", {text.create_account()} }
                }
            }
        }
    }
}

/// Leaves for the app as soon as somebody is signed in.
pub(super) fn use_inside() {
    let app = use_app();
    let navigator = use_navigator();
    use_effect(move || {
        if matches!(*app.me.read(), Me::SignedIn(_)) {
            let next = Route::from_str(&app.next.peek()).unwrap_or(Route::Now {});
            navigator.replace(next);
        }
    });
}

/// What stands around the forms of both pages.
#[component]
pub(super) fn AuthFrame(title: String, name: &'static str, children: Element) -> Element {
    let text = use_app().text();
    let heading = title.clone();
    use_effect(use_reactive!(|title| browser::set_title(&format!(
        "{title} · Voltaire"
    ))));
    rsx! {
        main { class: "auth", id: "content", "data-testid": "page-{name}", "data-state": "ready",
            div { class: "auth-brand",
                Icon { name: "zap" }
                "Voltaire"
            }
            div { class: "card",
                h1 { "{heading}" }
                {children}
            }
            p { class: "hint", {text.promise()} }
            div { class: "auth-tools",
                LanguageSelect {}
                ThemeSelect {}
            }
        }
    }
}

/// Why signing in failed.
#[component]
pub(super) fn AuthProblem(failure: Option<Failure>) -> Element {
    let text = use_app().text();
    let Some(failure) = failure else { return rsx! {} };
    rsx! {
        p { class: "note danger", role: "alert", id: "auth-problem", "data-state": "error",
            Icon { name: "triangle-alert" }
            {text.failure(&failure)}
        }
    }
}

/// A password that can be shown.
#[component]
pub(super) fn PasswordField(
    value: Signal<String>,
    autocomplete: &'static str,
    hint: String,
    problem: String,
) -> Element {
    let text = use_app().text();
    let mut shown = use_signal(|| false);
    let described = if problem.is_empty() {
        "password-hint"
    } else {
        "password-problem"
    };
    let invalid = !problem.is_empty();
    rsx! {
        Field { id: "password", label: text.password(), hint, problem,
            div { class: "with-button",
                input { class: "input", id: "password", r#type: if shown() { "text" } else { "password" }, name: "password", autocomplete, required: true,
                    maxlength: "512", "aria-describedby": described, "aria-invalid": if invalid { "true" },
                    value: "{value}", oninput: move |event| value.set(event.value()) }
                button { class: "btn icon-only", r#type: "button", "aria-pressed": if shown() { "true" } else { "false" },
                    "aria-label": if shown() { text.hide_password() } else { text.show_password() }, onclick: move |_| shown.toggle(),
                    Icon { name: if shown() { "eye-off" } else { "eye" } }
                }
            }
        }
    }
}
