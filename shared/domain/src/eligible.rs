//! The eligible amount: how much of each line of an order a rule may count.

use crate::{
    fact::{Line, Order, Tender},
    money::MONEY_MAX,
    order_state::LineState,
    program::Base,
    ratio::split_by_largest_remainder,
};

/// The id of the line that stands for shipping, where some rule counts it.
pub const SHIPPING: &str = "shipping";
/// The id of the line that stands for a tip, where some rule counts it.
pub const TIP: &str = "tip";
/// The category of lines that an order's discount is not spread over.
pub const GIFT_CARD: &str = "gift_card";

/// The lines of an order with what was paid for each and what of it is eligible by each
/// base, and the total paid. No rule holds yet.
pub fn measure(order: &Order, bases: &[Base]) -> (Vec<LineState>, i64) {
    let shares = discount_shares(order);
    let mut lines: Vec<LineState> = order
        .lines
        .iter()
        .enumerate()
        .map(|(at, line)| of_line(order, line, shares.get(at).copied().unwrap_or(0), bases))
        .collect();
    let with = |wanted: fn(&Base) -> bool| bases.iter().any(wanted);
    if order.shipping > 0 && with(|base| base.with_shipping) {
        lines.push(of_extra(SHIPPING, order.shipping, bases, |base| base.with_shipping));
    }
    if order.tip > 0 && with(|base| base.with_tip) {
        lines.push(of_extra(TIP, order.tip, bases, |base| base.with_tip));
    }
    for (at, base) in bases.iter().enumerate() {
        keep_share_of_tenders(&mut lines, (at, base, bases.len()), &order.tenders);
    }
    for line in &mut lines {
        if line.eligible.iter().all(|eligible| *eligible == line.paid) {
            line.eligible = Vec::new();
        }
    }
    let goods: i64 = order.lines.iter().map(|line| paid_before_order_discount(order, line)).sum();
    let extras =
        [order.tax, order.shipping, order.tip].iter().fold(0_i64, |a, b| a.saturating_add(*b));
    (lines, goods.saturating_sub(order.discount).saturating_add(extras).min(MONEY_MAX))
}

/// An order's discount, spread over its lines by their price; gift cards take none
/// unless there is nothing else. No shares where there is no discount.
fn discount_shares(order: &Order) -> Vec<u64> {
    if order.discount == 0 {
        return Vec::new();
    }
    let net = |line: &Line| u64::try_from(line.gross() - line.discount).unwrap_or(0);
    let takes = |line: &Line| line.category.as_deref() != Some(GIFT_CARD);
    let discount = u64::try_from(order.discount).unwrap_or(0);
    let goods = |line: &Line| if takes(line) { net(line) } else { 0 };
    let mut weights: Vec<u64> = order.lines.iter().map(goods).collect();
    if weights.iter().sum::<u64>() < discount {
        weights = order.lines.iter().map(net).collect();
    }
    split_by_largest_remainder(discount, &weights)
}

fn tax_on_top(order: &Order, line: &Line) -> i64 {
    if order.prices_include_tax { 0 } else { line.tax }
}

fn paid_before_order_discount(order: &Order, line: &Line) -> i64 {
    line.gross() - line.discount + tax_on_top(order, line)
}

fn of_line(order: &Order, line: &Line, discount: u64, bases: &[Base]) -> LineState {
    let discount = i64::try_from(discount).unwrap_or(0);
    let (gross, category) = (line.gross(), line.category.as_deref());
    let eligible = |base: &Base| {
        if category.is_some_and(|category| base.without_categories.iter().any(|c| c == category)) {
            return 0;
        }
        let price = match base.before_discounts {
            true => gross,
            false => gross - line.discount - discount,
        };
        match (order.prices_include_tax, base.with_tax) {
            (true, false) => (price - line.tax).max(0),
            (false, true) => price + line.tax,
            (true, true) | (false, false) => price,
        }
    };
    let paid = gross - line.discount + tax_on_top(order, line) - discount;
    let is_paid = bases.iter().all(|base| eligible(base) == paid);
    LineState {
        id: line.id.clone(),
        quantity: line.quantity,
        paid,
        eligible: if is_paid { Vec::new() } else { bases.iter().map(eligible).collect() },
        ..LineState::default()
    }
}

fn of_extra(id: &str, amount: i64, bases: &[Base], counts: fn(&Base) -> bool) -> LineState {
    LineState {
        id: Some(id.to_owned()),
        quantity: 1,
        paid: amount,
        eligible: bases.iter().map(|base| if counts(base) { amount } else { 0 }).collect(),
        ..LineState::default()
    }
}

/// Cuts every line's eligible amount to the share of the order that was paid with
/// tenders that count. The whole amount is cut once, rounded down, and then spread.
fn keep_share_of_tenders(
    lines: &mut [LineState],
    (at, base, bases): (usize, &Base, usize),
    tenders: &[Tender],
) {
    let counts = |tender: &&Tender| {
        let kind = &tender.kind;
        let listed = base.only_tenders.as_ref().is_none_or(|only| only.contains(kind));
        listed && !base.without_tenders.contains(kind)
    };
    let sum =
        |amounts: &mut dyn Iterator<Item = i64>| amounts.fold(0_i128, |a, b| a + i128::from(b));
    let all = sum(&mut tenders.iter().map(|tender| tender.amount));
    let counted = sum(&mut tenders.iter().filter(counts).map(|tender| tender.amount));
    // With no tender named, a base that asks for one finds nothing paid with it.
    let all_count = if tenders.is_empty() { base.only_tenders.is_none() } else { counted == all };
    if all_count {
        return;
    }
    let weights: Vec<u64> =
        lines.iter().map(|line| u64::try_from(line.eligible(at)).unwrap_or(0)).collect();
    let eligible: i128 = weights.iter().map(|&weight| i128::from(weight)).sum();
    let kept = eligible.checked_mul(counted).map_or(0, |product| product / all.max(1));
    let kept = split_by_largest_remainder(u64::try_from(kept).unwrap_or(0), &weights);
    for (line, kept) in lines.iter_mut().zip(kept) {
        if line.eligible.is_empty() {
            line.eligible = vec![line.paid; bases];
        }
        line.eligible[at] = i64::try_from(kept).unwrap_or(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(price: i64, category: &str) -> Line {
        Line {
            id: None,
            product: None,
            category: Some(category.into()),
            brand: None,
            quantity: 1,
            unit_price: price,
            discount: 0,
            tax: 0,
        }
    }

    fn order(lines: Vec<Line>) -> Order {
        Order {
            id: "A".parse().expect("an id"),
            version: None,
            placed_at: None,
            currency: "USD".parse().expect("a currency"),
            channel: None,
            store: None,
            status: None,
            test: false,
            prices_include_tax: false,
            lines,
            discount: 0,
            tax: 0,
            shipping: 0,
            tip: 0,
            tenders: Vec::new(),
        }
    }

    fn eligible(order: &Order, base: Base) -> Vec<i64> {
        let (lines, _) = measure(order, &[base]);
        lines.iter().map(|line| line.eligible.first().copied().unwrap_or(line.paid)).collect()
    }

    #[test]
    fn a_discount_is_spread_over_everything_but_gift_cards() {
        let goods = ["skincare", "fragrance", GIFT_CARD, "service"];
        let prices = [4000, 3000, 2500, 1500];
        let lines = prices.into_iter().zip(goods).map(|(p, c)| line(p, c)).collect();
        let order = Order { discount: 1000, ..order(lines) };
        assert_eq!(eligible(&order, Base::default()), [3529, 2647, 0, 1324]);
    }

    #[test]
    fn the_part_paid_with_a_gift_card_is_cut_once() {
        let paid = |kind: &str, amount| Tender { kind: kind.into(), amount };
        let tenders = vec![paid("gift_card", 2000), paid("card", 6499)];
        let order = Order { tenders, ..order(vec![line(8499, "sofa")]) };
        let without = Base { without_tenders: vec!["gift_card".into()], ..Base::default() };
        assert_eq!(eligible(&order, without), [6499]);
        let only = Base { only_tenders: Some(vec!["gift_card".into()]), ..Base::default() };
        assert_eq!(eligible(&order, only), [2000]);
    }

    #[test]
    fn tax_counts_only_where_the_base_says() {
        let taxed = Line { tax: 160, ..line(2000, "coffee") };
        let on_top = order(vec![taxed.clone()]);
        let inside = Order { prices_include_tax: true, ..order(vec![taxed]) };
        let with_tax = Base { with_tax: true, ..Base::default() };
        assert_eq!(eligible(&on_top, Base::default()), [2000]);
        assert_eq!(eligible(&on_top, with_tax.clone()), [2160]);
        assert_eq!(eligible(&inside, Base::default()), [1840]);
        assert_eq!(eligible(&inside, with_tax), [2000]);
    }

    #[test]
    fn shipping_becomes_a_line_where_some_base_counts_it() {
        let order = Order { shipping: 495, ..order(vec![line(2000, "book")]) };
        let with_shipping = Base { with_shipping: true, ..Base::default() };
        assert_eq!(eligible(&order, Base::default()), [2000]);
        assert_eq!(eligible(&order, with_shipping), [2000, 495]);
        assert_eq!(measure(&order, &[Base::default()]).1, 2495);
    }
}
