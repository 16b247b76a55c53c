//! A chart over time: stacked bars, bars side by side, or lines; with pointer, keys, readout, legend and table.

use dioxus::prelude::*;
use voltaire_chart::{Scale, bars, bars::Slot, path, stack, summary};

use super::{BOTTOM, Frame, LEFT, RIGHT, Setting, TOP, table::DataTable, x_labels};
use crate::{browser, icon::Icon, state::use_app};

/// How values are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Drawing {
    /// Bars on top of each other.
    Stacked,
    /// Bars side by side.
    Paired,
    /// Lines.
    Lines,
}

/// A chart over time.
#[component]
pub(crate) fn TimeChart(
    id: String,
    title: String,
    frame: Frame,
    setting: Setting,
    drawing: Drawing,
    #[props(default = 260.0)] height: f64,
    #[props(default)] hint: String,
    #[props(default)] onpick: Option<EventHandler<usize>>,
) -> Element {
    let text = use_app().text();
    let width = use_signal(|| (browser::width() - 320.0).clamp(280.0, 1100.0));
    let cursor = use_signal(|| None::<usize>);
    let mut as_table = use_signal(|| false);
    let totals = stack::totals(&frame.values());
    let said = summary::Summary {
        values: &totals[..frame.begun.min(totals.len())],
        labels: &frame.labels,
        axis: &setting.axis,
        additive: drawing != Drawing::Lines,
    };
    let sentence = summary::sentence(&said, &setting.locale).unwrap_or_else(|| text.no_data().to_owned());
    let plot = Plot {
        frame: frame.clone(),
        setting: setting.clone(),
        drawing,
        width: width(),
        height,
    };
    rsx! {
        figure { class: "chart", id: "{id}", role: "group", "aria-labelledby": "{id}-title", "data-testid": "{id}",
            figcaption {
                div { class: "grow",
                    h3 { id: "{id}-title", "{title}" }
                    p { class: "chart-summary", "data-testid": "{id}-summary", "{sentence} {hint}" }
                }
                button {
                    class: "btn quiet small",
                    r#type: "button",
                    "aria-pressed": if as_table() { "true" } else { "false" },
                    "data-testid": "{id}-table-toggle",
                    onclick: move |_| as_table.toggle(),
                    Icon { name: "table", small: true }
                    {text.show_table()}
                }
            }
            if as_table() {
                DataTable { title, frame, setting }
            } else {
                Readout { plot: plot.clone(), cursor: cursor() }
                Surface { label: format!("{title}. {sentence}"), plot, cursor, width, onpick }
                Legend { frame }
            }
        }
    }
}

/// What is drawn, and how large.
#[derive(Clone, PartialEq)]
struct Plot {
    frame: Frame,
    setting: Setting,
    drawing: Drawing,
    width: f64,
    height: f64,
}

impl Plot {
    fn x(&self) -> Scale {
        let (start, end) = (self.frame.boundaries.first(), self.frame.boundaries.last());
        Scale::time(
            start.copied().unwrap_or(0),
            end.copied().unwrap_or(1),
            (LEFT, self.width - RIGHT),
        )
    }

    fn slots(&self) -> Vec<Slot> {
        bars::slots(&self.frame.boundaries, &self.x())
    }

    /// Lowest and highest value that must fit, zero included.
    fn extent(&self) -> (f64, f64) {
        match self.drawing {
            Drawing::Stacked => stack::extent(&self.frame.values()),
            Drawing::Paired | Drawing::Lines => {
                let values = self
                    .frame
                    .series
                    .iter()
                    .flat_map(|series| &series.values)
                    .filter(|value| value.is_finite());
                values.fold((0.0, 0.0), |(low, high), value| (value.min(low), value.max(high)))
            }
        }
    }

    /// The labels below: round times, or the names of days under their bars.
    fn columns(&self) -> Vec<(f64, String)> {
        let slots = self.slots();
        let days = self
            .frame
            .boundaries
            .windows(2)
            .next()
            .is_some_and(|step| step[1] - step[0] >= 20 * 3_600_000);
        if !days || self.drawing == Drawing::Lines {
            return x_labels(&self.x(), self.width, &self.setting);
        }
        let room = slots.first().map_or(1.0, |slot| slot.width.max(1.0));
        let every = (84.0 / room).ceil().max(1.0) as usize;
        let named = slots.iter().zip(&self.frame.labels).step_by(every);
        named
            .map(|(slot, label)| (slot.x + slot.width / 2.0, label.clone()))
            .collect()
    }

    fn missing(&self, step: usize) -> bool {
        let unknown = |values: &[f64]| values.get(step).is_none_or(|value| !value.is_finite());
        step < self.frame.begun && self.frame.series.iter().all(|series| unknown(&series.values))
    }
}

/// Time and values under the cursor, above the plot where no finger hides it.
#[component]
fn Readout(plot: Plot, cursor: Option<usize>) -> Element {
    let Plot { frame, setting, .. } = plot;
    let line = cursor.map(|step| {
        let values = frame.series.iter().filter_map(|series| {
            let value = series
                .values
                .get(step)
                .copied()
                .filter(|value| value.is_finite() && (*value != 0.0 || frame.series.len() == 1))?;
            Some(format!(
                "{} {}",
                series.label,
                setting.axis.value(value, &setting.locale)
            ))
        });
        let total = stack::totals(&frame.values()).get(step).copied().unwrap_or(f64::NAN);
        let total = setting.axis.value(total, &setting.locale);
        (
            frame.labels.get(step).cloned().unwrap_or_default(),
            total,
            values.collect::<Vec<_>>().join(" · "),
        )
    });
    rsx! {
        output { class: "readout", "aria-live": "polite", "data-testid": "readout",
            if let Some((when, total, values)) = line {
                strong { "{when}" }
                if frame.series.len() > 1 && plot.drawing == Drawing::Stacked { "  {total}  ·  {values}" } else { "  {values}" }
            }
        }
    }
}

/// The plot: marks, cursor, pointer and keys.
#[component]
fn Surface(
    label: String,
    plot: Plot,
    cursor: Signal<Option<usize>>,
    width: Signal<f64>,
    onpick: Option<EventHandler<usize>>,
) -> Element {
    let text = use_app().text();
    let slots = plot.slots();
    let last = slots.len().saturating_sub(1);
    let under = {
        let slots = slots.clone();
        move |x: f64| bars::slot_at(&slots, x)
    };
    let pick = {
        let under = under.clone();
        move |x: f64| {
            if let (Some(onpick), Some(step)) = (onpick, under(x)) {
                onpick.call(step);
            }
        }
    };
    let on_key = move |event: KeyboardEvent| {
        let at = cursor();
        let to = match event.key() {
            Key::ArrowRight => Some(at.map_or(0, |at| (at + 1).min(last))),
            Key::ArrowLeft => Some(at.map_or(last, |at| at.saturating_sub(1))),
            Key::Home => Some(0),
            Key::End => Some(last),
            Key::Escape => None,
            Key::Enter => {
                if let (Some(onpick), Some(at)) = (onpick, at) {
                    onpick.call(at);
                }
                return;
            }
            _ => return,
        };
        event.prevent_default();
        cursor.set(to);
    };
    rsx! {
        div {
            class: if onpick.is_some() { "plot clickable" } else { "plot" },
            role: "application",
            tabindex: "0",
            "aria-roledescription": text.chart_word(),
            "aria-label": "{label}",
            onresize: move |event| {
                let measured = event.data().get_content_box_size().map_or(0.0, |size| size.width);
                if measured > 0.0 && (measured - width()).abs() >= 1.0 { width.set(measured); }
            },
            onpointermove: move |event| { let at = under(event.element_coordinates().x); if at != cursor() { cursor.set(at); } },
            onpointerleave: move |_| cursor.set(None),
            onclick: move |event| pick(event.element_coordinates().x),
            onkeydown: on_key,
            svg { width: "{plot.width:.0}", height: "{plot.height:.0}", view_box: "0 0 {plot.width:.0} {plot.height:.0}", "aria-hidden": "true",
                Marks { plot: plot.clone() }
                if let Some(slot) = cursor().and_then(|step| slots.get(step).copied()) {
                    rect { class: "slot", x: "{slot.x:.1}", y: "{TOP}", width: "{slot.width:.1}", height: "{plot.height - TOP - BOTTOM:.1}" }
                }
            }
        }
    }
}

/// Axes and marks; a moving cursor does not redraw them.
#[component]
fn Marks(plot: Plot) -> Element {
    let Plot {
        setting, width, height, ..
    } = &plot;
    let (low, high) = plot.extent();
    let (ticks, labels) = setting.axis.ticks(low, high, &setting.locale);
    let y = Scale::new(ticks.domain(), (height - BOTTOM, TOP));
    let rows: Vec<(f64, String, bool)> = ticks
        .values
        .iter()
        .zip(labels)
        .map(|(value, label)| (y.at(*value).round(), label, *value == 0.0))
        .collect();
    let unit = setting.axis.unit.clone();
    let hatched: Vec<Slot> = plot
        .slots()
        .into_iter()
        .enumerate()
        .filter(|(step, _)| plot.missing(*step))
        .map(|(_, slot)| slot)
        .collect();
    let columns = plot.columns();
    let empty = plot.frame.is_empty();
    rsx! {
        for (at, label, zero) in rows {
            line { class: if zero { "gridline zero" } else { "gridline" }, x1: "{LEFT}", x2: "{width - RIGHT:.0}", y1: "{at}", y2: "{at}" }
            text { x: "{LEFT - 6.0}", y: "{at + 4.0}", text_anchor: "end", "{label}" }
        }
        text { x: "{LEFT - 6.0}", y: "10", text_anchor: "end", "{unit}" }
        if !empty {
            for slot in hatched {
                path { class: "hatch-line", d: hatch(slot, height - BOTTOM) }
            }
        }
        match plot.drawing {
            Drawing::Stacked => rsx! { Stack { plot: plot.clone(), y } },
            Drawing::Paired => rsx! { Pairs { plot: plot.clone(), y } },
            Drawing::Lines => rsx! { Lines { plot: plot.clone(), y } },
        }
        for (at, label) in columns {
            text { x: "{at:.1}", y: "{height - 6.0}", text_anchor: "middle", "{label}" }
        }
    }
}

/// A step without readings: a few strokes on the axis, that nobody takes for zero.
fn hatch(slot: Slot, base: f64) -> String {
    let (left, right) = (slot.x + 1.0, slot.x + slot.width - 1.0);
    let count = ((right - left) / 5.0).floor().clamp(1.0, 40.0);
    (0..count as usize).fold(String::new(), |path, stroke| {
        let x = left + stroke as f64 * 5.0;
        format!("{path}M{x:.1} {base:.1}l4 -6")
    })
}

#[component]
fn Stack(plot: Plot, y: Scale) -> Element {
    let bars = bars::bars(&plot.frame.values(), &plot.slots(), &y);
    rsx! {
        for (index, series) in plot.frame.series.iter().enumerate() {
            g { class: series.class,
                for bar in bars.iter().filter(move |bar| bar.series == index) {
                    rect { class: "bar", x: "{bar.x:.1}", y: "{bar.y:.1}", width: "{bar.width:.1}", height: "{bar.height:.1}", rx: "1" }
                }
            }
        }
    }
}

#[component]
fn Pairs(plot: Plot, y: Scale) -> Element {
    let halves: Vec<[Slot; 2]> = plot.slots().into_iter().map(bars::halves).collect();
    rsx! {
        for (index, series) in plot.frame.series.iter().take(2).enumerate() {
            g { class: series.class,
                for bar in bars::bars(std::slice::from_ref(&series.values), &halves.iter().map(|pair| pair[index]).collect::<Vec<_>>(), &y) {
                    rect { class: "bar", x: "{bar.x:.1}", y: "{bar.y:.1}", width: "{bar.width:.1}", height: "{bar.height:.1}", rx: "1" }
                }
            }
        }
    }
}

#[component]
fn Lines(plot: Plot, y: Scale) -> Element {
    let middles: Vec<f64> = plot.slots().iter().map(|slot| slot.x + slot.width / 2.0).collect();
    let base = y.at(0.0);
    let only = plot.frame.series.len() == 1;
    rsx! {
        for (index, series) in plot.frame.series.iter().enumerate() {
            g { class: series.class,
                if only {
                    path { class: "fill", d: path::area(&points(&middles, &series.values, &y), base) }
                }
                path { class: if index == 1 { "line second" } else { "line" }, d: path::line(&points(&middles, &series.values, &y)) }
            }
        }
    }
}

fn points(xs: &[f64], values: &[f64], y: &Scale) -> Vec<path::Point> {
    xs.iter().zip(values).map(|(x, value)| (*x, y.at(*value))).collect()
}

/// The names of the colours, in the order of stacking; none for a single series.
#[component]
fn Legend(frame: Frame) -> Element {
    if frame.series.len() < 2 {
        return rsx! {};
    }
    rsx! {
        ul { class: "legend",
            for series in frame.series {
                li { key: "{series.label}",
                    span { class: "swatch {series.class}" }
                    span { class: "name", "{series.label}" }
                }
            }
        }
    }
}
