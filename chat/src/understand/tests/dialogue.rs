//! Conversations: each turn with what it becomes.

use super::{super::*, HomeOf, denver, short, vienna};

/// Runs `question => short` turns; `it` names the devices that the answer was about.
pub(super) fn talk(home: &HomeOf, turns: &[(&str, &str)]) {
    let mut context = Context::default();
    for (question, wanted) in turns {
        let understood = understand(question, &home.world, &context, home.now);
        assert_eq!(short(home, &understood), *wanted, "{question}");
        context.pending = None;
        match understood {
            Understood::Plan { plan, .. } => {
                context.focus = plan.selection.devices.clone();
                if plan.operation == plan::Operation::Rank {
                    context.focus = vec![home.world.devices[2].id];
                }
                context.plans.push(plan);
            }
            Understood::Clarify(pending) => context.pending = Some(pending),
            Understood::Refuse(_) | Understood::Courtesy | Understood::Several(_) => {}
        }
    }
}

#[test]
fn periods_follow() {
    talk(
        &vienna(),
        &[
            (
                "how much did the fridge use last week?",
                "Total Energy | Fridge | 2026-07-06 .. 2026-07-13",
            ),
            (
                "and the week before?",
                "Total Energy | Fridge | 2026-06-29 .. 2026-07-06",
            ),
            ("and yesterday", "Total Energy | Fridge | 2026-07-13 .. 2026-07-14"),
            (
                "and the day before?",
                "Total Energy | Fridge | 2026-07-12 .. 2026-07-13",
            ),
            (
                "sorry I meant last month",
                "Total Energy | Fridge | 2026-06-01 .. 2026-07-01",
            ),
            ("the month before", "Total Energy | Fridge | 2026-05-01 .. 2026-06-01"),
        ],
    );
}

#[test]
fn devices_and_metrics_follow() {
    talk(
        &vienna(),
        &[
            ("washer last month", "Total Energy | Washer | 2026-06-01 .. 2026-07-01"),
            (
                "what about the dishwasher?",
                "Total Energy | Dishwasher | 2026-06-01 .. 2026-07-01",
            ),
            ("thanks!", "courtesy"),
            ("in euros", "Total Cost | Dishwasher | 2026-06-01 .. 2026-07-01"),
            (
                "how many kwh is that",
                "Total Energy | Dishwasher | 2026-06-01 .. 2026-07-01 | kWh",
            ),
            (
                "and per day?",
                "Average Energy | Dishwasher | 2026-06-01 .. 2026-07-01 | Day kWh",
            ),
            (
                "now everything together",
                "Average Energy |  | 2026-06-01 .. 2026-07-01 | Day kWh",
            ),
        ],
    );
}

#[test]
fn rankings_follow() {
    talk(
        &vienna(),
        &[
            ("total last week", "Total Energy |  | 2026-07-06 .. 2026-07-13"),
            (
                "which device was the biggest?",
                "Rank Energy |  | 2026-07-06 .. 2026-07-13 | top1",
            ),
            ("and second?", "Rank Energy |  | 2026-07-06 .. 2026-07-13 | #2"),
            (
                "how much did it use",
                "Total Energy | Heat pump | 2026-07-06 .. 2026-07-13",
            ),
            (
                "and what did it cost",
                "Total Cost | Heat pump | 2026-07-06 .. 2026-07-13",
            ),
        ],
    );
}

#[test]
fn comparisons_follow() {
    talk(
        &vienna(),
        &[
            (
                "how much did I use last week",
                "Total Energy |  | 2026-07-06 .. 2026-07-13",
            ),
            (
                "is that more than the week before?",
                "Compare Energy |  | 2026-07-06 .. 2026-07-13 vs 2026-06-29 .. 2026-07-06",
            ),
        ],
    );
    talk(
        &vienna(),
        &[
            ("nas last week", "Total Energy | NAS | 2026-07-06 .. 2026-07-13"),
            ("and the week before", "Total Energy | NAS | 2026-06-29 .. 2026-07-06"),
            (
                "what's the difference in percent?",
                "Compare Energy | NAS | 2026-07-06 .. 2026-07-13 vs 2026-06-29 .. 2026-07-06",
            ),
        ],
    );
}

#[test]
fn the_other_extreme_and_the_other_device_follow() {
    talk(
        &vienna(),
        &[
            ("when was my highest hour?", "Extreme Energy |  | all | Hour"),
            ("and the lowest?", "Extreme Energy |  | all | Hour least"),
            (
                "fridge and dishwasher last week",
                "Total Energy | Fridge+Dishwasher | 2026-07-06 .. 2026-07-13",
            ),
            (
                "and the week before",
                "Total Energy | Fridge+Dishwasher | 2026-06-29 .. 2026-07-06",
            ),
            (
                "which one used more?",
                "Compare Energy | Fridge+Dishwasher | 2026-06-29 .. 2026-07-06",
            ),
        ],
    );
}

#[test]
fn a_peak_follows_to_another_day() {
    talk(
        &vienna(),
        &[
            (
                "what was my peak yesterday and when?",
                "Extreme Power |  | 2026-07-13 .. 2026-07-14",
            ),
            ("and the day before?", "Extreme Power |  | 2026-07-12 .. 2026-07-13"),
            ("and of the fridge", "Extreme Power | Fridge | 2026-07-12 .. 2026-07-13"),
        ],
    );
}

#[test]
fn a_question_back_is_answered_by_a_word() {
    let asked = ("what did the AC cost last month", "which: Bedroom AC+Den AC");
    let one = "Total Cost | Den AC | 2026-02-01 .. 2026-03-01";
    let both = "Total Cost | Bedroom AC+Den AC | 2026-02-01 .. 2026-03-01 | each";
    for (answer, wanted) in [
        ("den", one),
        ("the den one", one),
        ("Den AC", one),
        ("the second", one),
        ("both", both),
        ("all of them", both),
    ] {
        talk(&denver(), &[asked, (answer, wanted)]);
    }
}

#[test]
fn a_new_question_is_no_answer_to_an_old_one() {
    talk(
        &denver(),
        &[
            ("what did the AC cost last month", "which: Bedroom AC+Den AC"),
            (
                "how much did I use yesterday",
                "Total Energy |  | 2026-03-03 .. 2026-03-04",
            ),
            ("and the oven", "Total Energy | Oven | 2026-03-03 .. 2026-03-04"),
        ],
    );
}

#[test]
fn a_follow_up_without_a_conversation_is_not_understood() {
    talk(
        &vienna(),
        &[
            ("and the week before?", "no: not understood"),
            ("in euros", "no: not understood"),
        ],
    );
}

#[test]
fn the_one_that_was_named_is_meant() {
    talk(
        &vienna(),
        &[
            (
                "biggest user yesterday",
                "Rank Energy |  | 2026-07-13 .. 2026-07-14 | top1",
            ),
            (
                "how many kwh",
                "Total Energy | Heat pump | 2026-07-13 .. 2026-07-14 | kWh",
            ),
            (
                "and today",
                "Total Energy | Heat pump | 2026-07-14 .. 2026-07-14 15:30 | kWh",
            ),
        ],
    );
}

#[test]
fn runs_follow() {
    talk(
        &vienna(),
        &[
            ("washer last week", "Total Energy | Washer | 2026-07-06 .. 2026-07-13"),
            (
                "how many times did it run?",
                "Runs Runs | Washer | 2026-07-06 .. 2026-07-13 | Count",
            ),
            (
                "and the dishwasher?",
                "Runs Runs | Dishwasher | 2026-07-06 .. 2026-07-13 | Count",
            ),
            (
                "what did it cost?",
                "Total Cost | Dishwasher | 2026-07-06 .. 2026-07-13",
            ),
            ("no, the fridge", "Total Cost | Fridge | 2026-07-06 .. 2026-07-13"),
            ("why?", "Explain Cost | Fridge | 2026-07-06 .. 2026-07-13"),
        ],
    );
}

#[test]
fn devices_that_were_asked_about_are_put_together_or_beside_each_other() {
    let one = ("fridge yesterday", "Total Energy | Fridge | 2026-07-13 .. 2026-07-14");
    let two = ("and the washer?", "Total Energy | Washer | 2026-07-13 .. 2026-07-14");
    let three = ("the TV?", "Total Energy | TV | 2026-07-13 .. 2026-07-14");
    talk(
        &vienna(),
        &[
            one,
            two,
            (
                "both?",
                "Total Energy | Fridge+Washer | 2026-07-13 .. 2026-07-14 | each",
            ),
        ],
    );
    talk(
        &vienna(),
        &[
            one,
            two,
            three,
            (
                "all three",
                "Total Energy | Fridge+Washer+TV | 2026-07-13 .. 2026-07-14 | each",
            ),
        ],
    );
    talk(
        &vienna(),
        &[
            one,
            two,
            three,
            ("both", "Total Energy | Washer+TV | 2026-07-13 .. 2026-07-14 | each"),
        ],
    );
    talk(
        &vienna(),
        &[
            one,
            two,
            ("together", "Total Energy | Fridge+Washer | 2026-07-13 .. 2026-07-14"),
        ],
    );
    talk(&vienna(), &[one, two, ("all three", "no: not understood")]);
    talk(
        &vienna(),
        &[
            one,
            two,
            (
                "which of them used more?",
                "Compare Energy | Fridge+Washer | 2026-07-13 .. 2026-07-14",
            ),
        ],
    );
    talk(
        &vienna(),
        &[
            one,
            (
                "compared with the washer?",
                "Compare Energy | Fridge+Washer | 2026-07-13 .. 2026-07-14",
            ),
        ],
    );
}

#[test]
fn an_order_goes_on_from_its_other_end_and_a_total_is_split() {
    talk(
        &vienna(),
        &[
            ("top 3 last month", "Rank Energy |  | 2026-06-01 .. 2026-07-01 | top3"),
            (
                "and the bottom 2",
                "Rank Energy |  | 2026-06-01 .. 2026-07-01 | least top2",
            ),
        ],
    );
    talk(
        &vienna(),
        &[
            (
                "fridge and washer last week",
                "Total Energy | Fridge+Washer | 2026-07-06 .. 2026-07-13",
            ),
            (
                "split it",
                "Breakdown Energy | Fridge+Washer | 2026-07-06 .. 2026-07-13",
            ),
        ],
    );
    talk(
        &vienna(),
        &[("good evening", "courtesy"), ("thanks, that's all", "courtesy")],
    );
}

#[test]
fn who_drew_power_at_a_peak_follows() {
    talk(
        &vienna(),
        &[
            ("peak yesterday?", "Extreme Power |  | 2026-07-13 .. 2026-07-14"),
            (
                "what was on then",
                "Breakdown Power |  | 2026-07-13 .. 2026-07-14 | AtExtreme",
            ),
            (
                "and on Sunday?",
                "Breakdown Power |  | 2026-07-12 .. 2026-07-13 | AtExtreme",
            ),
            ("and the fridge?", "Total Energy | Fridge | 2026-07-12 .. 2026-07-13"),
            (
                "highest hour last week",
                "Extreme Energy |  | 2026-07-06 .. 2026-07-13 | Hour",
            ),
            (
                "which appliances were running at that time?",
                "Breakdown Energy |  | 2026-07-06 .. 2026-07-13 | Hour AtExtreme",
            ),
            (
                "peak power of the fridge yesterday",
                "Extreme Power | Fridge | 2026-07-13 .. 2026-07-14",
            ),
            ("what was on then", "no: not understood"),
            (
                "how much did we use yesterday",
                "Total Energy |  | 2026-07-13 .. 2026-07-14",
            ),
            ("what was on then", "no: not understood"),
        ],
    );
}
