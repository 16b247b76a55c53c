//! Journey 30: every page in light and dark, on a desktop and at 320 px, without motion: axe finds nothing serious, nothing is
//! wider than the screen, nothing moves.

mod common;

use common::{
    Server,
    browser::{Browser, Page},
    tool,
};
use serde_json::{Value, json};

/// Pages, and what is there when each is.
const PAGES: [(&str, &str); 18] = [
    ("welcome", "[data-testid=page-first-steps][data-state=source]"),
    ("welcome?step=device", "#device-name"),
    ("", "[data-testid=power-card][data-state=live]"),
    ("usage", "[data-testid=usage-totals]"),
    ("devices", "[data-testid=device]"),
    ("devices?add=1", "#device-name"),
    ("costs", "[data-testid=page-costs]"),
    ("ask", "[data-testid=answer-chart]"),
    ("settings", "#price"),
    ("settings/tariffs", "[data-testid=tariff]"),
    ("settings/devices", "[data-testid=device-line]"),
    ("settings/alerts", "[data-testid=create-rule]"),
    ("settings/tokens", "[data-testid=create-token]"),
    ("settings/account", "[data-testid=delete-account]"),
    ("admin", "[data-testid=user]"),
    ("admin/services", "[data-testid=service]"),
    ("admin/audit", "[data-testid=event]"),
    ("nowhere", "[data-testid=page-not-found]"),
];

/// How a page is looked at: colours, and its width and height in CSS pixels.
const LOOKS: [(&str, u32, u32); 2] = [("light", 1280, 900), ("dark", 320, 640)];

/// What axe calls serious or worse, with where it is.
async fn serious(page: &Page) -> Vec<String> {
    let script = "const done = arguments[arguments.length - 1];
        axe.run(document, { resultTypes: ['violations'] }).then(it => done(it.violations
            .filter(rule => ['serious', 'critical'].includes(rule.impact))
            .flatMap(rule => rule.nodes.map(node => rule.id + ': ' + node.html.slice(0, 160) + ' '
                + (node.any[0]?.message ?? '')))), error => done([String(error)]))";
    let found = page.client.execute_async(script, Vec::new()).await.expect("axe runs");
    serde_json::from_value(found).expect("a list")
}

/// Elements that reach beyond the screen, and those that move.
async fn out_or_moving(page: &Page) -> Value {
    page.run(
        "const shown = [...document.querySelectorAll('main *, header *')].filter(it => it.checkVisibility()
            && !it.closest('.visually-hidden, .table-scroll, pre, dialog'));
         return [
            ...shown.filter(it => it.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
                .map(it => 'wide: ' + it.outerHTML.slice(0, 120)),
            ...document.getAnimations().filter(it => it.effect.getTiming().duration > 1).map(it => 'moves: ' + it.effect.target.outerHTML.slice(0, 120)),
         ]",
    )
    .await
}

/// Looks at the page in each way.
async fn look(page: &Page, axe: &str, name: &str) -> Vec<String> {
    let mut found = Vec::new();
    page.run(axe).await;
    for (scheme, width, height) in LOOKS {
        let features = json!({ "features": [
            { "name": "prefers-color-scheme", "value": scheme },
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ] });
        page.devtools("Emulation.setEmulatedMedia", features).await;
        page.size(width, height).await;
        // Two frames: charts are drawn for the new size.
        let frames = "requestAnimationFrame(() => requestAnimationFrame(arguments[0]))";
        page.client.execute_async(frames, Vec::new()).await.expect("frames");
        let out: Vec<String> = serde_json::from_value(out_or_moving(page).await).expect("a list");
        let worse = serious(page).await;
        found.extend(
            out.into_iter()
                .chain(worse)
                .map(|it| format!("{name} {scheme} {width}: {it}")),
        );
        page.picture(&format!("a11y-{}-{scheme}", name.replace(['/', '?', '='], "-")))
            .await;
    }
    page.size(1280, 900).await;
    found
}

#[tokio::test]
async fn every_page_is_accessible_in_light_and_dark() {
    let Some(axe) = tool::path("VOLTAIRE_TEST_AXE") else {
        return;
    };
    let axe = std::fs::read_to_string(axe).expect("the script");
    let Some(browser) = Browser::start().await else { return };
    let server = Server::up_with(&[]).await;
    browser
        .run(async |page| {
            let mut found = Vec::new();
            for path in ["login", "signup"] {
                page.open(&format!("{}/{path}", server.url)).await;
                page.find("#email").await;
                found.extend(look(page, &axe, path).await);
            }
            page.sign_up(&server.url, "zoe").await;
            page.click("[data-testid=load-demo]").await;
            page.click("[data-testid=first-question]").await;
            page.find("#turn-0[data-state=done]").await;
            for (path, there) in PAGES {
                page.open(&format!("{}/{path}", server.url)).await;
                if path == "ask" {
                    page.ask("how much did each device use today?", 0).await;
                }
                page.find(there).await;
                found.extend(look(page, &axe, path).await);
            }
            page.open(&format!("{}/devices", server.url)).await;
            page.press("[data-testid=device] .row-link").await;
            page.find("[data-testid=device-head]").await;
            found.extend(look(page, &axe, "device").await);
            page.click("[data-testid=ask-about]").await;
            page.find("[data-testid=dock]").await;
            found.extend(look(page, &axe, "dock").await);
            assert_eq!(found, Vec::<String>::new());
            assert_eq!(page.console().await, Vec::<String>::new());
        })
        .await;
    server.stop();
}
