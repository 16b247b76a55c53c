//! `migrate`: each service's schema, up and down, and the files of a new migration.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context;
use voltaire_mesh::{Db, Migrations, db::Connect};

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
        Migrate::New { service, name } => {
            for file in new(&Path::new(service.name()).join("migrations"), &name)? {
                println!("{}", file.display());
            }
        }
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
    let url = match (&target.database_url, &target.database_url_file) {
        (Some(url), _) => url.clone(),
        (None, Some(file)) => fs::read_to_string(file)
            .with_context(|| format!("cannot read {}", file.display()))?
            .trim()
            .to_owned(),
        (None, None) => {
            fs::create_dir_all(&target.data_dir)?;
            file()
        }
    };
    Db::open(&Connect {
        url: &url,
        max_connections: 2,
    })
    .await
    .context("the database cannot be opened")
}

/// Makes empty files with the next number for both kinds of database, in the folder of a service's migrations.
fn new(folder: &Path, name: &str) -> anyhow::Result<Vec<PathBuf>> {
    let plain = name
        .chars()
        .all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '_');
    if name.is_empty() || !plain {
        let problem = format!("{name:?} is no name for a migration: lower-case letters, digits and _ are");
        return Err(Usage(problem).into());
    }
    if !folder.is_dir() {
        let folder = folder.display();
        return Err(Usage(format!(
            "there is no folder {folder}: run this at the top of the sources"
        ))
        .into());
    }
    let mut numbers = Vec::new();
    for file in fs::read_dir(folder.join("sqlite"))? {
        let file = file?.file_name();
        let number = file.to_str().and_then(|it| it.split('_').next()?.parse::<u32>().ok());
        numbers.extend(number);
    }
    let number = numbers.into_iter().max().unwrap_or(0) + 1;
    let mut made = Vec::new();
    for kind in ["sqlite", "postgres"] {
        for direction in ["up", "down"] {
            let file = folder.join(kind).join(format!("{number:04}_{name}.{direction}.sql"));
            fs::write(&file, format!("-- {name}, {direction}\n"))?;
            made.push(file);
        }
    }
    Ok(made)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_migration_has_the_next_number_and_four_files() {
        let folder = tempfile::tempdir().unwrap();
        for kind in ["sqlite", "postgres"] {
            fs::create_dir(folder.path().join(kind)).unwrap();
            fs::write(folder.path().join(kind).join("0041_rooms.up.sql"), "").unwrap();
        }
        let made = new(folder.path(), "floors").unwrap();
        let names: Vec<_> = made.iter().map(|it| it.strip_prefix(folder.path()).unwrap()).collect();
        let expected = [
            "sqlite/0042_floors.up.sql",
            "sqlite/0042_floors.down.sql",
            "postgres/0042_floors.up.sql",
            "postgres/0042_floors.down.sql",
        ];
        assert_eq!(names, expected.map(Path::new));
        assert!(new(folder.path(), "Drop table").is_err());
        assert!(new(&folder.path().join("nowhere"), "floors").is_err());
    }
}
