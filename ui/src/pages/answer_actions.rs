//! What can be done with an answer: copy it, ask again, report that it seems wrong.

use dioxus::prelude::*;

use crate::{
    api::{self, Failure},
    chat,
    icon::Icon,
    parts::{Copy, Field, Problem},
    state::use_app,
};

/// Units of UTF-16 that fit into a note of 1,000 bytes, whatever is written.
const LONGEST: &str = "333";

/// Copy, ask again and report; an answer that was not stored cannot be reported.
#[component]
pub(super) fn Actions(index: usize, question: String, answer: String, #[props(default)] message: String) -> Element {
    let app = use_app();
    let text = app.text();
    rsx! {
        div { class: "row wrap", role: "group", "aria-label": text.answer_actions(), "data-testid": "answer-actions",
            if !answer.is_empty() {
                Copy { value: answer, label: text.copy(), testid: "copy-answer" }
            }
            button { class: "btn small", r#type: "button", "data-testid": "ask-again", disabled: app.chat.running(),
                onclick: move |_| chat::ask(app, &question),
                Icon { name: "refresh-cw", small: true }
                {text.ask_again()}
            }
            if !message.is_empty() {
                Report { key: "{message}", index, message }
            }
        }
    }
}

/// Tells whoever runs the server that an answer seems wrong, with a note or without.
#[component]
fn Report(index: usize, message: String) -> Element {
    let app = use_app();
    let text = app.text();
    let mut note = use_signal(String::new);
    let mut reported = use_signal(|| false);
    let mut busy = use_signal(|| false);
    let mut failure = use_signal(|| None::<Failure>);
    let send = use_callback(move |()| {
        let message = message.clone();
        spawn(async move {
            if busy.replace(true) {
                return;
            }
            match api::report_answer(&message, note.peek().trim()).await {
                Ok(()) => {
                    failure.set(None);
                    reported.set(true);
                    app.announce(app.text().reported().to_owned());
                }
                Err(problem) => failure.set(Some(problem)),
            }
            busy.set(false);
        });
    });
    let id = format!("report-note-{index}");
    rsx! {
        if reported() {
            span { class: "hint", "data-testid": "reported", {text.reported()} }
        } else {
            details { class: "how", "data-testid": "report",
                summary { {text.report_answer()} }
                form { class: "form", onsubmit: move |event: FormEvent| { event.prevent_default(); send(()); },
                    Field { id: id.clone(), label: text.report_note(), hint: text.report_hint(),
                        textarea { class: "input", id, rows: "2", maxlength: LONGEST, dir: "auto",
                            value: "{note}", oninput: move |event| note.set(event.value()) }
                    }
                    if let Some(failure) = failure() {
                        Problem { failure, onretry: move |()| send(()) }
                    }
                    span {
                        button { class: "btn small", r#type: "submit", "data-testid": "send-report", "aria-disabled": if busy() { "true" } else { "false" },
                            {text.send_report()}
                        }
                    }
                }
            }
        }
    }
}
