//! What stands beside the figures of an analysis: a picture, and questions that work next.

use voltaire_proto::chat::v1::{self as pb, ChartKind, answer_event::Kind};

use super::house::House;

fn chart(steps: &[Kind]) -> Option<&pb::Chart> {
    steps.iter().find_map(|it| match it {
        Kind::Chart(chart) => Some(chart),
        _ => None,
    })
}

fn fact(steps: &[Kind], label: &str) -> f64 {
    let value = steps.iter().find_map(|it| match it {
        Kind::Fact(fact) if fact.label.starts_with(label) => fact.value,
        _ => None,
    });
    value.unwrap_or_else(|| panic!("no fact {label}"))
}

const QUESTIONS: [(&str, Option<ChartKind>); 11] = [
    ("how many times did the dryer run last week", Some(ChartKind::Bars)),
    ("why was yesterday so high?", Some(ChartKind::RankedBars)),
    ("forecast of my usage this month", Some(ChartKind::RankedBars)),
    ("weekdays versus weekends last week", Some(ChartKind::RankedBars)),
    (
        "did the dryer use more than usual yesterday",
        Some(ChartKind::RankedBars),
    ),
    (
        "what if the dryer used 30% less last month",
        Some(ChartKind::RankedBars),
    ),
    (
        "which hour of the day do we use the most last week",
        Some(ChartKind::Bars),
    ),
    ("chart of our use by day of the week last month", Some(ChartKind::Bars)),
    ("lowest voltage of the dryer yesterday", None),
    ("which devices weren't used at all last week", None),
    ("standby load last week", None),
];

#[tokio::test]
async fn analyses_have_pictures_and_suggestions_that_work() {
    let house = House::new("spree", "2026-11-18T09:12").await;
    let mut wrong = Vec::new();
    for (question, kind) in QUESTIONS {
        let steps = house.steps(question).await;
        if chart(&steps).map(pb::Chart::kind) != kind {
            wrong.push(format!("{question}: not the picture: {:?}", chart(&steps)));
        }
        let suggested = steps.iter().find_map(|it| match it {
            Kind::Suggestions(it) => Some(it.questions.clone()),
            _ => None,
        });
        let suggested = suggested.unwrap_or_default();
        if !(2..=3).contains(&suggested.len()) {
            wrong.push(format!("{question}: suggests {suggested:?}"));
        }
        for next in suggested {
            if let Err(problem) = house.talk(&[&next]).await {
                wrong.push(format!("{question}: {next}: {problem}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn pictures_have_the_figures_of_the_answer() {
    let house = House::new("spree", "2026-11-18T09:12").await;
    let steps = house.steps("how long was the dryer on last week").await;
    let drawn: f64 = chart(&steps).unwrap().series[0].values.iter().sum();
    let told = steps.iter().find_map(|it| match it {
        Kind::Fact(fact) if fact.unit == "h" => fact.value,
        _ => None,
    });
    assert!((drawn - told.unwrap()).abs() < 1e-6, "{drawn} {told:?}");

    let steps = house.steps("why was yesterday so high?").await;
    let values = &chart(&steps).unwrap().series[0].values;
    let (last, before) = values.split_last().unwrap();
    assert!((before.iter().sum::<f64>() - last).abs() < 1e-6, "{values:?}");
    assert!((last - values[0] - fact(&steps, "Change")).abs() < 1e-6);
}
