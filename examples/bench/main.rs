//! The client side of `cargo xtask bench`: brings the same made-up readings into the product, into plain rows and into other
//! databases, and asks all of them the same questions. Prints lines of `NAME<TAB>NUMBER`.

#[path = "../../src/simulate/appliance.rs"]
#[expect(dead_code, reason = "a benchmark needs no rooms")]
mod appliance;
#[path = "../../src/simulate/chance.rs"]
mod chance;
mod conversation;
mod database;
mod http;
mod peers;
mod product;
mod queries;
mod rows;
mod workload;

use std::time::{Duration, Instant};

use clap::{Parser, Subcommand, ValueEnum};

use workload::{Load, Row};

/// One step of a benchmark.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Sends readings; prints how many a second were acknowledged.
    Ingest {
        /// Where to.
        #[arg(long)]
        into: Target,
        /// Its URL.
        #[arg(long)]
        url: String,
        #[command(flatten)]
        load: Load,
    },
    /// Asks the questions of the query benchmark about readings that were sent before; prints p50 and p95, ms.
    Query {
        /// Whom.
        #[arg(long)]
        of: Target,
        /// Its URL.
        #[arg(long)]
        url: String,
        /// How often each question is asked, after a warm-up.
        #[arg(long, default_value_t = 30)]
        repetitions: usize,
        #[command(flatten)]
        load: Load,
    },
    /// Asks questions in words about readings that were sent before; prints p50 and p95 of the first event and of the end, ms.
    Talk {
        /// The product's URL.
        #[arg(long)]
        url: String,
        /// How often each question is asked, after a warm-up.
        #[arg(long, default_value_t = 20)]
        repetitions: usize,
        /// How many conversations are held at once then.
        #[arg(long, default_value_t = 100)]
        at_once: usize,
        #[command(flatten)]
        load: Load,
    },
    /// Makes an empty PostgreSQL database on a server.
    Database {
        /// The server, with a superuser.
        #[arg(long)]
        url: String,
        /// The new database.
        #[arg(long)]
        name: String,
        /// With TimescaleDB.
        #[arg(long)]
        timescale: bool,
    },
    /// Prints the bytes of a PostgreSQL database.
    Size {
        /// The database.
        #[arg(long)]
        url: String,
    },
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Target {
    /// The product, by gRPC with a token.
    Product,
    /// The table of readings, by plain multi-row inserts.
    Rows,
    /// `InfluxDB` 1.x, by line protocol.
    Influxdb,
    /// `VictoriaMetrics`, by line protocol.
    Victoria,
}

/// Something that takes readings in.
trait Sink {
    /// Readings as they are sent; made before time is taken, as a device would.
    type Batch: Send;

    /// A batch of readings, made ready.
    fn prepare(&self, rows: &[Row]) -> Self::Batch;

    /// Sends each writer's batches and waits until all of them are acknowledged; gives the number of new readings.
    async fn send(&mut self, writers: Vec<Vec<Self::Batch>>) -> anyhow::Result<u64>;

    /// Ends the connection to what took the readings in.
    async fn close(self);
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    match Arguments::parse().command {
        Command::Ingest { into, url, load } => match into {
            Target::Product => ingest(product::Sink::register(&url, &load).await?, &load).await,
            Target::Rows => ingest(rows::Sink::open(&url, &load).await?, &load).await,
            Target::Influxdb => ingest(peers::Sink::influxdb(&url)?, &load).await,
            Target::Victoria => ingest(peers::Sink::victoria(&url), &load).await,
        },
        Command::Query {
            of,
            url,
            repetitions,
            load,
        } => match of {
            Target::Product => queries::run(&mut product::Asker::sign_in(&url, &load).await?, repetitions).await,
            Target::Rows => anyhow::bail!("rows are only written"),
            Target::Influxdb => queries::run(&mut peers::Asker::influxdb(&url, &load)?, repetitions).await,
            Target::Victoria => queries::run(&mut peers::Asker::victoria(&url, &load)?, repetitions).await,
        },
        Command::Talk {
            url,
            repetitions,
            at_once,
            load,
        } => conversation::run(&url, &load, (repetitions, at_once)).await,
        Command::Database { url, name, timescale } => database::create(&url, &name, timescale).await,
        Command::Size { url } => database::size(&url).await,
    }
}

/// Sends the whole load, a stretch at a time, and prints the rate; making the readings is not part of the time.
async fn ingest<S: Sink>(mut sink: S, load: &Load) -> anyhow::Result<()> {
    let (mut new, mut took) = (0, Duration::ZERO);
    for stretch in load.stretches() {
        let writers = stretch
            .into_iter()
            .map(|rows| rows.chunks(load.batch).map(|batch| sink.prepare(batch)).collect())
            .collect();
        let started = Instant::now();
        new += sink.send(writers).await?;
        took += started.elapsed();
    }
    sink.close().await;
    anyhow::ensure!(new == load.readings(), "{new} of {} readings are new", load.readings());
    println!("readings\t{new}");
    println!("seconds\t{:.3}", took.as_secs_f64());
    Ok(())
}
