//! Asking, on its page and beside every other one; the conversations before.

use std::time::Duration;

use serde_json::json;

use crate::{Walk, common::browser::Page};

/// Walks them, in a demo home whose first question has been answered.
pub(crate) async fn walk(walk: &Walk<'_>) {
    computed(walk).await;
    walk.walked(19).await;
    refused(walk).await;
    walk.walked(20).await;
    walk.walked(21).await;
    stopped(walk).await;
    walk.walked(18).await;
    about_this(walk).await;
    walk.walked(16).await;
    each_with_its_own(walk).await;
    habit(walk).await;
    history(walk).await;
    walk.walked(22).await;
    grows(walk).await;
    walk.walked(17).await;
}

/// 19: a figure of an answer opens its computation.
async fn computed(walk: &Walk<'_>) {
    let page = walk.page;
    walk.open("ask").await;
    page.ask("how much did I use yesterday?", 0).await;
    page.press("#turn-0 [data-testid=fact] summary").await;
    page.text("#turn-0 [data-testid=fact] details", "Period:").await;
}

/// Of several questions of one message: each answer stands with what was understood of it; so it does when it is read again.
async fn each_with_its_own(walk: &Walk<'_>) {
    let page = walk.page;
    walk.open("ask").await;
    page.press(".sessions [data-testid=new-conversation]").await;
    page.ask("how much did I use yesterday? and the peak?", 0).await;
    own_parts(page).await;
    page.picture("ask-several").await;
    page.client.refresh().await.expect("reloaded");
    own_parts(page).await;
}

/// Two parts, each with what was understood, a figure and a text of its own.
async fn own_parts(page: &Page) {
    page.find("#turn-0[data-state=done] [data-testid=answer-part]:nth-of-type(2) [data-testid=fact]")
        .await;
    let script = "return [...document.querySelectorAll('#turn-0 [data-testid=answer-part]')].map(part =>
        ['understanding', 'answer-text', 'fact'].every(it => part.querySelector(`[data-testid=${it}]`)?.textContent))";
    assert_eq!(page.run(script).await, json!([true, true]));
    let script = "return new Set([...document.querySelectorAll('#turn-0 [data-testid=understanding]')]
        .map(it => it.textContent)).size";
    assert_eq!(page.run(script).await, json!(2));
}

/// The hours of a day stand side by side in their order, named below, and can be read out.
async fn habit(walk: &Walk<'_>) {
    let page = walk.page;
    page.press(".sessions [data-testid=new-conversation]").await;
    page.ask("which hour of the day do we use the most last week", 0).await;
    page.find("#turn-0 [data-testid=answer-chart] .plot").await;
    let drawn = "const plot = document.querySelector('#turn-0 .plot'); plot.focus();
        const bars = [...plot.querySelectorAll('.bar')].map(it => it.getBoundingClientRect().x);
        const names = [...plot.querySelectorAll('text')].map(it => it.textContent).filter(it => it.includes(':'));
        return [bars.length, bars.every((x, at) => at === 0 || x > bars[at - 1]), names.slice(0, 2)]";
    assert_eq!(page.run(drawn).await, json!([24, true, ["00:00", "02:00"]]));
    page.key("End").await;
    page.text("#turn-0 .readout", "23:00–00:00").await;
    page.picture("habit").await;
    page.press("#turn-0 [data-testid=chart-0-0-0-table-toggle]").await;
    assert_eq!(page.texts("#turn-0 [data-testid=chart-table] tbody tr").await.len(), 24);
}

/// 20 and 21: what cannot be answered, and what is another's, is refused without a figure; there is something to ask instead.
async fn refused(walk: &Walk<'_>) {
    let page = walk.page;
    page.ask("write me a poem about the sea", 1).await;
    page.find("#turn-1 [data-testid=suggestion]").await;
    page.ask("how much did bob@example.org use yesterday?", 2).await;
    let facts = page.run("return document.querySelectorAll('#turn-1 .facts li, #turn-2 .facts li').length");
    assert_eq!(facts.await, json!(0));
}

/// 18: an answer that is coming in can be stopped; what had come stays, and it can be asked again.
async fn stopped(walk: &Walk<'_>) {
    let page = walk.page;
    page.slow(Some(Duration::from_secs(20))).await;
    page.fill("#question", "how much did each device use yesterday?").await;
    page.click("#send").await;
    page.find("#turn-3[data-state=running]").await;
    page.click("#stop").await;
    page.find("#turn-3[data-state=stopped]").await;
    page.slow(None).await;
    page.press("#turn-3 [data-testid=ask-again]").await;
    page.find("#turn-4[data-state=done] [data-testid=answer-chart]").await;
}

/// 16: what a page shows is asked about beside it, by the same period; Ctrl+J opens and closes.
async fn about_this(walk: &Walk<'_>) {
    let page = walk.page;
    walk.open("usage?z=day&r=yesterday").await;
    page.press("[data-testid=ask-about]").await;
    page.find("[data-testid=dock] #question:focus").await;
    let draft = page.run("return document.querySelector('#question').value").await;
    let crumbs = page.run("return location.search").await;
    assert!(draft.as_str().is_some_and(|it| it.contains("20")), "{draft} {crumbs}");
    page.click("#send").await;
    page.find("[data-testid=dock] [data-state=done] [data-testid=answer-chart] a[href^='/usage']")
        .await;
    page.picture("dock").await;
    page.ctrl_j().await;
    page.gone("[data-testid=dock]").await;
    for path in ["", "devices", "costs", "settings"] {
        walk.open(path).await;
        page.find("#open-dock").await;
        page.ctrl_j().await;
        page.find("[data-testid=dock] #question:focus").await;
    }
    // Tables have less room then, and are not cut off.
    walk.open("devices").await;
    page.press("[data-testid=device]:nth-child(3) .row-link").await;
    page.find(".card.flush .table tbody td").await;
    page.ctrl_j().await;
    page.find("[data-testid=dock] #question:focus").await;
    let cut =
        "return [...document.querySelectorAll('.card.flush')].filter(it => it.scrollWidth > it.clientWidth).length";
    assert_eq!(page.run(cut).await, json!(0));
}

/// 22: conversations are renamed, deleted, kept after all, and found; so it is after the page was loaded again.
async fn history(walk: &Walk<'_>) {
    let page = walk.page;
    walk.open("ask").await;
    for question in [
        "what uses most right now?",
        "how much did I use last week?",
        "what did yesterday cost?",
    ] {
        // The list of conversations comes after the answer: until then it must not show other rows than it is going to.
        page.slow(Some(Duration::from_secs(1))).await;
        page.press(".sessions [data-testid=new-conversation]").await;
        page.ask(question, 0).await;
    }
    page.press(".sessions [data-testid=session] [data-testid=rename-session]")
        .await;
    page.find("[data-testid=session-title]").await;
    let end = "const it = document.querySelector('[data-testid=session-title]'); it.select(); return it.value";
    assert_eq!(page.run(end).await, json!("what did yesterday cost?"));
    page.slow(None).await;
    page.fill("[data-testid=session-title]", "Money of yesterday\n").await;
    page.text(".sessions [data-testid=session] a", "Money of yesterday")
        .await;
    page.press(".sessions [data-testid=session]:nth-child(2) [data-testid=delete-session]")
        .await;
    page.find("[data-testid=deleted]").await;
    page.gone(".sessions [data-testid=session] [title='how much did I use last week?']")
        .await;
    page.press(".sessions [data-testid=undo-delete]").await;
    page.find(".sessions [data-testid=session] [title='how much did I use last week?']")
        .await;
    page.client.refresh().await.expect("reloaded");
    page.text(".sessions [data-testid=session] a", "Money of yesterday")
        .await;
    page.fill(".sessions [data-testid=search-sessions]", "money").await;
    page.gone(".sessions [data-testid=session]:nth-child(2)").await;
    page.picture("ask-history").await;
}

/// Notes when a question is sent, when something is said to it, and each length that its answer has.
const GROWTH: &str = "const turn = arguments[0]; window.grown = []; window.told = undefined;
    document.querySelector('#send').addEventListener('click', () => window.sent = performance.now(), { capture: true, once: true });
    window.growth?.disconnect();
    window.growth = new MutationObserver(() => {
        const answer = document.querySelector(`#${turn} .answer`);
        if (!answer) return;
        window.told ??= performance.now();
        const length = [...answer.querySelectorAll('.answer-part')].map(it => it.textContent).join('').length;
        if (length > 0 && length !== window.grown.at(-1)) window.grown.push(length);
    });
    window.growth.observe(document.querySelector('.talk-log'), { childList: true, subtree: true, characterData: true })";

/// 17: a long answer grows as it comes in, below its question, which stays; who has scrolled away is left there, and told of more.
async fn grows(walk: &Walk<'_>) {
    let page = walk.page;
    let question = "how much did I use yesterday? and the peak? and what did each device use last week?";
    walk.open("ask").await;
    page.press(".sessions [data-testid=new-conversation]").await;
    page.ask("how much did each device use yesterday?", 0).await;
    let colours = "return new Set([...document.querySelectorAll('#turn-0 .ranked li > span:nth-child(2)')]
        .map(it => getComputedStyle(it).color)).size";
    let colours = page.run(colours).await;
    assert!(
        colours.as_u64().is_some_and(|it| it > 4),
        "{colours} colours of devices"
    );
    page.trickle(Some(2000)).await;

    send(page, question, "turn-1").await;
    page.find("#turn-1[data-state=running] [data-testid=answer-part]:nth-of-type(2)")
        .await;
    let top = "return document.querySelector('#turn-1').getBoundingClientRect().top";
    let placed = page.run(top).await.as_f64().expect("a number");
    assert!((0.0..200.0).contains(&placed), "the question stands at {placed}");
    page.find("#turn-1[data-state=done]").await;
    assert_eq!(page.run(top).await.as_f64(), Some(placed), "the question has moved");
    let first = page.run("return window.told - window.sent").await;
    assert!(
        first.as_f64().is_some_and(|it| it <= 200.0),
        "the first word after {first} ms"
    );
    let grown: Vec<usize> = serde_json::from_value(page.run("return window.grown").await).expect("lengths");
    assert!(grown.len() >= 4 && grown.is_sorted(), "{grown:?}");
    println!("first word after {first} ms, then {grown:?} letters");

    send(page, question, "turn-2").await;
    page.find("#turn-2[data-state=running] [data-testid=answer-part]").await;
    page.run("window.scrollTo(0, 40)").await;
    page.find("[data-testid=more-below]").await;
    page.picture("more-below").await;
    page.find("#turn-2[data-state=done]").await;
    page.trickle(None).await;
    assert_eq!(page.run("return window.scrollY").await, json!(40));
    page.click("[data-testid=more-below]").await;
    page.gone("[data-testid=more-below]").await;
    page.find("#turn-2 [data-testid=copy-answer]").await;
}

/// Sends a question whose answer is watched as it grows.
async fn send(page: &Page, question: &str, turn: &str) {
    page.fill("#question", question).await;
    page.client.execute(GROWTH, vec![json!(turn)]).await.expect("watched");
    page.click("#send").await;
}
