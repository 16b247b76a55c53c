//! Alerts that may be forgotten are found by an index.

use sqlx::Row as _;
use voltaire_mesh::{Db, test::on_each_db, transaction};

use super::{
    super::{FORGET, FORGET_SQL},
    at,
};
use crate::migrations;

/// The plan of the statement that forgets alerts, where going through all rows is no choice.
async fn plan_of_forgetting(db: &Db) -> Vec<String> {
    match db {
        Db::Sqlite(sqlite) => {
            let sql = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {FORGET_SQL}"));
            let rows = sqlx::query(sql)
                .bind(at(0))
                .bind(FORGET)
                .fetch_all(&sqlite.readers)
                .await;
            rows.unwrap().iter().map(|row| row.get("detail")).collect()
        }
        Db::Postgres(_) => {
            let plan = transaction!(db, |tx| {
                let sql = sqlx::AssertSqlSafe(format!("EXPLAIN {FORGET_SQL}"));
                sqlx::query("SET LOCAL enable_seqscan = off").execute(&mut *tx).await?;
                let rows = sqlx::query_scalar::<_, String>(sql).bind(at(0)).bind(FORGET);
                rows.fetch_all(&mut *tx).await
            });
            plan.unwrap()
        }
    }
}

#[tokio::test]
async fn alerts_to_forget_are_found_by_when_they_ended() {
    on_each_db(&migrations(), async |db| {
        let plan = plan_of_forgetting(&db).await;
        assert!(plan.iter().any(|line| line.contains("alerts_by_end")), "{plan:?}");
    })
    .await;
}
