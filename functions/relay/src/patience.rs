//! How long a delivery that failed waits for its next attempt.

use std::time::Duration;

/// How often an event is sent before it goes to the dead letters: about four days on average,
/// never more than eight, which the queue's retention of 14 days holds.
pub const ATTEMPTS_MAX: u32 = 20;
/// The most that the first wait can be; the second is four times that, and so on.
const FIRST: Duration = Duration::from_secs(30);
/// The longest wait. SQS hides a message for 12 hours at most, counted from when it was
/// received, and an attempt takes a while of that.
const LONGEST: Duration = Duration::from_secs(12 * 3_600 - 900);

/// The wait after the `attempt`th attempt, the first being 1. Full jitter: anything from
/// nothing to the whole, by `random`, so that those who failed together do not come back
/// together; but never less than the recipient asked for, as far as a message can wait.
pub fn wait(attempt: u32, random: u32, asked: Option<Duration>) -> Duration {
    let doublings = attempt.saturating_sub(1).saturating_mul(2).min(30);
    let most = FIRST.saturating_mul(1 << doublings).min(LONGEST).as_millis();
    let millis = most * u128::from(random) / u128::from(u32::MAX);
    let jittered = Duration::from_millis(u64::try_from(millis).unwrap_or(u64::MAX));
    jittered.max(asked.unwrap_or_default()).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_half_a_day_and_last_over_days() {
        let most = |attempt| wait(attempt, u32::MAX, None).as_secs();
        assert_eq!(
            [1, 2, 3, 4, 5, 6, 7, 20, u32::MAX].map(most),
            [30, 120, 480, 1_920, 7_680, 30_720, 42_300, 42_300, 42_300]
        );
        assert_eq!(wait(9, 0, None), Duration::ZERO);
        let on_average: u64 = (1..ATTEMPTS_MAX).map(|attempt| most(attempt) / 2).sum();
        assert!((3 * 86_400..5 * 86_400).contains(&on_average), "{on_average}");
        let at_most: u64 = (1..ATTEMPTS_MAX).map(most).sum();
        assert!(at_most < 8 * 86_400, "well within the queue's retention: {at_most}");
    }

    #[test]
    fn who_asks_for_time_gets_it_as_far_as_a_message_can_wait() {
        let asked = |seconds| wait(1, 0, Some(Duration::from_secs(seconds))).as_secs();
        assert_eq!((asked(90), asked(1_000_000)), (90, 42_300));
        let longer = wait(7, u32::MAX, Some(Duration::from_secs(1)));
        assert_eq!(longer.as_secs(), 42_300, "what was asked for is the least");
    }
}
