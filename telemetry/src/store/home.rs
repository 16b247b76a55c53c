//! Homes and their tariffs.

use jiff::civil::Weekday;
use uuid::Uuid;
use voltaire_mesh::{read, transaction};
use voltaire_types::{Calendar, Decimal, DeviceId, HomeId, Timestamp, UserId};

use super::{Result, Store, corrupt, dialect::Dialect};
use crate::{
    error::Error,
    home::{Home, HomeChange, MAX_HOMES, NewHome, Tariff},
};

#[derive(sqlx::FromRow)]
struct HomeRow {
    id: HomeId,
    name: String,
    time_zone: String,
    currency: String,
    locale: String,
    week_start: i32,
    demo: i32,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// A home with one of its tariffs, or with none.
#[derive(sqlx::FromRow)]
struct TariffRow {
    #[sqlx(flatten)]
    home: HomeRow,
    valid_from: Option<String>,
    price_per_kwh: Option<String>,
    standing_charge_per_day: Option<String>,
}

impl HomeRow {
    fn home(self, tariffs: Vec<Tariff>) -> std::result::Result<Home, sqlx::Error> {
        let week_start = i8::try_from(self.week_start).ok();
        let week_start = week_start.and_then(|it| Weekday::from_monday_one_offset(it).ok());
        let week_start = week_start.ok_or_else(|| corrupt("homes.week_start"))?;
        Ok(Home {
            id: self.id,
            name: self.name,
            calendar: Calendar::new(&self.time_zone, week_start).map_err(|_| corrupt("homes.time_zone"))?,
            currency: self.currency.parse().map_err(|_| corrupt("homes.currency"))?,
            locale: self.locale,
            tariffs,
            demo: self.demo != 0,
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }
}

impl TariffRow {
    fn tariff(&mut self) -> std::result::Result<Option<Tariff>, sqlx::Error> {
        let decimal = |text: String| text.parse::<Decimal>().map_err(|_| corrupt("tariffs"));
        let date = |text: String| text.parse().map_err(|_| corrupt("tariffs.valid_from"));
        let Some(price) = self.price_per_kwh.take() else {
            return Ok(None);
        };
        Ok(Some(Tariff {
            valid_from: self.valid_from.take().map(date).transpose()?,
            price_per_kwh: decimal(price)?,
            standing_charge_per_day: self.standing_charge_per_day.take().map(decimal).transpose()?,
        }))
    }
}

const INSERT_TARIFF: &str = "INSERT INTO tariffs (home_id, ordinal, valid_from, price_per_kwh, standing_charge_per_day) \
    VALUES ($1, $2, $3, $4, $5)";

/// Puts a home's tariffs into the transaction.
macro_rules! insert_tariffs {
    ($tx:ident, $home:expr, $tariffs:expr) => {
        for (ordinal, tariff) in (0_i32..).zip($tariffs) {
            sqlx::query(INSERT_TARIFF)
                .bind($home)
                .bind(ordinal)
                .bind(tariff.valid_from.map(|it| it.to_string()))
                .bind(tariff.price_per_kwh.to_string())
                .bind(tariff.standing_charge_per_day.map(|it| it.to_string()))
                .execute(&mut *$tx)
                .await?;
        }
    };
}

/// The id of a user's first home follows from the user, so that two first calls at once make one home.
pub(crate) fn first_home_id(user: UserId) -> HomeId {
    HomeId::from_uuid(Uuid::new_v5(&user.uuid(), b"home"))
}

impl Store {
    /// The user's home with this id, or the first one, which is made when there is none.
    pub(crate) async fn home(&self, user: UserId, home: Option<HomeId>) -> Result<Home> {
        let homes = self.homes(user).await?;
        match home {
            Some(id) => homes.into_iter().find(|it| it.id == id).ok_or(Error::NoHome),
            None => homes.into_iter().next().ok_or(Error::NoHome),
        }
    }

    /// The user's homes, first made first; the first home is made when there is none.
    pub(crate) async fn homes(&self, user: UserId) -> Result<Vec<Home>> {
        let homes = self.existing_homes(user).await?;
        if homes.is_empty() {
            let made = self.insert_home(user, first_home_id(user), NewHome::default()).await;
            if !matches!(&made, Err(Error::Store(sqlx::Error::Database(error))) if error.is_unique_violation()) {
                made?;
            }
            return self.existing_homes(user).await;
        }
        Ok(homes)
    }

    /// The user's homes, first made first; none is made.
    pub(crate) async fn existing_homes(&self, user: UserId) -> Result<Vec<Home>> {
        const SQL: &str = "SELECT h.id, name, time_zone, currency, locale, week_start, demo, created_at, updated_at, \
            valid_from, price_per_kwh, standing_charge_per_day FROM homes h LEFT JOIN tariffs t ON t.home_id = h.id \
            WHERE h.user_id = $1 ORDER BY created_at, h.id, ordinal";
        let rows: Vec<TariffRow> = read!(self.db, |pool| sqlx::query_as(SQL).bind(user).fetch_all(pool).await)?;
        let mut homes: Vec<Home> = Vec::new();
        for mut row in rows {
            let tariff = row.tariff()?;
            match homes.last_mut().filter(|it| it.id == row.home.id) {
                Some(home) => home.tariffs.extend(tariff),
                None => homes.push(row.home.home(tariff.into_iter().collect())?),
            }
        }
        Ok(homes)
    }

    /// Makes another home.
    pub(crate) async fn create_home(&self, user: UserId, home: NewHome) -> Result<Home> {
        let id = HomeId::new();
        self.insert_home(user, id, home).await?;
        self.home(user, Some(id)).await
    }

    async fn insert_home(&self, user: UserId, id: HomeId, home: NewHome) -> Result<()> {
        const COUNT: &str = "SELECT count(*) FROM homes WHERE user_id = $1";
        const INSERT: &str = "INSERT INTO homes \
            (id, user_id, name, time_zone, currency, locale, week_start, created_at, updated_at, demo) \
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9)";
        let now = self.clock.now();
        transaction!(self.db, |tx| {
            tx.take_turns(user.uuid()).await?;
            let count: i64 = sqlx::query_scalar(COUNT).bind(user).fetch_one(&mut *tx).await?;
            if count >= MAX_HOMES {
                return Err(Error::TooManyHomes);
            }
            sqlx::query(INSERT)
                .bind(id)
                .bind(user)
                .bind(home.name)
                .bind(home.calendar.zone_name().to_owned())
                .bind(home.currency.code().to_owned())
                .bind(home.locale)
                .bind(i32::from(home.calendar.week_start().to_monday_one_offset()))
                .bind(now)
                .bind(i32::from(home.demo))
                .execute(&mut *tx)
                .await?;
            insert_tariffs!(tx, id, home.tariffs);
            Ok(())
        })
    }

    /// Changes a home of the user.
    pub(crate) async fn update_home(&self, user: UserId, id: HomeId, change: HomeChange) -> Result<Home> {
        const UPDATE: &str = "UPDATE homes SET name = coalesce($3, name), time_zone = coalesce($4, time_zone), \
            currency = coalesce($5, currency), locale = coalesce($6, locale), \
            week_start = coalesce($7, week_start), updated_at = $8, demo = coalesce($9, demo) WHERE id = $1 AND user_id = $2";
        const FORGET: &str = "DELETE FROM tariffs WHERE home_id = $1";
        let now = self.clock.now();
        transaction!(self.db, |tx| {
            let done = sqlx::query(UPDATE)
                .bind(id)
                .bind(user)
                .bind(change.name)
                .bind(change.time_zone)
                .bind(change.currency.map(|it| it.code().to_owned()))
                .bind(change.locale)
                .bind(change.week_start)
                .bind(now)
                .bind(change.demo.map(i32::from))
                .execute(&mut *tx)
                .await?;
            if done.rows_affected() == 0 {
                return Err(Error::NoHome);
            }
            if let Some(tariffs) = change.tariffs {
                sqlx::query(FORGET).bind(id).execute(&mut *tx).await?;
                insert_tariffs!(tx, id, tariffs);
            }
            Ok(())
        })?;
        self.home(user, Some(id)).await
    }

    /// Deletes a home of the user with its devices and readings.
    pub(crate) async fn delete_home(&self, user: UserId, id: HomeId) -> Result<()> {
        const DELETE: &str = "DELETE FROM homes WHERE id = $1 AND user_id = $2";
        let devices: Vec<DeviceId> = self.devices_of_home(user, id).await?.iter().map(|it| it.id).collect();
        self.purge(devices).await?;
        transaction!(self.db, |tx| {
            tx.take_turns(id.uuid()).await?;
            let done = sqlx::query(DELETE).bind(id).bind(user).execute(&mut *tx).await?;
            if done.rows_affected() == 0 {
                Err(Error::NoHome)
            } else {
                Ok(())
            }
        })
    }

    /// Deletes everything of the user and gives the ids of the homes that there were.
    pub(crate) async fn erase_user(&self, user: UserId) -> Result<Vec<HomeId>> {
        const DEVICES: &str = "SELECT id FROM devices WHERE user_id = $1";
        const DELETE: &str = "DELETE FROM homes WHERE user_id = $1 RETURNING id";
        let devices: Vec<DeviceId> = read!(self.db, |pool| sqlx::query_scalar(DEVICES)
            .bind(user)
            .fetch_all(pool)
            .await)?;
        self.purge(devices).await?;
        transaction!(self.db, |tx| {
            tx.take_turns(user.uuid()).await?;
            Ok(sqlx::query_scalar(DELETE).bind(user).fetch_all(&mut *tx).await?)
        })
    }
}
