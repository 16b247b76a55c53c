//! Whatever comes in whatever order, and whatever upkeep does between: figures are what the readings give.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, RngSeed, TestRunner},
};
use voltaire_mesh::{Db, test::on_each_db};
use voltaire_types::{Clock, DeviceId, HomeId, Interval, Timestamp, UserId, WattHours, Watts};

use super::{Settings, Upkeep, roll};
use crate::{
    device::{Device, DeviceChange, Flow},
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
    reading::{Reading, Reason},
    store::{Batch, Page, Store},
};

/// Readings fall into so many days from `at(0)` on.
const DAYS: i64 = 4;
/// Stories that are played; a server takes longer over each.
const STORIES: [usize; 2] = [8, 3];

/// What happens.
#[derive(Clone, Debug)]
enum Event {
    /// Some readings come, perhaps not for the first time.
    Batch(Vec<Reading>),
    /// Upkeep does a part of its work, or of what opens blocks again.
    Upkeep { seal: bool },
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
    let events = (batches, upkeep).prop_map(|(batches, upkeep)| {
        let event = |(batch, upkeep): (Vec<Reading>, Option<bool>)| {
            let upkeep = upkeep.map(|seal| Event::Upkeep { seal });
            std::iter::once(Event::Batch(batch)).chain(upkeep)
        };
        batches.into_iter().zip(upkeep).flat_map(event).collect()
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
            });
        }
        Self {
            store,
            user,
            meters,
            sent: Default::default(),
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

    async fn check(&self, cuts: &[i64]) {
        let boundaries: Arc<[Timestamp]> = cuts.iter().map(|it| at(*it)).collect();
        let samples: Vec<Vec<Sample>> = self
            .sent
            .iter()
            .map(|all| all.values().map(Reading::sample).collect())
            .collect();
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

#[tokio::test]
async fn figures_are_what_the_readings_give_whatever_happened() {
    on_each_db(&migrations(), async |db| {
        let seed = std::time::UNIX_EPOCH.elapsed().unwrap().as_nanos() as u64;
        let mut runner = TestRunner::new(Config {
            rng_seed: RngSeed::Fixed(seed),
            ..Config::default()
        });
        let stories = STORIES[usize::from(matches!(db, Db::Postgres(_)))];
        for case in 0..stories {
            println!("case {case} of seed {seed}");
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

const DAY_CUTS: [i64; 5] = [0, 30_000, 86_400, 172_800, DAYS * 86_400];

#[tokio::test]
async fn a_reading_that_comes_while_its_day_is_rolled_up_or_sealed_is_not_forgotten() {
    on_each_db(&migrations(), async |db| {
        let mut stage = Stage::set(db, [300, 300]).await;
        let device = stage.meters[0].id;
        let every_third = |rest: i64| (0..DAYS * 1_440).filter(move |it| it % 3 == rest).map(|it| it * 60);
        stage.take_in(regular(0, every_third(1))).await;
        let task = stage.store.begin_rollup(vec![device]).await.unwrap().remove(0);
        let rolled = roll::roll(&stage.store, task).await.unwrap();
        stage.take_in(regular(0, every_third(0).take(480))).await;
        stage.store.finish_rollup(vec![rolled]).await.unwrap();
        stage.check(&DAY_CUTS).await;

        while stage.upkeep(None).pass().await {}
        let progress = stage.store.progress(&[device]).await.unwrap()[0];
        let sealing = stage
            .store
            .begin_seal(progress, at(3 * 86_400), 1_000_000)
            .await
            .unwrap();
        stage.take_in(regular(0, every_third(2).skip(480).take(480))).await;
        // Of the three days that were read, a reading of the second has come, which is next to the first and the third.
        assert!(stage.store.finish_seal(sealing).await.unwrap() < 3);
        stage.check(&DAY_CUTS).await;
        while stage.upkeep(Some(DAY)).pass().await {}
        stage.check(&DAY_CUTS).await;
        assert_eq!(stage.store.stale_day_count().await.unwrap(), 0);
    })
    .await;
}

#[tokio::test]
async fn two_who_look_after_the_same_readings_do_no_harm() {
    on_each_db(&migrations(), async |db| {
        let mut stage = Stage::set(db, [300, 300]).await;
        let (one, two) = (stage.upkeep(Some(DAY)), stage.upkeep(Some(DAY)));
        let upkeep = |it: Upkeep| async move {
            for _ in 0..12 {
                it.pass().await;
            }
        };
        let rounds = async {
            for round in 0..8 {
                let seconds = || {
                    (0..DAYS * 1_440)
                        .filter(move |it| it % 8 == (round * 5) % 8)
                        .map(|it| it * 60)
                };
                stage
                    .take_in([regular(0, seconds()), regular(1, seconds())].concat())
                    .await;
            }
        };
        tokio::join!(upkeep(one), upkeep(two), rounds);
        stage.check(&DAY_CUTS).await;
        while stage.upkeep(Some(DAY)).pass().await {}
        stage.check(&DAY_CUTS).await;
        let all = Interval::new(at(0), at(DAYS * 86_400));
        assert_eq!(stage.store.outlines(stage.meters[0].id, all).await.unwrap().len(), 2);
    })
    .await;
}

#[tokio::test]
async fn another_maximum_gap_makes_other_figures() {
    on_each_db(&migrations(), async |db| {
        let mut stage = Stage::set(db, [300, 300]).await;
        stage.take_in(regular(0, (0..DAYS * 144).map(|it| it * 600))).await;
        while stage.upkeep(Some(DAY)).pass().await {}
        stage.check(&DAY_CUTS).await;
        let gap = Duration::from_mins(20);
        let change = DeviceChange {
            max_gap: Some(Some(gap)),
            ..DeviceChange::default()
        };
        let device = stage.meters[0].id;
        stage.store.update_device(stage.user, device, change).await.unwrap();
        stage.meters[0].max_gap = gap;
        stage.check(&DAY_CUTS).await;
        while stage.upkeep(Some(DAY)).pass().await {}
        stage.check(&DAY_CUTS).await;
    })
    .await;
}

#[tokio::test]
async fn dropped_readings_leave_their_figures() {
    on_each_db(&migrations(), async |db| {
        let mut stage = Stage::set(db, [300, 300]).await;
        let all = regular(0, (0..DAYS * 1_440).map(|it| it * 60));
        stage.take_in(all.clone()).await;
        while stage.upkeep(Some(DAY)).pass().await {}
        let boundaries: Arc<[Timestamp]> = [0, 900, 86_400, 172_800].map(at).into();
        let meters = &stage.meters[..1];
        let before = measure(&stage.store, meters, boundaries.clone()).await.unwrap();
        assert_eq!(stage.store.drop_readings(at(2 * 86_400), 10).await.unwrap(), 1);
        assert_eq!(stage.store.drop_readings(at(2 * 86_400), 10).await.unwrap(), 0);
        let after = measure(&stage.store, meters, boundaries).await.unwrap();
        for (before, after) in before.figures().iter().zip(after.figures()) {
            assert_same(after, before);
            assert_same_shape(after, before);
        }
        let page = Page {
            device: meters[0].id,
            interval: Interval::new(at(0), at(DAYS * 86_400)),
            after: None,
            limit: 10_000,
        };
        let left = stage.store.list_readings(page).await.unwrap();
        assert_eq!((left.len(), left[0].at), (2 * 1_440, at(2 * 86_400)));
        let batch = Batch {
            user: stage.user,
            readings: all.into_iter().take(10).map(|it| stage.cast(it).1).collect(),
            places: (0..10).collect(),
        };
        let stored = stage.store.insert(vec![batch]).await.unwrap().remove(0);
        assert_eq!((stored.accepted, stored.duplicates, stored.rejected.len()), (0, 0, 10));
        assert!(stored.rejected.iter().all(|it| it.reason == Reason::Dropped));
        assert_eq!(stage.store.drop_empty_chunks(at(0)).await.unwrap(), 0);
    })
    .await;
}

#[tokio::test]
async fn a_damaged_block_is_an_error_and_no_absence() {
    on_each_db(&migrations(), async |db| {
        let mut stage = Stage::set(db.clone(), [300, 300]).await;
        stage.take_in(regular(0, (0..DAYS * 1_440).map(|it| it * 60))).await;
        while stage.upkeep(Some(DAY)).pass().await {}
        let device = stage.meters[0].id;
        let first = Interval::new(at(0), at(1));
        assert!(stage.store.blocks(device, first).await.unwrap()[0].open().is_ok());
        const DAMAGE: &str = "UPDATE reading_blocks SET readings = $1";
        voltaire_mesh::write!(db, |pool| sqlx::query(DAMAGE)
            .bind(vec![1_u8; 40])
            .execute(pool)
            .await
            .map(drop))
        .unwrap();
        let boundaries: Arc<[Timestamp]> = [10, 20].map(at).into();
        let found = measure(&stage.store, &stage.meters[..1], boundaries).await;
        assert!(matches!(found, Err(Error::Damaged { .. })), "{found:?}");
    })
    .await;
}
