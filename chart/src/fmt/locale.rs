//! Whose habits figures are printed by.

/// A language that the texts exist in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// German.
    De,
}

impl Lang {
    /// The language of a BCP 47 tag; English when there are no texts in it.
    pub fn from_tag(tag: &str) -> Self {
        if primary(tag) == "de" { Self::De } else { Self::En }
    }

    /// The tag for `<html lang>`.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
        }
    }
}

/// Language of words, separators of numbers, clock of times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Locale {
    /// Language of month names and units of time.
    pub lang: Lang,
    /// Between whole and fraction.
    pub decimal: char,
    /// Between thousands.
    pub group: char,
    /// Whether the currency's sign stands before the amount.
    pub currency_first: bool,
    /// Whether clocks go to twelve.
    pub twelve_hours: bool,
}

impl Default for Locale {
    fn default() -> Self {
        Self::new("en", Lang::En)
    }
}

impl Locale {
    /// Numbers and clock by a BCP 47 tag as `de-AT`, words in `lang`. Unknown tags count as `en`.
    pub fn new(tag: &str, lang: Lang) -> Self {
        let region = tag.split(['-', '_']).nth(1).unwrap_or_default().to_ascii_uppercase();
        let (decimal, group) = match (primary(tag).as_str(), region.as_str()) {
            ("de" | "it" | "fr", "CH" | "LI") => ('.', '’'),
            ("de", "AT")
            | (
                "fr" | "pl" | "cs" | "sk" | "sv" | "nb" | "no" | "fi" | "ru" | "uk" | "bg" | "hu" | "et" | "lv" | "lt",
                _,
            ) => (',', '\u{202F}'),
            ("de" | "es" | "it" | "nl" | "pt" | "da" | "tr" | "id" | "el" | "ro" | "hr" | "sl", _) => (',', '.'),
            _ => ('.', ','),
        };
        let currency_first = decimal == '.' || matches!(primary(tag).as_str(), "nl" | "tr");
        let twelve_hours = primary(tag) == "en" && matches!(region.as_str(), "US" | "CA" | "AU" | "NZ" | "IN" | "PH");
        Self {
            lang,
            decimal,
            group,
            currency_first,
            twelve_hours,
        }
    }
}

fn primary(tag: &str) -> String {
    tag.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_give_separators_and_clock() {
        let de = Locale::new("de-DE", Lang::De);
        assert_eq!(
            (de.decimal, de.group, de.currency_first, de.twelve_hours),
            (',', '.', false, false)
        );
        assert!(Locale::new("en-US", Lang::En).twelve_hours);
        assert!(!Locale::new("en-GB", Lang::En).twelve_hours);
        assert_eq!(Locale::new("", Lang::En), Locale::default());
        assert_eq!(Lang::from_tag("de_CH"), Lang::De);
    }
}
