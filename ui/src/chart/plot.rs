//! The plot itself: axes, marks, what is compared, and what is missing. A moving cursor does not redraw it.

use dioxus::prelude::*;
use voltaire_chart::{
    Bands, Scale, bands, bars,
    bars::{Bar, Slot},
    names, path, stack,
};

use super::{BOTTOM, Drawing, Frame, LEFT, LETTER, RIGHT, Setting, TOP, x_labels};

/// What is drawn, and how large.
#[derive(Clone, PartialEq)]
pub(super) struct Plot {
    pub(super) frame: Frame,
    /// The same steps of another period, the sum of all series; empty: nothing is compared.
    pub(super) ghost: Vec<f64>,
    /// Lowest and highest value of each step of a single line; empty: not known.
    pub(super) band: (Vec<f64>, Vec<f64>),
    /// The share of each step that corrections estimate, 0 to 1; empty: nothing is.
    pub(super) estimated: Vec<f64>,
    /// When which price was in force; none where one was all the time.
    pub(super) prices: Bands,
    pub(super) setting: Setting,
    pub(super) drawing: Drawing,
    pub(super) width: f64,
    pub(super) height: f64,
}

impl Plot {
    pub(super) fn x(&self) -> Scale {
        let (start, end) = (self.frame.boundaries.first(), self.frame.boundaries.last());
        Scale::time(
            start.copied().unwrap_or(0),
            end.copied().unwrap_or(1),
            (LEFT, self.width - RIGHT),
        )
    }

    pub(super) fn slots(&self) -> Vec<Slot> {
        if self.frame.is_named() {
            return bars::even(self.frame.labels.len(), (LEFT, self.width - RIGHT));
        }
        bars::slots(&self.frame.boundaries, &self.x())
    }

    /// Lowest and highest value that must fit, zero included.
    fn extent(&self) -> (f64, f64) {
        let marks = match self.drawing {
            Drawing::Stacked => stack::extent(&self.frame.values()),
            Drawing::Paired | Drawing::Lines => {
                let values = self.frame.series.iter().flat_map(|series| &series.values);
                reach((0.0, 0.0), values)
            }
        };
        reach(marks, self.ghost.iter().chain(&self.band.0).chain(&self.band.1))
    }

    /// The labels below: round times, or names under their bars.
    fn columns(&self) -> Vec<(f64, String)> {
        let slots = self.slots();
        let room = slots.first().map_or(1.0, |slot| slot.width.max(1.0));
        if self.frame.is_named() {
            let middle = |step: usize| slots.get(step).map_or(0.0, |slot| slot.x + slot.width / 2.0);
            let below = names::below(&self.frame.labels, room, LETTER).into_iter();
            return below.map(|(step, name)| (middle(step), name)).collect();
        }
        let days = self
            .frame
            .boundaries
            .windows(2)
            .next()
            .is_some_and(|step| step[1] - step[0] >= 20 * 3_600_000);
        if !days || self.drawing == Drawing::Lines {
            return x_labels(&self.x(), self.width, &self.setting);
        }
        let every = (84.0 / room).ceil().max(1.0) as usize;
        let named = slots.iter().zip(&self.frame.labels).step_by(every);
        // The last name stays within the chart.
        let end = |label: &str| self.width - label.chars().count() as f64 * LETTER / 2.0;
        named
            .map(|(slot, label)| ((slot.x + slot.width / 2.0).min(end(label)), label.clone()))
            .collect()
    }

    /// Where each price was in force: left edge, width, class.
    fn bands(&self) -> Vec<(f64, f64, &'static str)> {
        let x = self.x();
        let band = |it: &bands::Stretch| {
            let (from, to) = (x.at(it.start as f64), x.at(it.end as f64));
            (from, to - from, self.prices.class(it.price))
        };
        self.prices.stretches.iter().map(band).collect()
    }

    /// Over the bars of the steps that are estimated in part.
    fn estimates(&self, y: &Scale) -> Vec<Bar> {
        let totals = stack::totals(&self.frame.values());
        let estimated = |bar: &Bar| self.estimated.get(bar.step).is_some_and(|share| *share > 0.0);
        let mut bars = bars::bars(&[totals], &self.slots(), y);
        bars.retain(estimated);
        bars
    }

    fn missing(&self, step: usize) -> bool {
        let unknown = |values: &[f64]| values.get(step).is_none_or(|value| !value.is_finite());
        step < self.frame.begun && self.frame.series.iter().all(|series| unknown(&series.values))
    }
}

/// Axes and marks; a moving cursor does not redraw them.
#[component]
pub(super) fn Marks(plot: Plot) -> Element {
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
    let estimated = plot.estimates(&y);
    let empty = plot.frame.is_empty();
    rsx! {
        for (at, label, zero) in rows {
            line { class: if zero { "gridline zero" } else { "gridline" }, x1: "{LEFT}", x2: "{width - RIGHT:.0}", y1: "{at}", y2: "{at}" }
            text { x: "{LEFT - 6.0}", y: "{at + 4.0}", text_anchor: "end", "{label}" }
        }
        text { x: "{LEFT - 6.0}", y: "10", text_anchor: "end", "{unit}" }
        for (x, width, class) in plot.bands() {
            rect { class: "tariff {class}", x: "{x:.1}", y: "{TOP}", width: "{width:.1}", height: "{height - TOP - BOTTOM}" }
            rect { class: "tariff-strip {class}", x: "{x:.1}", y: "{height - BOTTOM + 1.0}", width: "{width:.1}", height: "4" }
        }
        if !empty {
            for slot in hatched {
                path { class: "hatch-line", d: hatch(slot, height - BOTTOM) }
            }
        }
        if !plot.ghost.is_empty() {
            Ghost { plot: plot.clone(), y, shade: true }
        }
        match plot.drawing {
            Drawing::Stacked => rsx! { Stack { plot: plot.clone(), y } },
            Drawing::Paired => rsx! { Pairs { plot: plot.clone(), y } },
            Drawing::Lines => rsx! { Lines { plot: plot.clone(), y } },
        }
        if !plot.ghost.is_empty() {
            Ghost { plot: plot.clone(), y, shade: false }
        }
        for bar in estimated {
            rect { class: "estimated", x: "{bar.x:.1}", y: "{bar.y:.1}", width: "{bar.width:.1}", height: "{bar.height:.1}" }
        }
        for (at, label) in columns {
            text { x: "{at:.1}", y: "{height - 6.0}", text_anchor: "middle", "{label}" }
        }
    }
}

/// The extent with these values in it.
fn reach<'a>(extent: (f64, f64), values: impl Iterator<Item = &'a f64>) -> (f64, f64) {
    let known = values.copied().filter(|value| value.is_finite());
    known.fold(extent, |(low, high), value| (value.min(low), value.max(high)))
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
    let slots = plot.slots();
    let dense = slots.first().is_some_and(|slot| slot.width < bars::DENSE);
    let bars = bars::bars(&plot.frame.values(), &slots, &y);
    rsx! {
        for (index, series) in plot.frame.series.iter().enumerate() {
            g { class: series.class,
                for bar in bars.iter().filter(move |bar| bar.series == index) {
                    rect { class: if dense { "bar dense" } else { "bar" }, x: "{bar.x:.1}", y: "{bar.y:.1}", width: "{bar.width:.1}", height: "{bar.height:.1}", rx: "1" }
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
                if only && !plot.band.0.is_empty() {
                    path { class: "band", d: path::band(&middles, &heights(&plot.band.0, &y), &heights(&plot.band.1, &y)) }
                } else if only {
                    path { class: "fill", d: path::area(&points(&middles, &series.values, &y), base) }
                }
                path { class: if index == 1 { "line second" } else { "line" }, d: path::line(&points(&middles, &series.values, &y)) }
            }
        }
    }
}

/// What is compared: a shade behind the bars and a mark across them, or a second line.
#[component]
fn Ghost(plot: Plot, y: Scale, shade: bool) -> Element {
    let slots = plot.slots();
    if plot.drawing == Drawing::Lines {
        let middles: Vec<f64> = slots.iter().map(|slot| slot.x + slot.width / 2.0).collect();
        return rsx! {
            if !shade {
                path { class: "ghost", d: path::line(&points(&middles, &plot.ghost, &y)) }
            }
        };
    }
    rsx! {
        for bar in bars::bars(std::slice::from_ref(&plot.ghost), &slots, &y) {
            if shade {
                rect { class: "ghost-shade", x: "{bar.x:.1}", y: "{bar.y:.1}", width: "{bar.width:.1}", height: "{bar.height:.1}" }
            } else {
                path { class: "ghost-mark", d: "M{bar.x:.1} {bar.y:.1}h{bar.width:.1}" }
            }
        }
    }
}

fn heights(values: &[f64], y: &Scale) -> Vec<f64> {
    values.iter().map(|value| y.at(*value)).collect()
}

fn points(xs: &[f64], values: &[f64], y: &Scale) -> Vec<path::Point> {
    xs.iter().zip(values).map(|(x, value)| (*x, y.at(*value))).collect()
}
