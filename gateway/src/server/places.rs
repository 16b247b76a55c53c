//! Places for connections: so many in all, so many for one address.

use std::{collections::HashMap, net::IpAddr, sync::Arc};

use parking_lot::Mutex;

use crate::config::Limits;

/// All places.
#[derive(Clone)]
pub(super) struct Places {
    most: usize,
    most_per_address: usize,
    taken: Arc<Mutex<Taken>>,
}

#[derive(Default)]
struct Taken {
    all: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// A connection's place, free again when dropped.
pub(super) struct Place {
    taken: Arc<Mutex<Taken>>,
    address: Option<IpAddr>,
}

impl Places {
    /// As many as the limits say.
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            most: limits.connections,
            most_per_address: limits.connections_per_address,
            taken: Arc::default(),
        }
    }

    /// A place, if there is one left in all and, where it is counted, for this address.
    pub(super) fn take(&self, address: IpAddr, counted: bool) -> Option<Place> {
        let mut taken = self.taken.lock();
        if taken.all >= self.most {
            return None;
        }
        if counted {
            let of_address = taken.by_address.entry(address).or_default();
            if *of_address >= self.most_per_address {
                return None;
            }
            *of_address += 1;
        }
        taken.all += 1;
        metrics::gauge!("voltaire_gateway_connections").set(taken.all as f64);
        Some(Place {
            taken: Arc::clone(&self.taken),
            address: counted.then_some(address),
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.taken.lock();
        taken.all -= 1;
        metrics::gauge!("voltaire_gateway_connections").set(taken.all as f64);
        if let Some(address) = self.address
            && let Some(of_address) = taken.by_address.get_mut(&address)
        {
            *of_address -= 1;
            if *of_address == 0 {
                taken.by_address.remove(&address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_cannot_take_all_places() {
        let places = Places::new(&Limits {
            connections: 3,
            connections_per_address: 1,
            ..Limits::default()
        });
        let (one, two) = ([192, 0, 2, 1].into(), [192, 0, 2, 2].into());
        let first = places.take(one, true);
        assert!(first.is_some() && places.take(one, true).is_none());
        let others = (places.take(two, true), places.take([127, 0, 0, 1].into(), false));
        assert!(others.0.is_some() && others.1.is_some());
        assert!(places.take([127, 0, 0, 1].into(), false).is_none());
        drop(first);
        assert!(places.take(one, true).is_some());
    }
}
