//! The kinds of devices, as the migrations bring them.

use voltaire_mesh::read;

use super::{Result, Store};
use crate::device::DeviceType;

impl Store {
    /// All kinds of devices, by number.
    pub(crate) async fn device_types(&self) -> Result<Vec<DeviceType>> {
        const SQL: &str = "SELECT id, key, name, description, icon, category FROM device_types ORDER BY id";
        Ok(read!(self.db, |pool| sqlx::query_as(SQL).fetch_all(pool).await)?)
    }
}
