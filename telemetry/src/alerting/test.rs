//! Several processes on one database.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use voltaire_mesh::test::{TestMesh, on_each_db};
use voltaire_types::{AlertRuleId, Clock, DeviceId, Interval, Timestamp, UserId, Watts};

use super::Alerting;
use crate::{
    alert::{Alert, Condition, Rule},
    config::Config,
    device::{Device, Flow},
    migrations,
    reading::Reading,
    store::{AlertQuery, Batch, Status, Store},
};

const NOON: i64 = 1_763_899_200;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_parts(NOON + seconds, 0).unwrap()
}

fn device(home: voltaire_types::HomeId) -> Device {
    Device {
        id: DeviceId::new(),
        home_id: home,
        name: "Heater".to_owned(),
        type_id: 0,
        room: String::new(),
        flow: Flow::Consumption,
        parent: None,
        aliases: Vec::new(),
        on_threshold: None,
        max_gap: None,
        color_slot: 0,
        created_at: at(0),
        updated_at: at(0),
    }
}

fn reading(device: DeviceId, seconds: i64) -> Reading {
    Reading {
        device,
        at: at(seconds),
        power: Watts(2000.0),
        voltage: None,
        current: None,
        power_factor: None,
        counter: None,
        interval: None,
    }
}

/// Waits until there are so many alerts of the home, and so many of them have ended: each is written by itself.
async fn alerts(store: &Store, user: UserId, (count, ended): (usize, usize)) -> Vec<Alert> {
    let home = store.home(user, None).await.unwrap().id;
    let query = AlertQuery {
        user,
        home,
        status: Status::Any,
        rule: None,
        device: None,
        raised: Interval::new(Timestamp::EPOCH, Timestamp::MAX),
        after: None,
        limit: 100,
    };
    let wait = async {
        loop {
            let found = store.alerts(query.clone()).await.unwrap();
            let over = found.iter().filter(|it| it.ended_at.is_some()).count();
            if found.len() >= count && over >= ended {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), wait)
        .await
        .expect("there are alerts")
}

#[tokio::test]
async fn processes_that_share_a_database_tell_everything_once() {
    on_each_db(&migrations(), async |db| {
        let seconds = Arc::new(AtomicI64::new(0));
        let told = seconds.clone();
        let clock = Clock::from_fn(move || at(told.load(Ordering::SeqCst)));
        let store = Store::new(db.clone(), clock.clone());
        let user = UserId::new();
        let home = store.home(user, None).await.unwrap();
        let heater = store.create_device(user, device(home.id)).await.unwrap();
        let silence = |seconds| Condition::NoData {
            device: heater.id,
            lasting: Duration::from_secs(seconds),
        };
        let on = Condition::OnLonger {
            device: heater.id,
            lasting: Duration::from_mins(5),
        };
        for condition in [on, silence(660), silence(6000)] {
            let rule = Rule {
                id: AlertRuleId::new(),
                user,
                home: home.id,
                name: "Rule".to_owned(),
                paused: false,
                condition,
                created_at: at(0),
                updated_at: at(0),
            };
            store.create_rule(rule).await.unwrap();
        }
        let config = Config {
            alert_milliseconds: 10,
            ..Config::default()
        };
        let meshes = [TestMesh::new(clock.clone()), TestMesh::new(clock)];
        let processes = meshes
            .each_ref()
            .map(|it| Alerting::start(store.clone(), &config, &it.mesh));

        let readings: Vec<_> = (0..=10).map(|minute| reading(heater.id, minute * 60)).collect();
        let places = (0..readings.len() as u32).collect();
        seconds.store(600, Ordering::SeqCst);
        let stored = store.insert(vec![Batch { user, readings, places }]).await.unwrap();
        for process in &processes {
            process.committed(&stored[0].last);
            process.rules_changed();
        }
        assert_eq!(alerts(&store, user, (1, 0)).await.len(), 1);
        // Then silence: the run ends, and it is told by one rule, much later by another.
        seconds.store(1300, Ordering::SeqCst);
        alerts(&store, user, (2, 0)).await;
        seconds.store(7000, Ordering::SeqCst);
        let found = alerts(&store, user, (3, 1)).await;
        let told: Vec<_> = found.iter().map(|it| (it.started_at, it.ended_at)).collect();
        let silent = (at(600), None);
        assert_eq!(told, [silent, silent, (at(0), Some(at(600)))]);
        for mesh in meshes {
            mesh.mesh.drain().await;
        }
    })
    .await;
}
