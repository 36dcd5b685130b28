//! Stories: one member's life, one line a fact, the outcome last.
//!
//! ```text
//! 2026-01-10  order  A  £80.00/book 2x£5.00  | 90 pending=90 spend=WEEKLY_CAP
//! 2026-01-12  refund R1 A 1:x1 2:£5.00       | 5
//! 2026-02-01  redeem S1 5                    | 0
//! 2026-03-01  -                              | 0
//! ```
//!
//! A day alone is its noon in the program's zone. After the bar stand the balance
//! (available less debt) or the code of a refusal, then whatever else is worth saying:
//! `pending=`, `held=`, `debt=`, `tier=`, `note=`, `lots=day:points,…`, `due=day`, and
//! for a rule of the program the points or the reason of its award.

use std::collections::HashMap;

use domain::{
    account::{Account, signed},
    fact::{
        Adjustment, Capture, Enrolment, Fact, Line, Order, Redemption, Refund, RefundLine,
        RefundedWhat, Tender,
    },
    points::Points,
    program::{Program, Rulebook},
    row::Row,
    time::{Day, Instant},
};

use crate::life::{Became, Life};

/// Tells a life line by line and compares what each line says of it.
pub fn story(rulebook: &Rulebook, text: &str) -> Life {
    let mut teller = Teller { life: Life::new(rulebook), sequences: HashMap::new() };
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    for line in lines {
        teller.tell(line);
    }
    teller.life
}

/// The order of a line of a story.
pub fn order_of(rulebook: &Rulebook, line: &str) -> Order {
    let teller = Teller { life: Life::new(rulebook), sequences: HashMap::new() };
    let (fact, _) = line.split_once('|').unwrap_or((line, ""));
    let words: Vec<&str> = fact.split_whitespace().collect();
    match words.as_slice() {
        [_, "order", id, details @ ..] => teller.order(id, details),
        _ => panic!("no order: {line:?}"),
    }
}

/// The refund of `R A 1:x1`: its name, its order and what.
pub fn refund_of(text: &str) -> Fact {
    let words: Vec<&str> = text.split_whitespace().collect();
    match words.as_slice() {
        [id, order, what @ ..] => Fact::Refund(Refund {
            id: id.parse().expect("an id"),
            order: order.parse().expect("an id"),
            refunded_at: None,
            what: refunded(what),
        }),
        _ => panic!("no refund: {text:?}"),
    }
}

struct Teller {
    life: Life,
    /// The rows of facts by the names that the story gives them.
    sequences: HashMap<String, u64>,
}

impl Teller {
    fn tell(&mut self, line: &str) {
        let (fact, expected) = line.split_once('|').unwrap_or((line, ""));
        let words: Vec<&str> = fact.split_whitespace().collect();
        let [when, what, arguments @ ..] = words.as_slice() else {
            panic!("a line is a day, a fact and an outcome: {line:?}");
        };
        let now = self.instant(when);
        let became = self.happen(what, arguments, now);
        let account = self.life.at(now);
        let words = expected.split_whitespace().enumerate();
        let wrong = words.map(|(at, word)| (word, self.found(at, word, &account, &became)));
        let wrong: Vec<_> = wrong.filter(|(word, found)| word != found).collect();
        let account = Account { window: Default::default(), ..account };
        assert!(wrong.is_empty(), "\n{line}\n(said, found): {wrong:?}\n{account:?}\n{became:?}");
    }

    /// What stands where a story says `word`.
    fn found(&self, at: usize, word: &str, account: &Account, became: &Option<Became>) -> String {
        match (at, became) {
            (0, Some(Became::Refused(refusal))) => refusal.code().into(),
            (0, Some(Became::KeyReused)) => "KEY_REUSED".into(),
            (0, _) => self.shown(account.purse(0).balance()),
            (_, Some(Became::Replayed(_))) if word == "replayed" => word.into(),
            _ => match word.split_once('=') {
                Some((name, _)) => format!("{name}={}", self.value(name, account, became.as_ref())),
                None => "nothing of the kind".into(),
            },
        }
    }

    fn program(&self) -> &Program {
        self.life.rulebook.versions().last().expect("a version")
    }

    fn instant(&self, text: &str) -> Instant {
        let zone = self.program().time_zone.clone();
        let text = if text.contains('T') { text.to_owned() } else { format!("{text}T12:00") };
        let civil: jiff::civil::DateTime = text.parse().expect("a local date and time");
        Instant::from_timestamp(civil.to_zoned(zone).expect("a time").timestamp())
    }

    fn happen(&mut self, what: &str, arguments: &[&str], now: Instant) -> Option<Became> {
        if what == "-" {
            return None;
        }
        let name = arguments.first().copied().unwrap_or(what);
        let fact = self.fact(what, arguments);
        let became = self.life.record(fact, name, now);
        if let Became::Recorded(row) = &became {
            self.sequences.insert(name.to_owned(), row.sequence);
        }
        Some(became)
    }

    fn fact(&self, what: &str, arguments: &[&str]) -> Fact {
        let given = |name: &str| arguments.iter().find_map(|word| after(word, name));
        let at = |name: &str| given(name).map(|text| self.instant(text));
        match (what, arguments) {
            ("join", _) => {
                Fact::Enrolled(Enrolment { enrolled_at: at("at"), ..Enrolment::default() })
            }
            ("order", [id, details @ ..]) => Fact::Order(self.order(id, details)),
            ("refund", [id, order, what @ ..]) => Fact::Refund(Refund {
                id: id.parse().expect("an id"),
                order: order.parse().expect("an id"),
                refunded_at: at("at"),
                what: refunded(what),
            }),
            ("redeem" | "hold", [_, points, ..]) => Fact::Redemption(Redemption {
                reward: given("reward").unwrap_or("money-off").to_owned(),
                points: (*points != "-").then(|| self.points(points)),
                basket: given("basket").map(money),
                hold_minutes: (what == "hold")
                    .then(|| given("minutes").unwrap_or("30").parse().expect("minutes")),
            }),
            ("capture", [_, hold, points @ ..]) => Fact::Capture(Capture {
                hold: self.sequence(hold),
                points: points.first().map(|points| self.points(points)),
            }),
            ("release", [_, hold]) => Fact::Release { hold: self.sequence(hold) },
            ("give" | "take", [_, points]) => Fact::Adjustment(Adjustment {
                points: self.points(points),
                takes: what == "take",
                reason: "goodwill".into(),
            }),
            ("pass", _) => Fact::Passing,
            _ => panic!("no fact: {what} {arguments:?}"),
        }
    }

    fn sequence(&self, hold: &str) -> u64 {
        self.sequences.get(hold).copied().unwrap_or(9_999)
    }

    fn order(&self, id: &str, details: &[&str]) -> Order {
        let given = |name: &str| details.iter().find_map(|word| after(word, name));
        let text = |name: &str| given(name).map(str::to_owned);
        let amount = |name: &str| given(name).map_or(0, money);
        let is_line = |word: &&&str| !word.contains('=') && word.contains(['£', '$', '€']);
        let tender = |text: &str| {
            let (kind, paid) = text.split_once(':').expect("a tender such as card:£5.00");
            Tender { kind: kind.into(), amount: money(paid) }
        };
        Order {
            id: id.parse().expect("an id"),
            version: given("v").map(|version| version.parse().expect("a version")),
            placed_at: given("placed").map(|at| self.instant(at)),
            currency: given("money")
                .map_or(self.program().money, |code| code.parse().expect("a code")),
            channel: text("channel"),
            store: text("store"),
            status: text("status"),
            test: details.contains(&"test"),
            prices_include_tax: false,
            lines: details.iter().filter(is_line).map(|word| line(word)).collect(),
            discount: amount("discount"),
            tax: amount("tax"),
            shipping: amount("shipping"),
            tip: amount("tip"),
            tenders: given("paid")
                .map(|paid| paid.split(',').map(tender).collect())
                .unwrap_or_default(),
        }
    }

    /// Points as the program writes them.
    fn points(&self, text: &str) -> Points {
        let decimals = usize::from(self.program().points().decimals);
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let units = format!("{whole}{fraction:0<decimals$}");
        units.parse().ok().and_then(Points::new).expect("points")
    }

    fn shown(&self, units: i64) -> String {
        let points = Points::new(units.unsigned_abs()).expect("within the limit");
        let sign = if units < 0 { "-" } else { "" };
        format!("{sign}{}", points.display(self.program().points().decimals))
    }

    fn value(&self, name: &str, account: &Account, became: Option<&Became>) -> String {
        let shown = |points: Points| self.shown(signed(points));
        let row = match became {
            Some(Became::Recorded(row) | Became::Replayed(row)) => Some(row.as_ref()),
            _ => None,
        };
        let purse = account.purse(0);
        match name {
            "pending" => shown(purse.pending()),
            "debt" => shown(purse.debt),
            "held" => shown(account.held(0)),
            "tier" => account.tier.as_ref().map_or("none".into(), |tier| tier.level.clone()),
            "until" => account.tier.as_ref().map_or("none".into(), |tier| or_never(tier.ends_on)),
            "measured" => self.measured(account),
            "note" => row.and_then(|row| row.note).map_or("none", |note| note.code()).into(),
            "lots" => lots(&purse.lots, shown),
            "qualifying" => shown(account.purse(1).available()),
            "due" => account
                .next_due
                .map_or("none".into(), |due| Day::of(due, &self.program().time_zone).to_string()),
            rule => award(&self.life.rulebook, row, rule, shown),
        }
    }

    fn measured(&self, account: &Account) -> String {
        account.qualified.iter().map(|kept| kept.amount).sum::<i64>().to_string()
    }
}

fn lots(lots: &[domain::account::Lot], shown: impl Fn(Points) -> String) -> String {
    let lots = lots.iter().map(|lot| format!("{}:{}", or_never(lot.expires_on), shown(lot.points)));
    lots.collect::<Vec<_>>().join(",")
}

fn or_never(day: Day) -> String {
    if day == Day::NEVER { "never".into() } else { day.to_string() }
}

/// The reason of a rule's award, or its points where it has none.
fn award(
    rulebook: &Rulebook,
    row: Option<&Row>,
    id: &str,
    shown: impl Fn(Points) -> String,
) -> String {
    let order = row.and_then(|row| row.order.as_ref()).expect("a row about an order");
    let pinned = rulebook.version(order.program_version).expect("the pinned version");
    let rule = pinned.earn.iter().position(|rule| rule.id == id);
    let rule = rule.unwrap_or_else(|| panic!("no rule {id:?} in the program"));
    let award = order.awards.iter().find(|award| usize::from(award.rule) == rule);
    award.map_or("none".into(), |award| match award.reason {
        Some(reason) => reason.code().into(),
        None => shown(award.points),
    })
}

fn after<'a>(word: &'a str, name: &str) -> Option<&'a str> {
    word.strip_prefix(name)?.strip_prefix('=')
}

/// `£12.34` in minor units of a money with two digits.
fn money(text: &str) -> i64 {
    let digits = text.trim_start_matches(['£', '$', '€']);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "00"));
    assert_eq!(fraction.len(), 2, "{text} has two digits after the point");
    format!("{whole}{fraction}").parse().expect("an amount")
}

/// `id:3x£5.00/category@brand#product`, all but the price optional.
fn line(word: &str) -> Line {
    let (word, product) = cut(word, '#');
    let (word, brand) = cut(&word, '@');
    let (word, category) = cut(&word, '/');
    let (id, word) = match word.split_once(':') {
        Some((id, rest)) => (Some(id.to_owned()), rest.to_owned()),
        None => (None, word),
    };
    let (quantity, price) = word.split_once('x').unwrap_or(("1", &word));
    Line {
        id,
        product,
        category,
        brand,
        quantity: quantity.parse().expect("a quantity"),
        unit_price: money(price),
        discount: 0,
        tax: 0,
    }
}

fn cut(word: &str, at: char) -> (String, Option<String>) {
    match word.split_once(at) {
        Some((before, after)) => (before.into(), Some(after.into())),
        None => (word.into(), None),
    }
}

/// `all`, `£5.00`, `to=£5.00`, or lines: `1:x2`, `1:£5.00`.
fn refunded(words: &[&str]) -> RefundedWhat {
    match words {
        ["all", ..] => RefundedWhat::Everything,
        [word, ..] if word.starts_with("to=") => RefundedWhat::AmountToDate(money(&word[3..])),
        [word, ..] if word.starts_with(['£', '$', '€']) => RefundedWhat::Amount(money(word)),
        words => {
            let lines = words.iter().filter(|word| word.contains(':') && !word.contains('='));
            RefundedWhat::Lines(lines.map(|word| refunded_line(word)).collect())
        }
    }
}

fn refunded_line(word: &str) -> RefundLine {
    let (line, what) = word.split_once(':').expect("a line such as 1:x2");
    let (quantity, amount) = match what.strip_prefix('x') {
        Some(quantity) => (quantity.parse().expect("a quantity"), 0),
        None => (0, money(what)),
    };
    RefundLine { line: line.into(), quantity, amount }
}
