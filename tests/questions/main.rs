//! A right plan is a right number: questions of the corpus through the real chat and telemetry, against a computation by
//! `docs/definitions.md` from the very readings, brute force.

#![expect(clippy::unwrap_used, reason = "a test's helper fails its test")]

mod analyses;
mod corpus;
mod habits;
mod house;
mod message;
mod oracle;
mod pictures;
mod several;
mod special;
mod then;

use corpus::Conversation;
use house::House;
use voltaire_proto::chat::v1 as pb;

/// Questions of a home at a time, by what is said last.
async fn answers_are(home: &str, now: &str, questions: &[&str]) {
    let house = House::new(home, now).await;
    let conversations = corpus::conversations(home, now);
    let mut wrong = Vec::new();
    for question in questions {
        let conversation = conversations
            .iter()
            .find(|it| it.said().join(" | ") == **question)
            .unwrap_or_else(|| panic!("not in the corpus: {question}"));
        if let Err(problem) = right(&house, conversation).await {
            wrong.push(format!("{question}: {problem}"));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {} wrong:\n{}",
        wrong.len(),
        questions.len(),
        wrong.join("\n")
    );
}

async fn right(house: &House, conversation: &Conversation) -> Result<(), String> {
    let facts = house.talk(&conversation.said()).await?;
    let meanings = conversation.meanings();
    let mut meant = meanings
        .iter()
        .map(|(meaning, when)| oracle::expected(house, meaning, when));
    let all_told = |figures: Vec<(f64, String)>| figures.iter().all(|it| facts.iter().any(|fact| tells(fact, it)));
    if meant.any(all_told) {
        return Ok(());
    }
    let had: Vec<String> = facts
        .iter()
        .map(|it| format!("{}: {:?} {}", it.label, it.value, it.unit))
        .collect();
    let (meaning, when) = meanings[0];
    Err(format!(
        "{:?} is not among {had:?}",
        oracle::expected(house, meaning, when)
    ))
}

/// Whether a fact has this value, in this unit or its thousandth.
fn tells(fact: &pb::Fact, (value, unit): &(f64, String)) -> bool {
    let scale = match (fact.unit.as_str(), unit.as_str()) {
        (had, wanted) if had == wanted => 1.0,
        ("Wh", "kWh") | ("W", "kW") => 0.001,
        ("kWh", "Wh") | ("kW", "W") => 1000.0,
        _ => return false,
    };
    fact.value
        .is_some_and(|had| (had * scale - value).abs() <= 1e-6 * value.abs().max(1e-3))
}

#[tokio::test]
async fn the_numbers_of_spree_are_right() {
    let questions = [
        "how many kWh did the dryer eat last week",
        "ninas heater 3.11. - 9.11. kwh",
        "total for the 11th",
        "everything but the water heater, last month",
        "how much did we use between 5 and 8 pm yesterday",
        "consumption this morning?",
        "tv box usage for october",
        "router in Wh for yesterday pls",
        "dishwsher enregy last moth",
        "what did the flat cost me to run in october",
        "how many euros for the router in the last 30 days",
        "TV, last weekend, in €",
        "how expensive was yesterday",
        "mean power draw of the fridge over last week",
        "average power of the home last week",
        "how much do we use per day on average, last month",
        "what was the highest load yesterday and at what time",
        "when did the water heater peak last week",
        "which day last month did we use the most",
        "what cost me the most last week",
        "three least hungry devices this month",
        "tv against tv box for october",
        "how much did the dryer use last week | and the washer? | in euros",
        "fridge this month | sorry, last month",
        "heater last week | nina's",
        "the basement machines last week, altogether",
        "usage friday through sunday",
        "water heater: what did it cost between 1 and 15 november",
        "what fraction of october's energy was hot water",
        "how much lower was last weekend than the weekend before",
        "peak last week | and the lowest",
    ];
    answers_are("spree", "2026-11-18T09:12", &questions).await;
}

#[tokio::test]
async fn the_numbers_of_hudson_are_right() {
    let questions = [
        "how much juice did the Tesla take last night",
        "total for 10/5 through 10/11",
        "all the lamps together, last week",
        "how much did the lights use yesterday",
        "what did charging the car set me back last month?",
        "how much have I paid for electricity so far this month",
        "avg watts of the sump pump over the past week",
        "daily average for the EV charger in october",
        "max draw today",
        "minimum load last night",
        "what was the third most expensive device last month",
        "what percentage of last month's bill was the ev charger",
        "cost breakdown for last week by device",
        "how much and how many kwh did the EV take in october",
        "average spend per day in october",
        "ev charger october | on which day the most",
        "lamp last week | all of them",
    ];
    answers_are("hudson", "2026-11-03T20:40", &questions).await;
}
