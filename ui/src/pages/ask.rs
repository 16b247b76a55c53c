//! Asking: the conversation, and the conversations before.

use dioxus::prelude::*;

use super::{
    sessions::Sessions,
    talk::{Composer, Log},
};
use crate::{
    api::{self, Failure},
    app::Route,
    parts::{Page, Problem, Skeleton},
    state::use_app,
};

/// A conversation; without a session in its address: a new one, or the one that was left.
#[component]
pub(crate) fn Ask(path: Vec<String>) -> Element {
    let app = use_app();
    let text = app.text();
    let navigator = use_navigator();
    let wanted = path.first().cloned().unwrap_or_default();
    let mut target = use_signal(|| wanted.clone());
    if *target.peek() != wanted {
        target.set(wanted);
    }
    let mut failure = use_signal(|| None::<Failure>);
    let mut loading = use_signal(|| false);
    let open = use_callback(move |id: String| {
        loading.set(true);
        failure.set(None);
        spawn(async move {
            match api::messages(&id).await {
                Ok(messages) => app.chat.show(id, messages),
                Err(problem) => failure.set(Some(problem)),
            }
            loading.set(false);
        });
    });
    use_effect(move || {
        let (target, session) = (target(), (app.chat.session)());
        if target.is_empty() && !session.is_empty() {
            navigator.replace(Route::ask(&session));
        } else if !target.is_empty() && target != session && !*loading.peek() && failure.peek().is_none() {
            open(target);
        }
    });
    let count = app.chat.turns.read().len();
    let state = match (loading(), failure().is_some(), count) {
        (true, _, _) => "loading",
        (_, true, _) => "error",
        (_, _, 0) => "empty",
        _ if app.chat.running() => "running",
        _ => "ready",
    };
    rsx! {
        Page { name: "ask-page", title: text.ask_title(), state,
            div { class: "ask",
                Sessions { current: target() }
                section { class: "talk", "aria-label": text.answer(),
                    if let Some(problem) = failure() {
                        Problem { failure: problem, onretry: move |()| open(target()) }
                    }
                    if loading() {
                        Skeleton {}
                        Skeleton { shape: "sk-plot" }
                    } else {
                        Log {}
                    }
                    Composer {}
                }
            }
        }
    }
}
