//! Exact arithmetic: a fraction of two integers, rounded only where a rule says so.

use std::{cmp::Ordering, fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// An exact non-negative fraction. Products and sums are checked; nothing is rounded
/// before [`Ratio::round`].
///
/// The fraction is not kept in lowest terms: the terms of one program share their
/// denominators, so reducing each step costs more than it saves. It is reduced only
/// when a step would overflow.
#[derive(Clone, Copy, Debug)]
pub struct Ratio {
    numerator: u128,
    denominator: u128,
}

/// How an exact amount becomes whole units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RoundingMode {
    /// Down, in the shop's favour.
    #[default]
    Floor,
    /// Up, in the member's favour.
    Ceil,
    /// To the nearest, a half upwards.
    HalfUp,
    /// To the nearest, a half to the even neighbour.
    HalfEven,
}

/// The text is not a decimal number.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("{0:?} is not a decimal number such as \"1.25\"")]
pub struct NotADecimal(pub String);

impl Ratio {
    /// Nothing.
    pub const ZERO: Ratio = Ratio { numerator: 0, denominator: 1 };
    /// One.
    pub const ONE: Ratio = Ratio { numerator: 1, denominator: 1 };

    /// `numerator / denominator`, or `None` for a zero denominator.
    pub const fn new(numerator: u128, denominator: u128) -> Option<Ratio> {
        if denominator == 0 { None } else { Some(Ratio { numerator, denominator }) }
    }

    /// A whole number.
    pub const fn whole(number: u64) -> Ratio {
        Ratio { numerator: number as u128, denominator: 1 }
    }

    /// Whether this is nothing.
    pub const fn is_zero(self) -> bool {
        self.numerator == 0
    }

    /// The product, or `None` when it cannot be represented.
    pub fn checked_mul(self, other: Ratio) -> Option<Ratio> {
        let exact = |a: Ratio, b: Ratio| {
            Some(Ratio {
                numerator: a.numerator.checked_mul(b.numerator)?,
                denominator: a.denominator.checked_mul(b.denominator)?,
            })
        };
        exact(self, other).or_else(|| exact(self.reduced(), other.reduced()))
    }

    /// The sum, or `None` when it cannot be represented.
    pub fn checked_add(self, other: Ratio) -> Option<Ratio> {
        if self.denominator == other.denominator {
            let numerator = self.numerator.checked_add(other.numerator)?;
            return Some(Ratio { numerator, denominator: self.denominator });
        }
        let exact = |a: Ratio, b: Ratio| {
            let left = a.numerator.checked_mul(b.denominator)?;
            let right = b.numerator.checked_mul(a.denominator)?;
            Some(Ratio {
                numerator: left.checked_add(right)?,
                denominator: a.denominator.checked_mul(b.denominator)?,
            })
        };
        exact(self, other).or_else(|| exact(self.reduced(), other.reduced()))
    }

    /// The difference, or `None` when it would be negative or cannot be represented.
    pub fn checked_sub(self, other: Ratio) -> Option<Ratio> {
        let (a, b) = (self.reduced(), other.reduced());
        let left = a.numerator.checked_mul(b.denominator)?;
        let right = b.numerator.checked_mul(a.denominator)?;
        Some(Ratio {
            numerator: left.checked_sub(right)?,
            denominator: a.denominator.checked_mul(b.denominator)?,
        })
    }

    /// The quotient, or `None` for a division by nothing or one that cannot be
    /// represented.
    pub fn checked_div(self, other: Ratio) -> Option<Ratio> {
        let inverse = Ratio::new(other.denominator, other.numerator)?;
        self.reduced().checked_mul(inverse.reduced()).map(Ratio::reduced)
    }

    /// The whole units in this amount under `mode`, or `None` beyond `u64`.
    pub fn round(self, mode: RoundingMode) -> Option<u64> {
        let (whole, rest) = (self.numerator / self.denominator, self.numerator % self.denominator);
        let up = match mode {
            RoundingMode::Floor => false,
            RoundingMode::Ceil => rest > 0,
            RoundingMode::HalfUp => rest >= self.denominator - rest,
            RoundingMode::HalfEven => match rest.cmp(&(self.denominator - rest)) {
                Ordering::Less => false,
                Ordering::Equal => whole % 2 == 1,
                Ordering::Greater => true,
            },
        };
        u64::try_from(whole.checked_add(u128::from(up))?).ok()
    }

    /// What is left of it beyond its whole units.
    #[must_use]
    pub fn fraction(self) -> Ratio {
        let numerator = self.numerator % self.denominator;
        Ratio { numerator, denominator: self.denominator }
    }

    /// The smaller of the two.
    #[must_use]
    pub fn min(self, other: Ratio) -> Ratio {
        if self <= other { self } else { other }
    }

    fn reduced(self) -> Ratio {
        let divisor = gcd(self.numerator, self.denominator).max(1);
        Ratio { numerator: self.numerator / divisor, denominator: self.denominator / divisor }
    }
}

fn gcd(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

impl PartialEq for Ratio {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Ratio {}

impl PartialOrd for Ratio {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Ratio {
    /// Compares by cross-multiplication, and digit by digit as continued fractions
    /// where that would overflow.
    fn cmp(&self, other: &Self) -> Ordering {
        if self.denominator == other.denominator {
            return self.numerator.cmp(&other.numerator);
        }
        let left = self.numerator.checked_mul(other.denominator);
        let right = other.numerator.checked_mul(self.denominator);
        if let (Some(left), Some(right)) = (left, right) {
            return left.cmp(&right);
        }
        let (mut a, mut b) = (*self, *other);
        let mut flipped = false;
        loop {
            let by_whole = (a.numerator / a.denominator).cmp(&(b.numerator / b.denominator));
            let (rest_a, rest_b) = (a.numerator % a.denominator, b.numerator % b.denominator);
            let found = match (by_whole, rest_a, rest_b) {
                (Ordering::Equal, 0, 0) => Ordering::Equal,
                (Ordering::Equal, 0, _) => Ordering::Less,
                (Ordering::Equal, _, 0) => Ordering::Greater,
                (Ordering::Equal, _, _) => {
                    a = Ratio { numerator: a.denominator, denominator: rest_a };
                    b = Ratio { numerator: b.denominator, denominator: rest_b };
                    flipped = !flipped;
                    continue;
                }
                (unequal, _, _) => unequal,
            };
            return if flipped { found.reverse() } else { found };
        }
    }
}

impl FromStr for Ratio {
    type Err = NotADecimal;

    /// Reads a decimal such as `6.5`, exactly: at most 18 digits, no sign, no exponent.
    fn from_str(text: &str) -> Result<Ratio, NotADecimal> {
        let refused = || NotADecimal(text.chars().take(40).collect());
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let has_point = text.contains('.');
        let digits = whole.len() + fraction.len();
        let proper = !whole.is_empty() && (!has_point || !fraction.is_empty()) && digits <= 18;
        if !proper || !whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit()) {
            return Err(refused());
        }
        let numerator = format!("{whole}{fraction}").parse().map_err(|_| refused())?;
        let scale = u32::try_from(fraction.len()).map_err(|_| refused())?;
        Ok(Ratio { numerator, denominator: 10_u128.pow(scale) })
    }
}

impl fmt::Display for Ratio {
    /// As a decimal where that is exact (`1.25`), otherwise as a fraction (`1/3`).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Ratio { numerator, denominator } = self.reduced();
        let scale = (0..=18_u32).find(|&scale| 10_u128.pow(scale) % denominator == 0);
        let Some(scale) = scale else {
            return write!(f, "{numerator}/{denominator}");
        };
        if scale == 0 {
            return write!(f, "{numerator}");
        }
        let whole = numerator / denominator;
        let fraction = numerator % denominator * (10_u128.pow(scale) / denominator);
        write!(f, "{whole}.{fraction:0width$}", width = scale as usize)
    }
}

/// Splits `total` over `weights` so that the parts add up to exactly `total`: each part
/// is its exact share rounded down, and what is left goes one unit at a time to the
/// largest remainders, the earlier of two equal ones first (Hamilton's method).
///
/// Weights of zero get nothing. With no weight at all, or an overflow, every part is 0.
pub fn split_by_largest_remainder(total: u64, weights: &[u64]) -> Vec<u64> {
    let sum: u128 = weights.iter().map(|&w| u128::from(w)).sum();
    if sum == 0 || total == 0 {
        return vec![0; weights.len()];
    }
    // Nearly all products fit in 64 bits, where a division costs a tenth.
    let small = u64::try_from(sum).ok().filter(|sum| total.checked_mul(*sum).is_some());
    let share = |weight: u64| match small {
        Some(sum) => (total * weight / sum, u128::from(total * weight % sum)),
        None => {
            let exact = u128::from(total) * u128::from(weight);
            ((exact / sum) as u64, exact % sum)
        }
    };
    let mut parts = Vec::with_capacity(weights.len());
    let mut rests = Vec::with_capacity(weights.len());
    for (at, &weight) in weights.iter().enumerate() {
        let (part, rest) = share(weight);
        parts.push(part);
        rests.push((rest, std::cmp::Reverse(at)));
    }
    let left = total - parts.iter().sum::<u64>();
    if left > 0 {
        // Fewer units are left than there are remainders.
        let left = usize::try_from(left).unwrap_or(rests.len());
        rests.select_nth_unstable_by(left - 1, |a, b| b.cmp(a));
        for (_, std::cmp::Reverse(at)) in &rests[..left] {
            parts[*at] += 1;
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ratio(text: &str) -> Ratio {
        text.parse().expect("a decimal")
    }

    #[test]
    fn decimals_are_read_exactly_and_nothing_else_is() {
        assert_eq!(ratio("6.5"), Ratio::new(13, 2).expect("a ratio"));
        assert_eq!(ratio("1.250").to_string(), "1.25");
        for bad in ["", ".5", "1.", "-1", "1e3", "1,5", "1234567890123456789.1", "∞"] {
            assert!(bad.parse::<Ratio>().is_err(), "{bad}");
        }
    }

    #[test]
    fn each_mode_rounds_halves_its_own_way() {
        let table = [
            ("0.5", [0, 1, 1, 0]),
            ("1.5", [1, 2, 2, 2]),
            ("2.5", [2, 3, 3, 2]),
            ("2.49", [2, 3, 2, 2]),
            ("3", [3, 3, 3, 3]),
        ];
        use RoundingMode::*;
        for (text, expected) in table {
            let rounded = [Floor, Ceil, HalfUp, HalfEven].map(|mode| ratio(text).round(mode));
            assert_eq!(rounded, expected.map(Some), "{text}");
        }
    }

    #[test]
    fn comparison_survives_numbers_whose_products_overflow() {
        let near = Ratio::new(u128::MAX - 1, u128::MAX).expect("a ratio");
        let nearer = Ratio::new(u128::MAX - 2, u128::MAX - 1).expect("a ratio");
        assert!(near > nearer && near < Ratio::ONE && nearer == nearer);
    }

    #[test]
    fn a_split_adds_up_and_favours_the_largest_remainders() {
        // The voucher of £5.00 spread pro rata over £40, £30 and £15 of a £10.00 discount.
        assert_eq!(split_by_largest_remainder(1000, &[4000, 3000, 1500]), [471, 353, 176]);
        assert_eq!(split_by_largest_remainder(500, &[1, 1, 1]), [167, 167, 166]);
        assert_eq!(split_by_largest_remainder(7, &[0, 0]), [0, 0]);
    }
}
