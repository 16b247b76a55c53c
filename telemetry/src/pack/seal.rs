//! The first bytes of packed data: a version and a checksum.

use super::{Damaged, Key};

/// How the bytes after it are laid out.
const VERSION: u8 = 1;
const HEAD: usize = 5;

/// Puts version and checksum before the columns.
pub(super) fn close(key: Key, columns: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(HEAD + columns.len());
    bytes.push(VERSION);
    bytes.extend(checksum(key, columns).to_le_bytes());
    bytes.extend(columns);
    bytes
}

/// The columns, if they are what was packed under this key.
pub(super) fn open(key: Key, bytes: &[u8]) -> Result<&[u8], Damaged> {
    let (head, columns) = bytes.split_at_checked(HEAD).ok_or(Damaged)?;
    let good = head.first() == Some(&VERSION) && head.get(1..) == Some(&checksum(key, columns).to_le_bytes()[..]);
    good.then_some(columns).ok_or(Damaged)
}

fn checksum(key: Key, columns: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(key.device.uuid().as_bytes());
    hasher.update(&key.start.micros().to_le_bytes());
    hasher.update(columns);
    hasher.finalize()
}
