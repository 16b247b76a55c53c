//! Devices.

use std::{collections::HashSet, time::Duration};

use voltaire_mesh::{Invalid, read, transaction};
use voltaire_types::{DeviceId, HomeId, Timestamp, UserId, Watts};

use super::{Result, Store, corrupt, dialect::Dialect, upkeep::Upkeep};
use crate::{
    device::{Device, DeviceChange, Flow, MAX_DEVICES, check_in_home, name_key, next_color},
    error::Error,
};

#[derive(sqlx::FromRow)]
struct Row {
    id: DeviceId,
    home_id: HomeId,
    name: String,
    device_type_id: i32,
    room: String,
    flow: i32,
    parent_device_id: Option<DeviceId>,
    aliases: String,
    on_threshold_watts: Option<Watts>,
    max_gap_seconds: Option<f64>,
    color_slot: i32,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl TryFrom<Row> for Device {
    type Error = sqlx::Error;

    fn try_from(row: Row) -> std::result::Result<Self, sqlx::Error> {
        let gap = |seconds| Duration::try_from_secs_f64(seconds).map_err(|_| corrupt("devices.max_gap_seconds"));
        Ok(Self {
            id: row.id,
            home_id: row.home_id,
            name: row.name,
            type_id: row.device_type_id,
            room: row.room,
            flow: match row.flow {
                1 => Flow::Consumption,
                2 => Flow::Grid,
                3 => Flow::Production,
                4 => Flow::Storage,
                _ => return Err(corrupt("devices.flow")),
            },
            parent: row.parent_device_id,
            aliases: serde_json::from_str(&row.aliases).map_err(|_| corrupt("devices.aliases"))?,
            on_threshold: row.on_threshold_watts,
            max_gap: row.max_gap_seconds.map(gap).transpose()?,
            color_slot: row.color_slot,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

const fn flow_number(flow: Flow) -> i32 {
    match flow {
        Flow::Consumption => 1,
        Flow::Grid => 2,
        Flow::Production => 3,
        Flow::Storage => 4,
    }
}

/// A device and what is known of its readings.
#[derive(Clone, Debug)]
pub(crate) struct Metered {
    pub(crate) device: Device,
    /// Whether it ever sent one.
    pub(crate) measured: bool,
    /// Whether early ones are dropped.
    pub(crate) drops: bool,
}

#[derive(sqlx::FromRow)]
struct MeteredRow {
    #[sqlx(flatten)]
    device: Row,
    /// None where no reading was ever stored.
    progress_of: Option<DeviceId>,
    edge: Option<Timestamp>,
    kept_from: Option<Timestamp>,
}

fn devices(rows: Vec<Row>) -> std::result::Result<Vec<Device>, sqlx::Error> {
    rows.into_iter().map(Device::try_from).collect()
}

const OF_HOME: &str = "SELECT id, home_id, name, device_type_id, room, flow, parent_device_id, aliases, \
    on_threshold_watts, max_gap_seconds, color_slot, created_at, updated_at FROM devices \
    WHERE home_id = $1 AND user_id = $2 ORDER BY created_at, id";

/// A statement that failed because the device type does not exist, in the domain's words.
fn unknown_type(error: sqlx::Error) -> Error {
    match &error {
        sqlx::Error::Database(cause) if cause.is_foreign_key_violation() => Invalid::new(
            "device.device_type_id",
            "no such device type: ListDeviceTypes names them",
        )
        .into(),
        sqlx::Error::Database(cause) if cause.is_unique_violation() => Error::NameTaken,
        _ => error.into(),
    }
}

impl Store {
    /// The devices of a home of the user, first made first; none for another's home.
    pub(crate) async fn devices_of_home(&self, user: UserId, home: HomeId) -> Result<Vec<Device>> {
        let rows = read!(self.db, |pool| {
            sqlx::query_as(OF_HOME).bind(home).bind(user).fetch_all(pool).await
        })?;
        Ok(devices(rows)?)
    }

    /// The same, with what is known of their readings. Of those that have been rolled up it is known; only for the others readings
    /// are looked for, as merely planning that takes long where they are in many chunks.
    pub(crate) async fn metered_devices(&self, user: UserId, home: HomeId) -> Result<Vec<Metered>> {
        const SQL: &str = "SELECT id, home_id, name, device_type_id, room, flow, parent_device_id, aliases, \
            on_threshold_watts, max_gap_seconds, color_slot, created_at, updated_at, p.device_id AS progress_of, \
            p.edge, p.kept_from FROM devices d LEFT JOIN rollup_progress p ON p.device_id = d.id \
            WHERE home_id = $1 AND user_id = $2 ORDER BY created_at, id";
        let rows: Vec<MeteredRow> = read!(self.db, |pool| {
            sqlx::query_as(SQL).bind(home).bind(user).fetch_all(pool).await
        })?;
        let unrolled: Vec<_> = rows
            .iter()
            .filter(|it| it.edge.is_none())
            .filter_map(|it| it.progress_of)
            .collect();
        let found: HashSet<_> = if unrolled.is_empty() {
            HashSet::new()
        } else {
            self.ranges(&unrolled).await?.into_iter().map(|(id, _)| id).collect()
        };
        let metered = |it: MeteredRow| {
            Ok(Metered {
                measured: it.edge.is_some() || found.contains(&it.device.id),
                drops: it.kept_from.is_some(),
                device: it.device.try_into()?,
            })
        };
        rows.into_iter().map(metered).collect()
    }

    /// The devices of all homes of the user, first made first.
    pub(crate) async fn devices_of_user(&self, user: UserId) -> Result<Vec<Device>> {
        const SQL: &str = "SELECT id, home_id, name, device_type_id, room, flow, parent_device_id, aliases, \
            on_threshold_watts, max_gap_seconds, color_slot, created_at, updated_at FROM devices \
            WHERE user_id = $1 ORDER BY created_at, id";
        let rows = read!(self.db, |pool| sqlx::query_as(SQL).bind(user).fetch_all(pool).await)?;
        Ok(devices(rows)?)
    }

    /// A device of the user.
    pub(crate) async fn device(&self, user: UserId, id: DeviceId) -> Result<Device> {
        const SQL: &str = "SELECT id, home_id, name, device_type_id, room, flow, parent_device_id, aliases, \
            on_threshold_watts, max_gap_seconds, color_slot, created_at, updated_at FROM devices \
            WHERE id = $1 AND user_id = $2";
        let row: Option<Row> = read!(self.db, |pool| sqlx::query_as(SQL)
            .bind(id)
            .bind(user)
            .fetch_optional(pool)
            .await)?;
        Ok(row.ok_or(Error::NoDevice)?.try_into()?)
    }

    /// Makes the device in its home, which must be the user's; the colour is set here.
    pub(crate) async fn create_device(&self, user: UserId, device: Device) -> Result<Device> {
        const HOME: &str = "SELECT count(*) FROM homes WHERE id = $1 AND user_id = $2";
        const INSERT: &str = "INSERT INTO devices (id, user_id, home_id, name, name_key, device_type_id, room, flow, \
            parent_device_id, aliases, on_threshold_watts, max_gap_seconds, color_slot, created_at, updated_at) \
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";
        transaction!(self.db, |tx| {
            tx.take_turns(device.home_id.uuid()).await?;
            let home = sqlx::query_scalar::<_, i64>(HOME).bind(device.home_id).bind(user);
            if home.fetch_one(&mut *tx).await? == 0 {
                return Err(Error::NoHome);
            }
            let rows = sqlx::query_as(OF_HOME)
                .bind(device.home_id)
                .bind(user)
                .fetch_all(&mut *tx)
                .await?;
            let others = devices(rows)?;
            if others.len() >= MAX_DEVICES {
                return Err(Error::TooManyDevices);
            }
            check_in_home(&device, &others)?;
            let device = Device {
                color_slot: next_color(&others),
                ..device
            };
            sqlx::query(INSERT)
                .bind(device.id)
                .bind(user)
                .bind(device.home_id)
                .bind(device.name.clone())
                .bind(name_key(&device.name))
                .bind(device.type_id)
                .bind(device.room.clone())
                .bind(flow_number(device.flow))
                .bind(device.parent)
                .bind(serde_json::json!(device.aliases).to_string())
                .bind(device.on_threshold)
                .bind(device.max_gap.map(|it| it.as_secs_f64()))
                .bind(device.color_slot)
                .bind(device.created_at)
                .bind(device.updated_at)
                .execute(&mut *tx)
                .await
                .map_err(unknown_type)?;
            tx.begin_progress(device.id).await?;
            Ok(device)
        })
    }

    /// Changes a device of the user. Another maximum gap makes other figures of what was measured: they begin anew.
    pub(crate) async fn update_device(&self, user: UserId, id: DeviceId, change: DeviceChange) -> Result<Device> {
        const UPDATE: &str = "UPDATE devices SET name = $3, name_key = $4, device_type_id = $5, room = $6, flow = $7, \
            parent_device_id = $8, aliases = $9, on_threshold_watts = $10, max_gap_seconds = $11, updated_at = $12 \
            WHERE id = $1 AND user_id = $2";
        const TOUCH: &str = "UPDATE alert_rules SET touched_at = $2 WHERE device_id = $1";
        let home = self.device(user, id).await?.home_id;
        let now = self.clock.now();
        transaction!(self.db, |tx| {
            tx.take_turns(home.uuid()).await?;
            let rows = sqlx::query_as(OF_HOME)
                .bind(home)
                .bind(user)
                .fetch_all(&mut *tx)
                .await?;
            let others = devices(rows)?;
            let known = others.iter().find(|it| it.id == id).cloned().ok_or(Error::NoDevice)?;
            let max_gap = known.max_gap();
            let device = Device {
                updated_at: now,
                ..change.apply(known)
            };
            check_in_home(&device, &others)?;
            sqlx::query(UPDATE)
                .bind(id)
                .bind(user)
                .bind(device.name.clone())
                .bind(name_key(&device.name))
                .bind(device.type_id)
                .bind(device.room.clone())
                .bind(flow_number(device.flow))
                .bind(device.parent)
                .bind(serde_json::json!(device.aliases).to_string())
                .bind(device.on_threshold)
                .bind(device.max_gap.map(|it| it.as_secs_f64()))
                .bind(now)
                .execute(&mut *tx)
                .await
                .map_err(unknown_type)?;
            sqlx::query(TOUCH).bind(id).bind(now).execute(&mut *tx).await?;
            if device.max_gap() != max_gap {
                tx.forget_rollups(device.id).await?;
            }
            Ok(device)
        })
    }

    /// Deletes a device of the user with its readings; those below it move up. Gives the device that was.
    pub(crate) async fn delete_device(&self, user: UserId, id: DeviceId) -> Result<Device> {
        const MOVE_UP: &str = "UPDATE devices SET parent_device_id = $2 WHERE parent_device_id = $1";
        const DELETE: &str = "DELETE FROM devices WHERE id = $1 AND user_id = $2";
        let device = self.device(user, id).await?;
        self.purge(vec![id]).await?;
        transaction!(self.db, |tx| {
            tx.take_turns(device.home_id.uuid()).await?;
            let parent = "SELECT parent_device_id FROM devices WHERE id = $1 AND user_id = $2";
            let parent: Option<Option<DeviceId>> = sqlx::query_scalar(parent)
                .bind(id)
                .bind(user)
                .fetch_optional(&mut *tx)
                .await?;
            let parent = parent.ok_or(Error::NoDevice)?;
            sqlx::query(MOVE_UP).bind(id).bind(parent).execute(&mut *tx).await?;
            sqlx::query(DELETE).bind(id).bind(user).execute(&mut *tx).await?;
            Ok(device)
        })
    }
}
