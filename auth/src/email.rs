//! E-mail addresses as sign-in names.

use std::fmt;

use unicode_normalization::UnicodeNormalization;

/// The longest address, bytes (RFC 5321).
const MAX: usize = 254;
/// The longest part before the `@`, bytes.
const MAX_LOCAL: usize = 64;

/// An e-mail address: shown as its owner writes it, compared in one form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Email {
    shown: String,
    key: String,
}

impl Email {
    /// Reads an address; the error says what is wrong.
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        let text = text.trim();
        if text.is_empty() {
            return Err("must be set");
        }
        if text.len() > MAX {
            return Err("must have at most 254 characters");
        }
        let shown: String = text.nfc().collect();
        if shown.chars().any(is_odd) {
            return Err("must not contain spaces, control characters, brackets, quotes, commas or backslashes");
        }
        let key = key(&shown);
        let Some((local, domain)) = shown.split_once('@').filter(|(_, domain)| !domain.contains('@')) else {
            return Err("must be an e-mail address with one @");
        };
        if local.is_empty() || local.len() > MAX_LOCAL || !is_domain(domain) || key.len() > MAX {
            return Err("must be an e-mail address, such as ada@example.org");
        }
        Ok(Self { shown, key })
    }

    /// As its owner writes it.
    pub(crate) fn shown(&self) -> &str {
        &self.shown
    }

    /// As it is compared.
    pub(crate) fn key(&self) -> &str {
        &self.key
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

/// Lower case, NFC.
fn key(text: &str) -> String {
    text.nfc().collect::<String>().to_lowercase().nfc().collect()
}

/// Characters that hide, that turn the direction of writing, or that end an address in other formats.
fn is_odd(c: char) -> bool {
    c.is_control()
        || c.is_whitespace()
        || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
        || "()<>[],;:\\\"".contains(c)
}

fn is_domain(domain: &str) -> bool {
    domain.split('.').all(|label| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .chars()
                .all(|c| c.is_alphanumeric() || c == '-' || unicode_normalization::char::is_combining_mark(c))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn variants_of_one_address_are_one_user() {
        let keys = ["Ada@Example.ORG", " ada@example.org ", "ADA@EXAMPLE.org"].map(|it| Email::parse(it).unwrap().key);
        assert!(keys.iter().all(|key| key == "ada@example.org"), "{keys:?}");
        let (composed, decomposed) = ("jos\u{e9}@example.org", "JOSE\u{301}@example.org");
        assert_eq!(
            Email::parse(composed).unwrap().key,
            Email::parse(decomposed).unwrap().key
        );
        assert_eq!(Email::parse("Ada@Example.ORG").unwrap().to_string(), "Ada@Example.ORG");
    }

    #[test]
    fn what_is_no_address_is_refused() {
        let long = format!("{}@example.org", "a".repeat(65));
        let longer = format!("a@{}.org", "a".repeat(250));
        for text in [
            "",
            " ",
            "ada",
            "@",
            "ada@",
            "@example.org",
            "a@b@c",
            "a b@c",
            "a\u{0}@b",
            "a\u{202e}b@c",
            "a@b..c",
            "a@.b",
            "a@b.",
            "a@-b",
            "a@b-",
            "a@b_c",
            "<a@b>",
            "a,b@c",
            "\"a\"@b",
            "a\r\nbcc:x@y",
            &long,
            &longer,
        ] {
            assert!(Email::parse(text).is_err(), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic_and_what_is_read_is_clean(text in "\\PC{0,80}|.{0,40}@.{0,40}") {
            if let Ok(email) = Email::parse(&text) {
                prop_assert_eq!(email.shown().matches('@').count(), 1);
                prop_assert!(email.shown().len() <= 3 * MAX && email.key().len() <= MAX);
                prop_assert!(!email.shown().chars().any(is_odd));
            }
        }

        #[test]
        fn case_never_makes_another_user(local in "[a-z0-9.+_-]{1,20}", domain in "[a-z0-9]{1,20}(\\.[a-z0-9]{1,10}){0,2}") {
            let address = format!("{local}@{domain}");
            let upper = Email::parse(&address.to_uppercase()).unwrap();
            let (lower, again) = (Email::parse(&address).unwrap(), Email::parse(upper.key()).unwrap());
            prop_assert_eq!(upper.key(), lower.key());
            prop_assert_eq!(again.key(), upper.key());
        }
    }
}
