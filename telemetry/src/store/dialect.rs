//! Where SQLite and PostgreSQL truly differ: lists of ids, batch inserts, and waiting for each other.

mod postgres;
mod runs;
mod sqlite;
mod statement;
#[cfg(test)]
mod test;

use std::future::Future;

use uuid::Uuid;
use voltaire_types::{DeviceId, HomeId, Timestamp, UserId};

use super::reading::Batch;

/// A device, its owner and its home.
pub(super) type Owner = (DeviceId, UserId, HomeId);

/// One of the two databases, by its connection.
pub(super) trait Dialect {
    /// Owner and home of those of the devices that there are; they stay until the transaction ends.
    fn owners(&mut self, id_list: String) -> impl Future<Output = Result<Vec<Owner>, sqlx::Error>> + Send;

    /// Makes transactions with the same key wait for each other.
    fn take_turns(&mut self, key: Uuid) -> impl Future<Output = Result<(), sqlx::Error>> + Send;

    /// Inserts what is new of each batch, in their order, and says how many those were.
    fn insert(
        &mut self,
        batches: &[Batch],
        now: Timestamp,
    ) -> impl Future<Output = Result<Vec<u32>, sqlx::Error>> + Send;
}
