//! Draws: reproducible from the seed that was recorded.

use sha2::{Digest, Sha256};

use crate::{points::Points, program::Prize};

/// What the draw of a rule gives: the prizes are tried in the order of the file, each with
/// its own odds, and the first that is won counts.
pub(super) fn drawn(prizes: &[Prize], rule: &str, seed: u64) -> Points {
    let won = |(at, prize): (usize, &Prize)| {
        let ticket = ticket(rule, at, seed) % u128::from(prize.of.max(1));
        ticket < u128::from(prize.wins)
    };
    let prize = prizes.iter().enumerate().find(|(at, prize)| won((*at, prize)));
    prize.map_or(Points::ZERO, |(_, prize)| prize.points)
}

/// 128 bits of a hash over the seed, the rule and the prize: the odds are off by less than
/// one in 2^96.
fn ticket(rule: &str, prize: usize, seed: u64) -> u128 {
    let mut hasher = Sha256::new();
    hasher.update(seed.to_be_bytes());
    hasher.update((prize as u64).to_be_bytes());
    hasher.update(rule.as_bytes());
    let digest = hasher.finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    u128::from_be_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draw_is_the_same_for_a_seed_and_fair_over_many() {
        let points = |units| Points::new(units).expect("points");
        let prizes = [
            Prize { wins: 1, of: 100, points: points(1_000) },
            Prize { wins: 1, of: 10, points: points(100) },
        ];
        let all: Vec<u64> =
            (0..20_000).map(|seed| drawn(&prizes, "scratch", seed).units()).collect();
        let again = (0..20_000).map(|seed| drawn(&prizes, "scratch", seed).units());
        assert!(again.eq(all.iter().copied()), "the same seed draws the same");
        let won = |prize| all.iter().filter(|points| **points == prize).count();
        // 1 in 100, and 1 in 10 of the others: 200 and 1,980, give or take.
        assert!((140..260).contains(&won(1_000)), "{}", won(1_000));
        assert!((1_800..2_160).contains(&won(100)), "{}", won(100));
    }
}
