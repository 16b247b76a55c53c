//! Blocks that were opened lately: whoever looks at a day asks for it again and again.

use std::{fmt, sync::Arc};

use quick_cache::{Weighter, sync::Cache};

use crate::{
    figures::Sample,
    pack::{Damaged, Key, readings},
};

/// Bytes that are held, about: a hundred days of a device with a reading every ten seconds.
const MOST_BYTES: u64 = 32 << 20;
/// How many blocks they are about.
const BLOCKS: usize = 500;

/// Samples of blocks, as long as there is room. What is known of a block counts only for the very bytes that it was made of, so
/// that one which was sealed again, or damaged, is never mistaken.
#[derive(Clone)]
pub(super) struct Opened(Arc<Cache<Key, Known, Bytes>>);

#[derive(Clone)]
struct Known {
    packed: Arc<[u8]>,
    samples: Arc<[Sample]>,
}

#[derive(Clone)]
struct Bytes;

impl Weighter<Key, Known> for Bytes {
    fn weight(&self, _: &Key, it: &Known) -> u64 {
        (it.packed.len() + size_of_val(&*it.samples)) as u64
    }
}

impl Default for Opened {
    fn default() -> Self {
        Self(Arc::new(Cache::with_weighter(BLOCKS, MOST_BYTES, Bytes)))
    }
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Opened({} blocks)", self.0.len())
    }
}

impl Opened {
    /// The samples of a block, in time's order.
    pub(super) fn samples(&self, key: Key, packed: &[u8]) -> Result<Arc<[Sample]>, Damaged> {
        if let Some(known) = self.0.get(&key).filter(|known| *known.packed == *packed) {
            return Ok(known.samples);
        }
        let samples: Arc<[Sample]> = readings::Block::open(key, packed)?.samples()?.into();
        let known = Known {
            packed: packed.into(),
            samples: samples.clone(),
        };
        self.0.insert(key, known);
        Ok(samples)
    }
}

#[cfg(test)]
mod tests {
    use voltaire_types::{DeviceId, Timestamp, Watts};

    use super::*;
    use crate::reading::Reading;

    #[test]
    fn what_is_known_counts_for_the_same_bytes_only() {
        let key = Key {
            device: DeviceId::from_uuid(uuid::Uuid::from_u128(7)),
            start: Timestamp::from_parts(1_767_225_600, 0).unwrap(),
        };
        let packed = |power| {
            let reading = Reading {
                device: key.device,
                at: key.start,
                power: Watts(power),
                voltage: None,
                current: None,
                power_factor: None,
                counter: None,
                interval: None,
            };
            readings::pack(key, &[reading])
        };
        let opened = Opened::default();
        let power = |packed: &[u8]| opened.samples(key, packed).map(|it| it[0].power);
        let first = opened.samples(key, &packed(5.0)).unwrap();
        assert!(Arc::ptr_eq(&first, &opened.samples(key, &packed(5.0)).unwrap()));
        assert_eq!(power(&packed(6.0)), Ok(Watts(6.0)), "sealed again");
        let mut damaged = packed(6.0);
        *damaged.last_mut().unwrap() ^= 1;
        assert!(power(&damaged).is_err());
        assert_eq!(power(&packed(6.0)), Ok(Watts(6.0)));
    }
}
