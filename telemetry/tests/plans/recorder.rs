//! Writes down every statement that this process runs, whether a call ran it, and PostgreSQL's plans.

use std::sync::{Mutex, PoisonError};

use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    Layer,
    filter::FilterFn,
    layer::{Context, SubscriberExt},
    registry::{LookupSpan, Registry},
};

/// Where sqlx tells what it runs, and what PostgreSQL says beside its answers.
const QUERY: &str = "sqlx::query";
const NOTICE: &str = "sqlx::postgres::notice";

static STATEMENTS: Mutex<Vec<Statement>> = Mutex::new(Vec::new());

/// A statement that was run.
#[derive(Clone, Debug)]
pub(crate) struct Statement {
    /// Whether a call ran it; else work in the background.
    pub(crate) in_call: bool,
    pub(crate) sql: String,
    /// Rows that it gave.
    pub(crate) rows: u64,
    /// What PostgreSQL says of it.
    pub(crate) plan: Option<serde_json::Value>,
}

/// Begins to write down, once per process.
pub(crate) fn start() {
    let wanted = |it: &Metadata<'_>| it.is_span() && it.name() == "rpc" || [QUERY, NOTICE].contains(&it.target());
    let subscriber = Registry::default().with(Recorder.with_filter(FilterFn::new(wanted)));
    tracing::subscriber::set_global_default(subscriber).unwrap();
}

/// What has been written down since it was taken last.
pub(crate) fn take() -> Vec<Statement> {
    std::mem::take(&mut *STATEMENTS.lock().unwrap_or_else(PoisonError::into_inner))
}

struct Recorder;

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Recorder {
    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let scope = context.event_scope(event).into_iter().flatten();
        let in_call = scope.into_iter().any(|span| span.name() == "rpc");
        let statement = match event.metadata().target() {
            QUERY => Some(fields.statement()),
            NOTICE => fields.planned(),
            _ => None,
        };
        let known = statement.map(|it| Statement { in_call, ..it });
        STATEMENTS.lock().unwrap_or_else(PoisonError::into_inner).extend(known);
    }
}

#[derive(Default)]
struct Fields {
    summary: String,
    sql: String,
    message: String,
    rows: u64,
}

impl Fields {
    fn statement(self) -> Statement {
        let sql = if self.sql.trim().is_empty() {
            self.summary
        } else {
            self.sql
        };
        Statement {
            in_call: false,
            sql,
            rows: self.rows,
            plan: None,
        }
    }

    /// `duration: 0.1 ms  plan: {…}`, as `auto_explain` has it.
    fn planned(self) -> Option<Statement> {
        let (_, plan) = self.message.split_once("plan:")?;
        let plan: serde_json::Value = serde_json::from_str(plan).ok()?;
        Some(Statement {
            in_call: false,
            sql: plan["Query Text"].as_str()?.to_owned(),
            rows: 0,
            plan: Some(plan),
        })
    }
}

impl Visit for Fields {
    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name() == "rows_returned" {
            self.rows = value;
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "summary" => value.clone_into(&mut self.summary),
            "db.statement" => value.clone_into(&mut self.sql),
            "message" => value.clone_into(&mut self.message),
            _ => {}
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if field.name() == "message" {
            self.message = format!("{value:?}");
        }
    }
}
