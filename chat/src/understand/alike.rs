//! "What did the living room AC cost? - And the bedroom one?": another one of the same kind.

use voltaire_types::DeviceId;

use super::{Context, World, entities::Found, entities::Named, reading::Reading};

impl Reading {
    /// Where words fit no device, a room or several, the only one of them that is like the one that was spoken of.
    pub(super) fn alike(&mut self, world: &World, context: &Context) {
        let last = context.plans.last().filter(|_| !context.missed);
        let Some([before]) = last.map(|it| it.selection.devices.as_slice()) else {
            return;
        };
        let named = |id: DeviceId| world.devices.iter().find(|it| it.id == id);
        let Some(before) = named(*before).filter(|it| !it.kind.is_empty() && it.kind != "other") else {
            return;
        };
        let [mention] = self.mentions.as_mut_slice() else {
            return;
        };
        let one = self.tokens.get(mention.range.end).is_some_and(|it| it.text == "one");
        let last = self.tokens.get(mention.range.end).is_none();
        let open = match &mention.found {
            Found::Missing => one,
            Found::Room(ids) => one && ids.len() > 1,
            Found::Devices(ids) => (one || last) && ids.len() > 1 && !mention.plural,
            Found::Doing => false,
        };
        let words = self.tokens.get(mention.range.clone()).unwrap_or_default();
        let has = |it: &&Named| {
            let known: Vec<String> = it.words().collect();
            it.kind == before.kind && it.id != before.id && words.iter().all(|word| known.contains(&word.stem))
        };
        let mut fit = world.devices.iter().filter(has);
        if let (true, Some(only), None) = (open, fit.next(), fit.next()) {
            mention.found = Found::Devices(vec![only.id]);
        }
    }
}
