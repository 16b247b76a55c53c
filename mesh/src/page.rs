//! Pages: how many rows a caller may have at once, and the opaque token that says where the next page begins.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Serialize, de::DeserializeOwned};

use crate::error::Invalid;

/// The longest token that is read, bytes.
const MAX_TOKEN: usize = 1024;

/// The size of a page: `asked`, or `default` for 0, at most `max`. Negative is refused.
pub fn size(field: &str, asked: i32, default: u32, max: u32) -> Result<u32, Invalid> {
    match u32::try_from(asked) {
        Ok(0) => Ok(default.min(max)),
        Ok(asked) => Ok(asked.min(max)),
        Err(_) => Err(Invalid::new(field, format!("must not be negative; at most {max}"))),
    }
}

/// An opaque token of a position: base64url of its JSON.
///
/// # Panics
/// Where a position is no plain value, such as a map with keys that are no texts.
pub fn token<T: Serialize>(position: &T) -> String {
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(position).expect("a position of plain values is JSON"))
}

/// The position of a token; none for the empty token of a first page. The field is `page_token`.
pub fn parse_token<T: DeserializeOwned>(token: &str) -> Result<Option<T>, Invalid> {
    if token.is_empty() {
        return Ok(None);
    }
    let problem = || Invalid::new("page_token", "not a token of an earlier page");
    if token.len() > MAX_TOKEN {
        return Err(problem());
    }
    let json = URL_SAFE_NO_PAD.decode(token).map_err(|_| problem())?;
    serde_json::from_slice(&json).map(Some).map_err(|_| problem())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_kept_within_bounds() {
        assert_eq!(size("page_size", 0, 50, 200), Ok(50));
        assert_eq!(size("page_size", 7, 50, 200), Ok(7));
        assert_eq!(size("page_size", i32::MAX, 50, 200), Ok(200));
        assert_eq!(size("page_size", -1, 50, 200).unwrap_err().field, "page_size");
    }

    #[test]
    fn a_token_comes_back_and_a_forged_one_is_refused() {
        let position = (1_700_000_000_000_000_i64, "id".to_owned());
        assert_eq!(parse_token(&token(&position)), Ok(Some(position)));
        assert_eq!(parse_token::<(i64, String)>(""), Ok(None));
        for forged in ["%%%", "e30", &"A".repeat(5000)] {
            assert!(parse_token::<(i64, String)>(forged).is_err(), "{forged}");
        }
    }
}
