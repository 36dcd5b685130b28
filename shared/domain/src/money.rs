//! Money: minor units of one currency, never a float.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// An ISO 4217 currency code: three capital letters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

/// The text is not three capital letters.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("{0:?} is not a currency code: expected three capital letters such as \"GBP\"")]
pub struct NotACurrency(pub String);

/// The codes of money in use (ISO 4217 list one, 2026; metals, funds and test codes left out).
const IN_USE: &str = "\
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD \
    BTN BWP BYN BZD CAD CDF CHF CLF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP \
    ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR \
    IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL \
    LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR \
    NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD \
    SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX \
    USD UYU UYW UZS VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG";

impl Currency {
    /// Whether money of this code is in use.
    pub fn is_in_use(&self) -> bool {
        IN_USE.split_whitespace().any(|code| code == self.code())
    }

    /// The code as text.
    pub fn code(&self) -> &str {
        // The constructor admits ASCII capitals only.
        std::str::from_utf8(&self.0).unwrap_or("???")
    }

    /// Digits after the decimal point in this currency (ISO 4217 list one, column
    /// "Mnr Unt"): 0 for JPY, 3 for KWD, 2 for nearly all.
    pub fn minor_digits(&self) -> u8 {
        match &self.0 {
            b"BIF" | b"CLP" | b"DJF" | b"GNF" | b"ISK" | b"JPY" | b"KMF" | b"KRW" | b"PYG"
            | b"RWF" | b"UGX" | b"UYI" | b"VND" | b"VUV" | b"XAF" | b"XOF" | b"XPF" => 0,
            b"BHD" | b"IQD" | b"JOD" | b"KWD" | b"LYD" | b"OMR" | b"TND" => 3,
            b"CLF" | b"UYW" => 4,
            _ => 2,
        }
    }
}

impl FromStr for Currency {
    type Err = NotACurrency;
    fn from_str(text: &str) -> Result<Self, NotACurrency> {
        match *text.as_bytes() {
            [a, b, c] if [a, b, c].iter().all(u8::is_ascii_uppercase) => Ok(Currency([a, b, c])),
            _ => Err(NotACurrency(text.chars().take(16).collect())),
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Currency {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.serialize_str(self.code())
        } else {
            self.0.serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            let text = String::deserialize(deserializer)?;
            text.parse().map_err(serde::de::Error::custom)
        } else {
            <[u8; 3]>::deserialize(deserializer).map(Currency)
        }
    }
}

/// The largest amount of money that is accepted, in minor units: 10^13, a hundred
/// thousand million pounds. Products of it with a quantity or a rate stay far inside
/// `i128`.
pub const MONEY_MAX: i64 = 10_000_000_000_000;

/// Writes minor units as a person reads them: `1999` pence is `19.99`.
pub fn display_minor(minor: i64, currency: Currency) -> String {
    let digits = usize::from(currency.minor_digits());
    let sign = if minor < 0 { "-" } else { "" };
    let units = minor.unsigned_abs();
    if digits == 0 {
        return format!("{sign}{units} {currency}");
    }
    let scale = 10_u64.pow(u32::from(currency.minor_digits()));
    format!("{sign}{}.{:0digits$} {currency}", units / scale, units % scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_currency_is_three_capitals() {
        assert!("GBP".parse::<Currency>().is_ok());
        for bad in ["gbp", "GB", "GBPX", "G1P", ""] {
            assert!(bad.parse::<Currency>().is_err(), "{bad}");
        }
    }

    #[test]
    fn minor_units_are_shown_by_the_currency() {
        let show = |minor, code: &str| display_minor(minor, code.parse().expect("a code"));
        assert_eq!(show(1999, "GBP"), "19.99 GBP");
        assert_eq!(show(-5, "GBP"), "-0.05 GBP");
        assert_eq!(show(500, "JPY"), "500 JPY");
        assert_eq!(show(1234, "KWD"), "1.234 KWD");
    }
}
