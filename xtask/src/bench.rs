//! `cargo xtask bench`: what the product carries, beside the raw limit of the same database and beside its peers.
//!
//! Figures depend on the machine and on what else it does: compare within one run only.

mod chat;
mod client;
mod ingest;
mod live;
mod llm;
mod mesh;
mod overview;
mod peer;
mod product;
mod query;
mod system;
mod ui;

use clap::Subcommand;

use crate::workspace::Workspace;

/// What to measure.
#[derive(Subcommand)]
pub(crate) enum Options {
    /// The release build: sizes, start, memory, calls and ingest.
    Product(overview::Options),
    /// Readings a second taken in, durably: the product, plain inserts into the same database, and peers.
    Ingest(ingest::Options),
    /// How late a committed reading arrives at those who watch.
    Live(live::Options),
    /// How long the figures of a page take: the product on each database, and peers.
    Query(query::Options),
    /// What mutual TLS and Envoy cost a call.
    Mesh(mesh::Options),
    /// How much of the question corpus is understood, rightly, and what is silently wrong.
    Chat(chat::Options),
    /// What a language model makes of questions that the rules do not understand.
    Llm(llm::Options),
    /// The web app against its budgets: size, time, jumps, frames, idle cost, growth.
    Ui,
}

/// Builds for release and measures.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> anyhow::Result<()> {
    match options {
        Options::Product(options) => overview::run(workspace, options),
        Options::Ingest(options) => ingest::run(workspace, options),
        Options::Live(options) => live::run(workspace, options),
        Options::Query(options) => query::run(workspace, options),
        Options::Mesh(options) => mesh::run(workspace, options),
        Options::Chat(options) => chat::run(workspace, options),
        Options::Llm(options) => llm::run(workspace, options),
        Options::Ui => ui::run(workspace),
    }
}
