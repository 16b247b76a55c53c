//! Any text, and any day of the calendar.

use jiff::{ToSpan, civil::Date};
use proptest::prelude::*;

use super::{
    super::{
        Context, Pending,
        plan::{Bucket, Metric, Operation, Plan, TimeExpr},
        timex, understand,
    },
    denver, vienna,
};
use jiff::civil::Weekday;
use voltaire_types::{Calendar, Timestamp};

fn words() -> impl Strategy<Value = String> {
    let word = prop::sample::select(
        "how much did the fridge use last week between 6 pm and 9 from to - july 31 2026 the 5th ac both second top 3 1000 watts \
         kwh € per day compare vs and it that since ago before previous tomorrow every 99999999999 0 :30 13/13 31.2. q4 🚗 weekend \
         night morning at noon month 29 february ? , . % bob@x.y ' `"
            .split(' ')
            .collect::<Vec<_>>(),
    );
    prop::collection::vec(word, 0..40).prop_map(|it| it.join(" "))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_text_is_read_without_panic(text in "\\PC{0,400}") {
        let home = vienna();
        understand(&text, &home.world, &Context::default(), home.now);
    }

    #[test]
    fn any_words_are_read_the_same_twice(text in words()) {
        let home = denver();
        let plan = Plan { period: Some(TimeExpr::calendar(Bucket::Week, 1)), ..Plan::new(Operation::Total, Metric::Energy) };
        let options = home.world.devices.iter().take(2).map(|it| it.id).collect();
        let pending = Some(Pending { plan: plan.clone(), options, words: "ac".into() });
        let context = Context { plans: vec![plan.clone(), plan], focus: vec![home.world.devices[0].id], pending, missed: false };
        let first = understand(&text, &home.world, &context, home.now);
        prop_assert_eq!(first, understand(&text, &home.world, &context, home.now));
    }

    #[test]
    fn days_weeks_and_months_are_those_of_the_calendar(
        seconds in 900_000_000_i64..4_000_000_000, back in 0_u32..60,
        zone in prop::sample::select(vec!["Europe/Berlin", "America/Los_Angeles", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Santiago", "UTC"]),
        week_start in prop::sample::select(vec![Weekday::Monday, Weekday::Sunday, Weekday::Saturday]),
    ) {
        let calendar = Calendar::new(zone, week_start).unwrap();
        let now = Timestamp::from_parts(seconds, 0).unwrap();
        let today = calendar.date(now);
        let span = |expr: &TimeExpr| timex::resolve(expr, &calendar, now).map(|it| it.interval);
        let day = |date: Date| calendar.start_of_day(date);
        let start = today.saturating_sub(i64::from(back).days());
        if back > 0 {
            prop_assert_eq!(span(&TimeExpr::calendar(Bucket::Day, back)), Ok(calendar.day(start)));
            let month = today.first_of_month().saturating_sub(i64::from(back).months());
            let it = span(&TimeExpr::calendar(Bucket::Month, back)).unwrap();
            prop_assert_eq!((it.start, it.end), (day(month), day(month.saturating_add(1.month()))));
            let week = span(&TimeExpr::calendar(Bucket::Week, back)).unwrap();
            prop_assert_eq!(calendar.date(week.start).weekday(), week_start);
            prop_assert_eq!((calendar.date(week.end) - calendar.date(week.start)).get_days(), 7);
        }
        let quarter = span(&TimeExpr::Quarter(back)).map(|it| calendar.date(it.start)).unwrap();
        let months = i64::from((quarter.year() - today.year()) * 12) + i64::from(quarter.month() - today.month());
        prop_assert_eq!((quarter.day(), (quarter.month() - 1) % 3), (1, 0));
        prop_assert_eq!(-months, i64::from(3 * back) + i64::from((today.month() - 1) % 3));
        let weekend = span(&TimeExpr::Weekend(back)).unwrap();
        prop_assert!(weekend.end <= now);
        prop_assert_eq!(calendar.date(weekend.start).weekday(), Weekday::Saturday);
        for weekday in 1..=7 {
            let it = span(&TimeExpr::Weekday { weekday, before_today: true }).unwrap();
            prop_assert!(it.end <= now && (today - calendar.date(it.start)).get_days() <= 7);
            prop_assert_eq!(u8::try_from(calendar.date(it.start).weekday().to_monday_one_offset()), Ok(weekday));
        }
        let dates = TimeExpr::Dates(start, today);
        let before = span(&TimeExpr::PreviousOf(Box::new(dates.clone()))).unwrap();
        prop_assert_eq!(before.end, day(start));
        prop_assert_eq!((calendar.date(before.end) - calendar.date(before.start)).get_days(), i32::try_from(back).unwrap() + 1);
        let night = TimeExpr::Clock { base: Box::new(TimeExpr::Dates(start, start)), from: 1320, to: 360 };
        if let Ok(it) = span(&night) {
            prop_assert!(it.seconds() <= 9.0 * 3600.0);
        }
    }
}

#[test]
fn the_longest_question_is_read() {
    let home = vienna();
    let began = std::time::Instant::now();
    for text in [
        "last week and the fridge vs ".repeat(151),
        "x ".repeat(2048),
        "9".repeat(4096),
        "fridg ".repeat(680),
    ] {
        understand(&text, &home.world, &Context::default(), home.now);
    }
    println!("four questions of 4 kB: {:?}", began.elapsed());
}
