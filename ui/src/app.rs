//! The addresses of the app, and what stands around every page.

use dioxus::prelude::*;

use crate::{
    api, browser, live,
    pages::{Ask, Costs, Device, Devices, Login, NotFound, Now, Settings, Signup, Usage},
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
        #[route("/settings")]
        Settings {},
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

/// The root: finds out who is signed in and draws the page of the address.
#[component]
pub(crate) fn App() -> Element {
    let app = use_context_provider(State::new);
    use_effect(|| browser::remove("boot"));
    use_future(move || live::tick(app));
    use_future(move || find_me(app));
    rsx! {
        Router::<Route> {}
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
