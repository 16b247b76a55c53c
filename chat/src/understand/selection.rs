//! Which devices are meant: one by one, by room, all but some; or in doubt.

use voltaire_types::DeviceId;

use super::{
    entities::{Found, Mention},
    lexicon::Cue,
    plan::Selection,
    reading::Reading,
};

/// Whose energy is asked for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Pick {
    /// Nothing was said.
    Unsaid,
    /// The whole home.
    Home,
    /// These.
    Devices(Selection),
    /// One of these, beside the ones that are sure.
    Doubt {
        words: String,
        options: Vec<DeviceId>,
        sure: Selection,
    },
    /// A thing in a room where there is none.
    Missing(String),
}

/// What the mentions select.
pub(crate) fn pick(reading: &Reading) -> Pick {
    let rooms: Vec<&Mention> = reading
        .mentions
        .iter()
        .filter(|it| matches!(it.found, Found::Room(_)))
        .collect();
    let inside: Vec<DeviceId> = rooms.iter().flat_map(|it| ids(it)).copied().collect();
    let mut selection = Selection {
        room: rooms.first().map(|it| it.words.clone()).unwrap_or_default(),
        ..Selection::default()
    };
    let mut doubt = None;
    for mention in reading
        .mentions
        .iter()
        .filter(|it| matches!(it.found, Found::Devices(_)))
    {
        let fits = |id: &&DeviceId| rooms.is_empty() || inside.contains(id);
        let found: Vec<DeviceId> = ids(mention).iter().filter(fits).copied().collect();
        if found.is_empty() {
            return Pick::Missing(format!("{} {}", selection.room, mention.words));
        }
        let many = found.len() > 1;
        if many && asked_which(reading, mention) {
            selection.devices.extend(found);
            continue;
        }
        if many && !mention.plural && !reading.has(Cue::Both) {
            doubt.get_or_insert((mention.words.clone(), found));
            continue;
        }
        selection.each |= many;
        let new: Vec<DeviceId> = found.into_iter().filter(|id| !selection.devices.contains(id)).collect();
        selection.devices.extend(new);
    }
    selection.each |= selection.devices.len() > 1 && (reading.any(&[Cue::Each, Cue::Both]) || goes_on(reading));
    selection.each &= !reading.any(&[Cue::Total]);
    selection.except = reading.place(Cue::Except).is_some() && !selection.devices.is_empty();
    if selection.except && !rooms.is_empty() {
        // "The kitchen without the oven" is what else is in the kitchen.
        let out = std::mem::take(&mut selection.devices);
        selection.devices = inside.iter().filter(|id| !out.contains(id)).copied().collect();
        (selection.except, selection.each) = (false, false);
        if selection.devices.is_empty() {
            return Pick::Missing(selection.room);
        }
    }
    if let Some((words, options)) = doubt {
        return Pick::Doubt {
            words,
            options,
            sure: selection,
        };
    }
    if !selection.devices.is_empty() {
        return Pick::Devices(selection);
    }
    if rooms.is_empty() {
        return if reading.has(Cue::Home) {
            Pick::Home
        } else {
            Pick::Unsaid
        };
    }
    let single = reading.tokens.iter().any(|it| it.text == "one");
    if single && inside.len() > 1 {
        let words = format!("{} one", selection.room);
        return Pick::Doubt {
            words,
            options: inside,
            sure: Selection::default(),
        };
    }
    // "Last month without the studio" is the rest of the home.
    let except = reading
        .place(Cue::Except)
        .is_some_and(|at| rooms.iter().all(|it| at < it.range.start));
    Pick::Devices(Selection {
        devices: inside,
        except,
        room: if except { String::new() } else { selection.room },
        ..selection
    })
}

/// "What did the freezer use yesterday, and the fridge?": the same is asked of another.
fn goes_on(reading: &Reading) -> bool {
    let mut pairs = reading.mentions.windows(2);
    pairs.any(|it| {
        let (first, second) = (it[0].range.end, it[1].range.start);
        let timed = reading
            .times
            .iter()
            .any(|it| it.range.start >= first && it.range.end <= second);
        let joined = reading
            .evidence
            .iter()
            .any(|it| matches!(it.cue, Cue::Link | Cue::Follow) && (first..second).contains(&it.range.start));
        timed && joined
    })
}

/// "Which heater used the most": all of them are in question.
fn asked_which(reading: &Reading, mention: &Mention) -> bool {
    let before = mention.range.start.checked_sub(1).and_then(|at| reading.tokens.get(at));
    let of = |words: &[&str]| {
        let start = mention.range.start.checked_sub(words.len());
        let tokens = start.and_then(|start| reading.tokens.get(start..mention.range.start));
        tokens.is_some_and(|it| {
            it.iter()
                .zip(words)
                .all(|(token, word)| *word == "*" || token.text == *word)
        })
    };
    let which =
        before.is_some_and(|it| it.text == "which") || of(&["which", "of", "the"]) || of(&["which", "of", "the", "*"]);
    which && reading.any(&[Cue::Max, Cue::Min, Cue::MoreLess])
}

fn ids(mention: &Mention) -> &[DeviceId] {
    match &mention.found {
        Found::Devices(ids) | Found::Room(ids) => ids,
        Found::Missing | Found::Doing => &[],
    }
}
