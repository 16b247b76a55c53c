//! A person's first minutes, in a real browser: sign up, a device, its live power, a question.

mod common;

use std::{process::Stdio, time::Duration};

use common::{Server, free_port, tool, user::PASSWORD};
use fantoccini::{Client, ClientBuilder, Locator};
use serde_json::{Value, json};

/// A browser and its driver; both end with the test.
struct Browser {
    client: Client,
    driver: std::process::Child,
    _profile: tempfile::TempDir,
}

impl Browser {
    #[expect(
        clippy::zombie_processes,
        reason = "waited for in `run`; a test that panics before ends with its process"
    )]
    async fn start() -> Option<Self> {
        let mut driver = tool::tool("VOLTAIRE_TEST_CHROMEDRIVER")?;
        let chromium = tool::path("VOLTAIRE_TEST_CHROMIUM")?;
        tool::path("VOLTAIRE_UI_DIR")?;
        let profile = tempfile::tempdir().expect("a folder");
        let port = free_port();
        let driver = driver
            .arg(format!("--port={port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the driver starts");
        let data = format!("--user-data-dir={}", profile.path().display());
        let arguments = json!([
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--window-size=1280,900",
            data
        ]);
        let capabilities = json!({
            "goog:chromeOptions": { "binary": chromium, "args": arguments },
            "goog:loggingPrefs": { "browser": "ALL" },
        });
        let Value::Object(capabilities) = capabilities else {
            unreachable!("an object")
        };
        let url = format!("http://127.0.0.1:{port}");
        for _ in 0..100 {
            if let Ok(client) = ClientBuilder::new(hyper_util::client::legacy::connect::HttpConnector::new())
                .capabilities(capabilities.clone())
                .connect(&url)
                .await
            {
                return Some(Self {
                    client,
                    driver,
                    _profile: profile,
                });
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("no browser");
    }

    /// Runs a journey and ends the browser whatever comes of it.
    async fn run(mut self, journey: impl AsyncFn(&Client)) {
        let outcome = futures::FutureExt::catch_unwind(std::panic::AssertUnwindSafe(journey(&self.client))).await;
        if outcome.is_err() {
            let source = self.client.source().await.unwrap_or_default();
            eprintln!("the page at its end:\n{source:.20000}");
        }
        drop(self.client.clone().close().await);
        drop(self.driver.kill());
        drop(self.driver.wait());
        if let Err(panic) = outcome {
            std::panic::resume_unwind(panic);
        }
    }
}

/// Keeps a picture of the page where the environment asks for pictures.
async fn picture(client: &Client, name: &str) {
    if let Some(folder) = tool::path("VOLTAIRE_TEST_PICTURES") {
        let png = client.screenshot().await.expect("a picture");
        std::fs::write(std::path::Path::new(&folder).join(format!("{name}.png")), png).expect("written");
    }
}

/// Errors that the page has left in the console.
async fn console_errors(client: &Client) -> Value {
    client
        .execute("return window.__errors || []", Vec::new())
        .await
        .expect("a script runs")
}

#[tokio::test]
async fn a_new_user_signs_up_sees_live_power_and_asks() {
    let Some(browser) = Browser::start().await else { return };
    let server = Server::up_with(&[]).await;
    browser
        .run(async |client| {
            client.goto(&format!("{}/signup", server.url)).await.expect("the page");
            let wait = |css: &'static str| {
                client
                    .wait()
                    .at_most(Duration::from_secs(30))
                    .for_element(Locator::Css(css))
            };
            wait("input[name=name]")
                .await
                .expect("the form")
                .send_keys("Sam")
                .await
                .expect("typed");
            client
                .find(Locator::Css("input[name=email]"))
                .await
                .expect("a field")
                .send_keys("sam@example.com")
                .await
                .expect("typed");
            client
                .find(Locator::Css("input[name=password]"))
                .await
                .expect("a field")
                .send_keys(PASSWORD)
                .await
                .expect("typed");
            client
                .find(Locator::Css("button[type=submit]"))
                .await
                .expect("a button")
                .click()
                .await
                .expect("clicked");
            wait("[data-testid=load-demo]")
                .await
                .expect("the offer of a demo home")
                .click()
                .await
                .expect("clicked");
            wait("[data-testid=power-card][data-state=live]")
                .await
                .expect("live power");
            if tool::path("VOLTAIRE_TEST_PICTURES").is_some() {
                tokio::time::sleep(Duration::from_secs(30)).await;
            }
            picture(client, "now").await;
            client.goto(&format!("{}/ask", server.url)).await.expect("the page");
            let composer = wait("#question").await.expect("the composer");
            composer
                .send_keys("how much did I use yesterday?")
                .await
                .expect("typed");
            client
                .find(Locator::Css("#send"))
                .await
                .expect("a button")
                .click()
                .await
                .expect("clicked");
            wait("[data-testid=fact]").await.expect("a fact");
            picture(client, "ask").await;
            assert_eq!(console_errors(client).await, json!([]));
        })
        .await;
    server.stop();
}

#[tokio::test]
async fn a_wrong_password_is_told_in_the_form() {
    let Some(browser) = Browser::start().await else { return };
    let server = Server::up().await;
    browser
        .run(async |client| {
            client.goto(&server.url).await.expect("the page");
            let wait = |css: &'static str| {
                client
                    .wait()
                    .at_most(Duration::from_secs(30))
                    .for_element(Locator::Css(css))
            };
            wait("input[name=email]")
                .await
                .expect("the form")
                .send_keys("nobody@example.com")
                .await
                .expect("typed");
            client
                .find(Locator::Css("input[name=password]"))
                .await
                .expect("a field")
                .send_keys(PASSWORD)
                .await
                .expect("typed");
            client
                .find(Locator::Css("button[type=submit]"))
                .await
                .expect("a button")
                .click()
                .await
                .expect("clicked");
            wait("[role=alert]").await.expect("the refusal");
            let url = client.current_url().await.expect("an address");
            assert_eq!(url.path(), "/login");
        })
        .await;
    server.stop();
}
