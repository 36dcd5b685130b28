//! Reports: what a program's roll-ups say, as tables of whole numbers.
//!
//! Points are smallest units of the program's first currency (`decimals` tells how many
//! make one), money is minor units. A report is a pure function of roll-ups, so it says
//! the same of a day whenever it is asked; days are the program's own, and a fact counts
//! on the day on which it was recorded.

mod activity;
mod leaderboard;
mod liability;

#[cfg(test)]
mod tests;

pub use activity::{Activity, LevelMembers, Per, Period, activity};
pub use leaderboard::{Leaderboard, Rank, leaderboard};
pub use liability::{Ending, Liability, Maturing, SinceStart, Worth, liability};

use domain::time::Day;

/// The calendar month of a day: `2027-02`; `None` of the day that never comes.
fn month(day: Day) -> Option<String> {
    (day != Day::NEVER).then(|| day.date().strftime("%Y-%m").to_string())
}

/// Lines of comma-separated values (RFC 4180), the names of the columns first.
fn csv<const N: usize>(lines: impl IntoIterator<Item = [String; N]>) -> String {
    csv_of_any_width(lines.into_iter().map(Vec::from))
}

fn csv_of_any_width(lines: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for line in lines {
        writer.write_record(&line).expect("all lines of a table have the same width");
    }
    let bytes = writer.into_inner().expect("writing to memory cannot fail");
    String::from_utf8(bytes).expect("text was written")
}
