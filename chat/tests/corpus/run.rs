//! Holds the conversations of a batch, as the service would.

use voltaire_chat::understand::{Context, Understood, World, understand};
use voltaire_types::{DeviceId, Timestamp};

use super::{
    describe,
    gold::{Batch, Conversation},
    home::Home,
    judge::{self, Asked, Verdict},
};

/// Plans that a question may refer to, as the service keeps them.
const REMEMBERED: usize = 6;

/// A turn that was held.
pub(crate) struct Held {
    pub(crate) batch: u32,
    pub(crate) kind: String,
    pub(crate) home: String,
    pub(crate) now: String,
    /// All that was said up to it.
    pub(crate) said: Vec<String>,
    pub(crate) gold: String,
    pub(crate) understood: String,
    pub(crate) verdict: Verdict,
}

/// Every turn of a batch.
pub(crate) fn batch(batch: &Batch) -> Vec<Held> {
    let homes = Home::all();
    let mut held = Vec::new();
    for conversation in &batch.conversations {
        let home = homes
            .iter()
            .find(|it| it.name == conversation.home)
            .expect("a home of homes.toml");
        held.extend(converse(batch.number, conversation, home));
    }
    held
}

fn converse(batch: u32, conversation: &Conversation, home: &Home) -> Vec<Held> {
    let (world, now) = (home.world(), home.instant(&conversation.now));
    let (mut context, mut said, mut held) = (Context::default(), Vec::new(), Vec::new());
    for turn in &conversation.turns {
        let named = home.ids(&turn.names);
        let understood = understand(&turn.say, &world, &context, now);
        let understood = read_again(understood, (&world, now), context.clone(), &named);
        said.push(turn.say.clone());
        let asked = Asked { home, now };
        held.push(Held {
            batch,
            kind: conversation.kind.clone(),
            home: home.name.clone(),
            now: conversation.now.clone(),
            said: said.clone(),
            gold: turn.gold.to_string(),
            understood: describe::describe(&understood, &asked),
            verdict: judge::judge(&understood, &turn.meanings(), &asked),
        });
        remember(&mut context, understood, &named);
    }
    held
}

/// Several questions as the service reads them: what is about a device that an answer names, when it is named.
fn read_again(
    understood: Understood,
    (world, now): (&World, Timestamp),
    mut context: Context,
    named: &[DeviceId],
) -> Understood {
    let Understood::Several(mut parts) = understood else {
        return understood;
    };
    for part in &mut parts {
        if part.follows {
            part.understood = understand(&part.text, world, &context, now);
        }
        remember(&mut context, part.understood.clone(), named);
    }
    Understood::Several(parts)
}

/// What the service would keep of an answer.
fn remember(context: &mut Context, understood: Understood, named: &[DeviceId]) {
    context.pending = None;
    context.missed = false;
    match understood {
        Understood::Plan { plan, .. } => {
            context.focus = if named.is_empty() {
                plan.selection.devices.clone()
            } else {
                named.to_vec()
            };
            context.plans.push(plan);
            if context.plans.len() > REMEMBERED {
                context.plans.remove(0);
            }
        }
        Understood::Clarify(pending) => context.pending = Some(pending),
        Understood::Several(parts) => {
            for part in parts {
                let asked = context.pending.take();
                remember(context, part.understood, named);
                context.pending = asked.or(context.pending.take());
            }
        }
        Understood::Refuse(no) => context.missed = no.is_missed(),
        Understood::Courtesy => {}
    }
}
