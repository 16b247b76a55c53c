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
    };
}
pub(crate) use messages;
