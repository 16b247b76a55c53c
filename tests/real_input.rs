//! A year of a real home's meter: imported, imported again, asked about by every face.

mod common;

use std::{fs::File, io::Read, path::PathBuf};

use common::{Server, browser::Browser, on_each_shape, tool, user::User};
use serde_json::{Value, json};
use voltaire_proto::{chat::v1::answer_event::Kind, telemetry::v1 as telemetry};

/// The file that a utility exported (see `THIRD_PARTY.md`), unpacked into the server's folder.
fn year(server: &Server) -> PathBuf {
    let packed = File::open("tests/data/sdge-2011.xml.gz").expect("the test data");
    let mut text = String::new();
    flate2::read::GzDecoder::new(packed)
        .read_to_string(&mut text)
        .expect("it unpacks");
    let file = server.file("sdge-2011.xml");
    std::fs::write(&file, text).expect("written");
    file
}

async fn imported(server: &Server, name: &str) -> User {
    let user = User::register(server, name).await;
    user.login();
    user.run(&[
        "home",
        "--time-zone",
        "America/Los_Angeles",
        "--currency",
        "USD",
        "--price",
        "0.2815",
    ]);
    let file = year(server);
    let first = user.run(&["import", "green-button", file.to_str().expect("a path"), "--json"]);
    let first: Value = serde_json::from_str(&first).expect("JSON");
    assert_eq!(
        first["outcome"],
        json!({ "accepted": 8727, "duplicates": 0, "rejected": 0 })
    );
    user
}

#[tokio::test]
async fn a_real_year_comes_in_once_and_to_the_watt_hour() {
    on_each_shape(async |server| {
        let user = imported(server, "ann").await;
        let summary = async || {
            let request = telemetry::SummarizeRequest {
                period: Some(telemetry::Period {
                    kind: Some(telemetry::period::Kind::All(telemetry::AllTime {})),
                }),
                ..telemetry::SummarizeRequest::default()
            };
            let answer = user
                .query()
                .summarize(user.request(request))
                .await
                .expect("a summary")
                .into_inner();
            answer.summary.expect("a summary")
        };
        let once = summary().await;
        assert!((once.energy_wh - 5_089_595.0).abs() < 0.001, "{}", once.energy_wh);
        let again = user.run(&[
            "import",
            "green-button",
            year(server).to_str().expect("a path"),
            "--json",
        ]);
        let again: Value = serde_json::from_str(&again).expect("JSON");
        assert_eq!(
            again["outcome"],
            json!({ "accepted": 0, "duplicates": 8727, "rejected": 0 })
        );
        assert_eq!(summary().await.energy_wh.to_bits(), once.energy_wh.to_bits());
    })
    .await;
}

/// What is asked about the year, and the figure that is the answer.
const QUESTIONS: [(&str, f64, &str); 2] = [
    ("how much did I use in August 2011?", 441.055, "kWh"),
    ("when was my highest hour?", 5.18, "kWh"),
];

#[tokio::test]
async fn questions_about_it_have_the_same_right_answer_by_every_face() {
    on_each_shape(async |server| {
        let user = imported(server, "ben").await;
        for (question, expected, unit) in QUESTIONS {
            let fact = fact(&user, question).await;
            assert!(
                (fact.0 - expected).abs() < 1e-6 && fact.1 == unit,
                "{question} {fact:?}"
            );
            let printed: Value = serde_json::from_str(&user.run(&["ask", "--json", question])).expect("JSON");
            assert!(printed["session_id"].is_string() && printed["plan"].is_object() && printed["text"].is_string());
            let figures = printed["facts"]
                .as_array()
                .expect("facts")
                .iter()
                .filter_map(|it| it["value"].as_f64());
            assert!(
                figures.into_iter().any(|value| (value - expected).abs() < 1e-6),
                "{question}: {printed:#}"
            );
            grpcurl_agrees(server, &user, question, expected);
        }
        the_page_agrees(server, &user).await;
        let text = text(&user, "when was my highest hour?").await;
        assert!(
            text.contains("7 Sep") || text.contains("Sep 7") || text.contains("7 September"),
            "{text}"
        );
        assert!(text.contains("19:00") || text.contains("7:00"), "{text}");
    })
    .await;
}

async fn fact(user: &User, question: &str) -> (f64, String) {
    let events = user.ask(question).await;
    let facts = events.into_iter().filter_map(|kind| match kind {
        Kind::Fact(fact) => Some((fact.value?, fact.unit)),
        _ => None,
    });
    facts.into_iter().next().unwrap_or_default()
}

async fn text(user: &User, question: &str) -> String {
    let events = user.ask(question).await;
    events
        .into_iter()
        .map(|kind| {
            if let Kind::Done(done) = kind {
                done.text
            } else {
                String::new()
            }
        })
        .collect()
}

fn grpcurl_agrees(server: &Server, user: &User, question: &str, expected: f64) {
    let Some(mut grpcurl) = tool::tool("VOLTAIRE_TEST_GRPCURL") else {
        return;
    };
    let output = grpcurl
        .args(["-plaintext", "-H", &format!("authorization: Bearer {}", user.token)])
        .args([
            "-d",
            &json!({ "text": question }).to_string(),
            server.authority(),
            "voltaire.chat.v1.ChatService/Ask",
        ])
        .output()
        .expect("grpcurl runs");
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let events = serde_json::Deserializer::from_str(&printed).into_iter::<Value>();
    let values = events
        .filter_map(Result::ok)
        .filter_map(|it| it["event"]["fact"]["value"].as_f64());
    assert!(
        values.into_iter().any(|value| (value - expected).abs() < 1e-6),
        "{question}: {printed}"
    );
}

/// The page shows the figures that a gRPC client is given, and the text that goes with them.
async fn the_page_agrees(server: &Server, user: &User) {
    let Some(browser) = Browser::start().await else { return };
    browser
        .run(async |page| {
            page.sign_in(&server.url, &user.email).await;
            page.open(&format!("{}/ask", server.url)).await;
            for (question, expected, unit) in QUESTIONS {
                // A conversation of its own: a question after another one may mean the same period.
                page.click("[data-testid=new-conversation]").await;
                page.ask(question, 0).await;
                let shown = page.texts("[data-testid=fact] .value").await;
                let told = user.ask(question).await.into_iter();
                let told = told.filter_map(|kind| match kind {
                    Kind::Fact(fact) => Some(fact.text),
                    _ => None,
                });
                assert_eq!(shown, told.collect::<Vec<_>>(), "{question}");
                let figure = shown.first().and_then(|it| it.strip_suffix(unit)).unwrap_or_default();
                let figure = figure.trim();
                let decimals = figure.split_once('.').map_or(0, |(_, decimals)| decimals.len());
                assert_eq!(figure, format!("{expected:.decimals$}"), "{question}");
                let answer = page.texts("[data-testid=answer-text]").await;
                assert_eq!(answer, [text(user, question).await], "{question}");
            }
            assert_eq!(page.console().await, Vec::<String>::new());
        })
        .await;
}

#[tokio::test]
async fn a_broken_file_names_line_and_cause_and_leaves_nothing() {
    let server = Server::up().await;
    let user = User::register(&server, "cem").await;
    user.login();
    let text = std::fs::read_to_string(year(&server)).expect("the file");
    let line = text[..text.find("<value>365</value>").expect("a value")]
        .lines()
        .count();
    let file = server.file("broken.xml");
    std::fs::write(&file, text.replacen("<value>365</value>", "<value>much</value>", 1)).expect("written");
    let output = user.voltaire(&["import", "green-button", file.to_str().expect("a path")], "");
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{error}");
    assert!(
        error.contains(&format!("line {line}")) && error.contains("value is not a whole number: much"),
        "{error}"
    );
    assert!(user.run(&["device", "list"]).contains("No devices yet"));
    server.stop();
}
