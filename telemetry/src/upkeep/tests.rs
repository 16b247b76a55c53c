//! Whatever comes in whatever order, and whatever upkeep does between: figures are what the readings give.

mod meanwhile;
mod scenes;
mod sizes;
mod sums;
mod together;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, RngSeed, TestRunner},
};
use voltaire_mesh::{Db, test::on_each_db};
use voltaire_types::{Clock, CorrectionId, DeviceId, HomeId, Interval, Timestamp, UserId, WattHours, Watts};

use super::{Settings, Upkeep};
use crate::{
    correction::{Correction, Corrections},
    device::{Device, Flow},
    error::Error,
    figures::{
        Sample,
        curve::Curve,
        energy::{Cursor, Figures, Paid, Steps, Weight},
        rollup::DAY,
        sum::SumCurve,
        test::at,
    },
    migrations,
    query::measure::{Meter, amounts, measure},
    reading::Reading,
    store::{Batch, Page, Store},
};

/// Readings fall into so many days from `at(0)` on.
const DAYS: i64 = 4;
/// Stories that are played; a server takes longer over each.
const STORIES: [usize; 2] = [2, 1];
/// The environment variable with the seed of the stories, to play those of a run that failed again.
const SEED: &str = "VOLTAIRE_TEST_SEED";

/// What happens.
#[derive(Clone, Debug)]
enum Event {
    /// Some readings come, perhaps not for the first time.
    Batch(Vec<Reading>),
    /// Upkeep does a part of its work, or of what opens blocks again.
    Upkeep { seal: bool },
    /// Time of a device is corrected, or its first correction is undone.
    Correct {
        number: usize,
        time: (i64, i64),
        estimate: Option<i32>,
        undo: bool,
    },
}

#[derive(Clone, Debug)]
struct Story {
    gaps: [u64; 2],
    events: Vec<Event>,
    cuts: Vec<i64>,
}

fn devices() -> [DeviceId; 2] {
    [1, 2].map(|it| DeviceId::from_uuid(uuid::Uuid::from_u128(it)))
}

/// Readings of a device in order: momentary ones, ones with a counter that may be reset, means; gaps of all sizes.
fn readings(device: DeviceId) -> impl Strategy<Value = Vec<Reading>> {
    let gap = prop_oneof![8 => 1_i64..400, 3 => 300_i64..4_000, 1 => 4_000_i64..90_000];
    let one = (
        gap,
        -500_i32..3_000,
        prop::option::weighted(0.3, -30_i32..90),
        prop::option::weighted(0.15, 60_u64..8_000),
    );
    prop::collection::vec(one, 0..120).prop_map(move |all| {
        let (mut second, mut total) = (-3_600_i64, 5_000);
        let mut readings = Vec::new();
        for (gap, watts, counted, length) in all {
            second += gap;
            total += counted.unwrap_or(0);
            if second < DAYS * 86_400 {
                readings.push(Reading {
                    device,
                    at: at(second),
                    power: Watts(f64::from(watts)),
                    voltage: counted.map(f64::from),
                    current: None,
                    power_factor: None,
                    counter: counted.map(|_| WattHours(f64::from(total.max(0)))),
                    interval: length.map(Duration::from_secs),
                });
            }
        }
        readings
    })
}

fn correction() -> impl Strategy<Value = Event> {
    let length = prop_oneof![60_i64..2_000, 2_000_i64..100_000];
    let estimate = prop::option::of(-200_i32..2_000);
    let parts = (
        0_usize..2,
        -4_000_i64..DAYS * 86_400,
        length,
        estimate,
        prop::bool::weighted(0.3),
    );
    parts.prop_map(|(number, start, length, estimate, undo)| Event::Correct {
        number,
        time: (start, start + length),
        estimate,
        undo,
    })
}

fn story() -> impl Strategy<Value = Story> {
    let [one, two] = devices();
    let all = (readings(one), readings(two)).prop_map(|(one, two)| [one, two].concat());
    // Each reading comes in one of ten batches, so in any order; a part of them comes twice.
    let batches = all.prop_flat_map(|all| {
        let places = prop::collection::vec((0_usize..10, prop::option::weighted(0.2, 0_usize..10)), all.len());
        (Just(all), places)
    });
    let batches = batches.prop_map(|(all, places)| {
        let mut batches = vec![Vec::new(); 10];
        for (reading, (first, again)) in all.into_iter().zip(places) {
            batches[first].push(reading);
            // Not the same values: what came first stays.
            let other = Reading {
                power: Watts(reading.power.0 + 1.0),
                ..reading
            };
            if let Some(again) = again {
                batches[again].push(other);
            }
        }
        batches
    });
    let upkeep = prop::collection::vec(prop::option::weighted(0.7, prop::bool::weighted(0.9)), 10);
    let corrections = prop::collection::vec(prop::option::weighted(0.3, correction()), 10);
    let events = (batches, upkeep, corrections).prop_map(|(batches, upkeep, corrections)| {
        let event = |((batch, upkeep), correction): ((Vec<Reading>, Option<bool>), Option<Event>)| {
            let upkeep = upkeep.map(|seal| Event::Upkeep { seal });
            std::iter::once(Event::Batch(batch)).chain(upkeep).chain(correction)
        };
        batches
            .into_iter()
            .zip(upkeep)
            .zip(corrections)
            .flat_map(event)
            .collect()
    });
    let edge = prop_oneof![
        -4_000_i64..DAYS * 86_400,
        (-4_i64..DAYS * 96).prop_map(|it| it * 900),
        (0..DAYS).prop_map(|it| it * 86_400)
    ];
    let cuts = prop::collection::btree_set(edge, 2..12).prop_map(|cuts| cuts.into_iter().collect());
    let gaps = prop_oneof![Just(300_u64), Just(90), Just(3_600)];
    ([gaps.clone(), gaps], events, cuts).prop_map(|(gaps, events, cuts)| Story { gaps, events, cuts })
}

/// The figures of some devices by the definitions, from readings alone, in one go.
fn by_definition(samples: &[Vec<Sample>], meters: &[Meter], boundaries: &Arc<[Timestamp]>) -> Steps {
    let alone = Meter::stands_alone(meters);
    let mut steps = Steps::new(boundaries.clone());
    let mut sum = SumCurve::new(meters.iter().map(|it| it.weight.factor).collect(), boundaries[0]);
    for (number, (samples, meter)) in samples.iter().zip(meters).enumerate() {
        let (mut curve, mut pieces, mut cursor) = (Curve::new(meter.max_gap), Vec::new(), Cursor::default());
        for sample in samples {
            curve.push(sample, &mut pieces);
            steps.sample(&mut cursor, sample, alone);
        }
        curve.settle(Timestamp::MAX, &mut pieces);
        for piece in &pieces {
            steps.piece(&mut cursor, piece, meter.weight, alone);
        }
        sum.pieces(number).append(&mut pieces);
    }
    if !alone {
        sum.settle(boundaries[boundaries.len() - 1], &mut steps);
    }
    steps
}

#[track_caller]
fn assert_same(found: &Figures, defined: &Figures) {
    let near = |a: f64, b: f64| (a - b).abs() <= 1e-6 * (1.0 + a.abs());
    assert!(
        near(found.energy().0, defined.energy().0),
        "energy: {found:?} {defined:?}"
    );
    assert!(near(found.paid().0, defined.paid().0), "paid: {found:?} {defined:?}");
    assert!(
        near(found.covered_seconds(), defined.covered_seconds()),
        "covered: {found:?} {defined:?}"
    );
    assert!(
        near(found.estimated().0, defined.estimated().0),
        "estimated: {found:?} {defined:?}"
    );
    assert!(
        near(found.estimated_share(), defined.estimated_share()),
        "share: {found:?} {defined:?}"
    );
    assert_eq!(found.count(), defined.count());
}

#[track_caller]
fn assert_same_shape(found: &Figures, defined: &Figures) {
    let near = |a: f64, b: f64| (a - b).abs() <= 1e-6 * (1.0 + a.abs());
    assert!(
        near(found.measured_seconds(), defined.measured_seconds()),
        "measured: {found:?} {defined:?}"
    );
    for (a, b) in [(found.peak(), defined.peak()), (found.minimum(), defined.minimum())] {
        assert_eq!(a.is_some(), b.is_some(), "{found:?} {defined:?}");
        if let Some((a, b)) = a.zip(b) {
            assert!(near(a.power.0, b.power.0), "power: {found:?} {defined:?}");
        }
    }
}

struct Stage {
    store: Store,
    user: UserId,
    meters: Vec<Meter>,
    sent: [BTreeMap<Timestamp, Reading>; 2],
    corrections: [Vec<Correction>; 2],
}

impl Stage {
    async fn set(db: Db, gaps: [u64; 2]) -> Self {
        let store = Store::new(db, Clock::fixed(at(30 * 86_400)));
        let user = UserId::new();
        let home = store.home(user, None).await.unwrap().id;
        let mut meters = Vec::new();
        for (number, gap) in (0_u8..).zip(gaps) {
            let device = device(home, number, Duration::from_secs(gap));
            let id = store.create_device(user, device).await.unwrap().id;
            let factor = if number == 0 { 1.0 } else { -1.0 };
            let weight = Weight {
                factor,
                covers: number == 0,
                paid: Paid::Taken,
            };
            meters.push(Meter {
                id,
                max_gap: Duration::from_secs(gap),
                weight,
                drops: true,
            });
        }
        Self {
            store,
            user,
            meters,
            sent: Default::default(),
            corrections: Default::default(),
        }
    }

    /// The story's devices are those that the stage has made.
    fn cast(&self, mut reading: Reading) -> (usize, Reading) {
        let number = usize::from(reading.device != devices()[0]);
        reading.device = self.meters[number].id;
        (number, reading)
    }

    async fn play(&mut self, event: Event) {
        match event {
            Event::Batch(readings) => self.take_in(readings).await,
            Event::Upkeep { seal } => {
                let seal_after = seal.then_some(DAY);
                self.upkeep(seal_after).pass().await;
            }
            Event::Correct { number, undo: true, .. } => {
                if let Some(first) = self.corrections[number].pop() {
                    let undone = self.store.undo_correction(self.user, first.id).await.unwrap();
                    assert!(undone.undone_at.is_some());
                }
            }
            Event::Correct {
                number,
                time: (start, end),
                estimate,
                ..
            } => {
                let correction = Correction {
                    id: CorrectionId::new(),
                    device: self.meters[number].id,
                    interval: Interval::new(at(start), at(end)),
                    estimate: estimate.map(|it| Watts(f64::from(it))),
                    reason: "the plug was moved".to_owned(),
                    author: self.user,
                    created_at: at(0),
                    undone_at: None,
                };
                match self.store.create_correction(correction).await {
                    Ok(made) => self.corrections[number].push(made),
                    Err(error) => assert!(matches!(error, Error::CorrectionsOverlap), "{error}"),
                }
            }
        }
    }

    fn upkeep(&self, seal_after: Option<Duration>) -> Upkeep {
        Upkeep {
            store: self.store.clone(),
            clock: Clock::fixed(at(3 * 86_400)),
            settings: Settings { seal_after, keep: None },
        }
    }

    async fn take_in(&mut self, readings: Vec<Reading>) {
        let readings: Vec<_> = readings.into_iter().map(|it| self.cast(it)).collect();
        let mut new = 0;
        for (number, reading) in &readings {
            self.sent[*number].entry(reading.at).or_insert_with(|| {
                new += 1;
                *reading
            });
        }
        let batch = Batch {
            user: self.user,
            places: (0..readings.len() as u32).collect(),
            readings: readings.iter().map(|(_, reading)| *reading).collect(),
        };
        let stored = self.store.insert(vec![batch]).await.unwrap();
        assert_eq!(
            (stored[0].accepted, stored[0].duplicates),
            (new, readings.len() as u32 - new)
        );
    }

    /// What counts of a device, by the definition of a correction.
    fn seen(&self, number: usize) -> Vec<Sample> {
        let corrections: Vec<_> = self.corrections[number]
            .iter()
            .map(|it| (it.interval, it.estimate))
            .collect();
        let corrections = Corrections(corrections);
        let measured = self.sent[number].values().filter_map(|it| corrections.see(it.sample()));
        let mut seen: Vec<_> = measured.collect();
        seen.extend(corrections.estimates(Interval::new(Timestamp::MIN, Timestamp::MAX)));
        seen.sort_by_key(|it| it.at);
        seen
    }

    async fn check(&self, cuts: &[i64]) {
        let boundaries: Arc<[Timestamp]> = cuts.iter().map(|it| at(*it)).collect();
        let samples: Vec<Vec<Sample>> = vec![self.seen(0), self.seen(1)];
        let ask: [(&[Meter], &[Vec<Sample>]); 3] = [
            (&self.meters[..1], &samples[..1]),
            (&self.meters[1..], &samples[1..]),
            (&self.meters, &samples),
        ];
        for (meters, samples) in ask {
            // One device's powers are its own, whatever its factor.
            let defined = by_definition(samples, meters, &boundaries);
            let found = measure(&self.store, meters, boundaries.clone()).await.unwrap();
            let fast = amounts(&self.store, meters, boundaries.clone()).await.unwrap();
            for ((found, fast), defined) in found.figures().iter().zip(fast.figures()).zip(defined.figures()) {
                assert_same(found, defined);
                assert_same_shape(found, defined);
                assert_same(fast, defined);
                assert_eq!(fast.is_measured(), defined.is_measured());
            }
        }
        for (meter, corrections) in self.meters.iter().zip(&self.corrections) {
            let in_force = self.store.corrections(self.user, meter.id, false).await.unwrap();
            assert_eq!(in_force.len(), corrections.len());
        }
        for (meter, sent) in self.meters.iter().zip(&self.sent) {
            let interval = Interval::new(boundaries[0], boundaries[boundaries.len() - 1]);
            let page = Page {
                device: meter.id,
                interval,
                after: None,
                limit: 10_000,
            };
            let listed = self.store.list_readings(page).await.unwrap();
            let expected: Vec<_> = sent.range(interval.start..interval.end).map(|(_, it)| *it).collect();
            assert_eq!(listed, expected);
            let latest = self.store.latest(&[meter.id]).await.unwrap();
            assert_eq!(latest.first(), sent.values().last());
            let range = self.store.data_range(&[meter.id]).await.unwrap();
            let expected = sent.keys().next().zip(sent.keys().last());
            assert_eq!(range, expected.map(|(first, last)| Interval::new(*first, *last)));
        }
    }
}

/// Readings of a device at so many seconds.
fn regular(number: usize, seconds: impl Iterator<Item = i64>) -> Vec<Reading> {
    let reading = |second: i64| Reading {
        device: devices()[number],
        at: at(second),
        power: Watts((second / 60 % 700) as f64),
        voltage: None,
        current: None,
        power_factor: None,
        counter: None,
        interval: None,
    };
    seconds.map(reading).collect()
}

fn device(home_id: HomeId, number: u8, max_gap: Duration) -> Device {
    Device {
        id: DeviceId::new(),
        home_id,
        name: format!("Device {number}"),
        type_id: 0,
        room: String::new(),
        flow: Flow::Consumption,
        parent: None,
        aliases: Vec::new(),
        on_threshold: None,
        max_gap: Some(max_gap),
        color_slot: 0,
        created_at: at(0),
        updated_at: at(0),
    }
}

/// The seed that is asked for, else another one each time.
fn seed() -> u64 {
    #[expect(
        clippy::disallowed_methods,
        reason = "a test has no configuration but its environment"
    )]
    match std::env::var(SEED) {
        Ok(seed) => seed.parse().expect("VOLTAIRE_TEST_SEED is a number"),
        Err(_) => std::time::UNIX_EPOCH.elapsed().unwrap().as_nanos() as u64,
    }
}

#[tokio::test]
async fn figures_are_what_the_readings_give_whatever_happened() {
    on_each_db(&migrations(), async |db| {
        let seed = seed();
        let mut runner = TestRunner::new(Config {
            rng_seed: RngSeed::Fixed(seed),
            ..Config::default()
        });
        let stories = STORIES[usize::from(matches!(db, Db::Postgres(_)))];
        for case in 0..stories {
            println!("case {case} of {SEED}={seed}");
            let story = story().new_tree(&mut runner).unwrap().current();
            let mut stage = Stage::set(db.clone(), story.gaps).await;
            for event in story.events {
                stage.play(event).await;
                stage.check(&story.cuts).await;
            }
        }
    })
    .await;
}
