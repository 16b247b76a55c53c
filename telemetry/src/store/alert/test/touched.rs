//! What makes a rule one that has changed.

use voltaire_mesh::test::on_each_db;
use voltaire_types::{Clock, Watts};

use super::{House, at, end};
use crate::{alert::RuleChange, device::DeviceChange, migrations, store::Store};

#[tokio::test]
async fn a_rule_is_touched_by_steps_and_changes_and_by_those_of_its_device() {
    on_each_db(&migrations(), async |db| {
        let house = House::new(&db).await;
        let check = house.rule().await;
        let later = |seconds| Store::new(db.clone(), Clock::fixed(at(seconds)));
        assert!(later(10).settle(&check, end(&check, 5)).await.unwrap());
        assert_eq!(house.touched(10).await.len(), 1);
        let pause = RuleChange {
            paused: Some(true),
            ..RuleChange::default()
        };
        later(20).update_rule(house.user, check.rule.id, pause).await.unwrap();
        assert!(house.touched(20).await[0].rule.paused);
        let change = DeviceChange {
            on_threshold: Some(Some(Watts(7.0))),
            ..DeviceChange::default()
        };
        let (user, fridge) = (house.user, house.fridge.id);
        later(30).update_device(user, fridge, change).await.unwrap();
        assert_eq!(house.touched(30).await[0].on_threshold, Watts(7.0));
        assert_eq!(house.touched(31).await, []);
    })
    .await;
}
