//! The conversation with its question box, for the page and for the dock.

use dioxus::prelude::*;

use super::{answer::TurnView, no_devices::NoDevices};
use crate::{browser, chat, icon::Icon, load::use_catalog, parts::use_offline, state::use_app};

/// Where the conversation ends.
const END: &str = "talk-end";

/// Both, for the dock.
#[component]
pub(crate) fn Talk() -> Element {
    rsx! {
        div { class: "dock-body talk", Log {} }
        Composer {}
    }
}

/// The turns so far; before the first one: what can be asked. A question goes to the top of the view and stays there while its answer
/// grows, unless the reader has gone elsewhere: then a button says that there is more.
#[component]
pub(super) fn Log() -> Element {
    let app = use_app();
    let text = app.text();
    let turns = app.chat.turns.read().clone();
    let count = turns.len();
    let mut at_end = use_signal(|| true);
    use_effect(use_reactive!(|count| if count > 1 {
        browser::scroll_to(&turn_id(count - 1));
    }));
    use_effect(move || {
        let count = app.chat.turns.read().len();
        // The browser tells where the end is only after what has grown is drawn: this is where it was before.
        if app.chat.running() && *at_end.peek() {
            browser::follow(&turn_id(count - 1), END);
        }
    });
    rsx! {
        if count == 0 {
            Hello {}
        }
        div { role: "log", "aria-live": "off", class: "talk-log",
            for (index, turn) in turns.into_iter().enumerate() {
                TurnView { key: "{index}", index, turn, last: index + 1 == count }
            }
            div { id: END, class: "talk-end", onvisible: move |event| {
                let seen = event.data().is_intersecting().unwrap_or(true);
                if seen != *at_end.peek() { at_end.set(seen); }
            } }
        }
        div { class: "more-below",
            if count > 0 && !at_end() {
                button { class: "btn small", r#type: "button", "data-testid": "more-below", onclick: move |_| browser::show_end(END),
                    span { "aria-hidden": "true", "↓" }
                    {text.more_below()}
                }
            }
        }
    }
}

fn turn_id(index: usize) -> String {
    format!("turn-{index}")
}

#[component]
fn Hello() -> Element {
    let app = use_app();
    let text = app.text();
    let catalog = use_catalog().data();
    if catalog.is_some_and(|catalog| catalog.devices.is_empty()) {
        return rsx! { NoDevices {} };
    }
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
pub(super) fn Composer() -> Element {
    let app = use_app();
    let text = app.text();
    let mut draft = app.chat.draft;
    let running = app.chat.running();
    let offline = use_offline();
    let send = use_callback(move |()| {
        let question = draft.peek().clone();
        if !offline() && !app.chat.running() && !question.trim().is_empty() {
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
                    button { class: "btn primary", r#type: "submit", id: "send", disabled: offline(), "aria-describedby": if offline() { "send-off" },
                        Icon { name: "send", small: true }
                        {text.send()}
                    }
                }
            }
            if offline() {
                p { class: "hint", id: "send-off", {text.offline()} }
            }
        }
    }
}
