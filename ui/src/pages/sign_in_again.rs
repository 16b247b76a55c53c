//! Signing in over the page, when its session has ended: the page stays as it is, and goes on afterwards.

use dioxus::prelude::*;

use super::login::{AuthProblem, PasswordField};
use crate::{
    api::{self, Failure, again::Held},
    browser,
    state::{Me, use_app},
};

/// The dialog, while the session of the page has ended.
#[component]
pub(crate) fn SignInAgain() -> Element {
    let app = use_app();
    let Me::SignedIn(user) = app.me.read().clone() else {
        return rsx! {};
    };
    match (app.held)() {
        Held::Ended(_) => rsx! { Asked { email: user.email } },
        Held::Nobody | Held::Since(_) => rsx! {},
    }
}

#[component]
fn Asked(email: String) -> Element {
    const ID: &str = "sign-in-again";
    let app = use_app();
    let text = app.text();
    let password = use_signal(String::new);
    let mut failure = use_signal(|| None::<Failure>);
    let mut busy = use_signal(|| false);
    use_effect(|| {
        browser::open_dialog(ID);
        browser::focus("password");
    });
    let account = email.clone();
    let submit = move |event: FormEvent| {
        event.prevent_default();
        let email = account.clone();
        async move {
            if busy() {
                return;
            }
            busy.set(true);
            match api::sign_in(email, password.peek().clone()).await {
                // Nothing may follow: with the session held again, this dialog is gone.
                Ok(user) => app.enter(user),
                Err(problem) => {
                    failure.set(Some(problem));
                    busy.set(false);
                    browser::focus("password");
                }
            }
        }
    };
    rsx! {
        dialog { class: "dialog", id: ID, "aria-labelledby": "{ID}-title", "aria-describedby": "{ID}-text", "data-testid": ID,
            // What is behind it waits for a session: only signing in or out leads on.
            oncancel: move |event| event.prevent_default(),
            onkeydown: move |event| if event.key() == Key::Escape { event.prevent_default(); },
            div { class: "dialog-head", h2 { id: "{ID}-title", {text.sign_in_again()} } }
            form { class: "form", onsubmit: submit, novalidate: true,
                p { id: "{ID}-text", class: "muted", {text.sign_in_again_text()} }
                AuthProblem { failure: failure() }
                p { strong { "{email}" } }
                // So that a password manager knows whose password it is.
                input { r#type: "hidden", name: "email", autocomplete: "username", value: "{email}" }
                PasswordField { value: password, autocomplete: "current-password", hint: "", problem: "" }
                div { class: "dialog-foot",
                    button { class: "btn quiet", r#type: "button", "data-testid": "leave", onclick: move |_| app.forget(), {text.sign_out()} }
                    button { class: "btn primary", r#type: "submit", "aria-disabled": if busy() { "true" },
                        if busy() { {text.signing_in()} } else { {text.sign_in()} }
                    }
                }
            }
        }
    }
}
