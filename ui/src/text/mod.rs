//! Every sentence of the app, once per language: one method per message. No sentence is built from pieces elsewhere.
//!
//! Tone: plain, calm, second person; the number first, the cause second, what to do third.

mod ask;
mod data;
mod devices;
mod failure;
mod pages;
mod settings;
mod shell;
mod welcome;

use voltaire_chart::Lang;

/// The texts in one language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Text(pub(crate) Lang);

impl Text {
    /// Picks by language.
    fn pick<T>(self, en: T, de: T) -> T {
        match self.0 {
            Lang::En => en,
            Lang::De => de,
        }
    }
}

/// Messages without parameters: name, English, German.
macro_rules! messages {
    ($($name:ident: $en:literal, $de:literal;)*) => {
        impl $crate::text::Text {
            $(pub(crate) fn $name(self) -> &'static str { self.pick($en, $de) })*
        }

        /// Name, English, German.
        #[cfg(test)]
        pub(super) const MESSAGES: &[[&str; 3]] = &[$([stringify!($name), $en, $de]),*];
    };
}
pub(crate) use messages;

#[cfg(test)]
mod tests {
    use super::{ask, data, devices, pages, settings, shell, welcome};

    /// Words that are spelled alike in both languages.
    const ALIKE: [&str; 6] = ["Budget", "Demo", "Live", "Name", "Offline", "Tokens"];

    fn all() -> impl Iterator<Item = &'static [&'static str; 3]> {
        [
            ask::MESSAGES,
            data::MESSAGES,
            devices::MESSAGES,
            pages::MESSAGES,
            settings::MESSAGES,
            shell::MESSAGES,
            welcome::MESSAGES,
        ]
        .into_iter()
        .flatten()
    }

    #[test]
    fn every_message_is_translated() {
        let untranslated: Vec<_> = all()
            .filter(|[_, en, de]| en.trim().is_empty() || de.trim().is_empty() || (en == de && !ALIKE.contains(en)))
            .collect();
        assert_eq!(untranslated, Vec::<&[&str; 3]>::new());
    }

    #[test]
    fn messages_are_calm_and_address_the_reader_formally() {
        let informal = [" du ", " dein", " dir ", " dich "];
        let unkind: Vec<_> = all()
            .filter(|[_, en, de]| {
                let german = format!(" {} ", de.to_lowercase());
                en.contains('!') || de.contains('!') || informal.iter().any(|word| german.contains(word))
            })
            .collect();
        assert_eq!(unkind, Vec::<&[&str; 3]>::new());
    }

    #[test]
    fn both_languages_end_their_sentences_alike() {
        let end = |text: &str| text.chars().last().filter(|it| ".?:…".contains(*it));
        let uneven: Vec<_> = all().filter(|[_, en, de]| end(en) != end(de)).collect();
        assert_eq!(uneven, Vec::<&[&str; 3]>::new());
    }
}
