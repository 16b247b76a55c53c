//! Inserts say exactly what was new, whatever way each row takes into the database.

use std::{collections::HashSet, time::Duration};

use voltaire_mesh::test::on_each_db;
use voltaire_types::{DeviceId, WattHours};

use crate::{
    migrations,
    reading::Reading,
    store::test::{House, at, batch, house, reading, store},
};

/// Numbers that look random, the same in every run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u64) -> i64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        i64::try_from((self.0 >> 33) % limit).unwrap()
    }
}

#[tokio::test]
async fn every_count_is_what_a_set_of_keys_says() {
    on_each_db(&migrations(), async |db| {
        let store = store(db);
        let houses = [house(&store).await, house(&store).await, house(&store).await];
        let mut chance = Chance(7);
        let mut keys = HashSet::new();
        // Runs of all lengths over few instants: new, old and mixed ones, and batches of a group that repeat each other.
        for length in [1, 2, 15, 17, 40, 1500, 3, 900, 1100, 5, 300] {
            let mut group = Vec::new();
            let mut expected = Vec::new();
            for number in 0..3_usize {
                let House { user, fridge, .. } = &houses[(number + length) % 3];
                let (from, span) = (chance.below(6000), chance.below(3000).unsigned_abs() + 1);
                let readings: Vec<_> = (0..length)
                    .map(|_| reading(fridge.id, from + chance.below(span), 1.0))
                    .collect();
                let new = readings.iter().filter(|it| keys.insert((it.device, it.at))).count();
                expected.push((new as u32, (length - new) as u32));
                group.push(batch(*user, readings));
            }
            let stored = store.insert(group).await.unwrap();
            let counts: Vec<_> = stored.iter().map(|it| (it.accepted, it.duplicates)).collect();
            assert_eq!(counts, expected, "batches of {length}");
        }
        let stored: u64 = stored_of(&store, houses.map(|it| it.fridge.id)).await;
        assert_eq!(stored, keys.len() as u64);
    })
    .await;
}

async fn stored_of(store: &crate::store::Store, devices: [DeviceId; 3]) -> u64 {
    let mut count = 0;
    for device in devices {
        count += all_of(store, device).await.len() as u64;
    }
    count
}

async fn all_of(store: &crate::store::Store, device: DeviceId) -> Vec<Reading> {
    let page = crate::store::Page {
        device,
        interval: voltaire_types::Interval::new(at(-1), at(100_000)),
        after: None,
        limit: 100_000,
    };
    store.list_readings(page).await.unwrap()
}

#[tokio::test]
async fn a_row_comes_back_as_it_went_in_whatever_its_statement() {
    on_each_db(&migrations(), async |db| {
        let store = store(db);
        let House { user, fridge, .. } = house(&store).await;
        let other = house(&store).await;
        let full = |seconds| Reading {
            voltage: Some(230.125),
            current: Some(-0.5),
            power_factor: Some(-1.0),
            counter: Some(WattHours(1e9 + 0.1)),
            interval: Some(Duration::from_micros(1_000_001)),
            ..reading(fridge.id, seconds, -1e6)
        };
        let slim = |seconds| Reading {
            power_factor: Some(0.1 + 0.2),
            ..reading(fridge.id, seconds, 0.1)
        };
        // Short runs, long runs without and with a counter somewhere, then rows between those that are there.
        let mut all: Vec<Reading> = [
            vec![full(0), slim(1)],
            (10..40).map(slim).collect(),
            (50..90).map(slim).collect(),
        ]
        .concat();
        all.push(full(91));
        for part in [&all[..2], &all[2..32], &all[32..]] {
            store.insert(vec![batch(user, part.to_vec())]).await.unwrap();
        }
        let between = [slim(5), full(45), slim(95)];
        let group = vec![
            batch(user, [&all[3..], &between].concat()),
            batch(other.user, vec![reading(other.fridge.id, 0, 2.0)]),
        ];
        let stored = store.insert(group).await.unwrap();
        assert_eq!((stored[0].accepted, stored[1].accepted), (3, 1));
        all.extend(between);
        all.sort_by_key(|it| it.at);
        assert_eq!(all_of(&store, fridge.id).await, all);
        assert_eq!(
            all_of(&store, other.fridge.id).await,
            [reading(other.fridge.id, 0, 2.0)]
        );
    })
    .await;
}

#[tokio::test]
async fn writers_at_once_with_the_same_readings_count_each_once() {
    on_each_db(&migrations(), async |db| {
        let store = store(db);
        let House { user, fridge, .. } = house(&store).await;
        let readings: Vec<_> = (0..3000).map(|it| reading(fridge.id, it, 1.0)).collect();
        let writers = (0..4).map(|_| store.insert(vec![batch(user, readings.clone())]));
        let stored = futures::future::try_join_all(writers).await.unwrap();
        let accepted: u32 = stored.iter().flatten().map(|it| it.accepted).sum();
        let duplicates: u32 = stored.iter().flatten().map(|it| it.duplicates).sum();
        assert_eq!((accepted, duplicates), (3000, 9000));
        assert_eq!(all_of(&store, fridge.id).await, readings);
    })
    .await;
}

#[tokio::test]
async fn writers_at_once_never_block_each_other_for_good() {
    on_each_db(&migrations(), async |db| {
        let store = store(db);
        let houses = [house(&store).await, house(&store).await];
        let group = |first: [i64; 2], end| {
            let batches = houses.iter().zip(first).map(|(House { user, fridge, .. }, first)| {
                batch(*user, (first..end).map(|it| reading(fridge.id, it, 1.0)).collect())
            });
            batches.collect::<Vec<_>>()
        };
        let mut accepted = 0;
        for round in 0..10 {
            let start = round * 1000;
            // One writer's stretch of the first device, and the other's of the second, hold a reading already.
            store.insert(group([start, start + 1], start + 1)).await.unwrap();
            store
                .insert(group([start + 999, start + 998], start + 999))
                .await
                .unwrap();
            let writers = [
                group([start, start + 1], start + 998),
                group([start + 1, start + 1], start + 999),
                group([start + 1, start], start + 998),
            ];
            let stored = futures::future::try_join_all(writers.map(|it| store.insert(it))).await;
            accepted += stored.unwrap().iter().flatten().map(|it| it.accepted).sum::<u32>();
        }
        // All but the two of each round that were there.
        assert_eq!(accepted, 10 * (2 * 999 - 2));
    })
    .await;
}
