//! The journeys of the web app in a real browser, as `docs/journeys.md` lists them: few browsers and servers, many journeys.

mod ask;
mod away;
mod charts;
#[path = "../common/mod.rs"]
mod common;
mod first_steps;
mod house;
mod own_home;

use std::time::Instant;

use common::{
    Server,
    browser::{Browser, Page},
    user::User,
};

/// Where a journey is walked, and since when.
pub(crate) struct Walk<'a> {
    pub(crate) page: &'a Page,
    pub(crate) server: &'a Server,
    begun: Instant,
}

impl Walk<'_> {
    /// Says which journey has been walked; nothing may stand in the browser's console.
    pub(crate) async fn walked(&self, number: u32) {
        println!("{:>5.1} s  journey {number}", self.begun.elapsed().as_secs_f64());
        assert_eq!(self.page.console().await, Vec::<String>::new(), "journey {number}");
    }

    /// Opens a page.
    pub(crate) async fn open(&self, path: &str) {
        self.page.open(&format!("{}/{path}", self.server.url)).await;
    }
}

/// Starts a server and a browser, and walks there.
async fn on_a_page(journeys: impl AsyncFn(&Walk<'_>)) {
    let begun = Instant::now();
    let Some(browser) = Browser::start().await else { return };
    let server = Server::up_with(&[]).await;
    browser
        .run(async |page| {
            let server = &server;
            journeys(&Walk { page, server, begun }).await;
        })
        .await;
    server.stop();
}

#[tokio::test]
async fn first_steps_and_asking() {
    on_a_page(async |walk| {
        first_steps::walk(walk).await;
        ask::walk(walk).await;
    })
    .await;
}

#[tokio::test]
async fn figures_and_the_house() {
    on_a_page(async |walk| {
        // The first account is the admin.
        for name in ["una", "vic"] {
            User::register(walk.server, name).await;
        }
        charts::walk(walk).await;
        house::walk(walk).await;
    })
    .await;
}

#[tokio::test]
async fn homes_of_ones_own() {
    on_a_page(async |walk| own_home::walk(walk).await).await;
}

/// The numbers of a table's rows, with what their last column says.
fn rows(table: &str) -> Vec<(u32, &str)> {
    let cells = table
        .lines()
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect::<Vec<_>>());
    cells
        .filter_map(|cells| Some((cells.first()?.parse().ok()?, *cells.last()?)))
        .collect()
}

#[test]
fn the_list_of_journeys_tells_what_is_walked() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let table = std::fs::read_to_string(root.join("docs/journeys.md")).expect("the list");
    let rows = rows(&table);
    assert_eq!(
        rows.iter().map(|(number, _)| *number).collect::<Vec<_>>(),
        (1..=30).collect::<Vec<_>>()
    );
    for (number, by) in rows {
        if let Some(why) = by.strip_prefix("not walked: ") {
            assert!(!why.is_empty(), "{number}");
            continue;
        }
        let file = std::fs::read_to_string(root.join(by.trim_matches('`'))).expect("the test that is named");
        let told = [format!("walked({number})"), format!("Journey {number}:")];
        assert!(told.iter().any(|it| file.contains(it)), "{by} does not walk {number}");
    }
}
