//! Where SQLite and PostgreSQL truly differ: lists of ids, batch inserts, and waiting for each other.

use std::{collections::HashSet, future::Future, sync::LazyLock};

use sqlx::{PgConnection, SqliteConnection};
use uuid::Uuid;
use voltaire_types::{DeviceId, HomeId, Timestamp, UserId};

use super::reading::Batch;
use crate::reading::Reading;

/// A device, its owner and its home.
pub(super) type Owner = (DeviceId, UserId, HomeId);

/// One of the two databases, by its connection.
pub(super) trait Dialect {
    /// Owner and home of those of the devices that there are; they stay until the transaction ends.
    fn owners(&mut self, id_list: String) -> impl Future<Output = Result<Vec<Owner>, sqlx::Error>> + Send;

    /// Makes transactions with the same key wait for each other.
    fn take_turns(&mut self, key: Uuid) -> impl Future<Output = Result<(), sqlx::Error>> + Send;

    /// Inserts what is new of each batch, in their order, and says how many those were.
    fn insert(
        &mut self,
        batches: &[Batch],
        now: Timestamp,
    ) -> impl Future<Output = Result<Vec<u32>, sqlx::Error>> + Send;
}

/// How many rows one statement takes: few texts, so that all stay prepared.
const SIZES: [usize; 4] = [1000, 100, 10, 1];

static INSERTS: LazyLock<[String; 4]> = LazyLock::new(|| {
    SIZES.map(|size| {
        format!(
            "INSERT INTO telemetry_data (device_id, timestamp, energy_watts, voltage, current, power_factor, \
             energy_total_wh, interval_seconds, created_at) VALUES (?,?,?,?,?,?,?,?,?){} ON CONFLICT DO NOTHING",
            ",(?,?,?,?,?,?,?,?,?)".repeat(size - 1)
        )
    })
});

impl Dialect for SqliteConnection {
    async fn owners(&mut self, id_list: String) -> Result<Vec<Owner>, sqlx::Error> {
        const SQL: &str =
            "SELECT id, user_id, home_id FROM devices WHERE id IN (SELECT unhex(value) FROM json_each($1))";
        sqlx::query_as(SQL).bind(id_list).fetch_all(self).await
    }

    /// There is one writer, which has begun already.
    async fn take_turns(&mut self, _key: Uuid) -> Result<(), sqlx::Error> {
        Ok(())
    }

    async fn insert(&mut self, batches: &[Batch], now: Timestamp) -> Result<Vec<u32>, sqlx::Error> {
        let mut counts = Vec::with_capacity(batches.len());
        for batch in batches {
            let mut rest = batch.readings.as_slice();
            let mut new = 0;
            for (size, sql) in SIZES.iter().zip(INSERTS.iter()) {
                while let Some((rows, after)) = rest.split_at_checked(*size) {
                    new += insert_rows(self, sql, rows, now).await?;
                    rest = after;
                }
            }
            counts.push(new);
        }
        Ok(counts)
    }
}

async fn insert_rows(
    connection: &mut SqliteConnection,
    sql: &'static str,
    rows: &[Reading],
    now: Timestamp,
) -> Result<u32, sqlx::Error> {
    let mut query = sqlx::query(sql);
    for row in rows {
        query = query
            .bind(row.device)
            .bind(row.at)
            .bind(row.power)
            .bind(row.voltage)
            .bind(row.current)
            .bind(row.power_factor)
            .bind(row.counter)
            .bind(row.interval.map(|it| it.as_secs_f64()))
            .bind(now);
    }
    Ok(query.execute(connection).await?.rows_affected() as u32)
}

impl Dialect for PgConnection {
    async fn owners(&mut self, id_list: String) -> Result<Vec<Owner>, sqlx::Error> {
        const SQL: &str = "SELECT id, user_id, home_id FROM devices \
            WHERE id IN (SELECT value::uuid FROM jsonb_array_elements_text($1::jsonb)) ORDER BY id FOR KEY SHARE";
        sqlx::query_as(SQL).bind(id_list).fetch_all(self).await
    }

    async fn take_turns(&mut self, key: Uuid) -> Result<(), sqlx::Error> {
        let (key, _) = key.as_u64_pair();
        sqlx::query("SELECT pg_advisory_xact_lock($1)")
            .bind(key.cast_signed())
            .execute(self)
            .await
            .map(drop)
    }

    async fn insert(&mut self, batches: &[Batch], now: Timestamp) -> Result<Vec<u32>, sqlx::Error> {
        const SQL: &str = "INSERT INTO telemetry_data (device_id, timestamp, energy_watts, voltage, current, \
            power_factor, energy_total_wh, interval_seconds, created_at) \
            SELECT device, at, power, voltage, amperes, factor, counter, seconds, $9 \
            FROM unnest($1, $2, $3, $4, $5, $6, $7, $8) AS \
            r (device, at, power, voltage, amperes, factor, counter, seconds) \
            ON CONFLICT DO NOTHING RETURNING device_id, timestamp";
        let mut rows: Vec<&Reading> = batches.iter().flat_map(|batch| &batch.readings).collect();
        // The same order everywhere, so that two processes with the same readings cannot block each other.
        rows.sort_by_key(|it| (it.device, it.at));
        let column = |value: fn(&Reading) -> Option<f64>| rows.iter().map(|it| value(it)).collect::<Vec<_>>();
        let new: Vec<(DeviceId, Timestamp)> = sqlx::query_as(SQL)
            .bind(rows.iter().map(|it| it.device.uuid()).collect::<Vec<_>>())
            .bind(rows.iter().map(|it| it.at).collect::<Vec<_>>())
            .bind(rows.iter().map(|it| it.power.0).collect::<Vec<_>>())
            .bind(column(|it| it.voltage))
            .bind(column(|it| it.current))
            .bind(column(|it| it.power_factor))
            .bind(column(|it| it.counter.map(|wh| wh.0)))
            .bind(column(|it| it.interval.map(|interval| interval.as_secs_f64())))
            .bind(now)
            .fetch_all(self)
            .await?;
        Ok(credit(batches, new))
    }
}

/// How many of the new rows each batch brought: the first that holds a key did.
fn credit(batches: &[Batch], new: Vec<(DeviceId, Timestamp)>) -> Vec<u32> {
    if new.len() == batches.iter().map(|it| it.readings.len()).sum::<usize>() {
        return batches.iter().map(|it| it.readings.len() as u32).collect();
    }
    let mut new: HashSet<_> = new.into_iter().collect();
    let brought = |batch: &Batch| {
        let mut count = 0;
        for reading in &batch.readings {
            count += u32::from(new.remove(&(reading.device, reading.at)));
        }
        count
    };
    batches.iter().map(brought).collect()
}
