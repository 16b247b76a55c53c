//! The client of `cargo xtask bench live`: how late readings arrive at many who watch.
//!
//! Of the product (throw-away accounts are registered on that server), or of a NATS server that passes the same messages on to
//! as many subscribers and keeps nothing: what fan-out costs at the least. Prints figures as `name`, tab, `value`.

mod nats;
mod product;
mod seen;

use std::{fs, time::Duration};

use anyhow::Context as _;
use clap::{Parser, ValueEnum};

/// Measures a running server.
#[derive(Clone, Parser)]
struct Arguments {
    /// What serves.
    #[arg(long, value_enum)]
    of: Target,
    /// The server's one port, or a NATS server.
    #[arg(long)]
    url: String,
    /// Homes; one account each.
    #[arg(long)]
    homes: usize,
    /// Who watches each home; at most 128, over one connection.
    #[arg(long)]
    watchers: usize,
    /// Who watches each home of the product and never reads.
    #[arg(long)]
    stalled: usize,
    /// Devices of a home, all of which are in each batch.
    #[arg(long)]
    devices: usize,
    /// Between two batches of a home, ms.
    #[arg(long)]
    every: u64,
    /// How long readings are sent, s.
    #[arg(long)]
    seconds: u64,
    /// The server's process, whose memory and computing are told.
    #[arg(long)]
    pid: u32,
}

#[derive(Clone, Copy, ValueEnum)]
enum Target {
    Product,
    Nats,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    match arguments.of {
        Target::Product => product::measure(&arguments).await,
        Target::Nats => nats::measure(&arguments).await,
    }
}

/// What the server takes: its memory when the load begins, and what it has computed by then.
struct Usage {
    memory: f64,
    computed: Duration,
}

impl Usage {
    fn of(arguments: &Arguments) -> anyhow::Result<Self> {
        /// Linux counts in hundredths of a second.
        const TICK: Duration = Duration::from_millis(10);
        let read = |name: &str| fs::read_to_string(format!("/proc/{}/{name}", arguments.pid));
        let (status, stat) = (read("status")?, read("stat")?);
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kibibytes: f64 = resident
            .context("Linux tells it")?
            .trim()
            .trim_end_matches(" kB")
            .parse()?;
        // The name in parentheses may hold anything.
        let (_, fields) = stat.rsplit_once(") ").context("Linux tells it")?;
        let ticks = |at| anyhow::Ok(fields.split(' ').nth(at).context("Linux tells it")?.parse::<u32>()?);
        Ok(Self {
            memory: kibibytes * 1024.0,
            computed: TICK * (ticks(11)? + ticks(12)?),
        })
    }

    /// Tells what the load took, of which so many messages arrived.
    fn tell(&self, arguments: &Arguments, messages: usize) -> anyhow::Result<()> {
        let after = Self::of(arguments)?;
        let computed = after.computed.saturating_sub(self.computed);
        println!("memory before\t{}", self.memory);
        println!("memory after\t{}", after.memory);
        println!("computed\t{}", computed.as_secs_f64() * 1e6 / messages.max(1) as f64);
        Ok(())
    }
}
