//! Periods of several stretches: weekdays, and hours of several days.

use super::{denver, table, vienna};

#[test]
fn hours_of_several_days() {
    table(
        &vienna(),
        "
        usage between 2am and 5am last week => Total Energy |  | 2026-07-06 .. 2026-07-13 02:00-05:00 x7
        how much did the fridge use between 6 and 9 pm over the past 7 days => Total Energy | Fridge | 2026-07-07 15:30 .. 2026-07-14 15:30 18:00-21:00 x7
        usage at night last week => Total Energy |  | 2026-07-06 .. 2026-07-13 00:00-06:00 x7
        what did we spend in the evenings last month => Total Cost |  | 2026-06-01 .. 2026-07-01 18:00-00:00 x30
        usage every morning this week => Total Energy |  | 2026-07-13 .. 2026-07-14 15:30 06:00-12:00 x2
        evening usage in June => Total Energy |  | 2026-06-01 .. 2026-07-01 18:00-00:00 x30
        usage between 10 pm and 6 am last week => Total Energy |  | 2026-07-06 .. 2026-07-13 22:00-06:00 x7
        peak between 3 and 8 pm this month => Extreme Power |  | 2026-07-01 .. 2026-07-14 15:30 15:00-20:00 x14
        which evening last week did we use the most => Extreme Energy |  | 2026-07-06 .. 2026-07-13 18:00-00:00 x7 | Day
        top 3 devices at night last month => Rank Energy |  | 2026-06-01 .. 2026-07-01 00:00-06:00 x30 | top3
        how long was the house above 3 kW in the evenings last week => Duration Power |  | 2026-07-06 .. 2026-07-13 18:00-00:00 x7 | >3000 W
        how often did the washer run after 6 pm last week => Runs Runs | Washer | 2026-07-06 .. 2026-07-13 18:00-00:00 x7 | Count
        average power at night last week => Average Power |  | 2026-07-06 .. 2026-07-13 00:00-06:00 x7
        fridge vs NAS at night last week => Compare Energy | Fridge+NAS | 2026-07-06 .. 2026-07-13 00:00-06:00 x7
        share of the fridge at night last week => Share Energy | Fridge | 2026-07-06 .. 2026-07-13 00:00-06:00 x7
        last weekend between 8 am and 6 pm => Total Energy |  | 2026-07-11 .. 2026-07-13 08:00-18:00 x2
        usage between 6 and 8 last evening => Total Energy |  | 2026-07-13 18:00 .. 2026-07-13 20:00
        usage yesterday between 6 and 9 pm => Total Energy |  | 2026-07-13 18:00 .. 2026-07-13 21:00
        ",
    );
}

#[test]
fn days_of_the_week() {
    table(
        &vienna(),
        "
        usage on weekdays last week => Total Energy |  | 2026-07-06 .. 2026-07-13 Mon–Fri x5
        usage on weekday evenings last week => Total Energy |  | 2026-07-06 .. 2026-07-13 Mon–Fri 18:00-00:00 x5
        Saturdays this month => Total Energy |  | 2026-07-01 .. 2026-07-14 15:30 Saturdays x2
        how much did the washer use on Mondays in June => Total Energy | Washer | 2026-06-01 .. 2026-07-01 Mondays x5
        usage on Mondays and Fridays in June => Total Energy |  | 2026-06-01 .. 2026-07-01 Mon, Fri x9
        usage every Sunday in June => Total Energy |  | 2026-06-01 .. 2026-07-01 Sundays x4
        cost at weekends in June => Total Cost |  | 2026-06-01 .. 2026-07-01 Sat, Sun x8
        weekend usage in June => Total Energy |  | 2026-06-01 .. 2026-07-01 Sat, Sun x8
        usage Monday to Friday in June => Total Energy |  | 2026-06-01 .. 2026-07-01 Mon–Fri x22
        Saturday mornings in June => Total Energy |  | 2026-06-01 .. 2026-07-01 Saturdays 06:00-12:00 x4
        Saturday and Sunday mornings in June => Total Energy |  | 2026-06-01 .. 2026-07-01 Sat, Sun 06:00-12:00 x8
        usage on working days last month => Total Energy |  | 2026-06-01 .. 2026-07-01 Mon–Fri x22
        average daily usage on weekdays last month => Average Energy |  | 2026-06-01 .. 2026-07-01 Mon–Fri x22 | Day
        highest day on weekdays last month => Extreme Energy |  | 2026-06-01 .. 2026-07-01 Mon–Fri x22 | Day
        which device used the most on Saturdays last month => Rank Energy |  | 2026-06-01 .. 2026-07-01 Saturdays x4 | top1
        compare Saturdays this month with last month => Compare Energy |  | 2026-07-01 .. 2026-07-14 15:30 Saturdays x2 vs 2026-06-01 .. 2026-07-01 Saturdays x4
        weekday evenings this week versus last week => Compare Energy |  | 2026-07-13 .. 2026-07-14 15:30 Mon–Fri 18:00-00:00 x1 vs 2026-07-06 .. 2026-07-13 Mon–Fri 18:00-00:00 x5
        evenings in May and June together => Total Energy |  | 2026-05-01 .. 2026-07-01 18:00-00:00 x61
        how much do we use on weekdays => Total Energy |  | 2026-06-16 15:30 .. 2026-07-14 15:30 Mon–Fri x21
        weekend usage => Total Energy |  | 2026-07-11 .. 2026-07-13
        weekdays versus weekends last month => Compare Energy |  | 2026-06-01 .. 2026-07-01 | WeekdaysWeekends
        usage on Saturday => Total Energy |  | 2026-07-11 .. 2026-07-12
        ",
    );
    table(
        &denver(),
        "
        EV between 11 pm and 7 am on Mondays last month => Total Energy | EV | 2026-02-01 .. 2026-03-01 Mondays 23:00-07:00 x4
        ",
    );
}

#[test]
fn what_is_no_filter_is_not_guessed() {
    table(
        &vienna(),
        "
        how many evenings did the washer run last week => no: Runs
        which Saturdays last month did the washer run => no: Runs
        usage on the last three Saturdays => Total Energy |  | 2026-06-27 .. 2026-07-12 Saturdays x3
        compare Saturdays with Sundays last month => no: not understood
        did we use more on Saturdays or Sundays last month => no: not understood
        Saturdays this week => no: future
        usage on Saturdays yesterday => no: not understood
        good evening, how much did we use last week => Total Energy |  | 2026-07-06 .. 2026-07-13
        morning! how much did we use last week? => Total Energy |  | 2026-07-06 .. 2026-07-13
        is the fridge on in the evenings => no: Runs
        weekday evenings of all time => no: SeveralDays
        ",
    );
}
