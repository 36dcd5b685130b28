//! The demo shop: about 300 members and eighteen months of orders, the same at every
//! first start.

use std::time::Duration;

use domain::{
    ids::ProgramId,
    time::{Day, Instant},
};
use edge::api::{Money, NewIdentities, NewLine, NewMember, NewOrder, NewRedemption, NewRefund};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::Value;

use crate::{
    program::key_of,
    shop::{Shop, ShopError},
    stack::Stack,
};

/// The source of the demo's facts.
pub const SOURCE: &str = "shop";
/// How many members the demo has.
pub const MEMBERS: u64 = 300;
/// How many days the demo spans.
pub const DAYS: i32 = 548;

/// What the demo shop sells: name, category, price in pence.
const PRODUCTS: [(&str, &str, i64); 12] = [
    ("espresso-beans", "coffee", 1_250),
    ("filter-beans", "coffee", 1_400),
    ("decaf-beans", "coffee", 1_300),
    ("moka-pot", "equipment", 3_400),
    ("grinder", "equipment", 8_900),
    ("kettle", "equipment", 4_900),
    ("mug", "homeware", 1_200),
    ("tea-towel", "homeware", 950),
    ("apron", "homeware", 2_600),
    ("biscuits", "food", 450),
    ("chocolate", "food", 380),
    ("gift-card", "gift_card", 2_500),
];

/// A small generator of numbers that are always the same (SplitMix64).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % sides.max(1)
    }

    fn one_in(&mut self, sides: u64) -> bool {
        self.roll(sides) == 0
    }
}

/// A day of the demo: who joins, who buys, who spends.
struct DemoDay<'a> {
    shop: &'a Shop,
    dice: &'a mut Dice,
    orders: &'a mut Orders,
}

/// The demo's orders that nobody has sent back yet: who, and which.
#[derive(Default)]
struct Orders {
    open: Vec<(u64, String)>,
    placed: u64,
}

/// Plays the demo from its first day to `until`.
///
/// # Errors
///
/// A sentence: the first answer that was not the expected one.
pub async fn play(
    stack: &Stack,
    program: &ProgramId,
    from: Instant,
    until: Instant,
) -> Result<(), String> {
    let rulebook = stack.app.rulebook(program).await.map_err(|e| e.code().to_owned())?;
    let zone = &rulebook.in_force(from).time_zone;
    let shop = Shop::new(&stack.url(), program.as_str(), &key_of(SOURCE));
    let first = Day::of(from, zone);
    let last = Day::of(until, zone);
    let days = u64::from(last.number().saturating_sub(first.number()));
    eprintln!("loading the demo shop: {MEMBERS} members, eighteen months; only at the first start");
    let bar = ProgressBar::new(days);
    let template = "{bar:40} {pos}/{len} days, {eta} left";
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(250));
    let (mut dice, mut orders) = (Dice(2026), Orders::default());
    let mut joined = 0;
    let mut day = first;
    while day < last {
        let start = day.starts_at(zone);
        stack.app.clock().move_to(start);
        expire::sweep(&stack.app, program).await.map_err(|e| e.code().to_owned())?;
        stack.pollers.drain_queue().await?;
        let number = u64::from(day.number() - first.number());
        // Members join all the time, more of them in the beginning.
        let wanted = (MEMBERS * (number * 2 + 20) / (days + 20)).min(MEMBERS);
        let mut demo = DemoDay { shop: &shop, dice: &mut dice, orders: &mut orders };
        stack.app.clock().move_to(start.plus_millis(9 * 3_600_000));
        while joined < wanted {
            joined += 1;
            demo.join(joined).await.map_err(|error| error.to_string())?;
        }
        let busy = joined / 30 + 1;
        for n in 0..demo.dice.roll(busy * 2) {
            let minutes = i64::try_from(n).unwrap_or(0) * 17;
            stack.app.clock().move_to(start.plus_millis(10 * 3_600_000 + minutes * 60_000));
            demo.something_happens(joined).await.map_err(|error| error.to_string())?;
        }
        day = day.plus_days(1);
        bar.inc(1);
    }
    stack.app.clock().move_to(until);
    stack.pollers.drain().await?;
    bar.finish_and_clear();
    Ok(())
}

impl DemoDay<'_> {
    async fn join(&self, number: u64) -> Result<(), ShopError> {
        let id = member(number);
        let identities =
            NewIdentities { email: Some(format!("{id}@shop.example")), ..NewIdentities::default() };
        let body = NewMember {
            id,
            enrolled_at: None,
            identities,
            email_verified: true,
            referral_code: None,
            address: None,
            consents: Vec::new(),
            birthday: None,
        };
        self.shop.post("members", &body, None).await.map(|_| ())
    }

    async fn something_happens(&mut self, members: u64) -> Result<(), ShopError> {
        // A third of the members buy most of what is sold.
        let regular = self.dice.one_in(2);
        let who = 1 + self.dice.roll(if regular { members.div_ceil(3) } else { members });
        match self.dice.roll(20) {
            0 => self.refund().await,
            1..=4 => self.redeem(who).await,
            _ => self.order(who).await,
        }
    }

    async fn order(&mut self, who: u64) -> Result<(), ShopError> {
        let lines = (0..=self.dice.roll(4)).map(|_| self.line()).collect();
        self.orders.placed += 1;
        let id = format!("D{}", self.orders.placed);
        let channel = if self.dice.one_in(3) { "store" } else { "web" };
        let body = NewOrder {
            id: id.clone(),
            member: Some(member(who)),
            guest: None,
            version: None,
            placed_at: None,
            channel: Some(channel.to_owned()),
            store: None,
            status: Some("paid".to_owned()),
            test: false,
            prices_include_tax: true,
            lines,
            discount: None,
            tax: None,
            shipping: Some(money(395)),
            tip: None,
            tenders: Vec::new(),
            referral_code: None,
        };
        self.shop.post("orders", &body, None).await?;
        self.orders.open.push((who, id));
        Ok(())
    }

    fn line(&mut self) -> NewLine {
        let at = usize::try_from(self.dice.roll(PRODUCTS.len() as u64)).unwrap_or(0);
        let (product, category, price) = PRODUCTS[at];
        NewLine {
            id: None,
            product: Some(product.to_owned()),
            category: Some(category.to_owned()),
            brand: None,
            quantity: 1 + self.dice.roll(3),
            unit_price: money(price),
            discount: None,
            tax: None,
        }
    }

    /// Somebody sends back all of one of the last orders.
    async fn refund(&mut self) -> Result<(), ShopError> {
        if self.orders.open.is_empty() {
            return Ok(());
        }
        let back = 1 + usize::try_from(self.dice.roll(30)).unwrap_or(0);
        let at = self.orders.open.len().saturating_sub(back);
        let (who, order) = self.orders.open.remove(at);
        let body = NewRefund {
            id: format!("R-{order}"),
            order,
            member: Some(member(who)),
            guest: None,
            refunded_at: None,
            lines: None,
            amount: None,
            amount_to_date: None,
            everything: true,
        };
        self.shop.post("refunds", &body, None).await.map(|_| ())
    }

    /// Somebody who has enough takes money off their next basket.
    async fn redeem(&mut self, who: u64) -> Result<(), ShopError> {
        let member = member(who);
        let balance = self.shop.get(&format!("members/{member}/balance")).await?;
        let available = balance["available"].as_u64().unwrap_or(0);
        if available < 200 {
            return Ok(());
        }
        let points = available / 2 / 100 * 100;
        let basket = money(i64::try_from(points).unwrap_or(0) * 2 + 1_000);
        let body = NewRedemption {
            reward: "money-off".to_owned(),
            points: Some(points),
            basket: Some(basket),
            hold_minutes: self.dice.one_in(3).then_some(30),
        };
        let path = format!("members/{member}/redemptions");
        let answer = self.shop.post(&path, &body, None).await?;
        if body.hold_minutes.is_some() && !self.dice.one_in(4) {
            let hold = &answer["sequence"];
            self.shop.post(&format!("{path}/{hold}/capture"), &empty(), None).await?;
        }
        Ok(())
    }
}

fn empty() -> Value {
    serde_json::json!({})
}

fn member(number: u64) -> String {
    format!("m-{number:03}")
}

fn money(amount: i64) -> Money {
    Money { amount, currency: "GBP".to_owned() }
}
