//! The commands, as `--help` teaches them.

use std::{path::PathBuf, time::Duration};

use clap::{Parser, Subcommand};

use crate::{
    backup::{Backup, Restore},
    client::{Connection, account, alert::Alert, ask::Ask, device::Device, home::Home, token::Token},
    envoy::Envoy,
    import::command::Import,
    mqtt::command::Mqtt,
    node::{certs::Certs, health::Health},
    simulate::command::{Seed, Simulate},
};

/// Voltaire: the smart-home energy monitor that you talk to.
#[derive(Debug, Parser)]
#[command(
    version,
    propagate_version = true,
    after_help = "First steps:\n  voltaire up                                  start the product with a demo home\n  \
voltaire register --name Anna --email anna@example.com\n  voltaire home --time-zone Europe/Berlin --currency EUR --price 0.3427\n  \
voltaire import green-button usage.xml\n  voltaire ask \"how much did I use last month?\"\n\n\
Exit codes: 0 done, 1 refused, 2 wrong input, 3 no server, 4 not signed in, 64 wrong configuration."
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Starts everything in this process: no configuration needed.
    Up(Up),
    /// Starts one service of the mesh.
    Serve(Serve),
    /// Applies, takes back or lists database migrations, or begins a new one.
    #[command(subcommand)]
    Migrate(Migrate),
    /// Manages the keys that sign tokens.
    #[command(subcommand)]
    Keys(Keys),
    /// Makes certificates for development, by which services of the mesh know each other.
    Certs(Certs),
    /// Writes the configuration of Envoy, the proxy before and between the services of the mesh.
    Envoy(Envoy),
    /// Asks a role of this machine whether it serves: for health checks.
    Health(Health),
    /// Copies the data of `voltaire up` while it runs.
    Backup(Backup),
    /// Puts a backup into a data directory.
    Restore(Restore),
    /// Creates an account on a server and signs in.
    Register(WithConnection<account::Register>),
    /// Signs in at a server.
    Login(WithConnection<account::Login>),
    /// Signs out.
    Logout(Connection),
    /// Shows who is signed in.
    Me(Connection),
    /// Shows or changes your home: time zone, currency, price.
    Home(WithConnection<Home>),
    /// Lists, adds or removes devices, sends a reading.
    Device(WithConnectionSub<Device>),
    /// Makes, lists or revokes API tokens.
    Token(WithConnectionSub<Token>),
    /// Imports readings from a file.
    Import(WithConnectionSub<Import>),
    /// Collects readings from an MQTT broker.
    Mqtt(WithConnectionSub<Mqtt>),
    /// Asks a question about your home.
    Ask(WithConnection<Ask>),
    /// Says what you want to be told of, lists and watches alerts.
    Alert(WithConnectionSub<Alert>),
    /// Fills your home with demo devices and history.
    Seed(WithConnection<Seed>),
    /// Sends simulated homes: the generator of test data.
    Simulate(WithConnection<Simulate>),
}

/// A client command and the server it goes to.
#[derive(Debug, clap::Args)]
pub(crate) struct WithConnection<T: clap::Args> {
    #[command(flatten)]
    pub(crate) command: T,
    #[command(flatten)]
    pub(crate) connection: Connection,
}

/// A client command with commands of its own, and the server it goes to.
#[derive(Debug, clap::Args)]
pub(crate) struct WithConnectionSub<T: Subcommand> {
    #[command(subcommand)]
    pub(crate) command: T,
    #[command(flatten)]
    pub(crate) connection: Connection,
}

/// Where a server's settings come from.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Settings {
    /// A TOML file of settings; flags and environment variables win over it.
    #[arg(long, env = "VOLTAIRE_CONFIG", value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Sets one value, as `auth.registration=invite`; may be repeated.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(crate) set: Vec<String>,
}

/// Starts everything in this process.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Data live in the data directory: one SQLite file a service, made at the first start.\n\n\
Questions are read by rules, without a network. An OpenAI-compatible language model may read what they are unsure of:\n  \
CHAT_LLM         off (as it is by default), auto: where the rules are unsure, always\n  \
OPENAI_BASE_URL  its address with /v1, as http://127.0.0.1:8080/v1; or OLLAMA_HOST, as 127.0.0.1:11434\n  \
CHAT_MODEL       the model's name\n  \
OPENAI_API_KEY   where it asks for one; OPENAI_API_KEY_FILE names a file with it\n\
The same settings are chat.llm.{mode,base_url,ollama_host,model,api_key} in the file and in --set. The questions, and names \
of rooms and devices, then go to that address; readings never do, and every figure stays Voltaire's own."
)]
pub(crate) struct Up {
    /// Where to listen: the page, gRPC, gRPC-Web and JSON on one port.
    #[arg(
        long,
        default_value = "127.0.0.1:3000",
        env = "VOLTAIRE_LISTEN",
        value_name = "ADDR:PORT"
    )]
    pub(crate) listen: std::net::SocketAddr,
    /// Where data are kept.
    #[arg(long, default_value = "data", env = "VOLTAIRE_DATA_DIR", value_name = "DIR")]
    pub(crate) data_dir: PathBuf,
    /// Starts without the demo home.
    #[arg(long)]
    pub(crate) no_demo: bool,
    /// The built web app, from `cargo xtask ui`.
    #[arg(long, env = "VOLTAIRE_UI_DIR", value_name = "DIR")]
    pub(crate) ui_dir: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) settings: Settings,
}

/// Starts one service of the mesh.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Settings come from flags, then environment (VOLTAIRE_MESH__LISTEN, DATABASE_URL, …), then the file. \
How a language model may read questions: see voltaire up --help."
)]
pub(crate) struct Serve {
    /// Which.
    #[arg(value_enum)]
    pub(crate) role: Role,
    /// Where to listen.
    #[arg(long, env = "VOLTAIRE_LISTEN", value_name = "ADDR:PORT")]
    pub(crate) listen: Option<std::net::SocketAddr>,
    #[command(flatten)]
    pub(crate) settings: Settings,
}

/// A part of the mesh that a process can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Role {
    /// Users and tokens.
    Auth,
    /// Homes, devices, readings and figures.
    Telemetry,
    /// Questions and answers.
    Chat,
    /// The edge: gRPC, gRPC-Web, JSON and the page.
    Gateway,
}

/// Database migrations.
#[derive(Debug, Subcommand)]
pub(crate) enum Migrate {
    /// Applies what is missing.
    Up(MigrateTarget),
    /// Takes back migrations above a version (0: all), newest first. What they made is dropped.
    Down {
        #[command(flatten)]
        target: MigrateTarget,
        /// The highest version that stays.
        #[arg(long)]
        to: i64,
    },
    /// Lists migrations and whether they are applied.
    Status(MigrateTarget),
    /// Makes the files of a new migration, for both kinds of database.
    New {
        /// The service.
        #[arg(value_enum)]
        service: Role,
        /// What it does, as `add_rooms`.
        name: String,
    },
}

/// Which database to migrate.
#[derive(Debug, clap::Args)]
pub(crate) struct MigrateTarget {
    /// Only this service; without: all of them.
    #[arg(long, value_enum)]
    pub(crate) service: Option<Role>,
    /// The database; without: the SQLite files of the data directory.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, value_name = "URL")]
    pub(crate) database_url: Option<String>,
    /// A file with the database's URL.
    #[arg(
        long,
        env = "DATABASE_URL_FILE",
        value_name = "FILE",
        conflicts_with = "database_url"
    )]
    pub(crate) database_url_file: Option<PathBuf>,
    /// Where `voltaire up` keeps its data.
    #[arg(long, default_value = "data", env = "VOLTAIRE_DATA_DIR", value_name = "DIR")]
    pub(crate) data_dir: PathBuf,
}

/// The keys that sign tokens.
#[derive(Debug, Subcommand)]
pub(crate) enum Keys {
    /// Makes a new key; tokens of the old one stay good until they expire.
    Rotate(MigrateTarget),
}

/// A length of time as 15m or 1h: longer than nothing.
pub(crate) fn length(text: &str) -> Result<Duration, String> {
    let span: jiff::SignedDuration = text.parse().map_err(|_| "not a length such as 15m or 1h".to_owned())?;
    Duration::try_from(span)
        .ok()
        .filter(|it| !it.is_zero())
        .ok_or_else(|| "must be longer than nothing".to_owned())
}
