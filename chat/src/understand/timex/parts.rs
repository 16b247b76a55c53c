//! Parts of days that wait for their day, and days of the week that wait for their period, while a question is put together.

use std::ops::Range;

use super::{
    Bucket, Meaning, TimeExpr, TimeMention, Today, View,
    atoms::{Atom, Window},
    compose::Piece,
    days,
};

/// A part of a day that has no day yet.
pub(super) struct Said {
    pub(super) window: Window,
    pub(super) words: Vec<Range<usize>>,
    /// Whether hours say it.
    pub(super) exact: bool,
}

/// Which days of the week are said.
#[derive(Default)]
pub(super) enum Days {
    #[default]
    None,
    On(u8, Vec<Range<usize>>),
    /// Different ones, as in a comparison.
    Several,
}

impl Days {
    pub(super) fn ranges(&self) -> Vec<Range<usize>> {
        match self {
            Self::On(_, words) => words.clone(),
            Self::None | Self::Several => Vec::new(),
        }
    }

    fn add(&mut self, on: u8, range: Range<usize>) {
        *self = match std::mem::take(self) {
            Self::None => Self::On(on, vec![range]),
            Self::On(had, mut words) if had == on => {
                words.push(range);
                Self::On(on, words)
            }
            Self::On(..) | Self::Several => Self::Several,
        };
    }
}

/// What is said of time, with parts of a day beside it.
#[derive(Default)]
pub(super) struct Parts {
    pub(super) mentions: Vec<TimeMention>,
    pub(super) window: Option<Said>,
    pub(super) days: Days,
    /// Words of parts that have theirs.
    pub(super) apart: Vec<TimeMention>,
}

impl Parts {
    pub(super) fn take(&mut self, Piece { atom, range }: Piece) {
        match atom {
            Atom::Meaning(meaning) => self.mentions.push(TimeMention { meaning, range }),
            Atom::Days(on) => self.days.add(on, range),
            Atom::Window(next) => self.part(next, true, range),
            Atom::Part(next) => self.part(next, false, range),
        }
    }

    fn part(&mut self, next: Window, exact: bool, range: Range<usize>) {
        self.settle();
        let (window, mut words, hours) = match self.window.take() {
            // "Tuesday night between 10 pm and 4 am": the exact hours count.
            Some(said) if exact && next.sure => (
                Window {
                    each: said.window.each || next.each,
                    ..next
                },
                said.words,
                true,
            ),
            Some(said) => (narrow(said.window, next), said.words, said.exact || exact),
            None => (next, Vec::new(), exact),
        };
        words.push(range);
        self.window = Some(Said {
            window,
            words,
            exact: hours,
        });
    }

    /// "Yesterday morning and Friday evening": each part of a day keeps to the day before it.
    fn settle(&mut self) {
        let Some(said) = self.window.take() else {
            return;
        };
        match self.mentions.as_mut_slice() {
            [.., own, next] if said.words.iter().all(|it| it.end <= next.range.start) => {
                own.meaning = within(&own.meaning, said.window);
                self.apart.extend(claims(said.words));
            }
            _ => self.window = Some(said),
        }
    }
}

/// A part of what is meant; what is no expression stays as it is.
pub(super) fn within(meaning: &Meaning, Window { from, to, .. }: Window) -> Meaning {
    match meaning {
        Meaning::Expr(base) => Meaning::Expr(TimeExpr::Clock {
            base: Box::new(base.clone()),
            from,
            to,
        }),
        other => other.clone(),
    }
}

/// `Monday`, and `Monday night`, which goes on into Tuesday.
pub(super) fn weekday_or_night(
    view: View<'_>,
    (at, used): (usize, usize),
    (weekday, before_today): (u8, bool),
    today: Today<'_>,
) -> (usize, Atom) {
    const NIGHT: Window = Window::new(1320, 360);
    if view.word(at + used) != "night" {
        return (used, Atom::expr(TimeExpr::Weekday { weekday, before_today }));
    }
    let base = Box::new(TimeExpr::Weekday {
        weekday,
        before_today: before_today || today.minute() < NIGHT.from,
    });
    let (from, to) = (NIGHT.from, NIGHT.to);
    (used + 1, Atom::expr(TimeExpr::Clock { base, from, to }))
}

/// `between 7 and 10 last night`: in the evening, unless it is of the small hours.
pub(super) fn nightly(window: Window) -> Window {
    let evening = |minute: u16| (300..720).contains(&minute);
    let from = if evening(window.from) {
        window.from + 720
    } else {
        window.from % 720
    };
    let to = if from >= 720 && window.to > window.from {
        window.to + 720
    } else {
        window.to
    };
    Window::new(from, to % 1440)
}

/// Words that belong to the question's time and add nothing to it.
pub(super) fn claims(words: Vec<Range<usize>>) -> impl Iterator<Item = TimeMention> {
    words.into_iter().map(|range| TimeMention {
        meaning: Meaning::Shift {
            unit: Bucket::QuarterHour,
            by: 0,
            or: None,
        },
        range,
    })
}

/// A bare `5 to 8` and `morning`: the part of the day says which half is meant.
pub(super) fn narrow(one: Window, other: Window) -> Window {
    let (hours, part) = if one.sure && !other.sure {
        (other, one)
    } else {
        (one, other)
    };
    let late = !hours.sure && part.from >= 720 && hours.from < 720;
    let add = |minute: u16| {
        if late && minute <= 720 {
            (minute + 720) % 1440
        } else {
            minute
        }
    };
    Window {
        each: one.each || other.each,
        ..Window::new(add(hours.from), add(hours.to))
    }
}

/// `half past six`, `half six`, `quarter to nine`: minutes after midnight, of which half of the day is not said.
pub(super) fn of_the_hour(view: View<'_>, at: usize) -> Option<(usize, u16)> {
    let a = usize::from(view.word(at) == "a" && view.word(at + 1) == "quarter");
    let at = at + a;
    let (minutes, joined) = match view.word(at) {
        "half" => (30, view.word(at + 1) == "past"),
        "quarter" if view.is(at + 1, &["past", "after"]) => (15, true),
        "quarter" if view.is(at + 1, &["to", "before"]) => (45, true),
        _ => return None,
    };
    let place = at + 1 + usize::from(joined);
    let hour = view.whole(place).and_then(|it| u16::try_from(it).ok());
    let hour = hour.filter(|it| (1..=12).contains(it) && !days::is_counted(view.word(place + 1)))?;
    let hour = if minutes == 45 { hour + 11 } else { hour } % 12;
    Some((place + 1 + a - at, hour * 60 + minutes))
}
