//! How long it takes to understand a question: every first one of the corpus, in its home.

#![expect(clippy::unwrap_used, reason = "a measurement that cannot be set up ends")]

use std::hint::black_box;

use criterion::Criterion;
use jiff::civil::Weekday;
use serde_json::Value;
use uuid::Uuid;
use voltaire_chat::understand::{Context, Named, World, understand};
use voltaire_types::{Calendar, DeviceId, Timestamp};

fn folder() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")
}

fn world(home: &toml::Value) -> World {
    let text = |key: &str| home[key].as_str().unwrap().to_owned();
    let named = |(at, it): (usize, &toml::Value)| {
        let words: Vec<String> = it
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it.as_str().unwrap().to_owned())
            .collect();
        Named {
            id: DeviceId::from_uuid(Uuid::from_u128(at as u128 + 1)),
            name: words[0].clone(),
            kind: words[1].clone(),
            room: words[2].clone(),
            aliases: words[3..].to_vec(),
        }
    };
    World {
        calendar: Calendar::new(&text("zone"), Weekday::Monday).unwrap(),
        devices: home["devices"]
            .as_array()
            .unwrap()
            .iter()
            .enumerate()
            .map(named)
            .collect(),
        currency: text("currency"),
        month_first: text("locale").ends_with("-US"),
    }
}

/// What is asked, in which home, and when.
fn questions() -> Vec<(String, World, Timestamp)> {
    let homes: toml::Value = toml::from_str(&std::fs::read_to_string(folder().join("homes.toml")).unwrap()).unwrap();
    let homes = homes["home"].as_array().unwrap();
    let batches = (1..).map_while(|it| std::fs::read_to_string(folder().join(format!("batch-{it:02}.jsonl"))).ok());
    let lines: Vec<Value> = batches
        .flat_map(|it| {
            it.lines()
                .map(|line| serde_json::from_str(line).unwrap())
                .collect::<Vec<_>>()
        })
        .collect();
    let question = |line: &Value| {
        let home = homes
            .iter()
            .find(|it| it["name"].as_str() == line["home"].as_str())
            .unwrap();
        let world = world(home);
        let now = line["now"].as_str().unwrap().parse::<jiff::civil::DateTime>().unwrap();
        let now = now.to_zoned(world.calendar.zone().clone()).unwrap().timestamp();
        let said = line["turns"][0]["say"].as_str().unwrap().to_owned();
        (said, world, now.try_into().unwrap())
    };
    lines.iter().map(question).collect()
}

fn understanding(criterion: &mut Criterion) {
    let questions = questions();
    let context = Context::default();
    let longest = questions.iter().max_by_key(|it| it.0.len()).unwrap();
    let mut next = questions.iter().cycle();
    criterion.bench_function("a question of the corpus", |bench| {
        bench.iter(|| {
            let (said, world, now) = next.next().unwrap();
            black_box(understand(black_box(said), world, &context, *now))
        });
    });
    criterion.bench_function("the longest question of the corpus", |bench| {
        bench.iter(|| black_box(understand(black_box(&longest.0), &longest.1, &context, longest.2)));
    });
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    understanding(&mut criterion);
    criterion.final_summary();
}
