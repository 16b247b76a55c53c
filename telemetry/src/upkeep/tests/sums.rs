//! Sums of kept quarters between boundaries.

use voltaire_mesh::test::on_each_db;
use voltaire_types::Interval;

use super::{DAYS, Stage, regular};
use crate::{
    figures::{
        rollup::{Quarters, day_start},
        test::at,
    },
    migrations,
    pack::quarters::Depth,
};

#[tokio::test]
async fn sums_between_boundaries_are_those_of_the_quarters() {
    on_each_db(&migrations(), async |db| {
        let mut stage = Stage::set(db, [300, 300]).await;
        stage.take_in(regular(0, (0..DAYS * 1_440).map(|it| it * 60))).await;
        let ids = [stage.meters[0].id, stage.meters[1].id];
        while stage.upkeep(None).pass().await {}
        let days = [0, 86_400].map(at);
        let quarters = stage.store.quarter_rollups(&ids, &days, Depth::Everything);
        let quarters = quarters.await.unwrap();
        let cuts = [0, 21_600, 86_400, 90_000].map(at);
        let mut sums = stage.store.quarter_sums(&ids, &days, &cuts).await.unwrap();
        sums.sort_by_key(|it| it.interval.start);
        let parts: Vec<_> = sums.iter().map(|it| (it.device, it.interval)).collect();
        let ends = [0, 21_600, 86_400, 90_000, 2 * 86_400].map(at);
        let between = ends.windows(2).map(|it| (ids[0], Interval::new(it[0], it[1])));
        assert_eq!(parts, between.collect::<Vec<_>>());
        for (sum, range) in sums.iter().zip([0..24, 24..96, 0..4, 4..96]) {
            let day = &quarters[&(ids[0], day_start(sum.interval.start))].0;
            let whole = Quarters(day[range].to_vec()).whole();
            assert_eq!((sum.figures.covered, sum.figures.count), (whole.covered, whole.count));
            assert!((sum.figures.energy - whole.energy).abs() < 1e-9 * whole.energy.abs().max(1.0));
        }
        assert!(stage.store.quarter_sums(&ids, &[], &cuts).await.unwrap().is_empty());
    })
    .await;
}
