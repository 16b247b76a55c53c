//! The mesh at its edge: a real server with everything that stands before a service, and clients that mean well or do not.

#[cfg(test)]
mod config;
#[cfg(test)]
mod corpus;
#[cfg(test)]
mod database;
#[cfg(test)]
mod dead_sockets;
#[cfg(test)]
mod drain;
#[cfg(test)]
mod guard;
#[cfg(test)]
mod identity;
#[cfg(test)]
mod server;
#[cfg(test)]
mod slow;
#[cfg(test)]
mod stub;
#[cfg(test)]
mod tls;
