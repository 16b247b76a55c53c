//! The edge as a client meets it: a real listener, real clients, and small services behind it.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]

mod docs;
mod files;
mod grpc;
mod json;
mod members;
mod session;
mod stub;
mod support;
mod tls;
mod wire;
