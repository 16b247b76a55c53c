//! A person's first minutes, in a real browser: sign up, a device, its live power, a question; and the API's page.

mod common;

use std::{collections::BTreeSet, time::Duration};

use common::{
    Server,
    browser::{Browser, Page},
    tool,
    user::PASSWORD,
};
use fantoccini::Locator;
use serde_json::{Value, json};

/// Gives the focus and presses: what has the focus is never below the composer.
async fn focus_and_press(page: &Page, css: &str) {
    page.find(css).await;
    page.run(&format!("document.querySelector('{css}').focus()")).await;
    page.click(css).await;
}

#[tokio::test]
async fn a_new_user_signs_up_sees_live_power_and_asks() {
    let Some(browser) = Browser::start().await else { return };
    let server = Server::up_with(&[]).await;
    browser
        .run(async |page| {
            page.sign_up(&server.url, "sam").await;
            page.click("[data-testid=load-demo]").await;
            page.click("[data-testid=to-now]").await;
            page.find("[data-testid=power-card][data-state=live]").await;
            if tool::pictures().is_some() {
                tokio::time::sleep(Duration::from_secs(30)).await;
            }
            page.picture("now").await;
            page.open(&format!("{}/ask", server.url)).await;
            page.ask("how much did I use yesterday?", 0).await;
            page.find("[data-testid=fact]").await;
            page.picture("ask").await;
            focus_and_press(page, "#turn-0 [data-testid=report] summary").await;
            page.fill("#report-note-0", "yesterday was less").await;
            focus_and_press(page, "#turn-0 [data-testid=send-report]").await;
            page.find("#turn-0 [data-testid=reported]").await;
            focus_and_press(page, "#turn-0 [data-testid=ask-again]").await;
            page.find("#turn-1[data-state=done] [data-testid=copy-answer]").await;
            assert_eq!(page.console().await, Vec::<String>::new());
        })
        .await;
    server.stop();
}

#[tokio::test]
async fn a_wrong_password_is_told_in_the_form() {
    let Some(browser) = Browser::start().await else { return };
    let server = Server::up().await;
    browser
        .run(async |page| {
            page.open(&server.url).await;
            page.fill("input[name=email]", "nobody@example.com").await;
            page.fill("input[name=password]", PASSWORD).await;
            page.click("button[type=submit]").await;
            page.find("[role=alert]").await;
            let url = page.client.current_url().await.expect("an address");
            assert_eq!(url.path(), "/login");
        })
        .await;
    server.stop();
}

/// `GET /v1/me` of every operation in the document.
async fn operations(server: &Server) -> BTreeSet<String> {
    let document = reqwest::get(format!("{}/openapi.json", server.url)).await;
    let document: Value = document.expect("an answer").json().await.expect("JSON");
    let paths = document["paths"].as_object().expect("paths");
    let of_path = |(path, item): (&String, &Value)| {
        let verbs = item.as_object().cloned().unwrap_or_default();
        let path = path.clone();
        verbs
            .into_iter()
            .map(move |(verb, _)| format!("{} {path}", verb.to_uppercase()))
    };
    paths.iter().flat_map(of_path).collect()
}

#[tokio::test]
async fn the_apis_page_lists_and_calls_every_operation_without_a_network() {
    let Some(browser) = Browser::start().await else { return };
    let server = Server::up().await;
    let expected = operations(&server).await;
    assert!(expected.contains("GET /.well-known/jwks.json"), "{expected:?}");
    browser
        .run(async |page| {
            page.open(&format!("{}/api-docs", server.url)).await;
            page.find(".opblock").await;
            let listed = page.run(
                "return [...document.querySelectorAll('.opblock-summary')].map(it =>
                    it.querySelector('.opblock-summary-method').textContent + ' '
                    + it.querySelector('.opblock-summary-path').dataset.path)",
            );
            let listed: BTreeSet<String> = serde_json::from_value(listed.await).expect("a list");
            assert_eq!(listed, expected);
            page.picture("api-docs").await;

            let operation = "//span[@data-path='/.well-known/jwks.json']/ancestor::div[contains(@class,'opblock ')]";
            for button in [
                "//button[contains(@class,'opblock-summary-control')]",
                "//button[contains(@class,'try-out__btn')]",
                "//button[contains(@class,'execute')]",
            ] {
                let xpath = format!("{operation}{button}");
                let wait = page.client.wait().at_most(Duration::from_secs(10));
                let button = wait.for_element(Locator::XPath(&xpath)).await.expect("a button");
                button.click().await.expect("clicked");
            }
            page.find(".live-responses-table .response-col_status").await;
            let status = page.texts(".live-responses-table .response .response-col_status").await;
            assert!(status.first().is_some_and(|it| it.starts_with("200")), "{status:?}");

            let elsewhere = page.run(
                "return performance.getEntriesByType('resource').map(it => it.name)
                    .filter(it => !it.startsWith(location.origin + '/'))",
            );
            assert_eq!(elsewhere.await, json!([]));
            assert_eq!(page.console().await, Vec::<String>::new());
        })
        .await;
    server.stop();
}

/// The pages of a home, and what is there when each is.
const PAGES: [(&str, &str); 7] = [
    ("", "[data-testid=power-card][data-state=live]"),
    ("usage", "[data-testid=usage-totals]"),
    ("devices", "[data-testid=device]"),
    ("costs", "[data-testid=bill]"),
    ("ask", "#question"),
    ("settings", "#price"),
    ("settings/tariffs", "[data-testid=tariff]"),
];

/// The English messages of the app that are not German ones as well.
fn english() -> Vec<String> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("ui/src/text");
    let mut languages = [BTreeSet::new(), BTreeSet::new()];
    for file in std::fs::read_dir(folder).expect("the texts") {
        let source = std::fs::read_to_string(file.expect("a file").path()).expect("its text");
        for line in source.lines().filter(|it| it.ends_with("\";") && it.contains(": \"")) {
            let texts: Vec<&str> = line.split('"').collect();
            if let [_, english, ", ", german, ";"] = texts[..] {
                languages[0].insert(english.to_owned());
                languages[1].insert(german.to_owned());
            }
        }
    }
    let [english, german] = languages;
    english.difference(&german).cloned().collect()
}

/// Everything on the page that is read or read out.
const WORDS: &str = "const named = [...document.querySelectorAll('body *')].filter(it => it.checkVisibility())
    .flatMap(it => ['aria-label', 'title', 'placeholder'].map(name => it.getAttribute(name)));
    return [document.title, ...named, ...document.body.innerText.split('\\n')]
        .filter(it => it).map(it => it.trim()).filter(it => it)";

#[tokio::test]
async fn a_german_reader_finds_no_english() {
    let Some(browser) = Browser::start().await else { return };
    let server = Server::up_with(&[]).await;
    let english = english();
    assert!(english.len() > 100, "{english:?}");
    let sentence = |text: &str| text.split(' ').count() > 2;
    let leaks = |words: &Vec<String>| -> Vec<String> {
        let leak = |word: &&String| {
            english
                .iter()
                .any(|it| *it == **word || (sentence(it) && word.contains(it)))
        };
        words.iter().filter(leak).cloned().collect()
    };
    browser
        .run(async |page| {
            page.open(&format!("{}/login", server.url)).await;
            page.run("localStorage.setItem('voltaire.lang', 'de')").await;
            page.sign_up(&server.url, "uwe").await;
            page.find("[data-testid=load-demo]").await;
            let words: Vec<String> = serde_json::from_value(page.run(WORDS).await).expect("words");
            assert_eq!(leaks(&words), Vec::<String>::new(), "at first");
            page.click("[data-testid=load-demo]").await;
            page.click("[data-testid=to-now]").await;
            page.find(PAGES[0].1).await;
            for (path, there) in PAGES {
                page.open(&format!("{}/{path}", server.url)).await;
                page.find(there).await;
                let words: Vec<String> = serde_json::from_value(page.run(WORDS).await).expect("words");
                assert!(words.iter().any(|it| it == "Einstellungen"), "{path}: {words:?}");
                assert_eq!(leaks(&words), Vec::<String>::new(), "{path}");
            }
        })
        .await;
    server.stop();
}

#[tokio::test]
async fn without_its_server_the_app_opens_with_what_was_read_last() {
    let Some(browser) = Browser::start().await else { return };
    let server = Server::up_with(&[]).await;
    let url = server.url.clone();
    let server = std::cell::RefCell::new(Some(server));
    browser
        .run(async |page| {
            page.sign_up(&url, "vera").await;
            page.click("[data-testid=load-demo]").await;
            page.click("[data-testid=to-now]").await;
            page.find("[data-testid=power-card][data-state=live]").await;
            page.run("return navigator.serviceWorker.ready.then(() => true)").await;
            if let Some(server) = server.take() {
                server.stop();
            }
            page.open(&url).await;
            page.find("[data-testid=power-card][data-state=reconnecting]").await;
            let banner = page.find("[data-testid=banner]").await.text().await.expect("its text");
            assert!(banner.contains("Showing readings up to"), "{banner}");
            assert!(!page.texts("[data-testid=device-row]").await.is_empty());
            page.picture("without-server").await;
        })
        .await;
}

#[tokio::test]
async fn a_part_of_the_app_that_does_not_come_is_told_and_asked_for_again() {
    let Some(browser) = Browser::start().await else { return };
    let server = Server::up().await;
    browser
        .run(async |page| {
            let block = async |parts: Value| {
                page.devtools("Network.setBlockedURLs", json!({ "urls": parts })).await;
            };
            page.devtools("Network.enable", json!({})).await;
            page.devtools("Network.setBypassServiceWorker", json!({ "bypass": true }))
                .await;
            block(json!(["*/assets/part-costs-*"])).await;
            page.sign_up(&server.url, "lea").await;
            page.click("[data-testid=nav-costs]").await;
            page.text("[data-testid=problem]", "did not answer").await;
            page.picture("part-missing").await;
            // Other parts are not concerned.
            page.click("[data-testid=nav-settings]").await;
            page.find("[data-testid=page-settings]").await;
            page.click("[data-testid=nav-costs]").await;
            page.find("[data-testid=problem]").await;
            block(json!([])).await;
            page.click("[data-testid=problem] button").await;
            page.find("[data-testid=page-costs]").await;
        })
        .await;
    server.stop();
}

/// How a page may be looked at: width, height, colours.
const LOOKS: [(&str, u32, u32, &str); 4] = [
    ("light", 1280, 900, "light"),
    ("dark", 1280, 900, "dark"),
    ("phone", 390, 844, "light"),
    ("phone-dark", 320, 640, "dark"),
];

/// Looks at the page in each way: nothing is wider than the screen.
async fn look(page: &Page, name: &str) {
    for (look, width, height, scheme) in LOOKS {
        let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        page.devtools("Emulation.setEmulatedMedia", features).await;
        page.size(width, height).await;
        // Charts are drawn again for the new size.
        tokio::time::sleep(Duration::from_millis(700)).await;
        let out = page.run(
            "const all = css => [...document.querySelectorAll(css)]
                .filter(it => it.checkVisibility() && !it.closest('.visually-hidden, .table-scroll, pre'));
             const box = it => it.getBoundingClientRect();
             const top = document.querySelector('.top');
             return [
                ...all('body, main *').filter(it => box(it).right > document.documentElement.clientWidth + 1),
                ...all('.top *').filter(it => box(it).bottom > box(top).bottom),
             ].map(it => it.outerHTML.slice(0, 120))",
        );
        assert_eq!(out.await, json!([]), "{name} {look}");
        page.picture(&format!("{name}-{look}")).await;
    }
}

#[tokio::test]
async fn every_page_fits_desktop_and_phone_in_both_colours() {
    let Some(browser) = Browser::start().await else { return };
    let server = Server::up_with(&[]).await;
    browser
        .run(async |page| {
            page.open(&format!("{}/signup", server.url)).await;
            page.find("input[name=email]").await;
            look(page, "sign-up").await;
            page.size(1280, 900).await;
            page.sign_up(&server.url, "tia").await;
            page.find("[data-testid=load-demo]").await;
            look(page, "first").await;
            page.size(1280, 900).await;
            page.click("[data-testid=load-demo]").await;
            page.find("[data-testid=demo-power][data-state=live]").await;
            for (path, there) in PAGES {
                page.open(&format!("{}/{path}", server.url)).await;
                page.find(there).await;
                if path == "ask" {
                    page.ask("how much did each device use yesterday?", 0).await;
                    page.find("[data-testid=answer-chart]").await;
                }
                look(
                    page,
                    &if path.is_empty() {
                        "now".to_owned()
                    } else {
                        path.replace('/', "-")
                    },
                )
                .await;
                page.size(1280, 900).await;
            }
            assert_eq!(page.console().await, Vec::<String>::new());
        })
        .await;
    server.stop();
}
