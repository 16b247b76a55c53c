//! A NATS server that ends with its test.

use std::{
    env,
    net::TcpListener,
    process::{Child, Command, Stdio},
};

use crate::{MeshConfig, NatsConfig, Secret};

/// A server of the test's own: `VOLTAIRE_TEST_NATS` names the program.
#[derive(Debug)]
pub struct Nats {
    program: String,
    port: u16,
    child: Child,
}

impl Nats {
    /// Starts one; none, and says so, where there is no program.
    ///
    /// # Panics
    /// Where it cannot be started.
    pub fn start() -> Option<Self> {
        #[expect(
            clippy::disallowed_methods,
            reason = "a test has no configuration but its environment"
        )]
        let Ok(program) = env::var("VOLTAIRE_TEST_NATS") else {
            println!("skipped: VOLTAIRE_TEST_NATS is not set");
            return None;
        };
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("it is bound").port();
        drop(listener);
        let child = run(&program, port);
        Some(Self { program, port, child })
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// The configuration of a mesh whose replicas meet there.
    pub fn mesh(&self) -> MeshConfig {
        mesh(&self.url())
    }

    /// Ends it at once.
    ///
    /// # Panics
    /// Where it has ended by itself.
    pub fn kill(&mut self) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("it ends");
    }

    /// Starts it again, at the same place.
    ///
    /// # Panics
    /// Where it cannot be started.
    pub fn restart(&mut self) {
        self.child = run(&self.program, self.port);
    }

    /// Stops it as if its machine hung (`-STOP`), or lets it go on (`-CONT`).
    ///
    /// # Panics
    /// Where it does not run.
    pub fn signal(&self, signal: &str) {
        let status = Command::new("kill")
            .args([signal, &self.child.id().to_string()])
            .status();
        assert!(status.is_ok_and(|it| it.success()), "it runs");
    }
}

impl Drop for Nats {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The configuration of a mesh whose replicas meet at a NATS server.
pub fn mesh(url: &str) -> MeshConfig {
    MeshConfig {
        nats: NatsConfig {
            url: Secret::new(url),
            ..NatsConfig::default()
        },
        ..MeshConfig::default()
    }
}

fn run(program: &str, port: u16) -> Child {
    Command::new(program)
        .args(["--addr", "127.0.0.1", "--port", &port.to_string()])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the NATS server starts")
}
