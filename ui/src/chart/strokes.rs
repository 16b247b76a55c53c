//! Strokes over the colours of devices: a second channel for who does not tell colours apart, in print and in forced colours.

use dioxus::prelude::*;
use voltaire_chart::color;

/// Side of the square that repeats, CSS pixels.
const SIDE: u32 = 8;
/// Eight kinds of strokes within the square; devices of four more colours have the first four again. The style sheet has
/// the same for legends.
const KINDS: [&str; 8] = [
    "",
    "M-2 2l4-4M0 8l8-8M6 10l4-4",
    "M-2 6l4 4M0 0l8 8M6-2l4 4",
    "M0 2h8M0 6h8",
    "M2 0v8M6 0v8",
    "M2 1.5v1M6 5.5v1",
    "M0 4h8M4 0v8",
    "M0 6l2-4l2 4l2-4l2 4",
];

/// The definitions that bars are filled with, once in a page.
#[component]
pub(crate) fn Strokes() -> Element {
    rsx! {
        svg { class: "strokes", width: "0", height: "0", "aria-hidden": "true",
            defs {
                for (slot, kind) in (0..12).zip(KINDS.iter().cycle()) {
                    pattern { id: "p{slot}", class: color::class(slot), width: "{SIDE}", height: "{SIDE}", pattern_units: "userSpaceOnUse",
                        rect { width: "{SIDE}", height: "{SIDE}", fill: "currentColor" }
                        path { d: *kind }
                    }
                }
            }
        }
    }
}
