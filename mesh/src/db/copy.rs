//! Copies of a SQLite file: made while others read and write it, checked before anyone relies on them.

use std::{
    fs::{File, OpenOptions},
    io,
    os::unix::fs::OpenOptionsExt,
    path::Path,
    time::Duration,
};

use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, SqliteConnection,
    sqlite::{SqliteAutoVacuum, SqliteConnectOptions},
};

/// A copy cannot be made, or is not to be relied on.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// The database cannot be read or written.
    #[error("SQLite says no")]
    Sqlx(#[from] sqlx::Error),
    /// The file cannot be made.
    #[error("the file cannot be written")]
    File(#[from] io::Error),
    /// SQLite finds the file damaged.
    #[error("the file is damaged: {0}")]
    Damaged(String),
}

/// Writes all that is committed now into a new file, which only its owner can read: one state, though others write
/// meanwhile. On disk when it returns.
pub async fn copy(from: &Path, to: &Path) -> Result<(), CopyError> {
    let mut new = OpenOptions::new();
    drop(new.write(true).create_new(true).mode(0o600).open(to)?);
    let mut source = open(from).await?;
    sqlx::query("VACUUM INTO $1")
        .bind(to.to_string_lossy().into_owned())
        .execute(&mut source)
        .await?;
    source.close().await?;
    File::open(to)?.sync_all()?;
    Ok(())
}

/// Looks through a whole file: its pages, its indexes, its references.
pub async fn check(file: &Path) -> Result<(), CopyError> {
    let mut file = open(file).await?;
    let found: Vec<String> = sqlx::query_scalar("PRAGMA integrity_check")
        .fetch_all(&mut file)
        .await?;
    if found != ["ok"] {
        return Err(CopyError::Damaged(found.join("; ")));
    }
    let orphans = sqlx::query("PRAGMA foreign_key_check").fetch_all(&mut file).await?;
    if !orphans.is_empty() {
        return Err(CopyError::Damaged(format!("{} rows refer to nothing", orphans.len())));
    }
    Ok(file.close().await?)
}

/// The newest migration of a service that is applied to a file; 0: none.
pub async fn schema(file: &Path, service: &str) -> Result<i64, CopyError> {
    let mut file = open(file).await?;
    let sql = format!("SELECT coalesce(max(version), 0) FROM _sqlx_migrations_{service} WHERE success");
    let version = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut file).await?;
    file.close().await?;
    Ok(version)
}

/// Takes a file for itself, with its log written back into it: false where another process has it open.
pub async fn take(file: &Path) -> Result<bool, CopyError> {
    let mut file = open(file).await?;
    sqlx::query("PRAGMA busy_timeout = 0").execute(&mut file).await?;
    sqlx::query("PRAGMA locking_mode = EXCLUSIVE")
        .execute(&mut file)
        .await?;
    let mode = sqlx::query_scalar::<_, String>("PRAGMA journal_mode = DELETE")
        .fetch_one(&mut file)
        .await;
    file.close().await?;
    match mode {
        Ok(mode) => Ok(mode == "delete"),
        Err(sqlx::Error::Database(error)) if error.message().contains("locked") => Ok(false),
        Err(error) => Err(error.into()),
    }
}

async fn open(file: &Path) -> Result<SqliteConnection, sqlx::Error> {
    SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(false)
        .busy_timeout(Duration::from_secs(30))
        // Holds for the copy: space can be given back then, though the file that is copied was made without.
        .auto_vacuum(SqliteAutoVacuum::Incremental)
        .connect()
        .await
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::{Db, db::Connect, write};

    async fn database(file: &Path) -> Db {
        let url = format!("sqlite://{}", file.display());
        let db = Db::open(&Connect {
            url: &url,
            max_connections: 1,
        })
        .await
        .unwrap();
        write!(db, |c| sqlx::query("CREATE TABLE numbers (number INTEGER PRIMARY KEY)")
            .execute(c)
            .await
            .map(drop))
        .unwrap();
        add(&db, 1).await;
        db
    }

    async fn add(db: &Db, number: i64) {
        let insert = "INSERT INTO numbers VALUES ($1)";
        write!(db, |c| sqlx::query(insert).bind(number).execute(c).await.map(drop)).unwrap();
    }

    async fn count(file: &Path) -> i64 {
        let mut file = open(file).await.unwrap();
        sqlx::query_scalar("SELECT count(*) FROM numbers")
            .fetch_one(&mut file)
            .await
            .unwrap()
    }

    #[tokio::test]
    async fn a_copy_has_what_is_committed_and_only_its_owner_reads_it() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("from.db"), folder.path().join("to.db"));
        let db = database(&from).await;
        copy(&from, &to).await.unwrap();
        add(&db, 2).await;
        assert_eq!((count(&from).await, count(&to).await), (2, 1));
        assert_eq!(std::fs::metadata(&to).unwrap().permissions().mode() & 0o777, 0o600);
        check(&to).await.unwrap();
        assert!(copy(&from, &to).await.is_err(), "a file is never overwritten");
    }

    #[tokio::test]
    async fn the_copy_of_an_older_file_gives_back_space() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("from.db"), folder.path().join("to.db"));
        let old = SqliteConnectOptions::new().filename(&from).create_if_missing(true);
        let mut old = old.connect().await.unwrap();
        sqlx::query("CREATE TABLE numbers (number INTEGER PRIMARY KEY)")
            .execute(&mut old)
            .await
            .unwrap();
        copy(&from, &to).await.unwrap();
        let mode = async |file: &mut SqliteConnection| {
            let mode = sqlx::query_scalar::<_, i64>("PRAGMA auto_vacuum");
            mode.fetch_one(file).await.unwrap()
        };
        assert_eq!(mode(&mut old).await, 0);
        let mut plain = SqliteConnectOptions::new().filename(&to).connect().await.unwrap();
        assert_eq!(mode(&mut plain).await, 2);
    }

    #[tokio::test]
    async fn a_damaged_file_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.db");
        database(&file).await.close().await;
        let mut bytes = std::fs::read(&file).unwrap();
        let middle = bytes.len() - 4000;
        bytes[middle..].fill(0xa5);
        std::fs::write(&file, bytes).unwrap();
        assert!(check(&file).await.is_err());
    }

    #[tokio::test]
    async fn a_file_that_is_open_elsewhere_is_not_taken() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.db");
        let db = database(&file).await;
        assert!(!take(&file).await.unwrap());
        add(&db, 2).await;
        db.close().await;
        assert!(take(&file).await.unwrap());
        assert_eq!(count(&file).await, 2);
    }
}
