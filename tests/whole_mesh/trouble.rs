//! Whatever may be away or change while everything runs: each time the same is told, and it passes by itself.

use std::time::Duration;

use tokio::time::{Instant, timeout};
use tonic::Code;
use voltaire_proto::{
    auth::v1::{self as auth, auth_service_client::AuthServiceClient},
    telemetry::v1 as telemetry,
};

use crate::{
    common::{
        certs,
        user::{PASSWORD, User},
        whole::{PATIENCE, WholeMesh},
    },
    replicas::{send, shows},
};

/// Who has a database.
const SERVICES: [&str; 3] = ["auth", "telemetry", "chat"];

/// One of two is killed without a word: the other serves all, and the first is back by itself when it runs again.
pub(crate) async fn a_replica_is_away(mesh: &mut WholeMesh, user: &User) {
    let number = mesh.numbers("telemetry")[0];
    mesh.kill(number);
    for _ in 0..20 {
        let mut request = user.request(telemetry::ListDevicesRequest::default());
        request.set_timeout(PATIENCE);
        user.devices().list_devices(request).await.expect("the other answers");
    }
    mesh.revive(number).await;
}

/// Without any replica of a role its calls fail at once and say when to try again; the others serve, and it passes.
pub(crate) async fn a_role_is_away(mesh: &mut WholeMesh, user: &User) {
    let numbers = mesh.numbers("telemetry");
    for number in &numbers {
        mesh.kill(*number);
    }
    let list = async || {
        let request = user.request(telemetry::ListDevicesRequest::default());
        user.devices().list_devices(request).await
    };
    mesh.eventually("it is told", async || match list().await {
        Ok(_) => false,
        Err(status) => {
            assert_eq!(status.code(), Code::Unavailable, "{status:?}");
            status.metadata().contains_key("retry-after")
        }
    })
    .await;
    let me = user.request(auth::GetMeRequest {});
    user.auth().get_me(me).await.expect("auth serves");
    for number in numbers {
        mesh.revive(number).await;
    }
    list().await.expect("it serves again");
}

/// Live values are late without NATS, nothing else is; and they are back by themselves.
pub(crate) async fn nats_is_away(mesh: &mut WholeMesh, user: &User) {
    drop(mesh.nats.take());
    let device = user.device("Lamp").await;
    send(user, &device, 5.0).await.expect("stored without NATS");
    mesh.revive_nats();
    let watch = user.request(telemetry::WatchLiveRequest::default());
    let mut messages = user.query().watch_live(watch).await.expect("a stream").into_inner();
    send(user, &device, 55.0).await.expect("stored");
    let seen = async {
        while let Some(message) = messages.message().await.expect("live") {
            if shows(message, 55.0) {
                return;
            }
        }
    };
    timeout(PATIENCE, seen).await.expect("live values arrive");
}

/// New certificates of all members while everything runs: new connections show them, no call fails.
pub(crate) async fn new_certificates(mesh: &mut WholeMesh, user: &User) {
    certs::write(mesh.folder.path());
    mesh.eventually("all members have taken them", async || {
        let renewed = mesh
            .lines()
            .into_iter()
            .filter(|(_, line)| line.contains("certificates are renewed"));
        renewed.count() >= mesh.replicas.len()
    })
    .await;
    let number = mesh.numbers("chat")[0];
    mesh.restart(&[number]).await;
    let steps = user.ask("what is on now?").await;
    assert!(!steps.is_empty());
}

/// Without its database nothing is promised: calls fail at once and say when to try again; then all is as before.
pub(crate) async fn the_database_is_away(mesh: &WholeMesh, user: &User) {
    let device = user.device("Kettle").await;
    mesh.pipe.cut();
    mesh.eventually("it is told", async || {
        let begun = Instant::now();
        match send(user, &device, 1.0).await {
            Ok(()) => false,
            Err(status) => {
                assert_eq!(status.code(), Code::Unavailable, "{status:?}");
                assert!(begun.elapsed() < Duration::from_secs(30), "it is told soon");
                let told = tonic_types::StatusExt::get_details_retry_info(&status).is_some();
                told || status.metadata().contains_key("retry-after")
            }
        }
    })
    .await;
    mesh.eventually("readiness says so", async || {
        mesh.edge
            .get("/healthz")
            .await
            .is_ok_and(|(status, _)| status.as_u16() == 503)
    })
    .await;
    all_serve(mesh, false).await;
    mesh.pipe.mend();
    all_serve(mesh, true).await;
    for role in SERVICES {
        mesh.healthy(&mesh.numbers(role)).await;
    }
    mesh.ready().await;
    mesh.eventually("readings are stored again", async || {
        send(user, &device, 2.0).await.is_ok()
    })
    .await;
    mesh.eventually("sign-ins are kept again", async || {
        let me = user.request(auth::GetMeRequest {});
        user.auth().get_me(me).await.is_ok()
    })
    .await;
}

/// Waits until every replica with a database has told the same of itself.
async fn all_serve(mesh: &WholeMesh, serving: bool) {
    mesh.eventually("every replica has told its health", async || {
        let told = SERVICES.map(|role| mesh.health(role));
        told.iter().flatten().all(|it| *it == Some(serving))
    })
    .await;
}

/// The new key has signed since: Envoy and every service believe it, and the old one's tokens as well.
pub(crate) async fn new_keys(mesh: &WholeMesh, user: &User) {
    let key_of = |token: &str| token.split('.').next().map(str::to_owned);
    let mut fresh = user.clone();
    mesh.eventually("the new key signs", async || {
        let request = auth::LoginRequest {
            email: user.email.clone(),
            password: PASSWORD.to_owned(),
        };
        let session = AuthServiceClient::new(mesh.edge.channel()).login(request).await;
        fresh.token = session
            .expect("signed in")
            .into_inner()
            .session
            .expect("a session")
            .access_token;
        tokio::time::sleep(Duration::from_millis(400)).await;
        key_of(&fresh.token) != key_of(&user.token)
    })
    .await;
    for user in [&fresh, user] {
        for _ in 0..4 {
            let request = user.request(telemetry::ListDevicesRequest::default());
            user.devices()
                .list_devices(request)
                .await
                .expect("telemetry believes it");
            user.auth()
                .get_me(user.request(auth::GetMeRequest {}))
                .await
                .expect("auth does");
        }
        assert!(!user.ask("what is on now?").await.is_empty());
    }
}
