//! The one binary: arguments → configuration → logs → services → drain, or a client of a server.

mod backup;
mod cli;
mod client;
mod envoy;
mod import;
mod mqtt;
mod node;
mod simulate;

use std::process::ExitCode;

use clap::Parser;
use cli::{Cli, Command};

fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("error: cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    let code = match runtime.block_on(run(cli.command)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let (text, code) = client::refusal::explain(&error);
            eprintln!("error: {text}");
            ExitCode::from(code)
        }
    };
    runtime.shutdown_timeout(std::time::Duration::from_secs(2));
    code
}

async fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Up(up) => node::up::run(up).await,
        Command::Serve(serve) => node::serve::run(serve).await,
        Command::Migrate(migrate) => node::migrate::run(migrate).await,
        Command::Keys(keys) => node::keys::run(keys).await,
        Command::Certs(certs) => node::certs::run(&certs),
        Command::Envoy(envoy) => envoy::run(&envoy),
        Command::Health(health) => health.run().await,
        Command::Backup(backup) => backup.run().await,
        Command::Restore(restore) => restore.run().await,
        Command::Register(it) => it.command.run(&it.connection).await,
        Command::Login(it) => it.command.run(&it.connection).await,
        Command::Logout(connection) => client::account::logout(&connection).await,
        Command::Me(connection) => client::account::me(&connection).await,
        Command::Home(it) => it.command.run(&it.connection).await,
        Command::Device(it) => it.command.run(&it.connection).await,
        Command::Token(it) => it.command.run(&it.connection).await,
        Command::Import(it) => it.command.run(&it.connection).await,
        Command::Mqtt(it) => Box::pin(it.command.run(&it.connection)).await,
        Command::Ask(it) => it.command.run(&it.connection).await,
        Command::Alert(it) => it.command.run(&it.connection).await,
        Command::Seed(it) => it.command.run(&it.connection).await,
        Command::Simulate(it) => it.command.run(&it.connection).await,
    }
}
