//! The figures, by batch, kind and home, and what failed.

use std::{collections::BTreeMap, fmt};

use super::{judge::Verdict, run::Held};

/// How often each verdict was given.
#[derive(Clone, Copy, Default)]
pub(crate) struct Tally([usize; Verdict::ALL.len()]);

impl Tally {
    pub(crate) fn add(&mut self, held: &Held) {
        self.0[held.verdict as usize] += 1;
    }

    /// Share of all turns.
    pub(crate) fn silently_wrong(&self) -> f64 {
        self.share(|it| it == Verdict::SilentlyWrong)
    }

    /// Share of all turns.
    pub(crate) fn handled(&self) -> f64 {
        self.share(Verdict::is_handled)
    }

    fn share(&self, which: impl Fn(Verdict) -> bool) -> f64 {
        let counted = Verdict::ALL.iter().zip(self.0);
        let some: usize = counted.filter(|(it, _)| which(**it)).map(|(_, count)| count).sum();
        some as f64 / self.0.iter().sum::<usize>().max(1) as f64
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.iter().sum::<usize>())?;
        self.0.iter().try_for_each(|count| write!(f, " | {count}"))?;
        write!(
            f,
            " | {:.1} % | {:.1} %",
            self.handled() * 100.0,
            self.silently_wrong() * 100.0
        )
    }
}

/// What to report.
#[derive(Default)]
pub(crate) struct Asked {
    batch: Option<u32>,
    failures: bool,
}

impl Asked {
    /// `VOLTAIRE_CORPUS_BATCH` and `VOLTAIRE_CORPUS_FAILURES`.
    #[expect(clippy::disallowed_methods, reason = "a test has no other configuration")]
    pub(crate) fn from_environment() -> Self {
        Self {
            batch: std::env::var("VOLTAIRE_CORPUS_BATCH")
                .ok()
                .and_then(|it| it.parse().ok()),
            failures: std::env::var("VOLTAIRE_CORPUS_FAILURES").is_ok(),
        }
    }

    pub(crate) fn wants(&self, batch: u32) -> bool {
        self.batch.is_none_or(|it| it == batch)
    }
}

/// Prints a table, and what failed where that is asked for.
pub(crate) fn print(turns: &[Held], asked: &Asked) {
    if asked.failures {
        for turn in turns.iter().filter(|it| !it.verdict.is_handled()) {
            failure(turn);
        }
    }
    println!(
        "\n| | turns | right | asked rightly | refused rightly | partly | asked needlessly | refused wrongly | silently wrong | handled | silently wrong |"
    );
    println!("|---|{}", "--:|".repeat(10));
    let row = |name: &str, tally: &Tally| println!("| {name} | {tally} |");
    for (batch, tally) in by(turns, |it| format!("batch {}", it.batch)) {
        row(&batch, &tally);
    }
    for (kind, tally) in by(turns, |it| it.kind.clone()) {
        row(&kind, &tally);
    }
    for (home, tally) in by(turns, |it| format!("home {}", it.home)) {
        row(&home, &tally);
    }
    for (_, tally) in by(turns, |_| String::new()) {
        row("all", &tally);
    }
}

fn by(turns: &[Held], key: impl Fn(&Held) -> String) -> BTreeMap<String, Tally> {
    let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
    for turn in turns {
        tallies.entry(key(turn)).or_default().add(turn);
    }
    tallies
}

fn failure(it: &Held) {
    println!(
        "\n{:?} · batch {} · {} · {} · {}",
        it.verdict, it.batch, it.kind, it.home, it.now
    );
    println!("  said  {}", it.said.join(" | "));
    println!("  meant {}", it.gold);
    println!("  read  {}", it.understood);
}
