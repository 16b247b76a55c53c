//! From a fresh server to live power and the first answer.

use std::{
    process::{Command, Stdio},
    time::Duration,
};

use serde_json::json;

use crate::{
    Walk,
    common::{process, tool},
};

/// Every page, and what it shows in a home without devices.
const EMPTY: [(&str, &str); 5] = [
    (
        "",
        "[data-testid=page-now][data-state=empty] [data-testid=add-first-device]",
    ),
    (
        "usage",
        "[data-testid=page-usage][data-state=empty] [data-testid=add-first-device]",
    ),
    (
        "devices",
        "[data-testid=page-devices][data-state=empty] [data-testid=add-first-device]",
    ),
    (
        "costs",
        "[data-testid=page-costs][data-state=empty] [data-testid=add-first-device]",
    ),
    (
        "ask",
        "[data-testid=page-ask-page][data-state=empty] [data-testid=add-first-device]",
    ),
];

/// Walks them.
pub(crate) async fn walk(walk: &Walk<'_>) {
    fresh_server(walk).await;
    walk.walked(1).await;
    empty_home(walk).await;
    walk.walked(5).await;
    own_device(walk).await;
    walk.walked(4).await;
    demo_home(walk).await;
    walk.walked(3).await;
}

/// 1: a fresh server leads to the sign-in page, ready to type.
async fn fresh_server(walk: &Walk<'_>) {
    let page = walk.page;
    walk.open("").await;
    page.find("[data-testid=page-login]").await;
    page.find("#email:focus").await;
}

/// 5: without devices every page says what to do next.
async fn empty_home(walk: &Walk<'_>) {
    let Walk { page, server, .. } = walk;
    page.sign_up(&server.url, "una").await;
    page.find("[data-testid=page-first-steps][data-state=source]").await;
    page.picture("welcome").await;
    for (path, there) in EMPTY {
        walk.open(path).await;
        page.find(there).await;
    }
    walk.open("nowhere").await;
    page.find("[data-testid=page-not-found] a").await;
}

/// 4: a device of one's own; each command, run as it is copied, arrives on the page that shows it.
async fn own_device(walk: &Walk<'_>) {
    let page = walk.page;
    walk.open("welcome").await;
    page.click("[data-testid=choose-device]").await;
    page.fill("#device-name", "Fridge").await;
    page.click("[data-testid=create-device]").await;
    page.find("[data-testid=snippet][data-state=ready]").await;
    page.find("[data-testid=arrival][data-state=waiting]").await;
    // Each with a power of its own, so that one is not taken for another.
    for (tool, watts) in [("voltaire", "81"), ("grpcurl", "84"), ("curl", "88")] {
        page.click(&format!("[data-testid=tool] [data-value={tool}]")).await;
        page.find(&format!("[data-testid=tool] [data-value={tool}][aria-pressed=true]"))
            .await;
        let command = page.texts("[data-testid=snippet]").await.concat();
        let command = command.replace("\"powerWatts\":88", &format!("\"powerWatts\":{watts}"));
        let command = command
            .strip_suffix(" 88")
            .map(|it| format!("{it} {watts}"))
            .unwrap_or(command);
        assert!(command.contains(&format!("{tool} ")), "{command}");
        if run(tool, &command) {
            page.text("[data-testid=arrival]", &format!("Got {watts}")).await;
            // Commands tell whole seconds: one within the same second would be older, or no other reading.
            tokio::time::sleep(Duration::from_millis(1100)).await;
        }
    }
    page.picture("welcome-device").await;
    walk.open("devices").await;
    page.find("[data-testid=device][data-state=live]").await;
}

/// Runs a copied command; false where this machine does not have its tool.
fn run(tool: &str, command: &str) -> bool {
    let program = match tool {
        "voltaire" => env!("CARGO_BIN_EXE_voltaire").to_owned(),
        "grpcurl" => match tool::path("VOLTAIRE_TEST_GRPCURL") {
            Some(path) => path,
            None => return false,
        },
        _ if Command::new("curl")
            .arg("--version")
            .stdout(Stdio::null())
            .status()
            .is_ok() =>
        {
            "curl".to_owned()
        }
        _ => return false,
    };
    // The command as it stands, with its tool found where this machine has it.
    let script = format!("{tool}() {{ command '{program}' \"$@\"; }}\n{command}");
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(script);
    let output = process::run(shell, "");
    assert!(
        output.status.success(),
        "{tool}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    true
}

/// 3: sign up, demo home, live value, an answer with a figure; in few presses.
async fn demo_home(walk: &Walk<'_>) {
    let Walk { page, server, .. } = walk;
    page.client.delete_all_cookies().await.expect("signed out");
    let began = std::time::Instant::now();
    page.sign_up(&server.url, "vic").await;
    page.click("[data-testid=load-demo]").await;
    page.find("[data-testid=demo-power][data-state=live]").await;
    page.picture("welcome-demo").await;
    page.click("[data-testid=first-question]").await;
    page.find("#turn-0[data-state=done] [data-testid=fact]").await;
    println!(
        "from sign-up to the first answer: {:.1} s",
        began.elapsed().as_secs_f64()
    );
    let path = page.run("return location.pathname.startsWith('/ask')").await;
    assert_eq!(path, json!(true));
}
