//! What must not go wrong when things happen at the same time, told one by one.

use std::{sync::Arc, time::Duration};

use voltaire_mesh::{Db, read, test::on_each_db};
use voltaire_types::{DeviceId, Interval, Timestamp};

use super::{super::roll, DAYS, Stage, assert_same, assert_same_shape, regular};
use crate::{
    device::DeviceChange,
    error::Error,
    figures::{
        energy::{Figures, Steps},
        rollup::DAY,
        test::at,
    },
    migrations,
    pack::quarters::Depth,
    query::measure::{amounts, measure},
    reading::{Reading, Reason},
    store::{Batch, Page},
    upkeep::Upkeep,
};

const DAMAGE: &str = "UPDATE reading_blocks SET readings = $1";
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
async fn a_late_mean_ends_one_that_holds_into_the_next_day() {
    on_each_db(&migrations(), async |db| {
        for seal_after in [None, Some(DAY)] {
            let mut stage = Stage::set(db.clone(), [300, 300]).await;
            let before_midnight = |seconds: i64, length: Option<u64>| Reading {
                interval: length.map(Duration::from_secs),
                ..regular(0, std::iter::once(86_400 - seconds)).remove(0)
            };
            let days = regular(0, (1_441..DAYS * 1_440).map(|it| it * 60));
            let held = [before_midnight(6_600, Some(7_200)), before_midnight(1_800, None)];
            stage.take_in([held.to_vec(), days].concat()).await;
            while stage.upkeep(seal_after).pass().await {}
            stage.check(&DAY_CUTS).await;
            let late = [
                before_midnight(8_000, None),
                before_midnight(4_600, Some(60)),
                before_midnight(4_200, None),
            ];
            stage.take_in(late.to_vec()).await;
            stage.check(&DAY_CUTS).await;
            while stage.upkeep(seal_after).pass().await {}
            stage.check(&DAY_CUTS).await;
        }
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

/// The readings of a device that are listed, of a month at most.
async fn listed(stage: &Stage, device: DeviceId) -> Vec<Reading> {
    let page = Page {
        device,
        interval: Interval::new(at(0), at(31 * 86_400)),
        after: None,
        limit: 10_000,
    };
    stage.store.list_readings(page).await.unwrap()
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
        let left = listed(&stage, meters[0].id).await;
        assert_eq!((left.len(), left[0].at), (2 * 1_440, at(2 * 86_400)));
        let batch = Batch {
            user: stage.user,
            readings: all.into_iter().take(10).map(|it| stage.cast(it).1).collect(),
            places: (0..10).collect(),
        };
        let stored = stage.store.insert(vec![batch]).await.unwrap().remove(0);
        assert_eq!((stored.accepted, stored.duplicates, stored.rejected.len()), (0, 0, 10));
        assert!(stored.rejected.iter().all(|it| it.reason == Reason::Dropped));
    })
    .await;
}

#[tokio::test]
async fn no_power_of_several_devices_is_made_up_where_readings_were_dropped() {
    on_each_db(&migrations(), async |db| {
        let mut stage = Stage::set(db, [300, 300]).await;
        let seconds = || (0..DAYS * 1_440).map(|it| it * 60);
        let mut steady = regular(1, seconds());
        for reading in &mut steady {
            reading.power.0 = 5.0;
        }
        stage.take_in([regular(0, seconds()), steady].concat()).await;
        while stage.upkeep(Some(DAY)).pass().await {}
        let kept = 2 * 86_400;
        let mut highest = regular(0, std::iter::once(kept + 40_030));
        highest[0].power.0 = 5_000.0;
        stage.take_in(highest).await;
        while stage.upkeep(Some(DAY)).pass().await {}
        // Partly dropped: the highest power is in what is left, the lowest is not known any more.
        let around: Arc<[Timestamp]> = [86_400, kept + 86_400].map(at).into();
        let around_before = measure(&stage.store, &stage.meters, around.clone()).await.unwrap();
        let boundaries: Arc<[Timestamp]> = [0, 900, 86_400, kept, kept + 900, kept + 86_400].map(at).into();
        let before = measure(&stage.store, &stage.meters, boundaries.clone()).await.unwrap();
        assert_eq!(stage.store.drop_readings(at(kept), 10).await.unwrap(), 2);
        let after = measure(&stage.store, &stage.meters, boundaries).await.unwrap();
        let around = measure(&stage.store, &stage.meters, around).await.unwrap();
        let (around, around_before) = (around.figures()[0], around_before.figures()[0]);
        assert_same(&around, &around_before);
        assert!(around.peak().is_some() && around.peak() == around_before.peak());
        assert_eq!(around.minimum(), None);
        let steps = before.boundaries().iter().zip(before.figures()).zip(after.figures());
        for ((start, before), after) in steps {
            assert_same(after, before);
            if *start >= at(kept) {
                assert!(before.peak().is_some_and(|it| it.power.0 != 0.0));
                assert_same_shape(after, before);
            }
            let seconds = [after, before].map(Figures::measured_seconds);
            assert!((seconds[0] - seconds[1]).abs() < 1e-6, "{start}: {seconds:?}");
            for (after, before) in [(after.peak(), before.peak()), (after.minimum(), before.minimum())] {
                assert!(after.is_none() || after == before, "{after:?} {before:?}");
            }
        }
        // A part of a quarter has its share of what is known of the quarter.
        let parts: Arc<[Timestamp]> = [960, 1_020, 86_390, 86_400].map(at).into();
        let parts = measure(&stage.store, &stage.meters, parts).await.unwrap();
        let seconds = parts.figures().iter().map(Figures::measured_seconds);
        for (found, expected) in seconds.zip([60.0, 85_370.0, 10.0]) {
            assert!((found - expected).abs() < 1e-6, "{found} {expected}");
        }
    })
    .await;
}

#[tokio::test]
async fn an_empty_chunk_goes_though_a_silent_device_keeps_rows_in_another() {
    on_each_db(&migrations(), async |db| {
        let mut stage = Stage::set(db.clone(), [300, 300]).await;
        let day = |number: i64| number * 86_400;
        // The reading of the silent device is days before the rows that stay, so in another chunk.
        let talking = regular(0, (0..29 * 24).map(|hour| hour * 3_600));
        let silent = regular(1, [day(15)].into_iter());
        stage.take_in([talking, silent].concat()).await;
        while stage.upkeep(None).pass().await {}
        assert_eq!(stage.store.drop_readings(at(day(28)), 10).await.unwrap(), 2);
        let rows = async |stage: &Stage| {
            let mut rows = Vec::new();
            for meter in &stage.meters {
                rows.push(listed(stage, meter.id).await.len());
            }
            rows
        };
        let kept = rows(&stage).await;
        assert_eq!(kept, [24, 1]);
        assert_eq!(stage.store.drop_empty_chunks(at(0)).await.unwrap(), 0);
        let dropped = stage.store.drop_empty_chunks(at(day(28))).await.unwrap();
        assert_eq!(dropped > 0, db.has_timescale().await.unwrap());
        assert_eq!(rows(&stage).await, kept);
        assert_eq!(stage.store.drop_empty_chunks(at(day(28))).await.unwrap(), 0);
    })
    .await;
}

#[tokio::test]
async fn a_silent_device_keeps_its_last_day_alone() {
    on_each_db(&migrations(), async |db| {
        let mut stage = Stage::set(db, [300, 300]).await;
        let end = 3 * 86_400 + 36_000;
        stage.take_in(regular(0, (0..end / 60).map(|it| it * 60))).await;
        while stage.upkeep(Some(DAY)).pass().await {}
        let (meters, cuts) = (&stage.meters[..1], [0, 900, 86_400, 3 * 86_400, end + 900].map(at));
        let before = measure(&stage.store, meters, cuts.into()).await.unwrap();
        // Long after, as if it were not wanted before.
        assert_eq!(stage.store.drop_readings(at(90 * 86_400), 10).await.unwrap(), 1);
        assert_eq!(stage.store.drop_readings(at(91 * 86_400), 10).await.unwrap(), 0);
        let left = listed(&stage, meters[0].id).await;
        assert_eq!((left.len(), left[0].at), (600, at(3 * 86_400)));
        let after = measure(&stage.store, meters, cuts.into()).await.unwrap();
        for (before, after) in before.figures().iter().zip(after.figures()) {
            assert_same(after, before);
            assert_same_shape(after, before);
        }
    })
    .await;
}

#[tokio::test]
async fn a_part_of_a_dropped_quarter_is_its_share_by_time() {
    on_each_db(&migrations(), async |db| {
        let mut stage = Stage::set(db, [300, 300]).await;
        // The first reading that is left is half a minute after midnight.
        let seconds = || (0..DAYS * 1_440).map(|it| it * 60 - 30);
        stage
            .take_in([regular(0, seconds()), regular(1, seconds())].concat())
            .await;
        while stage.upkeep(Some(DAY)).pass().await {}
        let kept = 2 * 86_400;
        let quarters = [-1800, -900, 0, 900, 1800].map(|it| at(kept + it));
        let parts = [-1800, -1500, -1000, -900, -60, 0, 300, 900, 1200, 1800].map(|it| at(kept + it));
        let mut whole = Vec::new();
        for meters in [&stage.meters[..1], &stage.meters] {
            whole.push(amounts(&stage.store, meters, quarters.into()).await.unwrap());
        }
        let before = measure(&stage.store, &stage.meters[..1], parts.into()).await.unwrap();
        assert_eq!(stage.store.drop_readings(at(kept), 10).await.unwrap(), 2);

        for (meters, whole) in [&stage.meters[..1], &stage.meters].into_iter().zip(whole) {
            let found = amounts(&stage.store, meters, parts.into()).await.unwrap();
            let mut sums = vec![Figures::default(); 4];
            for (part, found) in parts.windows(2).zip(found.figures()) {
                let number = quarters.partition_point(|it| *it <= part[0]) - 1;
                let share = part[1].seconds_since(part[0]) / 900.0;
                let quarter = &whole.figures()[number];
                // The last one is measured, as its readings are left.
                if number < 3 {
                    let (energy, all) = (found.energy().0, quarter.energy().0);
                    assert!((energy - all * share).abs() < 1e-6, "{energy} of {all}");
                }
                sums[number].merge_amounts(found);
            }
            for (sum, whole) in sums.iter().zip(whole.figures()) {
                assert_same(sum, whole);
            }
        }
        let after = measure(&stage.store, &stage.meters[..1], parts.into()).await.unwrap();
        for (before, after) in before.figures().iter().zip(after.figures()) {
            assert!((before.measured_seconds() - after.measured_seconds()).abs() < 1e-5);
        }
        let peak = |steps: &Steps| {
            steps
                .figures()
                .iter()
                .filter_map(Figures::peak)
                .map(|it| it.power.0)
                .fold(0.0, f64::max)
        };
        assert!((peak(&after) - peak(&before)).abs() < 1e-9);
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

#[tokio::test]
async fn rollups_are_there_while_they_are_right() {
    on_each_db(&migrations(), async |db| {
        let mut stage = Stage::set(db, [300, 300]).await;
        stage
            .take_in(regular(0, (0..DAYS * 1_440).filter(|it| it % 2 == 0).map(|it| it * 60)))
            .await;
        let ids = [stage.meters[0].id, stage.meters[1].id];
        while stage.upkeep(None).pass().await {}
        let all = Interval::new(at(0), at(DAYS * 86_400));
        let starts = |days: Vec<crate::store::DayRollup>| -> Vec<Timestamp> {
            days.iter().map(|it| it.interval.start).collect()
        };
        let days: Vec<_> = (0..DAYS).map(|it| at(it * 86_400)).collect();
        assert_eq!(starts(stage.store.day_rollups(&ids, all).await.unwrap()), days);
        let quarters = stage
            .store
            .quarter_rollups(&ids, &days[..2], Depth::Everything)
            .await
            .unwrap();
        assert_eq!(quarters.values().map(|it| it.0.len()).collect::<Vec<_>>(), [96, 96]);
        let range = Interval::new(at(0), at((DAYS * 1_440 - 2) * 60));
        assert_eq!(stage.store.ranges(&ids).await.unwrap(), [(ids[0], range)]);
        // At noon of the second day.
        stage.take_in(regular(0, std::iter::once(86_400 + 43_260))).await;
        assert_eq!(
            starts(stage.store.day_rollups(&ids, all).await.unwrap()),
            [days[0], days[2], days[3]]
        );
        assert_eq!(stage.store.devices_to_roll(10).await.unwrap(), [ids[0]]);
        assert_eq!(stage.store.devices_to_seal(at(2 * 86_400), 10).await.unwrap(), [ids[0]]);
        while stage.upkeep(Some(DAY)).pass().await {}
        assert_eq!(stage.store.devices_to_seal(at(2 * 86_400), 10).await.unwrap(), []);
        assert_eq!(stage.store.unseal(1).await.unwrap(), 1);
        stage.check(&DAY_CUTS).await;
        assert_eq!(
            (
                stage.store.unseal(9).await.unwrap(),
                stage.store.unseal(9).await.unwrap()
            ),
            (1, 0)
        );
        stage.check(&DAY_CUTS).await;
    })
    .await;
}

async fn bytes(db: &Db) -> i64 {
    let sql = match db {
        Db::Sqlite(_) => "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size",
        Db::Postgres(_) if db.has_timescale().await.unwrap() => "SELECT hypertable_size('telemetry_data')",
        Db::Postgres(_) => "SELECT pg_total_relation_size('telemetry_data')",
    };
    read!(db, |pool| sqlx::query_scalar(sql).fetch_one(pool).await).unwrap()
}

#[tokio::test]
async fn space_of_sealed_readings_is_given_back() {
    on_each_db(&migrations(), async |db| {
        let mut stage = Stage::set(db.clone(), [300, 300]).await;
        let first_days = (0..2 * 2_880).map(|it| it * 30);
        let others = (2 * 24..DAYS * 24).map(|hour| hour * 3_600);
        stage.take_in(regular(0, first_days.chain(others))).await;
        while stage.upkeep(None).pass().await {}
        assert!(!stage.store.give_back(1).await.unwrap(), "nothing is free yet");
        let full = bytes(&db).await;
        while stage.upkeep(Some(DAY)).pass().await {}
        assert!(!stage.store.give_back(1 << 30).await.unwrap(), "so much is not free");
        while stage.store.give_back(1).await.unwrap() {}
        assert!(bytes(&db).await * 2 < full);
        stage.check(&DAY_CUTS).await;
    })
    .await;
}

#[tokio::test]
async fn the_last_day_of_a_silent_device_is_sealed() {
    on_each_db(&migrations(), async |db| {
        let mut stage = Stage::set(db, [300, 300]).await;
        let device = stage.meters[0].id;
        let until_ten = |start: i64| (0..600).map(move |it| start + it * 60);
        stage.take_in(regular(0, until_ten(0))).await;
        while stage.upkeep(Some(DAY)).pass().await {}
        let first = Interval::new(at(0), at(86_400));
        let count = async |stage: &Stage| stage.store.outlines(device, first).await.unwrap()[0].reading_count;
        assert_eq!(count(&stage).await, 600);
        stage.check(&DAY_CUTS).await;
        // It was not silent, only away: what comes later belongs to the same day.
        stage.take_in(regular(0, (700..800).map(|it| it * 60))).await;
        stage.check(&DAY_CUTS).await;
        while stage.upkeep(Some(DAY)).pass().await {}
        assert_eq!(count(&stage).await, 700);
        stage.check(&DAY_CUTS).await;
        // Rollups are made anew of blocks alone.
        let gap = DeviceChange {
            max_gap: Some(Some(Duration::from_mins(2))),
            ..DeviceChange::default()
        };
        stage.store.update_device(stage.user, device, gap).await.unwrap();
        stage.meters[0].max_gap = Duration::from_mins(2);
        while stage.upkeep(Some(DAY)).pass().await {}
        assert!(stage.store.progress(&[device]).await.unwrap()[0].rolled_until >= Some(at(799 * 60 - 900)));
        stage.check(&DAY_CUTS).await;
    })
    .await;
}

#[tokio::test]
async fn a_reading_that_comes_while_the_last_day_is_sealed_is_not_forgotten() {
    on_each_db(&migrations(), async |db| {
        let mut stage = Stage::set(db, [300, 300]).await;
        stage.take_in(regular(0, (0..600).map(|it| it * 60))).await;
        while stage.upkeep(None).pass().await {}
        let progress = stage.store.progress(&[stage.meters[0].id]).await.unwrap()[0];
        let until = progress.sealable(at(86_400));
        assert_eq!(until, at(86_400));
        let sealing = stage.store.begin_seal(progress, until, 1_000_000).await.unwrap();
        stage.take_in(regular(0, std::iter::once(43_200))).await;
        assert_eq!(stage.store.finish_seal(sealing).await.unwrap(), 0);
        stage.check(&DAY_CUTS).await;
        while stage.upkeep(Some(DAY)).pass().await {}
        stage.check(&DAY_CUTS).await;
    })
    .await;
}
