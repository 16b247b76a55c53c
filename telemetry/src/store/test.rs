//! Every store method on every database.

use std::time::Duration;

use jiff::civil::{Weekday, date};
use voltaire_mesh::{Db, test::on_each_db};
use voltaire_types::{
    Calendar, Clock, Currency, Decimal, DeviceId, HomeId, Interval, Timestamp, UserId, WattHours, Watts,
};

use super::{Batch, Page, Store};
use crate::{
    device::{Device, DeviceChange, Flow},
    error::Error,
    figures::Sample,
    home::{Home, HomeChange, NewHome, Tariff},
    migrations,
    reading::{Reading, Reason, Rejected},
};

const NOON: i64 = 1_763_899_200;

pub(super) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_parts(NOON + seconds, 0).unwrap()
}

pub(super) fn store(db: Db) -> Store {
    Store::new(db, Clock::fixed(at(0)))
}

pub(crate) fn draft(home: HomeId, name: &str) -> Device {
    Device {
        id: DeviceId::new(),
        home_id: home,
        name: name.to_owned(),
        type_id: 12,
        room: "Kitchen".to_owned(),
        flow: Flow::Consumption,
        parent: None,
        aliases: vec![format!("my \"{name}\"")],
        on_threshold: Some(Watts(2.5)),
        max_gap: Some(Duration::from_millis(90_500)),
        color_slot: 0,
        created_at: at(0),
        updated_at: at(0),
    }
}

pub(super) fn reading(device: DeviceId, seconds: i64, watts: f64) -> Reading {
    Reading {
        device,
        at: at(seconds),
        power: Watts(watts),
        voltage: None,
        current: None,
        power_factor: None,
        counter: None,
        interval: None,
    }
}

pub(super) fn batch(user: UserId, readings: Vec<Reading>) -> Batch {
    let places = (0..readings.len() as u32).collect();
    Batch { user, readings, places }
}

async fn samples_of(store: &Store, device: DeviceId, interval: Interval, margin: u64) -> Vec<Sample> {
    let margin = Duration::from_secs(margin);
    store.samples(device, interval, margin).await.unwrap()
}

pub(super) struct House {
    pub(super) user: UserId,
    home: Home,
    pub(super) fridge: Device,
}

pub(super) async fn house(store: &Store) -> House {
    let user = UserId::new();
    let home = store.home(user, None).await.unwrap();
    let fridge = store.create_device(user, draft(home.id, "Fridge")).await.unwrap();
    House { user, home, fridge }
}

#[tokio::test]
async fn first_calls_at_once_make_one_home() {
    on_each_db(&migrations(), async |db| {
        let store = store(db);
        let user = UserId::new();
        assert!(store.existing_homes(user).await.unwrap().is_empty());
        let calls = (0..8).map(|_| store.home(user, None));
        let homes = futures::future::join_all(calls).await;
        let first = homes[0].as_ref().unwrap().id;
        assert!(homes.iter().all(|home| home.as_ref().unwrap().id == first));
        assert_eq!(store.homes(user).await.unwrap().len(), 1);
        assert!(matches!(
            store.home(UserId::new(), Some(first)).await,
            Err(Error::NoHome)
        ));
    })
    .await;
}

#[tokio::test]
async fn a_home_comes_back_as_it_was_made_and_changed() {
    on_each_db(&migrations(), async |db| {
        let store = store(db);
        let user = UserId::new();
        let tariff = |valid_from, price: &str| Tariff {
            valid_from,
            price_per_kwh: price.parse().unwrap(),
            standing_charge_per_day: Some("0.23".parse::<Decimal>().unwrap()),
        };
        let new = NewHome {
            name: "Cabin 🏔".to_owned(),
            calendar: Calendar::new("Europe/Berlin", Weekday::Sunday).unwrap(),
            tariffs: vec![tariff(None, "0.3427"), tariff(Some(date(2026, 1, 1)), "0.30")],
            ..NewHome::default()
        };
        let made = store.create_home(user, new.clone()).await.unwrap();
        assert_eq!(
            (made.name.as_str(), made.calendar.zone_name()),
            ("Cabin 🏔", "Europe/Berlin")
        );
        assert_eq!(
            (made.calendar.week_start(), &made.tariffs),
            (Weekday::Sunday, &new.tariffs)
        );

        let change = HomeChange {
            currency: Some("CHF".parse::<Currency>().unwrap()),
            tariffs: Some(vec![tariff(None, "1")]),
            demo: Some(true),
            ..HomeChange::default()
        };
        let changed = store.update_home(user, made.id, change).await.unwrap();
        assert_eq!((changed.name, changed.currency.code()), (made.name, "CHF"));
        assert_eq!(changed.tariffs, [tariff(None, "1")]);
        assert!(changed.demo && !made.demo);
        let foreign = store.update_home(UserId::new(), made.id, HomeChange::default()).await;
        assert!(matches!(foreign, Err(Error::NoHome)));
    })
    .await;
}

#[tokio::test]
async fn a_user_has_at_most_20_homes() {
    on_each_db(&migrations(), async |db| {
        let store = store(db);
        let user = UserId::new();
        let made = futures::future::join_all((0..25).map(|_| store.create_home(user, NewHome::default()))).await;
        assert_eq!(made.iter().filter(|it| it.is_ok()).count(), 20);
        assert!(matches!(
            store.create_home(user, NewHome::default()).await,
            Err(Error::TooManyHomes)
        ));
    })
    .await;
}

#[tokio::test]
async fn a_device_comes_back_as_it_was_made_and_changed() {
    on_each_db(&migrations(), async |db| {
        let store = store(db);
        let House { user, home, fridge } = house(&store).await;
        assert_eq!(store.device(user, fridge.id).await.unwrap(), fridge);
        assert_eq!(
            store.devices_of_home(user, home.id).await.unwrap(),
            std::slice::from_ref(&fridge)
        );
        let cabin = store.create_home(user, NewHome::default()).await.unwrap();
        let boiler = store.create_device(user, draft(cabin.id, "Boiler")).await.unwrap();
        assert_eq!(store.devices_of_user(user).await.unwrap(), [fridge.clone(), boiler]);

        let metered = async || {
            let devices = store.metered_devices(user, home.id).await.unwrap();
            devices
                .into_iter()
                .map(|it| (it.device, it.measured, it.drops))
                .collect::<Vec<_>>()
        };
        assert_eq!(metered().await, [(fridge.clone(), false, false)]);
        let sent = batch(user, vec![reading(fridge.id, -60, 10.0)]);
        store.insert(vec![sent]).await.unwrap();
        assert_eq!(metered().await, [(fridge.clone(), true, false)]);

        let meter = store.create_device(user, draft(home.id, "Meter")).await.unwrap();
        assert_eq!((fridge.color_slot, meter.color_slot), (0, 1));
        let change = DeviceChange {
            name: Some("Freezer".to_owned()),
            flow: Some(Flow::Storage),
            parent: Some(Some(meter.id)),
            on_threshold: Some(None),
            ..DeviceChange::default()
        };
        let changed = store.update_device(user, fridge.id, change).await.unwrap();
        assert_eq!((changed.parent, changed.on_threshold), (Some(meter.id), None));
        assert_eq!(store.device(user, fridge.id).await.unwrap(), changed);
    })
    .await;
}

#[tokio::test]
async fn another_users_devices_are_not_there() {
    on_each_db(&migrations(), async |db| {
        let store = store(db);
        let House { home, fridge, .. } = house(&store).await;
        let thief = UserId::new();
        assert!(matches!(store.device(thief, fridge.id).await, Err(Error::NoDevice)));
        assert!(store.devices_of_home(thief, home.id).await.unwrap().is_empty());
        assert!(store.metered_devices(thief, home.id).await.unwrap().is_empty());
        assert!(store.devices_of_user(thief).await.unwrap().is_empty());
        let update = store.update_device(thief, fridge.id, DeviceChange::default()).await;
        assert!(matches!(update, Err(Error::NoDevice)));
        assert!(matches!(
            store.delete_device(thief, fridge.id).await,
            Err(Error::NoDevice)
        ));
        assert!(matches!(
            store.create_device(thief, draft(home.id, "Mine")).await,
            Err(Error::NoHome)
        ));
        assert!(matches!(store.delete_home(thief, home.id).await, Err(Error::NoHome)));
    })
    .await;
}

#[tokio::test]
async fn names_are_unique_without_regard_to_case_and_types_must_exist() {
    on_each_db(&migrations(), async |db| {
        let store = store(db);
        let House { user, home, .. } = house(&store).await;
        store.create_device(user, draft(home.id, "Übergabe")).await.unwrap();
        let taken = store.create_device(user, draft(home.id, "üBERGABE")).await;
        assert!(matches!(taken, Err(Error::NameTaken)));
        for alias in ["übergabe", "MY \"Übergabe\""] {
            let aliased = Device {
                aliases: vec![alias.to_owned()],
                ..draft(home.id, "Other")
            };
            let taken = store.create_device(user, aliased).await;
            assert!(matches!(taken, Err(Error::NameTaken)), "{alias}");
        }
        let taken = store.create_device(user, draft(home.id, "my \"übergabe\"")).await;
        assert!(matches!(taken, Err(Error::NameTaken)));
        let unknown = Device {
            type_id: 999,
            ..draft(home.id, "New")
        };
        let Err(Error::Invalid(problem)) = store.create_device(user, unknown).await else {
            panic!("a device type that does not exist was taken");
        };
        assert_eq!(problem.field, "device.device_type_id");
    })
    .await;
}

#[tokio::test]
async fn the_meter_tree_has_no_circles_and_closes_over_a_deleted_device() {
    on_each_db(&migrations(), async |db| {
        let store = store(db);
        let House {
            user,
            home,
            fridge: top,
        } = house(&store).await;
        let below = |name: &str, parent| Device {
            parent: Some(parent),
            ..draft(home.id, name)
        };
        let middle = store.create_device(user, below("Middle", top.id)).await.unwrap();
        let bottom = store.create_device(user, below("Bottom", middle.id)).await.unwrap();
        for (id, parent) in [(top.id, bottom.id), (top.id, top.id)] {
            let change = DeviceChange {
                parent: Some(Some(parent)),
                ..DeviceChange::default()
            };
            assert!(matches!(
                store.update_device(user, id, change).await,
                Err(Error::MeterCycle)
            ));
        }
        let foreign = below("Foreign", DeviceId::new());
        assert!(matches!(store.create_device(user, foreign).await, Err(Error::NoDevice)));
        store.delete_device(user, middle.id).await.unwrap();
        assert_eq!(store.device(user, bottom.id).await.unwrap().parent, Some(top.id));
    })
    .await;
}

#[tokio::test]
async fn the_kinds_of_devices_are_seeded() {
    on_each_db(&migrations(), async |db| {
        let types = store(db).device_types().await.unwrap();
        assert_eq!((types[0].id, types[0].key.as_str(), types.len()), (0, "other", 28));
        assert!(types.iter().all(|it| !it.icon.is_empty() && !it.category.is_empty()));
    })
    .await;
}

#[tokio::test]
async fn each_batch_of_a_group_knows_its_own_duplicates() {
    on_each_db(&migrations(), async |db| {
        let store = store(db);
        let House { user, fridge, .. } = house(&store).await;
        let other = house(&store).await;
        let of = |device, seconds: &[i64]| seconds.iter().map(|it| reading(device, *it, 1.0)).collect::<Vec<_>>();
        let strange = DeviceId::new();
        let mut mixed = of(fridge.id, &[3, 4]);
        mixed.push(reading(other.fridge.id, 0, 1.0));
        mixed.push(reading(strange, 0, 1.0));
        let group = vec![
            batch(user, of(fridge.id, &[1, 2, 3, 1])),
            batch(user, mixed),
            batch(other.user, of(other.fridge.id, &[1, 2])),
        ];
        let stored = store.insert(group.clone()).await.unwrap();
        let counts = |index: usize| (stored[index].accepted, stored[index].duplicates);
        assert_eq!((counts(0), counts(1), counts(2)), ((3, 1), (1, 1), (2, 0)));
        let rejected = |index| Rejected {
            index,
            reason: Reason::UnknownDevice,
        };
        assert_eq!(stored[1].rejected, [rejected(2), rejected(3)]);
        assert_eq!(stored[1].last.iter().map(|(_, it)| it.at).collect::<Vec<_>>(), [at(4)]);

        let again = store.insert(group).await.unwrap();
        assert!(again.iter().all(|it| it.accepted == 0));
        assert_eq!(again.iter().map(|it| it.duplicates).collect::<Vec<_>>(), [4, 2, 2]);
    })
    .await;
}

#[tokio::test]
async fn many_readings_come_back_exactly_in_chunks_and_pages() {
    on_each_db(&migrations(), async |db| {
        let store = store(db);
        let House { user, fridge, .. } = house(&store).await;
        let full = Reading {
            voltage: Some(230.1),
            current: Some(-0.5),
            power_factor: Some(-1.0),
            counter: Some(WattHours(1e9)),
            interval: Some(Duration::from_micros(1_000_001)),
            ..reading(fridge.id, 0, -1e6)
        };
        let mut all = vec![full];
        all.extend((1..25_137).map(|it| reading(fridge.id, it, it as f64)));
        for part in all.chunks(5000) {
            let stored = store.insert(vec![batch(user, part.to_vec())]).await.unwrap();
            assert_eq!(stored[0].accepted as usize, part.len());
        }
        let everything = Interval::new(at(0), at(30_000));
        let samples = samples_of(&store, fridge.id, everything, 0).await;
        assert_eq!(samples, all.iter().map(Reading::sample).collect::<Vec<_>>());

        let page = Page {
            device: fridge.id,
            interval: everything,
            after: None,
            limit: 2,
        };
        assert_eq!(store.list_readings(page).await.unwrap(), all[..2]);
        let next = Page {
            after: Some(at(1)),
            ..page
        };
        assert_eq!(store.list_readings(next).await.unwrap(), all[2..4]);

        let late = DeviceId::new();
        let range = store.data_range(&[fridge.id, late]).await.unwrap();
        assert_eq!(range, Some(Interval::new(at(0), at(25_136))));
        assert_eq!(store.data_range(&[late]).await.unwrap(), None);
        assert_eq!(store.latest(&[fridge.id, late]).await.unwrap(), all[25_136..]);

        store.delete_device(user, fridge.id).await.unwrap();
        assert!(store.list_readings(page).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn neighbours_within_the_margin_come_along() {
    on_each_db(&migrations(), async |db| {
        let store = store(db);
        let House { user, fridge, .. } = house(&store).await;
        let mean = |seconds, length| Reading {
            interval: Some(Duration::from_secs(length)),
            ..reading(fridge.id, seconds, 7.0)
        };
        let readings = vec![
            mean(-900, 1000),
            reading(fridge.id, -200, 1.0),
            reading(fridge.id, -100, 2.0),
            reading(fridge.id, 50, 3.0),
            reading(fridge.id, 100, 4.0),
            reading(fridge.id, 200, 5.0),
        ];
        store.insert(vec![batch(user, readings)]).await.unwrap();
        let interval = Interval::new(at(0), at(100));
        let within = async |margin| {
            let samples = samples_of(&store, fridge.id, interval, margin).await;
            samples.iter().map(|it| it.power.0).collect::<Vec<_>>()
        };
        assert_eq!(within(0).await, [7.0, 3.0, 4.0]);
        assert_eq!(within(100).await, [7.0, 2.0, 3.0, 4.0]);
        let later = Interval::new(at(150), at(160));
        let samples = samples_of(&store, fridge.id, later, 60).await;
        assert_eq!(samples.iter().map(|it| it.power.0).collect::<Vec<_>>(), [4.0, 5.0]);
    })
    .await;
}

#[tokio::test]
async fn nothing_remains_of_a_deleted_home_or_an_erased_user() {
    on_each_db(&migrations(), async |db| {
        let store = store(db);
        let House { user, home, fridge } = house(&store).await;
        let other = house(&store).await;
        store
            .insert(vec![batch(user, vec![reading(fridge.id, 0, 1.0)])])
            .await
            .unwrap();
        store.delete_home(user, home.id).await.unwrap();
        assert_eq!(store.data_range(&[fridge.id]).await.unwrap(), None);
        assert!(matches!(store.device(user, fridge.id).await, Err(Error::NoDevice)));

        assert_eq!(store.erase_user(other.user).await.unwrap(), [other.home.id]);
        assert!(store.erase_user(other.user).await.unwrap().is_empty());
        assert!(matches!(
            store.device(other.user, other.fridge.id).await,
            Err(Error::NoDevice)
        ));
    })
    .await;
}

#[tokio::test]
async fn the_schema_goes_down_and_up_again() {
    on_each_db(&migrations(), async |db| {
        migrations().down(&db, 0).await.unwrap();
        assert!(migrations().status(&db).await.unwrap().iter().all(|it| !it.applied));
        migrations().up(&db).await.unwrap();
        assert_eq!(store(db).device_types().await.unwrap().len(), 28);
    })
    .await;
}
