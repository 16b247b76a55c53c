//! Two replicas on one database, with a NATS server between them: `VOLTAIRE_TEST_NATS` names one.

use voltaire_mesh::{db::Connect, test::Nats};

use super::*;

/// Long enough on any machine.
const PATIENCE: Duration = Duration::from_secs(30);

#[tokio::test]
async fn a_replica_hears_of_a_revocation_without_asking_the_database() {
    let Some(nats) = Nats::start() else { return };
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("auth.db").display());
    let db = Db::open(&Connect {
        url: &url,
        max_connections: 4,
    })
    .await
    .unwrap();
    migrations().up(&db).await.unwrap();
    let time = Arc::new(AtomicI64::new(1_800_000_000_000_000));
    let mesh = nats.mesh();
    let config = Config {
        poll: Duration::from_hours(1),
        ..config()
    };
    let [here, there] = [
        Bench::within(db.clone(), config.clone(), (time.clone(), &mesh)).await,
        Bench::within(db.clone(), config, (time, &mesh)).await,
    ];
    for bench in [&here, &there] {
        let mut link = bench.mesh.mesh.bus().await.unwrap().unwrap().link();
        tokio::time::timeout(PATIENCE, link.wait_for(|it| it.up))
            .await
            .unwrap()
            .unwrap();
    }
    here.register("Ada").await;
    // A subscription may still be on its way when the first is told: later ones bring it.
    let heard = async {
        loop {
            let session = here.login_as("ada@example.org", PASSWORD).await.unwrap();
            let token = session.access_token;
            assert!(there.me(&token).await.is_ok());
            here.client()
                .logout(bearer(&token, pb::LogoutRequest {}))
                .await
                .unwrap();
            for _ in 0..50 {
                if there.me(&token).await.is_err() {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
    };
    tokio::time::timeout(PATIENCE, heard).await.expect("it is heard");
    for bench in [&here, &there] {
        bench.mesh.mesh.stopping().cancel();
    }
}
