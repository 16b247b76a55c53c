//! What the app asks of the browser itself: clock, storage, language, clipboard, focus.

use futures::channel::mpsc::{UnboundedReceiver, unbounded};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Element, HtmlDialogElement, HtmlElement, KeyboardEvent, ScrollBehavior, ScrollIntoViewOptions,
    ScrollLogicalPosition, Storage, Window,
};

fn window() -> Window {
    web_sys::window().expect("the app runs in a window")
}

fn root() -> Option<Element> {
    window().document()?.document_element()
}

/// Now by the browser's clock, milliseconds UTC.
pub(crate) fn now() -> i64 {
    js_sys::Date::now() as i64
}

/// A number from 0 to 1.
pub(crate) fn random() -> f64 {
    js_sys::Math::random()
}

/// Scheme, host and port that the page came from.
pub(crate) fn origin() -> String {
    window().location().origin().unwrap_or_default()
}

/// Opens the same address once more.
pub(crate) fn reload() {
    let _ = window().location().reload();
}

/// Has a part of the app fetched and linked into it, by `assets/boot.js`; whether it is there now.
pub(crate) async fn link(part: &str) -> bool {
    let link = js_sys::Reflect::get(&window(), &JsValue::from_str("linkPart")).unwrap_or_default();
    let linking = link
        .dyn_into::<js_sys::Function>()
        .and_then(|link| link.call1(&JsValue::NULL, &JsValue::from_str(part)))
        .and_then(JsCast::dyn_into::<js_sys::Promise>);
    match linking {
        Ok(linking) => JsFuture::from(linking).await.is_ok(),
        Err(_) => false,
    }
}

/// Whether the browser thinks that there is a network.
pub(crate) fn online() -> bool {
    window().navigator().on_line()
}

/// The reader's language as a BCP 47 tag.
pub(crate) fn language() -> String {
    window().navigator().language().unwrap_or_else(|| "en".to_owned())
}

/// The browser's IANA time zone.
pub(crate) fn time_zone() -> Option<String> {
    let format = js_sys::Intl::DateTimeFormat::new(&js_sys::Array::new(), &js_sys::Object::new());
    js_sys::Reflect::get(&format.resolved_options(), &JsValue::from_str("timeZone"))
        .ok()?
        .as_string()
}

fn storage() -> Option<Storage> {
    window().local_storage().ok().flatten()
}

/// A setting that was kept in this browser.
pub(crate) fn stored(key: &str) -> Option<String> {
    storage()?.get_item(&format!("voltaire.{key}")).ok().flatten()
}

/// Keeps a setting in this browser; without storage it lasts until the page is closed.
pub(crate) fn store(key: &str, value: &str) {
    if let Some(storage) = storage() {
        let _ = storage.set_item(&format!("voltaire.{key}"), value);
    }
}

/// Forgets what was kept in this browser under names that begin with `prefix`.
pub(crate) fn forget(prefix: &str) {
    let Some(storage) = storage() else { return };
    let prefix = format!("voltaire.{prefix}");
    let names: Vec<String> = (0..storage.length().unwrap_or(0))
        .filter_map(|index| storage.key(index).ok().flatten())
        .filter(|name| name.starts_with(&prefix))
        .collect();
    for name in names {
        let _ = storage.remove_item(&name);
    }
}

/// Sets or removes an attribute of `<html>`.
pub(crate) fn set_root(name: &str, value: Option<&str>) {
    let Some(root) = root() else { return };
    let _ = match value {
        Some(value) => root.set_attribute(name, value),
        None => root.remove_attribute(name),
    };
}

/// Sets the title of the page.
pub(crate) fn set_title(title: &str) {
    if let Some(document) = window().document() {
        document.set_title(title);
    }
}

/// Width of the window in CSS pixels.
pub(crate) fn width() -> f64 {
    window()
        .inner_width()
        .ok()
        .and_then(|width| width.as_f64())
        .unwrap_or(1024.0)
}

fn by_id(id: &str) -> Option<Element> {
    window().document()?.get_element_by_id(id)
}

/// Takes an element out of the page.
pub(crate) fn remove(id: &str) {
    if let Some(element) = by_id(id) {
        element.remove();
    }
}

/// Moves the focus to an element.
pub(crate) fn focus(id: &str) {
    if let Some(element) = by_id(id).and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        let _ = element.focus();
    }
}

/// Scrolls the page to its top.
pub(crate) fn scroll_top() {
    window().scroll_to_with_x_and_y(0.0, 0.0);
}

/// Brings an element to the top of the view, once.
pub(crate) fn scroll_to(id: &str) {
    bring(id, ScrollLogicalPosition::Start);
}

/// Brings an element to the end of the view, once.
pub(crate) fn show_end(id: &str) {
    bring(id, ScrollLogicalPosition::End);
}

/// Keeps up with an element that grows at its end: it goes to the top of the view and stays there; once the reader has gone beyond
/// its beginning, its end stays in view.
pub(crate) fn follow(id: &str, end: &str) {
    let begun = by_id(id).is_none_or(|element| element.get_bounding_client_rect().top() < 0.0);
    if begun { show_end(end) } else { scroll_to(id) }
}

fn bring(id: &str, place: ScrollLogicalPosition) {
    let Some(element) = by_id(id) else { return };
    let options = ScrollIntoViewOptions::new();
    options.set_behavior(ScrollBehavior::Auto);
    options.set_block(place);
    element.scroll_into_view_with_scroll_into_view_options(&options);
}

/// The bytes of a base64 text; `None` when it is none.
pub(crate) fn base64(text: &str) -> Option<Vec<u8>> {
    let bytes = window().atob(text).ok()?;
    Some(bytes.chars().map(|char| char as u8).collect())
}

/// Bytes as base64.
pub(crate) fn to_base64(bytes: &[u8]) -> String {
    let latin: String = bytes.iter().copied().map(char::from).collect();
    window().btoa(&latin).unwrap_or_default()
}

/// Shows a dialog as modal; one that is open stays so.
pub(crate) fn open_dialog(id: &str) {
    if let Some(dialog) = by_id(id).and_then(|element| element.dyn_into::<HtmlDialogElement>().ok()) {
        let _ = dialog.show_modal();
    }
}

/// Copies text; whether it worked.
pub(crate) async fn copy(text: &str) -> bool {
    // Without TLS on another host than this one there is no clipboard.
    let clipboard = js_sys::Reflect::get(&window().navigator(), &JsValue::from_str("clipboard")).unwrap_or_default();
    if clipboard.is_undefined() {
        return false;
    }
    JsFuture::from(window().navigator().clipboard().write_text(text))
        .await
        .is_ok()
}

/// Each press of Ctrl+J, wherever the focus is, for as long as the page is open.
pub(crate) fn shortcuts() -> UnboundedReceiver<()> {
    let (send, receive) = unbounded();
    let pressed = Closure::<dyn FnMut(KeyboardEvent)>::new(move |event: KeyboardEvent| {
        if event.ctrl_key() && !event.shift_key() && !event.alt_key() && event.key() == "j" {
            event.prevent_default();
            let _ = send.unbounded_send(());
        }
    });
    let _ = window().add_event_listener_with_callback("keydown", pressed.as_ref().unchecked_ref());
    pressed.forget();
    receive
}
