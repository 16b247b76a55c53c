//! PostgreSQL: several writers. COPY is twice as fast as inserting, but fails where it meets a row that is there.

use sqlx::{Connection as _, PgConnection};
use uuid::Uuid;
use voltaire_types::{DeviceId, Timestamp};

use super::{
    Dialect, Owner,
    runs::{Credit, Row, Run, runs},
};
use crate::{reading::Reading, store::reading::Batch};

/// Fewer rows are inserted sooner than it is found out whether they may be copied.
const MANY: usize = 200;
/// 2000-01-01T00:00:00Z, from which PostgreSQL counts, in microseconds since 1970.
const EPOCH: i64 = 946_684_800_000_000;

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

    /// In the order of runs, whichever way each goes: it keeps two writers with the same readings from blocking each other.
    async fn insert(&mut self, batches: &[Batch], now: Timestamp) -> Result<Vec<u32>, sqlx::Error> {
        let mut credit = Credit::new(batches);
        let runs = runs(batches);
        let many = runs.iter().map(|it| it.rows.len()).sum::<usize>() >= MANY;
        let touched = if many {
            touched(self, &runs).await?
        } else {
            vec![true; runs.len()]
        };
        let runs: Vec<_> = runs.iter().zip(touched).collect();
        for part in runs.chunk_by(|(_, a), (_, b)| a == b) {
            let rows: Vec<_> = part.iter().flat_map(|(run, _)| &run.rows).copied().collect();
            let fresh = part.iter().all(|(_, touched)| !touched);
            if fresh && copy(self, &rows, now).await? {
                credit.all(&rows);
            } else {
                credit.some(&rows, insert_telling(self, &rows, now).await?);
            }
        }
        Ok(credit.counts())
    }
}

/// For each run whether its stretch of time holds a reading of its device already.
async fn touched(connection: &mut PgConnection, runs: &[Run<'_>]) -> Result<Vec<bool>, sqlx::Error> {
    // The bounds of all stretches let TimescaleDB leave out chunks.
    const SQL: &str = "SELECT t.found IS NOT NULL FROM unnest($1, $2, $3) WITH ORDINALITY AS r (device, first, last, place) \
        LEFT JOIN LATERAL (SELECT true AS found FROM telemetry_data WHERE device_id = r.device \
        AND timestamp BETWEEN r.first AND r.last AND timestamp BETWEEN $4 AND $5 LIMIT 1) t ON true ORDER BY r.place";
    let ranges: Vec<_> = runs.iter().map(Run::range).collect();
    sqlx::query_scalar(SQL)
        .bind(runs.iter().map(|it| it.device.uuid()).collect::<Vec<_>>())
        .bind(ranges.iter().map(|it| it.0).collect::<Vec<_>>())
        .bind(ranges.iter().map(|it| it.1).collect::<Vec<_>>())
        .bind(ranges.iter().map(|it| it.0).min())
        .bind(ranges.iter().map(|it| it.1).max())
        .fetch_all(connection)
        .await
}

/// Inserts rows that are not there yet; false, and nothing done, where another writer was faster with one of them.
async fn copy(connection: &mut PgConnection, rows: &[Row<'_>], now: Timestamp) -> Result<bool, sqlx::Error> {
    const SQL: &str = "COPY telemetry_data (device_id, timestamp, energy_watts, voltage, current, power_factor, \
        energy_total_wh, interval_seconds, created_at) FROM STDIN (FORMAT binary)";
    let mut point = connection.begin().await?;
    let mut copy = point.copy_in_raw(SQL).await?;
    copy.send(binary(rows, now)).await?;
    match copy.finish().await {
        Ok(_) => point.commit().await.map(|()| true),
        Err(sqlx::Error::Database(error)) if error.is_unique_violation() => point.rollback().await.map(|()| false),
        Err(error) => Err(error),
    }
}

/// Rows in COPY's binary format.
fn binary(rows: &[Row<'_>], now: Timestamp) -> Vec<u8> {
    const HEAD: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
    const COLUMNS: i16 = 9;
    const END: i16 = -1;
    const NULL: i32 = -1;
    const ID: i32 = 16;
    const NUMBER: i32 = 8;
    let mut bytes = Vec::with_capacity(HEAD.len() + rows.len() * 118 + 2);
    let number = |bytes: &mut Vec<u8>, value: Option<[u8; NUMBER as usize]>| {
        let length = if value.is_some() { NUMBER } else { NULL };
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend(value.into_iter().flatten());
    };
    bytes.extend_from_slice(HEAD);
    for Row { reading, .. } in rows {
        let Reading {
            device,
            at,
            power,
            voltage,
            current,
            power_factor,
            counter,
            interval,
        } = reading;
        bytes.extend_from_slice(&COLUMNS.to_be_bytes());
        bytes.extend_from_slice(&ID.to_be_bytes());
        bytes.extend_from_slice(device.uuid().as_bytes());
        number(&mut bytes, Some((at.micros() - EPOCH).to_be_bytes()));
        let counter = counter.map(|it| it.0);
        let seconds = interval.map(|it| it.as_secs_f64());
        for value in [Some(power.0), *voltage, *current, *power_factor, counter, seconds] {
            number(&mut bytes, value.map(f64::to_be_bytes));
        }
        number(&mut bytes, Some((now.micros() - EPOCH).to_be_bytes()));
    }
    bytes.extend_from_slice(&END.to_be_bytes());
    bytes
}

/// Inserts those rows that are not there yet; the keys of these.
async fn insert_telling(
    connection: &mut PgConnection,
    rows: &[Row<'_>],
    now: Timestamp,
) -> Result<Vec<(DeviceId, Timestamp)>, sqlx::Error> {
    const SQL: &str = "INSERT INTO telemetry_data (device_id, timestamp, energy_watts, voltage, current, \
        power_factor, energy_total_wh, interval_seconds, created_at) \
        SELECT device, at, power, voltage, amperes, factor, counter, seconds, $9 \
        FROM unnest($1, $2, $3, $4, $5, $6, $7, $8) AS \
        r (device, at, power, voltage, amperes, factor, counter, seconds) \
        ON CONFLICT DO NOTHING RETURNING device_id, timestamp";
    let column = |value: fn(&Reading) -> Option<f64>| rows.iter().map(|it| value(it.reading)).collect::<Vec<_>>();
    sqlx::query_as(SQL)
        .bind(rows.iter().map(|it| it.reading.device.uuid()).collect::<Vec<_>>())
        .bind(rows.iter().map(|it| it.reading.at).collect::<Vec<_>>())
        .bind(rows.iter().map(|it| it.reading.power.0).collect::<Vec<_>>())
        .bind(column(|it| it.voltage))
        .bind(column(|it| it.current))
        .bind(column(|it| it.power_factor))
        .bind(column(|it| it.counter.map(|wh| wh.0)))
        .bind(column(|it| it.interval.map(|interval| interval.as_secs_f64())))
        .bind(now)
        .fetch_all(connection)
        .await
}
