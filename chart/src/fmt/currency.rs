//! What is known of currencies: their signs, their minor units, and which one a region pays in.

/// The sign of a currency, or its code.
pub(crate) fn sign(code: &str) -> &str {
    match code {
        "EUR" => "€",
        "USD" => "$",
        "GBP" => "£",
        "JPY" | "CNY" => "¥",
        "INR" => "₹",
        "KRW" => "₩",
        "UAH" => "₴",
        "TRY" => "₺",
        "PLN" => "zł",
        "CZK" => "Kč",
        "SEK" | "NOK" | "DKK" | "ISK" => "kr",
        "AUD" => "A$",
        "CAD" => "CA$",
        "NZD" => "NZ$",
        "BRL" => "R$",
        "ZAR" => "R",
        other => other,
    }
}

/// Decimals of a currency's smallest coin (ISO 4217).
pub fn minor_digits(code: &str) -> usize {
    match code {
        "JPY" | "KRW" | "CLP" | "VND" | "ISK" | "HUF" | "XAF" | "XOF" | "XPF" | "PYG" | "UGX" => 0,
        "BHD" | "KWD" | "OMR" | "JOD" | "TND" | "IQD" | "LYD" => 3,
        _ => 2,
    }
}

/// The currency of a BCP 47 tag's region, as `USD` for `en-US`; `None` when there is no region or it is not known.
pub fn for_region(tag: &str) -> Option<&'static str> {
    let region = tag.split(['-', '_']).nth(1)?.to_ascii_uppercase();
    Some(match region.as_str() {
        "US" => "USD",
        "GB" => "GBP",
        "CH" | "LI" => "CHF",
        "JP" => "JPY",
        "CA" => "CAD",
        "AU" => "AUD",
        "NZ" => "NZD",
        "IN" => "INR",
        "SE" => "SEK",
        "NO" => "NOK",
        "DK" => "DKK",
        "PL" => "PLN",
        "CZ" => "CZK",
        "BR" => "BRL",
        "ZA" => "ZAR",
        "DE" | "AT" | "FR" | "ES" | "IT" | "NL" | "BE" | "IE" | "PT" | "FI" | "GR" | "LU" | "SK" | "SI" | "EE"
        | "LV" | "LT" => "EUR",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_pay_in_their_currency() {
        assert_eq!(for_region("en-US"), Some("USD"));
        assert_eq!(for_region("de-AT"), Some("EUR"));
        assert_eq!(for_region("en"), None);
        assert_eq!((minor_digits("JPY"), minor_digits("EUR")), (0, 2));
    }
}
