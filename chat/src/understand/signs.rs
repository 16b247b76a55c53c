//! Signs and words that are read otherwise than they are written: `RM120` is money, `how much sun` no Sunday, `thx` thanks.

use super::normalise::{Kind, Token};

/// Letters that stand for a currency beside its amount.
const SIGNS: [(&str, &str); 53] = [
    ("PEN", "soles"),
    ("PEN", "sol"),
    ("UAH", "hryvnia"),
    ("GEL", "lari"),
    ("VND", "dong"),
    ("RUB", "rubles"),
    ("RSD", "dinars"),
    ("JOD", "dinars"),
    ("KWD", "dinars"),
    ("MAD", "dirhams"),
    ("COP", "pesos"),
    ("UYU", "pesos"),
    ("GHS", "cedis"),
    ("ETB", "birr"),
    ("EGP", "pounds"),
    ("LBP", "pounds"),
    ("KES", "bob"),
    ("CZK", "crowns"),
    ("SEK", "crowns"),
    ("NOK", "crowns"),
    ("DKK", "crowns"),
    ("ISK", "crowns"),
    ("CZK", "crown"),
    ("CZK", "koruny"),
    ("HUF", "forints"),
    ("RON", "leu"),
    ("ILS", "nis"),
    ("ILS", "agorot"),
    ("THB", "satang"),
    ("AED", "dh"),
    ("KRW", "won"),
    ("MYR", "rm"),
    ("ZAR", "r"),
    ("INR", "rs"),
    ("PKR", "rs"),
    ("LKR", "rs"),
    ("NPR", "rs"),
    ("MUR", "rs"),
    ("IDR", "rp"),
    ("SEK", "kr"),
    ("NOK", "kr"),
    ("DKK", "kr"),
    ("ISK", "kr"),
    ("PLN", "zl"),
    ("PLN", "zł"),
    ("CZK", "kc"),
    ("CZK", "kč"),
    ("HUF", "ft"),
    ("TRY", "tl"),
    ("CHF", "fr"),
    ("KES", "ksh"),
    ("AED", "dhs"),
    ("RON", "lei"),
];
/// Codes of currencies that are written before an amount without a space.
const CODES: [&str; 22] = [
    "eur", "usd", "gbp", "chf", "zar", "myr", "inr", "aud", "cad", "nzd", "sgd", "hkd", "sek", "nok", "dkk", "pln",
    "czk", "mxn", "clp", "php", "thb", "aed",
];

/// Contractions without their apostrophe, and abbreviations of messages.
pub(super) const SPELT: [(&str, &str); 117] = [
    ("mny", "many"),
    ("wats", "what is"),
    ("wots", "what is"),
    ("wot", "what"),
    ("shouldnt", "should not"),
    ("any1", "anyone"),
    ("every1", "everyone"),
    ("some1", "someone"),
    ("no1", "nobody"),
    ("2gether", "together"),
    ("2getha", "together"),
    ("prev", "previous"),
    ("howz", "how is"),
    ("coz", "because"),
    ("cuz", "because"),
    ("gud", "good"),
    ("kno", "know"),
    ("abt", "about"),
    ("dis", "this"),
    ("luv", "love"),
    ("tht", "that"),
    ("frm", "from"),
    ("bcs", "because"),
    ("mins", "minutes"),
    ("can't", "can not"),
    ("cant", "can not"),
    ("won't", "will not"),
    ("wont", "will not"),
    ("whats", "what is"),
    ("hows", "how is"),
    ("thats", "that is"),
    ("im", "i am"),
    ("ive", "i have"),
    ("dont", "do not"),
    ("didnt", "did not"),
    ("doesnt", "does not"),
    ("isnt", "is not"),
    ("wasnt", "was not"),
    ("werent", "were not"),
    ("hasnt", "has not"),
    ("havent", "have not"),
    ("hadnt", "had not"),
    ("arent", "are not"),
    ("wouldnt", "would not"),
    ("couldnt", "could not"),
    ("wheres", "where is"),
    ("whos", "who is"),
    ("howd", "how did"),
    ("whatd", "what did"),
    ("youre", "you are"),
    ("theyre", "they are"),
    ("weve", "we"),
    ("everyones", "everyone is"),
    ("everybodys", "everybody is"),
    ("theyve", "they"),
    ("gr8", "great"),
    ("m8", "mate"),
    ("b4", "before"),
    ("2day", "today"),
    ("2nite", "tonight"),
    ("2night", "tonight"),
    ("2moro", "tomorrow"),
    ("2morrow", "tomorrow"),
    ("hw", "how"),
    ("hwo", "how"),
    ("wat", "what"),
    ("wht", "what"),
    ("waht", "what"),
    ("u", "you"),
    ("ya", "you"),
    ("youve", "you"),
    ("mch", "much"),
    ("lst", "last"),
    ("nite", "night"),
    ("lastnight", "last night"),
    ("tonights", "tonight"),
    ("n", "and"),
    ("naw", "no"),
    ("nah", "no"),
    ("nope", "no"),
    ("mnths", "months"),
    ("mos", "months"),
    ("ur", "your"),
    ("pls", "please"),
    ("plz", "please"),
    ("plss", "please"),
    ("yday", "yesterday"),
    ("yest", "yesterday"),
    ("yst", "yesterday"),
    ("ystrday", "yesterday"),
    ("tmrw", "tomorrow"),
    ("tmr", "tomorrow"),
    ("tmrrw", "tomorrow"),
    ("hr", "hour"),
    ("hrs", "hours"),
    ("wk", "week"),
    ("wknd", "weekend"),
    ("wkend", "weekend"),
    ("wks", "weeks"),
    ("mth", "month"),
    ("mnth", "month"),
    ("mo", "month"),
    ("upto", "up to"),
    ("yr", "year"),
    ("avg", "average"),
    ("leccy", "electricity"),
    ("elec", "electricity"),
    ("thru", "through"),
    ("btwn", "between"),
    ("betw", "between"),
    ("arvo", "afternoon"),
    ("em", "them"),
    ("tho", "though"),
    ("gimme", "give me"),
    ("wanna", "want to"),
    ("incl", "including"),
    ("excl", "excluding"),
];

/// How many letters at the start of a word are the sign of a currency before a number, as in `rm120`.
pub(super) fn before_number(word: &str) -> Option<usize> {
    let length = word.find(|it: char| !it.is_alphabetic())?;
    let (letters, rest) = word.split_at_checked(length)?;
    let letters = letters.to_lowercase();
    let known = CODES.contains(&letters.as_str()) || SIGNS.iter().any(|(_, sign)| *sign == letters);
    (known && rest.starts_with(|it: char| it.is_ascii_digit())).then_some(length)
}

/// The sign and the code of the home's own currency are money.
pub(super) fn own_money(tokens: &mut [Token], currency: &str) {
    let word = |at: Option<usize>| at.and_then(|at| tokens.get(at)).map_or("", |it| it.text.as_str());
    let is_own = |at: usize| {
        let text = word(Some(at));
        let sign = SIGNS.iter().any(|(code, sign)| *code == currency && *sign == text);
        let beside = word(at.checked_sub(1)) == "in" || tokens.get(at + 1).is_some_and(|it| it.number().is_some());
        // A single letter is one only beside an amount.
        text.eq_ignore_ascii_case(currency) || sign && (text.chars().count() > 1 || beside)
    };
    let own: Vec<usize> = (0..tokens.len()).filter(|at| is_own(*at)).collect();
    for (_, token) in tokens.iter_mut().enumerate().filter(|(at, _)| own.contains(at)) {
        rename(token, "money");
    }
}

/// `how much sun did we get`: what comes of the sun, on no Sunday; and `sat idle` is no Saturday.
pub(super) fn sunshine(tokens: &mut [Token]) {
    for at in 1..tokens.len() {
        let before = tokens[at - 1].text.as_str();
        // "Which devices sat idle": on no Saturday.
        let rests = ["idle", "unused", "there", "around"];
        if before == "sat" && rests.contains(&tokens[at].text.as_str()) {
            rename(&mut tokens[at - 1], "stood");
            continue;
        }
        let next = tokens.get(at + 1).map_or("", |it| it.text.as_str());
        let amount = ["much", "enough", "little"].contains(&before);
        // What comes from the sun is a share of what is used.
        let led = at > 1 && ["on", "from"].contains(&tokens[at - 2].text.as_str());
        let part = ["morning", "afternoon", "evening", "night", "and", "before", "after"].contains(&next);
        let shines = before == "the" && !led && !part;
        let power = ["power", "energy", "electricity"].contains(&next);
        if (amount || shines || power) && tokens[at].text == "sun" && tokens[at].kind == Kind::Word {
            rename(&mut tokens[at], "solar");
        }
    }
}

fn rename(token: &mut Token, text: &str) {
    text.clone_into(&mut token.text);
    text.clone_into(&mut token.stem);
}

#[cfg(test)]
mod tests {
    use super::{super::normalise::tokens, *};

    #[test]
    fn an_amount_may_stand_right_behind_its_currency() {
        let said = |text: &str, currency: &str| {
            let mut tokens = tokens(text, false);
            own_money(&mut tokens, currency);
            tokens.into_iter().map(|it| it.text).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(said("under RM120", "MYR"), "under money 120");
        assert_eq!(said("R3000 or R 50", "ZAR"), "money 3000 or money 50");
        assert_eq!(said("is the R on? in R", "ZAR"), "is the r on in money");
        assert_eq!(said("RM5", "EUR"), "rm 5");
        assert_eq!(said("150 CLP", "CLP"), "150 money");
    }

    #[test]
    fn the_sun_is_no_sunday_where_it_is_an_amount() {
        let mut typed = tokens("how much sun did we get on sun", false);
        sunshine(&mut typed);
        assert_eq!((typed[2].text.as_str(), typed[7].text.as_str()), ("solar", "sun"));
    }
}
