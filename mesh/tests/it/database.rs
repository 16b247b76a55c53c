//! What an acknowledged row is promised, on every database.

use std::time::Duration;

use futures::FutureExt;
use sqlx::migrate::Migrator;
use voltaire_mesh::{Db, Migrations, read, test::on_each_db, transaction, write};

fn migrations() -> Migrations {
    Migrations::new("it", Migrator::DEFAULT, Migrator::DEFAULT)
}

async fn with_table(db: &Db) {
    write!(db, |c| sqlx::query("CREATE TABLE word (it BIGINT PRIMARY KEY)")
        .execute(c)
        .await
        .map(drop))
    .unwrap();
}

async fn insert(db: &Db, number: i64) -> Result<(), sqlx::Error> {
    transaction!(db, |tx| {
        sqlx::query("INSERT INTO word VALUES ($1)")
            .bind(number)
            .execute(&mut *tx)
            .await?;
        tokio::task::yield_now().await;
        sqlx::query("UPDATE word SET it = it WHERE it = $1")
            .bind(number)
            .execute(&mut *tx)
            .await?;
        Ok(())
    })
}

async fn count(db: &Db) -> i64 {
    read!(db, |c| sqlx::query_scalar("SELECT count(*) FROM word")
        .fetch_one(c)
        .await)
    .unwrap()
}

#[tokio::test]
async fn a_transaction_whose_caller_leaves_is_whole() {
    on_each_db(&migrations(), async |db| {
        with_table(&db).await;
        for number in 0..50_i64 {
            // The caller leaves at another point each time.
            let left = tokio::time::timeout(Duration::from_micros(number.cast_unsigned() * 40), insert(&db, number));
            drop(left.await);
        }
        for number in 1000..1050 {
            insert(&db, number).await.expect("an acknowledged row");
        }
        let kept = read!(db, |c| {
            sqlx::query_scalar::<_, i64>("SELECT count(*) FROM word WHERE it >= 1000")
                .fetch_one(c)
                .await
        });
        assert_eq!(kept.unwrap(), 50, "no acknowledged row is lost");
    })
    .await;
}

#[tokio::test]
async fn a_write_goes_on_when_its_caller_leaves() {
    on_each_db(&migrations(), async |db| {
        with_table(&db).await;
        // Polled once, then dropped.
        assert!(insert(&db, 1).now_or_never().is_none());
        let all = async {
            while count(&db).await == 0 {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), all)
            .await
            .expect("it is there in the end");
    })
    .await;
}

#[tokio::test]
async fn an_error_rolls_back_and_the_connection_stays_good() {
    on_each_db(&migrations(), async |db| {
        with_table(&db).await;
        insert(&db, 1).await.unwrap();
        let twice: Result<(), sqlx::Error> = transaction!(db, |tx| {
            sqlx::query("INSERT INTO word VALUES (2)").execute(&mut *tx).await?;
            sqlx::query("INSERT INTO word VALUES (1)").execute(&mut *tx).await?;
            Ok(())
        });
        assert!(twice.is_err());
        assert_eq!(count(&db).await, 1);
        insert(&db, 3).await.unwrap();
        assert_eq!(count(&db).await, 2);
    })
    .await;
}

#[tokio::test]
async fn a_connection_is_not_lent_in_somebodys_transaction() {
    on_each_db(&migrations(), async |db| {
        with_table(&db).await;
        for (number, left) in (0..40_i64).zip(["BEGIN", "BEGIN; SELECT nothing"].into_iter().cycle()) {
            let begun = write!(db, |c| sqlx::raw_sql(left).execute(c).await.map(drop));
            assert_eq!(begun.is_ok(), left == "BEGIN");
            write!(db, |c| sqlx::query("INSERT INTO word VALUES ($1)")
                .bind(number)
                .execute(c)
                .await
                .map(drop))
            .expect("an acknowledged row");
        }
        assert_eq!(count(&db).await, 40);
    })
    .await;
}

#[tokio::test]
async fn readers_of_sqlite_cannot_write() {
    on_each_db(&migrations(), async |db| {
        with_table(&db).await;
        let wrote = read!(db, |c| sqlx::query("INSERT INTO word VALUES (1)")
            .execute(c)
            .await
            .map(drop));
        assert_eq!(wrote.is_err(), matches!(db, Db::Sqlite(_)));
    })
    .await;
}

#[tokio::test]
async fn sqlite_is_new_enough_to_keep_what_it_says() {
    on_each_db(&migrations(), async |db| {
        if let Db::Sqlite(sqlite) = &db {
            let version: String = sqlx::query_scalar("SELECT sqlite_version()")
                .fetch_one(&sqlite.readers)
                .await
                .unwrap();
            let parts: Vec<u32> = version.split('.').map(|it| it.parse().unwrap()).collect();
            assert!(parts >= vec![3, 51, 3], "{version} can corrupt its log (WAL reset)");
            let synchronous: i64 = sqlx::query_scalar("PRAGMA synchronous")
                .fetch_one(&sqlite.writer)
                .await
                .unwrap();
            let journal: String = sqlx::query_scalar("PRAGMA journal_mode")
                .fetch_one(&sqlite.writer)
                .await
                .unwrap();
            assert_eq!((synchronous, journal.as_str()), (2, "wal"));
        }
        assert!(migrations().status(&db).await.unwrap().is_empty());
    })
    .await;
}
