//! The journeys of the web app in a real browser, as `docs/journeys.md` lists them: one browser, one server, one after the other.

mod ask;
#[path = "../common/mod.rs"]
mod common;
mod first_steps;
mod house;

use std::time::Instant;

use common::{
    Server,
    browser::{Browser, Page},
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

#[tokio::test]
async fn journeys_of_the_page() {
    let begun = Instant::now();
    let Some(browser) = Browser::start().await else { return };
    let server = Server::up_with(&[]).await;
    browser
        .run(async |page| {
            let walk = Walk {
                page,
                server: &server,
                begun,
            };
            first_steps::walk(&walk).await;
            ask::walk(&walk).await;
            house::walk(&walk).await;
        })
        .await;
    server.stop();
}
