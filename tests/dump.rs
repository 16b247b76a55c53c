//! A PostgreSQL database, with and without TimescaleDB, is dumped under load and restored by its own tools, as
//! `docs/operate.md` says: what was acknowledged before is there, and the product runs on it.

#[path = "common/mod.rs"]
mod common;

use std::{
    path::Path,
    process::{Command, Stdio},
};

use common::{
    Server,
    tool::{Database, path, psql},
    user::User,
};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use voltaire_proto::telemetry::v1 as telemetry;

/// The first reading; each further one is a second later.
const FIRST: i64 = 1_790_000_000;

/// A program of the server's own version: of this machine, or of the system that the server runs in.
fn program(url: &str, name: &str) -> Option<Command> {
    let version = psql(url, "SHOW server_version_num").parse::<u32>().expect("a number") / 10_000;
    let program = format!("/usr/lib/postgresql/{version}/bin/{name}");
    if Path::new(&program).is_file() {
        return Some(Command::new(program));
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/tools/timescale");
    if !root.join(program.trim_start_matches('/')).is_file() {
        println!("skipped: there is no {name} of version {version}");
        return None;
    }
    let mut command = Command::new("chroot");
    command.arg(root).arg(program);
    Some(command)
}

fn dump(url: &str) -> Option<Vec<u8>> {
    let mut command = program(url, "pg_dump")?;
    let output = command
        .args(["--format=custom", "--no-owner", "--no-privileges", url])
        .output();
    let output = output.expect("pg_dump runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(output.stdout)
}

fn restore(url: &str, dumped: Vec<u8>) {
    let mut command = program(url, "pg_restore").expect("it comes with pg_dump");
    command.args([
        "--no-owner",
        "--no-privileges",
        "--exit-on-error",
        "--single-transaction",
        "--dbname",
        url,
    ]);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().expect("pg_restore runs");
    let mut input = child.stdin.take().expect("its input");
    let writer = std::thread::spawn(move || std::io::Write::write_all(&mut input, &dumped));
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    writer.join().expect("written").expect("read");
}

async fn send(user: &User, device: &str, from: i64, count: i64) -> Result<(), tonic::Status> {
    let minutes = from..from + count;
    user.send(device, minutes.map(|minute| FIRST + minute * 60)).await
}

/// The energy of all readings, Wh, and how much of the time they cover.
async fn total(user: &User) -> (f64, f64) {
    let request = telemetry::SummarizeRequest {
        period: Some(telemetry::Period {
            kind: Some(telemetry::period::Kind::Interval(telemetry::Interval {
                start_time: Some(at(0)),
                end_time: Some(at(3000)),
            })),
        }),
        ..telemetry::SummarizeRequest::default()
    };
    let answer = user.query().summarize(user.request(request)).await.expect("a summary");
    let summary = answer.into_inner().summary.expect("a summary");
    (summary.energy_wh, summary.coverage)
}

fn at(minute: i64) -> prost_types::Timestamp {
    prost_types::Timestamp {
        seconds: FIRST + minute * 60,
        nanos: 0,
    }
}

async fn dumped_and_restored(server: String, timescale: bool) {
    let (first, second) = (Database::on(server.clone(), timescale), Database::on(server, timescale));
    if program(&first.url, "pg_dump").is_some() {
        let (user, told, dumped) = under_load(&first).await;
        if timescale {
            psql(&second.url, "SELECT timescaledb_pre_restore()");
        }
        restore(&second.url, dumped);
        if timescale {
            psql(&second.url, "SELECT timescaledb_post_restore()");
        }
        psql(&second.url, "ANALYZE");
        let server = Server::on_postgres(&second.url).await;
        let user = user.by(common::user::channel(&server.url).await);
        assert_eq!(
            total(&user).await,
            told,
            "the session is good, and figures are the same"
        );
        let device = user.device("Lamp").await;
        send(&user, &device, 0, 10).await.expect("readings are taken in");
        let hypertable =
            "SELECT count(*) FROM timescaledb_information.hypertables WHERE hypertable_name = 'telemetry_data'";
        assert!(!timescale || psql(&second.url, hypertable) == "1");
        server.stop();
    }
    first.drop();
    second.drop();
}

/// Two days of readings, then a dump while others are sent.
async fn under_load(database: &Database) -> (User, (f64, f64), Vec<u8>) {
    let server = Server::on_postgres(&database.url).await;
    let user = User::register(&server, "ada").await;
    let device = user.device("Fridge").await;
    send(&user, &device, 0, 3000).await.expect("stored");
    let end = CancellationToken::new();
    let mut others = JoinSet::new();
    let (other, stop, same) = (user.clone(), end.clone(), device.clone());
    others.spawn(async move {
        let mut acked = 0;
        for batch in 0.. {
            if stop.is_cancelled() {
                break;
            }
            acked += usize::from(send(&other, &same, 10_000 + batch * 100, 100).await.is_ok());
        }
        acked
    });
    let url = database.url.clone();
    let dumped = tokio::task::spawn_blocking(move || dump(&url)).await.expect("it ends");
    end.cancel();
    assert!(
        others.join_next().await.expect("one").expect("it ends") > 0,
        "there was a load"
    );
    let told = total(&user).await;
    assert!(told.0 > 4000.0, "{told:?}");
    server.stop();
    (user, told, dumped.expect("looked for before"))
}

#[tokio::test(flavor = "multi_thread")]
async fn postgresql_is_dumped_and_restored() {
    if let Some(server) = path("TEST_POSTGRES_URL") {
        dumped_and_restored(server, false).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn timescaledb_is_dumped_and_restored() {
    if let Some(server) = path("TEST_TIMESCALE_URL") {
        dumped_and_restored(server, true).await;
    }
}
