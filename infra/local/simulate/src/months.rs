//! The calendar months of a history, in a program's time zone.

use domain::time::{Day, Instant};
use jiff::tz::TimeZone;

/// Months that follow each other without a gap.
#[derive(Clone, Debug)]
pub struct Months {
    months: Vec<Span>,
}

#[derive(Clone, Copy, Debug)]
struct Span {
    first: Day,
    /// The first day of the next month, and when it starts.
    end: Day,
    ends_at: Instant,
}

impl Months {
    /// The months from that of `first` to that of `last`.
    pub fn covering(first: Instant, last: Instant, zone: &TimeZone) -> Months {
        let last = Day::of(last, zone);
        let mut start = Day::from_date(Day::of(first, zone).date().first_of_month());
        let mut months = Vec::new();
        while start <= last && start < Day::NEVER {
            let end = start.next_month();
            months.push(Span { first: start, end, ends_at: end.starts_at(zone) });
            start = end;
        }
        Months { months }
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.months.len()
    }

    /// When a month is over: the first instant of the next.
    pub fn ends_at(&self, month: usize) -> Instant {
        self.months[month].ends_at
    }

    /// The first day after a month.
    pub fn end(&self, month: usize) -> Day {
        self.months[month].end
    }

    /// A month's name, as `2011-02`.
    pub fn name(&self, month: usize) -> String {
        let date = self.months[month].first.date();
        format!("{:04}-{:02}", date.year(), date.month())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_begin_and_end_in_the_programs_zone() {
        let zone = TimeZone::get("Europe/London").expect("a zone");
        let at = |text: &str| Instant::from_timestamp(text.parse().expect("an instant"));
        let months =
            Months::covering(at("2010-05-31T23:30:00Z"), at("2010-07-31T22:59:59Z"), &zone);
        let names: Vec<String> = (0..months.len()).map(|month| months.name(month)).collect();
        assert_eq!(names, ["2010-06", "2010-07"]);
        assert_eq!(months.ends_at(0), at("2010-06-30T23:00:00Z"));
    }
}
