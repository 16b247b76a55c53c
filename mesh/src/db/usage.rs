//! How many connections of a database are at work.

use super::Db;

impl Db {
    /// Tells Prometheus, in the name of a service.
    pub(crate) fn tell_usage(&self, service: &'static str) {
        let (size, idle, most) = match self {
            Self::Sqlite(it) => (
                it.readers.size(),
                it.readers.num_idle(),
                it.readers.options().get_max_connections(),
            ),
            Self::Postgres(it) => {
                let lease = it.lease();
                let pool = lease.pool();
                (pool.size(), pool.num_idle(), pool.options().get_max_connections())
            }
        };
        // The two are read one after the other.
        let used = f64::from(size) - idle as f64;
        metrics::gauge!("voltaire_db_connections", "service" => service, "state" => "idle").set(idle as f64);
        metrics::gauge!("voltaire_db_connections", "service" => service, "state" => "used").set(used.max(0.0));
        metrics::gauge!("voltaire_db_connections_max", "service" => service).set(most);
    }
}
