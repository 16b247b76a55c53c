//! The addresses of the app, and what stands around every page.

use std::rc::Rc;

use dioxus::prelude::*;
use dioxus_history::History;

use crate::{
    address::AddressBar,
    api, browser,
    chart::Strokes,
    later::{self, Admin, Ask, Costs, Device, Devices, Settings, Usage, Welcome},
    live,
    pages::{Login, NotFound, Now, SignInAgain, Signup},
    shell::Shell,
    state::{App as State, Me},
};

/// The addresses. Whatever changes what is seen stands in them.
#[derive(Clone, Debug, PartialEq, Routable)]
#[rustfmt::skip]
pub(crate) enum Route {
    #[route("/login")]
    Login {},
    #[route("/signup")]
    Signup {},
    #[layout(Shell)]
        #[route("/")]
        Now {},
        #[route("/welcome?:step&:device")]
        Welcome { step: String, device: String },
        #[route("/usage?:z&:r&:by&:u&:cmp")]
        Usage { z: String, r: String, by: String, u: String, cmp: String },
        #[route("/devices?:add")]
        Devices { add: String },
        #[route("/devices/:id?:z")]
        Device { id: String, z: String },
        #[route("/costs")]
        Costs {},
        #[route("/ask/:..path")]
        Ask { path: Vec<String> },
        #[route("/settings/:..tab")]
        Settings { tab: Vec<String> },
        #[route("/admin/:..tab")]
        Admin { tab: Vec<String> },
        #[route("/:..path")]
        NotFound { path: Vec<String> },
}

impl Route {
    /// The history page as it opens.
    pub(crate) fn usage() -> Self {
        Self::Usage {
            z: String::new(),
            r: String::new(),
            by: String::new(),
            u: String::new(),
            cmp: String::new(),
        }
    }

    /// The first steps; `step`: `device` or `live`, empty is where they begin.
    pub(crate) fn welcome(step: &str, device: &str) -> Self {
        Self::Welcome {
            step: step.to_owned(),
            device: device.to_owned(),
        }
    }

    /// A part of the settings; empty: the home.
    pub(crate) fn settings(tab: &str) -> Self {
        Self::Settings { tab: below(tab) }
    }

    /// A part of the administration; empty: the users.
    pub(crate) fn admin(tab: &str) -> Self {
        Self::Admin { tab: below(tab) }
    }

    /// The devices.
    pub(crate) fn devices() -> Self {
        Self::Devices { add: String::new() }
    }

    /// The page of a device.
    pub(crate) fn device(id: &str) -> Self {
        Self::Device {
            id: id.to_owned(),
            z: String::new(),
        }
    }

    /// A conversation; empty: a new one.
    pub(crate) fn ask(session: &str) -> Self {
        let path = if session.is_empty() {
            Vec::new()
        } else {
            vec![session.to_owned()]
        };
        Self::Ask { path }
    }
}

/// The rest of an address; nothing where it is empty.
fn below(part: &str) -> Vec<String> {
    Some(part.to_owned())
        .filter(|part| !part.is_empty())
        .into_iter()
        .collect()
}

/// The root: finds out who is signed in and draws the page of the address.
#[component]
pub(crate) fn App() -> Element {
    let app = use_context_provider(State::new);
    use_context_provider(|| Rc::new(AddressBar::new()) as Rc<dyn History>);
    use_effect(|| browser::remove("boot"));
    use_future(move || live::tick(app));
    use_future(move || find_me(app));
    use_future(move || later::fetch_all(app));
    rsx! {
        Router::<Route> {}
        SignInAgain {}
        Strokes {}
        p { class: "visually-hidden", role: "status", id: "announcement", "{app.announcement}" }
    }
}

/// Finds out who is signed in, by the session cookie.
pub(crate) async fn find_me(app: State) {
    let mut me = app.me;
    match api::me().await {
        Ok(user) => app.enter(user),
        Err(failure) if failure.kind == api::Kind::SignedOut => app.forget(),
        Err(failure) => me.set(Me::Failed(failure)),
    }
}
