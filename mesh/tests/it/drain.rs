//! The end of a server, whatever its peers do.

use std::time::Duration;

use tokio::{io::AsyncWriteExt, net::TcpStream, time::timeout};
use tonic::Code;
use voltaire_mesh::{MeshConfig, test::TestMesh};
use voltaire_proto::chat::v1::{AskRequest, ListSessionsRequest, chat_service_client::ChatServiceClient};
use voltaire_types::{Clock, UserId};

use crate::{
    server::run,
    stub::{Stub, database, reason},
};

/// Far more than it may take.
const END: Duration = Duration::from_secs(15);

fn short() -> TestMesh {
    let config = MeshConfig {
        drain_seconds: 1,
        ..MeshConfig::default()
    };
    TestMesh::with(Clock::system(), &config)
}

#[tokio::test]
async fn a_server_ends_although_peers_are_stuck() {
    let (db, _folder) = database().await;
    let mesh = short();
    let server = run(&mesh, vec![Stub::default().chat(db)], None).await;
    let silent = TcpStream::connect(("127.0.0.1", server.port)).await.unwrap();
    let mut half = TcpStream::connect(("127.0.0.1", server.port)).await.unwrap();
    half.write_all(b"PRI * HTTP/2.0\r\n").await.unwrap();
    let mut deaf = TcpStream::connect(("127.0.0.1", server.port)).await.unwrap();
    deaf.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0")
        .await
        .unwrap();
    let mut client = ChatServiceClient::new(server.channel().await);
    let hang = AskRequest {
        text: "hang".to_owned(),
        ..Default::default()
    };
    let request = TestMesh::request(&mesh.token(UserId::new()), hang);
    let mut stream = client.ask(request).await.unwrap().into_inner();
    assert!(stream.message().await.unwrap().is_some());

    server.stop.cancel();
    let status = timeout(END, stream.message())
        .await
        .expect("the stream ends")
        .unwrap_err();
    assert_eq!(
        (status.code(), reason(&status).as_str()),
        (Code::Unavailable, "DRAINING")
    );
    let ended = timeout(END, server.ended).await.expect("the server ends").unwrap();
    ended.expect("without an error");
    assert!(mesh.mesh.stopping().is_cancelled());
    assert!(
        TcpStream::connect(("127.0.0.1", server.port)).await.is_err(),
        "nobody listens"
    );
    drop((silent, half, deaf));
}

#[tokio::test]
async fn an_idle_server_ends_at_once() {
    let (db, _folder) = database().await;
    // With this drain the test would not end if it waited for it.
    let config = MeshConfig {
        drain_seconds: 3600,
        ..MeshConfig::default()
    };
    let mesh = TestMesh::with(Clock::system(), &config);
    let server = run(&mesh, vec![Stub::default().chat(db)], None).await;
    let mut client = ChatServiceClient::new(server.channel().await);
    let request = TestMesh::request(&mesh.token(UserId::new()), ListSessionsRequest::default());
    client.list_sessions(request).await.unwrap();
    server.stop.cancel();
    timeout(END, server.ended)
        .await
        .expect("the server ends")
        .unwrap()
        .unwrap();
}

#[tokio::test]
async fn tasks_are_asked_to_end_and_those_that_do_not_are_cut() {
    let mesh = short().mesh;
    let (ended, mut seen) = tokio::sync::mpsc::unbounded_channel();
    let (stopping, polite) = (mesh.stopping(), ended.clone());
    mesh.spawn("polite", async move {
        stopping.cancelled().await;
        polite.send("polite").unwrap();
    });
    mesh.spawn("stubborn", async move {
        std::future::pending::<()>().await;
        ended.send("stubborn").unwrap();
    });
    timeout(END, mesh.drain()).await.expect("it ends");
    assert_eq!((seen.recv().await, seen.recv().await), (Some("polite"), None));
}
