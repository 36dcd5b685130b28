//! An order history as facts, member by member.

mod alike;

use std::collections::{BTreeMap, HashMap, HashSet};

use domain::{
    fact::{Enrolment, Fact, KeyedFact, Line, Order, Refund, RefundLine, RefundedWhat, Source},
    ids::{ExternalId, MemberId},
    money::Currency,
    program::{Pending, Program},
    time::Instant,
};
use orders::{FileFact, FileOrder, FileRefund, OrderFile};
use thiserror::Error;

use self::alike::Alike;
use crate::model::hash;

/// The facts of every member, made ready once so that a run only decides.
#[derive(Clone, Debug)]
pub struct History {
    /// By id; a member whose only refunds are of unknown orders has no facts.
    pub(crate) members: Vec<MemberHistory>,
    /// All facts in time order: the member and the position among the member's facts.
    pub(crate) in_time_order: Vec<(usize, usize)>,
    pub(crate) first: Instant,
    pub(crate) last: Instant,
    /// How many orders.
    pub orders: u64,
    /// How many refunds of orders that are in the history.
    pub refunds: u64,
    /// Refunds left out because their order is not in the history.
    pub refunds_without_order: u64,
}

/// One member's facts, in time order.
#[derive(Clone, Debug)]
pub(crate) struct MemberHistory {
    pub id: MemberId,
    pub hash: u64,
    pub enrolment: KeyedFact,
    pub facts: Vec<HistoryFact>,
}

/// One fact of a history.
#[derive(Clone, Debug)]
pub(crate) struct HistoryFact {
    pub at: Instant,
    pub keyed: KeyedFact,
    /// Which of the member's orders it is about, from 0.
    pub order: usize,
    pub what: What,
}

#[derive(Clone, Debug)]
pub(crate) enum What {
    Order {
        /// The order's id.
        id: ExternalId,
        /// The hash of that.
        hash: u64,
        /// What it costs, in minor units.
        basket: i64,
        /// Whether some refund is of it.
        is_refunded: bool,
        /// The order with every line by itself, where lines are taken together: part of it
        /// may be paid with points, which is spread over lines to the penny.
        line_by_line: Option<Box<KeyedFact>>,
    },
    Refund,
}

/// Why a file is no history for a program.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum BadHistory {
    /// No member has an order.
    #[error("the file has no orders of members")]
    Empty,
    /// An order in other money.
    #[error(
        "order {order} is in {given}, but the money of the program {program:?} is {expected}: \
         give a file in {expected}, or a program in {given}"
    )]
    Currency {
        /// The order.
        order: String,
        /// Its currency.
        given: String,
        /// The program.
        program: String,
        /// The program's money.
        expected: Currency,
    },
    /// Something that no fact can be made of.
    #[error("{what} {id}: {reason}")]
    Malformed {
        /// `order`, `refund` or `member`.
        what: &'static str,
        /// Its id.
        id: String,
        /// What is wrong.
        reason: String,
    },
}

impl History {
    /// Makes an order file ready for a program.
    ///
    /// # Errors
    ///
    /// [`BadHistory`], with the order or refund at fault.
    pub fn new(file: &OrderFile, program: &Program) -> Result<History, BadHistory> {
        History::made(file, program, Alike::of(program))
    }

    /// The same, with every line of every order by itself, which changes nothing but the
    /// time that a run takes.
    ///
    /// # Errors
    ///
    /// As [`History::new`].
    pub fn line_by_line(file: &OrderFile, program: &Program) -> Result<History, BadHistory> {
        History::made(file, program, None)
    }

    fn made<'a>(
        file: &'a OrderFile,
        program: &'a Program,
        alike: Option<Alike<'a>>,
    ) -> Result<History, BadHistory> {
        let mut refunded: HashMap<(&str, &str), HashSet<&str>> = HashMap::new();
        for fact in &file.facts {
            if let FileFact::Refund(refund) = fact {
                let of_order = refunded.entry((&refund.member, &refund.order)).or_default();
                of_order.extend(refund.lines.iter().map(|line| line.line.as_str()));
            }
        }
        let mut drafts = Drafts::new(program, alike, &file.facts)?;
        for fact in &file.facts {
            match fact {
                FileFact::Order(order) => {
                    let key = (order.member.as_str(), order.id.as_str());
                    drafts.order(order, refunded.get(&key))?;
                }
                FileFact::Refund(refund) => drafts.refund(refund)?,
            }
        }
        drafts.finish()
    }
}

/// A history while it is being made.
struct Drafts<'a> {
    program: &'a Program,
    alike: Option<Alike<'a>>,
    source: Source,
    /// The status that the program's points wait for: orders of a file have it.
    status: Option<String>,
    /// The positions of members by id.
    members: BTreeMap<&'a str, usize>,
    /// The positions of orders by member and id.
    orders: HashMap<(&'a str, &'a str), usize>,
    history: History,
}

impl<'a> Drafts<'a> {
    /// Knows every member and every order, so that a refund may precede its order.
    fn new(
        program: &'a Program,
        alike: Option<Alike<'a>>,
        facts: &'a [FileFact],
    ) -> Result<Drafts<'a>, BadHistory> {
        let malformed = |what, id: &str, reason: String| BadHistory::Malformed {
            what,
            id: id.to_owned(),
            reason,
        };
        let source = Source { id: "file".parse().expect("a slug"), has_key_times: true };
        let mut members: BTreeMap<&str, usize> =
            facts.iter().map(|fact| (fact.member(), 0)).collect();
        let mut drafted = Vec::with_capacity(members.len());
        for (at, (id, position)) in members.iter_mut().enumerate() {
            *position = at;
            let id: MemberId =
                id.parse().map_err(|bad| malformed("member", id, format!("{bad}")))?;
            let enrolment = Enrolment::default();
            let enrolment = keyed(Fact::Enrolled(enrolment), &source)
                .map_err(|reason| malformed("member", id.as_str(), reason))?;
            let hash = hash(id.as_str());
            drafted.push(MemberHistory { id, hash, enrolment, facts: Vec::new() });
        }
        let mut counts: HashMap<&str, usize> = HashMap::new();
        let mut orders = HashMap::new();
        for fact in facts {
            if let FileFact::Order(order) = fact {
                let count = counts.entry(&order.member).or_default();
                orders.insert((order.member.as_str(), order.id.as_str()), *count);
                *count += 1;
            }
        }
        let at = |fact: Option<&FileFact>| fact.map(|fact| Instant::from_timestamp(fact.at()));
        let (first, last) = (at(facts.first()), at(facts.last()));
        let history = History {
            members: drafted,
            in_time_order: Vec::with_capacity(facts.len()),
            first: first.ok_or(BadHistory::Empty)?,
            last: last.ok_or(BadHistory::Empty)?,
            orders: 0,
            refunds: 0,
            refunds_without_order: 0,
        };
        let status = match &program.points().pending {
            Pending::UntilStatus { status, .. } => Some(status.clone()),
            Pending::Never | Pending::For(_) | Pending::Until(_) => None,
        };
        Ok(Drafts { program, alike, source, status, members, orders, history })
    }

    fn order(
        &mut self,
        order: &FileOrder,
        refunded: Option<&HashSet<&str>>,
    ) -> Result<(), BadHistory> {
        let malformed =
            |reason: String| BadHistory::Malformed { what: "order", id: order.id.clone(), reason };
        if order.currency != self.program.money.code() {
            return Err(BadHistory::Currency {
                order: order.id.clone(),
                given: order.currency.clone(),
                program: self.program.id.to_string(),
                expected: self.program.money,
            });
        }
        let at = Instant::from_timestamp(order.placed_at);
        let id: ExternalId = order.id.parse().map_err(|bad| malformed(format!("{bad}")))?;
        let lines: Vec<Line> = order.lines.iter().enumerate().map(line).collect();
        let net = |line: &Line| line.gross().saturating_sub(line.discount);
        let basket = lines.iter().map(net).fold(0, i64::saturating_add);
        let none = HashSet::new();
        let named = refunded.unwrap_or(&none);
        let together = self.alike.as_ref().and_then(|alike| alike.together(&lines, named));
        let lines = match &self.alike {
            Some(alike) => lines.iter().map(|line| alike.without_names(line)).collect(),
            None => lines,
        };
        let fact = Order {
            id: id.clone(),
            version: None,
            placed_at: Some(at),
            currency: self.program.money,
            channel: order.channel.clone(),
            store: order.store.clone(),
            status: self.status.clone(),
            test: false,
            prices_include_tax: true,
            lines,
            discount: 0,
            tax: 0,
            shipping: 0,
            tip: 0,
            tenders: Vec::new(),
        };
        let hash = hash(&order.id);
        let keyed = |order: Order| {
            let keyed = keyed(Fact::Order(order), &self.source);
            keyed.map(|keyed| KeyedFact { seed: hash, ..keyed }).map_err(malformed)
        };
        let (keyed, line_by_line) = match together {
            Some(lines) => {
                let together = keyed(Order { lines, ..fact.clone() })?;
                let needed = refunded.is_some().then(|| keyed(fact)).transpose()?;
                (together, needed.map(Box::new))
            }
            None => (keyed(fact)?, None),
        };
        let is_refunded = refunded.is_some();
        // A key is asked for by refunds that came before their order.
        let key = keyed.key.clone().filter(|_| is_refunded);
        let keyed = KeyedFact { key, ..keyed };
        let position = self.orders[&(order.member.as_str(), order.id.as_str())];
        let what = What::Order { hash, id, basket, is_refunded, line_by_line };
        self.history.orders += 1;
        self.push(&order.member, HistoryFact { at, keyed, order: position, what });
        Ok(())
    }

    fn refund(&mut self, refund: &FileRefund) -> Result<(), BadHistory> {
        let malformed = |reason: String| BadHistory::Malformed {
            what: "refund",
            id: refund.id.clone(),
            reason,
        };
        let found = self.orders.get(&(refund.member.as_str(), refund.order.as_str()));
        let Some(&position) = found else {
            self.history.refunds_without_order += 1;
            return Ok(());
        };
        let at = Instant::from_timestamp(refund.refunded_at);
        let lines = refund.lines.iter().map(|line| RefundLine {
            line: line.line.clone(),
            quantity: line.quantity,
            amount: 0,
        });
        let fact = Refund {
            id: refund.id.parse().map_err(|bad| malformed(format!("{bad}")))?,
            order: refund.order.parse().map_err(|bad| malformed(format!("{bad}")))?,
            refunded_at: Some(at),
            what: RefundedWhat::Lines(lines.collect()),
        };
        let keyed = keyed(Fact::Refund(fact), &self.source).map_err(malformed)?;
        self.history.refunds += 1;
        self.push(&refund.member, HistoryFact { at, keyed, order: position, what: What::Refund });
        Ok(())
    }

    fn push(&mut self, member: &str, fact: HistoryFact) {
        let member = self.members[member];
        let facts = &mut self.history.members[member].facts;
        self.history.in_time_order.push((member, facts.len()));
        facts.push(fact);
    }

    fn finish(mut self) -> Result<History, BadHistory> {
        if self.history.orders == 0 {
            return Err(BadHistory::Empty);
        }
        // Facts were made in the order of the file and are read member by member: copies of
        // a member's lie together in memory.
        for member in &mut self.history.members {
            member.facts = member.facts.clone();
        }
        Ok(self.history)
    }
}

/// A line that is named by its position needs no name.
fn line((at, line): (usize, &orders::FileLine)) -> Line {
    let id = (line.id != (at + 1).to_string()).then(|| line.id.clone());
    Line {
        id,
        product: Some(line.product.clone()),
        category: line.category.clone(),
        brand: line.brand.clone(),
        quantity: line.quantity,
        unit_price: line.unit_price,
        discount: line.discount,
        tax: 0,
    }
}

fn keyed(fact: Fact, source: &Source) -> Result<KeyedFact, String> {
    // Facts of a file have ids of their own; nothing is known by this one.
    let request: ExternalId = "simulate".parse().expect("an id");
    KeyedFact::new(fact, source, &request, String::new()).map_err(|bad| bad.to_string())
}
