//! A real MQTT broker with the deployed configuration, what devices publish there, and the collector.

use std::{fs, path::Path, process::Command, time::Duration};

use rumqttc::{AsyncClient, Event, MqttOptions, Outgoing, Packet, PublishOptions, QoS};
use tempfile::TempDir;
use voltaire_proto::auth::v1 as auth;

use super::{
    Server, certs, free_port,
    process::{self, Process},
    tool,
    user::User,
};

const PASSWORD: &str = "a-device-of-the-house";

/// A running broker.
pub(crate) struct Broker {
    pub(crate) port: u16,
    /// Where the collector comes in, by its certificate.
    pub(crate) inner: u16,
    pub(crate) folder: TempDir,
    program: String,
    process: Process,
}

impl Broker {
    /// Starts it; none where there is no broker here.
    pub(crate) async fn start() -> Option<Self> {
        let program = tool::path("VOLTAIRE_TEST_MOSQUITTO")?;
        let folder = tempfile::tempdir().expect("a folder");
        let [port, tls, inner] = [free_port(), free_port(), free_port()];
        certs::write(folder.path());
        Self::write(folder.path(), [port, tls, inner]);
        let process = Self::run(&program, folder.path(), inner).await;
        Some(Self {
            port,
            inner,
            folder,
            program,
            process,
        })
    }

    async fn run(program: &str, folder: &Path, inner: u16) -> Process {
        let mut command = Command::new(program);
        command.arg("-c").arg(folder.join("mosquitto.conf"));
        let process = Process::start("mosquitto", command);
        for _ in 0..400 {
            if std::net::TcpStream::connect(("127.0.0.1", inner)).is_ok() {
                return process;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("no broker after twenty seconds: {}", process.log());
    }

    /// Ends, and is there again once `meanwhile` is over.
    pub(crate) async fn restart(&mut self, meanwhile: impl Future<Output = ()>) {
        self.process.stop();
        meanwhile.await;
        self.process = Self::run(&self.program, self.folder.path(), self.inner).await;
    }

    /// The deployed configuration, at this test's own ports and folders.
    fn write(folder: &Path, [port, tls, inner]: [u16; 3]) {
        let deployed = concat!(env!("CARGO_MANIFEST_DIR"), "/deploy/mosquitto/mosquitto.conf");
        let text = fs::read_to_string(deployed).expect("the configuration");
        let here = folder.display();
        let text = text
            .replace("listener 1883", &format!("listener {port} 127.0.0.1"))
            .replace("listener 8883", &format!("listener {tls} 127.0.0.1"))
            .replace("listener 8884", &format!("listener {inner} 127.0.0.1"))
            .replace("/mosquitto/data/", &format!("{here}/"))
            .replace("/certs/ca.crt", &format!("{here}/ca.crt"))
            .replace("/certs/", &format!("{here}/mosquitto/"));
        fs::write(folder.join("mosquitto.conf"), format!("user root\n{text}")).expect("written");
        let mut passwords = Command::new("mosquitto_passwd");
        passwords
            .arg("-b")
            .arg("-c")
            .arg(folder.join("passwords"))
            .args(["house", PASSWORD]);
        assert!(process::run(passwords, "").status.success());
        fs::write(folder.join("password"), format!("{PASSWORD}\n")).expect("written");
    }

    /// Publishes as a device does, and waits until the broker has all of it.
    pub(crate) async fn publish(&self, messages: &[(&str, &str)]) {
        self.publish_with(messages, false).await;
    }

    /// The same, kept by the broker for who comes later.
    pub(crate) async fn publish_retained(&self, messages: &[(&str, &str)]) {
        self.publish_with(messages, true).await;
    }

    async fn publish_with(&self, messages: &[(&str, &str)], retained: bool) {
        let mut options = MqttOptions::new(
            format!("device-{}", uuid::Uuid::now_v7().simple()),
            ("127.0.0.1", self.port),
        );
        options.set_credentials("house", PASSWORD);
        options.set_max_packet_size(1 << 20, 1 << 20);
        let (client, mut events) = AsyncClient::builder(options).unbounded().build();
        for (topic, payload) in messages {
            let options = PublishOptions::new(QoS::AtLeastOnce).retain(retained);
            client.try_publish(*topic, *payload, options).expect("a topic");
        }
        let mut waiting = messages.len();
        while waiting > 0 {
            if let Event::Incoming(Packet::PubAck(_)) = events.poll().await.expect("the broker answers") {
                waiting -= 1;
            }
        }
        client.try_disconnect().expect("it is connected");
        while !matches!(events.poll().await, Err(_) | Ok(Event::Outgoing(Outgoing::Disconnect))) {}
    }

    /// A command of `voltaire mqtt`, as a user of the broker.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = process::voltaire();
        command
            .arg("mqtt")
            .args(arguments)
            .env("VOLTAIRE_MQTT_BROKER", format!("mqtt://127.0.0.1:{}", self.port))
            .env("VOLTAIRE_MQTT_USER", "house")
            .env("VOLTAIRE_MQTT_PASSWORD_FILE", self.folder.path().join("password"));
        command
    }

    /// The collector as it is deployed: over TLS, known by its certificate.
    pub(crate) async fn collector(&self, server: &Server, user: &User) -> Process {
        let token = self.folder.path().join("token");
        if !token.exists() {
            let mut tokens = user.auth();
            let made = tokens.create_api_token(user.request(auth::CreateApiTokenRequest {
                name: "mqtt".into(),
                scopes: vec!["ingest".into()],
                expire_time: None,
            }));
            let made = made.await.expect("a token").into_inner();
            fs::write(&token, made.access_token).expect("written");
        }
        let mut command = self.inside("collect");
        command
            .env("VOLTAIRE_SERVER", &server.url)
            .env("VOLTAIRE_TOKEN_FILE", &token);
        let process = Process::start("collector", command);
        for _ in 0..300 {
            if process::run(self.inside("health"), "").status.success() {
                return process;
            }
            assert!(process.ended().is_none(), "{}", process.log());
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("the collector is not at work: {}", process.log());
    }

    pub(crate) fn inside(&self, what: &str) -> Command {
        let file = |name: &str| self.folder.path().join(name);
        let mut command = process::voltaire();
        command
            .args(["mqtt", what])
            .env("VOLTAIRE_MQTT_BROKER", format!("mqtts://localhost:{}", self.inner))
            .env("VOLTAIRE_MQTT_AUTHORITY", file("ca.crt"))
            .env("VOLTAIRE_MQTT_CERTIFICATE", file("mqtt/tls.crt"))
            .env("VOLTAIRE_MQTT_KEY", file("mqtt/tls.key"));
        command
    }
}
