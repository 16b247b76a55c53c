//! Conversation about a home's energy: right, or honest. Works without a language model and without a network.
//!
//! A question becomes a typed plan (`understand`), the plan is run against telemetry as the user (`execute`), the findings
//! become text, facts and a chart (`answer`), and the conversation is kept (`store`), so that a follow-up works on any
//! replica and after a restart. Numbers are made in `execute` alone; what is not understood is said, never guessed. Where it is
//! configured, a language model (`llm`) reads what the rules are unsure of. The content of questions is never logged.

mod answer;
mod config;
mod convert;
mod error;
mod execute;
mod llm;
mod outcome;
mod service;
mod store;
mod talk;
#[cfg(test)]
mod tests;
pub mod understand;

use anyhow::Context as _;
use voltaire_mesh::{Db, Mesh, Migrations, Service, db::Connect};

pub use config::Config;
pub use llm::{LlmConfig, Mode};

/// The schema: sessions, messages and reports.
pub fn migrations() -> Migrations {
    Migrations::new(
        "chat",
        sqlx::migrate!("migrations/sqlite"),
        sqlx::migrate!("migrations/postgres"),
    )
}

/// Opens the database and returns the service, ready to be served.
pub async fn open(config: Config, mesh: &Mesh) -> anyhow::Result<Service> {
    let connect = Connect {
        url: config.database_url.reveal(),
        max_connections: config.max_connections,
    };
    let db = Db::open(&connect).await.context("chat.database_url")?;
    if config.migrate {
        migrations().up(&db).await.context("the migrations of chat")?;
    }
    let llm = llm::Llm::new(&config.llm)?;
    if let Some(llm) = llm.clone() {
        mesh.spawn("language model", async move { llm.probe().await });
    }
    Ok(serve(mesh, db, llm))
}

fn serve(mesh: &Mesh, db: Db, llm: Option<llm::Llm>) -> Service {
    let service = service::ChatService {
        store: store::Store::new(db.clone()),
        mesh: mesh.clone(),
        llm,
    };
    Service {
        name: "chat",
        routes: service.routes(),
        db,
    }
}
