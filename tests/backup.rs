//! A backup that is made under load has all that was acknowledged before it began; a restore gives back accounts, readings
//! and keys, and refuses whatever would lose or confuse data.

#[path = "common/mod.rs"]
mod common;

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Output,
};

use common::{Server, process, user::User};
use sqlx::{ConnectOptions, Connection, sqlite::SqliteConnectOptions};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// The first reading; each further one is a second later.
const FIRST: i64 = 1_790_000_000;

fn voltaire(arguments: &[&str], paths: &[(&str, &Path)]) -> Output {
    let mut command = process::voltaire();
    command.args(arguments);
    for (flag, path) in paths {
        if !flag.is_empty() {
            command.arg(flag);
        }
        command.arg(path);
    }
    process::run(command, "")
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

fn backup(data: &Path, to: &Path) -> Output {
    voltaire(&["backup"], &[("", to), ("--data-dir", data)])
}

fn restore(from: &Path, data: &Path, flags: &[&str]) -> Output {
    voltaire(&[&["restore"], flags].concat(), &[("", from), ("--data-dir", data)])
}

fn refused(output: &Output, why: &str) {
    let told = told(output);
    assert!(output.status.code() == Some(1) && told.contains(why), "{told}");
}

async fn send(user: &User, device: &str, from: i64, count: i64) -> Result<(), tonic::Status> {
    user.send(device, (from..from + count).map(|second| FIRST + second))
        .await
}

/// The seconds after the first of all stored readings.
async fn stored(user: &User, device: &str) -> Vec<i64> {
    user.stored(device).await.into_iter().map(|it| it - FIRST).collect()
}

/// The same user at a server that was made from a backup.
async fn at(server: &Server, user: &User) -> User {
    user.by(common::user::channel(&server.url).await)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_under_load_is_restored_whole() {
    let server = Server::up().await;
    let user = User::register(&server, "ada").await;
    let device = user.device("Fridge").await;
    let (data, copy) = (server.file("data"), server.file("copy"));
    let end = CancellationToken::new();
    let mut others = JoinSet::new();
    others.spawn(load(user.clone(), device.clone(), end.clone()));
    send(&user, &device, 0, 3000).await.expect("stored");
    let output = tokio::task::spawn_blocking({
        let (data, copy) = (data.clone(), copy.clone());
        move || backup(&data, &copy)
    });
    let output = output.await.expect("it ends");
    assert!(output.status.success(), "{}", told(&output));
    assert!(
        told(&output).contains("signing keys"),
        "it says what it holds: {}",
        told(&output)
    );
    end.cancel();
    let acked = others.join_next().await.expect("one").expect("the load ends");
    send(&user, &device, 3000, 1000).await.expect("the server goes on");
    only_the_owner_reads(&copy);
    refused(&backup(&data, &copy), "exists");
    refused(&restore(&copy, &data, &[]), "--replace");
    refused(&restore(&copy, &data, &["--replace"]), "in use");
    assert!(acked > 0, "there was a load");

    let fresh = Server::restored(&copy).await;
    let there = at(&fresh, &user).await;
    let readings = stored(&there, &device).await;
    let once: std::collections::BTreeSet<_> = readings.iter().copied().collect();
    assert_eq!(once.len(), readings.len(), "each reading once");
    assert!(
        (0..3000).all(|it| once.contains(&it)),
        "all that was acknowledged before"
    );
    assert!(!once.contains(&3000), "nothing of later");
    fresh.stop();
    replacing_keeps_what_was_there(server, &copy, &user).await;
}

/// Batches until the end; how many were acknowledged.
async fn load(user: User, device: String, end: CancellationToken) -> usize {
    let mut acked = 0;
    for batch in 0.. {
        if end.is_cancelled() {
            break;
        }
        let sent = send(&user, &device, 10_000 + batch * 100, 100).await;
        acked += usize::from(sent.is_ok());
    }
    acked
}

async fn replacing_keeps_what_was_there(server: Server, copy: &Path, user: &User) {
    let data = server.file("data");
    let folder = server.stop_and_keep();
    let output = restore(copy, &data, &["--replace"]);
    assert!(output.status.success(), "{}", told(&output));
    let old: Vec<PathBuf> = fs::read_dir(&data)
        .expect("the folder")
        .filter_map(|it| Some(it.ok()?.path()))
        .filter(|it| it.is_dir())
        .collect();
    let [old] = &old[..] else {
        panic!("one folder of old files: {old:?}")
    };
    assert!(old.join("auth.db").is_file() && told(&output).contains(&old.display().to_string()));
    let again = Server::on(folder).await;
    let known = at(&again, user).await;
    assert!(
        !known.ask("how much did I use today?").await.is_empty(),
        "the session is good"
    );
    again.stop();
}

fn only_the_owner_reads(folder: &Path) {
    let mode = |path: &Path| fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
    assert_eq!(mode(folder), 0o700);
    let files: Vec<_> = fs::read_dir(folder).expect("a folder").filter_map(Result::ok).collect();
    assert_eq!(files.len(), 4, "{files:?}");
    for file in files {
        assert_eq!(mode(&file.path()), 0o600, "{}", file.path().display());
    }
}

/// Changes a file of a backup, which must then be refused.
async fn spoiled(copy: &Path, why: &str, spoil: impl AsyncFnOnce(&Path)) {
    let folder = tempfile::tempdir().expect("a folder");
    let spoilt = folder.path().join("spoilt");
    fs::create_dir(&spoilt).expect("made");
    for file in fs::read_dir(copy).expect("a folder").filter_map(Result::ok) {
        fs::copy(file.path(), spoilt.join(file.file_name())).expect("copied");
    }
    spoil(&spoilt).await;
    let data = folder.path().join("data");
    refused(&restore(&spoilt, &data, &[]), why);
    refused(&restore(&spoilt, &data, &["--check"]), why);
    assert!(!data.exists(), "nothing is made");
}

/// Makes the manifest fit files that were changed.
fn adjust(folder: &Path, from: &str, to: &str) {
    let file = folder.join("backup.json");
    let text = fs::read_to_string(&file).expect("a manifest");
    assert!(text.contains(from), "{text}");
    fs::write(&file, text.replacen(from, to, 1)).expect("written");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_that_is_damaged_or_newer_is_refused() {
    let server = Server::up().await;
    let copy = server.file("copy");
    assert!(backup(&server.file("data"), &copy).status.success());
    let good = restore(&copy, &server.file("nowhere"), &["--check"]);
    assert!(
        good.status.success() && told(&good).contains("is good"),
        "{}",
        told(&good)
    );
    assert!(!server.file("nowhere").exists(), "looking changes nothing");
    spoiled(&copy, "damaged", async |folder| {
        let mut bytes = fs::read(folder.join("auth.db")).expect("a file");
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(folder.join("auth.db"), bytes).expect("written");
    })
    .await;
    spoiled(&copy, "cannot read", async |folder| {
        fs::remove_file(folder.join("chat.db")).expect("removed");
    })
    .await;
    spoiled(&copy, "no backup", async |folder| {
        fs::remove_file(folder.join("backup.json")).expect("removed");
    })
    .await;
    spoiled(&copy, "other folders", async |folder| {
        adjust(folder, "\"chat.db\"", "\"../chat.db\"");
    })
    .await;
    spoiled(&copy, "newer version", async |folder| {
        adjust(folder, "\"schema\": ", "\"schema\": 9");
    })
    .await;
    let missing = backup(&server.file("nowhere"), &server.file("other"));
    refused(&missing, "--data-dir");
    assert!(!server.file("other").exists() && !server.file("other.unfinished").exists());
    server.stop();
}

/// A key that was rotated since is gone with what came after the backup; the one of the backup signs again.
#[tokio::test(flavor = "multi_thread")]
async fn keys_are_rotated_under_a_running_server_and_restored() {
    let server = Server::up().await;
    let user = User::register(&server, "ada").await;
    let (data, copy) = (server.file("data"), server.file("copy"));
    assert!(backup(&data, &copy).status.success());
    let rotated = voltaire(&["keys", "rotate"], &[("--data-dir", &data)]);
    assert!(rotated.status.success(), "{}", told(&rotated));
    assert!(
        !user.ask("what is on now?").await.is_empty(),
        "the old key's token is good"
    );
    assert_eq!((keys(&data).await, keys(&copy).await), (2, 1));
    let folder = server.stop_and_keep();
    assert!(restore(&copy, &data, &["--replace"]).status.success());
    assert_eq!(keys(&data).await, 1);
    let again = Server::on(folder).await;
    assert!(!at(&again, &user).await.ask("what is on now?").await.is_empty());
    again.stop();
}

async fn keys(folder: &Path) -> i64 {
    let options = SqliteConnectOptions::new().filename(folder.join("auth.db"));
    let mut file = options.connect().await.expect("opened");
    let count = sqlx::query_scalar("SELECT count(*) FROM signing_keys")
        .fetch_one(&mut file)
        .await;
    file.close().await.expect("closed");
    count.expect("counted")
}
