//! What the ways to the telemetry service cost a call: the same call, in turns, in one run.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use tokio::task::JoinSet;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity};
use voltaire_proto::telemetry::v1 as telemetry;

use crate::common::{
    free_port,
    process::{self, Process},
    user::{User, channel},
    whole::WholeMesh,
};

/// How often each way is gone, in turns with the others.
const ROUNDS: usize = 10;
/// Calls of a round by each caller.
const CALLS: usize = 200;
/// Callers at once.
const CALLERS: [usize; 2] = [1, 16];

/// A way to the service, and how long its calls took, by number of callers.
struct Way {
    name: &'static str,
    user: User,
    taken: [Vec<Duration>; CALLERS.len()],
    /// How long all rounds took.
    elapsed: [Duration; CALLERS.len()],
}

/// Measures all ways and prints a table.
pub(crate) async fn measure(mesh: &WholeMesh, user: &User) {
    user.device("Fridge").await;
    let (together, plain) = one_process(mesh).await;
    let way = |name, channel| Way {
        name,
        user: user.by(channel),
        taken: Default::default(),
        elapsed: Default::default(),
    };
    let mut ways = [
        way("one process, no TLS", plain),
        way(
            "the service itself, mutual TLS",
            member(mesh.folder.path(), mesh.port(mesh.numbers("telemetry")[0])).await,
        ),
        way(
            "Envoy between services, mutual TLS twice",
            member(mesh.folder.path(), mesh.inner_port()).await,
        ),
        way(
            "the edge: Envoy, token checked, TLS and mutual TLS",
            mesh.edge.another(),
        ),
    ];
    for round in 0..=ROUNDS {
        for way in &mut ways {
            for (number, callers) in CALLERS.into_iter().enumerate() {
                let begun = Instant::now();
                let taken = calls(way, callers).await;
                // The first round warms up.
                if round > 0 {
                    way.elapsed[number] += begun.elapsed();
                    way.taken[number].extend(taken);
                }
            }
        }
    }
    print(&mut ways);
    drop(together);
}

/// All services in one process, on the mesh's database.
async fn one_process(mesh: &WholeMesh) -> (Process, Channel) {
    let port = free_port();
    let mut command = process::voltaire();
    command
        .args([
            "up",
            "--no-demo",
            "--listen",
            &format!("127.0.0.1:{port}"),
            "--data-dir",
        ])
        .arg(mesh.folder.path().join("together"));
    for service in ["auth", "telemetry", "chat"] {
        command.arg(format!("--set={service}.database_url={}", mesh.database_url()));
        command.arg(format!("--set={service}.max_connections=4"));
    }
    let process = Process::start("together", command);
    mesh.eventually("one process serves", async || {
        reqwest::get(format!("http://127.0.0.1:{port}/healthz"))
            .await
            .is_ok_and(|it| it.status() == reqwest::StatusCode::OK)
    })
    .await;
    (process, channel(&format!("http://127.0.0.1:{port}")).await)
}

/// A connection as the gateway has it.
pub(crate) async fn member(folder: &Path, port: u16) -> Channel {
    let read = |file: &str| std::fs::read(folder.join(file)).expect("a certificate");
    let tls = ClientTlsConfig::new()
        .ca_certificate(Certificate::from_pem(read("ca.crt")))
        .identity(Identity::from_pem(read("gateway/tls.crt"), read("gateway/tls.key")));
    // Between services Envoy tells by the authority who is meant.
    Endpoint::from_shared(format!("https://127.0.0.1:{port}"))
        .and_then(|it| {
            it.origin("https://telemetry".parse().expect("an origin"))
                .tls_config(tls)
        })
        .expect("a good address")
        .connect()
        .await
        .expect("it answers")
}

async fn calls(way: &Way, callers: usize) -> Vec<Duration> {
    let mut tasks = JoinSet::new();
    for _ in 0..callers {
        let (user, name) = (way.user.clone(), way.name);
        tasks.spawn(async move {
            let mut taken = Vec::with_capacity(CALLS);
            for _ in 0..CALLS {
                let begun = Instant::now();
                let request = user.request(telemetry::ListDevicesRequest::default());
                user.devices().list_devices(request).await.expect(name);
                taken.push(begun.elapsed());
            }
            taken
        });
    }
    tasks.join_all().await.concat()
}

fn print(ways: &mut [Way]) {
    println!("\n| ListDevices by | p50, ms | p99, ms | of the first | calls/s of 16 callers | of the first |");
    println!("|---|---|---|---|---|---|");
    let mut first = None;
    for way in ways {
        let [alone, many] = &mut way.taken;
        alone.sort_unstable();
        let at = |percent: usize| alone[(alone.len() * percent / 100).min(alone.len() - 1)].as_secs_f64() * 1e3;
        let (p50, p99) = (at(50), at(99));
        let rate = many.len() as f64 / way.elapsed[1].as_secs_f64();
        let (first_p50, first_rate) = *first.get_or_insert((p50, rate));
        println!(
            "| {} | {p50:.2} | {p99:.2} | {:.2} | {rate:.0} | {:.2} |",
            way.name,
            p50 / first_p50,
            rate / first_rate
        );
    }
}
