//! Each service owns its schema and its own migration table (`_sqlx_migrations_SERVICE`), up and down.

use sqlx::migrate::{Migrate, MigrateError, Migrator};

use crate::Db;

/// The migrations of one service, paired for both kinds of database.
#[derive(Debug)]
pub struct Migrations {
    /// The service's name.
    pub service: &'static str,
    sqlite: Migrator,
    postgres: Migrator,
}

/// One migration and whether it is applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// Its number.
    pub version: i64,
    /// Its name.
    pub name: String,
    /// Whether it is applied.
    pub applied: bool,
}

impl Migrations {
    /// The migrations of a service: `sqlx::migrate!("migrations/sqlite")` and `sqlx::migrate!("migrations/postgres")`.
    pub fn new(service: &'static str, mut sqlite: Migrator, mut postgres: Migrator) -> Self {
        let table = format!("_sqlx_migrations_{service}");
        sqlite.dangerous_set_table_name(table.clone());
        postgres.dangerous_set_table_name(table);
        Self {
            service,
            sqlite,
            postgres,
        }
    }

    /// The newest one that is known, for SQLite; 0: none.
    pub fn newest(&self) -> i64 {
        self.sqlite.iter().map(|it| it.version).max().unwrap_or(0)
    }

    fn of(&self, db: &Db) -> &Migrator {
        match db {
            Db::Sqlite(_) => &self.sqlite,
            Db::Postgres(_) => &self.postgres,
        }
    }

    /// Applies what is missing. Several processes may do so at once: PostgreSQL makes them wait for each other.
    pub async fn up(&self, db: &Db) -> Result<(), MigrateError> {
        match db {
            Db::Sqlite(sqlite) => self.sqlite.run(&sqlite.writer).await,
            Db::Postgres(postgres) => {
                let mut connection = postgres.lease().pool().acquire().await?;
                unlimited(&mut connection).await?;
                let done = self.postgres.run(&mut *connection).await;
                connection.close().await?;
                done
            }
        }
    }

    /// Takes back everything above `target` (0: all), newest first. Data in dropped tables is gone.
    pub async fn down(&self, db: &Db, target: i64) -> Result<(), MigrateError> {
        match db {
            Db::Sqlite(sqlite) => self.sqlite.undo(&sqlite.writer, target).await,
            Db::Postgres(postgres) => {
                let mut connection = postgres.lease().pool().acquire().await?;
                unlimited(&mut connection).await?;
                let done = self.postgres.undo(&mut *connection, target).await;
                connection.close().await?;
                done
            }
        }
    }

    /// Every migration and whether it is applied, oldest first.
    pub async fn status(&self, db: &Db) -> Result<Vec<State>, MigrateError> {
        let table = format!("_sqlx_migrations_{}", self.service);
        let applied = match db {
            Db::Sqlite(sqlite) => {
                let mut connection = sqlite.writer.acquire().await?;
                connection.ensure_migrations_table(&table).await?;
                connection.list_applied_migrations(&table).await?
            }
            Db::Postgres(postgres) => {
                let mut connection = postgres.lease().pool().acquire().await?;
                connection.ensure_migrations_table(&table).await?;
                connection.list_applied_migrations(&table).await?
            }
        };
        let known = self.of(db).iter().filter(|it| !it.migration_type.is_down_migration());
        Ok(known
            .map(|it| State {
                version: it.version,
                name: it.description.to_string(),
                applied: applied.iter().any(|done| done.version == it.version),
            })
            .collect())
    }
}

/// A migration may take longer than a query of a service may.
async fn unlimited(connection: &mut sqlx::PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT set_config('statement_timeout', '0', false), set_config('lock_timeout', '60s', false)")
        .execute(connection)
        .await
        .map(drop)
}
