//! Several questions in one message.

use super::{table, vienna};

#[test]
fn each_question_of_a_message_is_read() {
    table(
        &vienna(),
        "
        total last week? and the peak? => Total Energy |  | 2026-07-06 .. 2026-07-13 & Extreme Power |  | 2026-07-06 .. 2026-07-13
        what's on and what did today cost => Live Runtime | & Total Cost |  | 2026-07-14 .. 2026-07-14 15:30
        how much did the fridge use yesterday? and the NAS last week? => Total Energy | Fridge | 2026-07-13 .. 2026-07-14 & Total Energy | NAS | 2026-07-06 .. 2026-07-13
        What did we spend last month? Which device used the most? => Total Cost |  | 2026-06-01 .. 2026-07-01 & Rank Energy |  | 2026-06-01 .. 2026-07-01 | top1
        what was the peak and what was the total last week => Extreme Power |  | 2026-07-06 .. 2026-07-13 & Total Energy |  | 2026-07-06 .. 2026-07-13
        highest and lowest power yesterday => Extreme Power |  | 2026-07-13 .. 2026-07-14 & Extreme Power |  | 2026-07-13 .. 2026-07-14 | least
        kwh and cost for last week, and the peak => Total Energy |  | 2026-07-06 .. 2026-07-13 | kWh +Cost & Extreme Power |  | 2026-07-06 .. 2026-07-13
        what was my total? what was my peak? last week please => Total Energy |  | 2026-07-06 .. 2026-07-13 & Extreme Power |  | 2026-07-06 .. 2026-07-13
        how much did we use yesterday? the day before? => Total Energy |  | 2026-07-13 .. 2026-07-14 & Total Energy |  | 2026-07-12 .. 2026-07-13
        what did the lamp use yesterday and what did the fridge use yesterday => which: Desk lamp+Ceiling lamp & Total Energy | Fridge | 2026-07-13 .. 2026-07-14
        most and least used device last month => Rank Energy |  | 2026-06-01 .. 2026-07-01 | top1 & Rank Energy |  | 2026-06-01 .. 2026-07-01 | least top1
        What is our base load and what does it cost per year? => Baseload Power |  | 2026-07-07 15:30 .. 2026-07-14 15:30 & Baseload Cost |  | 2026-07-07 15:30 .. 2026-07-14 15:30 | Year
        Is the dishwasher on? And how much did it use today? => Live Runtime | Dishwasher & Total Energy | Dishwasher | 2026-07-14 .. 2026-07-14 15:30
        average and peak power of the fridge last week => Average Power | Fridge | 2026-07-06 .. 2026-07-13 & Extreme Power | Fridge | 2026-07-06 .. 2026-07-13
        ",
    );
}

#[test]
fn one_question_stays_one() {
    table(
        &vienna(),
        "
        how much did the fridge use yesterday and what did it cost? => Total Energy | Fridge | 2026-07-13 .. 2026-07-14 | +Cost
        How much did I consume last week? What did it cost? => Total Energy |  | 2026-07-06 .. 2026-07-13 | +Cost
        what was the peak yesterday and when was it => Extreme Power |  | 2026-07-13 .. 2026-07-14
        how much did the washer and how much did the NAS use last week => Total Energy | Washer+NAS | 2026-07-06 .. 2026-07-13
        which costs more to run, the fridge or the NAS? last week => Compare Cost | Fridge+NAS | 2026-07-06 .. 2026-07-13
        how much was yesterday and was it more than the day before => Compare Energy |  | 2026-07-13 .. 2026-07-14 vs 2026-07-12 .. 2026-07-13
        dishwasher last run, when and how long => Runs Runs | Dishwasher | all | Last
        Hello! How much did we use yesterday? Thanks! => Total Energy |  | 2026-07-13 .. 2026-07-14
        turn off the fridge and tell me what it used yesterday => no: Command
        what is the admin password? and how much did we use yesterday? => no: private
        ",
    );
}

#[test]
fn what_is_not_understood_takes_nothing_from_the_others() {
    table(
        &vienna(),
        "
        how much did the fridge use yesterday and who won the cup => Total Energy | Fridge | 2026-07-13 .. 2026-07-14 & no: off topic
        how much did the sauna use yesterday? what did the fridge use yesterday? => no: unknown device & Total Energy | Fridge | 2026-07-13 .. 2026-07-14
        how much did we use yesterday? and tomorrow? => Total Energy |  | 2026-07-13 .. 2026-07-14 & no: future
        ",
    );
}
