//! How many may watch at once: so many in all, and so many of one user, who cannot shut out the others.

use std::{collections::HashMap, sync::Arc};

use parking_lot::Mutex;
use voltaire_types::UserId;

use crate::error::Error;

/// Those who watch, by user; clones share them.
#[derive(Clone, Debug)]
pub(super) struct Seats {
    taken: Arc<Mutex<HashMap<UserId, usize>>>,
    most: usize,
}

/// A place among those who watch; free again when it is dropped.
#[derive(Debug)]
pub(super) struct Seat {
    user: UserId,
    seats: Seats,
}

impl Seats {
    /// So many places, of which one user may have an eighth.
    pub(super) fn new(most: usize) -> Self {
        Self {
            taken: Arc::default(),
            most,
        }
    }

    pub(super) fn take(&self, user: UserId) -> Result<Seat, Error> {
        let mut taken = self.taken.lock();
        let own = taken.get(&user).copied().unwrap_or(0);
        let all = taken.values().sum::<usize>();
        if own >= self.most.div_ceil(8) || all >= self.most {
            metrics::counter!("voltaire_live_turned_away_total").increment(1);
            return Err(Error::TooManyWatch);
        }
        taken.insert(user, own + 1);
        metrics::gauge!("voltaire_live_watchers").set((all + 1) as f64);
        let seats = self.clone();
        Ok(Seat { user, seats })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.taken.lock();
        if let Some(own) = taken.get_mut(&self.user) {
            *own -= 1;
            if *own == 0 {
                taken.remove(&self.user);
            }
        }
        metrics::gauge!("voltaire_live_watchers").set(taken.values().sum::<usize>() as f64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_user_leaves_room_for_others_and_a_place_is_free_again() {
        let seats = Seats::new(16);
        let user = UserId::new();
        let own: Vec<_> = (0..2).map(|_| seats.take(user).unwrap()).collect();
        assert!(matches!(seats.take(user), Err(Error::TooManyWatch)));
        let others: Vec<_> = (0..14).map(|_| seats.take(UserId::new()).unwrap()).collect();
        assert!(seats.take(UserId::new()).is_err());
        drop(own);
        assert!(seats.take(user).is_ok());
        drop(others);
        assert!(seats.taken.lock().is_empty());
    }
}
