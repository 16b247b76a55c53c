//! Live power: one stream per tab, resumed where it broke off. Nothing is invented for the time in between.

use std::collections::BTreeMap;

use dioxus::prelude::*;
use futures::{FutureExt as _, StreamExt as _, future::Either, pin_mut};
use gloo_timers::future::TimeoutFuture;
use voltaire_chart::{
    Ring, fmt,
    fresh::{self, Freshness, Link},
};
use voltaire_proto::telemetry::v1::{GetLatestResponse, LatestReading, WatchLiveResponse, watch_live_response::Event};

use crate::{
    api::{self, Failure, Kind, kept},
    browser,
    state::App,
};

/// How much of the past the live chart shows, milliseconds.
pub(crate) const WINDOW: i64 = 300_000;
/// The server gives a sign of life every 15 seconds; after this long without one the stream counts as lost.
const SILENCE: i64 = 40_000;
/// The same while the browser says that there is no network: a stream that still brings something is one of this machine.
const SILENCE_OFFLINE: i64 = 3_000;
/// The screen steps at most this often, milliseconds.
const STEP: u32 = 1000;
/// The last readings are kept this often for a visit without a network, milliseconds.
const KEEP: i64 = 10_000;
/// The oldest value that is still a live one: the default longest gap of a device.
const OLDEST: i64 = 300_000;

/// The last reading of a device.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Last {
    /// When, milliseconds UTC.
    pub(crate) at: i64,
    /// Active power, W.
    pub(crate) watts: f64,
    /// Older than the device's maximum gap when it was sent.
    pub(crate) stale: bool,
}

/// What is known live.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Live {
    link: Link,
    sequence: u64,
    /// The last reading of each device, by id.
    pub(crate) latest: BTreeMap<String, Last>,
    /// The home's power, W.
    pub(crate) power: Option<f64>,
    /// The home's power over the last minutes.
    pub(crate) ring: Ring,
    /// Server clock less browser clock, milliseconds.
    offset: i64,
    /// The home's power before the stream was open, as steps of the history.
    pub(crate) past: Vec<(i64, f64)>,
    /// Counts how often the stream was opened.
    pub(crate) openings: u32,
    /// Counts requests to connect at once.
    pub(crate) kicks: u32,
}

impl Default for Live {
    fn default() -> Self {
        Self {
            link: Link::Connecting,
            sequence: 0,
            latest: BTreeMap::new(),
            power: None,
            ring: Ring::new(2 * WINDOW),
            offset: 0,
            past: Vec::new(),
            openings: 0,
            kicks: 0,
        }
    }
}

impl Live {
    /// The newest reading of any device, milliseconds UTC.
    pub(crate) fn newest(&self) -> Option<i64> {
        self.latest.values().map(|last| last.at).max()
    }

    /// How fresh the values on screen are at the server's `now`.
    pub(crate) fn freshness(&self, now: i64) -> Freshness {
        fresh::judge(self.link, self.newest(), now, self.ring.stale_after().min(OLDEST))
    }

    /// How fresh a device's value is; a stream that is away makes none fresher.
    pub(crate) fn device(&self, id: &str, now: i64) -> Freshness {
        match self.latest.get(id) {
            None => Freshness::Never,
            Some(last) => {
                let limit = if last.stale { 0 } else { OLDEST };
                fresh::judge(Link::Open, Some(last.at), now, limit)
            }
        }
    }

    fn take(&mut self, message: WatchLiveResponse) {
        self.sequence = self.sequence.max(message.sequence);
        match message.event {
            Some(Event::Snapshot(snapshot)) => self.take_snapshot(snapshot.latest.unwrap_or_default()),
            Some(Event::Readings(readings)) => self.take_readings(readings.latest, readings.home_power_watts),
            Some(Event::Heartbeat(beat)) => self.set_clock(beat.server_time.as_ref().map(api::millis)),
            Some(Event::Missed(_)) | None => {}
        }
    }

    fn take_snapshot(&mut self, latest: GetLatestResponse) {
        self.set_clock(latest.server_time.as_ref().map(api::millis));
        self.take_readings(latest.latest, latest.home_power_watts);
    }

    fn take_readings(&mut self, readings: Vec<LatestReading>, power: Option<f64>) {
        let mut newest = None;
        for LatestReading { reading, stale, .. } in readings {
            let Some((reading, time)) = reading.and_then(|reading| Some((reading.clone(), reading.timestamp?))) else {
                continue;
            };
            let at = api::millis(&time);
            newest = newest.max(Some(at));
            let last = Last {
                at,
                watts: reading.power_watts,
                stale,
            };
            let known = self.latest.entry(reading.device_id).or_insert_with(|| last.clone());
            if known.at <= at {
                *known = last;
            }
        }
        self.power = power;
        if let (Some(at), Some(power)) = (newest, power) {
            self.ring.push(at, power);
        }
    }

    /// The last readings as lines of text, to be kept.
    fn to_text(&self) -> String {
        let power = self.power.map(|power| format!("home {power}")).unwrap_or_default();
        let line = |(id, last): (&String, &Last)| format!("\n{id} {} {}", last.watts, last.at);
        let lines = self.latest.iter().map(line);
        std::iter::once(power).chain(lines).collect()
    }

    /// Shows readings that were kept: old ones, whatever the gap of their devices is.
    fn take_text(&mut self, text: &str) {
        for line in text.lines() {
            let mut words = line.split(' ');
            let id = words.next().unwrap_or_default();
            let watts = words.next().and_then(fmt::read);
            match (watts, words.next().and_then(|it| it.parse().ok())) {
                (Some(watts), Some(at)) => {
                    let last = Last {
                        at,
                        watts,
                        stale: false,
                    };
                    self.latest.insert(id.to_owned(), last);
                }
                (power, _) => self.power = self.power.or(power),
            }
        }
    }

    fn set_clock(&mut self, server: Option<i64>) {
        if let Some(server) = server {
            self.offset = server - browser::now();
        }
    }
}

/// Counts the seconds by the server's clock.
pub(crate) async fn tick(app: App) {
    let mut now = app.now;
    loop {
        now.set(browser::now() + app.live.peek().offset);
        TimeoutFuture::new(1000).await;
    }
}

/// Follows the home's live readings for as long as it is polled.
pub(crate) async fn follow(app: App) {
    let mut attempt = 0;
    loop {
        let opened = browser::now();
        let failure = watch(app).await;
        if failure.is_some_and(|failure| app.has_left(&failure)) {
            return;
        }
        if browser::now() - opened > SILENCE {
            attempt = 0;
        }
        wait(app, fresh::backoff(attempt, browser::random())).await;
        attempt += 1;
    }
}

/// Reads one stream to its end.
async fn watch(app: App) -> Option<Failure> {
    let mut live = app.live;
    let since = live.peek().sequence;
    let name = format!("live.{}", app.home_id_now());
    let mut stream = match api::live(&app.home_id_now(), since).await {
        Ok(stream) => stream,
        Err(failure) => {
            if live.peek().latest.is_empty() && failure.kind != Kind::SignedOut {
                live.write().take_text(&kept::text(&name).unwrap_or_default());
            }
            return Some(failure);
        }
    };
    let mut saved = 0;
    {
        let mut live = live.write();
        live.link = Link::Open;
        live.openings += 1;
    }
    let mut heard = browser::now();
    loop {
        let pause = TimeoutFuture::new(STEP);
        pin_mut!(pause);
        let first = match futures::future::select(stream.next(), pause).await {
            Either::Left((Some(Ok(message)), _)) => message,
            Either::Left((Some(Err(failure)), _)) => return Some(failure),
            Either::Left((None, _)) => return None,
            Either::Right(_) if browser::now() - heard > patience() => return None,
            Either::Right(_) => continue,
        };
        heard = browser::now();
        let mut messages = vec![first];
        // Whatever else has already arrived belongs to the same step.
        while let Some(Some(Ok(message))) = stream.next().now_or_never() {
            messages.push(message);
        }
        {
            let mut live = live.write();
            for message in messages {
                live.take(message);
            }
        }
        if heard - saved > KEEP && live.peek().newest().is_some() {
            saved = heard;
            kept::keep_text(&name, &live.peek().to_text());
        }
        TimeoutFuture::new(STEP / 2).await;
    }
}

/// How long a stream may be silent before it counts as lost.
fn patience() -> i64 {
    if browser::online() { SILENCE } else { SILENCE_OFFLINE }
}

/// Waits before the next attempt: shorter when the reader asks for it or the network comes back.
async fn wait(app: App, milliseconds: u32) {
    let mut shown = app.live;
    let kicks = shown.peek().kicks;
    let until = browser::now() + i64::from(milliseconds);
    let mut was_online = browser::online();
    loop {
        let online = browser::online();
        let link = if online { Link::Reconnecting } else { Link::Offline };
        if shown.peek().link != link {
            shown.write().link = link;
        }
        let due = browser::now() >= until && online;
        if due || shown.peek().kicks != kicks || (online && !was_online) {
            return;
        }
        was_online = online;
        TimeoutFuture::new(250).await;
    }
}
