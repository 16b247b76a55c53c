//! `token`: API tokens for devices and scripts.

use anyhow::Context;
use voltaire_proto::auth::v1::{self as pb, auth_service_client::AuthServiceClient};
use voltaire_types::Clock;

use super::{Connection, json};

/// Makes, lists or revokes API tokens.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Token {
    /// Makes a token and prints it; it is shown only now.
    Create {
        /// What it is for.
        name: String,
        /// What it opens; repeat for several.
        #[arg(long = "scope", value_parser = ["ingest", "read", "mcp"], default_value = "ingest")]
        scopes: Vec<String>,
        /// Days until it expires, 1 to 366.
        #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(u64).range(1..=366))]
        days: u64,
    },
    /// Lists your tokens, without their secrets.
    List,
    /// Revokes a token.
    Revoke {
        /// Its id, from `voltaire token list`.
        token_id: String,
    },
}

impl Token {
    pub(crate) async fn run(self, connection: &Connection) -> anyhow::Result<()> {
        let server = connection.signed_in().await?;
        let mut auth = AuthServiceClient::with_interceptor(server.channel, server.bearer);
        match self {
            Self::Create { name, scopes, days } => {
                let expires = Clock::system()
                    .now()
                    .plus(std::time::Duration::from_secs(days * 86_400));
                let expire_time = Some(voltaire_mesh::wire::timestamp(expires));
                let made = auth
                    .create_api_token(pb::CreateApiTokenRequest {
                        name,
                        scopes,
                        expire_time,
                    })
                    .await?
                    .into_inner();
                if connection.json {
                    json::print(&json::message("voltaire.auth.v1.CreateApiTokenResponse", &made)?);
                } else {
                    println!("{}", made.access_token);
                }
            }
            Self::List => {
                let list = auth.list_api_tokens(pb::ListApiTokensRequest {}).await?.into_inner();
                if connection.json {
                    json::print(&json::message("voltaire.auth.v1.ListApiTokensResponse", &list)?);
                }
                for it in list.api_tokens.iter().filter(|_| !connection.json) {
                    let state = if it.revoke_time.is_some() { "revoked" } else { "good" };
                    println!("{}  {:<24} {:<16} {state}", it.token_id, it.name, it.scopes.join(","));
                }
            }
            Self::Revoke { token_id } => {
                let request = pb::RevokeApiTokenRequest {
                    token_id: token_id.clone(),
                };
                auth.revoke_api_token(request).await.context("not revoked")?;
                if connection.json {
                    json::print(&serde_json::json!({ "revoked": token_id }));
                } else {
                    println!("Revoked.");
                }
            }
        }
        Ok(())
    }
}
