//! Pages and the states that each of them has: loading, empty, failed.

use dioxus::prelude::*;
use voltaire_chart::fresh::Freshness;

use crate::{
    api::{Failure, Kind},
    browser,
    icon::Icon,
    state::use_app,
};

/// A page: its title in the window and as the heading, and the name of its state for tests.
#[component]
pub(crate) fn Page(
    name: String,
    title: String,
    #[props(default = "ready")] state: &'static str,
    #[props(default)] tools: Option<Element>,
    children: Element,
) -> Element {
    let app = use_app();
    let heading = title.clone();
    use_effect(use_reactive!(|title| {
        let home = app
            .home
            .read()
            .as_ref()
            .map(|home| home.pb.name.clone())
            .unwrap_or_default();
        browser::set_title(&if home.is_empty() {
            format!("{title} · Voltaire")
        } else {
            format!("{title} · {home}")
        });
    }));
    use_effect(browser::scroll_top);
    rsx! {
        div { class: "page {name}", "data-testid": "page-{name}", "data-state": state,
            div { class: "page-head",
                h1 { "{heading}" }
                {tools}
            }
            {children}
        }
    }
}

/// Whether the browser has no network, so that nothing can be changed.
pub(crate) fn use_offline() -> Memo<bool> {
    let app = use_app();
    use_memo(move || matches!(app.live.read().freshness((app.now)()), Freshness::Offline(_)))
}

/// Controls that change something on the server: without a network they are off, and it says why.
#[component]
pub(crate) fn Writes(children: Element) -> Element {
    let text = use_app().text();
    let offline = use_offline();
    rsx! {
        if offline() {
            p { class: "note writes-off", "data-testid": "writes-off",
                Icon { name: "wifi-off" }
                {text.writes_off()}
            }
        }
        fieldset { class: "writes", disabled: offline(), {children} }
    }
}

/// Nothing there yet, and what to do about it.
#[component]
pub(crate) fn Empty(icon: String, title: String, text: String, children: Element) -> Element {
    rsx! {
        div { class: "empty-state", "data-state": "empty",
            Icon { name: icon }
            h2 { "{title}" }
            p { "{text}" }
            div { class: "row wrap", {children} }
        }
    }
}

/// What failed, why, and a way to try again.
#[component]
pub(crate) fn Problem(failure: Failure, onretry: EventHandler<()>) -> Element {
    let text = use_app().text();
    let sentence = text.failure(&failure);
    let denied = failure.kind == Kind::Denied;
    rsx! {
        div { class: "note danger", role: "alert", "data-state": if denied { "denied" } else { "error" }, "data-testid": "problem",
            Icon { name: "triangle-alert" }
            div { class: "grow",
                p { "{sentence}" }
                if !failure.reason.is_empty() || !failure.trace.is_empty() {
                    details {
                        summary { {text.details()} }
                        code { "{failure.reason} {failure.trace}" }
                    }
                }
            }
            if !denied {
                button { class: "btn small", r#type: "button", onclick: move |_| onretry.call(()), {text.retry()} }
            }
        }
    }
}

/// The shape of something that is being loaded.
#[component]
pub(crate) fn Skeleton(#[props(default = "sk-line")] shape: &'static str) -> Element {
    rsx! {
        div { class: "skeleton {shape}", "aria-hidden": "true" }
    }
}

/// A whole page that is being loaded.
#[component]
pub(crate) fn Loading() -> Element {
    let text = use_app().text();
    rsx! {
        div { class: "page", "data-state": "loading", "aria-busy": "true",
            p { class: "visually-hidden", role: "status", {text.loading()} }
            Skeleton {}
            div { class: "card", Skeleton { shape: "sk-stat" } }
            div { class: "card", Skeleton { shape: "sk-plot" } }
        }
    }
}
