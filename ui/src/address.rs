//! The browser's address bar as the router's history. Dioxus has one as well, but only together with its bridge to scripts, which would
//! be a part of every download.

use std::sync::Arc;

use dioxus_history::History;
use wasm_bindgen::{JsCast as _, JsValue, closure::Closure};
use web_sys::Window;

/// The addresses of this window.
pub(crate) struct AddressBar(Window);

impl AddressBar {
    /// Those of the window that the app runs in.
    pub(crate) fn new() -> Self {
        Self(web_sys::window().expect("the app runs in a window"))
    }

    fn history(&self) -> web_sys::History {
        self.0.history().expect("a window has a history")
    }
}

impl History for AddressBar {
    fn current_route(&self) -> String {
        let location = self.0.location();
        let parts = [location.pathname(), location.search(), location.hash()];
        parts.into_iter().flatten().collect()
    }

    fn go_back(&self) {
        let _ = self.history().back();
    }

    fn go_forward(&self) {
        let _ = self.history().forward();
    }

    fn push(&self, route: String) {
        if route != self.current_route() {
            let _ = self.history().push_state_with_url(&JsValue::NULL, "", Some(&route));
            self.0.scroll_to_with_x_and_y(0.0, 0.0);
        }
    }

    fn replace(&self, route: String) {
        let _ = self.history().replace_state_with_url(&JsValue::NULL, "", Some(&route));
        self.0.scroll_to_with_x_and_y(0.0, 0.0);
    }

    fn external(&self, url: String) -> bool {
        self.0.location().set_href(&url).is_ok()
    }

    fn updater(&self, callback: Arc<dyn Fn() + Send + Sync>) {
        let moved = Closure::<dyn FnMut()>::new(move || callback());
        let _ = self
            .0
            .add_event_listener_with_callback("popstate", moved.as_ref().unchecked_ref());
        moved.forget();
    }
}
