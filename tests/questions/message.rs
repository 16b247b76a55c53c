//! Several questions in one message: the figures of each, in order, in one stream.

use voltaire_proto::chat::v1::{self as pb, answer_event::Kind};

use crate::{
    house::{House, Metered},
    oracle,
    special::{kwh, missing},
};

fn period(house: &House, from: &str, to: &str) -> [(i64, i64); 1] {
    [(house.instant(from), house.instant(to))]
}

fn facts(steps: &[Kind]) -> Vec<pb::Fact> {
    let facts = steps.iter().filter_map(|it| match it {
        Kind::Fact(fact) => Some(fact.clone()),
        _ => None,
    });
    facts.collect()
}

/// The steps of each answer, told apart by what was understood.
fn answers(steps: &[Kind]) -> Vec<&[Kind]> {
    let starts: Vec<usize> = (0..steps.len())
        .filter(|at| matches!(steps[*at], Kind::Understanding(_)))
        .collect();
    let ends = starts.iter().skip(1).copied().chain([steps.len()]);
    starts.iter().zip(ends).map(|(from, to)| &steps[*from..to]).collect()
}

fn done(steps: &[Kind]) -> &pb::Done {
    match steps.last() {
        Some(Kind::Done(done)) => done,
        other => panic!("not done: {other:?}"),
    }
}

#[tokio::test]
async fn each_question_of_a_message_has_its_own_figures() {
    let house = House::new("spree", "2026-11-18T09:12").await;
    let all: Vec<&Metered> = house.devices.iter().collect();
    let week = period(&house, "2026-11-09", "2026-11-16");
    let steps = house.steps("total last week? and the peak?").await;
    let [total, peak] = answers(&steps)[..] else {
        panic!("{steps:?}");
    };
    assert_eq!(missing(&facts(total), &[(kwh(&all, &week), "kWh")]), [""; 0]);
    assert_eq!(
        missing(&facts(peak), &[(oracle::extreme(&all, week[0], true), "W")]),
        [""; 0]
    );
    let all_facts = facts(&steps);
    let ids: std::collections::HashSet<&str> = all_facts.iter().map(|it| it.id.as_str()).collect();
    assert_eq!(ids.len(), all_facts.len(), "facts share a number");
    let pieces: String = steps
        .iter()
        .filter_map(|it| match it {
            Kind::Text(delta) => Some(delta.text.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(pieces, done(&steps).text);
    let suggested = steps.iter().filter(|it| matches!(it, Kind::Suggestions(_))).count();
    assert_eq!(suggested, 1);
    // Both are about the same week, so that is the proof's.
    assert_eq!(done(&steps).start_time.as_ref().unwrap().seconds, week[0].0);
}

#[tokio::test]
async fn a_question_may_be_about_what_the_answer_before_names() {
    let house = House::new("spree", "2026-11-18T09:12").await;
    let week = period(&house, "2026-11-09", "2026-11-16");
    let most = house
        .devices
        .iter()
        .max_by(|a, b| kwh(&[a], &week).total_cmp(&kwh(&[b], &week)))
        .unwrap();
    let steps = house
        .steps("which device used the most last week? what did it cost?")
        .await;
    let [_, cost] = answers(&steps)[..] else {
        panic!("{steps:?}");
    };
    let paid = oracle::money(&house, &[most], week[0]);
    assert_eq!(missing(&facts(cost), &[(paid, "EUR")]), [""; 0]);
}

#[tokio::test]
async fn what_is_not_understood_is_named_and_the_rest_answered() {
    let house = House::new("spree", "2026-11-18T09:12").await;
    let all: Vec<&Metered> = house.devices.iter().collect();
    let yesterday = period(&house, "2026-11-17", "2026-11-18");
    let steps = house
        .steps("how much did the sauna use yesterday? how much did we use yesterday?")
        .await;
    let [sauna, home] = answers(&steps)[..] else {
        panic!("{steps:?}");
    };
    assert!(sauna.iter().any(|it| matches!(it, Kind::Refusal(_))), "{sauna:?}");
    assert_eq!(missing(&facts(home), &[(kwh(&all, &yesterday), "kWh")]), [""; 0]);
    assert!(
        done(&steps).text.contains("“how much did the sauna use yesterday”: "),
        "{}",
        done(&steps).text
    );
}

#[tokio::test]
async fn the_next_message_goes_on_from_the_last_question() {
    let house = House::new("spree", "2026-11-18T09:12").await;
    let dryer = [house.device("Trockner")];
    let before = period(&house, "2026-11-02", "2026-11-09");
    let said = [
        "how much did we use yesterday? and the dryer last week?",
        "and the week before?",
    ];
    let facts = house.talk(&said).await.unwrap();
    assert_eq!(missing(&facts, &[(kwh(&dryer, &before), "kWh")]), [""; 0]);
}

#[tokio::test]
async fn words_that_ask_nothing_are_left_aside_and_named() {
    let house = House::new("spree", "2026-11-18T09:12").await;
    let yesterday = period(&house, "2026-11-17", "2026-11-18");
    let device = house.devices.first().unwrap();
    let said = format!(
        "my cousin stayed with his terrier, so how much did the {} use yesterday?",
        device.name
    );
    let steps = house.steps(&said).await;
    assert_eq!(
        missing(&facts(&steps), &[(kwh(&[device], &yesterday), "kWh")]),
        [""; 0],
        "{steps:?}"
    );
    let told = &done(&steps).text;
    assert!(told.contains("my cousin stayed with his terrier"), "{told}");
}

#[tokio::test]
async fn rooms_are_told_with_what_is_in_them() {
    let house = House::new("spree", "2026-11-18T09:12").await;
    let steps = house.steps("what rooms do I have?").await;
    let told = facts(&steps);
    let rooms = told.iter().find(|it| it.label == "Rooms").expect("a count");
    let count = told.iter().filter(|it| it.label != "Rooms").count();
    assert_eq!(rooms.value, Some(count as f64), "{told:?}");
    assert!(count > 1, "{told:?}");
    let placed: usize = told.iter().map(|it| it.text.split(", ").count()).sum::<usize>() - 1;
    assert!(placed <= house.devices.len() && placed >= count, "{told:?}");
}

#[tokio::test]
async fn rooms_have_what_their_devices_used() {
    let house = House::new("spree", "2026-11-18T09:12").await;
    let week = period(&house, "2026-11-09", "2026-11-16");
    let home = crate::corpus::home("spree");
    let mut rooms: std::collections::BTreeMap<&str, Vec<&Metered>> = std::collections::BTreeMap::new();
    for device in home["devices"].as_array().unwrap() {
        let text = |at: usize| device.get(at).and_then(|it| it.as_str()).unwrap_or_default();
        let name = if text(2).is_empty() { "No room" } else { text(2) };
        rooms.entry(name).or_default().push(house.device(text(0)));
    }
    let told = facts(&house.steps("energy by room last week").await);
    for (room, devices) in &rooms {
        let fact = told.iter().find(|it| it.label.contains(room));
        let fact = fact.unwrap_or_else(|| panic!("{room}: {told:?}"));
        assert_eq!(
            missing(std::slice::from_ref(fact), &[(kwh(devices, &week), "kWh")]),
            [""; 0],
            "{room}"
        );
    }
    let most = rooms.iter().filter(|(room, _)| **room != "No room");
    let most = most.max_by(|a, b| kwh(a.1, &week).total_cmp(&kwh(b.1, &week))).unwrap();
    let told = facts(&house.steps("which room used the most last week").await);
    let [only] = told.as_slice() else {
        panic!("{told:?}");
    };
    assert!(only.label.contains(most.0), "{} {only:?}", most.0);
}

#[tokio::test]
async fn a_count_of_runs_is_told_by_the_day() {
    let house = House::new("hudson", "2026-11-18T09:12").await;
    let steps = house
        .steps("how many times a day was the EV charger on last week")
        .await;
    let text = &done(&steps).text;
    let count = facts(&steps).iter().find_map(|it| it.value).unwrap();
    assert!(count > 0.0, "{text}");
    assert!(text.contains(&format!("That is {:.1} a day.", count / 7.0)), "{text}");
}
