//! Invitations: a code for one registration.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use voltaire_types::{InviteId, Timestamp};

use crate::{
    Auth,
    audit::{Kind, Origin},
    email::Email,
    error::Result,
    token,
};

const LIFETIME: Duration = Duration::from_hours(168);

/// An invitation that is to be stored.
pub(crate) struct NewInvite {
    pub(crate) id: InviteId,
    /// SHA-256 of the code.
    pub(crate) hash: Vec<u8>,
    /// The only e-mail it is good for.
    pub(crate) email: Option<Email>,
    pub(crate) expires_at: Timestamp,
}

/// Makes an invitation; gives its code, which is shown only now, and when it runs out.
pub(crate) async fn create(auth: &Auth, origin: Origin, email: Option<Email>) -> Result<(String, Timestamp)> {
    let code = URL_SAFE_NO_PAD.encode(rand::random::<[u8; 16]>());
    let expires_at = origin.now.plus(LIFETIME);
    let new = NewInvite {
        id: InviteId::new(),
        hash: token::hash(&code),
        email,
        expires_at,
    };
    auth.store
        .create_invite(new, origin.event(Kind::InviteCreated, None))
        .await?;
    Ok((code, expires_at))
}
