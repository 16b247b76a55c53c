//! Figures and small bars.

use dioxus::prelude::*;
use voltaire_chart::Quantity;

/// A figure whose unit is set smaller than its number.
#[component]
pub(crate) fn Figure(
    value: Quantity,
    #[props(default)] class: &'static str,
    #[props(default)] testid: &'static str,
) -> Element {
    rsx! {
        span { class, "data-testid": testid,
            "{value.prefix}{value.number}"
            if !value.unit.is_empty() {
                span { class: "unit", "\u{202F}{value.unit}" }
            }
        }
    }
}

/// A bar that shows a share from 0 to 1 in the current colour.
#[component]
pub(crate) fn LoadBar(share: f64) -> Element {
    let width = (share.clamp(0.0, 1.0) * 100.0).max(if share > 0.0 { 1.0 } else { 0.0 });
    rsx! {
        svg { class: "meter", "aria-hidden": "true", view_box: "0 0 100 8", preserve_aspect_ratio: "none",
            rect { class: "track", width: "100", height: "8", rx: "1.5" }
            rect { class: "bar", width: "{width:.1}", height: "8", rx: "1" }
        }
    }
}
