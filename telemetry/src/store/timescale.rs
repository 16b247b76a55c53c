//! TimescaleDB's own compression, which its Apache edition has not.

use uuid::Uuid;
use voltaire_mesh::{Db, read, transaction};

use super::{Result, Store, dialect::Dialect};

/// Keeps processes that start at once from changing the table together.
const TURN: Uuid = Uuid::from_u128(0x5f0e_9d0b_6f0c_4ad5_8a0e_7c3d_2b19_4e61);

/// Which TimescaleDB a database has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Edition {
    /// None.
    None,
    /// The one under the Apache licence: hypertables alone.
    Apache,
    /// The one under Timescale's own licence, with compression.
    Community,
}

impl Edition {
    /// By `timescaledb.license`.
    fn of(license: Option<&str>) -> Self {
        match license {
            None => Self::None,
            Some("timescale") => Self::Community,
            Some(_) => Self::Apache,
        }
    }
}

impl Store {
    /// Which TimescaleDB the database has.
    pub(crate) async fn timescale_edition(&self) -> Result<Edition> {
        const SQL: &str = "SELECT current_setting('timescaledb.license', true)";
        if matches!(self.db, Db::Sqlite(_)) || !self.db.has_timescale().await? {
            return Ok(Edition::None);
        }
        let license: Option<String> = read!(self.db, |pool| sqlx::query_scalar(SQL).fetch_one(pool).await)?;
        Ok(Edition::of(license.as_deref()))
    }

    /// Lets TimescaleDB compress chunks that are over for a week, or no longer; what is compressed stays so and is read and
    /// written as before. Whether there is a policy now: only the community edition can have one.
    pub(crate) async fn compress_chunks(&self, wanted: bool) -> Result<bool> {
        const ENABLED: &str = "SELECT compression_enabled FROM timescaledb_information.hypertables \
            WHERE hypertable_name = 'telemetry_data' AND hypertable_schema = current_schema()";
        const ENABLE: &str = "ALTER TABLE telemetry_data SET (timescaledb.compress, \
            timescaledb.compress_segmentby = 'device_id', timescaledb.compress_orderby = 'timestamp')";
        const ADD: &str = "SELECT add_compression_policy('telemetry_data', INTERVAL '7 days', if_not_exists => true)";
        const REMOVE: &str = "SELECT remove_compression_policy('telemetry_data', if_exists => true)";
        if self.timescale_edition().await? != Edition::Community {
            return Ok(false);
        }
        Ok(transaction!(self.db, |tx| {
            tx.take_turns(TURN).await?;
            let enabled: Option<bool> = sqlx::query_scalar(ENABLED).fetch_optional(&mut *tx).await?;
            if wanted && enabled == Some(false) {
                sqlx::query(ENABLE).execute(&mut *tx).await?;
            }
            if wanted || enabled == Some(true) {
                let policy = if wanted { ADD } else { REMOVE };
                sqlx::query(policy).execute(&mut *tx).await?;
            }
            Ok::<_, sqlx::Error>(wanted)
        })?)
    }
}

#[cfg(test)]
mod tests {
    use voltaire_mesh::test::on_each_db;
    use voltaire_types::{Clock, Timestamp};

    use super::*;
    use crate::migrations;

    #[test]
    fn the_licence_names_the_edition() {
        assert_eq!(Edition::of(None), Edition::None);
        assert_eq!(Edition::of(Some("apache")), Edition::Apache);
        assert_eq!(Edition::of(Some("timescale")), Edition::Community);
    }

    #[tokio::test]
    async fn compression_is_chosen_where_the_edition_has_it_and_left_elsewhere() {
        const POLICIES: &str = "SELECT count(*) FROM timescaledb_information.jobs \
            WHERE proc_name = 'policy_compression' AND hypertable_name = 'telemetry_data'";
        on_each_db(&migrations(), async |db| {
            let store = Store::new(db.clone(), Clock::fixed(Timestamp::EPOCH));
            let edition = store.timescale_edition().await.unwrap();
            println!("{edition:?}");
            assert_eq!(edition != Edition::None, db.has_timescale().await.unwrap());
            for wanted in [true, true, false, false, true] {
                let done = store.compress_chunks(wanted).await.unwrap();
                assert_eq!(done, wanted && edition == Edition::Community);
                if edition == Edition::Community {
                    let policies: i64 = read!(db, |pool| sqlx::query_scalar(POLICIES).fetch_one(pool).await).unwrap();
                    assert_eq!(policies, i64::from(wanted));
                }
            }
        })
        .await;
    }
}
