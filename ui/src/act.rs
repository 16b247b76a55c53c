//! Something that is asked of the server by a press: one at a time, with what went wrong.

use std::future::Future;

use dioxus::prelude::*;

use crate::{
    api::{Answer, Failure},
    state::{App, use_app},
};

/// What was pressed, while it is done and when it failed.
#[derive(Clone, Copy, PartialEq)]
pub(crate) struct Act {
    /// How many are being done.
    doing: Signal<u32>,
    failure: Signal<Option<Failure>>,
}

/// For one button or form.
pub(crate) fn use_act() -> Act {
    Act {
        doing: use_signal(|| 0),
        failure: use_signal(|| None),
    }
}

impl Act {
    /// Whether it is being done.
    pub(crate) fn busy(self) -> bool {
        (self.doing)() > 0
    }

    /// Why it failed.
    pub(crate) fn failure(self) -> Option<Failure> {
        self.failure.read().clone()
    }

    /// Does it unless it is being done, then `then` with the answer.
    pub(crate) fn run<T: 'static>(
        self,
        app: App,
        doing: impl Future<Output = Answer<T>> + 'static,
        then: impl FnMut(T) + 'static,
    ) {
        if *self.doing.peek() == 0 {
            self.always(app, doing, then);
        }
    }

    /// The same, also while something before it is being done: what was typed must not be lost.
    pub(crate) fn always<T: 'static>(
        mut self,
        app: App,
        doing: impl Future<Output = Answer<T>> + 'static,
        mut then: impl FnMut(T) + 'static,
    ) {
        self.doing += 1;
        spawn(async move {
            match doing.await {
                Ok(answer) => {
                    self.failure.set(None);
                    then(answer);
                }
                Err(failure) if app.has_left(&failure) => {}
                Err(failure) => self.failure.set(Some(failure)),
            }
            self.doing -= 1;
        });
    }
}

/// What failed, in a line below a form.
#[component]
pub(crate) fn ActProblem(act: Act) -> Element {
    let text = use_app().text();
    let Some(failure) = act.failure() else { return rsx! {} };
    rsx! {
        p { class: "problem", role: "alert", "data-state": "error", {text.failure(&failure)} }
    }
}

/// A button that asks once more before it does what cannot be undone.
#[component]
pub(crate) fn Confirm(
    label: String,
    what: String,
    question: String,
    testid: &'static str,
    busy: bool,
    onconfirm: EventHandler<()>,
) -> Element {
    let text = use_app().text();
    let mut asked = use_signal(|| false);
    if !asked() {
        return rsx! {
            button { class: "btn small", r#type: "button", "data-testid": testid, "aria-label": "{label}: {what}", onclick: move |_| asked.set(true), "{label}" }
        };
    }
    rsx! {
        span { class: "confirm", role: "group", "aria-label": "{question}",
            span { "{question}" }
            button { class: "btn small danger", r#type: "button", "data-testid": "{testid}-confirm", "aria-disabled": if busy { "true" }, autofocus: true,
                onclick: move |_| { asked.set(false); onconfirm.call(()); }, "{label}" }
            button { class: "btn small quiet", r#type: "button", onclick: move |_| asked.set(false), {text.cancel()} }
        }
    }
}
