//! Tokens for devices and scripts: narrow scopes, a name, an end. The server keeps a hash.

use std::{collections::BTreeSet, time::Duration};

use voltaire_mesh::{Invalid, Scope};
use voltaire_types::{Timestamp, TokenId, UserId};

use crate::{
    Auth,
    audit::{Kind, Origin},
    error::Result,
    token::{self, Claims},
};

/// The most good API tokens of one user.
pub(crate) const MOST: i64 = 100;
const SHORTEST: Duration = Duration::from_mins(1);
const LONGEST: Duration = Duration::from_hours(8784);
const DEFAULT: Duration = Duration::from_hours(2160);

/// An API token without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ApiToken {
    pub(crate) id: TokenId,
    pub(crate) user: UserId,
    pub(crate) name: String,
    pub(crate) scopes: BTreeSet<Scope>,
    pub(crate) created_at: Timestamp,
    pub(crate) expires_at: Timestamp,
    pub(crate) revoked_at: Option<Timestamp>,
}

/// An API token that is to be stored.
pub(crate) struct NewApiToken {
    pub(crate) token: ApiToken,
    /// SHA-256 of the signed token.
    pub(crate) hash: Vec<u8>,
    /// The key that signed it.
    pub(crate) kid: String,
}

/// What somebody asks for.
pub(crate) struct Wish {
    pub(crate) name: String,
    pub(crate) scopes: BTreeSet<Scope>,
    pub(crate) expires_at: Option<Timestamp>,
}

/// Makes a token for the user who asks; the signed token is shown only now.
pub(crate) async fn create(auth: &Auth, origin: Origin, user: UserId, wish: Wish) -> Result<(ApiToken, String)> {
    let now = token::whole_seconds(origin.now);
    let expires_at = expiry(now, wish.expires_at)?;
    let it = ApiToken {
        id: TokenId::new(),
        user,
        name: wish.name,
        scopes: wish.scopes,
        created_at: origin.now,
        expires_at,
        revoked_at: None,
    };
    let keys = auth.keys.current().await?;
    let key = keys.signer(origin.now)?;
    let signed = key.sign(&Claims::of_api_token(&it, now))?;
    let new = NewApiToken {
        token: it.clone(),
        hash: token::hash(&signed),
        kid: key.kid().to_owned(),
    };
    auth.store
        .create_api_token(new, origin.event(Kind::TokenCreated, Some(user)))
        .await?;
    Ok((it, signed))
}

fn expiry(now: Timestamp, asked: Option<Timestamp>) -> Result<Timestamp, Invalid> {
    let expires = token::whole_seconds(asked.unwrap_or(now.plus(DEFAULT)));
    if expires < now.plus(SHORTEST) || expires > now.plus(LONGEST) {
        return Err(Invalid::new(
            "expire_time",
            "must be from one minute to 366 days from now",
        ));
    }
    Ok(expires)
}

/// Scopes as a token and the database have them: words with spaces between.
pub(crate) fn scopes_text(scopes: &BTreeSet<Scope>) -> String {
    scopes.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

/// The scopes of such a text; none where it is wrong.
pub(crate) fn parse_scopes(text: &str) -> Option<BTreeSet<Scope>> {
    text.split_whitespace().map(|word| word.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_api_token_lives_from_one_minute_to_366_days() {
        let now = Timestamp::from_parts(1_800_000_000, 0).unwrap();
        let day = Duration::from_hours(24);
        assert_eq!(expiry(now, None), Ok(now.plus(90 * day)));
        assert!(expiry(now, Some(now.plus(SHORTEST))).is_ok() && expiry(now, Some(now.plus(366 * day))).is_ok());
        for wrong in [
            now,
            now.minus(day),
            now.plus(Duration::from_secs(59)),
            now.plus(366 * day + SHORTEST),
            Timestamp::MAX,
        ] {
            assert_eq!(expiry(now, Some(wrong)).unwrap_err().field, "expire_time");
        }
    }

    #[test]
    fn scopes_come_back() {
        let scopes = BTreeSet::from([Scope::Read, Scope::Ingest]);
        assert_eq!(scopes_text(&scopes), "ingest read");
        assert_eq!(parse_scopes("read ingest"), Some(scopes));
        assert_eq!(parse_scopes("root"), None);
    }
}
