//! What makes a process a member of the mesh, once for all services: verified identity, errors, databases, limits,
//! servers, channels, configuration, tracing.
//!
//! A process makes one [`Mesh`], opens its services with it, and serves each with [`serve`], which puts everything before
//! them that must stand before every method: the guard of the wire, panics, traces, deadlines, identity.

pub mod access;
mod address;
mod bus;
pub mod config;
pub mod db;
mod deadline;
pub mod error;
pub mod identity;
mod jwt;
mod keys;
mod layer;
pub mod log;
pub mod metrics;
pub mod migrate;
mod onward;
pub mod page;
mod peer;
mod process;
mod revocation;
mod server;
mod service_key;
pub mod spans;
#[cfg(feature = "test")]
pub mod test;
mod tls;
mod trace;
mod verifier;
mod watchdog;
mod watcher;
pub mod wire;

pub use address::{InvalidNetwork, Network, Peer, client_address, client_of};
pub use bus::{Bus, BusError, Link};
pub use config::{MeshConfig, NatsConfig, Secret};
pub use db::Db;
pub use deadline::Deadline;
pub use error::{Invalid, Refusal, Refused, parse};
pub use identity::{Identity, Role, Scope, caller};
pub use layer::wait_elsewhere;
pub use migrate::Migrations;
pub use onward::Onward;
pub use peer::{Incoming, PeerChannel, PeerError, deadline as peer_deadline};
pub use process::{Limits, Mesh, MeshError, SERVICES, Service};
pub use revocation::Revocations;
pub use server::{Listener, ServeError, serve};
pub use tls::{Certificates, Member, TlsConfig, TlsError};
pub use trace::TraceContext;
