//! A row: one link of a member's chain.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    account::{Account, signed},
    change::{Change, Impossible, Movement, Place, apply},
    ids::{MemberId, ProgramId},
    key::{FactKey, Fingerprint, KeyHash},
    notice::Notice,
    order_state::OrderState,
    points::Points,
    reason::Reason,
    time::Instant,
    window::{Hour, RowKeys},
};

/// Every row whose sequence is a multiple of this carries the keys of the rows up to it.
pub const INDEX_EVERY: u64 = 64;

/// Whose chain.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Chain {
    /// In which program.
    pub program: ProgramId,
    /// Which member.
    pub member: MemberId,
}

impl Chain {
    /// Whether this is the chain of somebody who has not joined.
    pub fn is_guest(&self) -> bool {
        self.member.is_guest()
    }
}

impl fmt::Display for Chain {
    /// The partition key: a program's id has no slash, so it ends at the first.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.program, self.member)
    }
}

impl std::str::FromStr for Chain {
    type Err = crate::ids::BadId;
    fn from_str(text: &str) -> Result<Chain, Self::Err> {
        let (program, member) = text.split_once('/').ok_or(crate::ids::BadId::NotASlug)?;
        Ok(Chain { program: program.parse()?, member: member.parse()? })
    }
}

/// What a row is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowKind {
    /// The member joined.
    Enrolled,
    /// An order, or a later version of it.
    Order,
    /// A refund.
    Refund,
    /// Points were spent at once.
    Redeemed,
    /// Points were set aside.
    Held,
    /// Points set aside were spent.
    Captured,
    /// Points set aside were given back.
    Released,
    /// Points were given or taken by hand.
    Adjusted,
    /// Time passed.
    Settled,
    /// The member did something besides buying.
    Activity,
    /// The shop marked the member.
    Marked,
    /// The shop gave the member a level.
    Granted,
    /// The member took up a challenge.
    TakenUp,
    /// A redemption was undone.
    Undone,
    /// An order that the member placed as a guest was taken over.
    Claimed,
    /// The guest became a member.
    MovedOn,
    /// The member said who brought them.
    Referred,
}

impl RowKind {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            RowKind::Enrolled => "enrolled",
            RowKind::Order => "order",
            RowKind::Refund => "refund",
            RowKind::Redeemed => "redeemed",
            RowKind::Held => "held",
            RowKind::Captured => "captured",
            RowKind::Released => "released",
            RowKind::Adjusted => "adjusted",
            RowKind::Settled => "settled",
            RowKind::Activity => "activity",
            RowKind::Marked => "marked",
            RowKind::Granted => "granted",
            RowKind::TakenUp => "taken_up",
            RowKind::Undone => "undone",
            RowKind::Claimed => "claimed",
            RowKind::MovedOn => "moved_on",
            RowKind::Referred => "referred",
        }
    }

    /// All kinds.
    pub const ALL: [RowKind; 17] = [
        RowKind::Enrolled,
        RowKind::Order,
        RowKind::Refund,
        RowKind::Redeemed,
        RowKind::Held,
        RowKind::Captured,
        RowKind::Released,
        RowKind::Adjusted,
        RowKind::Settled,
        RowKind::Activity,
        RowKind::Marked,
        RowKind::Granted,
        RowKind::TakenUp,
        RowKind::Undone,
        RowKind::Claimed,
        RowKind::MovedOn,
        RowKind::Referred,
    ];
}

/// One link of a member's chain: the fact, what it moved, why, and the account after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Whose.
    pub chain: Chain,
    /// 1, 2, 3 … without gaps.
    pub sequence: u64,
    /// What it is about.
    pub kind: RowKind,
    /// The fact's key; none when time passed.
    pub key: Option<FactKey>,
    /// The key of the order it is about, when that is another one.
    pub order_key: Option<FactKey>,
    /// For an activity, the key of what it is about.
    pub subject_key: Option<FactKey>,
    /// The hash of the fact's content.
    pub fingerprint: Fingerprint,
    /// When it was recorded; never before the row before it.
    pub recorded_at: Instant,
    /// When the fact happened, as the program dates it.
    pub occurred_at: Instant,
    /// The program version in force when it happened.
    pub program_version: u32,
    /// Who caused it.
    pub actor: String,
    /// When the row before it was recorded.
    pub previous_at: Option<Instant>,
    /// How many hours the key's time is ahead of the recorded time; almost always none.
    pub key_ahead_hours: u32,
    /// What became of the fact, where that needs saying.
    pub note: Option<Reason>,
    /// What it did, in order.
    pub changes: Vec<Change>,
    /// The order it is about, after it.
    pub order: Option<OrderState>,
    /// On every 64th row, the keys of the rows up to it.
    pub index: Vec<IndexEntry>,
    /// The account after it.
    pub account: Account,
}

/// Where a key may be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexEntry {
    /// How many rows before the row that carries the index.
    pub back: u8,
    /// The hash of the key.
    pub hash: KeyHash,
}

impl Row {
    /// The keys it is found by.
    pub fn keys(&self) -> RowKeys {
        let Some(own) = self.key.as_ref().map(FactKey::hash) else { return RowKeys::None };
        let hash = |key: &Option<FactKey>| key.as_ref().map(FactKey::hash);
        match (hash(&self.order_key), hash(&self.subject_key)) {
            (None, None) => RowKeys::Own(own),
            (Some(other), None) | (None, Some(other)) => RowKeys::OwnAndOrder(own, other),
            (Some(order), Some(subject)) => RowKeys::OwnAndOrderAndSubject(own, order, subject),
        }
    }

    /// The later of the key's time and the recorded time, rounded up to the hour.
    pub fn key_hour(&self) -> Hour {
        Hour::at_or_after(self.recorded_at).plus(self.key_ahead_hours)
    }

    /// Whether it records the fact with this key.
    pub fn records(&self, key: &FactKey) -> bool {
        self.key.as_ref() == Some(key)
    }

    /// Whether it carries the state of the order with this key.
    pub fn is_about(&self, order: &FactKey) -> bool {
        self.order.is_some() && self.order_key.as_ref().or(self.key.as_ref()) == Some(order)
    }

    /// Whether it carries what activities about the thing with this key have come to.
    pub fn is_about_subject(&self, subject: &FactKey) -> bool {
        self.order.is_some() && self.subject_key.as_ref() == Some(subject)
    }

    /// The movements among its changes.
    pub fn movements(&self) -> impl Iterator<Item = &Movement> {
        self.changes.iter().filter_map(|change| match change {
            Change::Moved(movement) => Some(movement),
            _ => None,
        })
    }

    /// What the member was told of in it.
    pub fn notices(&self) -> impl Iterator<Item = &Notice> {
        self.changes.iter().flat_map(|change| match change {
            Change::Noticed { notices, .. } => notices.as_slice(),
            _ => &[],
        })
    }

    /// By how much the member's points of the first currency grew: pending, available
    /// and held, less debt.
    pub fn moved(&self) -> i64 {
        let own = |place: &Place| {
            matches!(
                place,
                Place::Pending { .. } | Place::Available { .. } | Place::Held { .. } | Place::Debt
            )
        };
        let of_first = self.movements().filter(|movement| movement.currency == 0);
        of_first.fold(0, |sum: i64, movement| {
            let points = signed(movement.points);
            match (own(&movement.from), own(&movement.to)) {
                (false, true) => sum.saturating_add(points),
                (true, false) => sum.saturating_sub(points),
                _ => sum,
            }
        })
    }

    /// Points of the first currency that moved from places to places, by kind.
    pub fn sum_moved(&self, wanted: impl Fn(&Place, &Place) -> bool) -> Points {
        let of_first = self.movements().filter(|movement| movement.currency == 0);
        let these = of_first.filter(|movement| wanted(&movement.from, &movement.to));
        crate::account::sum(these.map(|movement| movement.points))
    }

    /// The account after this row, made from the account before it. The window keeps
    /// `window_rows` rows.
    ///
    /// # Errors
    ///
    /// [`Impossible`] when a change does not fit the account before it.
    pub fn fold(&self, before: &Account, window_rows: usize) -> Result<Account, Impossible> {
        let mut account = before.clone();
        for change in &self.changes {
            apply(&mut account, change)?;
        }
        account.window.push(self.keys(), self.key_hour(), window_rows);
        Ok(account)
    }
}
