//! What a statement reads of which table, by the plan of the database that ran it.

use serde_json::Value;
use sqlx::Row as _;
use voltaire_mesh::Db;

use crate::recorder::Statement;

/// The tables that grow with time, and the column of each that is read only where its rows are wanted themselves.
pub(crate) const GROWING: [(&str, &str); 5] = [
    ("telemetry_data", "energy_watts"),
    ("reading_blocks", "readings"),
    ("rollups", "energy_wh"),
    ("rollup_quarters", "quarters"),
    ("alerts", "message"),
];
/// Rows that may be read without an index: PostgreSQL knows that it is not worth it.
const FEW: u64 = 100;

/// What a statement reads of a table.
#[derive(Clone, Debug)]
pub(crate) struct Access {
    pub(crate) table: String,
    /// Whether all of it is gone through.
    pub(crate) whole: bool,
    /// Rows that are read of it; with SQLite those that the statement gave.
    pub(crate) rows: u64,
}

/// What the statement reads.
pub(crate) async fn accesses(db: &Db, statement: &Statement) -> Vec<Access> {
    match (db, &statement.plan) {
        (_, Some(plan)) => {
            let mut found = Vec::new();
            nodes(&plan["Plan"], &mut found);
            found
        }
        (Db::Sqlite(sqlite), None) => {
            let sql = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {}", statement.sql));
            // PRAGMAs have no plan.
            let rows = sqlx::query(sql).fetch_all(&sqlite.writer).await.unwrap_or_default();
            let lines = rows.iter().filter_map(|row| row.try_get::<String, _>("detail").ok());
            let mut found: Vec<Access> = lines.filter_map(|line| line_of(&line, statement)).collect();
            // Those gone through first, and each table once.
            found.sort_by(|a, b| (&a.table, b.whole).cmp(&(&b.table, a.whole)));
            found.dedup_by(|a, b| a.table == b.table);
            found
        }
        (Db::Postgres(_), None) => Vec::new(),
    }
}

/// `SEARCH t USING PRIMARY KEY (device_id=? AND timestamp>?)`, where `t` is a table or stands for one.
fn line_of(line: &str, statement: &Statement) -> Option<Access> {
    let (how, rest) = line.split_once(' ')?;
    let name = rest.split(' ').next()?;
    let table = if GROWING.iter().any(|(table, _)| *table == name) || name == "alert_rules" {
        name
    } else {
        let stands_for = |table: &&str| {
            let words: Vec<_> = statement.sql.split([' ', ',', '(', ')', '\n']).collect();
            words.windows(2).any(|it| it == [*table, name])
        };
        GROWING.iter().map(|(table, _)| *table).find(stands_for)?
    };
    let wanted = GROWING.iter().find(|(it, _)| *it == table);
    let wanted = wanted.is_some_and(|(_, column)| statement.sql.contains(column));
    Some(Access {
        table: table.to_owned(),
        whole: how == "SCAN",
        rows: if wanted { statement.rows } else { 0 },
    })
}

/// The nodes of a plan of PostgreSQL that read a table.
fn nodes(node: &Value, found: &mut Vec<Access>) {
    let number = |field: &str| node[field].as_f64().unwrap_or(0.0);
    let kind = node["Node Type"].as_str().unwrap_or_default();
    if let Some(table) = node["Relation Name"]
        .as_str()
        .filter(|_| kind.ends_with("Scan") && !kind.starts_with("Custom"))
    {
        let read = number("Actual Rows") + number("Rows Removed by Filter") + number("Rows Removed by Index Recheck");
        let rows = (read * number("Actual Loops")) as u64;
        let by_index = kind.starts_with("Bitmap") || !node["Index Cond"].is_null();
        found.push(Access {
            // A chunk of TimescaleDB's.
            table: if table.starts_with("_hyper") {
                "telemetry_data"
            } else {
                table
            }
            .to_owned(),
            whole: !by_index && rows > FEW,
            rows,
        });
    }
    for below in node["Plans"].as_array().into_iter().flatten() {
        nodes(below, found);
    }
}
