//! `mqtt`: what devices publish at a broker becomes readings.
//!
//! [`formats`] knows the messages of each maker, [`gather`] puts together what comes in several, [`known`] finds the device,
//! [`forward`] brings readings to the server and holds them until they are on disk; [`collect`] runs all of it.

mod broker;
mod collect;
pub(crate) mod command;
mod discover;
mod formats;
mod forward;
mod gather;
mod health;
mod heard;
mod known;
mod pause;
mod report;

pub(crate) use broker::BrokerError;
