//! Questions in words, as they are asked of the product: how long until the first event and until the end of an answer, one
//! conversation at a time, and many at once.

use std::time::Instant;

use anyhow::Context as _;
use futures::future::try_join_all;
use tokio_stream::StreamExt as _;
use tonic::transport::Channel;
use voltaire_proto::chat::v1::{self as pb, answer_event::Kind, chat_service_client::ChatServiceClient};

use crate::{product::Account, workload::Load};

/// One of each kind of question. `DEVICE` and `OTHER` are devices of the home.
const QUESTIONS: [&str; 20] = [
    "how much did we use in February 2025",
    "how much did the DEVICE use in January 2025",
    "how much did we use on 3 March 2025",
    "top 3 devices in February 2025",
    "break down January 2025 by device",
    "which day in February 2025 had the highest consumption",
    "what was the highest hour on 3 March 2025",
    "peak power in February 2025",
    "compare January 2025 with February 2025",
    "did the DEVICE use more than the OTHER in February 2025",
    "what share of February 2025 was the DEVICE",
    "average kwh per day in February 2025",
    "show February 2025 by day",
    "how often did the DEVICE run in February 2025",
    "how long was the DEVICE on on 3 March 2025",
    "weekdays vs weekends in February 2025",
    "between 6 pm and 9 pm in February 2025",
    "time above 2 kW in February 2025: how long was power above 2 kW",
    "at what time of day did we use most in February 2025",
    "always-on load in February 2025",
];
/// A conversation: each question goes on from the one before.
const TURNS: [&str; 4] = [
    "how much did the DEVICE use in January 2025",
    "and in February 2025?",
    "per day?",
    "what about the OTHER?",
];

/// How long an answer took, ms.
#[derive(Clone, Copy)]
struct Took {
    first: f64,
    whole: f64,
}

/// Asks each question so often, then holds so many conversations at once; prints p50 and p95, ms, and what failed.
pub(crate) async fn run(url: &str, load: &Load, (repetitions, at_once): (usize, usize)) -> anyhow::Result<()> {
    let account = Account::sign_in(url, load).await?;
    let [device, other, ..] = account.names.as_slice() else {
        anyhow::bail!("two devices are needed");
    };
    let channel = account.channel().await?;
    let words = |text: &str| text.replace("DEVICE", device).replace("OTHER", other);
    let mut took = Vec::new();
    for question in QUESTIONS {
        let (from, text) = (took.len(), words(question));
        for repetition in 0..=repetitions {
            let (answer, _) = ask(&account, channel.clone(), (&text, "")).await?;
            // The first time is a warm-up.
            took.extend((repetition > 0).then_some(answer));
        }
        let whole = took.get(from..).unwrap_or_default().iter().map(|it| it.whole).collect();
        println!("of {question}\t{:.3}", percentile(whole, 50));
    }
    print("alone", &took);
    let one = async || -> anyhow::Result<Vec<Took>> {
        let channel = account.channel().await?;
        let (mut session, mut all) = (String::new(), Vec::new());
        for turn in TURNS {
            let (answer, told) = ask(&account, channel.clone(), (&words(turn), &session)).await?;
            session = told;
            all.push(answer);
        }
        Ok(all)
    };
    let begun = Instant::now();
    let all = try_join_all((0..at_once).map(|_| one())).await?.concat();
    println!("at-once answers\t{}", all.len());
    println!("at-once seconds\t{:.3}", begun.elapsed().as_secs_f64());
    print("at-once", &all);
    Ok(())
}

/// Asks, and reads the answer to its end. One without a figure is an error.
async fn ask(account: &Account, channel: Channel, (text, session): (&str, &str)) -> anyhow::Result<(Took, String)> {
    let request = pb::AskRequest {
        text: text.to_owned(),
        session_id: session.to_owned(),
        ..Default::default()
    };
    let begun = Instant::now();
    let mut events = ChatServiceClient::new(channel)
        .ask(account.request(request)?)
        .await?
        .into_inner();
    let (mut first, mut facts, mut told) = (None, 0, String::new());
    while let Some(event) = events.next().await {
        first.get_or_insert_with(|| begun.elapsed());
        match event?.event.and_then(|it| it.kind) {
            Some(Kind::Understanding(it)) => told = it.session_id,
            Some(Kind::Fact(_)) => facts += 1,
            Some(Kind::Refusal(it)) => anyhow::bail!("“{text}” is refused: {}", it.text),
            _ => {}
        }
    }
    anyhow::ensure!(facts > 0, "“{text}” has no figure");
    let took = Took {
        first: first.context("an answer has events")?.as_secs_f64() * 1e3,
        whole: begun.elapsed().as_secs_f64() * 1e3,
    };
    Ok((took, told))
}

fn print(name: &str, took: &[Took]) {
    for (what, value) in [("first", (|it| it.first) as fn(&Took) -> f64), ("whole", |it| it.whole)] {
        for percent in [50, 95] {
            let times = took.iter().map(value).collect();
            println!("{name} {what} p{percent}\t{:.3}", percentile(times, percent));
        }
    }
}

fn percentile(mut times: Vec<f64>, percent: usize) -> f64 {
    times.sort_by(f64::total_cmp);
    let at = (times.len() * percent / 100).min(times.len().saturating_sub(1));
    times.get(at).copied().unwrap_or_default()
}
