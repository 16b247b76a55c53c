//! A real browser without a network: whatever is not this machine does not resolve.

use std::{
    path::Path,
    process::{Child, Stdio},
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use fantoccini::{Client, ClientBuilder, Locator, elements::Element};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{free_port, tool, user::PASSWORD};

/// A browser and its driver; both end with the test.
pub(crate) struct Browser {
    page: Page,
    driver: Child,
    _profile: tempfile::TempDir,
}

/// The browser's one page.
pub(crate) struct Page {
    /// For what has no name here.
    pub(crate) client: Client,
    driver: String,
}

fn capabilities(chromium: &str, profile: &Path, believed: Option<&str>) -> serde_json::Map<String, Value> {
    let data = format!("--user-data-dir={}", profile.display());
    let mut arguments = vec![
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
        "--window-size=1280,900",
        &data,
    ];
    let key = believed.map(|it| format!("--ignore-certificate-errors-spki-list={it}"));
    arguments.extend(key.as_deref());
    let capabilities = json!({
        "goog:chromeOptions": { "binary": chromium, "args": arguments },
        "goog:loggingPrefs": { "browser": "ALL" },
    });
    capabilities.as_object().cloned().unwrap_or_default()
}

/// The hash of a certificate's key, by which Chromium believes it although no authority that it knows has signed it.
fn key_of(certificate: &Path) -> String {
    let pem = std::fs::read(certificate).expect("a certificate");
    let (_, pem) = x509_parser::pem::parse_x509_pem(&pem).expect("PEM");
    let certificate = pem.parse_x509().expect("a certificate");
    STANDARD.encode(Sha256::digest(certificate.public_key().raw))
}

impl Browser {
    /// Starts one; none, with a word why, where there is no browser or no page.
    pub(crate) async fn start() -> Option<Self> {
        Self::started(None).await
    }

    /// The same, which believes a server that shows the certificate in this file.
    pub(crate) async fn believing(certificate: &Path) -> Option<Self> {
        Self::started(Some(key_of(certificate))).await
    }

    #[expect(
        clippy::zombie_processes,
        reason = "waited for in `run`; a test that panics before ends with its process"
    )]
    async fn started(believed: Option<String>) -> Option<Self> {
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
        let url = format!("http://127.0.0.1:{port}");
        for _ in 0..100 {
            let client = ClientBuilder::new(hyper_util::client::legacy::connect::HttpConnector::new())
                .capabilities(capabilities(&chromium, profile.path(), believed.as_deref()))
                .connect(&url)
                .await;
            if let Ok(client) = client {
                return Some(Self {
                    page: Page { client, driver: url },
                    driver,
                    _profile: profile,
                });
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("no browser");
    }

    /// Runs a journey and ends the browser whatever comes of it.
    pub(crate) async fn run(mut self, journey: impl AsyncFn(&Page)) {
        let outcome = futures::FutureExt::catch_unwind(std::panic::AssertUnwindSafe(journey(&self.page))).await;
        if outcome.is_err() {
            let source = self.page.client.source().await.unwrap_or_default();
            eprintln!("the page at its end:\n{source:.20000}");
            eprintln!("its console:\n{:#?}", self.page.console().await);
        }
        drop(self.page.client.clone().close().await);
        drop(self.driver.kill());
        drop(self.driver.wait());
        if let Err(panic) = outcome {
            std::panic::resume_unwind(panic);
        }
    }
}

impl Page {
    /// Goes to an address.
    pub(crate) async fn open(&self, url: &str) {
        self.client.goto(url).await.expect("the page");
    }

    /// The first element, once it is there.
    pub(crate) async fn find(&self, css: &str) -> Element {
        let found = self.client.wait().at_most(Duration::from_secs(30));
        found
            .for_element(Locator::Css(css))
            .await
            .unwrap_or_else(|error| panic!("{css}: {error}"))
    }

    /// The texts of all elements that are there.
    pub(crate) async fn texts(&self, css: &str) -> Vec<String> {
        let mut texts = Vec::new();
        for element in self.client.find_all(Locator::Css(css)).await.expect("a query") {
            texts.push(element.text().await.expect("its text"));
        }
        texts
    }

    /// Waits until an element says this.
    pub(crate) async fn text(&self, css: &str, text: &str) {
        let mut said = Vec::new();
        for _ in 0..300 {
            said = self.texts(css).await;
            if said.iter().any(|it| it.contains(text)) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("{css} says {said:?} and not {text}");
    }

    /// Types into a field, once it is there.
    pub(crate) async fn fill(&self, css: &str, text: &str) {
        self.find(css).await.send_keys(text).await.expect("typed");
    }

    /// Presses a button, once it is there.
    pub(crate) async fn click(&self, css: &str) {
        self.find(css).await.click().await.expect("clicked");
    }

    /// Presses what something else might cover at the end of the screen.
    pub(crate) async fn press(&self, css: &str) {
        self.find(css).await;
        self.run(&format!(
            "document.querySelector(\"{css}\").scrollIntoView({{ block: 'center' }})"
        ))
        .await;
        self.click(css).await;
    }

    /// Waits until an element is not there any more.
    pub(crate) async fn gone(&self, css: &str) {
        for _ in 0..300 {
            if self
                .client
                .find_all(Locator::Css(css))
                .await
                .expect("a query")
                .is_empty()
            {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("{css} is still there");
    }

    /// Presses Ctrl+J, wherever the focus is.
    pub(crate) async fn ctrl_j(&self) {
        for kind in ["rawKeyDown", "keyUp"] {
            let key = json!({ "type": kind, "modifiers": 2, "key": "j", "code": "KeyJ", "windowsVirtualKeyCode": 74 });
            self.devtools("Input.dispatchKeyEvent", key).await;
        }
    }

    /// Presses a key that writes nothing, as `ArrowRight`.
    pub(crate) async fn key(&self, name: &str) {
        let code = match name {
            "Enter" => 13,
            "End" => 35,
            "Home" => 36,
            "ArrowLeft" => 37,
            "ArrowRight" => 39,
            _ => 0,
        };
        for kind in ["rawKeyDown", "keyUp"] {
            let key = json!({ "type": kind, "key": name, "code": name, "windowsVirtualKeyCode": code });
            self.devtools("Input.dispatchKeyEvent", key).await;
        }
    }

    /// Makes each answer of the server wait for so long, or not any more.
    pub(crate) async fn slow(&self, wait: Option<Duration>) {
        let latency = wait.unwrap_or_default().as_millis() as u64;
        self.network(json!({ "latency": latency })).await;
    }

    /// Lets so many bytes a second come in, or as many as there are.
    pub(crate) async fn trickle(&self, bytes: Option<u32>) {
        self.network(json!({ "downloadThroughput": bytes.map_or(-1, i64::from) }))
            .await;
    }

    /// Takes the browser's network away, or gives it back.
    pub(crate) async fn online(&self, online: bool) {
        self.network(json!({ "offline": !online })).await;
    }

    /// Gives the browser a network as a good one, but for this.
    async fn network(&self, but: Value) {
        let mut network = json!({ "offline": false, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1 });
        for (name, value) in but.as_object().into_iter().flatten() {
            network[name] = value.clone();
        }
        self.devtools("Network.enable", json!({})).await;
        self.devtools("Network.emulateNetworkConditions", network).await;
    }

    /// What a script returns.
    pub(crate) async fn run(&self, script: &str) -> Value {
        self.client.execute(script, Vec::new()).await.expect("a script runs")
    }

    /// Creates an account.
    pub(crate) async fn sign_up(&self, server: &str, name: &str) {
        self.open(&format!("{server}/signup")).await;
        self.fill("input[name=name]", name).await;
        self.fill("input[name=email]", &format!("{name}@example.com")).await;
        self.fill("input[name=password]", PASSWORD).await;
        self.click("button[type=submit]").await;
    }

    /// Signs an account in.
    pub(crate) async fn sign_in(&self, server: &str, email: &str) {
        self.open(&format!("{server}/login")).await;
        self.fill("input[name=email]", email).await;
        self.fill("input[name=password]", PASSWORD).await;
        self.click("button[type=submit]").await;
        self.find("nav").await;
    }

    /// Asks in the conversation and waits for the end of the answer, which is the page's number `turn`.
    pub(crate) async fn ask(&self, question: &str, turn: usize) {
        self.fill("#question", question).await;
        self.click("#send").await;
        self.find(&format!("#turn-{turn}[data-state=done]")).await;
    }

    /// Errors in the console since it was read last, with everything that the browser itself complains of.
    pub(crate) async fn console(&self) -> Vec<String> {
        let log = self.driver("se/log", &json!({ "type": "browser" })).await;
        let entries = log.as_array().cloned().unwrap_or_default();
        let severe = entries.iter().filter(|it| it["level"] == "SEVERE");
        severe.map(|it| it["message"].to_string()).collect()
    }

    /// A command of Chromium's own protocol.
    pub(crate) async fn devtools(&self, command: &str, parameters: Value) -> Value {
        let body = json!({ "cmd": command, "params": parameters });
        self.driver("goog/cdp/execute", &body).await
    }

    /// Gives the page another size, CSS pixels; a narrow one is a phone's.
    pub(crate) async fn size(&self, width: u32, height: u32) {
        let phone = width < 600;
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": phone });
        self.devtools("Emulation.setDeviceMetricsOverride", metrics).await;
        let touch = json!({ "enabled": phone, "maxTouchPoints": 1 });
        self.devtools("Emulation.setTouchEmulationEnabled", touch).await;
    }

    async fn driver(&self, path: &str, body: &Value) -> Value {
        let session = self.client.session_id().await.expect("a session").expect("its id");
        let answer = reqwest::Client::new()
            .post(format!("{}/session/{session}/{path}", self.driver))
            .json(body)
            .send()
            .await
            .expect("the driver answers");
        let answer: Value = answer.json().await.expect("JSON");
        assert!(answer["value"]["error"].is_null(), "{path}: {answer}");
        answer["value"].clone()
    }

    /// Keeps a picture of the page where the environment asks for pictures.
    pub(crate) async fn picture(&self, name: &str) {
        if let Some(folder) = tool::pictures() {
            let png = self.client.screenshot().await.expect("a picture");
            std::fs::write(folder.join(format!("{name}.png")), png).expect("written");
        }
    }
}
