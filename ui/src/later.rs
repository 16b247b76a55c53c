//! Pages that the first page does not need: they are not in the first download, but come in parts when they are asked for, and soon after the
//! first page is there in any case.
//!
//! A part begins at its doors. Whatever can be reached through them alone, code and texts, `cargo xtask ui` moves into a file of its own
//! (`xtask/src/ui/split.rs`); what is listed here is all that there is to say about it.

use dioxus::prelude::*;
use gloo_timers::future::TimeoutFuture;

use crate::{
    api::Failure,
    browser,
    parts::{Loading, Problem},
    state::{App, use_app},
};

/// How long after the start the parts are fetched that nobody has asked for, milliseconds: the first page has its figures by then.
const PATIENCE: u32 = 3000;

/// Part by part its components. Each is used like the one that it stands for.
macro_rules! parts {
    ($($part:ident { $($page:ident($($prop:ident: $kind:ty),*);)* })*) => {
        /// The names of the parts.
        const PARTS: &[&str] = &[$(stringify!($part)),*];
        $(
            mod $part {
                use dioxus::prelude::*;

                use crate::pages;

                $(
                    #[component]
                    pub(crate) fn $page($($prop: $kind),*) -> Element {
                        #[inline(never)]
                        fn door($($prop: $kind),*) -> Element {
                            rsx! { pages::$page { $($prop),* } }
                        }
                        match super::use_part(stringify!($part)) {
                            None => door($($prop),*),
                            Some(waiting) => waiting,
                        }
                    }
                )*
            }
            pub(crate) use $part::*;
        )*
    };
}

parts! {
    usage { Usage(z: String, r: String, by: String, u: String, cmp: String); }
    devices {
        Devices(add: String);
        Device(id: String, z: String);
        Welcome(step: String, device: String);
    }
    costs { Costs(); }
    ask {
        Ask(path: Vec<String>);
        Talk();
    }
    settings {
        Settings(tab: Vec<String>);
        Admin(tab: Vec<String>);
    }
}

/// Whether a part is there; redraws when it comes.
pub(crate) fn use_here(part: &'static str) -> Memo<bool> {
    let app = use_app();
    use_memo(move || app.parts.read().contains(&part))
}

/// What to show until a part is there; nothing when it is.
fn use_part(part: &'static str) -> Option<Element> {
    let app = use_app();
    let here = use_here(part);
    let mut failed = use_signal(|| false);
    use_future(move || async move { failed.set(!fetch(app, part).await) });
    if here() {
        None
    } else if failed() {
        // The server may have another build by now, whose page knows its own parts.
        Some(rsx! { Problem { failure: Failure::unreachable(), onretry: |()| browser::reload() } })
    } else {
        Some(rsx! { Loading {} })
    }
}

/// Makes a part part of the app; whether it could be had.
async fn fetch(app: App, part: &'static str) -> bool {
    let mut parts = app.parts;
    let here = parts.peek().contains(&part);
    if !here && browser::link(part).await {
        parts.write().push(part);
        return true;
    }
    here
}

/// Fetches all parts, so that going to a page takes no time and needs no network.
pub(crate) async fn fetch_all(app: App) {
    TimeoutFuture::new(PATIENCE).await;
    for part in PARTS {
        fetch(app, part).await;
    }
}
