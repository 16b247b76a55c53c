//! The raw limit: the same readings, straight into the product's own table, by the inserts that anyone would write.

use std::sync::Arc;

use futures::future::try_join_all;
use uuid::Uuid;
use voltaire_mesh::{Db, db::Connect, transaction};

use crate::workload::{Load, Row};

/// Microseconds in a second.
const SECOND: i64 = 1_000_000;
/// Rows of a statement: SQLite takes 32,766 values.
const ROWS: usize = 1000;

/// A database with the product's tables and devices in it.
pub(crate) struct Sink {
    db: Db,
    devices: Arc<[Uuid]>,
}

impl Sink {
    /// Makes the tables and the devices. SQLite and PostgreSQL are as durable as the product has them.
    pub(crate) async fn open(url: &str, load: &Load) -> anyhow::Result<Self> {
        let connect = Connect {
            url,
            max_connections: 8,
        };
        let db = Db::open(&connect).await?;
        voltaire_telemetry::migrations().up(&db).await?;
        let devices: Arc<[Uuid]> = (0..load.devices).map(|_| Uuid::now_v7()).collect();
        make_devices(&db, &devices).await?;
        Ok(Self { db, devices })
    }
}

async fn make_devices(db: &Db, devices: &[Uuid]) -> Result<(), sqlx::Error> {
    const HOME: &str = "INSERT INTO homes (id, user_id, name, time_zone, currency, locale, week_start, created_at, updated_at) \
        SELECT $1, $1, 'Home', 'Europe/Berlin', 'EUR', 'de', 1, created_at, created_at FROM device_types LIMIT 1";
    const DEVICE: &str = "INSERT INTO devices (id, user_id, home_id, name, name_key, device_type_id, room, flow, aliases, \
        color_slot, created_at, updated_at) SELECT $1, $2, $2, $3, $3, id, '', 1, '[]', 0, created_at, created_at \
        FROM device_types LIMIT 1";
    let (home, devices) = (Uuid::now_v7(), devices.to_vec());
    transaction!(db, |tx| {
        sqlx::query(HOME).bind(home).execute(&mut *tx).await?;
        for device in devices {
            let name = device.to_string();
            sqlx::query(DEVICE)
                .bind(device)
                .bind(home)
                .bind(name)
                .execute(&mut *tx)
                .await?;
        }
        Ok::<_, sqlx::Error>(())
    })
}

impl crate::Sink for Sink {
    type Batch = Vec<Row>;

    fn prepare(&self, rows: &[Row]) -> Vec<Row> {
        rows.to_vec()
    }

    #[expect(clippy::disallowed_methods, reason = "ends with its batches")]
    async fn send(&mut self, writers: Vec<Vec<Vec<Row>>>) -> anyhow::Result<u64> {
        let writers = writers.into_iter().map(|batches| {
            let (db, devices) = (self.db.clone(), Arc::clone(&self.devices));
            tokio::spawn(async move {
                let mut new = 0;
                for batch in batches {
                    new += match &db {
                        Db::Sqlite(_) => values(&db, batch, Arc::clone(&devices)).await?,
                        Db::Postgres(_) => arrays(&db, batch, Arc::clone(&devices)).await?,
                    };
                }
                Ok::<_, sqlx::Error>(new)
            })
        });
        let new = try_join_all(writers).await?;
        Ok(new.into_iter().collect::<Result<Vec<_>, _>>()?.into_iter().sum())
    }

    /// SQLite writes its log back.
    async fn close(self) {
        self.db.close().await;
    }
}

async fn values(db: &Db, batch: Vec<Row>, devices: Arc<[Uuid]>) -> Result<u64, sqlx::Error> {
    let Db::Sqlite(sqlite) = db else {
        return Err(sqlx::Error::WorkerCrashed);
    };
    let mut transaction = sqlite.writer.begin_with("BEGIN IMMEDIATE").await?;
    let mut new = 0;
    for rows in batch.chunks(ROWS) {
        let sql = format!(
            "INSERT INTO telemetry_data (device_id, timestamp, energy_watts, voltage, current, power_factor, created_at) \
             VALUES (?,?,?,?,?,?,?){} ON CONFLICT DO NOTHING",
            ",(?,?,?,?,?,?,?)".repeat(rows.len() - 1)
        );
        let mut query = sqlx::query(sqlx::AssertSqlSafe(sql));
        for row in rows {
            query = query
                .bind(devices.get(row.device).copied())
                .bind(row.second * SECOND)
                .bind(row.power)
                .bind(row.voltage)
                .bind(row.current)
                .bind(row.factor)
                .bind(row.second * SECOND);
        }
        new += query.execute(&mut *transaction).await?.rows_affected();
    }
    transaction.commit().await?;
    Ok(new)
}

async fn arrays(db: &Db, batch: Vec<Row>, devices: Arc<[Uuid]>) -> Result<u64, sqlx::Error> {
    const SQL: &str = "INSERT INTO telemetry_data (device_id, timestamp, energy_watts, voltage, current, power_factor, \
        created_at) SELECT device, to_timestamp(at), power, voltage, amperes, factor, now() \
        FROM unnest($1::uuid[], $2::bigint[], $3::float8[], $4::float8[], $5::float8[], $6::float8[]) \
        AS r (device, at, power, voltage, amperes, factor) ON CONFLICT DO NOTHING";
    let Db::Postgres(postgres) = db else {
        return Err(sqlx::Error::WorkerCrashed);
    };
    let column = |value: fn(&Row) -> f64| batch.iter().map(value).collect::<Vec<_>>();
    let done = sqlx::query(SQL)
        .bind(
            batch
                .iter()
                .filter_map(|it| devices.get(it.device).copied())
                .collect::<Vec<_>>(),
        )
        .bind(batch.iter().map(|it| it.second).collect::<Vec<_>>())
        .bind(column(|it| it.power))
        .bind(column(|it| it.voltage))
        .bind(column(|it| it.current))
        .bind(column(|it| it.factor))
        .execute(postgres.lease().pool())
        .await?;
    Ok(done.rows_affected())
}
