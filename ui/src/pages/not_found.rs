//! An address that leads nowhere.

use dioxus::prelude::*;

use crate::{
    app::Route,
    parts::{Empty, Page},
    state::use_app,
};

/// The page for everything that is no page.
#[component]
pub(crate) fn NotFound(path: Vec<String>) -> Element {
    let text = use_app().text();
    rsx! {
        Page { name: "not-found", title: text.not_found(), state: "not-found",
            div { class: "card",
                Empty { icon: "info", title: "/{path.join(\"/\")}", text: text.not_found_text(),
                    Link { class: "btn primary", to: Route::Now {}, {text.to_now()} }
                }
            }
        }
    }
}
