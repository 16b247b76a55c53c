//! Where a chart is touched: the cursor by pointer, finger and keys; brushing to zoom; choosing a step.

use dioxus::{html::input_data::MouseButton, prelude::*};
use voltaire_chart::{Scale, Window, bars};

use super::{
    BOTTOM, TOP,
    plot::{Marks, Plot},
};
use crate::state::use_app;

/// A drag shorter than this is a click, CSS pixels.
const CLICK: f64 = 6.0;

/// The plot with its cursor. `onzoom` is called with the window to show next, or nothing for the whole.
#[component]
pub(super) fn Surface(
    label: String,
    plot: Plot,
    cursor: Signal<Option<usize>>,
    width: Signal<f64>,
    onpick: Option<EventHandler<usize>>,
    onzoom: Option<EventHandler<Option<Window>>>,
) -> Element {
    let text = use_app().text();
    let mut brush = use_signal(|| None::<(f64, f64)>);
    let slots = plot.slots();
    let x = plot.x();
    let under = {
        let slots = slots.clone();
        move |x: f64| bars::slot_at(&slots, x)
    };
    let mut fingers = use_signal(Vec::<Finger>::new);
    let release = {
        let under = under.clone();
        move |event: PointerEvent| {
            let pinched = pinched(&fingers.take(), &x);
            let Some((from, _)) = brush.take() else { return };
            let to = event.element_coordinates().x;
            let mouse = event.pointer_type() != "touch";
            match (onzoom, onpick, under(to)) {
                (Some(onzoom), ..) if pinched.is_some() => onzoom.call(pinched),
                (Some(onzoom), ..) if mouse && (to - from).abs() > CLICK => {
                    onzoom.call(Some(Window::between(x.invert(from) as i64, x.invert(to) as i64)));
                }
                (_, Some(onpick), Some(step)) if (to - from).abs() <= CLICK => onpick.call(step),
                _ => {}
            }
        }
    };
    let on_key = keys(&plot, cursor, onpick, onzoom);
    let spread = pinched(&fingers.read(), &x).map(|window| (x.at(window.start as f64), x.at(window.end as f64)));
    let brushed = spread
        .or(brush())
        .filter(|(from, to)| onzoom.is_some() && (to - from).abs() > CLICK);
    rsx! {
        div {
            class: if onpick.is_some() { "plot clickable" } else { "plot" },
            role: "application",
            tabindex: "0",
            "aria-roledescription": text.chart_word(),
            "aria-label": "{label}",
            "aria-keyshortcuts": "ArrowLeft ArrowRight Home End PageUp PageDown Enter + - 0 Escape",
            onresize: move |event| {
                let measured = event.data().get_content_box_size().map_or(0.0, |size| size.width);
                if measured > 0.0 && (measured - width()).abs() >= 1.0 { width.set(measured); }
            },
            onpointerdown: move |event| {
                if event.trigger_button() == Some(MouseButton::Primary) {
                    let at = event.element_coordinates().x;
                    brush.set(Some((at, at)));
                    if event.pointer_type() == "touch" {
                        let id = event.pointer_id();
                        fingers.write().push(Finger { id, then: at, now: at });
                    }
                }
            },
            onpointermove: move |event| {
                let at = event.element_coordinates().x;
                let place = fingers.peek().iter().position(|it| it.id == event.pointer_id());
                if let Some(place) = place && let Some(finger) = fingers.write().get_mut(place) { finger.now = at; }
                let step = under(at).filter(|_| fingers.read().len() < 2);
                if step != cursor() { cursor.set(step); }
                // A finger reads values; only a mouse or a pen draws a brush.
                if event.pointer_type() != "touch" && let Some((from, _)) = brush() { brush.set(Some((from, at))); }
            },
            onpointerup: release,
            onpointercancel: move |_| { brush.set(None); fingers.set(Vec::new()); },
            onpointerleave: move |_| {
                cursor.set(None);
                brush.set(None);
                if !fingers.peek().is_empty() { fingers.set(Vec::new()); }
            },
            onkeydown: on_key,
            svg { width: "{plot.width:.0}", height: "{plot.height:.0}", view_box: "0 0 {plot.width:.0} {plot.height:.0}", "aria-hidden": "true",
                Marks { plot: plot.clone() }
                if let Some((from, to)) = brushed {
                    rect { class: "brush", x: "{from.min(to):.1}", y: "{TOP}", width: "{(to - from).abs():.1}", height: "{plot.height - TOP - BOTTOM:.1}" }
                } else if let Some(slot) = cursor().and_then(|step| slots.get(step).copied()) {
                    rect { class: "slot", x: "{slot.x:.1}", y: "{TOP}", width: "{slot.width:.1}", height: "{plot.height - TOP - BOTTOM:.1}" }
                }
            }
        }
    }
}

/// A finger on the plot: where it was put down, and where it is, pixels.
#[derive(Clone, Copy, PartialEq)]
struct Finger {
    id: i32,
    then: f64,
    now: f64,
}

/// What two fingers ask for; none where they have not moved.
fn pinched(fingers: &[Finger], x: &Scale) -> Option<Window> {
    let [one, other] = fingers else { return None };
    let moved = [one, other].iter().any(|it| (it.now - it.then).abs() > CLICK);
    let (left, right) = if one.then <= other.then {
        (one, other)
    } else {
        (other, one)
    };
    Window::pinched(x, [left.then, right.then], [left.now, right.now]).filter(|_| moved)
}

fn keys(
    plot: &Plot,
    mut cursor: Signal<Option<usize>>,
    onpick: Option<EventHandler<usize>>,
    onzoom: Option<EventHandler<Option<Window>>>,
) -> impl FnMut(KeyboardEvent) + 'static {
    let boundaries = plot.frame.boundaries.clone();
    let last = plot.frame.labels.len().saturating_sub(1);
    move |event| {
        let at = cursor();
        let page = last / 10 + 1;
        let to = match event.key() {
            Key::ArrowRight => Some(at.map_or(0, |at| (at + 1).min(last))),
            Key::ArrowLeft => Some(at.map_or(last, |at| at.saturating_sub(1))),
            Key::PageDown => Some(at.map_or(0, |at| (at + page).min(last))),
            Key::PageUp => Some(at.map_or(last, |at| at.saturating_sub(page))),
            Key::Home => Some(0),
            Key::End => Some(last),
            Key::Escape => None,
            Key::Enter => {
                if let (Some(onpick), Some(at)) = (onpick, at) {
                    onpick.call(at);
                }
                return;
            }
            Key::Character(key) if !event.modifiers().ctrl() && !event.modifiers().meta() => {
                let Some(onzoom) = onzoom else { return };
                let share = at.map_or(0.5, |at| at as f64 / last.max(1) as f64);
                match key.as_str() {
                    "+" => onzoom.call(zoomed(&boundaries, 0.5, share)),
                    "-" => onzoom.call(zoomed(&boundaries, 2.0, share)),
                    "0" => onzoom.call(None),
                    _ => return,
                }
                at
            }
            _ => return,
        };
        event.prevent_default();
        cursor.set(to);
    }
}

/// The window `factor` times as long as what is shown.
pub(super) fn zoomed(boundaries: &[i64], factor: f64, share: f64) -> Option<Window> {
    let shown = Window::between(*boundaries.first()?, *boundaries.last()?);
    Some(shown.zoomed(factor, share))
}
