//! Blocks of many days and devices, read at once.

use std::{collections::HashMap, time::Duration};

use voltaire_mesh::test::on_each_db;
use voltaire_types::{Interval, Timestamp, WattHours, Watts};

use super::{DAYS, Event, Stage, regular};
use crate::migrations;
use crate::{
    figures::{Sample, rollup::DAY, test::at},
    query::measure::Stretches,
    reading::Reading,
    store::Alone,
};

const DAY_CUTS: [i64; 5] = [0, 30_000, 86_400, 172_800, DAYS * 86_400];

#[tokio::test]
async fn powers_of_sealed_days_together_are_what_their_readings_give() {
    /// Far apart and near, of all powers; the same in each run.
    fn scattered(number: usize) -> Vec<Reading> {
        let next = |(second, state): &(i64, u64)| {
            let state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let second = second + 20 + (state >> 33).cast_signed() % if state >> 60 == 0 { 2_000 } else { 250 };
            (second < DAYS * 86_400).then_some((second, state))
        };
        let moments = std::iter::successors(Some((-600, 7 + number as u64)), next);
        let reading = |(second, state): (i64, u64)| Reading {
            power: Watts((state >> 40) as f64 % 3_000.0),
            counter: (state >> 62 < 2).then_some(WattHours((second + 600) as f64 / 10.0)),
            ..regular(number, std::iter::once(second)).remove(0)
        };
        moments.map(reading).collect()
    }
    on_each_db(&migrations(), async |db| {
        for gaps in [[300, 300], [300, 4_000]] {
            let mut stage = Stage::set(db.clone(), gaps).await;
            stage.take_in([scattered(0), scattered(1)].concat()).await;
            while stage.upkeep(Some(DAY)).pass().await {}
            let hours: Vec<_> = (0..DAYS * 24).map(|it| it * 3_600).collect();
            stage.check(&hours).await;
            stage.check(&[7_200, 40_000, 86_000, 86_500, 200_000, 200_100]).await;
            let odd: Vec<_> = (0..DAYS * 8).map(|it| it * 10_750 + 77).collect();
            stage.check(&odd).await;
            stage.check(&DAY_CUTS).await;
        }
    })
    .await;
}

#[tokio::test]
async fn blocks_are_all_there_is_up_to_the_first_row_where_nothing_else_counts() {
    on_each_db(&migrations(), async |db| {
        let mut stage = Stage::set(db, [300, 300]).await;
        let [one, two] = [0, 1].map(|it| stage.meters[it].id);
        let all = || (0..DAYS * 1_440).map(|it| it * 60);
        stage.take_in([regular(0, all()), regular(1, all())].concat()).await;
        while stage.upkeep(Some(DAY)).pass().await {}
        let period = Interval::new(at(0), at(DAYS * 86_400));
        let alone = async |stage: &Stage| stage.store.alone(&[one, two], period).await.unwrap();
        let where_rows_are = |sealed_until, rows_from| Alone {
            sealed_until,
            rows_from: Some(rows_from),
        };
        // The last two days are still rows.
        let row = at(2 * 86_400);
        let known = where_rows_are(row, row);
        assert_eq!(alone(&stage).await, [(one, known), (two, known)].into());

        let rows = async |from, to| {
            let rows = stage
                .store
                .rows_alone(&[one, two], Interval::new(at(from), at(to)))
                .await
                .unwrap();
            let times = |it: &Vec<Sample>| it.iter().map(|sample| sample.at).collect::<Vec<_>>();
            rows.iter()
                .map(|(device, it)| (*device, times(it)))
                .collect::<HashMap<_, _>>()
        };
        let times = vec![at(2 * 86_400), at(2 * 86_400 + 60)];
        assert_eq!(
            rows(2 * 86_400, 2 * 86_400 + 120).await,
            [(one, times.clone()), (two, times)].into()
        );
        assert_eq!(rows(86_399, 2 * 86_400 + 1).await, [].into(), "a day of it is sealed");

        let days = [at(0), at(86_400), at(2 * 86_400), Timestamp::MIN];
        let mut found = stage.store.scattered_blocks(&[one, two], &days).await.unwrap();
        found.sort_by_key(|it| (it.device_id, it.start_at));
        let mut expected: Vec<_> = [one, two]
            .iter()
            .flat_map(|it| [(*it, at(0)), (*it, at(86_400))])
            .collect();
        expected.sort_unstable();
        assert_eq!(
            found.iter().map(|it| (it.device_id, it.start_at)).collect::<Vec<_>>(),
            expected
        );

        stage.take_in(regular(0, std::iter::once(30))).await;
        let mean = Reading {
            interval: Some(Duration::from_secs(600)),
            ..regular(1, std::iter::once(90)).remove(0)
        };
        assert_eq!(alone(&stage).await[&one], where_rows_are(at(30), row), "a late row");
        stage.take_in(vec![mean]).await;
        while stage.upkeep(Some(DAY)).pass().await {}
        assert_eq!(alone(&stage).await, [(one, known)].into(), "a mean among them");
        let correct = Event::Correct {
            number: 0,
            time: (500, 900),
            estimate: None,
            undo: false,
        };
        stage.play(correct).await;
        assert_eq!(alone(&stage).await, [].into(), "a correction");
    })
    .await;
}

#[tokio::test]
async fn rows_that_were_read_for_others_are_not_taken_for_a_device_that_was_left_out() {
    on_each_db(&migrations(), async |db| {
        let mut stage = Stage::set(db, [300, 3_000]).await;
        let recent = 2 * 86_400..DAYS * 86_400;
        let minutes = |seconds: std::ops::Range<i64>| seconds.step_by(60);
        stage
            .take_in([regular(0, minutes(0..DAYS * 86_400)), regular(1, minutes(recent))].concat())
            .await;
        while stage.upkeep(Some(DAY)).pass().await {}
        let midnight = 2 * 86_400;
        let near = |from: i64, to: i64| Interval::new(at(midnight + from), at(midnight + to));
        let [sealed, unsealed] = [0, 1].map(|it| stage.meters[it]);
        let mut stretches = Stretches::open(&stage.store, &stage.meters, near(0, 7_200))
            .await
            .unwrap();
        // The time before midnight is sealed of the one, so that the rows of the other are read alone.
        for (meter, stretch) in [(unsealed, near(1_200, 2_100)), (sealed, near(3_300, 4_200))] {
            assert!(stretches.in_rows(&meter, stretch));
            let samples = stretches.samples(&meter, stretch, meter.max_gap).await.unwrap();
            let within = samples.iter().filter(|it| stretch.contains(it.at)).count();
            assert_eq!(within, 15, "{stretch:?}");
        }
    })
    .await;
}
