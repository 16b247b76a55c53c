//! A person's first minutes through the way in: a browser, TLS that ends at Envoy, gRPC-Web beyond.

use crate::{
    common::{
        browser::{Browser, Page},
        process::{self, Process},
        user::PASSWORD,
        whole::WholeMesh,
    },
    traces,
};

/// Signs up, gets the demo devices, sees live power, asks; none of it where there is no browser or no page.
pub(crate) async fn first_minutes(mesh: &WholeMesh) {
    let Some(browser) = Browser::believing(&mesh.folder.path().join("edge/tls.crt")).await else {
        return;
    };
    let url = mesh.edge.url();
    browser
        .run(async |page| {
            page.sign_up(&url, "sam").await;
            page.find("[data-testid=page-first-steps][data-state=source]").await;
            // Who has not signed in is told so by Envoy, with an HTTP status that browsers note.
            let noted = page.console().await;
            assert!(noted.iter().all(|it| it.contains("status of 401")), "{noted:?}");
            let demo = demo_home(mesh, "sam@example.com").await;
            page.open(&url).await;
            page.find("[data-testid=power-card][data-state=live]").await;
            live_power_changes(page).await;
            page.picture("whole-mesh-now").await;
            page.open(&format!("{url}/ask")).await;
            page.ask("how much did I use yesterday?", 0).await;
            page.text("#turn-0[data-state=done] [data-testid=fact]", "kWh").await;
            page.picture("whole-mesh-ask").await;
            assert_eq!(page.console().await, Vec::<String>::new());
            traces::of_the_page(mesh).await;
            drop(demo);
        })
        .await;
}

/// The devices of the demo with two days of history, and their readings of now for as long as the process lives. An
/// operator's mesh makes no demo homes by itself: the command line does, in a user's name.
async fn demo_home(mesh: &WholeMesh, email: &str) -> Process {
    let voltaire = |arguments: &str| {
        let mut command = process::voltaire();
        command
            .args(arguments.split(' '))
            .env("VOLTAIRE_SERVER", mesh.edge.url())
            .env("VOLTAIRE_AUTHORITY", mesh.folder.path().join("ca.crt"))
            .env("XDG_CONFIG_HOME", mesh.folder.path().join("demo"));
        command
    };
    let signed_in = process::run(voltaire(&format!("login --email {email} --password-stdin")), PASSWORD);
    assert!(
        signed_in.status.success(),
        "{}",
        String::from_utf8_lossy(&signed_in.stderr)
    );
    let demo = Process::start("demo", voltaire("simulate --days 2 --step 300 --live"));
    mesh.eventually("the demo home has its history", async || {
        assert_eq!(demo.ended(), None);
        demo.log().contains("Sending live readings")
    })
    .await;
    demo
}

/// The figure is followed, not only read once.
async fn live_power_changes(page: &Page) {
    let shown = async || page.texts("[data-testid=power-now]").await.concat();
    let first = shown().await;
    assert!(first.contains('W'), "{first}");
    for _ in 0..300 {
        if shown().await != first {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("it still shows {first}");
}
