//! Filling an empty home with the demo devices and their history.

use dioxus::prelude::*;
use futures::StreamExt as _;

use crate::{
    api::{self, Failure},
    load::{use_catalog, use_load},
    parts::{Problem, use_offline},
    state::use_app,
};

/// Whether the server has a demo to load; nothing while that is not known.
pub(super) fn use_demo() -> Option<bool> {
    let offered = use_load(api::demo_offered);
    // A server that cannot be asked could not load it either.
    offered.data().or(offered.failure().map(|_| false))
}

/// The button that loads the demo; `onloaded` is called when its devices are there, while the history still comes.
#[component]
pub(super) fn LoadDemo(#[props(default)] primary: bool, #[props(default)] onloaded: EventHandler<()>) -> Element {
    let app = use_app();
    let text = app.text();
    let catalog = use_catalog();
    let mut busy = use_signal(|| false);
    let mut failure = use_signal(|| None::<Failure>);
    let offline = use_offline();
    let load = use_callback(move |()| {
        if *busy.peek() {
            return;
        }
        busy.set(true);
        failure.set(None);
        spawn(async move {
            match first_step().await {
                Ok(()) => {
                    // It has a price now.
                    if let Ok(home) = api::home().await {
                        app.set_home(home);
                    }
                    catalog.reload();
                    onloaded.call(());
                }
                Err(problem) => failure.set(Some(problem)),
            }
            busy.set(false);
        });
    });
    rsx! {
        button { class: if primary { "btn primary" } else { "btn" }, r#type: "button", "data-testid": "load-demo", disabled: offline(),
            "aria-disabled": if busy() { "true" }, onclick: move |_| load(()),
            {if busy() { text.loading_demo() } else { text.load_demo() }}
        }
        if let Some(failure) = failure() {
            Problem { failure, onretry: move |()| load(()) }
        }
    }
}

/// Begins to load the demo and waits until its devices are there; the history comes by itself.
async fn first_step() -> api::Answer<()> {
    let mut steps = api::load_demo().await?;
    steps.next().await.transpose().map(drop)
}
