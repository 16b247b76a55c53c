//! The command line as a script meets it: what it prints, its exit codes, and what a person needs from the first account on.

mod common;

use std::{path::Path, process::Command, time::Duration};

use common::{
    Server, free_port,
    process::{self, Process},
    user::{PASSWORD, User},
};
use serde_json::{Value, json};
use voltaire_mesh::wire;
use voltaire_proto::telemetry::v1 as telemetry;
use voltaire_types::Clock;

/// A terminal: a server's address and a folder with nobody's credentials.
struct Terminal {
    server: String,
    config: tempfile::TempDir,
    token: Option<String>,
}

/// How a command ended.
struct Ended {
    code: Option<i32>,
    out: String,
    error: String,
}

impl Terminal {
    fn at(server: &str) -> Self {
        Self {
            server: server.to_owned(),
            config: tempfile::tempdir().expect("a folder"),
            token: None,
        }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = process::voltaire();
        command
            .args(arguments)
            .env("VOLTAIRE_SERVER", &self.server)
            .env("XDG_CONFIG_HOME", self.config.path());
        if let Some(token) = &self.token {
            command.env("VOLTAIRE_TOKEN", token);
        }
        command
    }

    fn run(&self, arguments: &[&str], input: &str) -> Ended {
        let output = process::run(self.command(arguments), input);
        Ended {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).expect("text"),
            error: String::from_utf8(output.stderr).expect("text"),
        }
    }

    /// What a command that succeeds prints with `--json`.
    fn json(&self, arguments: &[&str]) -> Value {
        self.json_with(arguments, "")
    }

    fn json_with(&self, arguments: &[&str], input: &str) -> Value {
        let ended = self.run(&[arguments, &["--json"]].concat(), input);
        assert_eq!(ended.code, Some(0), "{arguments:?}: {}", ended.error);
        serde_json::from_str(&ended.out).unwrap_or_else(|error| panic!("{arguments:?}: {error}: {}", ended.out))
    }

    /// The exit code of a command, and what it says of its failure.
    fn fails(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let ended = self.run(arguments, "");
        assert!(ended.error.starts_with("error: "), "{arguments:?}: {}", ended.error);
        (ended.code, ended.error)
    }
}

#[tokio::test]
async fn commands_alone_lead_from_an_account_to_an_answer() {
    let server = Server::up().await;
    let it = Terminal::at(&server.url);
    let register = [
        "register",
        "--name",
        "Ann",
        "--email",
        "ann@example.com",
        "--password-stdin",
    ];
    let user = it.json_with(&register, PASSWORD);
    assert_eq!(
        (&user["email"], &user["role"]),
        (&json!("ann@example.com"), &json!("ROLE_ADMIN"))
    );
    assert_eq!(it.json(&["me"])["name"], "Ann");

    let home = it.json(&[
        "home",
        "--time-zone",
        "Europe/Berlin",
        "--currency",
        "EUR",
        "--price",
        "0.25",
    ]);
    assert_eq!(home["timeZone"], "Europe/Berlin");
    let types = it.json(&["device", "types"]);
    assert!(
        types
            .as_array()
            .is_some_and(|all| all.iter().any(|it| it["key"] == "fridge"))
    );
    let device = it.json(&["device", "add", "Fridge", "--type", "fridge", "--room", "Kitchen"]);
    assert!(device["deviceId"].is_string(), "{device}");

    let file = server.file("fridge.csv");
    std::fs::write(
        &file,
        "timestamp,energy_kwh\n2026-01-05 00:00,0.25\n2026-01-05 01:00,0.5\n",
    )
    .expect("written");
    let import = [
        "import",
        "csv",
        file.to_str().expect("a path"),
        "--device",
        "Fridge",
        "--interval",
        "1h",
    ];
    for (accepted, duplicates) in [(2, 0), (0, 2)] {
        let outcome = json!({ "accepted": accepted, "duplicates": duplicates, "rejected": 0 });
        assert_eq!(it.json(&import)["outcome"], outcome);
    }
    let answer = it.json(&["ask", "how much did the fridge use on 5 January 2026?"]);
    let facts = answer["facts"].as_array().expect("facts");
    assert!(
        facts.iter().any(|it| it["unit"] == "kWh" && it["value"] == json!(0.75)),
        "{answer:#}"
    );
    assert!(answer["session_id"].is_string() && answer["text"].is_string() && answer["plan"].is_object());
    several(&it);
    let proof = &answer["proof"];
    assert_eq!(
        (
            &proof["time_zone"],
            &proof["start_time"],
            &proof["devices"],
            &proof["answered_by"]
        ),
        (
            &json!("Europe/Berlin"),
            &json!("2026-01-04T23:00:00Z"),
            &json!(["Fridge"]),
            &json!("rules")
        ),
        "{answer:#}"
    );

    let sent = it.json(&["device", "send", "fridge", "88"]);
    assert_eq!(sent["accepted"], 1, "{sent}");
    assert_eq!(it.fails(&["device", "send", "freezer", "88"]).0, Some(2));

    assert_eq!(it.json(&["device", "remove", "fridge"]), json!({ "removed": "Fridge" }));
    assert_eq!(it.json(&["device", "list"]), json!([]));
    it.json(&["logout"]);
    assert_eq!(it.fails(&["me"]).0, Some(4));
    server.stop();
}

/// Of a message with several questions each is told with its own plan.
fn several(it: &Terminal) {
    let question = "how much did the fridge use on 5 January 2026? and the peak?";
    let answer = it.json(&["ask", question]);
    let parts = answer["parts"].as_array().expect("parts");
    assert_eq!(parts.len(), 2, "{answer:#}");
    for part in parts {
        assert!(part["plan"].is_object() && part["understood"].is_string(), "{answer:#}");
    }
    assert_ne!(parts[0]["plan"], parts[1]["plan"], "{answer:#}");
    assert_eq!(parts[1]["plan"], answer["plan"]);
    let printed = it.run(&["ask", "--plan", question], "");
    for part in parts {
        let understood = format!("({})", part["understood"].as_str().expect("words"));
        assert!(printed.out.contains(&understood), "{understood} {}", printed.out);
    }
    assert!(printed.out.contains("\"parts\""), "{}", printed.out);
}

#[tokio::test]
async fn a_token_opens_what_it_says_until_it_is_revoked() {
    let server = Server::up().await;
    let user = User::register(&server, "bob").await;
    let mut it = Terminal::at(&server.url);
    it.token = Some(user.token.clone());
    let made = it.json(&["token", "create", "reader", "--scope", "read", "--days", "7"]);
    let (id, token) = (&made["apiToken"]["tokenId"], &made["accessToken"]);
    let listed = it.json(&["token", "list"]);
    assert_eq!(listed["apiTokens"][0]["tokenId"], *id, "{listed}");
    assert!(!listed.to_string().contains(token.as_str().expect("a token")));

    let mut reader = Terminal::at(&server.url);
    reader.token = token.as_str().map(str::to_owned);
    assert_eq!(reader.json(&["device", "list"]), json!([]));
    let (code, said) = reader.fails(&["device", "add", "Fridge"]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("SCOPE_REQUIRED"), "{said}");

    let ingest = it.json(&["token", "create", "fridge", "--scope", "ingest"]);
    let mut plug = Terminal::at(&server.url);
    plug.token = ingest["accessToken"].as_str().map(str::to_owned);
    let device = user.device("Fridge").await;
    assert_eq!(plug.json(&["device", "send", &device, "-12.5"])["accepted"], 1);

    it.json(&["token", "revoke", id.as_str().expect("an id")]);
    for _ in 0..50 {
        if reader.run(&["device", "list"], "").code == Some(4) {
            server.stop();
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("a revoked token is still good");
}

#[tokio::test]
async fn exit_codes_tell_a_script_what_went_wrong() {
    let server = Server::up().await;
    let user = User::register(&server, "cat").await;
    let nobody = Terminal::at(&server.url);
    let mut it = Terminal::at(&server.url);
    it.token = Some(user.token.clone());
    let gone = Terminal {
        token: it.token.clone(),
        ..Terminal::at(&format!("http://127.0.0.1:{}", free_port()))
    };
    for (terminal, arguments, code, word) in [
        (&it, &["device", "add", "X", "--type", "spaceship"][..], 2, "spaceship"),
        (&it, &["home", "--time-zone", "Mars/Olympus"], 2, "time_zone"),
        (&it, &["import", "csv", "/nowhere/at/all.csv"], 2, "/nowhere/at/all.csv"),
        (
            &it,
            &["token", "revoke", "00000000-0000-4000-8000-000000000000"],
            1,
            "NO_TOKEN",
        ),
        (&gone, &["me"], 3, "voltaire up"),
        (&nobody, &["me"], 4, "voltaire login"),
    ] {
        let (ended, said) = terminal.fails(arguments);
        assert_eq!(ended, Some(code), "{arguments:?}: {said}");
        assert!(said.contains(word), "{arguments:?}: {said}");
    }
    let wrong = nobody.run(
        &["login", "--email", "cat@example.com", "--password-stdin"],
        "not-the-password-at-all",
    );
    assert_eq!(wrong.code, Some(4), "{}", wrong.error);
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().to_str().expect("a path");
    let up = [
        "up",
        "--listen",
        "127.0.0.1:0",
        "--data-dir",
        data,
        "--set",
        "gateway.colour=blue",
    ];
    let (code, said) = nobody.fails(&up);
    assert_eq!(code, Some(64), "{said}");
    assert!(said.contains("colour"), "{said}");
    server.stop();
}

#[tokio::test]
async fn the_generator_gives_the_same_readings_for_the_same_seed() {
    let server = Server::up().await;
    let user = User::register(&server, "dee").await;
    let mut it = Terminal::at(&server.url);
    it.token = Some(user.token.clone());
    let history = [
        "simulate",
        "--devices",
        "5",
        "--days",
        "2",
        "--step",
        "900",
        "--seed",
        "7",
    ];
    let first = it.json(&history);
    assert_eq!(first["outcome"]["rejected"], 0, "{first}");
    assert!(
        first["outcome"]["accepted"].as_u64() >= Some(5 * 2 * 24 * 4 - 5),
        "{first}"
    );
    assert_eq!(it.json(&["device", "list"]).as_array().map(Vec::len), Some(5));
    // A step may have begun since.
    let again = it.json(&history);
    assert!(again["outcome"]["accepted"].as_u64() <= Some(5), "{again}");
    assert!(
        again["outcome"]["duplicates"].as_u64() >= Some(5 * 2 * 24 * 4 - 10),
        "{again}"
    );
    server.stop();
}

/// Waits until a process has printed so many lines with this word, and gives them.
async fn printed(process: &Process, word: &str, count: usize) -> Vec<String> {
    for _ in 0..400 {
        let log = process.log();
        let lines: Vec<_> = log.lines().filter(|it| it.contains(word)).map(str::to_owned).collect();
        if lines.len() >= count {
            return lines;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("not {count} lines with {word}: {}", process.log());
}

#[tokio::test]
async fn who_watches_alerts_sees_each_raised_acknowledged_and_over() {
    let server = Server::up().await;
    let user = User::register(&server, "eve").await;
    let mut it = Terminal::at(&server.url);
    it.token = Some(user.token.clone());
    let device = user.device("Fridge").await;
    let minute = |minute: u64| telemetry::Reading {
        device_id: device.clone(),
        timestamp: Some(wire::timestamp(
            Clock::system().now().minus(Duration::from_secs(minute * 60)),
        )),
        power_watts: 100.0,
        ..telemetry::Reading::default()
    };
    let readings = (1..=60).map(minute).collect();
    let request = user.request(telemetry::IngestBatchRequest { readings });
    user.ingest().ingest_batch(request).await.expect("stored");
    let words = Process::start("watch", it.command(&["alert", "watch"]));
    let lines = Process::start("watch-json", it.command(&["alert", "watch", "--json"]));
    let budget = ["alert", "create", "budget", "month", "--kwh", "0.001", "--not-ahead"];
    let rule = it.json(&budget)["alertRuleId"].as_str().expect("an id").to_owned();

    let raised = printed(&words, "Home has used", 1).await;
    assert!(raised[0].contains(" active new "), "{raised:?}");
    assert_eq!(
        it.run(&["alert", "acknowledge", "--all"], "").out.trim(),
        "Acknowledged 1."
    );
    printed(&words, " active seen ", 1).await;
    it.run(&["alert", "pause", &rule], "");
    printed(&words, " over   seen ", 1).await;

    let told = printed(&lines, "alertId", 3).await;
    let told: Vec<Value> = told.iter().map(|it| serde_json::from_str(it).expect("JSON")).collect();
    assert!(
        told.iter()
            .all(|it| it["alertId"] == told[0]["alertId"] && it["alertRuleId"] == rule.as_str())
    );
    let (seen, over) = (told[1]["acknowledgeTime"].is_string(), told[2]["endTime"].is_string());
    assert!(seen && over && told[0]["endTime"].is_null(), "{told:#?}");
    assert!(words.ended().is_none(), "it goes on");
    server.stop();
}

fn migrate(data: &Path, arguments: &[&str]) -> String {
    let mut command = process::voltaire();
    command.args(arguments).arg("--data-dir").arg(data);
    let output = process::run(command, "");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

#[test]
fn schemas_go_up_and_down_and_keys_rotate_without_a_server() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path();
    let state = || migrate(data, &["migrate", "status"]);
    assert!(state().lines().count() >= 5 && !state().contains(" applied "));
    migrate(data, &["migrate", "up"]);
    assert!(!state().contains(" missing "), "{}", state());
    let keys: Vec<String> = (0..2).map(|_| migrate(data, &["keys", "rotate"])).collect();
    assert_ne!(keys[0], keys[1]);
    migrate(data, &["migrate", "down", "--service", "chat", "--to", "0"]);
    let missing = state().lines().filter(|it| it.contains(" missing ")).count();
    assert_eq!(missing, state().lines().filter(|it| it.starts_with("chat")).count());
    migrate(data, &["migrate", "down", "--to", "0"]);
    assert!(!state().contains(" applied "), "{}", state());
}
