//! The whole mesh, each part a process of its own behind Envoy: every kind of client, one trace through all, a rolling
//! restart under load, and whatever may be missing, wrong or away. One story, as starting everything takes longest.

mod clients;
#[path = "../common/mod.rs"]
mod common;
mod faults;
mod overhead;
mod page;
mod replicas;
mod traces;
mod trouble;

use common::{user::User, whole::WholeMesh};
use tokio::time::Instant;

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_mesh() {
    let begun = Instant::now();
    let Some(mut mesh) = WholeMesh::start().await else {
        return;
    };
    let told = |what: &str| println!("{:>5.1} s  {what}", begun.elapsed().as_secs_f64());
    told("everything serves");
    let user = User::register_at(mesh.edge.channel(), "ada").await;
    clients::grpc(&mesh, &user);
    clients::grpc_web(&mesh, &user).await;
    clients::json_calls(&mesh, &user).await;
    clients::command_line(&mesh).await;
    clients::deadlines(&user).await;
    clients::closed_doors(&mesh, &user).await;
    told("gRPC, gRPC-Web, JSON, the command line; what is closed");
    page::first_minutes(&mesh).await;
    told("a person's first minutes in a browser");
    replicas::every_replica_tells_the_same(&mesh, &user).await;
    told("live values and sign-outs at every replica");
    traces::one_trace(&mesh, &user).await;
    told("one trace through all");
    mesh.on_database(&["keys", "rotate"]);
    replicas::rolling_restart(&mut mesh, &user).await;
    told("a rolling restart under load");
    trouble::a_replica_is_away(&mut mesh, &user).await;
    told("a replica was away");
    trouble::a_role_is_away(&mut mesh, &user).await;
    told("a role was away");
    trouble::nats_is_away(&mut mesh, &user).await;
    told("NATS was away");
    trouble::new_certificates(&mut mesh, &user).await;
    told("new certificates");
    trouble::the_database_is_away(&mesh, &user).await;
    told("the database was away");
    trouble::new_keys(&mesh, &user).await;
    told("new keys");
    clients::too_much(&mesh).await;
    told("too much");
    mesh.stop().await;
    told("everything has ended");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a benchmark: cargo xtask bench mesh"]
async fn what_the_way_costs() {
    let Some(mesh) = WholeMesh::start().await else {
        return;
    };
    let user = User::register_at(mesh.edge.channel(), "ada").await;
    overhead::measure(&mesh, &user).await;
    mesh.stop().await;
}
