//! Which rules hold for which lines of an order, and why the others do not.

use jiff::tz::TimeZone;

use crate::{
    birthday::{Birthday, NearBirthday},
    expression::{ActivityValues, LineValues, MemberValues, OrderValues, Values},
    fact::{Line, Order},
    order_state::{LineState, OrderState},
    program::{Conditions, EarnRule, Program},
    reason::Reason,
    time::{Day, Instant},
};

/// What an order is matched against besides itself.
pub struct Context<'a> {
    /// The member's level.
    pub tier: Option<&'a str>,
    /// When the order was placed, as far as the program dates it so.
    pub placed_at: Instant,
    /// The day of that.
    pub placed_on: Day,
    /// What the order is worth by the program's default base, in minor units.
    pub eligible: i64,
    /// What was done and what it is about, where this is an activity.
    pub activity: Option<(&'a str, Option<&'a str>)>,
    /// What the shop has marked the member with.
    pub labels: &'a [String],
    /// Whether no order of the member's is known yet.
    pub first_order: bool,
    /// Whether it is the order of a friend whom a member brought.
    pub referred: bool,
    /// The day on which the member joined.
    pub since: Option<Day>,
    /// The program's zone.
    pub zone: &'a TimeZone,
    /// What is known of the member's birthday.
    pub birthday: Birthdays<'a>,
}

/// What is known of a birthday.
#[derive(Clone, Copy)]
pub enum Birthdays<'a> {
    /// It, or nothing.
    Of(Option<Birthday>),
    /// How rules that ask for it were answered when the order came: by what it keeps.
    AsBefore(&'a OrderState),
}

impl Context<'_> {
    fn is_heard_by(&self, rule: &EarnRule) -> bool {
        rule.on.hears(self.activity.map(|(done, _)| done))
    }

    fn subject(&self) -> Option<&str> {
        self.activity.and_then(|(_, subject)| subject)
    }

    /// What a condition in CEL sees of all this.
    fn values<'v>(&'v self, order: &'v Order, lines: &[LineState]) -> Values<'v> {
        let text = |text: &'v Option<String>| text.as_deref().unwrap_or_default();
        let paid = |at: usize| lines.get(at).map_or(0, |line| line.paid);
        let extras = order.tax.saturating_add(order.shipping).saturating_add(order.tip);
        let of_lines: i64 = lines.iter().take(order.lines.len()).map(|line| line.paid).sum();
        let mut tender_kinds: Vec<&str> = Vec::new();
        for tender in &order.tenders {
            if !tender_kinds.contains(&tender.kind.as_str()) {
                tender_kinds.push(&tender.kind);
            }
        }
        let placed = self.zone.to_datetime(self.placed_at.timestamp());
        let line = |(at, line): (usize, &'v Line)| LineValues {
            product: text(&line.product),
            category: text(&line.category),
            brand: text(&line.brand),
            quantity: i64::from(line.quantity),
            unit_price: line.unit_price,
            paid: paid(at),
        };
        let of_line = |of: fn(&Line) -> i64| order.lines.iter().map(of).sum::<i64>();
        Values {
            order: OrderValues {
                total: of_lines.saturating_add(extras),
                eligible: self.eligible,
                shipping: order.shipping,
                tax: order.tax.saturating_add(of_line(|line| line.tax)),
                tip: order.tip,
                discount: order.discount.saturating_add(of_line(|line| line.discount)),
                currency: order.currency.code(),
                channel: text(&order.channel),
                store: text(&order.store),
                status: text(&order.status),
                tender_kinds,
                first: self.first_order,
                month: i64::from(placed.month()),
                day: i64::from(placed.day()),
                weekday: i64::from(self.weekday()),
                hour: i64::from(placed.hour()),
                lines: order.lines.iter().enumerate().map(line).collect(),
            },
            member: MemberValues {
                tier: self.tier.unwrap_or_default(),
                months: self.since.map_or(0, |since| months_between(since, self.placed_on)),
                labels: self.labels.iter().map(String::as_str).collect(),
            },
            activity: ActivityValues {
                kind: self.activity.map_or("", |(kind, _)| kind),
                subject: self.subject().unwrap_or_default(),
                quantity: lines.first().map_or(0, |line| i64::from(line.quantity) / 1_000),
                amount: order.lines.first().map_or(0, |line| line.unit_price),
            },
        }
    }

    fn weekday(&self) -> u8 {
        self.placed_on.date().weekday().to_monday_one_offset().unsigned_abs()
    }
}

/// Whole months from one day to another.
fn months_between(since: Day, day: Day) -> i64 {
    let (since, day) = (since.date(), day.date());
    let months = i64::from(day.year() - since.year()) * 12 + i64::from(day.month())
        - i64::from(since.month());
    (months - i64::from(day.day() < since.day())).max(0)
}

/// Sets each line's bits and returns for each rule why it holds for no line; `None` for
/// a rule that holds for some, or listens to something else.
pub fn match_rules(
    program: &Program,
    order: &Order,
    context: &Context<'_>,
    lines: &mut [LineState],
) -> Vec<Option<Reason>> {
    let asks = |rule: &EarnRule| rule.when.expression.is_some() || rule.unless.expression.is_some();
    let values = program.earn.iter().any(asks).then(|| context.values(order, lines));
    let rules = program.earn.iter().enumerate();
    let matched = rules.map(|(at, rule)| match context.is_heard_by(rule) {
        true => match_rule(at, rule, order, context, values.as_ref(), lines),
        false => None,
    });
    matched.collect()
}

fn match_rule(
    at: usize,
    rule: &EarnRule,
    order: &Order,
    context: &Context<'_>,
    values: Option<&Values<'_>>,
    lines: &mut [LineState],
) -> Option<Reason> {
    if let Some(reason) = refused_by_order(&rule.when, order, context) {
        return Some(reason);
    }
    if excluded_by_order(&rule.unless, order, context) {
        return Some(Reason::Excluded);
    }
    let near = |asked: Option<NearBirthday>| asked.map(|near| is_birthday(at, near, context));
    if near(rule.when.birthday) == Some(false) || near(rule.unless.birthday) == Some(true) {
        return Some(Reason::Birthday);
    }
    if !asks_of_lines(rule) && !lines.is_empty() {
        lines.iter_mut().for_each(|state| state.held |= 1 << at);
        return None;
    }
    let held = |conditions: &Conditions| {
        conditions.expression.as_ref().zip(values).map(|(it, values)| it.held(values))
    };
    let (asked, excluded) = (held(&rule.when), held(&rule.unless));
    let refused_by_expression = |position: usize| {
        if asked.as_ref().is_some_and(|held| !held.at(position)) {
            return Some(Reason::Condition);
        }
        excluded.as_ref().is_some_and(|held| held.at(position)).then_some(Reason::Excluded)
    };
    let mut why_not = None;
    let mut holds = 0_u16;
    let at_most = rule.when.lines_at_most.unwrap_or(u16::MAX);
    for (position, state) in lines.iter_mut().enumerate() {
        // Shipping and tips have no names: only rules that ask for none hold for them.
        let verdict = order.lines.get(position).map_or_else(
            || refused_by_line(&rule.when, None),
            |line| {
                refused_by_line(&rule.when, Some(line))
                    .or_else(|| excluded_by_line(&rule.unless, line).then_some(Reason::Excluded))
            },
        );
        match verdict.or_else(|| refused_by_expression(position)) {
            None if holds < at_most => {
                state.held |= 1 << at;
                holds += 1;
            }
            None => {}
            Some(reason) => why_not = why_not.or(Some(reason)),
        }
    }
    if holds > 0 { None } else { why_not.or(Some(Reason::NothingEligible)) }
}

/// Whether it may hold for one line of an order and not for another.
fn asks_of_lines(rule: &EarnRule) -> bool {
    let names = |conditions: &Conditions| {
        let Conditions { products, categories, brands, expression, .. } = conditions;
        let nothing = products.is_empty() && categories.is_empty() && brands.is_empty();
        !nothing || expression.is_some()
    };
    names(&rule.when) || names(&rule.unless) || rule.when.lines_at_most.is_some()
}

fn asks(list: &[String], value: Option<&str>) -> bool {
    !list.is_empty() && !is_in(list, value)
}

fn is_in(list: &[String], value: Option<&str>) -> bool {
    value.is_some_and(|value| list.iter().any(|listed| listed == value))
}

/// Whether the day is as near to the member's birthday as the rule at `at` asks.
fn is_birthday(at: usize, near: NearBirthday, context: &Context<'_>) -> bool {
    match context.birthday {
        Birthdays::Of(birthday) => {
            birthday.is_some_and(|birthday| birthday.is_near(context.placed_on, near))
        }
        Birthdays::AsBefore(known) => {
            let kept = known.awards.iter().find(|award| usize::from(award.rule) == at);
            kept.is_none_or(|award| award.reason != Some(Reason::Birthday))
        }
    }
}

fn refused_by_order(when: &Conditions, order: &Order, context: &Context<'_>) -> Option<Reason> {
    if asks(&when.channels, order.channel.as_deref()) {
        return Some(Reason::Channel);
    }
    if asks(&when.stores, order.store.as_deref()) {
        return Some(Reason::Store);
    }
    if !when.sole_tenders.is_empty() && !paid_only_with(&when.sole_tenders, order) {
        return Some(Reason::Tender);
    }
    if asks(&when.tiers, context.tier) {
        return Some(Reason::Tier);
    }
    let early = when.from.is_some_and(|from| context.placed_at < from);
    if early || when.to.is_some_and(|to| context.placed_at >= to) {
        return Some(Reason::Date);
    }
    if !when.labels.is_empty() && !any_label(&when.labels, context) {
        return Some(Reason::Label);
    }
    if asks(&when.subjects, context.subject()) {
        return Some(Reason::Subject);
    }
    if !when.weekdays.is_empty() && !when.weekdays.contains(&context.weekday())
        || !when.days.is_empty() && !when.days.contains(&context.placed_on)
    {
        return Some(Reason::Date);
    }
    if when.first_order && !context.first_order {
        return Some(Reason::NotFirstOrder);
    }
    if when.referred && !context.referred {
        return Some(Reason::NotReferred);
    }
    let too_small = when.order_at_least.is_some_and(|least| context.eligible < least);
    too_small.then_some(Reason::OrderTooSmall)
}

fn any_label(labels: &[String], context: &Context<'_>) -> bool {
    labels.iter().any(|label| context.labels.contains(label))
}

fn excluded_by_order(unless: &Conditions, order: &Order, context: &Context<'_>) -> bool {
    let dated = unless.from.is_some() || unless.to.is_some();
    let in_time = unless.from.is_none_or(|from| context.placed_at >= from)
        && unless.to.is_none_or(|to| context.placed_at < to);
    is_in(&unless.channels, order.channel.as_deref())
        || is_in(&unless.stores, order.store.as_deref())
        || (!unless.sole_tenders.is_empty() && paid_only_with(&unless.sole_tenders, order))
        || is_in(&unless.tiers, context.tier)
        || any_label(&unless.labels, context)
        || is_in(&unless.subjects, context.subject())
        || (!unless.weekdays.is_empty() && unless.weekdays.contains(&context.weekday()))
        || unless.days.contains(&context.placed_on)
        || (unless.first_order && context.first_order)
        || (unless.referred && context.referred)
        || (dated && in_time)
        || unless.order_at_least.is_some_and(|least| context.eligible >= least)
}

fn paid_only_with(kinds: &[String], order: &Order) -> bool {
    !order.tenders.is_empty() && order.tenders.iter().all(|tender| kinds.contains(&tender.kind))
}

fn refused_by_line(when: &Conditions, line: Option<&Line>) -> Option<Reason> {
    let of = |field: fn(&Line) -> &Option<String>| line.and_then(|line| field(line).as_deref());
    if asks(&when.products, of(|line| &line.product)) {
        return Some(Reason::Product);
    }
    if asks(&when.categories, of(|line| &line.category)) {
        return Some(Reason::Category);
    }
    asks(&when.brands, of(|line| &line.brand)).then_some(Reason::Brand)
}

fn excluded_by_line(unless: &Conditions, line: &Line) -> bool {
    is_in(&unless.products, line.product.as_deref())
        || is_in(&unless.categories, line.category.as_deref())
        || is_in(&unless.brands, line.brand.as_deref())
}
