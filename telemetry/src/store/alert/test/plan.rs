//! Alerts that may be forgotten, and rules that have changed, are found by an index.

use sqlx::Row as _;
use voltaire_mesh::{Db, test::on_each_db, transaction};

use super::{
    super::{super::alert_rule::TOUCHED, FORGET, FORGET_SQL},
    at,
};
use crate::migrations;

/// The plan of a statement, where going through all rows is no choice.
async fn plan(db: &Db, sql: &'static str, limit: Option<i64>) -> Vec<String> {
    match db {
        Db::Sqlite(sqlite) => {
            let sql = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}"));
            let query = sqlx::query(sql).bind(at(0));
            let query = limit.into_iter().fold(query, sqlx::query::Query::bind);
            let rows = query.fetch_all(&sqlite.readers).await;
            rows.unwrap().iter().map(|row| row.get("detail")).collect()
        }
        Db::Postgres(_) => {
            let plan = transaction!(db, |tx| {
                let sql = sqlx::AssertSqlSafe(format!("EXPLAIN {sql}"));
                sqlx::query("SET LOCAL enable_seqscan = off").execute(&mut *tx).await?;
                let query = sqlx::query_scalar::<_, String>(sql).bind(at(0));
                let query = limit.into_iter().fold(query, sqlx::query::QueryScalar::bind);
                query.fetch_all(&mut *tx).await
            });
            plan.unwrap()
        }
    }
}

#[tokio::test]
async fn alerts_to_forget_are_found_by_when_they_ended() {
    on_each_db(&migrations(), async |db| {
        let plan = plan(&db, FORGET_SQL, Some(FORGET)).await;
        assert!(plan.iter().any(|line| line.contains("alerts_by_end")), "{plan:?}");
    })
    .await;
}

#[tokio::test]
async fn rules_that_have_changed_are_found_by_when() {
    on_each_db(&migrations(), async |db| {
        let plan = plan(&db, TOUCHED, None).await;
        assert!(
            plan.iter().any(|line| line.contains("alert_rules_by_touch")),
            "{plan:?}"
        );
    })
    .await;
}
