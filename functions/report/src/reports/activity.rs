//! Activity: what members did, day by day or month by month.

use domain::{
    program::Program,
    rollup::{DayRollup, Figure, Sums},
    time::Day,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::csv_of_any_width;

/// The length of the periods of an [`Activity`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Per {
    /// Days.
    #[default]
    Day,
    /// Calendar months, always whole ones.
    Month,
}

/// What members did, period by period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Activity {
    /// The program's id.
    pub program: String,
    /// The length of a period.
    pub per: Per,
    /// The decimals of points: 10^decimals smallest units are one point.
    pub decimals: u8,
    /// The ISO 4217 code of the money.
    pub currency: String,
    /// The periods without a gap, oldest first.
    pub periods: Vec<Period>,
}

/// What members did in one period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Period {
    /// Its first day.
    #[schemars(with = "String")]
    pub from: Day,
    /// Its last day.
    #[schemars(with = "String")]
    pub to: Day,
    /// Orders that came; later versions and test orders are none.
    pub orders: i64,
    /// Refunds that came.
    pub refunds: i64,
    /// What members paid for orders less what they were paid back, tax, shipping and tips
    /// included, in minor units. Less than 0 where refunds of earlier orders exceed the
    /// orders.
    pub spend: i64,
    /// Points given by the rules.
    pub issued: i64,
    /// Points spent, less those that came back.
    pub redeemed: i64,
    /// Rewards spent, less those undone.
    pub redemptions: i64,
    /// Points booked as ended unspent, which may be a day or more after they ended.
    pub expired: i64,
    /// Points taken back after refunds.
    pub clawed_back: i64,
    /// Points that refunds could not take back because they were spent, and nobody owes.
    pub written_off: i64,
    /// Points given by hand less those taken by hand.
    pub adjusted: i64,
    /// Members of whom anything was heard in the period.
    pub active_members: i64,
    /// Members who joined.
    pub new_members: i64,
    /// Members at its end.
    pub members: i64,
    /// Members of each level at its end, in the program's order of levels; a level that
    /// the program no longer has comes after them while it has members.
    pub levels: Vec<LevelMembers>,
}

/// How many members a level has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LevelMembers {
    /// The level's id.
    pub level: String,
    /// How many.
    pub members: i64,
}

/// What members did from `from` to `to`, both included, given the roll-ups of all days up
/// to it. By months it begins with the whole month of `from` and ends with that of `to`.
pub fn activity(
    days: &[(Day, DayRollup)],
    program: &Program,
    from: Day,
    to: Day,
    per: Per,
) -> Activity {
    let mut total = DayRollup::default();
    let mut first = per.first(from);
    let before = days.iter().filter(|(day, _)| *day < first);
    before.for_each(|(_, rollup)| total.add(rollup));
    let mut periods = Vec::new();
    while first <= to {
        let last = per.last(first);
        let mut sum = DayRollup::default();
        let within = days.iter().filter(|(day, _)| (first..=last).contains(day));
        within.for_each(|(_, rollup)| sum.add(rollup));
        total.add(&sum);
        periods.push(Period::of(&sum, &total, program, per, (first, last)));
        if last == Day::NEVER {
            break;
        }
        first = last.plus_days(1);
    }
    Activity {
        program: program.id.to_string(),
        per,
        decimals: program.points().decimals,
        currency: program.money.code().to_owned(),
        periods,
    }
}

impl Per {
    fn first(self, day: Day) -> Day {
        match self {
            Per::Day => day,
            Per::Month => Day::from_date(day.date().first_of_month()),
        }
    }

    fn last(self, first: Day) -> Day {
        match self {
            Per::Day => first,
            Per::Month => Day::from_date(first.date().last_of_month()),
        }
    }
}

impl Period {
    /// The period from `of.0` to `of.1` with the sum `sum`, at whose end everything so far
    /// is `total`.
    fn of(
        sum: &DayRollup,
        total: &DayRollup,
        program: &Program,
        per: Per,
        of: (Day, Day),
    ) -> Period {
        let get = |figure| sum.get(figure);
        Period {
            from: of.0,
            to: of.1,
            orders: get(Figure::Orders),
            refunds: get(Figure::Refunds),
            spend: get(Figure::Spend),
            issued: get(Figure::Issued),
            redeemed: get(Figure::Redeemed),
            redemptions: get(Figure::Redemptions),
            expired: get(Figure::Expired),
            clawed_back: get(Figure::ClawedBack),
            written_off: get(Figure::WrittenOff),
            adjusted: get(Figure::AdjustedIn) - get(Figure::AdjustedOut),
            active_members: get(match per {
                Per::Day => Figure::ActiveOnDay,
                Per::Month => Figure::ActiveInMonth,
            }),
            new_members: get(Figure::Enrolled),
            members: total.get(Figure::Enrolled),
            levels: levels(program, &total.tiers),
        }
    }
}

fn levels(program: &Program, members: &Sums<String>) -> Vec<LevelMembers> {
    let known: Vec<&str> = match &program.tiers {
        Some(tiers) => tiers.levels.iter().map(|level| level.id.as_str()).collect(),
        None => Vec::new(),
    };
    let gone = members.iter().map(|(level, _)| level.as_str()).filter(|id| !known.contains(id));
    let all = known.iter().copied().chain(gone);
    let of = |id: &str| LevelMembers { level: id.to_owned(), members: members.get(id) };
    all.map(of).collect()
}

impl Activity {
    /// The periods as comma-separated values, one a line; the last columns are the members
    /// of each level.
    pub fn csv(&self) -> String {
        const NAMES: [&str; 16] = [
            "from",
            "to",
            "orders",
            "refunds",
            "spend_minor",
            "currency",
            "issued",
            "redeemed",
            "redemptions",
            "expired",
            "clawed_back",
            "written_off",
            "adjusted",
            "active_members",
            "new_members",
            "members",
        ];
        let levels = self.levels();
        let of_levels = levels.iter().map(|level| format!("members_{level}"));
        let names = NAMES.iter().map(ToString::to_string).chain(of_levels).collect();
        let line = |period: &Period| {
            let mut line = self.line(period).to_vec();
            line.extend(levels.iter().map(|level| period.members_of(level).to_string()));
            line
        };
        csv_of_any_width(std::iter::once(names).chain(self.periods.iter().map(line)))
    }

    /// Every level that some period names.
    fn levels(&self) -> Vec<&str> {
        let mut levels = Vec::new();
        for level in self.periods.iter().flat_map(|period| &period.levels) {
            if !levels.contains(&level.level.as_str()) {
                levels.push(level.level.as_str());
            }
        }
        levels
    }

    fn line(&self, period: &Period) -> [String; 16] {
        [
            period.from.to_string(),
            period.to.to_string(),
            period.orders.to_string(),
            period.refunds.to_string(),
            period.spend.to_string(),
            self.currency.clone(),
            period.issued.to_string(),
            period.redeemed.to_string(),
            period.redemptions.to_string(),
            period.expired.to_string(),
            period.clawed_back.to_string(),
            period.written_off.to_string(),
            period.adjusted.to_string(),
            period.active_members.to_string(),
            period.new_members.to_string(),
            period.members.to_string(),
        ]
    }
}

impl Period {
    fn members_of(&self, level: &str) -> i64 {
        self.levels.iter().find(|of| of.level == level).map_or(0, |of| of.members)
    }
}
