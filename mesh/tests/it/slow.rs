//! Readers who do not read.

use std::{sync::atomic::Ordering, time::Duration};

use tokio::time::timeout;
use voltaire_mesh::test::TestMesh;
use voltaire_proto::chat::v1::AskRequest;

use crate::stub::{House, eventually};

/// More than the 5 MiB that a connection of default settings may have unread.
const READERS: usize = 200;
/// What each of them has unread at least, bytes.
const UNREAD: usize = 48 * 1024;

#[tokio::test]
async fn readers_who_do_not_read_hold_up_no_other_and_take_little_memory() {
    let house = House::new().await;
    let token = house.user_token();
    let ask = |text: &str| {
        let text = text.to_owned();
        TestMesh::request(
            &token,
            AskRequest {
                text,
                ..Default::default()
            },
        )
    };
    let mut deaf = Vec::new();
    for _ in 0..READERS {
        deaf.push(house.chat.clone().ask(ask("flood")).await.unwrap().into_inner());
    }
    let flooded = || house.stub.flooded.load(Ordering::SeqCst);
    eventually("all are flooded", async || flooded() >= READERS * UNREAD).await;
    let others = async {
        let mut stream = house.chat.clone().ask(ask("hello")).await.unwrap().into_inner();
        assert!(stream.message().await.unwrap().is_some());
        assert!(stream.message().await.unwrap().is_none());
        house.call(&token).await.unwrap();
    };
    timeout(Duration::from_secs(10), others)
        .await
        .expect("others are answered");
    assert!(flooded() <= READERS * 4 * UNREAD, "{} bytes", flooded());
}
