//! The conversations before this one.

use dioxus::prelude::*;

use crate::{
    api,
    app::Route,
    icon::Icon,
    load::use_load,
    parts::{Problem, Skeleton},
    state::use_app,
};

/// The list beside the conversation; on small screens folded away above it.
#[component]
pub(super) fn Sessions(current: String) -> Element {
    let text = use_app().text();
    rsx! {
        aside { class: "sessions", "aria-label": text.conversations(), List { current: current.clone() } }
        details { class: "sessions-small",
            summary {
                Icon { name: "clock", small: true }
                {text.conversations()}
            }
            List { current }
        }
    }
}

#[component]
fn List(current: String) -> Element {
    let app = use_app();
    let text = app.text();
    let navigator = use_navigator();
    let sessions = use_load(move || {
        let _ = (app.chat.changes)();
        api::sessions()
    });
    let begin = move || {
        app.chat.reset();
        navigator.push(Route::ask(""));
    };
    let delete = move |id: String| async move {
        if api::delete_session(&id).await.is_ok() {
            if *app.chat.session.peek() == id {
                begin();
            }
            sessions.reload();
        }
    };
    rsx! {
        button { class: "btn", r#type: "button", "data-testid": "new-conversation", onclick: move |_| begin(),
            Icon { name: "plus", small: true }
            {text.new_conversation()}
        }
        if let Some(failure) = sessions.failure() {
            Problem { failure, onretry: move |()| sessions.reload() }
        }
        match sessions.data() {
            Some(list) if list.is_empty() => rsx! { p { class: "hint", {text.no_conversations()} } },
            Some(list) => rsx! {
                ul { class: "session-list", "data-testid": "sessions",
                    for session in list {
                        li { key: "{session.session_id}",
                            Link { to: Route::ask(&session.session_id), class: if session.session_id == current { "on" } else { "" }, title: "{session.title}", "{session.title}" }
                            button { class: "btn quiet icon-only small", r#type: "button", "aria-label": "{text.delete_conversation()}: {session.title}",
                                onclick: move |_| delete(session.session_id.clone()),
                                Icon { name: "trash-2", small: true }
                            }
                        }
                    }
                }
            },
            None if sessions.failure().is_none() => rsx! { Skeleton {} },
            None => rsx! {},
        }
    }
}
