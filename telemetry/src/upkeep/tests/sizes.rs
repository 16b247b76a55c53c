//! How much disk sealed readings take.

use std::{ops::Range, time::Duration};

use voltaire_mesh::{Db, read, test::on_each_db, write};
use voltaire_types::{Clock, Watts};

use super::{Settings, Stage, Upkeep, devices};
use crate::{
    figures::{rollup::DAY, test::at},
    migrations,
    reading::Reading,
};

/// What a sealed reading may take with the figures that are kept of it and with their indexes, bytes.
const MOST: f64 = 4.0;

/// A number from 0 to 1 that looks like chance, the same in every run.
fn noise(seed: u64) -> f64 {
    let mut it = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    it = (it ^ (it >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    it = (it ^ (it >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((it ^ (it >> 31)) % 1_000_000) as f64 / 1e6
}

/// What a plug of a refrigerator sends each minute, in the steps of its display.
fn refrigerator(number: usize, minute: i64) -> Reading {
    let chance = |column: u64| noise(minute.cast_unsigned() * 16 + number as u64 * 8 + column);
    let to = |value: f64, scale: f64| (value * scale).round() / scale;
    let runs = minute % 45 < 17;
    let power = to(
        if runs {
            88.0 + 2.0 * chance(0)
        } else {
            1.0 + 0.2 * chance(1)
        },
        10.0,
    );
    let voltage = to(229.0 + 3.0 * (minute as f64 / 200.0).sin() + 0.4 * chance(2), 10.0);
    let factor = to(if runs { 0.85 } else { 0.56 } + 0.02 * chance(3), 100.0);
    Reading {
        device: devices()[number],
        at: at(minute * 60),
        power: Watts(power),
        voltage: Some(voltage),
        current: Some(to(power / voltage / factor, 100.0)),
        power_factor: Some(factor),
        counter: None,
        interval: None,
    }
}

/// What sealed readings and their figures take on disk, with the indexes; tables of a server are written anew before, as
/// what its autovacuum has come to so far is no matter of readings either.
async fn bytes(db: &Db) -> i64 {
    const SQLITE: &str = "SELECT sum(pgsize) FROM dbstat d JOIN sqlite_schema s ON s.name = d.name \
        WHERE s.tbl_name IN ('reading_blocks', 'rollup_quarters', 'rollups')";
    const POSTGRES: &str = "SELECT (pg_total_relation_size('reading_blocks') \
        + pg_total_relation_size('rollup_quarters') + pg_total_relation_size('rollups'))::bigint";
    const TABLES: &str = "VACUUM (FULL) reading_blocks, rollup_quarters, rollups";
    let sql = match db {
        Db::Sqlite(_) => SQLITE,
        Db::Postgres(_) => {
            write!(db, |pool| sqlx::query(TABLES).execute(pool).await.map(drop)).unwrap();
            POSTGRES
        }
    };
    read!(db, |pool| sqlx::query_scalar(sql).fetch_one(pool).await).unwrap()
}

/// Takes in the readings of some days and seals those that are over; says how many are sealed in all.
async fn live_through(db: &Db, stage: &mut Stage, days: Range<i64>) -> i64 {
    const COUNT: &str = "SELECT CAST(coalesce(sum(reading_count), 0) AS bigint) FROM reading_blocks";
    for minutes in days.clone().map(|day| day * 1_440..(day + 1) * 1_440) {
        let both = minutes.flat_map(|minute| [refrigerator(0, minute), refrigerator(1, minute)]);
        stage.take_in(both.collect()).await;
    }
    let settings = Settings {
        seal_after: Some(Duration::ZERO),
        keep: None,
    };
    let upkeep = Upkeep {
        store: stage.store.clone(),
        clock: Clock::fixed(at(days.end * DAY.as_secs().cast_signed())),
        settings,
    };
    while upkeep.pass().await {}
    read!(db, |pool| sqlx::query_scalar(COUNT).fetch_one(pool).await).unwrap()
}

#[tokio::test]
async fn a_sealed_reading_takes_few_bytes() {
    on_each_db(&migrations(), async |db| {
        let mut stage = Stage::set(db.clone(), [300, 300]).await;
        // What a table takes however few rows it has is no matter of readings.
        let (few, small) = (live_through(&db, &mut stage, 0..3).await, bytes(&db).await);
        let (many, large) = (live_through(&db, &mut stage, 3..27).await, bytes(&db).await);
        assert!(many - few >= 2 * 23 * 1_440, "all but the last days are sealed");
        let each = (large - small) as f64 / (many - few) as f64;
        println!("{each:.2} B for a sealed reading");
        assert!(each > 0.5 && each <= MOST, "{each:.2} B");
    })
    .await;
}
