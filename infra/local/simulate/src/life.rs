//! One member's account through the time of a history.

use std::collections::BTreeMap;

use domain::{
    Prior, Trial,
    account::signed,
    fact::{Fact, KeyedFact, Redemption, Tender},
    key::Fingerprint,
    order_state::OrderState,
    program::{Program, RewardKind, Rulebook},
    refusal::Refusal,
    time::{Day, Instant},
};

use crate::{
    history::{HistoryFact, MemberHistory, What},
    model::{RedemptionModel, cheapest},
    months::Months,
    tally::{Moved, OrderSeen, Standing, Tally},
};

/// What all lives of a run share.
pub(crate) struct World<'a> {
    pub rulebook: &'a Rulebook,
    pub program: &'a Program,
    pub months: &'a Months,
    pub model: &'a RedemptionModel,
}

/// A member's account, and what is known of how it came to be.
pub(crate) struct Life<'a> {
    world: &'a World<'a>,
    history: &'a MemberHistory,
    trial: Trial,
    standing: Standing,
    /// The first day on which waiting points become spendable.
    matures_on: Day,
    /// The month that is counted now.
    month: usize,
    /// The orders that some refund is of, as they are now.
    refunded: BTreeMap<usize, (&'a HistoryFact, OrderState)>,
    /// The next day on which a reward may come within reach, for a member who never could
    /// have one.
    perhaps_on: Option<Day>,
    /// What the cheapest reward costs that the member's level may have.
    cheapest: Option<i64>,
    is_redeemer: bool,
    outcome: Outcome,
}

/// What became of a member.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outcome {
    pub moved: Moved,
    pub orders: i64,
    pub revenue: i64,
    /// The position of the level; `None` where the program has none.
    pub level: Option<usize>,
    pub joined_on: Option<Day>,
    /// From joining to the day on which some reward was first within reach.
    pub days_to_first: Option<i64>,
}

impl<'a> Life<'a> {
    pub fn new(world: &'a World<'a>, history: &'a MemberHistory) -> Life<'a> {
        let trial = Trial::default();
        let cheapest = cheapest(world.program, trial.account()).map(signed);
        Life {
            world,
            history,
            trial,
            standing: Standing::default(),
            matures_on: Day::NEVER,
            month: 0,
            refunded: BTreeMap::new(),
            perhaps_on: None,
            cheapest,
            is_redeemer: world.model.is_redeemer(history.hash),
            outcome: Outcome::default(),
        }
    }

    /// Takes in the member's next fact.
    pub fn take(&mut self, fact: &'a HistoryFact, tally: &mut Tally) -> Result<(), Refusal> {
        self.pass(fact.at, tally)?;
        if self.outcome.joined_on.is_none() {
            self.join(fact.at, tally)?;
        }
        match &fact.what {
            What::Order { hash, basket, line_by_line, .. } => {
                let credit = self.redeem(fact.at, *hash, *basket, tally)?;
                let order = line_by_line.as_deref().unwrap_or(&fact.keyed);
                let paid = credit.map(|credit| paid_with_points(order, credit, *basket));
                self.order(fact, paid.as_ref().unwrap_or(&fact.keyed), tally)
            }
            What::Refund => self.refund(fact, tally),
        }
    }

    /// Lives on to the end of the last month.
    pub fn finish(mut self, tally: &mut Tally) -> Result<Outcome, Refusal> {
        let months = self.world.months;
        self.pass(months.ends_at(months.len() - 1), tally)?;
        for (fact, state) in std::mem::take(&mut self.refunded).into_values() {
            self.see(fact, &state, tally);
        }
        self.outcome.level = self.standing.level;
        Ok(self.outcome)
    }

    /// Lives on to `until`, with a look at the end of each month.
    fn pass(&mut self, until: Instant, tally: &mut Tally) -> Result<(), Refusal> {
        let months = self.world.months;
        while self.month < months.len() && months.ends_at(self.month) <= until {
            if self.outcome.joined_on.is_some() {
                let last = months.ends_at(self.month).plus_millis(-1);
                self.look_for_reward(last, tally)?;
                let is_due = self.trial.account().next_due.is_some_and(|at| at <= last);
                if is_due || (self.matures_on < months.end(self.month) && self.standing.debt > 0) {
                    self.settle(last, tally)?;
                }
                self.mature(months.end(self.month));
                tally.stands(self.month, &self.standing);
            }
            self.month += 1;
        }
        if self.month == months.len() {
            // What the first instant after the last month brings belongs to none.
            return Ok(());
        }
        self.look_for_reward(until, tally)
    }

    /// Counts points as spendable that become so before `end`, where nothing else happens
    /// by then: the next settling books it.
    fn mature(&mut self, end: Day) {
        if self.matures_on >= end {
            return;
        }
        let account = self.trial.account();
        let Some(purse) = account.purses.first() else {
            return;
        };
        let matured = purse.pending.iter().take_while(|lot| lot.matures_on < end);
        let matured = matured.map(|lot| signed(lot.points)).sum::<i64>();
        self.standing.available = signed(purse.available()) + matured;
        self.standing.pending = signed(purse.pending()) - matured;
        let within_reach = |cheapest| self.standing.available >= cheapest;
        self.standing.can_afford = self.cheapest.is_some_and(within_reach);
        let next = purse.pending.iter().find(|lot| lot.matures_on >= end);
        self.matures_on = next.map_or(Day::NEVER, |lot| lot.matures_on);
    }

    /// Whether a reward comes within reach by `until` because points become spendable.
    fn look_for_reward(&mut self, until: Instant, tally: &mut Tally) -> Result<(), Refusal> {
        while let Some(day) = self.perhaps_on {
            // No zone is a day ahead of UTC, so most days need no look at the zone.
            if day.plus_days(-1).starts_in_utc() > until {
                break;
            }
            let starts_at = day.starts_at(&self.world.program.time_zone);
            if starts_at > until {
                break;
            }
            self.perhaps_on = None;
            self.settle(starts_at, tally)?;
            self.found_reward(day);
        }
        Ok(())
    }

    /// Looks whether a reward is within reach on `day`, for the first time, or may soon
    /// be.
    fn found_reward(&mut self, day: Day) {
        if self.outcome.days_to_first.is_some() {
            return;
        }
        if self.standing.can_afford {
            let joined_on = self.outcome.joined_on.unwrap_or(day);
            let days = i64::from(day.number()) - i64::from(joined_on.number());
            self.outcome.days_to_first = Some(days);
            self.perhaps_on = None;
            return;
        }
        let (Some(cheapest), Some(purse)) = (self.cheapest, self.trial.account().purses.first())
        else {
            return;
        };
        let mut sum = self.standing.available;
        let enough = purse.pending.iter().find(|lot| {
            sum += signed(lot.points);
            sum >= cheapest
        });
        self.perhaps_on = enough.map(|lot| lot.matures_on).filter(|day| *day != Day::NEVER);
    }

    fn join(&mut self, at: Instant, tally: &mut Tally) -> Result<(), Refusal> {
        self.trial.decide(self.world.rulebook, Prior::default(), &self.history.enrolment, at)?;
        tally.months[self.month].joined += 1;
        self.outcome.joined_on = Some(Day::of(at, &self.world.program.time_zone));
        self.changed(tally);
        Ok(())
    }

    fn settle(&mut self, at: Instant, tally: &mut Tally) -> Result<(), Refusal> {
        self.trial.settle(self.world.rulebook, at)?;
        self.changed(tally);
        Ok(())
    }

    fn order(
        &mut self,
        fact: &'a HistoryFact,
        keyed: &KeyedFact,
        tally: &mut Tally,
    ) -> Result<(), Refusal> {
        let prior = Prior { spent: &tally.spent, ..Prior::default() };
        let state = self.trial.decide(self.world.rulebook, prior, keyed, fact.at)?;
        self.changed(tally);
        self.outcome.orders += 1;
        tally.months[self.month].orders += 1;
        let Some(state) = state else {
            return Ok(());
        };
        self.found_reward(state.placed_on);
        self.earn(state.left(), tally);
        tally.awarded(None, &state);
        match fact.what {
            What::Order { is_refunded: true, .. } => {
                self.refunded.insert(fact.order, (fact, state));
            }
            _ => self.see(fact, &state, tally),
        }
        Ok(())
    }

    fn refund(&mut self, fact: &'a HistoryFact, tally: &mut Tally) -> Result<(), Refusal> {
        tally.months[self.month].refunds += 1;
        let mut known = self.refunded.remove(&fact.order);
        let order = known.as_ref().map(|(_, state)| state);
        let prior = Prior { order, spent: &tally.spent, ..Prior::default() };
        let state = self.trial.decide(self.world.rulebook, prior, &fact.keyed, fact.at)?;
        self.changed(tally);
        if let (Some((order, before)), Some(state)) = (known.take(), state) {
            self.found_reward(Day::of(fact.at, &self.world.program.time_zone));
            self.earn(state.left() - before.left(), tally);
            tally.awarded(Some(&before), &state);
            self.refunded.insert(fact.order, (order, state));
        }
        Ok(())
    }

    /// Redeems at an order where the model says so. Returns what that takes off the order.
    fn redeem(
        &mut self,
        at: Instant,
        order: u64,
        basket: i64,
        tally: &mut Tally,
    ) -> Result<Option<i64>, Refusal> {
        let World { program, model, .. } = *self.world;
        if !self.is_redeemer || !model.is_tempted(self.history.hash, order) {
            return Ok(None);
        }
        let most = self.standing.available + self.standing.pending;
        if self.cheapest.is_none_or(|cheapest| most < cheapest) {
            return Ok(None);
        }
        self.settle(at, tally)?;
        let Some((redemption, value)) = model.choose(program, self.trial.account(), basket) else {
            return Ok(None);
        };
        let reward = program.reward(&redemption.reward);
        let is_credit = reward.is_some_and(|reward| reward.kind == RewardKind::OrderCredit);
        self.trial.decide(self.world.rulebook, Prior::default(), &asked_for(redemption), at)?;
        self.changed(tally);
        tally.months[self.month].redemptions += 1;
        let credit = is_credit.then_some(value).filter(|value| *value > 0);
        tally.months[self.month].paid_with_points += credit.unwrap_or(0);
        Ok(credit)
    }

    fn earn(&mut self, revenue: i64, tally: &mut Tally) {
        self.outcome.revenue += revenue;
        tally.months[self.month].revenue += revenue;
    }

    /// Counts what the last changes moved, and looks at the account again.
    fn changed(&mut self, tally: &mut Tally) {
        if self.trial.changes().is_empty() {
            return;
        }
        tally.spend_budgets(self.trial.changes());
        let moved = Moved::of(self.trial.changes());
        tally.months[self.month].moved.add(&moved);
        self.outcome.moved.add(&moved);
        let (program, account) = (self.world.program, self.trial.account());
        let tiers = program.tiers.as_ref();
        let level = tiers.zip(domain::tier::level(program, account));
        let mut standing = Standing {
            level: level.map(|(tiers, level)| tiers.position(level)),
            ..Standing::default()
        };
        self.matures_on = Day::NEVER;
        if let Some(purse) = account.purses.first() {
            standing.available = signed(purse.available());
            standing.pending = signed(purse.pending());
            standing.debt = signed(purse.debt);
            self.matures_on = purse.pending.first().map_or(Day::NEVER, |lot| lot.matures_on);
        }
        self.cheapest = cheapest(program, account).map(signed);
        standing.can_afford = self.cheapest.is_some_and(|cheapest| standing.available >= cheapest);
        self.standing = standing;
    }

    /// Offers an order for the list of those that cost most.
    fn see(&self, fact: &HistoryFact, state: &OrderState, tally: &mut Tally) {
        let net = signed(state.net(0));
        if let What::Order { id, .. } = &fact.what
            && tally.orders.admits(net)
        {
            let (id, member) = (id.clone(), self.history.id.clone());
            tally.orders.offer(net, OrderSeen { id, member, at: fact.at, left: state.left() });
        }
    }
}

fn asked_for(redemption: Redemption) -> KeyedFact {
    KeyedFact {
        fact: Fact::Redemption(redemption),
        key: None,
        order_key: None,
        subject_key: None,
        key_time: None,
        fingerprint: Fingerprint([0; 8]),
        actor: String::new(),
        accepted_at: None,
        seed: 0,
        birthday: None,
    }
}

/// The order, with a part of it paid by a redeemed credit.
fn paid_with_points(order: &KeyedFact, credit: i64, basket: i64) -> KeyedFact {
    let mut order = order.clone();
    if let Fact::Order(order) = &mut order.fact {
        let tender = |kind: &str, amount| Tender { kind: kind.to_owned(), amount };
        order.tenders = vec![tender("points", credit), tender("other", basket - credit)];
    }
    order
}
