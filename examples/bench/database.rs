//! Databases of their own on a PostgreSQL server.

use sqlx::{ConnectOptions as _, Connection as _, PgConnection, postgres::PgConnectOptions};

async fn connect(url: &str) -> anyhow::Result<PgConnection> {
    Ok(url.parse::<PgConnectOptions>()?.connect().await?)
}

/// Makes an empty database in place of one of this name.
pub(crate) async fn create(url: &str, name: &str, timescale: bool) -> anyhow::Result<()> {
    let mut server = connect(url).await?;
    for sql in [
        format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"),
        format!("CREATE DATABASE {name}"),
    ] {
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut server).await?;
    }
    server.close().await?;
    if timescale {
        let base = url.rsplit_once('/').map_or(url, |(base, _)| base);
        let mut database = connect(&format!("{base}/{name}")).await?;
        sqlx::raw_sql("CREATE EXTENSION IF NOT EXISTS timescaledb")
            .execute(&mut database)
            .await?;
        database.close().await?;
    }
    Ok(())
}

/// Prints how much disk the database takes.
pub(crate) async fn size(url: &str) -> anyhow::Result<()> {
    let mut database = connect(url).await?;
    let bytes: i64 = sqlx::query_scalar("SELECT pg_database_size(current_database())")
        .fetch_one(&mut database)
        .await?;
    println!("bytes\t{bytes}");
    Ok(())
}
