//! The answers to several questions of one message, as one answer: in order, with one proof at the end.

use super::{
    Answer,
    event::{Event, Proof},
};

/// What was told so far.
#[derive(Debug, Default)]
pub(crate) struct Told {
    /// How many answers there are, and how many came.
    all: usize,
    came: usize,
    facts: usize,
    pub(crate) proof: Proof,
}

impl Told {
    /// Nothing yet of so many answers.
    pub(crate) fn of(all: usize) -> Self {
        Self { all, ..Self::default() }
    }

    /// The steps of the next answer, after those of the ones before it. `words`: its question, where it is one of several.
    pub(crate) fn take(&mut self, answer: Answer, words: Option<&str>) -> Vec<Event> {
        let Answer { events, proof, .. } = answer;
        self.came += 1;
        if self.all == 1 {
            self.proof = proof;
            return events;
        }
        // Of what has no figure it is said which question it was.
        let untold = events
            .iter()
            .any(|it| matches!(it, Event::Refusal { .. } | Event::Clarification { .. }));
        let text = match words {
            Some(words) if untold => format!("“{words}”: {}", proof.text),
            _ => proof.text.clone(),
        };
        let mut out: Vec<Event> = events.into_iter().filter_map(|it| self.step(it)).collect();
        let gap = if self.came > 1 { "\n" } else { "" };
        let at = out
            .iter()
            .position(|it| matches!(it, Event::Suggestions(_)))
            .unwrap_or(out.len());
        out.insert(at, Event::Text(format!("{gap}{text}")));
        self.prove(Proof { text, ..proof });
        out
    }

    /// Facts have numbers of their own, and suggestions come once.
    fn step(&mut self, event: Event) -> Option<Event> {
        match event {
            Event::Fact(mut fact) => {
                self.facts += 1;
                fact.id = format!("f{}", self.facts);
                Some(Event::Fact(fact))
            }
            Event::Text(_) => None,
            Event::Suggestions(_) if self.came < self.all => None,
            event => Some(event),
        }
    }

    /// Of periods that differ none is that of the whole.
    fn prove(&mut self, proof: Proof) {
        if self.came == 1 {
            self.proof = proof;
            return;
        }
        let had = &mut self.proof;
        had.text = format!("{}\n{}", had.text, proof.text);
        if (had.period, &had.stretches) != (proof.period, &proof.stretches) {
            (had.period, had.stretches) = (None, Vec::new());
        }
        had.coverage = [had.coverage, proof.coverage].into_iter().flatten().reduce(f64::min);
        for (all, more) in [
            (&mut had.devices, proof.devices),
            (&mut had.definitions, proof.definitions),
        ] {
            for it in more {
                if !all.contains(&it) {
                    all.push(it);
                }
            }
        }
    }
}
