//! Which passwords may be chosen: long ones that nobody guesses. No rules of composition.

use std::{collections::HashSet, fmt, sync::OnceLock};

use unicode_normalization::UnicodeNormalization;

use crate::email::Email;

/// The fewest characters.
const MIN: usize = 12;
/// The most characters.
const MAX: usize = 128;
/// Words of a person shorter than this are found in anything.
const MIN_WORD: usize = 4;
/// Fewer different characters than this are a pattern.
const MIN_DISTINCT: usize = 4;

/// About 10,000 passwords of 12 characters and more: the long ones of the usual lists, keyboard walks, runs, repeated words.
const COMMON: &str = include_str!("common_passwords.txt");

/// A password as somebody typed it, in NFC; never shown.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Password(String);

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// Why a password may not be chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Flaw {
    #[error("must be set")]
    Missing,
    #[error("must have at least 12 characters: a few words make a good password")]
    Short,
    #[error("must have at most 128 characters")]
    Long,
    #[error("is one of those that are tried first: take a few words that do not belong together")]
    Common,
    #[error("must not contain your name, your e-mail or the name of this product")]
    Personal,
}

impl Flaw {
    /// The reason that a program reads.
    pub(crate) fn reason(self) -> &'static str {
        match self {
            Self::Missing => "PASSWORD_MISSING",
            Self::Short => "PASSWORD_TOO_SHORT",
            Self::Long => "PASSWORD_TOO_LONG",
            Self::Common => "PASSWORD_COMMON",
            Self::Personal => "PASSWORD_PERSONAL",
        }
    }
}

impl Password {
    /// A password that is to be compared with the one in force.
    pub(crate) fn typed(text: &str) -> Result<Self, Flaw> {
        if text.is_empty() {
            return Err(Flaw::Missing);
        }
        // Composing shortens a text at most to a third or so; longer ones need not be composed to be too long.
        if text.chars().count() > 4 * MAX {
            return Err(Flaw::Long);
        }
        let text: String = text.nfc().collect();
        if text.chars().count() > MAX {
            Err(Flaw::Long)
        } else {
            Ok(Self(text))
        }
    }

    /// A password that somebody of this name and e-mail wants to have.
    pub(crate) fn chosen(text: &str, name: &str, email: &Email) -> Result<Self, Flaw> {
        let it = Self::typed(text)?;
        if it.0.chars().count() < MIN {
            return Err(Flaw::Short);
        }
        let lower = it.0.to_lowercase();
        if is_common(&lower) {
            return Err(Flaw::Common);
        }
        if is_personal(&lower, name, email) {
            return Err(Flaw::Personal);
        }
        Ok(it)
    }

    /// What is hashed.
    pub(crate) fn bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

fn is_common(lower: &str) -> bool {
    static LIST: OnceLock<HashSet<&str>> = OnceLock::new();
    let list = LIST.get_or_init(|| COMMON.lines().collect());
    list.contains(lower.trim()) || lower.chars().collect::<HashSet<_>>().len() < MIN_DISTINCT || is_run(lower)
}

/// Whether every character is its neighbour's successor, or predecessor, or digits only count on: `abcdef…`, `9876…`.
fn is_run(lower: &str) -> bool {
    let steps = || {
        lower
            .chars()
            .zip(lower.chars().skip(1))
            .map(|(a, b)| i64::from(u32::from(b)) - i64::from(u32::from(a)))
    };
    [1, -1]
        .into_iter()
        .any(|step| steps().all(|it| it == step || it == -9 * step))
}

fn is_personal(lower: &str, name: &str, email: &Email) -> bool {
    let name = name.nfc().collect::<String>().to_lowercase();
    let (local, _) = email.key().split_once('@').unwrap_or((email.key(), ""));
    let local_words = local.split(['.', '+', '_', '-']);
    let words = name
        .split_whitespace()
        .chain(local_words)
        .chain([email.key(), local, name.trim(), "voltaire"]);
    words
        .filter(|word| word.chars().count() >= MIN_WORD)
        .any(|word| lower.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn choose(text: &str) -> Result<Password, Flaw> {
        Password::chosen(text, "Ada Lovelace", &Email::parse("ada.king@example.org").unwrap())
    }

    #[test]
    fn the_list_holds_what_can_be_chosen_otherwise() {
        let lines: Vec<&str> = COMMON.lines().collect();
        assert!((9_000..=11_000).contains(&lines.len()), "{}", lines.len());
        assert!(lines.is_sorted());
        assert!(
            lines
                .iter()
                .all(|line| line.chars().count() >= MIN && *line == line.to_lowercase())
        );
    }

    #[test]
    fn passwords_that_are_tried_first_are_refused() {
        for text in [
            "123456789012",
            "passwordpassword",
            "PasswordPassword",
            "qwertyuiop123",
            "1qaz2wsx3edc",
            "aaaaaaaaaaaa",
            "abababababab",
            "abcdefghijklmnop",
            "zyxwvutsrqponm",
            "890123456789",
            "correcthorsebatterystaple",
        ] {
            assert_eq!(choose(text), Err(Flaw::Common), "{text}");
        }
    }

    #[test]
    fn a_password_does_not_repeat_who_its_owner_is() {
        for text in [
            "xxLovelace1815!",
            "my-KING-of-hearts",
            "i like voltaire9",
            "ada lovelace 7!",
        ] {
            assert_eq!(choose(text), Err(Flaw::Personal), "{text}");
        }
        assert!(
            choose("an adamant canadian goose").is_ok(),
            "a name of three letters is in anything"
        );
    }

    #[test]
    fn length_is_measured_in_composed_characters() {
        assert_eq!(choose("elevenchars"), Err(Flaw::Short));
        assert_eq!(
            choose(&"e\u{301}x".repeat(64)).map(|it| it.0.chars().count()),
            Err(Flaw::Common)
        );
        assert!(choose(&"e\u{301}qzw".repeat(32)).is_ok());
        assert_eq!(choose(&"e\u{301}qzw".repeat(33)), Err(Flaw::Long));
        assert_eq!(choose(&"x".repeat(1_000_000)), Err(Flaw::Long));
        assert_eq!(choose(""), Err(Flaw::Missing));
        assert_eq!(format!("{:?}", choose("blue kettle on the roof").unwrap()), "***");
    }

    proptest! {
        #[test]
        fn both_forms_of_one_text_are_one_password(text in "[a-zé]{4}[üñçå ]{4}[a-z0-9ö]{8,40}") {
            let decomposed: String = text.nfd().collect();
            prop_assert_eq!(choose(&text), choose(&decomposed));
        }

        #[test]
        fn any_text_is_judged_without_panic(text in "\\PC{0,200}") {
            if let Ok(password) = choose(&text) {
                let length = password.0.chars().count();
                prop_assert!((MIN..=MAX).contains(&length));
            }
        }
    }
}
