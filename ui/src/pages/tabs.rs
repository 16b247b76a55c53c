//! The parts of settings and administration, as links side by side.

use dioxus::prelude::*;

use crate::app::Route;

/// Links to the parts of a page; `here` is the one that is shown.
#[component]
pub(super) fn Tabs(label: String, here: String, tabs: Vec<(&'static str, &'static str, Route)>) -> Element {
    rsx! {
        nav { class: "tabs", "aria-label": "{label}",
            for (key, name, to) in tabs {
                Link { key: "{key}", to, "data-testid": "tab-{key}", "aria-current": if key == here { "page" }, {name} }
            }
        }
    }
}
