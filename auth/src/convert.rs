//! Proto ⇄ domain: out cannot fail, in names the field at fault.

use std::collections::BTreeSet;

use voltaire_mesh::{Invalid, Role, Scope, wire};
use voltaire_proto::auth::v1 as pb;

use crate::{
    account::{Applicant, PasswordChange, Session},
    api_token::{ApiToken, Wish},
    audit::Event,
    email::Email,
    error::{Error, Result},
    keys::Key,
    password::{Flaw, Password},
    revocation::{Revocation, Subject},
    user::{Profile, User},
};

/// The most scopes of a request; there are three.
const MOST_SCOPES: usize = 8;

impl From<User> for pb::User {
    fn from(user: User) -> Self {
        let User {
            id,
            name,
            email,
            role,
            disabled,
            token_version: _,
            created_at,
            updated_at,
        } = user;
        Self {
            user_id: id.to_string(),
            name,
            email,
            role: pb_role(role).into(),
            disabled,
            create_time: Some(wire::timestamp(created_at)),
            update_time: Some(wire::timestamp(updated_at)),
        }
    }
}

impl From<Session> for pb::Session {
    fn from(Session { token, expires, user }: Session) -> Self {
        Self {
            access_token: token,
            expire_time: Some(wire::timestamp(expires)),
            user: Some(user.into()),
        }
    }
}

impl From<ApiToken> for pb::ApiToken {
    fn from(token: ApiToken) -> Self {
        let ApiToken {
            id,
            user: _,
            name,
            scopes,
            created_at,
            expires_at,
            revoked_at,
        } = token;
        Self {
            token_id: id.to_string(),
            name,
            scopes: scopes.iter().map(ToString::to_string).collect(),
            create_time: Some(wire::timestamp(created_at)),
            expire_time: Some(wire::timestamp(expires_at)),
            revoke_time: revoked_at.map(wire::timestamp),
        }
    }
}

impl From<Event> for pb::AuditEvent {
    fn from(event: Event) -> Self {
        let Event {
            id,
            at,
            kind,
            actor_id,
            subject_id,
            address,
        } = event;
        let text = |id: Option<voltaire_types::UserId>| id.map(|it| it.to_string()).unwrap_or_default();
        Self {
            event_id: id.to_string(),
            time: Some(wire::timestamp(at)),
            kind,
            actor_user_id: text(actor_id),
            subject_user_id: text(subject_id),
            address: address.unwrap_or_default(),
        }
    }
}

impl From<&Key> for pb::Jwk {
    fn from(key: &Key) -> Self {
        Self {
            kty: "OKP".into(),
            crv: "Ed25519".into(),
            x: key.x(),
            kid: key.kid().into(),
            r#use: "sig".into(),
            alg: "EdDSA".into(),
        }
    }
}

impl From<&Revocation> for pb::Revocation {
    fn from(Revocation { subject, expires }: &Revocation) -> Self {
        let subject = match subject {
            Subject::Token(token) => pb::revocation::Subject::TokenId(token.to_string()),
            Subject::Sessions { user, min_version } => pb::revocation::Subject::UserSessions(pb::UserSessions {
                user_id: user.to_string(),
                min_version: u64::try_from(*min_version).unwrap_or(0),
            }),
        };
        Self {
            subject: Some(subject),
            expire_time: Some(wire::timestamp(*expires)),
        }
    }
}

/// As the mesh has them.
pub(crate) fn revocations(all: &[Revocation]) -> Vec<pb::Revocation> {
    all.iter().map(Into::into).collect()
}

fn pb_role(role: Role) -> pb::Role {
    match role {
        Role::User => pb::Role::User,
        Role::Admin => pb::Role::Admin,
        Role::Service => pb::Role::Unspecified,
    }
}

/// The role that a request names.
pub(crate) fn role(role: i32) -> Result<Role, Invalid> {
    match pb::Role::try_from(role) {
        Ok(pb::Role::User) => Ok(Role::User),
        Ok(pb::Role::Admin) => Ok(Role::Admin),
        Ok(pb::Role::Unspecified) => Err(Invalid::new("role", "must be set")),
        Err(_) => Err(Invalid::new("role", "must be ROLE_USER or ROLE_ADMIN")),
    }
}

/// The e-mail of a field.
pub(crate) fn email(field: &str, text: &str) -> Result<Email, Invalid> {
    Email::parse(text).map_err(|problem| Invalid::new(field, problem))
}

/// The password of a field, to be compared with the one in force.
pub(crate) fn password(field: &'static str, text: &str) -> Result<Password> {
    Password::typed(text).map_err(|flaw| Error::Password { field, flaw })
}

fn name(field: &str, text: &str) -> Result<String, Invalid> {
    wire::text(field, text, 1, 80)
}

/// Who wants to register.
pub(crate) fn applicant(request: &pb::RegisterRequest) -> Result<Applicant> {
    let name = name("name", &request.name)?;
    let email = email("email", &request.email)?;
    let invite_code = wire::text("invite_code", &request.invite_code, 0, 64)?;
    let chosen = Password::chosen(&request.password, &name, &email);
    let password = chosen.map_err(|flaw| Error::Password {
        field: "password",
        flaw,
    })?;
    Ok(Applicant {
        name,
        email,
        password,
        invite_code,
    })
}

/// What a user wants to be changed.
pub(crate) fn profile(request: pb::UpdateMeRequest) -> Result<Profile> {
    let mask = wire::Mask::parse(request.update_mask, &["name", "email"])?;
    let user = request.user.ok_or_else(|| Invalid::new("user", "must be set"))?;
    let has_name = mask.has("name", !user.name.is_empty());
    let has_email = mask.has("email", !user.email.is_empty());
    Ok(Profile {
        name: has_name.then(|| name("user.name", &user.name)).transpose()?,
        email: has_email.then(|| email("user.email", &user.email)).transpose()?,
    })
}

/// A change of password.
pub(crate) fn password_change(request: pb::ChangePasswordRequest) -> Result<PasswordChange> {
    let current = password("current_password", &request.current_password)?;
    if request.new_password.is_empty() {
        return Err(Error::Password {
            field: "new_password",
            flaw: Flaw::Missing,
        });
    }
    Ok(PasswordChange {
        current,
        new: request.new_password,
    })
}

/// The API token that is asked for.
pub(crate) fn wish(request: &pb::CreateApiTokenRequest) -> Result<Wish, Invalid> {
    if request.scopes.len() > MOST_SCOPES {
        return Err(Invalid::new("scopes", "must be at most three: ingest, read, mcp"));
    }
    let scope = |(place, word): (usize, &String)| {
        let problem = |()| Invalid::new(format!("scopes[{place}]"), "must be ingest, read or mcp");
        word.parse::<Scope>().map_err(problem)
    };
    let scopes: BTreeSet<Scope> = request.scopes.iter().enumerate().map(scope).collect::<Result<_, _>>()?;
    if scopes.is_empty() {
        return Err(Invalid::new("scopes", "must name at least one of ingest, read, mcp"));
    }
    let expires = request.expire_time.as_ref();
    Ok(Wish {
        name: name("name", &request.name)?,
        scopes,
        expires_at: expires
            .map(|time| wire::parse_timestamp("expire_time", Some(time)))
            .transpose()?,
    })
}
