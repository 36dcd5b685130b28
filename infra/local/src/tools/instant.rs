//! Instants as a person writes them.

use domain::{program::Program, time::Instant};
use jiff::{Timestamp, civil::DateTime};

/// An instant from RFC 3339, or a date or a local time in the program's zone.
pub fn read(text: &str, program: &Program) -> Result<Instant, String> {
    let local = || text.parse::<DateTime>().ok();
    let zoned = || local()?.to_zoned(program.time_zone.clone()).ok();
    // A local time would be read without its offset: so the offset is tried first.
    let timestamp = text.parse::<Timestamp>().ok();
    let timestamp = timestamp.or_else(|| zoned().map(|zoned| zoned.timestamp()));
    timestamp.map(Instant::from_timestamp).ok_or_else(|| {
        format!(
            "{text:?} is no time: expected one such as 2026-12-01T00:00:00Z, or a date or a local \
             time such as 2026-12-01 or 2026-12-01T09:00:00"
        )
    })
}
