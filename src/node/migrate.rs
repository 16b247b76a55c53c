//! `migrate`: each service's schema, up and down, and the files of a new migration.

use std::{fs, path::Path};

use anyhow::Context;
use voltaire_mesh::{Db, Migrations, db::Connect, migrate::version_at};
use voltaire_types::Clock;

use crate::{
    cli::{Migrate, MigrateTarget, Role},
    client::refusal::Usage,
};

/// The services with a schema, in the order that foreign keys need.
fn all() -> [(Role, Migrations); 3] {
    [
        (Role::Auth, voltaire_auth::migrations()),
        (Role::Telemetry, voltaire_telemetry::migrations()),
        (Role::Chat, voltaire_chat::migrations()),
    ]
}

/// Runs one of the commands.
pub(crate) async fn run(migrate: Migrate) -> anyhow::Result<()> {
    match migrate {
        Migrate::Up(target) => {
            for (role, migrations) in chosen(&target) {
                let db = open(&target, role).await?;
                migrations
                    .up(&db)
                    .await
                    .with_context(|| format!("{} is not migrated", role.name()))?;
                println!("{}: up to date", role.name());
                db.close().await;
            }
        }
        Migrate::Down { target, to } => {
            for (role, migrations) in chosen(&target).into_iter().rev() {
                let db = open(&target, role).await?;
                migrations
                    .down(&db, to)
                    .await
                    .with_context(|| format!("{} is not taken back", role.name()))?;
                println!("{}: down to {to}", role.name());
                db.close().await;
            }
        }
        Migrate::Status(target) => status(&target).await?,
        Migrate::New { service, name } => new(service, &name)?,
    }
    Ok(())
}

async fn status(target: &MigrateTarget) -> anyhow::Result<()> {
    for (role, migrations) in chosen(target) {
        let db = open(target, role).await?;
        for state in migrations.status(&db).await? {
            let mark = if state.applied { "applied" } else { "missing" };
            println!("{:<10} {:>14} {mark:<8} {}", role.name(), state.version, state.name);
        }
        db.close().await;
    }
    Ok(())
}

fn chosen(target: &MigrateTarget) -> Vec<(Role, Migrations)> {
    all()
        .into_iter()
        .filter(|(role, _)| target.service.is_none_or(|wanted| wanted == *role))
        .collect()
}

/// The database of a service: the one that is named, or its SQLite file in the data directory.
pub(crate) async fn open(target: &MigrateTarget, role: Role) -> anyhow::Result<Db> {
    let file = || {
        format!(
            "sqlite://{}",
            target.data_dir.join(format!("{}.db", role.name())).display()
        )
    };
    let url = target.database_url.clone().unwrap_or_else(file);
    if target.database_url.is_none() {
        fs::create_dir_all(&target.data_dir)?;
    }
    Db::open(&Connect {
        url: &url,
        max_connections: 2,
    })
    .await
    .context("the database cannot be opened")
}

/// Makes empty files for both kinds of database, in the folder of the service's sources.
fn new(role: Role, name: &str) -> anyhow::Result<()> {
    let plain = name
        .chars()
        .all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '_');
    if name.is_empty() || !plain {
        return Err(Usage(format!(
            "{name:?} is no name for a migration: lower-case letters, digits and _ are"
        ))
        .into());
    }
    let version = version_at(Clock::system().now());
    let folder = Path::new(role.name()).join("migrations");
    if !folder.is_dir() {
        return Err(Usage(format!(
            "there is no folder {}: run this at the top of the sources",
            folder.display()
        ))
        .into());
    }
    for kind in ["sqlite", "postgres"] {
        for direction in ["up", "down"] {
            let file = folder.join(kind).join(format!("{version}_{name}.{direction}.sql"));
            fs::write(&file, format!("-- {}: {name}, {direction}\n", role.name()))?;
            println!("{}", file.display());
        }
    }
    Ok(())
}
