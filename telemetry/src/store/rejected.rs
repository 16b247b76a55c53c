//! How many readings of a device were rejected, by the day of their arrival.

use voltaire_mesh::{read, write};
use voltaire_types::{DeviceId, Interval, Timestamp, UserId};

use super::{Result, Store};

const DAY: i64 = 86_400_000_000;

/// The UTC day of an instant, in days since 1970.
fn day(at: Timestamp) -> i64 {
    at.micros().div_euclid(DAY)
}

impl Store {
    /// Counts readings of a device that were rejected today; of another user's device nothing is counted.
    pub(crate) async fn count_rejected(&self, user: UserId, device: DeviceId, count: u32) -> Result<()> {
        const SQL: &str = "INSERT INTO rejected_readings (device_id, day, readings) \
            SELECT id, $3, $4 FROM devices WHERE id = $1 AND user_id = $2 \
            ON CONFLICT (device_id, day) DO UPDATE SET readings = rejected_readings.readings + excluded.readings";
        let today = day(self.clock.now());
        write!(self.db, |pool| {
            let query = sqlx::query(SQL)
                .bind(device)
                .bind(user)
                .bind(today)
                .bind(i64::from(count));
            query.execute(pool).await.map(drop)
        })?;
        Ok(())
    }

    /// Readings of a device that were rejected on the UTC days that the interval touches.
    pub(crate) async fn rejected(&self, device: DeviceId, interval: Interval) -> Result<u64> {
        const SQL: &str = "SELECT CAST(coalesce(sum(readings), 0) AS bigint) FROM rejected_readings \
            WHERE device_id = $1 AND day >= $2 AND day <= $3";
        let count: i64 = read!(self.db, |pool| {
            let query = sqlx::query_scalar(SQL).bind(device).bind(day(interval.start));
            query.bind(day(interval.end)).fetch_one(pool).await
        })?;
        Ok(count.unsigned_abs())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use voltaire_mesh::test::on_each_db;
    use voltaire_types::Clock;

    use super::*;
    use crate::{migrations, store::test::draft};

    #[tokio::test]
    async fn rejected_readings_are_counted_by_day_for_the_owner_only() {
        on_each_db(&migrations(), async |db| {
            let noon: Timestamp = "2026-06-01T12:00:00Z".parse().unwrap();
            let day = Duration::from_hours(24);
            let at = |now| Store::new(db.clone(), Clock::fixed(now));
            let (store, user) = (at(noon), UserId::new());
            let home = store.home(user, None).await.unwrap();
            let device = store.create_device(user, draft(home.id, "Plug")).await.unwrap().id;
            store.count_rejected(user, device, 2).await.unwrap();
            store.count_rejected(user, device, 3).await.unwrap();
            at(noon.plus(day)).count_rejected(user, device, 10).await.unwrap();
            store.count_rejected(UserId::new(), device, 100).await.unwrap();
            store.count_rejected(user, DeviceId::new(), 100).await.unwrap();
            let rejected = async |start, end| store.rejected(device, Interval::new(start, end)).await.unwrap();
            assert_eq!(rejected(noon.minus(day), noon).await, 5);
            assert_eq!(rejected(noon, noon.plus(day)).await, 15);
            assert_eq!(rejected(noon.minus(day * 9), noon.minus(day)).await, 0);
            store.delete_device(user, device).await.unwrap();
            assert_eq!(rejected(noon, noon.plus(day)).await, 0);
        })
        .await;
    }
}
