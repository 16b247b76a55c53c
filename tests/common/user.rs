//! A test user: an account, a token, clients, and the command line with its own credentials file.

use std::{path::PathBuf, process::Output, time::Duration};

use serde_json::Value;
use tonic::{Request, transport::Channel};
use voltaire_proto::{
    auth::v1::{self as auth, auth_service_client::AuthServiceClient},
    chat::v1::{self as chat, chat_service_client::ChatServiceClient},
    telemetry::v1::{
        self as telemetry, device_service_client::DeviceServiceClient, home_service_client::HomeServiceClient,
        ingest_service_client::IngestServiceClient, query_service_client::QueryServiceClient,
    },
};

use super::{Server, process};

/// The password of every test user.
pub(crate) const PASSWORD: &str = "violet-harbour-tram-92";

/// A signed-in user.
#[derive(Clone)]
pub(crate) struct User {
    /// The e-mail.
    pub(crate) email: String,
    /// The session token.
    pub(crate) token: String,
    /// The user's id.
    pub(crate) id: String,
    /// A channel to the gateway.
    pub(crate) channel: Channel,
    url: String,
    config: PathBuf,
}

/// Connects to an address.
pub(crate) async fn channel(url: &str) -> Channel {
    tonic::transport::Endpoint::from_shared(url.to_owned())
        .expect("a valid address")
        .timeout(Duration::from_secs(60))
        .connect()
        .await
        .expect("the server answers")
}

impl User {
    /// Registers a user by the name, as NAME@example.com.
    pub(crate) async fn register(server: &Server, name: &str) -> Self {
        let user = Self::register_at(channel(&server.url).await, name).await;
        Self {
            url: server.url.clone(),
            config: server.file(name),
            ..user
        }
    }

    /// The same at the other end of a channel; without a command line.
    pub(crate) async fn register_at(channel: Channel, name: &str) -> Self {
        let email = format!("{name}@example.com");
        let request = auth::RegisterRequest {
            name: name.to_owned(),
            email: email.clone(),
            password: PASSWORD.to_owned(),
            invite_code: String::new(),
        };
        let session = AuthServiceClient::new(channel.clone())
            .register(request)
            .await
            .expect("registered")
            .into_inner();
        let session = session.session.expect("a session");
        let id = session.user.map(|user| user.user_id).unwrap_or_default();
        Self {
            email,
            token: session.access_token,
            id,
            channel,
            url: String::new(),
            config: PathBuf::new(),
        }
    }

    /// The same user by way of another channel.
    pub(crate) fn by(&self, channel: Channel) -> Self {
        Self {
            channel,
            ..self.clone()
        }
    }

    /// A request with the user's token.
    pub(crate) fn request<T>(&self, message: T) -> Request<T> {
        bearer(&self.token, message)
    }

    /// The auth service.
    pub(crate) fn auth(&self) -> AuthServiceClient<Channel> {
        AuthServiceClient::new(self.channel.clone())
    }

    /// The home service.
    pub(crate) fn homes(&self) -> HomeServiceClient<Channel> {
        HomeServiceClient::new(self.channel.clone())
    }

    /// The device service.
    pub(crate) fn devices(&self) -> DeviceServiceClient<Channel> {
        DeviceServiceClient::new(self.channel.clone())
    }

    /// The ingest service.
    pub(crate) fn ingest(&self) -> IngestServiceClient<Channel> {
        IngestServiceClient::new(self.channel.clone())
    }

    /// The query service.
    pub(crate) fn query(&self) -> QueryServiceClient<Channel> {
        QueryServiceClient::new(self.channel.clone())
    }

    /// The chat service.
    pub(crate) fn chat(&self) -> ChatServiceClient<Channel> {
        ChatServiceClient::new(self.channel.clone())
    }

    /// A new device.
    pub(crate) async fn device(&self, name: &str) -> String {
        let device = telemetry::Device {
            name: name.to_owned(),
            ..telemetry::Device::default()
        };
        let request = self.request(telemetry::CreateDeviceRequest { device: Some(device) });
        let made = self
            .devices()
            .create_device(request)
            .await
            .expect("a device is made")
            .into_inner();
        made.device.expect("a device").device_id
    }

    /// Sends readings of a device, at so many seconds since 1970.
    pub(crate) async fn send(&self, device: &str, seconds: impl Iterator<Item = i64>) -> Result<(), tonic::Status> {
        let readings = seconds.map(|seconds| telemetry::Reading {
            device_id: device.to_owned(),
            timestamp: Some(prost_types::Timestamp { seconds, nanos: 0 }),
            power_watts: 100.0,
            ..telemetry::Reading::default()
        });
        let readings = readings.collect();
        let request = self.request(telemetry::IngestBatchRequest { readings });
        self.ingest().ingest_batch(request).await.map(drop)
    }

    /// When the stored readings of a device were, in seconds since 1970.
    pub(crate) async fn stored(&self, device: &str) -> Vec<i64> {
        let (mut stored, mut page_token) = (Vec::new(), String::new());
        loop {
            let request = telemetry::ListReadingsRequest {
                device_id: device.to_owned(),
                period: Some(telemetry::Period {
                    kind: Some(telemetry::period::Kind::All(telemetry::AllTime {})),
                }),
                page_size: 5000,
                page_token,
            };
            let page = self.query().list_readings(self.request(request)).await.expect("a page");
            let page = page.into_inner();
            stored.extend(page.readings.iter().filter_map(|it| Some(it.timestamp?.seconds)));
            page_token = page.next_page_token;
            if page_token.is_empty() {
                return stored;
            }
        }
    }

    /// Asks a question and gives all steps of the answer.
    pub(crate) async fn ask(&self, text: &str) -> Vec<chat::answer_event::Kind> {
        let request = chat::AskRequest {
            text: text.to_owned(),
            ..chat::AskRequest::default()
        };
        let mut stream = self
            .chat()
            .ask(self.request(request))
            .await
            .expect("an answer begins")
            .into_inner();
        let mut events = Vec::new();
        while let Some(step) = stream.message().await.expect("the answer goes on") {
            events.extend(step.event.and_then(|event| event.kind));
        }
        events
    }

    /// Runs a command of the binary as this user.
    pub(crate) fn voltaire(&self, arguments: &[&str], input: &str) -> Output {
        let mut command = process::voltaire();
        command
            .args(arguments)
            .env("VOLTAIRE_SERVER", &self.url)
            .env("XDG_CONFIG_HOME", &self.config);
        process::run(command, input)
    }

    /// Runs a command that must succeed and gives what it printed.
    pub(crate) fn run(&self, arguments: &[&str]) -> String {
        let output = self.voltaire(arguments, "");
        assert!(
            output.status.success(),
            "{arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).expect("text")
    }

    /// Signs the command line in.
    pub(crate) fn login(&self) {
        let output = self.voltaire(&["login", "--email", &self.email, "--password-stdin"], PASSWORD);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// A JSON call through the gateway; the answer and its HTTP status.
    pub(crate) async fn json(&self, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
        let method = method.parse().expect("an HTTP method");
        let mut request = reqwest::Client::new()
            .request(method, format!("{}{path}", self.url))
            .bearer_auth(&self.token);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await.expect("an answer");
        (answer.status().as_u16(), answer.json().await.unwrap_or(Value::Null))
    }
}

/// A request with a token.
pub(crate) fn bearer<T>(token: &str, message: T) -> Request<T> {
    let mut request = Request::new(message);
    let value = format!("Bearer {token}").parse().expect("a token is ASCII");
    request.metadata_mut().insert("authorization", value);
    request
}
