//! Asking: the question box, the conversation, the conversations before.

use dioxus::prelude::*;

use super::{answer::TurnView, sessions::Sessions};
use crate::{
    api::{self, Failure},
    app::Route,
    browser, chat,
    icon::Icon,
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
    let turns = app.chat.turns.read().clone();
    let count = turns.len();
    use_effect(use_reactive!(|count| if count > 1 {
        browser::scroll_to(&format!("turn-{}", count - 1));
    }));
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
                    } else if count == 0 {
                        Welcome {}
                    }
                    div { role: "log", "aria-live": "off", class: "talk-log",
                        for (index, turn) in turns.into_iter().enumerate() {
                            TurnView { key: "{index}", index, turn, last: index + 1 == count }
                        }
                    }
                    Composer {}
                }
            }
        }
    }
}

#[component]
fn Welcome() -> Element {
    let app = use_app();
    let text = app.text();
    rsx! {
        div { class: "welcome", "data-testid": "ask-welcome",
            p { class: "muted", {text.ask_intro()} }
            div { class: "chips",
                for question in [text.first_1(), text.first_2(), text.first_3(), text.first_4()] {
                    button { class: "btn", r#type: "button", "data-testid": "suggestion", onclick: move |_| chat::ask(app, question), {question} }
                }
            }
        }
    }
}

/// The question box: Enter sends, Shift+Enter breaks the line.
#[component]
fn Composer() -> Element {
    let app = use_app();
    let text = app.text();
    let mut draft = app.chat.draft;
    let running = app.chat.running();
    let send = use_callback(move |()| {
        let question = draft.peek().clone();
        if !app.chat.running() && !question.trim().is_empty() {
            draft.set(String::new());
            chat::ask(app, &question);
        }
    });
    rsx! {
        div { class: "composer",
            form {
                onsubmit: move |event| { event.prevent_default(); send(()); },
                label { class: "visually-hidden", r#for: "question", {text.question()} }
                textarea { class: "input", id: "question", rows: "1", maxlength: "4000", placeholder: text.ask_placeholder(), autofocus: true, value: "{draft}",
                    oninput: move |event| draft.set(event.value()),
                    onkeydown: move |event| {
                        if event.key() == Key::Enter && !event.modifiers().shift() && !event.is_composing() {
                            event.prevent_default();
                            send(());
                        } else if event.key() == Key::Escape && app.chat.running() {
                            app.chat.stop();
                        }
                    },
                }
                if running {
                    button { class: "btn", r#type: "button", id: "stop", onclick: move |_| app.chat.stop(),
                        Icon { name: "square", small: true }
                        {text.stop()}
                    }
                } else {
                    button { class: "btn primary", r#type: "submit", id: "send",
                        Icon { name: "send", small: true }
                        {text.send()}
                    }
                }
            }
        }
    }
}
