//! `alert`: what happened, and the rules that say what to tell.

use anyhow::Context;
use tonic::{service::interceptor::InterceptedService, transport::Channel};
use voltaire_mesh::wire;
use voltaire_proto::telemetry::v1::{
    self as pb, alert_service_client::AlertServiceClient, watch_alerts_response::Event,
};

use super::{Bearer, Connection, Server, alert_rule::Create, json};

/// Lists, watches or acknowledges alerts, or says what to tell.
#[derive(Debug, clap::Subcommand)]
#[command(
    after_help = "Examples:\n  voltaire alert create power Heater --above 2000 --for 30min\n  \
voltaire alert create on Iron --for 1h\n  voltaire alert create silence Fridge --for 15min\n  \
voltaire alert create budget month --cost 80\n  voltaire alert create unusual\n  \
voltaire alert watch\n  voltaire alert acknowledge --all"
)]
pub(crate) enum Alert {
    /// Lists alerts, latest first.
    List {
        /// Which.
        #[arg(long, value_enum, default_value_t = StatusArg::Open)]
        status: StatusArg,
        /// How many at most.
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(i32).range(1..=500))]
        limit: i32,
    },
    /// Prints the open alerts, then each one as it is raised, ends or is acknowledged.
    Watch,
    /// Says that you have seen alerts.
    Acknowledge(Acknowledge),
    /// Makes a rule and prints its id.
    #[command(subcommand)]
    Create(Create),
    /// Lists the rules.
    Rules,
    /// Lets a rule rest; its active alert ends.
    Pause {
        /// Its id, from `voltaire alert rules`.
        rule_id: String,
    },
    /// Wakes a rule that rests.
    Resume {
        /// Its id, from `voltaire alert rules`.
        rule_id: String,
    },
    /// Deletes a rule; its alerts stay.
    Remove {
        /// Its id, from `voltaire alert rules`.
        rule_id: String,
    },
}

/// Which alerts have been seen.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Acknowledge {
    /// The alert's id, from `voltaire alert list`.
    alert_id: Option<String>,
    /// All alerts of a rule.
    #[arg(long, value_name = "ID")]
    rule: Option<String>,
    /// All alerts.
    #[arg(long)]
    all: bool,
}

/// Which alerts to list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum StatusArg {
    /// Active or not acknowledged.
    Open,
    /// Still so.
    Active,
    /// Seen by nobody.
    Unacknowledged,
    /// Seen.
    Acknowledged,
    /// Every one.
    All,
}

impl From<StatusArg> for pb::AlertStatus {
    fn from(status: StatusArg) -> Self {
        match status {
            StatusArg::Open => Self::Open,
            StatusArg::Active => Self::Active,
            StatusArg::Unacknowledged => Self::Unacknowledged,
            StatusArg::Acknowledged => Self::Acknowledged,
            StatusArg::All => Self::Unspecified,
        }
    }
}

type Client = AlertServiceClient<InterceptedService<Channel, Bearer>>;

impl Alert {
    pub(crate) async fn run(self, connection: &Connection) -> anyhow::Result<()> {
        let server = connection.signed_in().await?;
        let mut client = AlertServiceClient::with_interceptor(server.channel.clone(), server.bearer.clone());
        match self {
            Self::List { status, limit } => {
                let request = pb::ListAlertsRequest {
                    status: pb::AlertStatus::from(status).into(),
                    page_size: limit,
                    ..pb::ListAlertsRequest::default()
                };
                let found = client.list_alerts(request).await?.into_inner();
                list(connection, &found)
            }
            Self::Watch => watch(&mut client, connection).await,
            Self::Acknowledge(which) => which.run(&mut client).await,
            Self::Create(create) => self::create(create, &server, (&mut client, connection)).await,
            Self::Rules => rules(&mut client, connection).await,
            Self::Pause { rule_id } => pause(&mut client, rule_id, true).await,
            Self::Resume { rule_id } => pause(&mut client, rule_id, false).await,
            Self::Remove { rule_id } => {
                let request = pb::DeleteAlertRuleRequest { alert_rule_id: rule_id };
                client.delete_alert_rule(request).await?;
                println!("Removed.");
                Ok(())
            }
        }
    }
}

impl Acknowledge {
    async fn run(self, client: &mut Client) -> anyhow::Result<()> {
        if let Some(alert_id) = self.alert_id {
            client
                .acknowledge_alert(pb::AcknowledgeAlertRequest { alert_id })
                .await?;
            println!("Acknowledged.");
            return Ok(());
        }
        let request = pb::AcknowledgeAlertsRequest {
            home_id: String::new(),
            alert_rule_id: self.rule.unwrap_or_default(),
        };
        let count = client.acknowledge_alerts(request).await?.into_inner().acknowledged;
        println!("Acknowledged {count}.");
        Ok(())
    }
}

fn list(connection: &Connection, found: &pb::ListAlertsResponse) -> anyhow::Result<()> {
    if connection.json {
        json::print(&json::message("voltaire.telemetry.v1.ListAlertsResponse", found)?);
    } else if found.alerts.is_empty() {
        println!("No alerts.");
    } else {
        found.alerts.iter().for_each(print);
    }
    Ok(())
}

async fn watch(client: &mut Client, connection: &Connection) -> anyhow::Result<()> {
    let mut since_revision = 0;
    loop {
        let request = pb::WatchAlertsRequest {
            home_id: String::new(),
            since_revision,
        };
        let mut messages = client.watch_alerts(request).await?.into_inner();
        loop {
            match messages.message().await {
                Ok(Some(message)) => {
                    since_revision = message.revision;
                    show(connection, &message)?;
                }
                // The stream has run for its time: it goes on where it stopped.
                Ok(None) => break,
                Err(status) if status.code() == tonic::Code::Unavailable && since_revision > 0 => break,
                Err(status) => return Err(status.into()),
            }
        }
    }
}

fn show(connection: &Connection, message: &pb::WatchAlertsResponse) -> anyhow::Result<()> {
    let alerts = match &message.event {
        Some(Event::Snapshot(it)) => &it.alerts,
        Some(Event::Changes(it)) => &it.alerts,
        Some(Event::Heartbeat(_)) | None => return Ok(()),
    };
    for alert in alerts {
        if connection.json {
            // One a line, for scripts.
            println!("{}", json::message("voltaire.telemetry.v1.Alert", alert)?);
        } else {
            print(alert);
        }
    }
    Ok(())
}

fn print(alert: &pb::Alert) {
    let raised = wire::parse_timestamp("raise_time", alert.raise_time.as_ref());
    let raised = raised.map(|it| it.to_string()).unwrap_or_default();
    let state = if alert.end_time.is_some() { "over" } else { "active" };
    let seen = if alert.acknowledge_time.is_some() {
        "seen"
    } else {
        "new"
    };
    println!(
        "{}  {raised:<20}  {state:<6} {seen:<4} {}",
        alert.alert_id, alert.message
    );
}

async fn create(
    create: Create,
    server: &Server,
    (client, connection): (&mut Client, &Connection),
) -> anyhow::Result<()> {
    let rule = create.rule(server).await?;
    let request = pb::CreateAlertRuleRequest { alert_rule: Some(rule) };
    let made = client.create_alert_rule(request).await?.into_inner().alert_rule;
    let made = made.context("an answer without a rule")?;
    if connection.json {
        json::print(&json::message("voltaire.telemetry.v1.AlertRule", &made)?);
    } else {
        println!("{}", made.alert_rule_id);
    }
    Ok(())
}

async fn rules(client: &mut Client, connection: &Connection) -> anyhow::Result<()> {
    let found = client
        .list_alert_rules(pb::ListAlertRulesRequest::default())
        .await?
        .into_inner();
    if connection.json {
        json::print(&json::message("voltaire.telemetry.v1.ListAlertRulesResponse", &found)?);
    } else if found.alert_rules.is_empty() {
        println!("No rules yet. Make one: voltaire alert create unusual");
    } else {
        for it in found.alert_rules {
            let state = if it.paused { "rests" } else { "awake" };
            println!("{}  {state}  {}", it.alert_rule_id, it.name);
        }
    }
    Ok(())
}

async fn pause(client: &mut Client, rule_id: String, paused: bool) -> anyhow::Result<()> {
    let request = pb::UpdateAlertRuleRequest {
        alert_rule: Some(pb::AlertRule {
            alert_rule_id: rule_id,
            paused,
            ..pb::AlertRule::default()
        }),
        update_mask: Some(prost_types::FieldMask {
            paths: vec!["paused".to_owned()],
        }),
    };
    client.update_alert_rule(request).await?;
    println!("{}", if paused { "Paused." } else { "Resumed." });
    Ok(())
}
