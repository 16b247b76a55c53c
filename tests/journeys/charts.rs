//! Looking at figures: slow, live, by the keyboard, beside others, in German.

use std::time::Duration;

use serde_json::json;

use crate::Walk;

/// Walks them, in a demo home.
pub(crate) async fn walk(walk: &Walk<'_>) {
    wrong_password(walk).await;
    walk.walked(2).await;
    walk.page.sign_in(&walk.server.url, "vic@example.com").await;
    walk.open("welcome").await;
    walk.page.click("[data-testid=load-demo]").await;
    walk.page.find("[data-testid=demo-power][data-state=live]").await;
    live(walk).await;
    walk.walked(7).await;
    slow(walk).await;
    walk.walked(6).await;
    drill(walk).await;
    walk.walked(11).await;
    keyboard(walk).await;
    walk.walked(13).await;
    zoom(walk).await;
    walk.walked(12).await;
    compare(walk).await;
    walk.walked(14).await;
    patterns(walk).await;
    german(walk).await;
    walk.walked(29).await;
}

/// 2: a wrong password is told in the form; the e-mail stays, the password can be typed again at once.
async fn wrong_password(walk: &Walk<'_>) {
    let page = walk.page;
    page.client.delete_all_cookies().await.expect("signed out");
    walk.open("login").await;
    page.fill("#email", "vic@example.com").await;
    page.fill("#password", "not-the-password\n").await;
    page.find("#auth-problem[role=alert]").await;
    page.find("#password:focus").await;
    let kept = page.run("return document.querySelector('#email').value").await;
    assert_eq!(kept, json!("vic@example.com"));
    // What a refused sign-in is, the browser tells as well.
    page.console().await;
}

/// 7: the value on screen changes as readings come, and is never old.
async fn live(walk: &Walk<'_>) {
    let page = walk.page;
    walk.open("").await;
    page.find("[data-testid=power-card][data-state=live]").await;
    let (mut seen, mut last) = (0, String::new());
    for _ in 0..300 {
        let shown = page.texts("[data-testid=power-now]").await.concat();
        if shown != last {
            seen += 1;
            last = shown;
        }
        if seen > 2 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(seen > 2, "the value stands still: {last}");
    page.find("[data-testid=freshness][data-state=live]").await;
    // The same as a table, and a mark that all of it is made up.
    page.press("[data-testid=live-chart-table-toggle]").await;
    page.find("[data-testid=live-table] tbody tr").await;
    page.press("[data-testid=live-chart-table-toggle]").await;
    page.text("[data-testid=demo-mark]", "Demo").await;
}

/// 6: while an answer is on its way the shape of the page is there, and little moves when it comes.
async fn slow(walk: &Walk<'_>) {
    let page = walk.page;
    let watch = "window.shifts = 0; new PerformanceObserver(list => list.getEntries()
        .filter(it => !it.hadRecentInput).forEach(it => window.shifts += it.value)).observe({ type: 'layout-shift' })";
    page.run(watch).await;
    page.slow(Some(Duration::from_millis(1500))).await;
    page.click("[data-testid=nav-usage]").await;
    page.find("[data-testid=page-usage][data-state=loading] .skeleton")
        .await;
    page.find("[data-testid=usage-totals]").await;
    page.slow(None).await;
    let shifts = page.run("return window.shifts").await.as_f64().expect("a number");
    println!("layout shift while a slow page loads: {shifts:.3}");
    assert!(shifts < 0.1, "the page jumps by {shifts}");
}

/// 11: from a week into its first day; the address follows, and so does the way back.
async fn drill(walk: &Walk<'_>) {
    let page = walk.page;
    walk.open("usage?z=week").await;
    page.find("[data-testid=usage-totals]").await;
    open_first_bar(walk).await;
    let day = page.run("return location.search").await;
    assert!(day.as_str().is_some_and(|it| it.contains("z=day")), "{day}");
    page.find("[data-testid=page-usage][data-state=ready]").await;
    page.client.back().await.expect("back");
    page.find("[data-testid=page-usage][data-state=ready]").await;
    let week = page.run("return location.search").await;
    assert!(week.as_str().is_some_and(|it| it.contains("z=week")), "{week}");
}

/// Opens the first bar by the keyboard.
async fn open_first_bar(walk: &Walk<'_>) {
    let page = walk.page;
    page.find("[data-testid=page-usage][data-state=ready] .plot").await;
    page.run("document.querySelector('.plot').focus()").await;
    for key in ["Home", "Enter"] {
        page.key(key).await;
    }
    page.gone("[data-testid=page-usage][data-state=loading]").await;
}

/// 13: the keyboard reads a chart out, and opens a step.
async fn keyboard(walk: &Walk<'_>) {
    let page = walk.page;
    walk.open("usage?z=week").await;
    page.find("[data-testid=usage-totals]").await;
    page.run("document.querySelector('.plot').focus()").await;
    page.key("Home").await;
    for _ in 0..2 {
        page.key("ArrowRight").await;
    }
    let readout = page.texts(".readout").await.concat();
    assert!(!readout.trim().is_empty(), "nothing is read out");
}

/// 12: a part is drawn with the pointer and becomes the whole chart; the way back leads to the day again.
async fn zoom(walk: &Walk<'_>) {
    let page = walk.page;
    walk.open("usage?z=day&u=w").await;
    page.click("[data-testid=earlier]").await;
    page.find("[data-testid=today]:enabled").await;
    page.find("[data-testid=page-usage][data-state=ready] .plot").await;
    let day = page.texts("[data-testid=period]").await.concat();
    page.gone("[data-testid=usage-chart-reset]").await;
    let plot = async || -> Vec<f64> {
        page.find("[data-testid=page-usage][data-state=ready] .plot").await;
        let find = "const plot = document.querySelector('.plot'); plot.scrollIntoView({ block: 'center' }); \
            const box = plot.getBoundingClientRect(); return [box.x, box.y, box.width, box.height]";
        serde_json::from_value(page.run(find).await).expect("a box")
    };
    let at = plot().await;
    for (kind, share, buttons) in [
        ("mousePressed", 0.4, 1),
        ("mouseMoved", 0.5, 1),
        ("mouseMoved", 0.6, 1),
        ("mouseReleased", 0.6, 0),
    ] {
        let (x, y) = (at[0] + at[2] * share, at[1] + at[3] / 2.0);
        let event = json!({ "type": kind, "x": x, "y": y, "button": "left", "buttons": buttons, "clickCount": 1 });
        page.devtools("Input.dispatchMouseEvent", event).await;
    }
    page.find("[data-testid=page-usage][data-state=ready] [data-testid=usage-chart-reset]")
        .await;
    let part = page.texts("[data-testid=period]").await.concat();
    assert!(part != day && part.contains('–'), "{day}: {part}");
    page.picture("zoomed").await;
    page.press("[data-testid=usage-chart-reset]").await;
    page.gone("[data-testid=usage-chart-reset]").await;
    assert_eq!(page.texts("[data-testid=period]").await.concat(), day);

    // A finger reads values, two of them zoom.
    let at = plot().await;
    let touch = async |kind: &str, shares: &[f64]| {
        let point =
            |(id, share): (usize, &f64)| json!({ "id": id, "x": at[0] + at[2] * share, "y": at[1] + at[3] / 2.0 });
        let points: Vec<_> = shares.iter().enumerate().map(point).collect();
        let event = json!({ "type": kind, "touchPoints": points });
        page.devtools("Input.dispatchTouchEvent", event).await;
    };
    touch("touchStart", &[0.3]).await;
    for share in [0.4, 0.5, 0.6] {
        touch("touchMove", &[share]).await;
    }
    touch("touchEnd", &[]).await;
    assert_eq!(page.texts("[data-testid=period]").await.concat(), day);
    touch("touchStart", &[0.45, 0.55]).await;
    for spread in [0.05, 0.1, 0.2] {
        touch("touchMove", &[0.45 - spread, 0.55 + spread]).await;
    }
    touch("touchEnd", &[]).await;
    page.find("[data-testid=page-usage][data-state=ready] [data-testid=usage-chart-reset]")
        .await;
    let part = page.texts("[data-testid=period]").await.concat();
    assert!(part != day && part.contains('–'), "{day}: {part}");
    page.press("[data-testid=usage-chart-reset]").await;
    page.gone("[data-testid=usage-chart-reset]").await;
}

/// Devices are told apart without colour where that is asked for.
async fn patterns(walk: &Walk<'_>) {
    let page = walk.page;
    let fill = async || {
        walk.open("usage?z=week&by=device").await;
        page.find("[data-testid=page-usage][data-state=ready] .plot .d1 .bar")
            .await;
        let fill = page
            .run("return getComputedStyle(document.querySelector('.plot .d1 .bar')).fill")
            .await;
        fill.as_str().expect("a fill").to_owned()
    };
    assert!(fill().await.starts_with("rgb"));
    walk.open("settings").await;
    page.press("[data-testid=colours] [data-value=patterns]").await;
    let strokes = fill().await;
    assert!(strokes.contains("#p1"), "{strokes}");
    page.picture("patterns").await;
    walk.open("settings").await;
    page.press("[data-testid=colours] [data-value=standard]").await;
    assert!(fill().await.starts_with("rgb"));
}

/// 14: the table holds both periods and the change.
async fn compare(walk: &Walk<'_>) {
    let page = walk.page;
    walk.open("usage?z=week&by=device&cmp=prev").await;
    page.find("[data-testid=usage-devices]").await;
    let heads = page.texts("[data-testid=usage-devices] th").await;
    assert!(heads.iter().any(|it| it == "Change"), "{heads:?}");
}

/// 29: in German, figures and words are German.
async fn german(walk: &Walk<'_>) {
    let page = walk.page;
    walk.open("settings").await;
    page.press("[data-testid=language] [data-value=de]").await;
    page.text("h1", "Einstellungen").await;
    walk.open("devices").await;
    page.find("[data-testid=device][data-state=live]").await;
    // Power may be whole watts; the energy of the day comes a moment later.
    page.text("[data-testid=device] td.num", ",").await;
    walk.open("settings").await;
    page.press("[data-testid=language] [data-value=en]").await;
    page.text("h1", "Settings").await;
}
