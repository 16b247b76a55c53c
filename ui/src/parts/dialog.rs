//! A modal dialog on the browser's own element: focus stays in it, Escape closes it.

use dioxus::prelude::*;

use crate::{browser, icon::Icon, state::use_app};

/// A dialog that is open for as long as it is drawn.
#[component]
pub(crate) fn Dialog(id: &'static str, title: String, onclose: EventHandler<()>, children: Element) -> Element {
    let text = use_app().text();
    use_effect(move || browser::open_dialog(id));
    rsx! {
        dialog { class: "dialog", id, "aria-labelledby": "{id}-title", "data-testid": id,
            // Drawn or not is what opens and closes it; the element must not close itself behind that.
            oncancel: move |event| { event.prevent_default(); onclose.call(()); },
            onkeydown: move |event| if event.key() == Key::Escape { event.prevent_default(); onclose.call(()); },
            div { class: "dialog-head",
                h2 { id: "{id}-title", "{title}" }
                button { class: "btn quiet icon-only", r#type: "button", "aria-label": text.close(), onclick: move |_| onclose.call(()),
                    Icon { name: "x" }
                }
            }
            {children}
        }
    }
}
