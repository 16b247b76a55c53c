//! The question corpus (`chat/corpus`) against the understanding: no service, no database, each home's own clock.
//!
//! `the_corpus_is_understood` holds what is reached; `cargo xtask bench chat` runs `report` for the figures and failures.

mod describe;
mod gold;
mod home;
mod judge;
mod report;
mod run;

use std::collections::HashSet;

use gold::{Batch, Gate};
use home::Home;
use judge::Verdict;
use report::Tally;
use voltaire_chat::understand::{
    Understood,
    plan::{Bucket, Metric, Operation, Plan, TimeExpr},
};

#[test]
fn the_corpus_is_understood() {
    let gate = Gate::read();
    let mut tally = Tally::default();
    for batch in Batch::all() {
        for turn in run::batch(&batch) {
            tally.add(&turn);
        }
    }
    let (wrong, handled) = (tally.silently_wrong(), tally.handled());
    println!("{tally}");
    assert!(
        wrong <= gate.reached.silently_wrong && handled >= gate.reached.handled,
        "silently wrong {wrong:.4} (at most {}), handled {handled:.4} (at least {}): `cargo xtask bench chat --failures`",
        gate.reached.silently_wrong,
        gate.reached.handled
    );
}

#[test]
fn the_corpus_is_well_formed() {
    let homes = Home::all();
    let mut said = HashSet::new();
    let (mut turns, mut dialogues) = (0, 0);
    for conversation in Batch::all().iter().flat_map(|it| &it.conversations) {
        let home = homes
            .iter()
            .find(|it| it.name == conversation.home)
            .expect("a home of homes.toml");
        let words: Vec<&str> = conversation.turns.iter().map(|it| it.say.as_str()).collect();
        assert!(
            said.insert((&conversation.home, &conversation.now, words.clone())),
            "twice: {words:?}"
        );
        turns += words.len();
        dialogues += usize::from(words.len() > 1);
        let now = home.instant(&conversation.now);
        for meaning in conversation.turns.iter().flat_map(gold::Turn::meanings) {
            assert!(judge::is_well_formed(&meaning, home, now), "{words:?}: {meaning:?}");
        }
    }
    assert!(turns >= 600 && dialogues >= 120, "{turns} turns, {dialogues} dialogues");
}

#[test]
fn a_plan_that_nobody_asked_for_is_never_right() {
    let plan = Plan {
        period: Some(TimeExpr::LastUnits(Bucket::Day, 77)),
        ..Plan::new(Operation::Total, Metric::Power)
    };
    let understood = Understood::Plan {
        plan,
        confidence: 1.0,
        unknown: Vec::new(),
    };
    let homes = Home::all();
    for conversation in Batch::all().iter().flat_map(|it| &it.conversations) {
        let home = homes
            .iter()
            .find(|it| it.name == conversation.home)
            .expect("a home of homes.toml");
        let asked = judge::Asked {
            home,
            now: home.instant(&conversation.now),
        };
        for turn in &conversation.turns {
            assert_eq!(
                judge::judge(&understood, &turn.meanings(), &asked),
                Verdict::SilentlyWrong,
                "{}",
                turn.say
            );
        }
    }
}

#[test]
#[ignore = "prints figures; run by `cargo xtask bench chat`"]
fn report() {
    let asked = report::Asked::from_environment();
    let mut turns = Vec::new();
    for batch in Batch::all().into_iter().filter(|it| asked.wants(it.number)) {
        turns.extend(run::batch(&batch));
    }
    report::print(&turns, &asked);
}
