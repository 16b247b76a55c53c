//! What people type beside whole sentences: abbreviations, asides, words that mean another thing in another country, and words that
//! are near to ones of energy and mean none.

use super::{home, table, vienna};

#[test]
fn words_that_say_another_thing() {
    table(
        &vienna(),
        "
        max draw of the washer this month and when did it happen => Extreme Power | Washer | 2026-07-01 .. 2026-07-14 15:30
        which day last week did we use the most power => Extreme Energy |  | 2026-07-06 .. 2026-07-13 | Day
        what's the most power we pulled last week => Extreme Power |  | 2026-07-06 .. 2026-07-13
        what was the most power used last week => Extreme Power |  | 2026-07-06 .. 2026-07-13
        what used the most power last week => Rank Energy |  | 2026-07-06 .. 2026-07-13 | top1
        lowest power use yesterday => Extreme Power |  | 2026-07-13 .. 2026-07-14 | least
        lowest power consumption day last week => Extreme Energy |  | 2026-07-06 .. 2026-07-13 | Day least
        how much was our electricity in june => Total Cost |  | 2026-06-01 .. 2026-07-01
        how much electricity in june => Total Energy |  | 2026-06-01 .. 2026-07-01
        how much was the electricity used by the washer in june => Total Energy | Washer | 2026-06-01 .. 2026-07-01
        how much does the house draw when nothing is on => Baseload Power |  | 2026-07-07 15:30 .. 2026-07-14 15:30
        total hours the heat pump ran yesterday => Runs Runs | Heat pump | 2026-07-13 .. 2026-07-14 | Duration
        tv box hours last week => Runs Runs | TV box | 2026-07-06 .. 2026-07-13 | Duration
        how much time was the washer on yesterday => Runs Runs | Washer | 2026-07-13 .. 2026-07-14 | Duration
        how long does the washer usually run => Runs Runs | Washer | 2026-06-14 15:30 .. 2026-07-14 15:30 | AverageDuration
        what ran the most hours last week => no: Runs
        what part of the day do we use most => no: not understood
        number of washer loads in june => Runs Runs | Washer | 2026-06-01 .. 2026-07-01 | Count
        no. of wallbox charges in june => Runs Runs | 🚗 Wallbox | 2026-06-01 .. 2026-07-01 | Count
        #2 consumer yesterday => Rank Energy |  | 2026-07-13 .. 2026-07-14 | #2
        number two consumer yesterday => Rank Energy |  | 2026-07-13 .. 2026-07-14 | #2
        units and amount for the fridge last month => Total Energy | Fridge | 2026-06-01 .. 2026-07-01 | kWh +Cost
        how much current did the fridge consume last month => Total Energy | Fridge | 2026-06-01 .. 2026-07-01
        maximum current of the fridge last month, in amperes => Extreme Current | Fridge | 2026-06-01 .. 2026-07-01
        current bill this month => Total Cost |  | 2026-07-01 .. 2026-07-14 15:30
        device wise units for yesterday => Breakdown Energy |  | 2026-07-13 .. 2026-07-14 | kWh
        day wise units last week => Series Energy |  | 2026-07-06 .. 2026-07-13 | Day kWh
        what did the fridge use yesterday, and the washer? => Total Energy | Fridge+Washer | 2026-07-13 .. 2026-07-14 | each
        fridge and washer yesterday => Total Energy | Fridge+Washer | 2026-07-13 .. 2026-07-14
        which things werent used last week => Unused Runs |  | 2026-07-06 .. 2026-07-13
        anything that never got used in june => Unused Runs |  | 2026-06-01 .. 2026-07-01
        when did the nas drop out last week => DataQuality Energy | NAS | 2026-07-06 .. 2026-07-13
        has someone left the dishwasher on => Live Runtime | Dishwasher
        how much is left this month => no: not understood
        is the washer still going => Live Runtime | Washer
        what wastes the most electricity => Rank Energy |  | 2026-06-14 15:30 .. 2026-07-14 15:30 | top1
        what will this months bill be if we keep going like this => Forecast Cost |  | 2026-07-01 .. 2026-07-14 15:30
        how much will we use on friday => no: future
        how much did the bath use yesterday => no: unknown device
        what rooms do i have => Inventory Runs |  | Rooms
        how many rooms are there => Inventory Runs |  | Rooms
        ",
    );
}

#[test]
fn a_room_may_be_called_as_a_machine_is() {
    let devices = [
        ("Washing machine", "Laundry", "washing_machine"),
        ("Dryer", "Laundry", "dryer"),
        ("Fridge", "Kitchen", "fridge"),
    ];
    table(
        &home("Australia/Adelaide", "AUD", "2026-07-14T13:30:00Z", &devices),
        "
        everything in the laundry in june, cost => Total Cost | Washing machine+Dryer | 2026-06-01 .. 2026-07-01
        how much did the laundry use in june => Total Energy | Washing machine | 2026-06-01 .. 2026-07-01
        ",
    );
}

#[test]
fn periods_by_their_start_and_without_their_end() {
    table(
        &vienna(),
        "
        the week of july 8 => Total Energy |  | 2026-07-06 .. 2026-07-13
        cost of the week beginning wednesday 1 july => Total Cost |  | 2026-07-01 .. 2026-07-08
        kwh since the start of the month => Total Energy |  | 2026-07-01 .. 2026-07-14 15:30 | kWh
        usage since the beginning of the year => Total Energy |  | 2026-01-01 .. 2026-07-14 15:30
        the last two days, not counting today => Total Energy |  | 2026-07-12 .. 2026-07-14
        cost this month without today => Total Cost |  | 2026-07-01 .. 2026-07-14
        from 10pm yesterday to 6am today => Total Energy |  | 2026-07-13 22:00 .. 2026-07-14 06:00
        between 11 last night and 5 this morning => Total Energy |  | 2026-07-13 23:00 .. 2026-07-14 05:00
        between 7 and 10 last night => Total Energy |  | 2026-07-13 19:00 .. 2026-07-13 22:00
        between 9pm and 11pm last night => Total Energy |  | 2026-07-13 21:00 .. 2026-07-13 23:00
        from 11 to 2 last night => Total Energy |  | 2026-07-13 23:00 .. 2026-07-14 02:00
        between 1 and 4 last night => Total Energy |  | 2026-07-14 01:00 .. 2026-07-14 04:00
        units for june month => Total Energy |  | 2026-06-01 .. 2026-07-01 | kWh
        usage mon-fri last week => Total Energy |  | 2026-07-06 .. 2026-07-11
        cost apr-jun => Total Cost |  | 2026-04-01 .. 2026-07-01
        first half of june => Total Energy |  | 2026-06-01 .. 2026-06-16
        second half of june cost => Total Cost |  | 2026-06-16 .. 2026-07-01
        the past two weekends => Total Energy |  | 2026-07-04 .. 2026-07-13 Sat, Sun x4
        same day last week => Total Energy |  | 2026-07-07 .. 2026-07-08
        what's the total for sat and sun => Total Energy |  | 2026-07-11 .. 2026-07-13
        usage on easter monday => Total Energy |  | 2026-04-06 .. 2026-04-07
        cost on thanksgiving last year => Total Cost |  | 2025-11-27 .. 2025-11-28
        halloween was 31 october, what did we spend that day => Total Cost |  | 2025-10-31 .. 2025-11-01
        what did we use on christmas => Total Energy |  | 2025-12-25 .. 2025-12-26
        early this morning usage => no: unknown device
        ",
    );
}

#[test]
fn a_question_among_words_that_ask_nothing() {
    table(
        &vienna(),
        "
        ok so my husband thinks the washer is what is killing us. what did it cost last month? => Total Cost | Washer | 2026-06-01 .. 2026-07-01
        we had family over last weekend, how much did the dishwasher use => Total Energy | Dishwasher | 2026-07-11 .. 2026-07-13
        it got to 36 on saturday, what did the heat pump use that day => Total Energy | Heat pump | 2026-07-11 .. 2026-07-12
        how often did the washer run yesterday, we had a ton of guests => Runs Runs | Washer | 2026-07-13 .. 2026-07-14 | Count
        someone was in the house yesterday, was the tv on between 1 and 3pm? => Runs Runs | TV | 2026-07-13 13:00 .. 2026-07-13 15:00 | Whether
        the lights flickered on sunday, what was our max between 5 and 8pm that day => Extreme Power |  | 2026-07-12 17:00 .. 2026-07-12 20:00
        if my sister visits, how much will the washer use => no: WhatIf
        without my sister's things, how much did we use yesterday => no: unknown device
        5pm yesterday, how much power => no: not understood
        how much did the fridge use yesterday without the sprockets => no: not understood
        my neighbour is mad, how much did he use yesterday => no: private
        ",
    );
}

#[test]
fn signs_and_slang() {
    table(
        &vienna(),
        "
        washer kwh last mo => Total Energy | Washer | 2026-06-01 .. 2026-07-01 | kWh
        is the washer on at the mo => Live Runtime | Washer
        kwh/day last month => Average Energy |  | 2026-06-01 .. 2026-07-01 | Day kWh
        how much did the washer use between 6:30 and 8:30 pm yesterday => Total Energy | Washer | 2026-07-13 18:30 .. 2026-07-13 20:30
        between 9 and 3 yesterday how much did the washer use => Total Energy | Washer | 2026-07-13 09:00 .. 2026-07-13 15:00
        yesterday night between 8 and 11 => Total Energy |  | 2026-07-13 20:00 .. 2026-07-13 23:00
        whats eating all my power today => Breakdown Energy |  | 2026-07-14 .. 2026-07-14 15:30
        was the wallbox charged on 10 july? => Runs Runs | 🚗 Wallbox | 2026-07-10 .. 2026-07-11 | Whether
        how much were we charged for the wallbox in june => Total Cost | 🚗 Wallbox | 2026-06-01 .. 2026-07-01
        what was on => no: not understood
        times the washer was used in june => Runs Runs | Washer | 2026-06-01 .. 2026-07-01 | Count
        ",
    );
}
