//! Alert rules and what they remember.

use voltaire_mesh::{read, transaction, write};
use voltaire_types::{AlertRuleId, HomeId, Timestamp, UserId, Watts};

use super::{Result, Store, alert, corrupt, dialect::Dialect};
use crate::{
    alert::{Alert, MAX_RULES, Rule, RuleChange, State},
    device::Device,
    error::Error,
};

/// A rule with what it remembers.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Check {
    pub(crate) rule: Rule,
    pub(crate) state: State,
    /// Changes with every step and every change.
    pub(crate) version: i64,
    /// When the clock looks next.
    pub(crate) due: Timestamp,
    /// Above this its device is on.
    pub(crate) on_threshold: Watts,
}

/// What a step of a rule changes.
#[derive(Clone, Debug)]
pub(crate) struct Settled {
    pub(crate) state: State,
    pub(crate) due: Timestamp,
    /// Alerts in the order of their beginning; one that is not new has no part in it. Each has its end, if it has one.
    pub(crate) raised: Vec<Alert>,
    /// When the alert that was active before ended.
    pub(crate) ended: Option<Timestamp>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: AlertRuleId,
    user_id: UserId,
    home_id: HomeId,
    name: String,
    paused: bool,
    condition: String,
    state: String,
    version: i64,
    due_at: Timestamp,
    created_at: Timestamp,
    updated_at: Timestamp,
    on_threshold_watts: Option<Watts>,
}

impl TryFrom<Row> for Check {
    type Error = sqlx::Error;

    fn try_from(row: Row) -> std::result::Result<Self, sqlx::Error> {
        let condition = serde_json::from_str(&row.condition).map_err(|_| corrupt("alert_rules.condition"))?;
        Ok(Self {
            rule: Rule {
                id: row.id,
                user: row.user_id,
                home: row.home_id,
                name: row.name,
                paused: row.paused,
                condition,
                created_at: row.created_at,
                updated_at: row.updated_at,
            },
            state: serde_json::from_str(&row.state).map_err(|_| corrupt("alert_rules.state"))?,
            version: row.version,
            due: row.due_at,
            on_threshold: row.on_threshold_watts.unwrap_or(Device::DEFAULT_ON_THRESHOLD),
        })
    }
}

fn json(value: &impl serde::Serialize) -> std::result::Result<String, sqlx::Error> {
    serde_json::to_string(value).map_err(|error| sqlx::Error::Encode(error.into()))
}

const ONE: &str = "SELECT r.id, r.user_id, r.home_id, r.name, r.paused, r.condition, r.state, r.version, r.due_at, \
    r.created_at, r.updated_at, d.on_threshold_watts FROM alert_rules r LEFT JOIN devices d ON d.id = r.device_id \
    WHERE r.id = $1";

pub(super) const TOUCHED: &str = "SELECT r.id, r.user_id, r.home_id, r.name, r.paused, r.condition, r.state, r.version, \
    r.due_at, r.created_at, r.updated_at, d.on_threshold_watts FROM alert_rules r LEFT JOIN devices d \
    ON d.id = r.device_id WHERE r.touched_at >= $1";

/// A device that is not the home's cannot be watched.
const IS_OF_HOME: &str = "SELECT count(*) FROM devices WHERE id = $1 AND home_id = $2 AND user_id = $3";

macro_rules! check_device {
    ($tx:ident, $condition:expr, $home:expr, $user:expr) => {
        if let Some(device) = $condition.device() {
            let found = sqlx::query_scalar::<_, i64>(IS_OF_HOME)
                .bind(device)
                .bind($home)
                .bind($user);
            if found.fetch_one(&mut *$tx).await? == 0 {
                return Err(Error::NoDevice);
            }
        }
    };
}

impl Store {
    /// Makes a rule in a home of the user; it begins now.
    pub(crate) async fn create_rule(&self, rule: Rule) -> Result<Rule> {
        const HOME: &str = "SELECT count(*) FROM homes WHERE id = $1 AND user_id = $2";
        const COUNT: &str = "SELECT count(*) FROM alert_rules WHERE home_id = $1 AND user_id = $2";
        const INSERT: &str = "INSERT INTO alert_rules (id, user_id, home_id, device_id, name, paused, condition, state, \
            version, due_at, created_at, updated_at, touched_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9, $9, $9, $9)";
        let now = self.clock.now();
        transaction!(self.db, |tx| {
            tx.take_turns(rule.home.uuid()).await?;
            let home = sqlx::query_scalar::<_, i64>(HOME).bind(rule.home).bind(rule.user);
            if home.fetch_one(&mut *tx).await? == 0 {
                return Err(Error::NoHome);
            }
            let count = sqlx::query_scalar::<_, i64>(COUNT).bind(rule.home).bind(rule.user);
            if count.fetch_one(&mut *tx).await? >= MAX_RULES {
                return Err(Error::TooManyAlertRules);
            }
            check_device!(tx, rule.condition, rule.home, rule.user);
            sqlx::query(INSERT)
                .bind(rule.id)
                .bind(rule.user)
                .bind(rule.home)
                .bind(rule.condition.device())
                .bind(rule.name.clone())
                .bind(rule.paused)
                .bind(json(&rule.condition)?)
                .bind(json(&State::begin(&rule.condition, now))?)
                .bind(now)
                .execute(&mut *tx)
                .await?;
            Ok(Rule {
                created_at: now,
                updated_at: now,
                ..rule
            })
        })
    }

    /// The rules of a home of the user, first made first.
    pub(crate) async fn rules_of_home(&self, user: UserId, home: HomeId) -> Result<Vec<Rule>> {
        const SQL: &str = "SELECT r.id, r.user_id, r.home_id, r.name, r.paused, r.condition, r.state, r.version, r.due_at, \
            r.created_at, r.updated_at, d.on_threshold_watts FROM alert_rules r LEFT JOIN devices d ON d.id = r.device_id \
            WHERE r.home_id = $1 AND r.user_id = $2 ORDER BY r.created_at, r.id";
        let rows: Vec<Row> = read!(self.db, |pool| {
            sqlx::query_as(SQL).bind(home).bind(user).fetch_all(pool).await
        })?;
        let rules = rows.into_iter().map(|row| Check::try_from(row).map(|it| it.rule));
        Ok(rules.collect::<std::result::Result<_, _>>()?)
    }

    /// A rule of the user.
    pub(crate) async fn rule(&self, user: UserId, id: AlertRuleId) -> Result<Rule> {
        let check = self.check(id).await?.filter(|it| it.rule.user == user);
        Ok(check.ok_or(Error::NoAlertRule)?.rule)
    }

    /// A rule with what it remembers, whoever's it is: for looking, not for answering.
    pub(crate) async fn check(&self, id: AlertRuleId) -> Result<Option<Check>> {
        let row: Option<Row> = read!(self.db, |pool| sqlx::query_as(ONE).bind(id).fetch_optional(pool).await)?;
        Ok(row.map(Check::try_from).transpose()?)
    }

    /// All rules that have changed since, or whose devices have, whoever's they are.
    pub(crate) async fn touched_rules(&self, since: Timestamp) -> Result<Vec<Check>> {
        let rows: Vec<Row> = read!(self.db, |pool| sqlx::query_as(TOUCHED)
            .bind(since)
            .fetch_all(pool)
            .await)?;
        let checks = rows.into_iter().map(Check::try_from);
        Ok(checks.collect::<std::result::Result<_, _>>()?)
    }

    /// Rules that are due, at most so many; until then no other process finds them.
    pub(crate) async fn claim_due(&self, now: Timestamp, until: Timestamp, limit: u32) -> Result<Vec<AlertRuleId>> {
        const SQL: &str = "UPDATE alert_rules SET due_at = $2 WHERE due_at <= $1 AND NOT paused AND id IN \
            (SELECT id FROM alert_rules WHERE due_at <= $1 AND NOT paused ORDER BY due_at LIMIT $3) RETURNING id";
        const ANY: &str =
            "SELECT count(*) FROM (SELECT 1 FROM alert_rules WHERE due_at <= $1 AND NOT paused LIMIT 1) due";
        let any: i64 = read!(self.db, |pool| sqlx::query_scalar(ANY).bind(now).fetch_one(pool).await)?;
        if any == 0 {
            return Ok(Vec::new());
        }
        Ok(write!(self.db, |pool| {
            let query = sqlx::query_scalar(SQL).bind(now).bind(until).bind(i64::from(limit));
            query.fetch_all(pool).await
        })?)
    }

    /// Keeps what a step of a rule gave, unless the rule has changed since it was read; whether it did.
    pub(crate) async fn settle(&self, check: &Check, settled: Settled) -> Result<bool> {
        const UPDATE: &str = "UPDATE alert_rules SET state = $4, due_at = $5, touched_at = $6, version = version + 1 \
            WHERE id = $1 AND user_id = $2 AND version = $3 AND NOT paused";
        let (id, user, home, version) = (check.rule.id, check.rule.user, check.rule.home, check.version);
        let now = self.clock.now();
        transaction!(self.db, |tx| {
            tx.take_turns(home.uuid()).await?;
            let done = sqlx::query(UPDATE)
                .bind(id)
                .bind(user)
                .bind(version)
                .bind(json(&settled.state)?)
                .bind(settled.due)
                .bind(now)
                .execute(&mut *tx)
                .await?;
            if done.rows_affected() == 0 {
                return Ok(false);
            }
            let mut revision = alert::next_revision!(tx, home, now);
            if let Some(at) = settled.ended {
                alert::end!(tx, (id, user), at, revision);
            }
            for alert in settled.raised {
                revision += 1;
                alert::insert!(tx, user, alert, revision);
            }
            Ok(true)
        })
    }

    /// Changes a rule of the user. A new condition, or pausing, ends its active alert, and it begins anew.
    pub(crate) async fn update_rule(&self, user: UserId, id: AlertRuleId, change: RuleChange) -> Result<Rule> {
        const UPDATE: &str = "UPDATE alert_rules SET name = $3, paused = $4, condition = $5, device_id = $6, \
            updated_at = $7, touched_at = $7, version = version + 1 WHERE id = $1 AND user_id = $2";
        const BEGIN: &str = "UPDATE alert_rules SET state = $3, due_at = $4 WHERE id = $1 AND user_id = $2";
        let home = self.rule(user, id).await?.home;
        let now = self.clock.now();
        transaction!(self.db, |tx| {
            tx.take_turns(home.uuid()).await?;
            let row: Option<Row> = sqlx::query_as(ONE).bind(id).fetch_optional(&mut *tx).await?;
            let rule = Check::try_from(row.ok_or(Error::NoAlertRule)?)?.rule;
            let condition = change.condition.unwrap_or(rule.condition);
            check_device!(tx, condition, rule.home, user);
            let changed = Rule {
                name: change.name.unwrap_or(rule.name),
                paused: change.paused.unwrap_or(rule.paused),
                condition,
                updated_at: now,
                ..rule
            };
            sqlx::query(UPDATE)
                .bind(id)
                .bind(user)
                .bind(changed.name.clone())
                .bind(changed.paused)
                .bind(json(&condition)?)
                .bind(condition.device())
                .bind(now)
                .execute(&mut *tx)
                .await?;
            if changed.condition != rule.condition || changed.paused != rule.paused {
                let state = json(&State::begin(&condition, now))?;
                let begin = sqlx::query(BEGIN).bind(id).bind(user).bind(state).bind(now);
                begin.execute(&mut *tx).await?;
                let revision = alert::next_revision!(tx, changed.home, now);
                alert::end!(tx, (id, user), now, revision);
            }
            Ok(changed)
        })
    }

    /// Deletes a rule of the user; its alerts stay, the active one ends. Gives the rule that was.
    pub(crate) async fn delete_rule(&self, user: UserId, id: AlertRuleId) -> Result<Rule> {
        const DELETE: &str = "DELETE FROM alert_rules WHERE id = $1 AND user_id = $2";
        let rule = self.rule(user, id).await?;
        let now = self.clock.now();
        transaction!(self.db, |tx| {
            tx.take_turns(rule.home.uuid()).await?;
            let revision = alert::next_revision!(tx, rule.home, now);
            alert::end!(tx, (id, user), now, revision);
            let done = sqlx::query(DELETE).bind(id).bind(user).execute(&mut *tx).await?;
            if done.rows_affected() == 0 {
                return Err(Error::NoAlertRule);
            }
            Ok(rule)
        })
    }
}
