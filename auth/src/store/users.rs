use sqlx::FromRow;
use voltaire_mesh::{Role, read, transaction, write};
use voltaire_types::{Timestamp, UserId};

use super::{Store, record, revoke, revoke_api_tokens, take};
use crate::{
    audit::Event,
    config::Registration,
    error::{Error, Result},
    revocation::Revocation,
    user::{Credentials, NewUser, Position, Profile, User},
};

/// The services that keep data of users.
pub(crate) const DELETED_FROM: [&str; 2] = ["telemetry", "chat"];

macro_rules! select {
    ($tail:literal) => {
        concat!(
            "SELECT id, name, email, password, role, disabled, token_version, created_at, updated_at FROM users ",
            $tail
        )
    };
}

macro_rules! find {
    ($tx:expr, $id:expr) => {
        sqlx::query_as::<_, Row>(select!("WHERE id = $1"))
            .bind($id)
            .fetch_optional(&mut *$tx)
            .await?
    };
}

/// Counts the admins that are left without this one.
macro_rules! other_admins {
    ($tx:expr, $id:expr) => {
        sqlx::query_scalar::<_, i64>("SELECT count(*) FROM users WHERE role = 'admin' AND NOT disabled AND id <> $1")
            .bind($id)
            .fetch_one(&mut *$tx)
            .await?
    };
}

/// Who may come in, and with which invitation.
#[derive(Clone, Debug)]
pub(crate) struct Admission {
    pub(crate) registration: Registration,
    /// The hash of an invitation's code.
    pub(crate) invite: Option<Vec<u8>>,
    /// Let in by the operator, as a plain user even where there is no admin yet.
    pub(crate) member: bool,
}

#[derive(FromRow)]
struct Row {
    id: UserId,
    name: String,
    email: String,
    password: String,
    role: String,
    disabled: bool,
    token_version: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl TryFrom<Row> for Credentials {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let user = User {
            id: row.id,
            name: row.name,
            email: row.email,
            role: row.role.parse().map_err(|()| Error::Corrupt("users.role"))?,
            disabled: row.disabled,
            token_version: row.token_version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        };
        Ok(Self {
            user,
            hash: row.password,
        })
    }
}

impl TryFrom<Row> for User {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        Credentials::try_from(row).map(|it| it.user)
    }
}

impl Store {
    /// Adds a user. While there is no admin, who comes is always admitted and is the admin; of two that come at once, one is
    /// first. A member that the operator lets in is neither.
    pub(crate) async fn register(&self, new: NewUser, admission: Admission, event: Event) -> Result<User> {
        const SQL: &str = "INSERT INTO users (id, name, email, email_key, password, role, created_at, updated_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
        const INVITE: &str = "UPDATE invites SET used_at = $1
            WHERE hash = $2 AND used_at IS NULL AND expires_at > $3 AND (email_key IS NULL OR email_key = $4)";
        transaction!(self.db, |tx| {
            take!(tx, "users");
            let now = event.at;
            let first = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM users WHERE role = 'admin'")
                .fetch_one(&mut *tx)
                .await?
                == 0;
            match admission.registration {
                _ if first || admission.member => {}
                Registration::Open => {}
                Registration::Closed => return Err(Error::RegistrationClosed),
                Registration::Invite => {
                    let invite = admission.invite.ok_or(Error::InviteRequired)?;
                    let query = sqlx::query(INVITE)
                        .bind(now)
                        .bind(invite)
                        .bind(now)
                        .bind(new.email.key().to_owned());
                    if query.execute(&mut *tx).await?.rows_affected() != 1 {
                        return Err(Error::InviteInvalid);
                    }
                }
            }
            let role = if first && !admission.member {
                Role::Admin
            } else {
                Role::User
            };
            let query = sqlx::query(SQL)
                .bind(new.id)
                .bind(new.name)
                .bind(new.email.shown().to_owned())
                .bind(new.email.key().to_owned())
                .bind(new.hash)
                .bind(role.to_string())
                .bind(now)
                .bind(now);
            query.execute(&mut *tx).await.map_err(taken)?;
            record!(&mut *tx, event);
            find!(tx, new.id).ok_or(Error::Gone)?.try_into()
        })
    }

    /// Whether there is an admin.
    pub(crate) async fn has_admin(&self) -> Result<bool> {
        const SQL: &str = "SELECT count(*) FROM (SELECT 1 FROM users WHERE role = 'admin' LIMIT 1) AS admin";
        let count: i64 = read!(self.db, |pool| sqlx::query_scalar(SQL).fetch_one(pool).await?);
        Ok(count > 0)
    }

    /// The user of this id.
    pub(crate) async fn user(&self, id: UserId) -> Result<Option<User>> {
        Ok(self.credentials(id).await?.map(|it| it.user))
    }

    /// The user of this id, and the hash of the password.
    pub(crate) async fn credentials(&self, id: UserId) -> Result<Option<Credentials>> {
        const SQL: &str = select!("WHERE id = $1");
        let row: Option<Row> = read!(self.db, |pool| sqlx::query_as(SQL)
            .bind(id)
            .fetch_optional(pool)
            .await?);
        row.map(TryInto::try_into).transpose()
    }

    /// The user of this e-mail (in its compared form), and the hash of the password.
    pub(crate) async fn credentials_by_email(&self, key: &str) -> Result<Option<Credentials>> {
        const SQL: &str = select!("WHERE email_key = $1");
        let row: Option<Row> = read!(self.db, |pool| sqlx::query_as(SQL)
            .bind(key)
            .fetch_optional(pool)
            .await?);
        row.map(TryInto::try_into).transpose()
    }

    /// At most `limit` users after a position, by creation.
    pub(crate) async fn users(&self, after: Option<Position>, limit: u32) -> Result<Vec<User>> {
        const FIRST: &str = select!("ORDER BY created_at, id LIMIT $1");
        const NEXT: &str = select!("WHERE (created_at, id) > ($1, $2) ORDER BY created_at, id LIMIT $3");
        let limit = i64::from(limit);
        let rows: Vec<Row> = match after {
            None => read!(self.db, |pool| sqlx::query_as(FIRST)
                .bind(limit)
                .fetch_all(pool)
                .await?),
            Some(Position { at, id }) => {
                read!(self.db, |pool| sqlx::query_as(NEXT)
                    .bind(at)
                    .bind(id)
                    .bind(limit)
                    .fetch_all(pool)
                    .await?)
            }
        };
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// Puts a hash of the same password in the place of an older one.
    pub(crate) async fn rehash(&self, id: UserId, old: String, new: String) -> Result<()> {
        const SQL: &str = "UPDATE users SET password = $1 WHERE id = $2 AND password = $3";
        write!(self.db, |pool| Ok(sqlx::query(SQL)
            .bind(new)
            .bind(id)
            .bind(old)
            .execute(pool)
            .await
            .map(drop)?))
    }

    /// Changes name and e-mail.
    pub(crate) async fn update_profile(&self, id: UserId, change: Profile, event: Event) -> Result<User> {
        const SQL: &str = "UPDATE users SET name = coalesce($1, name), email = coalesce($2, email),
            email_key = coalesce($3, email_key), updated_at = $4 WHERE id = $5";
        transaction!(self.db, |tx| {
            let (email, key) = change
                .email
                .map(|it| (it.shown().to_owned(), it.key().to_owned()))
                .unzip();
            let query = sqlx::query(SQL)
                .bind(change.name)
                .bind(email)
                .bind(key)
                .bind(event.at)
                .bind(id);
            query.execute(&mut *tx).await.map_err(taken)?;
            record!(&mut *tx, event);
            find!(tx, id).ok_or(Error::Gone)?.try_into()
        })
    }

    /// Changes the hash of the password where it is still `old`, and ends the user's sessions.
    pub(crate) async fn change_password(&self, id: UserId, hashes: (String, String), event: Event) -> Result<User> {
        const SQL: &str = "UPDATE users SET password = $1, token_version = token_version + 1, updated_at = $2
            WHERE id = $3 AND password = $4";
        transaction!(self.db, |tx| {
            let (old, new) = hashes;
            let query = sqlx::query(SQL).bind(new).bind(event.at).bind(id).bind(old);
            if query.execute(&mut *tx).await?.rows_affected() != 1 {
                return Err(Error::BadCredentials);
            }
            let user: User = find!(tx, id).ok_or(Error::Gone)?.try_into()?;
            revoke!(tx, Revocation::sessions(&user, event.at));
            record!(&mut *tx, event);
            Ok(user)
        })
    }

    /// Gives a user another role and ends the user's sessions; nothing happens where the role is the same.
    pub(crate) async fn change_role(&self, id: UserId, role: Role, event: Event) -> Result<User> {
        const SQL: &str =
            "UPDATE users SET role = $1, token_version = token_version + 1, updated_at = $2 WHERE id = $3";
        transaction!(self.db, |tx| {
            take!(tx, "users");
            let user: User = find!(tx, id).ok_or(Error::NoUser)?.try_into()?;
            if user.role == role {
                return Ok(user);
            }
            if user.role == Role::Admin && other_admins!(tx, id) == 0 {
                return Err(Error::LastAdmin);
            }
            let query = sqlx::query(SQL).bind(role.to_string()).bind(event.at).bind(id);
            query.execute(&mut *tx).await?;
            let user: User = find!(tx, id).ok_or(Error::NoUser)?.try_into()?;
            revoke!(tx, Revocation::sessions(&user, event.at));
            record!(&mut *tx, event);
            Ok(user)
        })
    }

    /// Disables a user, ending all sessions and API tokens; nothing happens where the user is disabled already.
    pub(crate) async fn disable(&self, id: UserId, event: Event) -> Result<User> {
        const SQL: &str =
            "UPDATE users SET disabled = TRUE, token_version = token_version + 1, updated_at = $1 WHERE id = $2";
        transaction!(self.db, |tx| {
            take!(tx, "users");
            let user: User = find!(tx, id).ok_or(Error::NoUser)?.try_into()?;
            if user.disabled {
                return Ok(user);
            }
            if user.role == Role::Admin && other_admins!(tx, id) == 0 {
                return Err(Error::LastAdmin);
            }
            sqlx::query(SQL).bind(event.at).bind(id).execute(&mut *tx).await?;
            let user: User = find!(tx, id).ok_or(Error::NoUser)?.try_into()?;
            revoke!(tx, Revocation::sessions(&user, event.at));
            revoke_api_tokens!(tx, id, event.at);
            record!(&mut *tx, event);
            Ok(user)
        })
    }

    /// Enables a disabled user again; tokens of before stay revoked.
    pub(crate) async fn enable(&self, id: UserId, event: Event) -> Result<User> {
        const SQL: &str = "UPDATE users SET disabled = FALSE, updated_at = $1 WHERE id = $2 AND disabled";
        transaction!(self.db, |tx| {
            take!(tx, "users");
            if sqlx::query(SQL)
                .bind(event.at)
                .bind(id)
                .execute(&mut *tx)
                .await?
                .rows_affected()
                == 1
            {
                record!(&mut *tx, event);
            }
            find!(tx, id).ok_or(Error::NoUser)?.try_into()
        })
    }

    /// Deletes a user, ending all sessions and API tokens, and notes which services have still to forget the user, the
    /// first attempt of the background task being at `retry`.
    pub(crate) async fn delete_user(&self, id: UserId, retry: Timestamp, event: Event) -> Result<()> {
        const LOCK: &str = "UPDATE users SET disabled = TRUE, token_version = token_version + 1 WHERE id = $1";
        const OTHERS: &str = "SELECT count(*) FROM users WHERE id <> $1";
        const ERASE: &str = "INSERT INTO erasures (user_id, service, next_attempt_at) VALUES ($1, $2, $3)";
        let postgres = matches!(self.db, voltaire_mesh::Db::Postgres(_));
        transaction!(self.db, |tx| {
            if postgres {
                // In a shared database what the user has goes with the row, which may take longer than a query may.
                sqlx::query("SELECT set_config('statement_timeout', '0', true)")
                    .execute(&mut *tx)
                    .await?;
            }
            take!(tx, "users");
            sqlx::query(LOCK).bind(id).execute(&mut *tx).await?;
            let user: User = find!(tx, id).ok_or(Error::Gone)?.try_into()?;
            let others: i64 = sqlx::query_scalar(OTHERS).bind(id).fetch_one(&mut *tx).await?;
            if user.role == Role::Admin && others > 0 && other_admins!(tx, id) == 0 {
                return Err(Error::LastAdmin);
            }
            revoke!(tx, Revocation::sessions(&user, event.at));
            revoke_api_tokens!(tx, id, event.at);
            for service in DELETED_FROM {
                sqlx::query(ERASE)
                    .bind(id)
                    .bind(service)
                    .bind(retry)
                    .execute(&mut *tx)
                    .await?;
            }
            sqlx::query("DELETE FROM users WHERE id = $1")
                .bind(id)
                .execute(&mut *tx)
                .await?;
            record!(&mut *tx, event);
            Ok(())
        })
    }
}

fn taken(error: sqlx::Error) -> Error {
    match &error {
        sqlx::Error::Database(cause) if cause.is_unique_violation() => Error::EmailTaken,
        _ => Error::Store(error),
    }
}
