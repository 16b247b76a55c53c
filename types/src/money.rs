//! Currencies. Amounts are [`Decimal`](crate::Decimal): exact, rounded only for display.

use std::{fmt, str::FromStr};

/// An ISO 4217 currency code, as `EUR`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Currency([u8; 3]);

/// The text is no ISO 4217 code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an ISO 4217 currency code: three letters such as EUR, USD or JPY are")]
pub struct InvalidCurrency;

/// Codes in circulation (ISO 4217, list one of 2024), with the number of minor-unit digits where it is not two.
const CODES: &str = "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD3 BIF0 BMD BND BOB BRL BSD BTN BWP BYN \
BZD CAD CDF CHF CLP0 CNY COP CRC CUP CVE CZK DJF0 DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF0 GTQ GYD \
HKD HNL HTG HUF IDR ILS INR IQD3 IRR ISK0 JMD JOD3 JPY0 KES KGS KHR KMF0 KPW KRW0 KWD3 KYD KZT LAK LBP LKR LRD LSL LYD3 \
MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR3 PAB PEN PGK PHP PKR PLN PYG0 QAR \
RON RSD RUB RWF0 SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND3 TOP TRY TTD TWD TZS UAH \
UGX0 USD UYU UZS VES VND0 VUV0 WST XAF0 XCD XOF0 XPF0 YER ZAR ZMW ZWG";

impl Currency {
    /// Euro.
    pub const EUR: Self = Self(*b"EUR");

    /// The code.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).expect("a code is three ASCII letters")
    }

    /// Digits after the decimal separator that people write: 2 for EUR, 0 for JPY.
    pub fn minor_digits(&self) -> u8 {
        let entry = CODES.split(' ').find(|entry| entry.starts_with(self.code()));
        entry
            .and_then(|entry| entry.as_bytes().get(3))
            .map_or(2, |digit| digit - b'0')
    }
}

impl FromStr for Currency {
    type Err = InvalidCurrency;

    fn from_str(text: &str) -> Result<Self, InvalidCurrency> {
        let code: [u8; 3] = text.as_bytes().try_into().map_err(|_| InvalidCurrency)?;
        let known = code.iter().all(u8::is_ascii_uppercase) && CODES.split(' ').any(|entry| entry.starts_with(text));
        if known { Ok(Self(code)) } else { Err(InvalidCurrency) }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_codes_are_taken_and_others_refused() {
        assert_eq!("EUR".parse(), Ok(Currency::EUR));
        for bad in ["", "eur", "EURO", "XXX", "ÄBC", "E R"] {
            assert_eq!(bad.parse::<Currency>(), Err(InvalidCurrency), "{bad}");
        }
    }

    #[test]
    fn a_yen_has_no_cents_and_a_dinar_three() {
        let digits = |code: &str| code.parse::<Currency>().map(|currency| currency.minor_digits());
        assert_eq!((digits("EUR"), digits("JPY"), digits("KWD")), (Ok(2), Ok(0), Ok(3)));
    }
}
