//! Asking beside every page: the dock, on phones a sheet; and the ways that open it.

use dioxus::prelude::*;
use futures::StreamExt as _;

use crate::{
    app::Route,
    browser,
    icon::Icon,
    later::{Talk, use_here},
    state::{App, use_app},
};

impl App {
    /// Opens the dock with a question to edit and send.
    pub(crate) fn ask_about(self, question: String) {
        let (mut dock, mut draft) = (self.dock, self.chat.draft);
        draft.set(question);
        dock.set(true);
        browser::focus("question");
    }
}

/// Whether the page has a conversation of its own.
fn is_talk(route: &Route) -> bool {
    matches!(route, Route::Ask { .. })
}

/// Ctrl+J opens and closes the dock.
pub(crate) fn use_dock_key() {
    let app = use_app();
    use_future(move || async move {
        let mut keys = browser::shortcuts();
        while keys.next().await.is_some() {
            toggle(app);
        }
    });
}

fn toggle(app: App) {
    let mut dock = app.dock;
    let open = !*dock.peek();
    dock.set(open);
    browser::focus(if open { "question" } else { "open-dock" });
}

/// The button in the header that opens the dock.
#[component]
pub(crate) fn DockButton() -> Element {
    let app = use_app();
    let text = app.text();
    if is_talk(&use_route::<Route>()) {
        return rsx! {};
    }
    rsx! {
        button { class: "btn small dock-button", r#type: "button", id: "open-dock", "aria-expanded": if (app.dock)() { "true" } else { "false" },
            "aria-controls": if (app.dock)() { "dock" }, "aria-keyshortcuts": "Control+J", title: "Ctrl+J", onclick: move |_| toggle(app),
            Icon { name: "message-circle", small: true }
            {text.ask()}
        }
    }
}

/// A button that asks about what is shown beside it; the question can be edited before it is sent.
#[component]
pub(crate) fn AskAbout(question: String) -> Element {
    let app = use_app();
    let text = app.text();
    rsx! {
        button { class: "btn small", r#type: "button", "data-testid": "ask-about", onclick: move |_| app.ask_about(question.clone()),
            Icon { name: "message-circle", small: true }
            {text.ask_about()}
        }
    }
}

/// The conversation beside the page.
#[component]
pub(crate) fn Dock() -> Element {
    let app = use_app();
    let text = app.text();
    let mut dock = app.dock;
    let here = use_route::<Route>();
    let can_talk = use_here("ask");
    use_effect(move || {
        if dock() && can_talk() {
            browser::focus("question");
        }
    });
    if !dock() || is_talk(&here) {
        return rsx! {};
    }
    let mut close = move || {
        dock.set(false);
        browser::focus("open-dock");
    };
    let session = app.chat.session.read().clone();
    rsx! {
        aside { class: "dock", id: "dock", "aria-label": text.ask(), "data-testid": "dock",
            onkeydown: move |event| if event.key() == Key::Escape && !app.chat.running() { close(); },
            div { class: "dock-head",
                h2 { class: "grow", {text.ask()} }
                button { class: "btn quiet icon-only", r#type: "button", "aria-label": text.new_conversation(), title: text.new_conversation(),
                    onclick: move |_| { app.chat.reset(); browser::focus("question"); },
                    Icon { name: "plus" }
                }
                Link { class: "btn quiet small", to: Route::ask(&session), "data-testid": "dock-page", {text.open_page()} }
                button { class: "btn quiet icon-only", r#type: "button", "aria-label": text.close(), "data-testid": "close-dock", onclick: move |_| close(),
                    Icon { name: "x" }
                }
            }
            Talk {}
        }
    }
}
