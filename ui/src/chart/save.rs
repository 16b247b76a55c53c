//! Saving a chart as a picture or a table: a few lines of script do it, for which wasm would need many bindings.

use js_sys::{Function, Reflect};
use wasm_bindgen::{JsCast as _, JsValue};

/// Saves text as a file.
pub(crate) fn text(name: &str, content: &str) {
    call("text", name, content);
}

/// Saves the chart of this id as a picture.
pub(crate) fn picture(name: &str, id: &str) {
    call("picture", name, id);
}

fn call(method: &str, name: &str, what: &str) {
    let saver = Reflect::get(&js_sys::global(), &JsValue::from_str("voltaireSave")).unwrap_or_default();
    let method = Reflect::get(&saver, &JsValue::from_str(method)).unwrap_or_default();
    if let Ok(method) = method.dyn_into::<Function>() {
        let _ = method.call2(&saver, &JsValue::from_str(name), &JsValue::from_str(what));
    }
}
