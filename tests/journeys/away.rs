//! When nothing comes: a device that is silent, a server that goes and comes back, no server at all.

use std::{cell::RefCell, time::Duration};

use voltaire_proto::telemetry::v1::{IngestBatchRequest, Reading};

use crate::common::{
    Server,
    browser::{Browser, Page},
    user::User,
};

/// How long the server is away, seconds: a hole of this length between readings of every second is seen.
const AWAY: i64 = 20;

fn now() -> i64 {
    voltaire_types::Clock::system().now().micros() / 1_000_000
}

/// A device that measures every second, and what measures it.
struct Kettle<'a> {
    user: &'a User,
    id: String,
    /// The second of its last reading.
    last: RefCell<i64>,
}

impl Kettle<'_> {
    /// Sends what it has measured since its last reading; what may not have arrived is sent again.
    async fn catch_up(&self) {
        let now = now();
        let first = self.last.replace(now) - 2;
        let readings = (first..=now).map(|seconds| Reading {
            device_id: self.id.clone(),
            timestamp: Some(prost_types::Timestamp { seconds, nanos: 0 }),
            power_watts: 1234.0,
            ..Reading::default()
        });
        let request = IngestBatchRequest {
            readings: readings.collect(),
        };
        let sent = self.user.ingest().ingest_batch(self.user.request(request)).await;
        sent.expect("stored");
    }

    /// Sends each reading as it is measured, for so many seconds.
    async fn send(&self, seconds: u32) {
        for _ in 0..seconds {
            self.catch_up().await;
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }
}

#[tokio::test]
async fn silence_and_a_server_that_is_away() {
    let Some(browser) = Browser::start().await else { return };
    let server = Server::up().await;
    let url = server.url.clone();
    let una = User::register(&server, "una").await;
    let kettle = Kettle {
        id: una.device("Kettle").await,
        user: &una,
        last: RefCell::new(now() - 10),
    };
    kettle.catch_up().await;
    let server = RefCell::new(Some(server));
    browser
        .run(async |page| {
            no_demo(page, &url).await;
            page.sign_in(&url, "una@example.com").await;
            silent(page, &url, &kettle).await;
            println!("journey 8 is walked");
            assert_eq!(page.console().await, Vec::<String>::new());
            let away = server.take().expect("it runs").kill();
            server.replace(Some(gone_and_back(page, &kettle, away).await));
            println!("journey 9 is walked");
            conversations(page, &url).await;
            page.run("return navigator.serviceWorker.ready.then(() => true)").await;
            server.take().expect("it runs").stop();
            without(page, &url).await;
            println!("journey 10 is walked");
        })
        .await;
}

/// Journey 8: a silent stream looks old and says its age; the last value stays, the chart has a gap up to now, nothing says 0.
async fn silent(page: &Page, url: &str, kettle: &Kettle<'_>) {
    page.open(url).await;
    kettle.send(4).await;
    page.find("[data-testid=power-card][data-state=live]").await;
    page.gone("[data-testid=silence]").await;
    page.find("[data-testid=power-card][data-state=stale]").await;
    page.find("[data-testid=freshness][data-state=stale]").await;
    page.find("[data-testid=live-chart] [data-testid=silence]").await;
    let value = page.texts("[data-testid=power-now]").await.concat();
    assert!(value.starts_with("1.23"), "{value}");
    page.text("[data-testid=power-age]", "ago").await;
    page.picture("silent").await;
}

/// Journey 9: a server that goes is told of, and what was read stays; when it comes back, the page finds it, and the hole is filled with
/// what the device sends late, each reading once.
async fn gone_and_back(page: &Page, kettle: &Kettle<'_>, away: (String, tempfile::TempDir)) -> Server {
    page.find("[data-testid=banner][data-state=reconnecting]").await;
    page.text("[data-testid=banner]", "Showing readings up to").await;
    let value = page.texts("[data-testid=power-now]").await.concat();
    assert!(value.starts_with("1.23"), "{value}");
    page.picture("server-gone").await;
    // The page must not find the server before the device has.
    page.online(false).await;
    page.find("[data-testid=banner][data-state=offline]").await;
    let since = *kettle.last.borrow();
    while now() - since < AWAY {
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    let server = Server::back(away).await;
    let kettle = Kettle {
        user: &kettle.user.by(crate::common::user::channel(&server.url).await),
        id: kettle.id.clone(),
        last: kettle.last.clone(),
    };
    kettle.catch_up().await;
    page.find("[data-testid=live-chart] [data-testid=silence]").await;
    page.online(true).await;
    page.gone("[data-testid=banner]").await;
    kettle.send(3).await;
    page.find("[data-testid=power-card][data-state=live]").await;
    page.gone("[data-testid=live-chart] .slot").await;
    let stored = kettle.user.stored(&kettle.id).await;
    assert!(
        stored.is_sorted_by(|a, b| a < b),
        "readings are there twice: {stored:?}"
    );
    page.picture("server-back").await;
    server
}

/// A server without a demo home does not offer one: neither to a new account nor on the pages of an empty home.
async fn no_demo(page: &Page, url: &str) {
    page.sign_up(url, "tom").await;
    page.find("[data-testid=choose-device].primary").await;
    page.gone("[data-testid=load-demo]").await;
    page.picture("welcome-without-demo").await;
    page.click("[data-testid=skip-welcome]").await;
    page.find("[data-testid=no-devices] [data-testid=add-first-device]")
        .await;
    page.gone("[data-testid=load-demo]").await;
    page.client.delete_all_cookies().await.expect("signed out");
}

/// Without a network conversations stay as they are, and it says why; of one that was about to be deleted it says that it is still there.
async fn conversations(page: &Page, url: &str) {
    page.open(&format!("{url}/ask")).await;
    page.ask("how much did I use today?", 0).await;
    page.find(".sessions [data-testid=session]").await;
    page.online(false).await;
    page.text(".sessions [data-testid=sessions-off]", "You are offline")
        .await;
    for button in ["rename-session", "delete-session"] {
        page.find(&format!(
            ".sessions [data-testid={button}]:disabled[aria-describedby=sessions-wide]"
        ))
        .await;
    }
    page.picture("sessions-off").await;
    page.online(true).await;
    page.gone("[data-testid=sessions-off]").await;

    page.press(".sessions [data-testid=delete-session]").await;
    page.find(".sessions [data-testid=deleted]").await;
    page.online(false).await;
    page.text(".sessions [data-testid=not-deleted]", "is still there. ")
        .await;
    page.find(".sessions [data-testid=session]").await;
    page.find(".sessions [data-testid=delete-again]:disabled").await;
    page.picture("not-deleted").await;
    page.online(true).await;
    page.find(".sessions [data-testid=delete-again]:enabled").await;
    page.press(".sessions [data-testid=delete-again]").await;
    page.gone("[data-testid=not-deleted]").await;
    page.gone(".sessions [data-testid=deleted]").await;
    page.client.refresh().await.expect("reloaded");
    page.text(".sessions", "Your questions will be listed here.").await;
}

/// Journey 10: without its server the app opens with what was read last, and says from when that is.
async fn without(page: &Page, url: &str) {
    page.open(url).await;
    page.find("[data-testid=power-card][data-state=reconnecting]").await;
    page.text("[data-testid=banner]", "Showing readings up to").await;
    page.find("[data-testid=device-row]").await;
    let value = page.texts("[data-testid=power-now]").await.concat();
    assert!(value.starts_with("1.23"), "{value}");
    // Without a network nothing can be changed, and it says so.
    page.online(false).await;
    page.find("[data-testid=banner][data-state=offline]").await;
    page.press("[data-testid=nav-devices]").await;
    page.press("[data-testid=add-device]").await;
    page.text("[data-testid=writes-off]", "You are offline").await;
    page.find("#device-name:disabled").await;
    page.picture("writes-off").await;
}
