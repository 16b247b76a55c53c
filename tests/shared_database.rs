//! The tables of all services in one database: made in any order, a user's data go with the user, and each service's tables
//! go and come alone.

use std::collections::BTreeSet;

use sqlx::{AssertSqlSafe, migrate::Migrator};
use voltaire_mesh::{Db, Migrations, read, test::on_each_db, write};

const ORDERS: [[usize; 3]; 6] = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];

/// Where a user owns something.
const OWNED: [&str; 6] = [
    "homes",
    "devices",
    "telemetry_data",
    "chat_sessions",
    "chat_messages",
    "chat_reports",
];

fn services() -> [Migrations; 3] {
    [
        voltaire_auth::migrations(),
        voltaire_telemetry::migrations(),
        voltaire_chat::migrations(),
    ]
}

/// Runs the test on an empty database of each kind.
async fn on_each_empty(test: impl AsyncFn(Db)) {
    on_each_db(&Migrations::new("none", Migrator::DEFAULT, Migrator::DEFAULT), test).await;
}

async fn execute(db: &Db, sql: String) -> Result<u64, sqlx::Error> {
    write!(db, |c| sqlx::query(AssertSqlSafe(sql))
        .execute(c)
        .await
        .map(|done| done.rows_affected()))
}

async fn count(db: &Db, table: &str) -> i64 {
    let sql = format!("SELECT count(*) FROM {table}");
    let counted = read!(db, |c| sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(c).await);
    counted.unwrap_or_else(|error| panic!("{table}: {error}"))
}

/// Foreign keys to `users` that delete with them: table and column.
async fn keys(db: &Db) -> BTreeSet<String> {
    let sql = "SELECT conrelid::regclass::text || '.' || attname FROM pg_constraint
        JOIN pg_attribute ON attrelid = conrelid AND attnum = ANY (conkey)
        WHERE contype = 'f' AND confdeltype = 'c' AND confrelid = 'users'::regclass";
    let keys: Vec<String> = match db {
        Db::Sqlite(_) => Vec::new(),
        Db::Postgres(_) => read!(db, |c| sqlx::query_scalar(sql).fetch_all(c).await).expect("its catalogue"),
    };
    keys.into_iter().collect()
}

/// A user by number, with one row in each table; PostgreSQL's SQL.
fn user(number: u32) -> [String; 7] {
    let id = format!("'00000000-0000-4000-8000-00000000000{number}'");
    [
        format!(
            "INSERT INTO users (id, name, email, email_key, password, role, created_at, updated_at)
             VALUES ({id}, 'Ann', 'ann{number}@example.com', 'ann{number}@example.com', '-', 'user', 'epoch', 'epoch')"
        ),
        format!(
            "INSERT INTO homes (id, user_id, name, time_zone, currency, locale, week_start, created_at, updated_at)
             VALUES ({id}, {id}, 'Home', 'UTC', 'EUR', 'en', 1, 'epoch', 'epoch')"
        ),
        format!(
            "INSERT INTO devices (id, user_id, home_id, name, name_key, device_type_id, room, flow, aliases, color_slot,
                created_at, updated_at)
             VALUES ({id}, {id}, {id}, 'Fridge', 'fridge', 12, '', 1, '[]', 0, 'epoch', 'epoch')"
        ),
        format!(
            "INSERT INTO telemetry_data (device_id, timestamp, energy_watts, created_at)
             VALUES ({id}, '2026-01-01Z', 80, 'epoch')"
        ),
        format!(
            "INSERT INTO chat_sessions (id, user_id, title, created_at, updated_at)
             VALUES ({id}, {id}, 'Fridge', 'epoch', 'epoch')"
        ),
        format!(
            "INSERT INTO chat_messages (id, user_id, session_id, role, content, metadata, created_at)
             VALUES ({id}, {id}, {id}, 'user', 'how much?', '{{}}', 'epoch')"
        ),
        format!(
            "INSERT INTO chat_reports (message_id, user_id, said, answer, note, created_at)
             VALUES ({id}, {id}, '[]', 'much', '', 'epoch')"
        ),
    ]
}

#[tokio::test]
async fn a_users_data_go_with_them_whichever_service_came_first() {
    for order in ORDERS {
        on_each_empty(async |db| {
            let services = services();
            for service in order {
                services[service]
                    .up(&db)
                    .await
                    .unwrap_or_else(|error| panic!("{order:?}: {error}"));
            }
            let Db::Postgres(_) = db else {
                return;
            };
            for sql in user(1).into_iter().chain(user(2)) {
                assert_eq!(execute(&db, sql).await.expect("a row"), 1, "{order:?}");
            }
            let orphan = user(3);
            for sql in [&orphan[1], &orphan[4]] {
                let refused = execute(&db, sql.clone()).await.expect_err("nobody owns it");
                let refused = refused.into_database_error().expect("the database refuses");
                assert!(refused.is_foreign_key_violation(), "{order:?} {sql}: {refused}");
            }
            let gone = "DELETE FROM users WHERE email = 'ann1@example.com'".to_owned();
            assert_eq!(execute(&db, gone).await.expect("deleted"), 1);
            for table in OWNED {
                assert_eq!(count(&db, table).await, 1, "{order:?}: {table}");
            }
        })
        .await;
    }
}

#[tokio::test]
async fn each_services_tables_go_and_come_alone() {
    on_each_empty(async |db| {
        let services = services();
        for service in &services {
            service.up(&db).await.expect("all up");
        }
        let before = keys(&db).await;
        let tables = [("auth", "users"), ("telemetry", "devices"), ("chat", "chat_messages")];
        for moved in &services {
            moved.down(&db, 0).await.expect("down alone");
            for (other, (name, table)) in services.iter().zip(tables) {
                assert_eq!(other.service, name);
                let applied = other.status(&db).await.expect("its state");
                let is_up = other.service != moved.service;
                assert!(
                    applied.iter().all(|it| it.applied == is_up),
                    "{name} without {}: {applied:?}",
                    moved.service
                );
                if is_up {
                    assert_eq!(count(&db, table).await, 0);
                }
            }
            moved.up(&db).await.expect("and up again");
            assert_eq!(keys(&db).await, before, "{} has come back", moved.service);
        }
        if let Db::Postgres(_) = db {
            for key in ["homes", "devices", "chat_sessions", "chat_messages"] {
                assert!(before.contains(&format!("{key}.user_id")), "{key} in {before:?}");
            }
        }
    })
    .await;
}
