//! What callers get.

use domain::{
    account::Account,
    change::{Change, Place},
    points::Points,
    program::{Program, Rulebook},
    row::Row,
    settle, tier,
    time::{Day, Instant},
};
use schemars::JsonSchema;
use serde::Serialize;

/// A member's points and level at an instant. Points are smallest units of the program.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Balance {
    /// Whose.
    pub member: String,
    /// The instant.
    #[schemars(with = "String")]
    pub at: Instant,
    /// The newest row that this is made from.
    pub sequence: u64,
    /// What a member sees: spendable points less debt.
    pub balance: i64,
    /// The same in the program's words: `120 points`, `10.965 Stars`.
    pub shown: String,
    /// What the program's points are called.
    pub name: PointsName,
    /// Spendable points.
    pub available: u64,
    /// Earned and not yet spendable.
    pub pending: u64,
    /// Set aside for checkouts.
    pub held: u64,
    /// Taken back after they were spent; the next points repay it.
    pub debt: u64,
    /// Decimals of the program's points: 1500 at three decimals is 1.5.
    pub decimals: u8,
    /// Which spendable points end when, soonest first; the last without a day never do.
    pub ending: Vec<Ending>,
    /// Which points become spendable when.
    pub maturing: Vec<PendingPoints>,
    /// The level, where the program has levels.
    pub tier: Option<TierAnswer>,
}

/// What points are called.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct PointsName {
    /// One of them.
    pub one: String,
    /// Several of them.
    pub other: String,
}

/// Points that end on one day.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Ending {
    /// The day at whose start they end; none when they do not.
    pub on: Option<String>,
    /// How many.
    pub points: u64,
}

/// Points that become spendable on one day.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct PendingPoints {
    /// The day at whose start they do; none while they wait for their order's status.
    pub on: Option<String>,
    /// How many.
    pub points: u64,
}

/// A member's level.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct TierAnswer {
    /// Its id.
    pub level: String,
    /// What members call it.
    pub name: String,
    /// The day it was reached or confirmed.
    pub since: String,
    /// The day at whose start it is reviewed; none when it lasts.
    pub ends_on: Option<String>,
    /// What the member has gathered in the present window: minor units for spend.
    pub gathered: i64,
    /// The level above, where there is one.
    pub next: Option<NextLevel>,
    /// What the level gives besides points.
    pub benefits: Vec<String>,
}

/// The level above a member's.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct NextLevel {
    /// Its id.
    pub level: String,
    /// What members call it.
    pub name: String,
    /// What must be gathered in all; none where something else is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<i64>,
    /// What is missing of that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing: Option<i64>,
}

/// What became of a fact.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Recorded {
    /// The row's place in the member's history.
    pub sequence: u64,
    /// Whether the same request had been recorded before; then this is its outcome.
    pub replayed: bool,
    /// Whether nothing was recorded because the caller asked for a dry run.
    pub dry_run: bool,
    /// What the row is about.
    pub kind: String,
    /// When it was recorded.
    #[schemars(with = "String")]
    pub recorded_at: Instant,
    /// The program version that decided.
    pub program_version: u32,
    /// What became of it, where that needs saying.
    pub note: Option<Outcome>,
    /// What moved.
    pub moved: Moved,
    /// The shop's reason, for points given or taken by hand.
    pub reason: Option<String>,
    /// The reward, where one was had or held.
    pub reward: Option<RewardAnswer>,
    /// Why, in full.
    pub explanation: domain::explain::Explanation,
    /// The account after it.
    pub balance: Balance,
}

/// A reason code with its sentence.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Outcome {
    /// The stable code.
    pub code: String,
    /// One sentence.
    pub sentence: String,
}

/// A reward that was had or is held.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct RewardAnswer {
    /// Its id.
    pub reward: String,
    /// What it is worth, in minor units of the money that its price is in.
    pub value: i64,
    /// When the hold releases itself.
    #[schemars(with = "Option<String>")]
    pub held_until: Option<Instant>,
}

/// Points that a row moved, by where they went. Zeros are left out.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
#[serde(default)]
pub struct Moved {
    /// Newly earned, whether spendable yet or not.
    #[serde(skip_serializing_if = "is_zero")]
    pub earned: u64,
    /// Taken back for refunds.
    #[serde(skip_serializing_if = "is_zero")]
    pub clawed_back: u64,
    /// Spent.
    #[serde(skip_serializing_if = "is_zero")]
    pub redeemed: u64,
    /// Ended unspent.
    #[serde(skip_serializing_if = "is_zero")]
    pub expired: u64,
    /// Set aside.
    #[serde(skip_serializing_if = "is_zero")]
    pub held: u64,
    /// Given back from a hold.
    #[serde(skip_serializing_if = "is_zero")]
    pub released: u64,
    /// Became spendable.
    #[serde(skip_serializing_if = "is_zero")]
    pub matured: u64,
    /// Given by hand.
    #[serde(skip_serializing_if = "is_zero")]
    pub given: u64,
    /// Taken by hand.
    #[serde(skip_serializing_if = "is_zero")]
    pub taken: u64,
    /// Donated.
    #[serde(skip_serializing_if = "is_zero")]
    pub donated: u64,
    /// Spent or donated before, and given back because that was undone.
    #[serde(skip_serializing_if = "is_zero")]
    pub returned: u64,
    /// Ended before, and back because the member was active again in time.
    #[serde(skip_serializing_if = "is_zero")]
    pub reinstated: u64,
}

fn is_zero(points: &u64) -> bool {
    *points == 0
}

/// One row of a member's history.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct RowSummary {
    /// Its place in the history.
    pub sequence: u64,
    /// What it is about.
    pub kind: String,
    /// The fact's key.
    pub key: Option<String>,
    /// When it was recorded.
    #[schemars(with = "String")]
    pub recorded_at: Instant,
    /// When it happened, as the program dates it.
    #[schemars(with = "String")]
    pub occurred_at: Instant,
    /// The program version in force.
    pub program_version: u32,
    /// Who caused it.
    pub actor: String,
    /// What became of it, where that needs saying.
    pub note: Option<Outcome>,
    /// What moved.
    pub moved: Moved,
    /// The shop's reason, for points given or taken by hand.
    pub reason: Option<String>,
    /// The reward, where one was had or held.
    pub reward: Option<RewardAnswer>,
    /// The key of the order it is about, where that is not its own.
    pub order_key: Option<String>,
    /// What a member saw after it: spendable points less debt.
    pub balance: i64,
    /// The level after it.
    pub tier: Option<String>,
}

/// A page of a member's history, newest first.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct HistoryPage {
    /// The rows.
    pub history: Vec<RowSummary>,
    /// Where to go on, as `?cursor=`; none at the end.
    pub cursor: Option<String>,
}

/// A member's points over a span of time.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Statement {
    /// Whose.
    pub member: String,
    /// Its first instant.
    #[schemars(with = "String")]
    pub from: Instant,
    /// The instant it ends before.
    #[schemars(with = "String")]
    pub to: Instant,
    /// What the member saw at its first instant.
    pub opening: i64,
    /// All that moved in it.
    pub moved: Moved,
    /// What the member saw when it ended.
    pub closing: i64,
    /// Its rows, oldest first.
    pub history: Vec<RowSummary>,
}

fn shown(day: Day) -> Option<String> {
    (day != Day::NEVER).then(|| day.to_string())
}

impl Balance {
    /// The balance of an account that was settled at `at`; `sequence` is its newest row.
    pub fn of(
        program: &Program,
        member: &str,
        account: &Account,
        at: Instant,
        sequence: u64,
    ) -> Balance {
        let purse = account.purse(0);
        let inactive = settle::inactive_on(program, account, 0).unwrap_or(Day::NEVER);
        let mut ending: Vec<Ending> = Vec::new();
        for (day, points) in settle::ending(account, 0) {
            let (on, points) = (shown(day.min(inactive)), points.units());
            match ending.last_mut() {
                // What a level keeps ends together, whenever it was earned.
                Some(last) if last.on == on => last.points = last.points.saturating_add(points),
                _ => ending.push(Ending { on, points }),
            }
        }
        let maturing = |lot: &domain::account::PendingLot| PendingPoints {
            on: shown(lot.matures_on),
            points: lot.points.units(),
        };
        Balance {
            member: member.to_owned(),
            at,
            sequence,
            balance: purse.balance(),
            shown: shown_points(program, purse.balance()),
            name: PointsName {
                one: program.points().one.clone(),
                other: program.points().other.clone(),
            },
            available: purse.available().units(),
            pending: purse.pending().units(),
            held: account.held(0).units(),
            debt: purse.debt.units(),
            decimals: program.points().decimals,
            ending,
            maturing: purse.pending.iter().map(maturing).collect(),
            tier: TierAnswer::of(program, account, at),
        }
    }
}

/// A balance in the program's words, with its decimals.
fn shown_points(program: &Program, balance: i64) -> String {
    let points = program.points();
    let units = Points::new(balance.unsigned_abs()).unwrap_or(Points::MAX);
    let number = units.display(points.decimals).to_string();
    let sign = if balance < 0 { "-" } else { "" };
    let name = if number == "1" { &points.one } else { &points.other };
    format!("{sign}{number} {name}")
}

impl TierAnswer {
    /// The level of an account at an instant.
    pub fn of(program: &Program, account: &Account, at: Instant) -> Option<TierAnswer> {
        let (tiers, state) = program.tiers.as_ref().zip(account.tier.as_ref())?;
        let position = tiers.position(&state.level);
        let level = &tiers.levels[position];
        let today = Day::of(at, &program.time_zone);
        let gathered = tier::measured(tiers, account, tiers.measure, today);
        let next = tiers.levels.get(position + 1).map(|next| {
            let from = next.from.amount_of(tiers.measure);
            NextLevel {
                level: next.id.clone(),
                name: next.name.clone(),
                from,
                missing: from.map(|from| (from - gathered).max(0)),
            }
        });
        Some(TierAnswer {
            level: level.id.clone(),
            name: level.name.clone(),
            since: state.since.to_string(),
            ends_on: shown(state.ends_on),
            gathered,
            next,
            benefits: level.benefits.clone(),
        })
    }
}

impl Moved {
    /// What some changes moved of the first currency.
    pub fn of(changes: &[Change]) -> Moved {
        use Place::{
            Adjusted, Available, ClawedBack, Debt, Donated, Expired, Held, Issued, Pending,
            Redeemed,
        };
        let sum = |wanted: fn(&Place, &Place) -> bool| {
            let moved = changes.iter().filter_map(|change| match change {
                Change::Moved(m) if m.currency == 0 && wanted(&m.from, &m.to) => Some(m.points),
                _ => None,
            });
            moved.fold(0_u64, |sum, points| sum.saturating_add(points.units()))
        };
        Moved {
            earned: sum(|from, to| {
                matches!((from, to), (Issued, Pending { .. } | Available { .. } | Debt))
            }),
            clawed_back: sum(|_, to| matches!(to, ClawedBack)),
            redeemed: sum(|_, to| matches!(to, Redeemed)),
            expired: sum(|_, to| matches!(to, Expired)),
            held: sum(|_, to| matches!(to, Held { .. })),
            released: sum(|from, to| matches!((from, to), (Held { .. }, Available { .. } | Debt))),
            matured: sum(|from, to| {
                matches!((from, to), (Pending { .. }, Available { .. } | Debt))
            }),
            given: sum(|from, _| matches!(from, Adjusted)),
            taken: sum(|_, to| matches!(to, Adjusted)),
            donated: sum(|_, to| matches!(to, Donated)),
            returned: sum(|from, to| {
                matches!((from, to), (Redeemed | Donated, Available { .. } | Debt))
            }),
            reinstated: sum(|from, to| matches!((from, to), (Expired, Available { .. } | Debt))),
        }
    }

    /// Adds what others moved.
    pub fn add(&mut self, other: &Moved) {
        self.with_each(other, u64::saturating_add);
    }

    /// Takes away what others moved.
    pub fn remove(&mut self, other: &Moved) {
        self.with_each(other, u64::saturating_sub);
    }

    fn with_each(&mut self, other: &Moved, join: fn(u64, u64) -> u64) {
        let pairs = [
            (&mut self.earned, other.earned),
            (&mut self.clawed_back, other.clawed_back),
            (&mut self.redeemed, other.redeemed),
            (&mut self.expired, other.expired),
            (&mut self.held, other.held),
            (&mut self.released, other.released),
            (&mut self.matured, other.matured),
            (&mut self.given, other.given),
            (&mut self.taken, other.taken),
            (&mut self.donated, other.donated),
            (&mut self.returned, other.returned),
            (&mut self.reinstated, other.reinstated),
        ];
        for (mine, others) in pairs {
            *mine = join(*mine, others);
        }
    }
}

impl Outcome {
    /// What became of a row's fact, where that needs saying.
    fn of(row: &Row) -> Option<Outcome> {
        let activity = row.order.as_ref().and_then(|order| order.activity.as_deref());
        row.note.map(|reason| Outcome {
            code: reason.code_for(activity),
            sentence: reason.sentence().to_owned(),
        })
    }
}

fn reason_of(row: &Row) -> Option<String> {
    row.changes.iter().find_map(|change| match change {
        Change::Because { reason } => Some(reason.clone()),
        _ => None,
    })
}

impl RewardAnswer {
    /// The reward that a row is about.
    fn of(row: &Row) -> Option<RewardAnswer> {
        let held_until = row.changes.iter().find_map(|change| match change {
            Change::HoldOpened { deadline, .. } => Some(*deadline),
            _ => None,
        });
        row.changes.iter().find_map(|change| match change {
            Change::Rewarded { reward, value } => {
                Some(RewardAnswer { reward: reward.clone(), value: *value, held_until })
            }
            _ => None,
        })
    }
}

impl RowSummary {
    /// The summary of a row.
    pub fn of(row: &Row) -> RowSummary {
        RowSummary {
            sequence: row.sequence,
            kind: row.kind.as_str().to_owned(),
            key: row.key.as_ref().map(|key| key.as_str().to_owned()),
            recorded_at: row.recorded_at,
            occurred_at: row.occurred_at,
            program_version: row.program_version,
            actor: row.actor.clone(),
            note: Outcome::of(row),
            moved: Moved::of(&row.changes),
            reason: reason_of(row),
            reward: RewardAnswer::of(row),
            order_key: row.order_key.as_ref().map(ToString::to_string),
            balance: row.account.purse(0).balance(),
            tier: row.account.tier.as_ref().map(|tier| tier.level.clone()),
        }
    }
}

impl Recorded {
    /// The answer about a row.
    ///
    /// # Errors
    ///
    /// A problem when the row cannot be explained, which would be a bug.
    pub fn of(
        rulebook: &Rulebook,
        row: &Row,
        replayed: bool,
        dry_run: bool,
    ) -> Result<Recorded, crate::Problem> {
        let program = rulebook.in_force(row.recorded_at);
        let explanation = domain::explain::explain(rulebook, row).map_err(|error| {
            tracing::error!(%error, "a row cannot be explained");
            let detail = "the row cannot be explained; it was logged";
            let status = axum::http::StatusCode::INTERNAL_SERVER_ERROR;
            crate::Problem::new(status, "INTERNAL", detail)
        })?;
        let member = row.chain.member.as_str();
        Ok(Recorded {
            sequence: row.sequence,
            replayed,
            dry_run,
            kind: row.kind.as_str().to_owned(),
            recorded_at: row.recorded_at,
            program_version: row.program_version,
            note: Outcome::of(row),
            moved: Moved::of(&row.changes),
            reason: reason_of(row),
            reward: RewardAnswer::of(row),
            explanation,
            balance: Balance::of(program, member, &row.account, row.recorded_at, row.sequence),
        })
    }
}
