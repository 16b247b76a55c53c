//! SQLite: one writer, whose time is the limit. It is fastest with rows of one device in order of time, many of them in a
//! statement; the next statement is made while it works.

use std::fmt::Write as _;

use futures::future;
use sqlx::SqliteConnection;
use uuid::Uuid;
use voltaire_types::{DeviceId, Timestamp};

use super::{
    Dialect, Owner,
    runs::{Credit, Row, Run, runs},
    statement::{MOST, Shape},
};
use crate::store::reading::Batch;

/// Shorter runs share a statement.
const LONG: usize = 16;

/// What one statement inserts.
type Piece<'a> = (Shape, &'a [Row<'a>]);

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
        let mut credit = Credit::new(batches);
        let runs = runs(batches);
        let (mut pieces, mut short, mut doubtful) = (Vec::new(), Vec::new(), Vec::new());
        for (run, touched) in runs.iter().zip(touched(self, &runs).await?) {
            if touched {
                doubtful.extend_from_slice(&run.rows);
            } else if run.rows.len() < LONG {
                short.extend_from_slice(&run.rows);
            } else {
                pieces.extend(run.rows.chunks(MOST).map(|rows| (Shape::of_run(rows), rows)));
            }
        }
        pieces.extend(short.chunks(MOST).map(|rows| (Shape::Mixed, rows)));
        insert_new(self, &pieces, now).await?;
        for (_, rows) in &pieces {
            credit.all(rows);
        }
        for rows in doubtful.chunks(MOST) {
            let (sql, values) = Shape::Telling.statement(rows, now)?;
            let new: Vec<(DeviceId, Timestamp)> = sqlx::query_as_with(sql, values).fetch_all(&mut *self).await?;
            credit.some(rows, new);
        }
        Ok(credit.counts())
    }
}

/// For each run whether its stretch of time holds a reading of its device already.
async fn touched(connection: &mut SqliteConnection, runs: &[Run<'_>]) -> Result<Vec<bool>, sqlx::Error> {
    const SQL: &str = "SELECT EXISTS (SELECT 1 FROM telemetry_data WHERE device_id = unhex(value ->> 0) \
        AND timestamp BETWEEN value ->> 1 AND value ->> 2) FROM json_each($1) ORDER BY key";
    let mut ranges = String::from("[");
    for run in runs {
        let (first, last) = run.range();
        let comma = if ranges.len() > 1 { "," } else { "" };
        let device = run.device.uuid().simple();
        write!(ranges, "{comma}[\"{device}\",{},{}]", first.micros(), last.micros()).expect("a text takes all");
    }
    ranges.push(']');
    sqlx::query_scalar(SQL).bind(ranges).fetch_all(connection).await
}

/// Inserts rows that are not there yet.
async fn insert_new(
    connection: &mut SqliteConnection,
    pieces: &[Piece<'_>],
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    let statement = |(shape, rows): &Piece<'_>| shape.statement(rows, now);
    let mut next = pieces.first().map(statement);
    for (number, (_, rows)) in pieces.iter().enumerate() {
        let Some(made) = next.take() else { break };
        let (sql, values) = made?;
        let running = sqlx::query_with(sql, values).execute(&mut *connection);
        let making = async { pieces.get(number + 1).map(statement) };
        let (done, made) = future::join(running, making).await;
        if done?.rows_affected() != rows.len() as u64 {
            return Err(sqlx::Error::Protocol(
                "readings appeared while there was one writer".into(),
            ));
        }
        next = made;
    }
    Ok(())
}
