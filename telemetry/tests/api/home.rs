//! Homes.

use prost_types::FieldMask;
use tonic::Code;

use super::*;

fn tariff(valid_from: &str, price: &str) -> pb::Tariff {
    pb::Tariff {
        valid_from: valid_from.to_owned(),
        price_per_kwh: price.to_owned(),
        standing_charge_per_day: String::new(),
    }
}

#[tokio::test]
async fn a_home_is_there_on_first_use() {
    let server = Server::start().await;
    let user = server.user();
    let listed = user
        .homes()
        .list_homes(user.ask(pb::ListHomesRequest {}))
        .await
        .unwrap();
    let homes = listed.into_inner().homes;
    assert_eq!((homes.len(), homes[0].time_zone.as_str()), (1, "UTC"));
    assert_eq!(homes[0], user.home().await);
    assert_ne!(homes[0].home_id, server.user().home().await.home_id);
}

#[tokio::test]
async fn a_new_home_is_as_it_was_described() {
    let server = Server::start().await;
    let user = server.user();
    let home = pb::Home {
        name: " Cabin ".to_owned(),
        time_zone: "America/Los_Angeles".to_owned(),
        currency_code: "USD".to_owned(),
        locale: "en-US".to_owned(),
        week_start: pb::Weekday::Sunday.into(),
        tariffs: vec![tariff("", "0.30"), tariff("2026-01-01", "0.3427")],
        ..pb::Home::default()
    };
    let request = user.ask(pb::CreateHomeRequest {
        home: Some(home.clone()),
    });
    let made = user
        .homes()
        .create_home(request)
        .await
        .unwrap()
        .into_inner()
        .home
        .unwrap();
    assert_eq!(
        made,
        pb::Home {
            home_id: made.home_id.clone(),
            name: "Cabin".to_owned(),
            create_time: made.create_time,
            update_time: made.update_time,
            ..home
        }
    );
}

#[tokio::test]
async fn an_update_changes_what_its_mask_names() {
    let server = Server::start().await;
    let user = server.user();
    let update = async |home: pb::Home, paths: &[&str]| {
        let paths = paths.iter().map(|&it| it.to_owned()).collect();
        let request = pb::UpdateHomeRequest {
            home: Some(home),
            update_mask: Some(FieldMask { paths }),
        };
        user.homes()
            .update_home(user.ask(request))
            .await
            .map(|it| it.into_inner().home.unwrap())
    };
    let values = pb::Home {
        time_zone: "Europe/Berlin".to_owned(),
        currency_code: "CHF".to_owned(),
        tariffs: vec![tariff("", "0.25")],
        ..pb::Home::default()
    };
    let zone = update(values.clone(), &["time_zone"]).await.unwrap();
    assert_eq!(
        (zone.time_zone.as_str(), zone.currency_code.as_str()),
        ("Europe/Berlin", "EUR")
    );
    let all = update(values, &[]).await.unwrap();
    assert_eq!(
        (all.currency_code.as_str(), all.tariffs.len(), all.name.as_str()),
        ("CHF", 1, "Home")
    );
    let cleared = update(pb::Home::default(), &["tariffs"]).await.unwrap();
    assert!(cleared.tariffs.is_empty());
    assert_eq!(
        refusal(update(pb::Home::default(), &["home_id"]).await),
        invalid("update_mask")
    );
}

#[tokio::test]
async fn a_bad_field_of_a_home_is_named() {
    let server = Server::start().await;
    let user = server.user();
    let good = || pb::Home {
        name: "Good".to_owned(),
        ..pb::Home::default()
    };
    let bad = [
        (
            "home.name",
            pb::Home {
                name: String::new(),
                ..good()
            },
        ),
        (
            "home.name",
            pb::Home {
                name: "x".repeat(81),
                ..good()
            },
        ),
        (
            "home.name",
            pb::Home {
                name: "a\u{0}b".to_owned(),
                ..good()
            },
        ),
        (
            "home.time_zone",
            pb::Home {
                time_zone: "Mars/Olympus".to_owned(),
                ..good()
            },
        ),
        (
            "home.currency_code",
            pb::Home {
                currency_code: "XXX".to_owned(),
                ..good()
            },
        ),
        (
            "home.locale",
            pb::Home {
                locale: "<b>".to_owned(),
                ..good()
            },
        ),
        (
            "home.week_start",
            pb::Home {
                week_start: 8,
                ..good()
            },
        ),
        (
            "home.tariffs[0].price_per_kwh",
            pb::Home {
                tariffs: vec![tariff("", "-1")],
                ..good()
            },
        ),
        (
            "home.tariffs[0].valid_from",
            pb::Home {
                tariffs: vec![tariff("soon", "1")],
                ..good()
            },
        ),
        (
            "home.tariffs[1].valid_from",
            pb::Home {
                tariffs: vec![tariff("", "1"), tariff("", "1")],
                ..good()
            },
        ),
    ];
    for (field, home) in bad {
        let request = user.ask(pb::CreateHomeRequest { home: Some(home) });
        assert_eq!(refusal(user.homes().create_home(request).await), invalid(field));
    }
    let request = user.ask(pb::CreateHomeRequest { home: None });
    assert_eq!(refusal(user.homes().create_home(request).await), invalid("home"));
}

#[tokio::test]
async fn another_users_home_is_not_there() {
    let server = Server::start().await;
    let home = server.user().home().await;
    let thief = server.user();
    let get = thief.ask(pb::GetHomeRequest {
        home_id: home.home_id.clone(),
    });
    assert_eq!(
        refusal(thief.homes().get_home(get).await),
        refused(Code::NotFound, "NO_HOME")
    );
    let update = thief.ask(pb::UpdateHomeRequest {
        home: Some(home.clone()),
        update_mask: None,
    });
    assert_eq!(
        refusal(thief.homes().update_home(update).await),
        refused(Code::NotFound, "NO_HOME")
    );
    let delete = pb::DeleteHomeRequest {
        home_id: home.home_id.clone(),
        confirm_name: home.name.clone(),
    };
    assert_eq!(
        refusal(thief.homes().delete_home(thief.ask(delete)).await),
        refused(Code::NotFound, "NO_HOME")
    );
    let garbage = thief.ask(pb::GetHomeRequest {
        home_id: "1; DROP TABLE homes".to_owned(),
    });
    assert_eq!(refusal(thief.homes().get_home(garbage).await), invalid("home_id"));
}

#[tokio::test]
async fn a_home_goes_with_its_devices_once_its_name_is_confirmed() {
    let server = Server::start().await;
    let user = server.user();
    let device = user.device("Fridge").await;
    user.send(vec![reading(&device.device_id, 0, 1.0)]).await.unwrap();
    let delete = async |confirm_name: &str| {
        let home_id = device.home_id.clone();
        let request = pb::DeleteHomeRequest {
            home_id,
            confirm_name: confirm_name.to_owned(),
        };
        user.homes().delete_home(user.ask(request)).await
    };
    assert_eq!(
        refusal(delete("home").await),
        refused(Code::FailedPrecondition, "NAME_MISMATCH")
    );
    delete("Home").await.unwrap();
    let get = user.ask(pb::GetDeviceRequest {
        device_id: device.device_id.clone(),
    });
    assert_eq!(
        refusal(user.devices().get_device(get).await),
        refused(Code::NotFound, "NO_DEVICE")
    );
}

#[tokio::test]
async fn nobody_gets_in_without_a_token() {
    let server = Server::start().await;
    let call = server.user().homes().list_homes(pb::ListHomesRequest {}).await;
    assert_eq!(call.unwrap_err().code(), Code::Unauthenticated);
}
