//! Ways of speaking: money as it is written beside an amount, budgets, prices that are supposed, the other one of a kind.

use super::{denver, dialogue::talk, table, vienna};

#[test]
fn a_budget_is_told_beside_the_forecast() {
    table(
        &vienna(),
        "
        will we stay under 120 euros this month => Forecast Cost |  | 2026-07-01 .. 2026-07-14 15:30 | at 120
        can we keep the bill below €95 => Forecast Cost |  | 2026-07-01 .. 2026-07-14 15:30 | at 95
        my mum says max EUR120 for electricity this month. are we ok => Forecast Cost |  | 2026-07-01 .. 2026-07-14 15:30 | at 120
        we can only spend 80 euros a month. will july stay below => Forecast Cost |  | 2026-07-01 .. 2026-07-14 15:30 | at 80
        will this year cost more than 900 euros => Forecast Cost |  | 2026-01-01 .. 2026-07-14 15:30 | at 900
        we put aside 650 euros for july, will that be enough => Forecast Cost |  | 2026-07-01 .. 2026-07-14 15:30 | at 650
        how much will we consume on 1 april => no: future
        how long did the fridge stay under 100 W yesterday => Duration Power | Fridge | 2026-07-13 .. 2026-07-14 | <100 W
        where is this month's bill heading => Forecast Cost |  | 2026-07-01 .. 2026-07-14 15:30
        whats the electricity going to run us this month => Forecast Cost |  | 2026-07-01 .. 2026-07-14 15:30
        what might february cost => no: future
        ",
    );
}

#[test]
fn a_price_may_be_supposed() {
    table(
        &vienna(),
        "
        what would last month have cost at 0.25 euros a kWh => WhatIf Cost |  | 2026-06-01 .. 2026-07-01 | at 0.25
        what would june have cost at 25 cents per kWh => WhatIf Cost |  | 2026-06-01 .. 2026-07-01 | at 0.25
        if the price were 0.40, what would the washer have cost in june => WhatIf Cost | Washer | 2026-06-01 .. 2026-07-01 | at 0.4
        how much would we have saved in june if the washer never ran => Total Cost | Washer | 2026-06-01 .. 2026-07-01
        say the washer was used 20% less last month, how much less would we have paid => WhatIf Cost | Washer | 2026-06-01 .. 2026-07-01 | x0.8
        how many kWh do I get for 50 euros => no: not understood
        ",
    );
}

#[test]
fn signs_of_money_stand_beside_amounts() {
    table(
        &denver(),
        "
        oven yesterday in USD => Total Cost | Oven | 2026-03-03 .. 2026-03-04
        will this month stay under $90 => Forecast Cost |  | 2026-03-01 .. 2026-03-04 09:15 | at 90
        oven yesterday in EUR => no: currency
        ",
    );
}

#[test]
fn everyday_ways_of_asking() {
    table(
        &vienna(),
        "
        anyone use the washer today => Runs Runs | Washer | 2026-07-14 .. 2026-07-14 15:30 | Whether
        did the washer finish already => Runs Runs | Washer | all | LastOff
        when did the heat pump kick in this morning => Runs Runs | Heat pump | 2026-07-14 06:00 .. 2026-07-14 12:00 | First
        what time did the desk lamp come on yesterday => Runs Runs | Desk lamp | 2026-07-13 .. 2026-07-14 | First
        is anything still going from last night => Live Runtime |
        is today the most expensive day of the month => Extreme Cost |  | 2026-07-01 .. 2026-07-14 15:30 | Day
        cheapest day of the month until now => Extreme Cost |  | 2026-07-01 .. 2026-07-14 15:30 | Day least
        is yesterday the highest day => no: not understood
        all devices last week from cheapest to dearest => Rank Cost |  | 2026-07-06 .. 2026-07-13 | least
        put june next to may for me => Compare Energy |  | 2026-06-01 .. 2026-07-01 vs 2026-05-01 .. 2026-06-01
        which gadgets did nobody touch in june => Unused Runs |  | 2026-06-01 .. 2026-07-01
        whats the house sipping when nobody's doing anything => Baseload Power |  | 2026-07-07 15:30 .. 2026-07-14 15:30
        were there days in june without data => DataQuality Energy |  | 2026-06-01 .. 2026-07-01
        any gaps when the clocks went back on sunday night => DataQuality Energy |  | 2026-07-12 22:00 .. 2026-07-13 06:00
        more on the lamps in june than in may? the desk lamp, I mean => Compare Energy | Desk lamp | 2026-06-01 .. 2026-07-01 vs 2026-05-01 .. 2026-06-01
        on average what is a month costing us this year => Average Cost |  | 2026-01-01 .. 2026-07-14 15:30 | Month
        saturday and sunday how much => Total Energy |  | 2026-07-11 .. 2026-07-13
        can i see the unit upstairs, how much they pay => no: private
        turn the tv down to 35 degrees => no: Command
        ok perfect, you were great this year => courtesy
        how much did we use last night, we had 14 people over => Total Energy |  | 2026-07-14 .. 2026-07-14 06:00
        the washer has been quiet, when did it last run => Runs Runs | Washer | all | Last
        what does 1 wash cost => Runs Cost | Washer | 2026-06-14 15:30 .. 2026-07-14 15:30 | PerRun
        how long is 1 washer cycle on avg => Runs Runs | Washer | 2026-06-14 15:30 .. 2026-07-14 15:30 | AverageDuration
        which weekday is normally the dearest for us => Extreme Cost |  | 2026-06-16 15:30 .. 2026-07-14 15:30 | Weekday
        yesterday vs an ordinary monday => Compare Energy |  | 2026-07-13 .. 2026-07-14 | Usual
        may so far in euros => Total Cost |  | 2026-05-01 .. 2026-06-01
        energy on childrens day, 5 may => Total Energy |  | 2026-05-05 .. 2026-05-06
        the day that had 25 hours: what did it cost us => Total Cost |  | 2026-03-29 .. 2026-03-30
        someone offered me 0.25 euros per kWh. what would june have cost at that price => WhatIf Cost |  | 2026-06-01 .. 2026-07-01 | at 0.25
        did any1 use the washer 2day => Runs Runs | Washer | 2026-07-14 .. 2026-07-14 15:30 | Whether
        june kwh w/o the washer => Total Energy | all but Washer | 2026-06-01 .. 2026-07-01 | kWh
        which devices sent nothing this week => DataQuality Energy |  | 2026-07-13 .. 2026-07-14 15:30
        tv: more at night or in the daytime => Compare Energy | TV | 2026-06-14 15:30 .. 2026-07-14 15:30 | DayNight
        which device was number one => Rank Energy |  | 2026-06-14 15:30 .. 2026-07-14 15:30 | top1
        what share of our use came from the sun last week => no: not understood
        do weekends cost us more than weekdays? june => Compare Cost |  | 2026-06-01 .. 2026-07-01 | WeekdaysWeekends
        does your week start on monday or on sunday => Settings Energy |  | WeekStart
        washer: avg minutes per load last month => Runs Runs | Washer | 2026-06-01 .. 2026-07-01 | AverageDuration
        what share of june's electricity went to charging the car => Share Energy | 🚗 Wallbox | 2026-06-01 .. 2026-07-01
        the washer ran today or not => Runs Runs | Washer | 2026-07-14 .. 2026-07-14 15:30 | Whether
        our internet went down sunday, is there a hole in the data => DataQuality Energy |  | 2026-07-12 .. 2026-07-13
        which devices sat idle for the whole of last week => Unused Runs |  | 2026-07-06 .. 2026-07-13
        number of devices in my home => Inventory Runs |  | Count
        what does one week cost us on average this year => Average Cost |  | 2026-01-01 .. 2026-07-14 15:30 | Week
        fridge, freezer or nas: who used the least in june => Rank Energy | Fridge+Oma's freezer+NAS | 2026-06-01 .. 2026-07-01 | least top1
        average power of the heat pump on the day we lost an hour => Average Power | Heat pump | 2026-03-29 .. 2026-03-30
        list everything you are monitoring => Inventory Runs |  | Devices
        ",
    );
}

#[test]
fn another_one_of_the_kind() {
    talk(
        &denver(),
        &[
            (
                "what did the den AC use yesterday?",
                "Total Energy | Den AC | 2026-03-03 .. 2026-03-04",
            ),
            (
                "and the bedroom one?",
                "Total Energy | Bedroom AC | 2026-03-03 .. 2026-03-04",
            ),
        ],
    );
}

#[test]
fn what_goes_on_from_now() {
    talk(
        &vienna(),
        &[
            ("how much are we drawing right now?", "Live Power | "),
            ("which thing takes the most of that?", "Live Power |  | top1"),
            ("is the tv on?", "Live Runtime | TV"),
            ("how much power is it taking", "Live Power | TV"),
            ("since when?", "Runs Runs | TV | all | Last"),
        ],
    );
    talk(
        &vienna(),
        &[
            ("is the tv on?", "Live Runtime | TV"),
            ("and yesterday?", "Runs Runs | TV | 2026-07-13 .. 2026-07-14 | Whether"),
        ],
    );
    talk(
        &vienna(),
        &[
            ("energy last week?", "Total Energy |  | 2026-07-06 .. 2026-07-13"),
            ("and the week before?", "Total Energy |  | 2026-06-29 .. 2026-07-06"),
            (
                "why the difference?",
                "Explain Energy |  | 2026-07-06 .. 2026-07-13 vs 2026-06-29 .. 2026-07-06",
            ),
        ],
    );
    talk(
        &vienna(),
        &[
            (
                "how long was the house above 3 kW yesterday",
                "Duration Power |  | 2026-07-13 .. 2026-07-14 | >3000 W",
            ),
            ("and over 6?", "Duration Power |  | 2026-07-13 .. 2026-07-14 | >6000 W"),
            (
                "and more than 5 kW",
                "Duration Power |  | 2026-07-13 .. 2026-07-14 | >5000 W",
            ),
        ],
    );
    talk(
        &vienna(),
        &[
            (
                "what would june have cost at 0.25 euros a kWh",
                "WhatIf Cost |  | 2026-06-01 .. 2026-07-01 | at 0.25",
            ),
            ("and with 0.48?", "WhatIf Cost |  | 2026-06-01 .. 2026-07-01 | at 0.48"),
        ],
    );
}

#[test]
fn what_goes_on_from_a_figure() {
    talk(
        &vienna(),
        &[
            (
                "kwh for the washer last week",
                "Total Energy | Washer | 2026-07-06 .. 2026-07-13 | kWh",
            ),
            (
                "sorry, I meant in hours",
                "Runs Runs | Washer | 2026-07-06 .. 2026-07-13 | Duration",
            ),
            ("until when?", "Runs Runs | Washer | 2026-07-06 .. 2026-07-13 | LastOff"),
        ],
    );
    talk(
        &vienna(),
        &[
            (
                "how many times did the washer run last week",
                "Runs Runs | Washer | 2026-07-06 .. 2026-07-13 | Count",
            ),
            (
                "energy for one of them?",
                "Runs Energy | Washer | 2026-07-06 .. 2026-07-13 | PerRun",
            ),
            (
                "how long did they last on average?",
                "Runs Runs | Washer | 2026-07-06 .. 2026-07-13 | AverageDuration",
            ),
        ],
    );
    talk(
        &vienna(),
        &[
            (
                "how much energy did the car take last week",
                "Total Energy | 🚗 Wallbox | 2026-07-06 .. 2026-07-13",
            ),
            (
                "what did we pay for it?",
                "Total Cost | 🚗 Wallbox | 2026-07-06 .. 2026-07-13",
            ),
            ("no wait, May", "Total Cost | 🚗 Wallbox | 2026-05-01 .. 2026-06-01"),
        ],
    );
    talk(
        &vienna(),
        &[
            ("what did june cost", "Total Cost |  | 2026-06-01 .. 2026-07-01"),
            (
                "was it dearer than the june before",
                "Compare Cost |  | 2026-06-01 .. 2026-07-01 vs 2025-06-01 .. 2025-07-01",
            ),
        ],
    );
    talk(
        &vienna(),
        &[
            ("our peak yesterday", "Extreme Power |  | 2026-07-13 .. 2026-07-14"),
            (
                "the same for the car, yesterday",
                "Extreme Power | 🚗 Wallbox | 2026-07-13 .. 2026-07-14",
            ),
        ],
    );
    talk(
        &vienna(),
        &[
            ("what did yesterday cost", "Total Cost |  | 2026-07-13 .. 2026-07-14"),
            ("and the day before", "Total Cost |  | 2026-07-12 .. 2026-07-13"),
            (
                "which of these two days cost more",
                "Compare Cost |  | 2026-07-13 .. 2026-07-14 vs 2026-07-12 .. 2026-07-13",
            ),
        ],
    );
    talk(
        &vienna(),
        &[
            ("energy yesterday", "Total Energy |  | 2026-07-13 .. 2026-07-14"),
            (
                "is that a lot for a monday",
                "Compare Energy |  | 2026-07-13 .. 2026-07-14 | Usual",
            ),
        ],
    );
}
