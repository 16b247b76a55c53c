//! The conversations before this one: to search, rename and delete.

use dioxus::prelude::*;
use voltaire_proto::chat::v1::Session;

use crate::{
    api::{self, Failure},
    app::Route,
    browser, chat,
    icon::Icon,
    load::{Load, use_load},
    parts::{Problem, Skeleton, use_offline},
    state::use_app,
};

/// From so many conversations on there is a search field.
const MANY: usize = 3;

/// The list beside the conversation; on small screens folded away above it.
#[component]
pub(super) fn Sessions(current: String) -> Element {
    let app = use_app();
    let text = app.text();
    // Both lists show the same: what was asked last stands in one as long as in the other.
    let sessions = use_load(move || {
        let _ = (app.chat.changes)();
        api::sessions()
    });
    use_effect(move || {
        let (list, mut asked) = (sessions.data().unwrap_or_default(), app.chat.asked);
        let top = list.iter().take(asked.peek().len());
        let arrived: Vec<&str> = top.map(|it| it.session_id.as_str()).collect();
        if asked.peek().iter().any(|it| arrived.contains(&it.session_id.as_str())) {
            asked.write().retain(|it| !arrived.contains(&it.session_id.as_str()));
        }
    });
    rsx! {
        aside { class: "sessions", "aria-label": text.conversations(), List { id: "sessions-wide", current: current.clone(), sessions } }
        details { class: "sessions-small",
            summary {
                Icon { name: "clock", small: true }
                {text.conversations()}
            }
            List { id: "sessions-small", current, sessions }
        }
    }
}

/// The conversations; without a network they stay as they are, and it says why.
#[component]
fn List(id: &'static str, current: String, sessions: Load<Vec<Session>>) -> Element {
    let app = use_app();
    let text = app.text();
    let navigator = use_navigator();
    let mut wanted = use_signal(String::new);
    let begin = move || {
        app.chat.reset();
        navigator.push(Route::ask(""));
    };
    let delete = move |session: Session| {
        if *app.chat.session.peek() == session.session_id {
            begin();
        }
        chat::delete(app, session);
    };
    let deleted = app.chat.deleted.read().clone();
    let gone = deleted.as_ref().map(|session| session.session_id.clone());
    let list = sessions.data().map(|list| {
        latest_first(list, &app.chat.asked.read())
            .into_iter()
            .filter(|session| Some(&session.session_id) != gone.as_ref())
            .collect::<Vec<_>>()
    });
    let all = list.as_ref().map_or(0, Vec::len);
    let offline = use_offline();
    let off = offline().then_some(id);
    let key = wanted.read().trim().to_lowercase();
    let found = list.map(|mut list| {
        list.retain(|session| session.title.to_lowercase().contains(&key));
        list
    });
    rsx! {
        button { class: "btn", r#type: "button", "data-testid": "new-conversation", onclick: move |_| begin(),
            Icon { name: "plus", small: true }
            {text.new_conversation()}
        }
        if let Some(session) = deleted {
            div { class: "note between", role: "status", "data-testid": "deleted",
                span { class: "grow", {text.deleted(&session.title)} }
                button { class: "btn small", r#type: "button", "data-testid": "undo-delete", onclick: move |_| chat::keep(app), {text.undo()} }
            }
        }
        if let Some((session, failure)) = app.chat.undeleted.read().clone() {
            div { class: "note danger", role: "alert", "data-testid": "not-deleted",
                span { class: "grow", {text.not_deleted(&session.title, &failure)} }
                button { class: "btn small", r#type: "button", "data-testid": "delete-again", disabled: offline(), "aria-describedby": off,
                    onclick: move |_| delete(session.clone()), {text.retry()} }
            }
        }
        if offline() && all > 0 {
            p { class: "hint", id, "data-testid": "sessions-off", {text.writes_off()} }
        }
        if let Some(failure) = sessions.failure() {
            Problem { failure, onretry: move |()| sessions.reload() }
        }
        if all >= MANY {
            input { class: "input", r#type: "search", "aria-label": text.search_conversations(), placeholder: text.search_conversations(),
                "data-testid": "search-sessions", value: "{wanted}", oninput: move |event| wanted.set(event.value()) }
        }
        match found {
            Some(_) if all == 0 => rsx! { p { class: "hint", {text.no_conversations()} } },
            Some(list) if list.is_empty() => rsx! { p { class: "hint", {text.nothing_found()} } },
            Some(list) => rsx! {
                ul { class: "session-list", "data-testid": "sessions",
                    for session in list {
                        Item { key: "{session.session_id}", on: session.session_id == current, session, off,
                            ondelete: delete, onrenamed: move |()| sessions.reload() }
                    }
                }
            },
            None if sessions.failure().is_none() => rsx! { Skeleton {} },
            None => rsx! {},
        }
    }
}

/// The list with the conversations at its top that were asked in last, as the server is going to give it: no row moves under the
/// pointer when it does.
fn latest_first(mut list: Vec<Session>, asked: &[Session]) -> Vec<Session> {
    for session in asked.iter().rev() {
        let known = list.iter().position(|it| it.session_id == session.session_id);
        let known = known.map(|index| list.remove(index));
        list.insert(0, known.unwrap_or_else(|| session.clone()));
    }
    list
}

/// One conversation: opened by its title, with the ways to rename and delete it, which are `off` for the reason in the element of this id.
#[component]
fn Item(
    session: Session,
    on: bool,
    off: Option<&'static str>,
    ondelete: EventHandler<Session>,
    onrenamed: EventHandler<()>,
) -> Element {
    let text = use_app().text();
    let mut renaming = use_signal(|| false);
    let title = session.title.clone();
    if renaming() {
        return rsx! {
            li {
                Rename { session: session.clone(), off, onclose: move |done| {
                    renaming.set(false);
                    if done {
                        onrenamed.call(());
                    }
                } }
            }
        };
    }
    rsx! {
        li { "data-testid": "session",
            Link { to: Route::ask(&session.session_id), class: if on { "on" } else { "" }, title: "{title}", "{title}" }
            button { class: "btn quiet icon-only small", r#type: "button", "aria-label": "{text.rename_conversation()}: {title}", title: text.rename_conversation(),
                "data-testid": "rename-session", disabled: off.is_some(), "aria-describedby": off, onclick: move |_| renaming.set(true),
                Icon { name: "pencil", small: true }
            }
            button { class: "btn quiet icon-only small", r#type: "button", "aria-label": "{text.delete_conversation()}: {title}", title: text.delete_conversation(),
                "data-testid": "delete-session", disabled: off.is_some(), "aria-describedby": off, onclick: move |_| ondelete.call(session.clone()),
                Icon { name: "trash-2", small: true }
            }
        }
    }
}

/// The field in place of the title; Enter saves, Escape leaves it as it was. `onclose` says whether it was changed.
#[component]
fn Rename(session: Session, off: Option<&'static str>, onclose: EventHandler<bool>) -> Element {
    let text = use_app().text();
    let mut title = use_signal(|| session.title.clone());
    let mut failure = use_signal(|| None::<Failure>);
    let id = format!("title-{}", session.session_id);
    let shown = id.clone();
    use_effect(move || browser::focus(&shown));
    let save = move |event: FormEvent| {
        event.prevent_default();
        let (id, before) = (session.session_id.clone(), session.title.clone());
        async move {
            let wanted = title.peek().trim().to_owned();
            if wanted.is_empty() || wanted == before {
                return onclose.call(false);
            }
            match api::rename_session(&id, &wanted).await {
                Ok(()) => onclose.call(true),
                Err(problem) => failure.set(Some(problem)),
            }
        }
    };
    rsx! {
        form { class: "rename", onsubmit: save,
            label { class: "visually-hidden", r#for: "{id}", {text.conversation_title()} }
            input { class: "input", id: "{id}", maxlength: "80", autocomplete: "off", value: "{title}", "data-testid": "session-title",
                oninput: move |event| title.set(event.value()),
                onkeydown: move |event| if event.key() == Key::Escape { onclose.call(false); } }
            button { class: "btn small", r#type: "submit", disabled: off.is_some(), "aria-describedby": off, {text.save()} }
            if let Some(failure) = failure() {
                p { class: "problem", role: "alert", {text.failure(&failure)} }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(id: &str, title: &str) -> Session {
        Session {
            session_id: id.to_owned(),
            title: title.to_owned(),
            ..Session::default()
        }
    }

    #[test]
    fn what_was_asked_last_is_first_at_once() {
        let list = || vec![session("a", "first"), session("b", "second")];
        assert_eq!(latest_first(list(), &[]), list());
        assert_eq!(
            latest_first(list(), &[session("d", "fourth"), session("c", "third")]),
            [
                session("d", "fourth"),
                session("c", "third"),
                session("a", "first"),
                session("b", "second")
            ]
        );
        assert_eq!(
            latest_first(list(), &[session("b", "a question in it")]),
            [session("b", "second"), session("a", "first")],
            "its title stays"
        );
    }
}
