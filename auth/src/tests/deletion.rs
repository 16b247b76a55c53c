use std::sync::atomic::AtomicBool;

use tokio::{sync::mpsc, time::timeout};
use tonic::{Code, async_trait, service::Routes};
use voltaire_mesh::Service;
use voltaire_proto::{
    chat::v1 as chat,
    chat::v1::erasure_service_server::{ErasureService as ChatErasure, ErasureServiceServer as ChatServer},
    telemetry::v1 as telemetry,
    telemetry::v1::erasure_service_server::{
        ErasureService as TelemetryErasure, ErasureServiceServer as TelemetryServer,
    },
};

use super::*;
use crate::store::Store;

/// A service that notes whom it forgot, and that can be out of order.
#[derive(Clone)]
struct Forgetful {
    name: &'static str,
    broken: Arc<AtomicBool>,
    told: mpsc::UnboundedSender<(&'static str, String)>,
}

impl Forgetful {
    fn forget(&self, user_id: String) -> Result<(), Status> {
        if self.broken.load(Ordering::SeqCst) {
            return Err(Status::unavailable("out of order"));
        }
        self.told.send((self.name, user_id)).unwrap();
        Ok(())
    }
}

#[async_trait]
impl TelemetryErasure for Forgetful {
    async fn erase_user(
        &self,
        request: Request<telemetry::EraseUserRequest>,
    ) -> Result<Response<telemetry::EraseUserResponse>, Status> {
        self.forget(request.into_inner().user_id)?;
        Ok(Response::new(telemetry::EraseUserResponse {}))
    }
}

#[async_trait]
impl ChatErasure for Forgetful {
    async fn erase_user(
        &self,
        request: Request<chat::EraseUserRequest>,
    ) -> Result<Response<chat::EraseUserResponse>, Status> {
        self.forget(request.into_inner().user_id)?;
        Ok(Response::new(chat::EraseUserResponse {}))
    }
}

struct Others {
    telemetry_broken: Arc<AtomicBool>,
    told: mpsc::UnboundedReceiver<(&'static str, String)>,
}

async fn others(bench: &Bench) -> Others {
    let (sender, told) = mpsc::unbounded_channel();
    let of = |name| Forgetful {
        name,
        broken: Arc::default(),
        told: sender.clone(),
    };
    let (telemetry, chat) = (of("telemetry"), of("chat"));
    let telemetry_broken = telemetry.broken.clone();
    let routes = Routes::new(TelemetryServer::new(telemetry));
    bench
        .mesh
        .serve(Service {
            name: "telemetry",
            routes,
            db: bench.db.clone(),
        })
        .await;
    let routes = Routes::new(ChatServer::new(chat));
    bench
        .mesh
        .serve(Service {
            name: "chat",
            routes,
            db: bench.db.clone(),
        })
        .await;
    Others { telemetry_broken, told }
}

async fn delete(
    bench: &Bench,
    session: &pb::Session,
    password: &str,
) -> Result<Response<pb::DeleteMeResponse>, Status> {
    let message = pb::DeleteMeRequest {
        password: password.into(),
    };
    bench.client().delete_me(bearer(&session.access_token, message)).await
}

#[tokio::test]
async fn a_deleted_user_is_gone_everywhere() {
    each(async |bench| {
        let mut others = others(bench).await;
        let (ada, bob) = (bench.register("Ada").await, bench.register("Bob").await);
        let message = pb::CreateApiTokenRequest {
            name: "plug".into(),
            scopes: vec!["read".into()],
            expire_time: None,
        };
        let api = bench
            .client()
            .create_api_token(bearer(&bob.access_token, message))
            .await
            .unwrap()
            .into_inner();
        assert!(is(
            &refusal(delete(bench, &bob, "red kettle").await),
            (Code::Unauthenticated, "BAD_CREDENTIALS")
        ));
        assert_eq!(field(delete(bench, &bob, "").await), "password");
        delete(bench, &bob, PASSWORD).await.unwrap();
        let id = user_of(&bob).user_id;
        let mut told = vec![others.told.recv().await.unwrap(), others.told.recv().await.unwrap()];
        told.sort_unstable();
        assert_eq!(told, [("chat", id.clone()), ("telemetry", id.clone())]);
        for token in [&bob.access_token, &api.access_token] {
            assert!(is(&refusal(bench.me(token).await), REVOKED));
        }
        let users = bench
            .client()
            .list_users(bearer(&ada.access_token, pb::ListUsersRequest::default()))
            .await
            .unwrap();
        assert_eq!(users.into_inner().users, [user_of(&ada)]);
        let store = Store::new(bench.db.clone());
        assert_eq!(
            store.due_erasures(Timestamp::MAX).await.unwrap(),
            [],
            "nothing is left to do"
        );
        assert_eq!(bench.events(&ada).await[0].kind, "user_deleted");
        bench.register("Bob").await;
    })
    .await;
}

#[tokio::test]
async fn a_service_that_is_away_forgets_when_it_is_back() {
    each(async |bench| {
        let mut others = others(bench).await;
        others.telemetry_broken.store(true, Ordering::SeqCst);
        bench.register("Ada").await;
        let bob = bench.register("Bob").await;
        delete(bench, &bob, PASSWORD)
            .await
            .expect("the account is gone all the same");
        let id = user_of(&bob).user_id;
        assert_eq!(others.told.recv().await.unwrap(), ("chat", id.clone()));
        let store = Store::new(bench.db.clone());
        assert_eq!(store.due_erasures(Timestamp::MAX).await.unwrap().len(), 1);
        others.telemetry_broken.store(false, Ordering::SeqCst);
        bench.advance(Duration::from_mins(1));
        let told = timeout(Duration::from_secs(20), others.told.recv())
            .await
            .expect("it is tried again");
        assert_eq!(told.unwrap(), ("telemetry", id));
    })
    .await;
}

#[tokio::test]
async fn the_only_user_may_go_and_the_next_one_is_admin() {
    each(async |bench| {
        let _others = others(bench).await;
        let ada = bench.register("Ada").await;
        delete(bench, &ada, PASSWORD).await.unwrap();
        assert_eq!(user_of(&bench.register("Bob").await).role(), pb::Role::Admin);
    })
    .await;
}
