//! Readings that are sealed while somebody reads them.

use std::{pin::pin, time::Duration};

use futures::TryStreamExt;
use voltaire_mesh::test::on_each_db;
use voltaire_types::Interval;

use super::{DAYS, Stage, regular};
use crate::{
    figures::{rollup::DAY, test::at},
    migrations,
};

#[tokio::test]
async fn what_is_sealed_while_it_is_read_is_read_once() {
    on_each_db(&migrations(), async |db| {
        let mut stage = Stage::set(db, [300, 300]).await;
        // More than is read at once.
        let seconds = || (0..DAYS * 1_440).map(|it| it * 60);
        stage.take_in(regular(0, seconds())).await;
        let time = Interval::new(at(0), at(DAYS * 86_400));
        let device = stage.meters[0].id;
        let mut chunks = pin!(stage.store.sample_chunks(device, time, Duration::ZERO));
        let mut found = chunks.try_next().await.unwrap().unwrap().to_vec();
        assert!(found.len() < seconds().count());
        while stage.upkeep(Some(DAY)).pass().await {}
        while let Some(chunk) = chunks.try_next().await.unwrap() {
            found.extend_from_slice(&chunk);
        }
        let times: Vec<_> = found.iter().map(|it| it.at).collect();
        assert_eq!(times, seconds().map(at).collect::<Vec<_>>());
        assert!(!stage.store.outlines(device, time).await.unwrap().is_empty());
    })
    .await;
}
