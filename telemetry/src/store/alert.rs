//! Alerts.

#[cfg(test)]
mod test;

use voltaire_mesh::{read, transaction, write};
use voltaire_types::{AlertId, AlertRuleId, DeviceId, HomeId, Interval, Timestamp, UserId, WattHours, Watts};

use super::{Result, Store, corrupt, dialect::Dialect};
use crate::{
    alert::{Alert, Amount, Reason},
    error::Error,
};

/// Alerts that are deleted at a time, so that others are not kept waiting.
const FORGET: i64 = 5000;
const FORGET_SQL: &str = "DELETE FROM alerts WHERE id IN (SELECT id FROM alerts WHERE ended_at < $1 LIMIT $2)";

/// Which alerts of a home to list, latest first.
#[derive(Clone, Debug)]
pub(crate) struct AlertQuery {
    pub(crate) user: UserId,
    pub(crate) home: HomeId,
    pub(crate) status: Status,
    pub(crate) rule: Option<AlertRuleId>,
    pub(crate) device: Option<DeviceId>,
    /// When they were raised.
    pub(crate) raised: Interval,
    /// Only those that come after this one.
    pub(crate) after: Option<(Timestamp, AlertId)>,
    pub(crate) limit: u32,
}

/// Which alerts are meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Status {
    /// All.
    #[default]
    Any,
    /// Active, or not acknowledged.
    Open,
    Active,
    Unacknowledged,
    Acknowledged,
}

impl Status {
    const fn number(self) -> i32 {
        match self {
            Self::Any => 0,
            Self::Open => 1,
            Self::Active => 2,
            Self::Unacknowledged => 3,
            Self::Acknowledged => 4,
        }
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    id: AlertId,
    home_id: HomeId,
    rule_id: Option<AlertRuleId>,
    device_id: Option<DeviceId>,
    reason: i32,
    message: String,
    observed: String,
    allowed: String,
    unit: String,
    started_at: Timestamp,
    raised_at: Timestamp,
    ended_at: Option<Timestamp>,
    acknowledged_at: Option<Timestamp>,
    acknowledged_by: Option<UserId>,
    revision: i64,
}

impl TryFrom<Row> for Alert {
    type Error = sqlx::Error;

    fn try_from(row: Row) -> std::result::Result<Self, sqlx::Error> {
        Ok(Self {
            id: row.id,
            home: row.home_id,
            rule: row.rule_id,
            device: row.device_id,
            reason: reason(row.reason)?,
            message: row.message,
            observed: amount(&row.observed, &row.unit)?,
            limit: amount(&row.allowed, &row.unit)?,
            started_at: row.started_at,
            raised_at: row.raised_at,
            ended_at: row.ended_at,
            acknowledged: row.acknowledged_at.zip(row.acknowledged_by),
            revision: row.revision,
        })
    }
}

fn reason(number: i32) -> std::result::Result<Reason, sqlx::Error> {
    match number {
        1 => Ok(Reason::PowerAbove),
        2 => Ok(Reason::OnLonger),
        3 => Ok(Reason::NoData),
        4 => Ok(Reason::BudgetExceeded),
        5 => Ok(Reason::BudgetProjected),
        6 => Ok(Reason::UnusuallyHigh),
        7 => Ok(Reason::UnusuallyLow),
        _ => Err(corrupt("alerts.reason")),
    }
}

pub(super) const fn reason_number(reason: Reason) -> i32 {
    match reason {
        Reason::PowerAbove => 1,
        Reason::OnLonger => 2,
        Reason::NoData => 3,
        Reason::BudgetExceeded => 4,
        Reason::BudgetProjected => 5,
        Reason::UnusuallyHigh => 6,
        Reason::UnusuallyLow => 7,
    }
}

fn amount(text: &str, unit: &str) -> std::result::Result<Amount, sqlx::Error> {
    let bad = || corrupt("alerts.observed, allowed, unit");
    let number = || text.parse::<f64>().map_err(|_| bad());
    match unit {
        "W" => Ok(Amount::Power(Watts(number()?))),
        "Wh" => Ok(Amount::Energy(WattHours(number()?))),
        "s" => Ok(Amount::Time(
            std::time::Duration::try_from_secs_f64(number()?).map_err(|_| bad())?,
        )),
        code => Ok(Amount::Cost(
            text.parse().map_err(|_| bad())?,
            code.parse().map_err(|_| bad())?,
        )),
    }
}

/// The amount as text, and its unit.
pub(super) fn amount_text(amount: Amount) -> (String, String) {
    match amount {
        Amount::Power(Watts(watts)) => (watts.to_string(), "W".to_owned()),
        Amount::Energy(WattHours(energy)) => (energy.to_string(), "Wh".to_owned()),
        Amount::Time(length) => (length.as_secs_f64().to_string(), "s".to_owned()),
        Amount::Cost(cost, currency) => (cost.to_string(), currency.to_string()),
    }
}

pub(super) const MAX_REVISION: &str = "SELECT coalesce(max(revision), 0) FROM alerts WHERE home_id = $1";
pub(super) const INSERT: &str = "INSERT INTO alerts (id, user_id, home_id, rule_id, device_id, reason, message, observed, \
    allowed, unit, started_at, raised_at, ended_at, revision) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
pub(super) const END: &str =
    "UPDATE alerts SET ended_at = $3, revision = $4 WHERE rule_id = $1 AND user_id = $2 AND ended_at IS NULL";

/// A revision of the home's that is higher than any before, also than those of alerts that have been forgotten.
macro_rules! next_revision {
    ($tx:ident, $home:expr, $now:expr) => {{
        let last = sqlx::query_scalar::<_, i64>($crate::store::alert::MAX_REVISION).bind($home);
        last.fetch_one(&mut *$tx).await?.saturating_add(1).max($now.micros())
    }};
}

/// Ends the active alert of a rule of a user, if there is one.
macro_rules! end {
    ($tx:ident, ($rule:expr, $user:expr), $at:expr, $revision:expr) => {
        sqlx::query($crate::store::alert::END)
            .bind($rule)
            .bind($user)
            .bind($at)
            .bind($revision)
            .execute(&mut *$tx)
            .await?
    };
}

/// Keeps a new alert.
macro_rules! insert {
    ($tx:ident, $user:expr, $alert:expr, $revision:expr) => {{
        let (observed, unit) = $crate::store::alert::amount_text($alert.observed);
        let (allowed, _) = $crate::store::alert::amount_text($alert.limit);
        sqlx::query($crate::store::alert::INSERT)
            .bind($alert.id)
            .bind($user)
            .bind($alert.home)
            .bind($alert.rule)
            .bind($alert.device)
            .bind($crate::store::alert::reason_number($alert.reason))
            .bind($alert.message)
            .bind(observed)
            .bind(allowed)
            .bind(unit)
            .bind($alert.started_at)
            .bind($alert.raised_at)
            .bind($alert.ended_at)
            .bind($revision)
            .execute(&mut *$tx)
            .await?;
    }};
}

pub(super) use {end, insert, next_revision};

fn alerts(rows: Vec<Row>) -> Result<Vec<Alert>> {
    let alerts = rows.into_iter().map(Alert::try_from);
    Ok(alerts.collect::<std::result::Result<_, _>>()?)
}

impl Store {
    /// Alerts of a home of the user, latest first.
    pub(crate) async fn alerts(&self, query: AlertQuery) -> Result<Vec<Alert>> {
        const SQL: &str = "SELECT id, home_id, rule_id, device_id, reason, message, observed, allowed, unit, started_at, \
            raised_at, ended_at, acknowledged_at, acknowledged_by, revision FROM alerts \
            WHERE home_id = $1 AND user_id = $2 AND raised_at >= $3 AND raised_at <= $4 \
            AND (raised_at < $4 OR id < $5) AND raised_at < $6 \
            AND ($7 IS NULL OR rule_id = $7) AND ($8 IS NULL OR device_id = $8) \
            AND ($9 = 0 OR ($9 = 1 AND (ended_at IS NULL OR acknowledged_at IS NULL)) OR ($9 = 2 AND ended_at IS NULL) \
            OR ($9 = 3 AND acknowledged_at IS NULL) OR ($9 = 4 AND acknowledged_at IS NOT NULL)) \
            ORDER BY raised_at DESC, id DESC LIMIT $10";
        let latest = AlertId::from_uuid(uuid::Uuid::max());
        let (before, id) = query.after.unwrap_or((query.raised.end, latest));
        let rows = read!(self.db, |pool| {
            sqlx::query_as(SQL)
                .bind(query.home)
                .bind(query.user)
                .bind(query.raised.start)
                .bind(before)
                .bind(id)
                .bind(query.raised.end)
                .bind(query.rule)
                .bind(query.device)
                .bind(query.status.number())
                .bind(i64::from(query.limit))
                .fetch_all(pool)
                .await
        })?;
        alerts(rows)
    }

    /// Alerts of a home of the user that changed after this revision, in the order of their changes.
    pub(crate) async fn alerts_since(
        &self,
        (user, home): (UserId, HomeId),
        since: i64,
        limit: u32,
    ) -> Result<Vec<Alert>> {
        const SQL: &str = "SELECT id, home_id, rule_id, device_id, reason, message, observed, allowed, unit, started_at, \
            raised_at, ended_at, acknowledged_at, acknowledged_by, revision FROM alerts \
            WHERE home_id = $1 AND user_id = $2 AND revision > $3 ORDER BY revision LIMIT $4";
        let rows = read!(self.db, |pool| {
            let query = sqlx::query_as(SQL).bind(home).bind(user).bind(since);
            query.bind(i64::from(limit)).fetch_all(pool).await
        })?;
        alerts(rows)
    }

    /// The revision of the last change of an alert of the home; 0 without alerts.
    pub(crate) async fn alert_revision(&self, user: UserId, home: HomeId) -> Result<i64> {
        const SQL: &str = "SELECT coalesce((SELECT max(revision) FROM alerts a WHERE a.home_id = h.id), 0) FROM homes h \
            WHERE h.id = $1 AND h.user_id = $2";
        let revision = read!(self.db, |pool| {
            sqlx::query_scalar(SQL).bind(home).bind(user).fetch_optional(pool).await
        })?;
        revision.ok_or(Error::NoHome)
    }

    /// An alert of the user.
    pub(crate) async fn alert(&self, user: UserId, id: AlertId) -> Result<Alert> {
        const SQL: &str = "SELECT id, home_id, rule_id, device_id, reason, message, observed, allowed, unit, started_at, \
            raised_at, ended_at, acknowledged_at, acknowledged_by, revision FROM alerts WHERE id = $1 AND user_id = $2";
        let row: Option<Row> = read!(self.db, |pool| {
            sqlx::query_as(SQL).bind(id).bind(user).fetch_optional(pool).await
        })?;
        Ok(row.ok_or(Error::NoAlert)?.try_into()?)
    }

    /// Says that the user has seen the alert; one that has been seen stays as it is.
    pub(crate) async fn acknowledge(&self, user: UserId, id: AlertId) -> Result<Alert> {
        const SQL: &str = "UPDATE alerts SET acknowledged_at = $3, acknowledged_by = $2, revision = $4 \
            WHERE id = $1 AND user_id = $2 AND acknowledged_at IS NULL";
        let home = self.alert(user, id).await?.home;
        let now = self.clock.now();
        transaction!(self.db, |tx| {
            tx.take_turns(home.uuid()).await?;
            let revision = next_revision!(tx, home, now);
            let query = sqlx::query(SQL).bind(id).bind(user).bind(now).bind(revision);
            Ok::<_, Error>(query.execute(&mut *tx).await.map(drop)?)
        })?;
        self.alert(user, id).await
    }

    /// Says that the user has seen all alerts of the home, or of one rule of it. Gives how many had not been seen.
    pub(crate) async fn acknowledge_all(&self, user: UserId, home: HomeId, rule: Option<AlertRuleId>) -> Result<u32> {
        const UNSEEN: &str = "SELECT id FROM alerts WHERE home_id = $1 AND user_id = $2 AND acknowledged_at IS NULL \
            AND ($3 IS NULL OR rule_id = $3) ORDER BY revision";
        const SQL: &str = "UPDATE alerts SET acknowledged_at = $3, acknowledged_by = $2, revision = $4 \
            WHERE id = $1 AND user_id = $2";
        let now = self.clock.now();
        transaction!(self.db, |tx| {
            tx.take_turns(home.uuid()).await?;
            let unseen = sqlx::query_scalar::<_, AlertId>(UNSEEN)
                .bind(home)
                .bind(user)
                .bind(rule);
            let unseen = unseen.fetch_all(&mut *tx).await?;
            let first = next_revision!(tx, home, now);
            for (revision, id) in (first..).zip(&unseen) {
                let query = sqlx::query(SQL).bind(id).bind(user).bind(now).bind(revision);
                query.execute(&mut *tx).await?;
            }
            Ok(unseen.len() as u32)
        })
    }

    /// Deletes alerts that ended before this, a part at a time; gives how many.
    pub(crate) async fn forget_alerts(&self, before: Timestamp) -> Result<u64> {
        let mut forgotten = 0;
        loop {
            let some = write!(self.db, |pool| {
                let done = sqlx::query(FORGET_SQL).bind(before).bind(FORGET).execute(pool).await;
                done.map(|it| it.rows_affected())
            })?;
            forgotten += some;
            if some < FORGET as u64 {
                return Ok(forgotten);
            }
        }
    }
}
