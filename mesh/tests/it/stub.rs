//! Two tiny services behind everything that the mesh puts before a service.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures::{Stream, StreamExt, stream};
use parking_lot::Mutex;
use tokio::sync::broadcast;
use tonic::{Request, Response, Status, service::Routes, transport::Channel};
use voltaire_mesh::{
    Db, Onward, Service, caller, client_address,
    db::Connect,
    test::{Signer, TestMesh},
};
use voltaire_proto::{
    auth::v1 as pb,
    chat::v1::{self as chat, chat_service_client::ChatServiceClient},
};
use voltaire_types::{Clock, UserId};

type Answer<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

/// What the stubs have seen and will say; shared by clones.
#[derive(Clone)]
pub(crate) struct Stub {
    /// Calls that have reached a method.
    pub(crate) runs: Arc<AtomicUsize>,
    /// Keys that `GetJwks` tells.
    pub(crate) keys: Arc<Mutex<Vec<pb::Jwk>>>,
    /// Revocations that are news.
    pub(crate) news: broadcast::Sender<pb::WatchRevocationsResponse>,
    /// The headers of the last call, in text.
    pub(crate) metadata: Arc<Mutex<tonic::metadata::MetadataMap>>,
    /// Bytes of text that floods have sent.
    pub(crate) flooded: Arc<AtomicUsize>,
    /// Where chat's `list_messages` goes on.
    pub(crate) onward: Arc<Mutex<Option<Channel>>>,
}

impl Default for Stub {
    fn default() -> Self {
        Self {
            runs: Arc::default(),
            keys: Arc::default(),
            news: broadcast::Sender::new(8),
            metadata: Arc::default(),
            flooded: Arc::default(),
            onward: Arc::default(),
        }
    }
}

impl Stub {
    pub(crate) fn runs(&self) -> usize {
        self.runs.load(Ordering::SeqCst)
    }

    /// As much as is taken.
    fn flood(&self) -> impl FnMut() -> Result<chat::AskResponse, Status> + Send + 'static {
        let flooded = Arc::clone(&self.flooded);
        move || {
            let text = "x".repeat(8192);
            flooded.fetch_add(text.len(), Ordering::SeqCst);
            let kind = Some(chat::answer_event::Kind::Text(chat::TextDelta { text }));
            let event = Some(chat::AnswerEvent { kind });
            Ok(chat::AskResponse { event })
        }
    }

    fn ran<T>(&self, request: &Request<T>) {
        self.runs.fetch_add(1, Ordering::SeqCst);
        *self.metadata.lock() = request.metadata().clone();
    }
}

#[tonic::async_trait]
impl pb::auth_service_server::AuthService for Stub {
    async fn login(&self, request: Request<pb::LoginRequest>) -> Result<Response<pb::LoginResponse>, Status> {
        self.ran(&request);
        match request.get_ref().email.as_str() {
            "panic" => panic!("at once"),
            "hang" => std::future::pending().await,
            _ => Ok(Response::new(pb::LoginResponse::default())),
        }
    }

    async fn get_me(&self, request: Request<pb::GetMeRequest>) -> Result<Response<pb::GetMeResponse>, Status> {
        self.ran(&request);
        let user = pb::User {
            user_id: caller(&request)?.user_id.to_string(),
            name: client_address(&request).map(|it| it.to_string()).unwrap_or_default(),
            ..Default::default()
        };
        Ok(Response::new(pb::GetMeResponse { user: Some(user) }))
    }

    async fn get_jwks(&self, request: Request<pb::GetJwksRequest>) -> Result<Response<pb::GetJwksResponse>, Status> {
        self.ran(&request);
        let keys = self.keys.lock().clone();
        Ok(Response::new(pb::GetJwksResponse { keys }))
    }

    type WatchRevocationsStream = Answer<pb::WatchRevocationsResponse>;

    async fn watch_revocations(
        &self,
        request: Request<pb::WatchRevocationsRequest>,
    ) -> Result<Response<Self::WatchRevocationsStream>, Status> {
        self.ran(&request);
        let first = pb::WatchRevocationsResponse {
            snapshot: true,
            ..Default::default()
        };
        let news = self.news.subscribe();
        let news = stream::unfold(news, |mut news| async { Some((news.recv().await.ok()?, news)) });
        Ok(Response::new(stream::iter([first]).chain(news).map(Ok).boxed()))
    }

    async fn update_me(&self, _: Request<pb::UpdateMeRequest>) -> Result<Response<pb::UpdateMeResponse>, Status> {
        Ok(Response::new(pb::UpdateMeResponse::default()))
    }

    async fn change_password(
        &self,
        _: Request<pb::ChangePasswordRequest>,
    ) -> Result<Response<pb::ChangePasswordResponse>, Status> {
        Ok(Response::new(pb::ChangePasswordResponse::default()))
    }

    async fn delete_me(&self, _: Request<pb::DeleteMeRequest>) -> Result<Response<pb::DeleteMeResponse>, Status> {
        Ok(Response::new(pb::DeleteMeResponse::default()))
    }

    async fn list_users(&self, _: Request<pb::ListUsersRequest>) -> Result<Response<pb::ListUsersResponse>, Status> {
        Ok(Response::new(pb::ListUsersResponse::default()))
    }

    async fn update_user_role(
        &self,
        _: Request<pb::UpdateUserRoleRequest>,
    ) -> Result<Response<pb::UpdateUserRoleResponse>, Status> {
        Ok(Response::new(pb::UpdateUserRoleResponse::default()))
    }

    async fn disable_user(
        &self,
        _: Request<pb::DisableUserRequest>,
    ) -> Result<Response<pb::DisableUserResponse>, Status> {
        Ok(Response::new(pb::DisableUserResponse::default()))
    }

    async fn create_invite(
        &self,
        _: Request<pb::CreateInviteRequest>,
    ) -> Result<Response<pb::CreateInviteResponse>, Status> {
        Ok(Response::new(pb::CreateInviteResponse::default()))
    }

    async fn create_api_token(
        &self,
        _: Request<pb::CreateApiTokenRequest>,
    ) -> Result<Response<pb::CreateApiTokenResponse>, Status> {
        Ok(Response::new(pb::CreateApiTokenResponse::default()))
    }

    async fn list_api_tokens(
        &self,
        _: Request<pb::ListApiTokensRequest>,
    ) -> Result<Response<pb::ListApiTokensResponse>, Status> {
        Ok(Response::new(pb::ListApiTokensResponse::default()))
    }

    async fn revoke_api_token(
        &self,
        _: Request<pb::RevokeApiTokenRequest>,
    ) -> Result<Response<pb::RevokeApiTokenResponse>, Status> {
        Ok(Response::new(pb::RevokeApiTokenResponse::default()))
    }

    async fn list_audit_events(
        &self,
        _: Request<pb::ListAuditEventsRequest>,
    ) -> Result<Response<pb::ListAuditEventsResponse>, Status> {
        Ok(Response::new(pb::ListAuditEventsResponse::default()))
    }

    async fn register(&self, _: Request<pb::RegisterRequest>) -> Result<Response<pb::RegisterResponse>, Status> {
        Ok(Response::new(pb::RegisterResponse::default()))
    }

    async fn logout(&self, _: Request<pb::LogoutRequest>) -> Result<Response<pb::LogoutResponse>, Status> {
        Ok(Response::new(pb::LogoutResponse::default()))
    }
}

#[tonic::async_trait]
impl chat::chat_service_server::ChatService for Stub {
    type AskStream = Answer<chat::AskResponse>;
    type ReplayPlanStream = Answer<chat::ReplayPlanResponse>;

    async fn ask(&self, request: Request<chat::AskRequest>) -> Result<Response<Self::AskStream>, Status> {
        self.ran(&request);
        let first = stream::iter([Ok(chat::AskResponse::default())]);
        Ok(Response::new(match request.get_ref().text.as_str() {
            "hang" => first.chain(stream::pending()).boxed(),
            "flood" => first.chain(stream::repeat_with(self.flood())).boxed(),
            "panic" => first
                .chain(stream::once(async {
                    tokio::task::yield_now().await;
                    panic!("half way")
                }))
                .boxed(),
            _ => first.boxed(),
        }))
    }

    async fn replay_plan(
        &self,
        _: Request<chat::ReplayPlanRequest>,
    ) -> Result<Response<Self::ReplayPlanStream>, Status> {
        Ok(Response::new(stream::empty().boxed()))
    }

    async fn list_sessions(
        &self,
        request: Request<chat::ListSessionsRequest>,
    ) -> Result<Response<chat::ListSessionsResponse>, Status> {
        self.ran(&request);
        let next_page_token = caller(&request)?.user_id.to_string();
        Ok(Response::new(chat::ListSessionsResponse {
            next_page_token,
            ..Default::default()
        }))
    }

    async fn list_messages(
        &self,
        request: Request<chat::ListMessagesRequest>,
    ) -> Result<Response<chat::ListMessagesResponse>, Status> {
        let onward = Onward::of(&request)?;
        let channel = self.onward.lock().clone().expect("set by the test");
        let mut auth = pb::auth_service_client::AuthServiceClient::new(channel);
        let email = request.get_ref().session_id.clone();
        auth.get_me(onward.request(pb::GetMeRequest {})).await?;
        auth.login(onward.request(pb::LoginRequest {
            email,
            password: String::new(),
        }))
        .await?;
        Ok(Response::new(chat::ListMessagesResponse::default()))
    }

    async fn rename_session(
        &self,
        request: Request<chat::RenameSessionRequest>,
    ) -> Result<Response<chat::RenameSessionResponse>, Status> {
        self.ran(&request);
        Ok(Response::new(chat::RenameSessionResponse::default()))
    }

    async fn delete_session(
        &self,
        request: Request<chat::DeleteSessionRequest>,
    ) -> Result<Response<chat::DeleteSessionResponse>, Status> {
        self.ran(&request);
        Ok(Response::new(chat::DeleteSessionResponse::default()))
    }

    async fn report_answer(
        &self,
        request: Request<chat::ReportAnswerRequest>,
    ) -> Result<Response<chat::ReportAnswerResponse>, Status> {
        self.ran(&request);
        Ok(Response::new(chat::ReportAnswerResponse::default()))
    }

    async fn list_reports(
        &self,
        request: Request<chat::ListReportsRequest>,
    ) -> Result<Response<chat::ListReportsResponse>, Status> {
        self.ran(&request);
        Ok(Response::new(chat::ListReportsResponse::default()))
    }
}

/// A database of the test's own; the folder goes with it.
pub(crate) async fn database() -> (Db, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("it.db").display());
    let connect = Connect {
        url: &url,
        max_connections: 2,
    };
    (Db::open(&connect).await.unwrap(), folder)
}

impl Stub {
    pub(crate) fn auth(&self, db: Db) -> Service {
        let server = pb::auth_service_server::AuthServiceServer::new(self.clone());
        let (name, routes) = ("auth", Routes::new(server));
        Service { name, routes, db }
    }

    pub(crate) fn chat(&self, db: Db) -> Service {
        let server = chat::chat_service_server::ChatServiceServer::new(self.clone());
        let (name, routes) = ("chat", Routes::new(server));
        Service { name, routes, db }
    }
}

/// Both stubs behind the whole stack.
pub(crate) struct House {
    pub(crate) mesh: TestMesh,
    pub(crate) stub: Stub,
    pub(crate) auth: Channel,
    pub(crate) chat: ChatServiceClient<Channel>,
    _folder: tempfile::TempDir,
}

impl House {
    pub(crate) async fn new() -> Self {
        Self::at(Clock::system()).await
    }

    pub(crate) async fn at(clock: Clock) -> Self {
        let (db, folder) = database().await;
        let mesh = TestMesh::new(clock);
        let stub = Stub::default();
        let auth = mesh.serve(stub.auth(db.clone())).await;
        let chat = mesh.serve(stub.chat(db)).await;
        *stub.onward.lock() = Some(auth.clone());
        Self {
            mesh,
            stub,
            auth,
            chat: ChatServiceClient::new(chat),
            _folder: folder,
        }
    }

    pub(crate) fn auth(&self) -> pb::auth_service_client::AuthServiceClient<Channel> {
        pb::auth_service_client::AuthServiceClient::new(self.auth.clone())
    }

    /// Calls a method that any signed-in user may call.
    pub(crate) async fn call(&self, token: &str) -> Result<(), Status> {
        let request = TestMesh::request(token, chat::ListSessionsRequest::default());
        self.chat.clone().list_sessions(request).await.map(drop)
    }

    pub(crate) fn user_token(&self) -> String {
        self.mesh.token(UserId::new())
    }
}

/// The reason of a status.
pub(crate) fn reason(status: &Status) -> String {
    use tonic_types::StatusExt;
    let info = status.get_details_error_info();
    info.map(|info| info.reason).unwrap_or_default()
}

/// Waits for something that happens in the background; fails after 10 s.
pub(crate) async fn eventually(what: &str, mut happened: impl AsyncFnMut() -> bool) {
    let all = async {
        while !happened().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    assert!(
        tokio::time::timeout(Duration::from_secs(10), all).await.is_ok(),
        "{what}"
    );
}

/// A signer that nobody knows.
pub(crate) fn stranger() -> Signer {
    Signer::new("test")
}
