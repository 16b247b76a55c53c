//! The statements that put rows into SQLite: a few texts, so that all of them stay prepared.

use std::sync::LazyLock;

use sqlx::{Arguments as _, error::BoxDynError, sqlite::SqliteArguments};
use voltaire_types::Timestamp;

use super::runs::Row;

/// Rows of a statement at most.
pub(super) const MOST: usize = 1024;
/// Rows that a statement has room for.
const ROOMS: [usize; 8] = [8, 16, 32, 64, 128, 256, 512, MOST];
const SHAPES: [Shape; 4] = [Shape::Slim, Shape::Wide, Shape::Mixed, Shape::Telling];

/// What the rows of a statement are. The fewer values a row has, the faster it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// Of one device, without counters and intervals.
    Slim,
    /// Of one device.
    Wide,
    /// Of any devices.
    Mixed,
    /// Of any devices; gives device and instant of those that were new.
    Telling,
}

impl Shape {
    /// The one for rows of one device.
    pub(super) fn of_run(rows: &[Row<'_>]) -> Self {
        let wide = |it: &Row<'_>| it.reading.counter.is_some() || it.reading.interval.is_some();
        if rows.iter().any(wide) { Self::Wide } else { Self::Slim }
    }

    fn has_counter(self) -> bool {
        self != Self::Slim
    }

    fn has_device(self) -> bool {
        matches!(self, Self::Mixed | Self::Telling)
    }

    /// Values of a row.
    fn width(self) -> usize {
        5 + if self.has_counter() { 2 } else { 0 } + usize::from(self.has_device())
    }

    /// Room that is left holds nulls, which are no rows.
    fn text(self, room: usize) -> String {
        let row = format!("(?{})", ",?".repeat(self.width() - 1));
        let more = format!(",{row}").repeat(room - 1);
        let (counter, rest) = if self.has_counter() {
            (", counter, seconds", "counter, seconds")
        } else {
            ("", "NULL, NULL")
        };
        let (column, device) = if self.has_device() {
            (", device", "device")
        } else {
            ("", "?")
        };
        let returning = if self == Self::Telling {
            " RETURNING device_id, timestamp"
        } else {
            ""
        };
        format!(
            "WITH r (at, power, voltage, amperes, factor{counter}{column}) AS (VALUES {row}{more}) \
             INSERT INTO telemetry_data (device_id, timestamp, energy_watts, voltage, current, power_factor, \
             energy_total_wh, interval_seconds, created_at) \
             SELECT {device}, at, power, voltage, amperes, factor, {rest}, ? FROM r WHERE at IS NOT NULL \
             ON CONFLICT DO NOTHING{returning}"
        )
    }

    /// The text that has room for 1 to [`MOST`] rows, and its values.
    pub(super) fn statement(
        self,
        rows: &[Row<'_>],
        now: Timestamp,
    ) -> Result<(&'static str, SqliteArguments), sqlx::Error> {
        static TEXTS: LazyLock<Vec<(Shape, usize, String)>> = LazyLock::new(|| {
            let each = SHAPES.iter().flat_map(|shape| ROOMS.map(|room| (*shape, room)));
            each.map(|(shape, room)| (shape, room, shape.text(room))).collect()
        });
        let fits = |(shape, room, _): &&(Self, usize, String)| *shape == self && *room >= rows.len();
        let (_, room, text) = TEXTS.iter().find(fits).expect("nobody asks for more than MOST");
        let values = self.values(rows, *room, now).map_err(sqlx::Error::Encode)?;
        Ok((text, values))
    }

    fn values(self, rows: &[Row<'_>], room: usize, now: Timestamp) -> Result<SqliteArguments, BoxDynError> {
        let mut values = SqliteArguments::default();
        values.reserve(room * self.width() + 2, 0);
        for Row { reading, .. } in rows {
            values.add(reading.at)?;
            values.add(reading.power)?;
            values.add(reading.voltage)?;
            values.add(reading.current)?;
            values.add(reading.power_factor)?;
            if self.has_counter() {
                values.add(reading.counter)?;
                values.add(reading.interval.map(|it| it.as_secs_f64()))?;
            }
            if self.has_device() {
                values.add(reading.device)?;
            }
        }
        for _ in rows.len() * self.width()..room * self.width() {
            values.add(None::<f64>)?;
        }
        if let (false, Some(row)) = (self.has_device(), rows.first()) {
            values.add(row.reading.device)?;
        }
        values.add(now)?;
        Ok(values)
    }
}
