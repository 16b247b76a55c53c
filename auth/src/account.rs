//! What people do with their own account: register, sign in, change, leave.

use voltaire_mesh::{Identity, Role};
use voltaire_types::{Timestamp, UserId};

use crate::{
    Auth,
    audit::{Kind, Origin},
    config::Registration,
    email::Email,
    error::{Error, Result},
    password::Password,
    store::Admission,
    throttle::Attempt,
    token::{self, Claims},
    user::{Credentials, NewUser, Profile, User},
};

/// A fresh session: the signed token, when it ends, and whose it is.
pub(crate) struct Session {
    pub(crate) token: String,
    pub(crate) expires: Timestamp,
    pub(crate) user: User,
}

/// Somebody who wants to come in.
pub(crate) struct Applicant {
    pub(crate) name: String,
    pub(crate) email: Email,
    pub(crate) password: Password,
    pub(crate) invite_code: String,
}

/// Adds an account where the server takes registrations, and signs it in.
pub(crate) async fn register(auth: &Auth, origin: Origin, applicant: Applicant) -> Result<Session> {
    // Counts even when it succeeds: nobody needs many accounts in a minute.
    let _counted = auth.throttle.visit(origin.address, origin.now)?;
    let registration = auth.config.registration;
    let invite = (!applicant.invite_code.is_empty()).then(|| token::hash(&applicant.invite_code));
    // Asked again when the account is added; here only so that a closed server hashes nothing.
    if registration != Registration::Open && auth.store.has_admin().await? {
        match (registration, &invite) {
            (Registration::Closed, _) => return Err(Error::RegistrationClosed),
            (_, None) => return Err(Error::InviteRequired),
            _ => {}
        }
    }
    let id = UserId::new();
    let hash = auth.hasher.hash(applicant.password).await?;
    let new = NewUser {
        id,
        name: applicant.name,
        email: applicant.email,
        hash,
    };
    let event = Origin {
        actor: Some(id),
        ..origin
    }
    .event(Kind::Register, Some(id));
    let user = auth
        .store
        .register(
            new,
            Admission {
                registration,
                invite,
                member: false,
            },
            event,
        )
        .await?;
    session(auth, user, origin.now).await
}

/// Signs in. An unknown e-mail, a wrong password and a disabled account are one answer, after the same work.
pub(crate) async fn login(auth: &Auth, origin: Origin, email: &Email, password: Password) -> Result<Session> {
    let attempt = auth.throttle.guess(email.key(), origin.address, origin.now)?;
    let found = auth.store.credentials_by_email(email.key()).await;
    let result = match found {
        Ok(found) => enter(auth, origin, found, password).await,
        Err(error) => Err(error),
    };
    settle(auth, attempt, result)
}

async fn enter(auth: &Auth, origin: Origin, found: Option<Credentials>, password: Password) -> Result<Session> {
    let hash = found.as_ref().map(|it| it.hash.clone());
    let right = auth.hasher.matches(password.clone(), hash).await?;
    let id = found.as_ref().map(|it| it.user.id);
    let Some(Credentials { user, hash }) = found.filter(|it| right && !it.user.disabled) else {
        auth.store.record(origin.event(Kind::LoginFailed, id)).await?;
        return Err(Error::BadCredentials);
    };
    if auth.hasher.is_outdated(&hash) {
        let new = auth.hasher.hash(password).await?;
        auth.store.rehash(user.id, hash, new).await?;
    }
    auth.store
        .record(Origin { actor: id, ..origin }.event(Kind::Login, id))
        .await?;
    session(auth, user, origin.now).await
}

/// Ends the session of a token.
pub(crate) async fn logout(auth: &Auth, origin: Origin, caller: &Identity) -> Result<()> {
    let event = origin.event(Kind::Logout, Some(caller.user_id));
    auth.store.revoke_token(caller.token_id, caller.expires, event).await?;
    auth.news.tell().await;
    Ok(())
}

/// The account of a caller.
pub(crate) async fn me(auth: &Auth, id: UserId) -> Result<User> {
    auth.store
        .user(id)
        .await?
        .filter(|user| !user.disabled)
        .ok_or(Error::Gone)
}

/// Changes name or e-mail.
pub(crate) async fn update(auth: &Auth, origin: Origin, id: UserId, change: Profile) -> Result<User> {
    if change.name.is_none() && change.email.is_none() {
        return me(auth, id).await;
    }
    auth.store
        .update_profile(id, change, origin.event(Kind::UserUpdated, Some(id)))
        .await
}

/// A change of password, as it was typed.
pub(crate) struct PasswordChange {
    pub(crate) current: Password,
    /// Judged once it is known whose it is.
    pub(crate) new: String,
}

/// Changes the password, ends all sessions and starts a new one.
pub(crate) async fn change_password(
    auth: &Auth,
    origin: Origin,
    id: UserId,
    change: PasswordChange,
) -> Result<Session> {
    let user = me(auth, id).await?;
    let email = Email::parse(&user.email).map_err(|_| Error::Corrupt("users.email"))?;
    let chosen = Password::chosen(&change.new, &user.name, &email);
    let new = chosen.map_err(|flaw| Error::Password {
        field: "new_password",
        flaw,
    })?;
    let old = confirm(auth, origin, id, change.current).await?;
    let hash = auth.hasher.hash(new).await?;
    let event = origin.event(Kind::PasswordChanged, Some(id));
    let user = auth.store.change_password(id, (old.hash, hash), event).await?;
    auth.news.tell().await;
    session(auth, user, origin.now).await
}

/// Deletes the account, and has every service forget the user: now where it answers, else as soon as it does.
pub(crate) async fn delete(auth: &Auth, origin: Origin, id: UserId, password: Password) -> Result<()> {
    confirm(auth, origin, id, password).await?;
    let retry = origin.now.plus(crate::erasure::FIRST_RETRY);
    auth.store
        .delete_user(id, retry, origin.event(Kind::UserDeleted, Some(id)))
        .await?;
    auth.news.tell().await;
    auth.erasures.erase_now(id).await;
    Ok(())
}

/// Checks the password of somebody who is signed in; as slow to guess as at sign-in.
async fn confirm(auth: &Auth, origin: Origin, id: UserId, password: Password) -> Result<Credentials> {
    let found = auth
        .store
        .credentials(id)
        .await?
        .filter(|it| !it.user.disabled)
        .ok_or(Error::Gone)?;
    let attempt = auth.throttle.guess(&id.to_string(), origin.address, origin.now)?;
    let result = match auth.hasher.matches(password, Some(found.hash.clone())).await {
        Ok(true) => Ok(found),
        Ok(false) => {
            let recorded = auth.store.record(origin.event(Kind::PasswordFailed, Some(id))).await;
            Err(recorded.err().unwrap_or(Error::BadCredentials))
        }
        Err(error) => Err(error),
    };
    settle(auth, attempt, result)
}

fn settle<T>(auth: &Auth, attempt: Attempt, result: Result<T>) -> Result<T> {
    match &result {
        Ok(_) => auth.throttle.succeeded(attempt),
        // What the hash said would be known if the event could not be written, so that counts as well.
        Err(Error::BadCredentials | Error::Store(_)) => {}
        Err(_) => auth.throttle.forgiven(attempt),
    }
    result
}

async fn session(auth: &Auth, user: User, now: Timestamp) -> Result<Session> {
    let keys = auth.keys.current().await?;
    let (claims, expires) = Claims::of_session(&user, now, auth.config.token_lifetime());
    let token = keys.signer(now)?.sign(&claims)?;
    Ok(Session { token, expires, user })
}

/// Gives a user another role (admins only).
pub(crate) async fn change_role(auth: &Auth, origin: Origin, id: UserId, role: Role) -> Result<User> {
    let user = auth
        .store
        .change_role(id, role, origin.event(Kind::RoleChanged, Some(id)))
        .await?;
    auth.news.tell().await;
    Ok(user)
}

/// Disables a user, or enables a disabled one (admins only).
pub(crate) async fn set_enabled(auth: &Auth, origin: Origin, id: UserId, enabled: bool) -> Result<User> {
    if enabled {
        return auth.store.enable(id, origin.event(Kind::UserEnabled, Some(id))).await;
    }
    let user = auth
        .store
        .disable(id, origin.event(Kind::UserDisabled, Some(id)))
        .await?;
    auth.news.tell().await;
    Ok(user)
}

/// Revokes one of the caller's API tokens.
pub(crate) async fn revoke_api_token(
    auth: &Auth,
    origin: Origin,
    user: UserId,
    id: voltaire_types::TokenId,
) -> Result<()> {
    auth.store
        .revoke_api_token(user, id, origin.event(Kind::TokenRevoked, Some(user)))
        .await?;
    auth.news.tell().await;
    Ok(())
}
