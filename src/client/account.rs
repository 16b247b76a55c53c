//! `register`, `login`, `logout`, `me`.

use std::io::Read;

use anyhow::Context;
use voltaire_proto::auth::v1::{self as pb, auth_service_client::AuthServiceClient};

use super::{Connection, credentials, json, refusal::Usage};

/// Where the password comes from.
#[derive(Debug, clap::Args)]
pub(crate) struct Password {
    /// Reads the password from standard input instead of asking for it.
    #[arg(long)]
    password_stdin: bool,
}

impl Password {
    fn read(&self) -> anyhow::Result<String> {
        if self.password_stdin {
            let mut text = String::new();
            std::io::stdin()
                .read_to_string(&mut text)
                .context("cannot read the password from standard input")?;
            return Ok(text.trim_end_matches(['\r', '\n']).to_owned());
        }
        rpassword::prompt_password("Password: ")
            .map_err(|_| Usage("no terminal to ask for the password: use --password-stdin".into()).into())
    }
}

/// Creates an account and signs in.
#[derive(Debug, clap::Args)]
pub(crate) struct Register {
    /// How to address you.
    #[arg(long)]
    name: String,
    /// Your e-mail, the name you sign in with.
    #[arg(long)]
    email: String,
    /// The code of an invitation, where the server asks for one.
    #[arg(long, default_value = "")]
    invite: String,
    #[command(flatten)]
    password: Password,
}

/// Signs in.
#[derive(Debug, clap::Args)]
pub(crate) struct Login {
    /// Your e-mail.
    #[arg(long)]
    email: String,
    #[command(flatten)]
    password: Password,
}

impl Register {
    pub(crate) async fn run(self, connection: &Connection) -> anyhow::Result<()> {
        let password = self.password.read()?;
        let mut auth = AuthServiceClient::new(connection.anonymous().await?.channel);
        let request = pb::RegisterRequest {
            name: self.name,
            email: self.email,
            password,
            invite_code: self.invite,
        };
        let session = auth
            .register(request)
            .await?
            .into_inner()
            .session
            .context("an answer without a session")?;
        welcome(connection, &session)
    }
}

impl Login {
    pub(crate) async fn run(self, connection: &Connection) -> anyhow::Result<()> {
        let password = self.password.read()?;
        let mut auth = AuthServiceClient::new(connection.anonymous().await?.channel);
        let session = auth
            .login(pb::LoginRequest {
                email: self.email,
                password,
            })
            .await?
            .into_inner()
            .session;
        welcome(connection, &session.context("an answer without a session")?)
    }
}

fn welcome(connection: &Connection, session: &pb::Session) -> anyhow::Result<()> {
    credentials::store(&connection.server, &session.access_token)?;
    let user = session.user.clone().unwrap_or_default();
    if connection.json {
        json::print(&json::message("voltaire.auth.v1.User", &user)?);
    } else {
        println!(
            "Signed in at {} as {} ({}). Try: voltaire ask \"what is on now?\"",
            connection.server, user.name, user.email
        );
    }
    Ok(())
}

/// Ends the session and forgets its token.
pub(crate) async fn logout(connection: &Connection) -> anyhow::Result<()> {
    let server = connection.signed_in().await?;
    let mut auth = AuthServiceClient::with_interceptor(server.channel, server.bearer);
    let ended = auth.logout(pb::LogoutRequest {}).await;
    credentials::forget(&connection.server)?;
    ended?;
    if connection.json {
        json::print(&serde_json::json!({ "signed_out_of": connection.server }));
    } else {
        println!("Signed out of {}.", connection.server);
    }
    Ok(())
}

/// Prints who is signed in.
pub(crate) async fn me(connection: &Connection) -> anyhow::Result<()> {
    let server = connection.signed_in().await?;
    let mut auth = AuthServiceClient::with_interceptor(server.channel, server.bearer);
    let user = auth
        .get_me(pb::GetMeRequest {})
        .await?
        .into_inner()
        .user
        .unwrap_or_default();
    if connection.json {
        json::print(&json::message("voltaire.auth.v1.User", &user)?);
    } else {
        println!(
            "{} ({}), {}",
            user.name,
            user.email,
            user.role().as_str_name().trim_start_matches("ROLE_").to_lowercase()
        );
    }
    Ok(())
}
