//! A member's chain in memory, checked after every row.

use std::collections::BTreeMap;

use domain::{
    Prior, Spent,
    account::{Account, signed},
    award,
    change::Change,
    decide,
    explain::{ExplainedRule, explain},
    fact::{Enrolment, Fact, KeyedFact, Source},
    ids::MemberId,
    order_state::OrderState,
    program::Rulebook,
    refusal::Refusal,
    row::{Chain, Row},
    settle::settled,
    time::{Day, Instant},
};

/// A chain and the rules it grows by.
#[derive(Clone)]
pub struct Life {
    pub rulebook: Rulebook,
    pub rows: Vec<Row>,
    chain: Chain,
    source: Source,
    /// What budgets have given, as the store would count it.
    spent: Vec<Spent>,
    /// Points that came into each bucket of each currency, less those that left it.
    flows: BTreeMap<(u8, &'static str), i64>,
}

/// What became of a fact.
#[derive(Debug)]
pub enum Became {
    /// A new row.
    Recorded(Box<Row>),
    /// The row that recorded it before.
    Replayed(Box<Row>),
    /// The key stands for other content.
    KeyReused,
    /// The rules do not allow it.
    Refused(Refusal),
}

impl Life {
    pub fn new(rulebook: &Rulebook) -> Life {
        Life {
            rulebook: rulebook.clone(),
            rows: Vec::new(),
            chain: chain("ada".parse().expect("an id")),
            source: Source { id: "shop".parse().expect("a slug"), has_key_times: false },
            spent: Vec::new(),
            flows: BTreeMap::new(),
        }
    }

    /// A life that begins with the enrolment at `now`.
    pub fn enrolled(rulebook: &Rulebook, now: Instant) -> Life {
        let mut life = Life::new(rulebook);
        let nothing = Enrolment::default();
        life.record(Fact::Enrolled(nothing), "join", now);
        life
    }

    /// The life of a member with a name.
    pub fn named(rulebook: &Rulebook, member: &str) -> Life {
        Life { chain: chain(member.parse().expect("an id")), ..Life::new(rulebook) }
    }

    /// The life of somebody who has not joined.
    pub fn of_guest(rulebook: &Rulebook) -> Life {
        Life { chain: chain(MemberId::guest("0a1b")), ..Life::new(rulebook) }
    }

    /// Takes over the orders of a guest, as they are now.
    pub fn claim(&mut self, guest: &Life, now: Instant) -> Vec<Became> {
        let claims = domain::guest::claims(&guest.rows, Day::FIRST);
        claims.into_iter().map(|claim| self.record_keyed(claim, now)).collect()
    }

    /// Records a fact under a request id, as the one loop around the ledger would.
    pub fn record(&mut self, fact: Fact, request: &str, now: Instant) -> Became {
        let request = request.parse().expect("a request id");
        let keyed = match fact {
            Fact::Passing => KeyedFact::passing("clock"),
            fact => KeyedFact::new(fact, &self.source, &request, "test".into())
                .expect("a well-formed fact"),
        };
        self.record_keyed(keyed, now)
    }

    fn record_keyed(&mut self, keyed: KeyedFact, now: Instant) -> Became {
        if let Some(row) = self.recorded(&keyed) {
            let same = row.fingerprint == keyed.fingerprint;
            return if same { Became::Replayed(Box::new(row.clone())) } else { Became::KeyReused };
        }
        let prior = keyed.about_order().and_then(|order| self.prior(order)).cloned();
        let subject = keyed.subject_key.as_ref().and_then(|key| {
            let newest = self.rows.iter().rev().find(|row| row.is_about_subject(key));
            newest.and_then(|row| row.order.clone())
        });
        let redemption = match &keyed.fact {
            Fact::Undoing { redemption } => {
                self.rows.iter().find(|row| row.sequence == *redemption).cloned()
            }
            _ => None,
        };
        let prior = Prior {
            order: prior.as_ref(),
            subject: subject.as_ref(),
            redemption: redemption.as_ref(),
            spent: &self.spent,
        };
        match decide(&self.rulebook, &self.chain, self.rows.last(), prior, &keyed, now) {
            Ok(row) => {
                self.take_in(row.clone());
                Became::Recorded(Box::new(row))
            }
            Err(refusal) => Became::Refused(refusal),
        }
    }

    fn recorded(&self, fact: &KeyedFact) -> Option<&Row> {
        let key = fact.key.as_ref()?;
        self.rows.iter().find(|row| row.records(key))
    }

    fn prior(&self, order: &domain::key::FactKey) -> Option<&OrderState> {
        let newest = self.rows.iter().rev().find(|row| row.is_about(order));
        newest.and_then(|row| row.order.as_ref())
    }

    /// The account as it is at `now`.
    pub fn at(&self, now: Instant) -> Account {
        let head = self.rows.last().expect("a life that has begun");
        settled(&self.rulebook, head, now.max(head.recorded_at)).expect("a consistent account")
    }

    fn take_in(&mut self, row: Row) {
        let before = self.rows.last().map(|head| head.account.clone()).unwrap_or_default();
        let sequence = self.rows.last().map_or(1, |head| head.sequence + 1);
        assert_eq!(row.sequence, sequence, "sequences have no gaps");
        let folded = row.fold(&before, self.rulebook.window_rows).expect("a row that fits");
        assert_eq!(folded, row.account, "the account is the fold of the rows");
        for movement in row.movements() {
            let points = signed(movement.points);
            assert!(points > 0, "a movement moves something");
            *self.flows.entry((movement.currency, movement.from.bucket())).or_default() -= points;
            *self.flows.entry((movement.currency, movement.to.bucket())).or_default() += points;
        }
        for change in &row.changes {
            self.spend(change);
        }
        self.check_sums(&row.account);
        check_shape(&row.account);
        if let Some(order) = &row.order {
            self.check_order(order);
        }
        self.check_explanation(&row);
        self.rows.push(row);
    }

    fn spend(&mut self, change: &Change) {
        let Change::BudgetUsed { rule, points, times } = change else { return };
        let at = self.spent.iter().position(|known| known.rule == *rule).unwrap_or_else(|| {
            self.spent.push(Spent { rule: rule.clone(), points: 0, times: 0 });
            self.spent.len() - 1
        });
        let spent = &mut self.spent[at];
        spent.points = spent.points.checked_add_signed(*points).expect("a budget's sum");
        spent.times = spent.times.checked_add_signed(*times).expect("a budget's count");
    }

    /// Every bucket holds what flowed into it, and all flows together are nothing.
    fn check_sums(&self, account: &Account) {
        let flow = |currency: usize, bucket| {
            let currency = u8::try_from(currency).expect("few currencies");
            self.flows.get(&(currency, bucket)).copied().unwrap_or(0)
        };
        for (at, purse) in account.purses.iter().enumerate() {
            assert_eq!(flow(at, "pending"), signed(purse.pending()), "pending");
            assert_eq!(flow(at, "available"), signed(purse.available()), "available");
            assert_eq!(flow(at, "held"), signed(account.held(at)), "held");
            assert_eq!(flow(at, "debt"), -signed(purse.debt), "debt");
        }
        assert_eq!(self.flows.values().sum::<i64>(), 0, "movements have two sides");
        for gone in ["redeemed", "expired"] {
            assert!(flow(0, gone) >= 0, "what is {gone} does not come back");
        }
    }

    /// An explanation can be made again and adds up.
    fn check_explanation(&self, row: &Row) {
        let explained = explain(&self.rulebook, row).expect("a row that can be explained");
        let again = explain(&self.rulebook, &row.clone()).expect("again");
        let bytes = |explanation| serde_json::to_vec(explanation).expect("json");
        assert_eq!(bytes(&explained), bytes(&again), "the same bytes");
        assert_eq!(explained.movements.len(), row.movements().count());
        let (Some(order), Some(state)) = (&explained.order, &row.order) else { return };
        for (currency, total) in (0..).zip(&order.totals) {
            let of_currency =
                |rule: &&ExplainedRule| rule.currency.as_ref() == Some(&total.currency);
            let sum: u64 = order.rules.iter().filter(of_currency).map(|rule| rule.points).sum();
            assert_eq!(sum, total.points, "the rules add up");
            assert_eq!(total.points, total.awarded - total.clawed_back, "the total is the net");
            assert_eq!(total.points, state.net(currency).units());
        }
        let sum: u64 = order.lines.iter().map(|line| line.points).sum();
        assert_eq!(sum, order.totals[0].points, "the lines add up");
        for rule in order.rules.iter().filter(|rule| rule.currency.is_some()) {
            assert!(rule.points > 0 || rule.reason.is_some(), "{rule:?}");
        }
    }

    /// What the row says of its order is what anyone computes again from it.
    fn check_order(&self, order: &OrderState) {
        let pinned = self.rulebook.version(order.program_version).expect("the pinned version");
        let worth = award::worth(pinned, order).expect("computable");
        for award in &worth.awards {
            assert!(order.awards.contains(award), "{award:?} is not in {:?}", order.awards);
            assert!(
                !award.points.is_zero() || award.reason.is_some(),
                "every zero has a reason: {award:?}"
            );
        }
        for (currency, total) in worth.totals.iter().enumerate() {
            let index = u8::try_from(currency).expect("few currencies");
            assert_eq!(order.net(index), *total, "an order holds what it is worth");
            let of_currency = worth.steps.iter().zip(&worth.awards);
            let sum: u64 = of_currency
                .filter(|(step, _)| step.currency == currency)
                .map(|(_, award)| award.points.units())
                .sum();
            assert_eq!(sum, total.units(), "the rules' awards add up");
        }
        let shares: Vec<_> = order.lines.iter().map(|line| line.share).collect();
        assert_eq!(shares, worth.shares);
        let sum: u64 = shares.iter().map(|share| share.units()).sum();
        assert_eq!(sum, worth.totals[0].units(), "the lines' shares add up");
        for credit in &order.credits {
            assert!(credit.clawed_back <= credit.awarded, "clawback within the award");
        }
    }
}

/// Lists are sorted, without twins and without empty parts.
fn check_shape(account: &Account) {
    for purse in &account.purses {
        let ends: Vec<_> = purse.lots.iter().map(|lot| lot.expires_on).collect();
        assert!(ends.is_sorted_by(|a, b| a < b), "lots ascend: {ends:?}");
        assert!(purse.lots.iter().all(|lot| !lot.points.is_zero()), "no empty lot");
        assert!(purse.pending.iter().all(|lot| !lot.points.is_zero()), "nothing empty waits");
    }
    assert!(
        account.qualified.is_sorted_by(|a, b| (a.on, a.measure) < (b.on, b.measure)),
        "qualifying days ascend"
    );
}

fn chain(member: MemberId) -> Chain {
    Chain { program: "house".parse().expect("a slug"), member }
}
