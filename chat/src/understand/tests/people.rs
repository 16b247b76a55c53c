//! Questions as all sorts of people ask them: with words that say nothing of energy, in other Englishes, of somebody else's.

use super::{super::*, ask, denver, dialogue::talk, table, vienna};

#[test]
fn words_that_change_nothing_are_left_aside() {
    table(
        &vienna(),
        "
        my wife wants to know how much the fridge used yesterday => Total Energy | Fridge | 2026-07-13 .. 2026-07-14
        did the kids leave the tv on => Live Runtime | TV
        kindly submit the fridge energy for yesterday => Total Energy | Fridge | 2026-07-13 .. 2026-07-14
        fridge total for june just to settle an argument => Total Energy | Fridge | 2026-06-01 .. 2026-07-01
        how much did the fridge use yesterday, kinda scared to look => Total Energy | Fridge | 2026-07-13 .. 2026-07-14
        how much did the fridge use yesterday? exams are coming => Total Energy | Fridge | 2026-07-13 .. 2026-07-14
        how much did the fridge use yesterday, we had the tv on and nobody noticed => Total Energy | Fridge | 2026-07-13 .. 2026-07-14
        pretty sure the neighbour was here. how much did the fridge use yesterday => Total Energy | Fridge | 2026-07-13 .. 2026-07-14
        how much did bob use yesterday => no: unknown device
        how much did my son use yesterday => no: unknown device
        how much did the excluding use yesterday => no: not understood
        how much did the forgotten use yesterday => no: unknown device
        pause the washer => no: not understood
        how much did my neighbour use yesterday => no: private
        how much did the fridge use yesterday, excluded weekends => no: not understood
        ",
    );
    let Understood::Plan { unknown, .. } = ask(&vienna(), "did I forget the tv on") else {
        panic!("not understood");
    };
    assert_eq!(unknown, ["forget"]);
}

#[test]
fn words_of_two_more_batches() {
    table(
        &vienna(),
        "
        since the new tenant moved in on 3 June: fridge and tv, kWh => Total Energy | Fridge+TV | 2026-06-03 .. 2026-07-14 15:30 | kWh
        how much did the fridge use from june third to june tenth => Total Energy | Fridge | 2026-06-03 .. 2026-06-11
        highest power of the month in kW => Extreme Power |  | 2026-07-01 .. 2026-07-14 15:30 | kW
        most expensive day of the month => Extreme Cost |  | 2026-07-01 .. 2026-07-14 15:30 | Day
        which day of the month do we use most => Extreme Energy |  | all | Day
        cost of the week beginning wednesday 1 july => Total Cost |  | 2026-07-01 .. 2026-07-08
        what did electricity cost last month without the kitchen => Total Cost | all but Fridge+Ceiling lamp+Dishwasher | 2026-06-01 .. 2026-07-01
        the fridge: was it on saturday night => Runs Runs | Fridge | 2026-07-11 22:00 .. 2026-07-12 06:00 | Whether
        what is the machine that consume more in my house => Rank Energy |  | 2026-06-14 15:30 .. 2026-07-14 15:30 | top1
        minutes above 2.5 kW for the washer yesterday => Duration Power | Washer | 2026-07-13 .. 2026-07-14 | >2500 W
        what was the house pulling at its highest between 5 and 6 this morning => Extreme Power |  | 2026-07-14 05:00 .. 2026-07-14 06:00
        day vs night split for the washer in june => Compare Energy | Washer | 2026-06-01 .. 2026-07-01 | DayNight
        do we use more at the weekend than during the week => Compare Energy |  | 2026-06-14 15:30 .. 2026-07-14 15:30 | WeekdaysWeekends
        what was our sunday like compared to a usual sunday => Compare Energy |  | 2026-07-12 .. 2026-07-13 | Usual
        week vs last week => Compare Energy |  | 2026-07-13 .. 2026-07-14 15:30 vs 2026-07-06 .. 2026-07-13
        is this week lower than last week until now => Compare Energy |  | 2026-07-13 .. 2026-07-14 15:30 vs 2026-07-06 .. 2026-07-13
        are we up or down on last week => Compare Energy |  | 2026-07-13 .. 2026-07-14 15:30 vs 2026-07-06 .. 2026-07-13
        have we used more today than we had by now yesterday => Compare Energy |  | 2026-07-14 .. 2026-07-14 15:30 vs 2026-07-13 .. 2026-07-13 15:30
        for my records: fridge, 1st of May until 30th June => Total Energy | Fridge | 2026-05-01 .. 2026-07-01
        how much costs one washing in the washing machine => Runs Cost | Washer | 2026-06-14 15:30 .. 2026-07-14 15:30 | PerRun
        one full wash of the washer costs how much => Runs Cost | Washer | 2026-06-14 15:30 .. 2026-07-14 15:30 | PerRun
        How much does it cost to charge the car once? => Runs Cost | 🚗 Wallbox | 2026-06-14 15:30 .. 2026-07-14 15:30 | PerRun
        How much am I paying for a kilowatt hour? => Settings Cost |  | Price
        the bill for June was brutal, why was it so high => Explain Cost |  | 2026-06-01 .. 2026-07-01
        top 3 users this week => Rank Energy |  | 2026-07-13 .. 2026-07-14 15:30 | top3
        list all users => no: private
        is the washer charging => Live Runtime | Washer
        can you double check the TV isn't on => Live Runtime | TV
        which appliance is taking the most => Live Power |  | top1
        show me each day last week in kWh => Series Energy |  | 2026-07-06 .. 2026-07-13 | Day kWh
        Last week's cost for each day => Series Cost |  | 2026-07-06 .. 2026-07-13 | Day
        how many kWh do we use in an average month => Average Energy |  | all | Month kWh
        how many kWh does the fridge normally use per day => Average Energy | Fridge | 2026-07-07 15:30 .. 2026-07-14 15:30 | Day kWh
        May units? => Total Energy |  | 2026-05-01 .. 2026-06-01 | kWh
        June's electric came to how much? => Total Cost |  | 2026-06-01 .. 2026-07-01
        how much electricity went over Christmas, 24th to 26th December => Total Energy |  | 2025-12-24 .. 2025-12-27
        how many watts do we burn around the clock no matter what => Baseload Power |  | 2026-07-07 15:30 .. 2026-07-14 15:30
        What does the home draw all the time, day and night? => Baseload Power |  | 2026-07-07 15:30 .. 2026-07-14 15:30
        Put the devices in order of cost for April => Rank Cost |  | 2026-04-01 .. 2026-05-01
        how much of June can't be pinned on any device => Untracked Energy |  | 2026-06-01 .. 2026-07-01
        fridge for the first half of the year, in euros => Total Cost | Fridge | 2026-01-01 .. 2026-07-01
        my sister says a washer costs nothing to run. How much did ours use in June? => Total Energy | Washer | 2026-06-01 .. 2026-07-01
        my sister says a sauna costs nothing to run. How much did ours use in June? => no: Runs
        how much did we use that day => no: not understood
        ",
    );
}

#[test]
fn runs_forecasts_and_the_moment_go_on() {
    talk(
        &vienna(),
        &[
            (
                "how many washer loads in June",
                "Runs Runs | Washer | 2026-06-01 .. 2026-07-01 | Count",
            ),
            (
                "what did one cost on average",
                "Runs Cost | Washer | 2026-06-01 .. 2026-07-01 | PerRun",
            ),
            ("when was the last one", "Runs Runs | Washer | all | Last"),
            ("how long for", "Runs Runs | Washer | all | Last"),
        ],
    );
    talk(
        &vienna(),
        &[
            (
                "how much will we spend this month",
                "Forecast Cost |  | 2026-07-01 .. 2026-07-14 15:30",
            ),
            (
                "and how many kilowatt hours",
                "Forecast Energy |  | 2026-07-01 .. 2026-07-14 15:30 | kWh",
            ),
        ],
    );
    talk(
        &vienna(),
        &[
            ("how much are we using right now", "Live Power | "),
            ("what's using it", "Live Power | "),
        ],
    );
    talk(
        &vienna(),
        &[
            (
                "how many times did the washer run in june",
                "Runs Runs | Washer | 2026-06-01 .. 2026-07-01 | Count",
            ),
            (
                "and the cost for the whole month",
                "Total Cost | Washer | 2026-06-01 .. 2026-07-01",
            ),
        ],
    );
}

#[test]
fn percents_parts_and_reasons_go_on() {
    talk(
        &vienna(),
        &[
            (
                "if the fridge had run 15% less in june how many euros would I have saved",
                "WhatIf Cost | Fridge | 2026-06-01 .. 2026-07-01 | x0.85",
            ),
            ("and 30?", "WhatIf Cost | Fridge | 2026-06-01 .. 2026-07-01 | x0.7"),
        ],
    );
    talk(
        &vienna(),
        &[
            (
                "units this month till now",
                "Total Energy |  | 2026-07-01 .. 2026-07-14 15:30 | kWh",
            ),
            (
                "and last month till the same date?",
                "Total Energy |  | 2026-06-01 .. 2026-06-15 | kWh",
            ),
        ],
    );
    talk(
        &vienna(),
        &[
            ("units on 15th June", "Total Energy |  | 2026-06-15 .. 2026-06-16 | kWh"),
            (
                "what used the most that day",
                "Rank Energy |  | 2026-06-15 .. 2026-06-16 | top1",
            ),
        ],
    );
    talk(
        &vienna(),
        &[
            (
                "What did the fridge use in June?",
                "Total Energy | Fridge | 2026-06-01 .. 2026-07-01",
            ),
            (
                "and in EUR, I need it for the Nebenkosten",
                "Total Cost | Fridge | 2026-06-01 .. 2026-07-01",
            ),
        ],
    );
    talk(
        &vienna(),
        &[
            (
                "why was last week higher than the week before",
                "Explain Energy |  | 2026-07-06 .. 2026-07-13 vs 2026-06-29 .. 2026-07-06",
            ),
            (
                "which device is to blame",
                "Explain Energy |  | 2026-07-06 .. 2026-07-13 vs 2026-06-29 .. 2026-07-06",
            ),
        ],
    );
}

#[test]
fn other_englishes() {
    table(
        &vienna(),
        "
        off the washer => no: Command
        pls off the tv => no: Command
        current consumed in june full month => Total Energy |  | 2026-06-01 .. 2026-07-01
        max current the washer pulled in june => Extreme Current | Washer | 2026-06-01 .. 2026-07-01
        on which date in june fridge used maximum => Extreme Energy | Fridge | 2026-06-01 .. 2026-07-01 | Day
        how many times the tv was put on yesterday => Runs Runs | TV | 2026-07-13 .. 2026-07-14 | Count
        power used between half six and quarter to nine last night => Total Energy |  | 2026-07-13 18:30 .. 2026-07-13 20:45
        how much from half past six to eight pm yesterday => Total Energy |  | 2026-07-13 18:30 .. 2026-07-13 20:00
        how much of junes bill => Total Cost |  | 2026-06-01 .. 2026-07-01
        what do you take as price per unit => Settings Cost |  | Price
        what did a wash cost in june => Runs Cost | Washer | 2026-06-01 .. 2026-07-01 | PerRun
        how hard did the washer pull at the most in june => Extreme Power | Washer | 2026-06-01 .. 2026-07-01
        each day of last week how much we used => Series Energy |  | 2026-07-06 .. 2026-07-13 | Day
        what is on telly => no: off topic
        weekday vs weekend usage last month => Compare Energy |  | 2026-06-01 .. 2026-07-01 | WeekdaysWeekends
        how much did we use between 5pm and 9pm each day last week => Total Energy |  | 2026-07-06 .. 2026-07-13 17:00-21:00 x7
        consumption of week 27 => Total Energy |  | 2026-06-29 .. 2026-07-06
        how much did we use on Saturday the 4th of July => Total Energy |  | 2026-07-04 .. 2026-07-05
        how much was the consumption last July 5 => Total Energy |  | 2026-07-05 .. 2026-07-06
        how much did we use over christmas => Total Energy |  | 2025-12-25 .. 2025-12-27
        how much did we use over easter => Total Energy |  | 2026-04-03 .. 2026-04-07
        until how late was the tv on yesterday => Runs Runs | TV | 2026-07-13 .. 2026-07-14 | LastOff
        did i turn the tv off => Live Runtime | TV
        used this year so far => Total Energy |  | 2026-01-01 .. 2026-07-14 15:30
        morning! => courtesy
        living room total last week => Total Energy | TV+TV box | 2026-07-06 .. 2026-07-13
        how many kr yesterday => no: currency
        fridge yesterday and also the washer yesterday => Total Energy | Fridge+Washer | 2026-07-13 .. 2026-07-14 | each
        has the fridge plug used more than the washer socket in june => Compare Energy | Fridge+Washer | 2026-06-01 .. 2026-07-01
        ",
    );
    table(
        &denver(),
        "
        how many bucks yesterday => Total Cost |  | 2026-03-03 .. 2026-03-04
        if the ev used a fifth less in february what would we save => WhatIf Cost | EV | 2026-02-01 .. 2026-03-01 | x0.8
        say I cut the water heater by a third, what's that worth going off february => WhatIf Cost | Water Heater | 2026-02-01 .. 2026-03-01 | x0.6666666666666667
        ",
    );
}

#[test]
fn what_was_said_before_is_corrected() {
    talk(
        &vienna(),
        &[
            (
                "how much did we use on friday",
                "Total Energy |  | 2026-07-10 .. 2026-07-11",
            ),
            (
                "i meant the friday before that",
                "Total Energy |  | 2026-07-03 .. 2026-07-04",
            ),
            (
                "how much did we use on the 9th",
                "Total Energy |  | 2026-07-09 .. 2026-07-10",
            ),
            ("no i meant 10", "Total Energy |  | 2026-07-10 .. 2026-07-11"),
            ("tv yesterday", "Total Energy | TV | 2026-07-13 .. 2026-07-14"),
            (
                "not the tv, the washer",
                "Total Energy | Washer | 2026-07-13 .. 2026-07-14",
            ),
            (
                "the fridge not the washer",
                "Total Energy | Fridge | 2026-07-13 .. 2026-07-14",
            ),
            ("when did the washer last run", "Runs Runs | Washer | all | Last"),
            (
                "how many times this month",
                "Runs Runs | Washer | 2026-07-01 .. 2026-07-14 15:30 | Count",
            ),
            ("how much was yesterday", "Total Energy |  | 2026-07-13 .. 2026-07-14"),
            (
                "why so high compared to sunday",
                "Explain Energy |  | 2026-07-13 .. 2026-07-14 vs 2026-07-12 .. 2026-07-13",
            ),
        ],
    );
}

#[test]
fn a_part_of_the_day_that_was_told_stays_with_it() {
    table(
        &vienna(),
        "
        the fuse blew on friday evening, what was the highest load that evening between 6 and 10 => Extreme Power |  | 2026-07-10 18:00 .. 2026-07-10 22:00
        we were out on friday, how much did that day cost => Total Cost |  | 2026-07-10 .. 2026-07-11
        ",
    );
}

#[test]
fn weeks_by_number_where_a_year_begins() {
    let at = |seconds| Timestamp::from_parts(seconds, 0).expect("an instant");
    let mut home = vienna();
    // 31 December 2024, 12:00.
    home.now = at(1_735_642_800);
    table(
        &home,
        "
        consumption of week 1 => Total Energy |  | 2024-12-30 .. 2024-12-31 12:00
        consumption of week 52 => Total Energy |  | 2024-12-23 .. 2024-12-30
        ",
    );
    // 6 January 2027, 12:00.
    home.now = at(1_799_233_200);
    table(
        &home,
        "
        consumption of week 53 => Total Energy |  | 2026-12-28 .. 2027-01-04
        consumption of week 2 => Total Energy |  | 2026-01-05 .. 2026-01-12
        ",
    );
}

#[test]
fn rooms_are_told_against_each_other() {
    table(
        &vienna(),
        "
        which room used the most last week => Rank Energy |  | 2026-07-06 .. 2026-07-13 | top1 Rooms
        top 2 rooms yesterday => Rank Energy |  | 2026-07-13 .. 2026-07-14 | top2 Rooms
        what did each room cost in june => Breakdown Cost |  | 2026-06-01 .. 2026-07-01 | Rooms
        energy by room yesterday => Breakdown Energy |  | 2026-07-13 .. 2026-07-14 | Rooms
        break down last month by room => Breakdown Energy |  | 2026-06-01 .. 2026-07-01 | Rooms
        which room is the cheapest this month => Rank Cost |  | 2026-07-01 .. 2026-07-14 15:30 | least top1 Rooms
        what rooms do i have => Inventory Runs |  | Rooms
        ",
    );
}

#[test]
fn prices_that_change_are_simple_changes() {
    table(
        &vienna(),
        "
        if the price went up by 10 % what would june have cost => WhatIf Cost |  | 2026-06-01 .. 2026-07-01 | x1.1
        what if electricity was 20% cheaper last month => WhatIf Cost |  | 2026-06-01 .. 2026-07-01 | x0.8
        how many MWh did we use last year => Total Energy |  | 2025-01-01 .. 2026-01-01 | MWh
        total in megawatt hours this year => Total Energy |  | 2026-01-01 .. 2026-07-14 15:30 | MWh
        ",
    );
}

#[test]
fn what_goes_on_from_a_question_that_was_missed_is_not_guessed() {
    let home = vienna();
    let mut context = crate::understand::Context {
        missed: true,
        ..Default::default()
    };
    let tv = crate::understand::understand("tv yesterday", &home.world, &context, home.now);
    let crate::understand::Understood::Plan { plan, .. } = tv else {
        panic!("a question of its own is understood: {tv:?}");
    };
    context.plans.push(plan);
    for turn in [
        "and on saturday?",
        "in euros?",
        "how much did it use",
        "sorry, sunday",
        "the second biggest?",
    ] {
        let got = crate::understand::understand(turn, &home.world, &context, home.now);
        assert!(
            matches!(got, crate::understand::Understood::Refuse(_)),
            "{turn}: {got:?}"
        );
    }
}

#[test]
fn days_are_found_as_people_name_them() {
    table(
        &vienna(),
        "
        weekend so far => Total Energy |  | 2026-07-11 .. 2026-07-13
        tv by this time yesterday => Total Energy | TV | 2026-07-13 .. 2026-07-13 15:30
        the first 10 days of june => Total Energy |  | 2026-06-01 .. 2026-06-11
        the last 3 days of june => Total Energy |  | 2026-06-28 .. 2026-07-01
        how much have we used since the month began => Total Energy |  | 2026-07-01 .. 2026-07-14 15:30
        1 june up to and including 15 june, kwh => Total Energy |  | 2026-06-01 .. 2026-06-16 | kWh
        easter weekend => Total Energy |  | 2026-04-03 .. 2026-04-07
        total over christmas eve and christmas day => Total Energy |  | 2025-12-24 .. 2025-12-26
        tv on friday night => Total Energy | TV | 2026-07-10 22:00 .. 2026-07-11 06:00
        may => Total Energy |  | 2026-05-01 .. 2026-06-01
        what would may have cost => Total Cost |  | 2026-05-01 .. 2026-06-01
        total for the year please => Total Energy |  | 2026-01-01 .. 2026-07-14 15:30
        cost of each day last week => Series Cost |  | 2026-07-06 .. 2026-07-13 | Day
        what did the christmas lights use in december => no: not understood
        ",
    );
}

#[test]
fn runs_are_asked_for_in_many_ways() {
    table(
        &vienna(),
        "
        when did the tv go off on friday => Runs Runs | TV | 2026-07-10 .. 2026-07-11 | LastOff
        when did the tv come on yesterday => Runs Runs | TV | 2026-07-13 .. 2026-07-14 | First
        when was the tv turned on => Runs Runs | TV | all | Last
        how many times a day does the washer run => Runs Runs | Washer | 2026-06-14 15:30 .. 2026-07-14 15:30 | Day Count
        loads in the washer last week => Runs Runs | Washer | 2026-07-06 .. 2026-07-13 | Count
        what does the washer cost per go roughly => Runs Cost | Washer | 2026-06-14 15:30 .. 2026-07-14 15:30 | PerRun
        who was in the house yesterday => no: off topic
        ok off it please => no: Command
        what did june come to => Total Cost |  | 2026-06-01 .. 2026-07-01
        did june beat may => Compare Energy |  | 2026-06-01 .. 2026-07-01 vs 2026-05-01 .. 2026-06-01
        why is today's bill higher than normal? => Explain Cost |  | 2026-07-14 .. 2026-07-14 15:30
        ",
    );
    talk(
        &vienna(),
        &[
            (
                "if the tv had used 10% less in june, how much would that have saved",
                "WhatIf Cost | TV | 2026-06-01 .. 2026-07-01 | x0.9",
            ),
            ("and 25% less", "WhatIf Cost | TV | 2026-06-01 .. 2026-07-01 | x0.75"),
            ("tv yesterday", "Total Energy | TV | 2026-07-13 .. 2026-07-14"),
            ("total for june", "Total Energy | TV | 2026-06-01 .. 2026-07-01"),
            ("house total", "Total Energy |  | 2026-06-01 .. 2026-07-01"),
            (
                "how much did the tv use this month so far",
                "Total Energy | TV | 2026-07-01 .. 2026-07-14 15:30",
            ),
            (
                "and the same days last month",
                "Total Energy | TV | 2026-06-01 .. 2026-06-15",
            ),
        ],
    );
}
