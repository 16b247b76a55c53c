//! Devices.

use prost_types::{Duration as WireDuration, FieldMask};
use tonic::Code;

use super::*;

#[tokio::test]
async fn the_kinds_of_devices_have_icons() {
    let server = Server::start().await;
    let user = server.user();
    let listed = user
        .devices()
        .list_device_types(user.ask(pb::ListDeviceTypesRequest {}))
        .await
        .unwrap();
    let types = listed.into_inner().device_types;
    let fridge = types.iter().find(|it| it.key == "fridge").unwrap();
    assert_eq!(
        (fridge.icon.as_str(), fridge.category.as_str()),
        ("refrigerator", "kitchen")
    );
    assert!(types.len() >= 25);
}

#[tokio::test]
async fn a_new_device_is_as_it_was_described() {
    let server = Server::start().await;
    let user = server.user();
    let meter = user.device("Meter").await;
    let device = pb::Device {
        name: "EV charger".to_owned(),
        device_type_id: 6,
        room: "Garage".to_owned(),
        flow: pb::Flow::Storage.into(),
        parent_device_id: meter.device_id.clone(),
        aliases: vec!["wallbox".to_owned()],
        on_threshold_watts: Some(0.0),
        max_gap: Some(WireDuration {
            seconds: 90,
            nanos: 500_000_000,
        }),
        ..pb::Device::default()
    };
    let made = user.try_create(device.clone()).await.unwrap();
    assert_eq!((made.color_slot, &made.home_id), (1, &meter.home_id));
    let get = user.ask(pb::GetDeviceRequest {
        device_id: made.device_id.clone(),
    });
    let got = user.devices().get_device(get).await.unwrap();
    assert_eq!(got.into_inner().device, Some(made.clone()));
    assert_eq!(
        made,
        pb::Device {
            device_id: made.device_id.clone(),
            home_id: made.home_id.clone(),
            color_slot: 1,
            create_time: made.create_time,
            update_time: made.update_time,
            ..device
        }
    );
}

#[tokio::test]
async fn pages_of_devices_hold_each_one_once() {
    let server = Server::start().await;
    let user = server.user();
    let names = ["A", "B", "C", "D", "E"];
    for name in names {
        user.device(name).await;
    }
    let (mut seen, mut token) = (Vec::new(), String::new());
    loop {
        let request = pb::ListDevicesRequest {
            page_size: 2,
            page_token: token,
            ..pb::ListDevicesRequest::default()
        };
        let page = user
            .devices()
            .list_devices(user.ask(request))
            .await
            .unwrap()
            .into_inner();
        assert!(page.devices.len() <= 2);
        seen.extend(page.devices.into_iter().map(|it| it.name));
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(seen, names);
    for (field, size, token) in [("page_size", -1, ""), ("page_token", 0, "nonsense")] {
        let request = pb::ListDevicesRequest {
            page_size: size,
            page_token: token.to_owned(),
            ..pb::ListDevicesRequest::default()
        };
        assert_eq!(
            refusal(user.devices().list_devices(user.ask(request)).await),
            invalid(field)
        );
    }
}

#[tokio::test]
async fn an_update_changes_and_clears_what_its_mask_names() {
    let server = Server::start().await;
    let user = server.user();
    let device = user.try_create(pb::Device {
        name: "Fridge".to_owned(),
        room: "Kitchen".to_owned(),
        on_threshold_watts: Some(5.0),
        ..pb::Device::default()
    });
    let device = device.await.unwrap();
    let update = async |device: pb::Device, paths: &[&str]| {
        let paths = paths.iter().map(|&it| it.to_owned()).collect();
        let request = pb::UpdateDeviceRequest {
            device: Some(device),
            update_mask: Some(FieldMask { paths }),
        };
        user.devices()
            .update_device(user.ask(request))
            .await
            .map(|it| it.into_inner().device.unwrap())
    };
    let bare = || pb::Device {
        device_id: device.device_id.clone(),
        ..pb::Device::default()
    };
    let renamed = update(
        pb::Device {
            name: "Freezer".to_owned(),
            ..bare()
        },
        &[],
    )
    .await
    .unwrap();
    assert_eq!((renamed.name.as_str(), renamed.room.as_str()), ("Freezer", "Kitchen"));
    let cleared = update(bare(), &["room", "on_threshold_watts"]).await.unwrap();
    assert_eq!((cleared.room.as_str(), cleared.on_threshold_watts), ("", None));
    assert_eq!(refusal(update(bare(), &["color_slot"]).await), invalid("update_mask"));
    assert_eq!(refusal(update(bare(), &["name"]).await), invalid("device.name"));
    let own = pb::Device {
        parent_device_id: device.device_id.clone(),
        ..bare()
    };
    assert_eq!(
        refusal(update(own, &[]).await),
        refused(Code::FailedPrecondition, "METER_CYCLE")
    );
}

#[tokio::test]
async fn a_bad_field_of_a_device_is_named() {
    let server = Server::start().await;
    let user = server.user();
    let good = || pb::Device {
        name: "Good".to_owned(),
        ..pb::Device::default()
    };
    let gap = |seconds| Some(WireDuration { seconds, nanos: 0 });
    let bad = [
        (
            "device.name",
            pb::Device {
                name: "x".repeat(81),
                ..good()
            },
        ),
        (
            "device.room",
            pb::Device {
                room: "x".repeat(61),
                ..good()
            },
        ),
        ("device.flow", pb::Device { flow: 9, ..good() }),
        (
            "device.device_type_id",
            pb::Device {
                device_type_id: -1,
                ..good()
            },
        ),
        (
            "device.parent_device_id",
            pb::Device {
                parent_device_id: "x".to_owned(),
                ..good()
            },
        ),
        (
            "device.home_id",
            pb::Device {
                home_id: "x".to_owned(),
                ..good()
            },
        ),
        (
            "device.aliases",
            pb::Device {
                aliases: vec!["x".to_owned(); 11],
                ..good()
            },
        ),
        (
            "device.aliases[0]",
            pb::Device {
                aliases: vec![String::new()],
                ..good()
            },
        ),
        (
            "device.on_threshold_watts",
            pb::Device {
                on_threshold_watts: Some(f64::NAN),
                ..good()
            },
        ),
        (
            "device.max_gap",
            pb::Device {
                max_gap: gap(0),
                ..good()
            },
        ),
        (
            "device.max_gap",
            pb::Device {
                max_gap: gap(-1),
                ..good()
            },
        ),
        (
            "device.max_gap",
            pb::Device {
                max_gap: gap(i64::MAX),
                ..good()
            },
        ),
    ];
    for (field, device) in bad {
        assert_eq!(refusal(user.try_create(device).await), invalid(field));
    }
    let listed = user
        .devices()
        .list_devices(user.ask(pb::ListDevicesRequest::default()))
        .await
        .unwrap();
    assert!(listed.into_inner().devices.is_empty());
}

#[tokio::test]
async fn a_name_is_taken_without_regard_to_case() {
    let server = Server::start().await;
    let user = server.user();
    user.device("Kühlschrank").await;
    let twin = pb::Device {
        name: "KÜHLSCHRANK".to_owned(),
        ..pb::Device::default()
    };
    assert_eq!(
        refusal(user.try_create(twin).await),
        refused(Code::AlreadyExists, "NAME_TAKEN")
    );
}

#[tokio::test]
async fn an_alias_means_one_device_whatever_its_case() {
    let server = Server::start().await;
    let user = server.user();
    let aliased = |name: &str, aliases: &[&str]| pb::Device {
        name: name.to_owned(),
        aliases: aliases.iter().map(|it| (*it).to_owned()).collect(),
        ..pb::Device::default()
    };
    let twice = refusal(user.try_create(aliased("AC", &["cooler", "Cooler"])).await);
    assert_eq!(twice, invalid("device.aliases[1]"));
    let own = refusal(user.try_create(aliased("AC", &["ac"])).await);
    assert_eq!(own, invalid("device.aliases[0]"));
    let made = user.try_create(aliased("AC", &["cooler"])).await.unwrap();
    for (name, alias) in [("COOLER", "b"), ("Fan", "ac"), ("Fan", "Cooler")] {
        let taken = refusal(user.try_create(aliased(name, &[alias])).await);
        assert_eq!(taken, refused(Code::AlreadyExists, "NAME_TAKEN"), "{name}, {alias}");
    }
    // In another home it is free, and its own device keeps it.
    server.user().try_create(aliased("Fan", &["cooler"])).await.unwrap();
    let update = pb::UpdateDeviceRequest {
        device: Some(pb::Device {
            device_id: made.device_id,
            ..aliased("Cooler", &["AC"])
        }),
        update_mask: None,
    };
    user.devices().update_device(user.ask(update)).await.unwrap();
}

#[tokio::test]
async fn another_users_device_is_not_there() {
    let server = Server::start().await;
    let device = server.user().device("Fridge").await;
    let thief = server.user();
    let none = refused(Code::NotFound, "NO_DEVICE");
    let device_id = device.device_id.clone();
    let get = thief.ask(pb::GetDeviceRequest {
        device_id: device_id.clone(),
    });
    assert_eq!(refusal(thief.devices().get_device(get).await), none);
    let update = thief.ask(pb::UpdateDeviceRequest {
        device: Some(device.clone()),
        update_mask: None,
    });
    assert_eq!(refusal(thief.devices().update_device(update).await), none);
    let delete = thief.ask(pb::DeleteDeviceRequest {
        device_id: device_id.clone(),
    });
    assert_eq!(refusal(thief.devices().delete_device(delete).await), none);
    let below = pb::Device {
        name: "Spy".to_owned(),
        parent_device_id: device_id,
        ..pb::Device::default()
    };
    assert_eq!(refusal(thief.try_create(below).await), none);
    let inside = pb::Device {
        name: "Spy".to_owned(),
        home_id: device.home_id,
        ..pb::Device::default()
    };
    assert_eq!(
        refusal(thief.try_create(inside).await),
        refused(Code::NotFound, "NO_HOME")
    );
}

#[tokio::test]
async fn a_deleted_device_takes_its_readings_along() {
    let server = Server::start().await;
    let user = server.user();
    let device_id = user.device("Fridge").await.device_id;
    user.send(vec![reading(&device_id, 0, 1.0)]).await.unwrap();
    let delete = user.ask(pb::DeleteDeviceRequest {
        device_id: device_id.clone(),
    });
    user.devices().delete_device(delete).await.unwrap();
    let result = user.send(vec![reading(&device_id, 0, 1.0)]).await.unwrap();
    assert_eq!(result.rejected[0].reason(), pb::RejectionReason::UnknownDevice);
}
