//! Replaying an order file: every order and refund, at its own time on the stack's
//! clock, through the same routes a shop would use.

use std::{collections::HashMap, path::Path, time::Duration};

use domain::{
    ids::ProgramId,
    time::{Day, Instant},
};
use edge::api::{Money, NewIdentities, NewLine, NewMember, NewOrder, NewRefund, NewRefundLine};
use indicatif::{ProgressBar, ProgressStyle};
use jiff::tz::TimeZone;
use orders::{FileFact, FileOrder, FileRefund, OrderFile};
use serde::Serialize;
use serde_json::{Number, Value};

use crate::{program::key_of, shop::Shop, stack::Stack};

/// The source that a replayed file's facts come from.
pub const SOURCE: &str = "file";

/// What a replay did, as `--json` prints it. Points are smallest units.
#[derive(Debug, Serialize)]
pub struct Summary {
    /// Members with at least one order.
    pub members: u64,
    /// Orders recorded.
    pub orders: u64,
    /// Refunds recorded.
    pub refunds: u64,
    /// Cancelled lines that match no sale: they take nothing.
    pub orphans: u64,
    /// Points that orders gave.
    pub points_issued: i64,
    /// Points that refunds took back.
    pub points_clawed_back: i64,
    /// Points that ended unspent.
    pub points_expired: i64,
    /// Points spent.
    pub points_redeemed: i64,
    /// Points that are spendable at the end.
    pub points_available: i64,
    /// Points that wait at the end.
    pub points_pending: i64,
    /// Points owed at the end.
    pub points_debt: i64,
    /// Write request units of the ledger and the registry, all that was done included.
    pub write_units: u64,
    /// Read request units, in halves where a decimal shows.
    pub read_units: Number,
    /// The middle of the rows' sizes in bytes.
    pub row_bytes_median: usize,
    /// 99 of 100 rows are at most this large, in bytes.
    pub row_bytes_p99: usize,
    /// Facts a second, settling and roll-ups included.
    pub facts_per_second: u64,
    /// How long it took.
    pub seconds: u64,
    /// Facts that had been recorded before.
    pub replayed: u64,
}

/// What has been sent.
#[derive(Default)]
struct Sent {
    enrolled: HashMap<String, ()>,
    orders: u64,
    refunds: u64,
    replayed: u64,
}

/// Pushes a file through the stack.
///
/// # Errors
///
/// A sentence: the first answer that was not the expected one.
pub async fn replay(
    stack: &Stack,
    program: &ProgramId,
    file: &OrderFile,
    quiet: bool,
) -> Result<Summary, String> {
    let started = std::time::Instant::now();
    let units = stack.app.tables().units();
    let shop = Shop::new(&stack.url(), program.as_str(), &key_of(SOURCE));
    let rulebook = stack.app.rulebook(program).await.map_err(|e| e.code().to_owned())?;
    let zone = rulebook.in_force(stack.app.clock().now()).time_zone.clone();
    let bar = progress(file.facts.len() as u64, quiet);
    let mut sent = Sent::default();
    let mut today: Option<Day> = None;
    for fact in &file.facts {
        let at = Instant::from_timestamp(fact.at());
        let day = Day::of(at, &zone);
        if today.is_some_and(|today| day > today) {
            turn_of_day(stack, program, &zone, day).await?;
        }
        today = Some(day);
        stack.app.clock().move_to(at);
        send(&shop, fact, &mut sent).await.map_err(|error| error.to_string())?;
        bar.inc(1);
    }
    bar.set_message("settling what is due");
    expire::sweep(&stack.app, program).await.map_err(|e| e.code().to_owned())?;
    stack.pollers.drain().await?;
    bar.finish_and_clear();
    let used = stack.app.tables().units().since(units);
    let mut summary = totals(stack, program).await?;
    summary.members = sent.enrolled.len() as u64;
    summary.orders = sent.orders;
    summary.refunds = sent.refunds;
    summary.replayed = sent.replayed;
    summary.orphans = file.orphans.len() as u64;
    summary.write_units = used.writes;
    summary.read_units = halves(used.read_halves);
    let elapsed = started.elapsed();
    summary.seconds = elapsed.as_secs();
    let facts = sent.orders + sent.refunds + sent.enrolled.len() as u64;
    let millis = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX).max(1);
    summary.facts_per_second = facts * 1000 / millis;
    Ok(summary)
}

/// Moves the clock to the start of a day and books what has become true by then.
async fn turn_of_day(
    stack: &Stack,
    program: &ProgramId,
    zone: &TimeZone,
    day: Day,
) -> Result<(), String> {
    stack.app.clock().move_to(day.starts_at(zone));
    expire::sweep(&stack.app, program).await.map_err(|e| e.code().to_owned())?;
    stack.pollers.drain_queue().await
}

async fn send(shop: &Shop, fact: &FileFact, sent: &mut Sent) -> Result<(), crate::shop::ShopError> {
    let member = fact.member();
    if !sent.enrolled.contains_key(member) {
        let body = NewMember {
            id: member.to_owned(),
            enrolled_at: Some(Instant::from_timestamp(fact.at())),
            identities: NewIdentities::default(),
            email_verified: false,
            referral_code: None,
            address: None,
            consents: Vec::new(),
            birthday: None,
        };
        let answer = shop.post("members", &body, None).await?;
        sent.replayed += u64::from(answer["replayed"] == Value::Bool(true));
        sent.enrolled.insert(member.to_owned(), ());
    }
    let answer = match fact {
        FileFact::Order(order) => {
            sent.orders += 1;
            shop.post("orders", &new_order(order), None).await?
        }
        FileFact::Refund(refund) => {
            sent.refunds += 1;
            shop.post("refunds", &new_refund(refund), None).await?
        }
    };
    sent.replayed += u64::from(answer["replayed"] == Value::Bool(true));
    Ok(())
}

fn new_order(order: &FileOrder) -> NewOrder {
    let money = |amount: i64| Money { amount, currency: order.currency.clone() };
    let line = |line: &orders::FileLine| NewLine {
        id: Some(line.id.clone()),
        product: Some(line.product.clone()),
        category: line.category.clone(),
        brand: line.brand.clone(),
        quantity: u64::from(line.quantity),
        unit_price: money(line.unit_price),
        discount: (line.discount != 0).then(|| money(line.discount)),
        tax: None,
    };
    NewOrder {
        id: order.id.clone(),
        member: Some(order.member.clone()),
        guest: None,
        version: None,
        placed_at: Some(Instant::from_timestamp(order.placed_at)),
        channel: order.channel.clone(),
        store: order.store.clone(),
        status: None,
        test: false,
        prices_include_tax: true,
        lines: order.lines.iter().map(line).collect(),
        discount: None,
        tax: None,
        shipping: None,
        tip: None,
        tenders: Vec::new(),
        referral_code: None,
    }
}

fn new_refund(refund: &FileRefund) -> NewRefund {
    let line = |line: &orders::RefundLine| NewRefundLine {
        line: line.line.clone(),
        quantity: u64::from(line.quantity),
        amount: None,
    };
    NewRefund {
        id: refund.id.clone(),
        order: refund.order.clone(),
        member: Some(refund.member.clone()),
        guest: None,
        refunded_at: Some(Instant::from_timestamp(refund.refunded_at)),
        lines: Some(refund.lines.iter().map(line).collect()),
        amount: None,
        amount_to_date: None,
        everything: false,
    }
}

/// What the ledger holds at the end, read from its rows.
async fn totals(stack: &Stack, program: &ProgramId) -> Result<Summary, String> {
    use domain::{account::signed, change::Place};
    use store::{codec, item::Table, tables::Tables};
    let mut summary = Summary::empty();
    let mut sizes = Vec::new();
    let mut heads: HashMap<String, (u64, domain::account::Account)> = HashMap::new();
    let mut after = None;
    loop {
        let page = stack.app.tables().scan(Table::Ledger, after).await;
        let page = page.map_err(|failure| failure.to_string())?;
        for item in &page.items {
            let stored = codec::decode(item).map_err(|failure| failure.to_string())?;
            if stored.row.chain.program != *program {
                continue;
            }
            sizes.push(stored.bytes);
            let sum = |wanted: fn(&Place, &Place) -> bool| signed(stored.row.sum_moved(wanted));
            summary.points_issued += sum(|from, _| *from == Place::Issued);
            summary.points_clawed_back += sum(|_, to| *to == Place::ClawedBack);
            summary.points_expired += sum(|_, to| *to == Place::Expired);
            summary.points_redeemed += sum(|_, to| *to == Place::Redeemed);
            let head = heads.entry(stored.row.chain.to_string()).or_default();
            if stored.row.sequence > head.0 {
                *head = (stored.row.sequence, stored.row.account);
            }
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    for (_, account) in heads.values() {
        let purse = account.purse(0);
        summary.points_available += signed(purse.available());
        summary.points_pending += signed(purse.pending());
        summary.points_debt += signed(purse.debt);
    }
    sizes.sort_unstable();
    let at = |per_mille: usize| sizes.get(sizes.len().saturating_sub(1) * per_mille / 1000);
    summary.row_bytes_median = at(500).copied().unwrap_or(0);
    summary.row_bytes_p99 = at(990).copied().unwrap_or(0);
    Ok(summary)
}

fn halves(halves: u64) -> Number {
    let half = if halves.is_multiple_of(2) { "" } else { ".5" };
    let number = serde_json::from_str(&format!("{}{half}", halves / 2));
    number.unwrap_or_else(|_| Number::from(halves / 2))
}

fn progress(facts: u64, quiet: bool) -> ProgressBar {
    if quiet {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(facts);
    let template = "{bar:40} {pos}/{len} facts, {per_sec}, {eta} left {msg}";
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(250));
    bar
}

/// Reads an order file.
///
/// # Errors
///
/// A sentence with file and line.
pub fn read(file: &Path) -> Result<OrderFile, String> {
    orders::read(file).map_err(|error| error.to_string())
}

impl Summary {
    fn empty() -> Summary {
        Summary {
            members: 0,
            orders: 0,
            refunds: 0,
            orphans: 0,
            points_issued: 0,
            points_clawed_back: 0,
            points_expired: 0,
            points_redeemed: 0,
            points_available: 0,
            points_pending: 0,
            points_debt: 0,
            write_units: 0,
            read_units: Number::from(0),
            row_bytes_median: 0,
            row_bytes_p99: 0,
            facts_per_second: 0,
            seconds: 0,
            replayed: 0,
        }
    }

    /// The summary for a person.
    pub fn table(&self) -> String {
        let rows = [
            ("members", self.members.to_string()),
            ("orders", self.orders.to_string()),
            ("refunds", self.refunds.to_string()),
            ("orphan refund lines", self.orphans.to_string()),
            ("recorded before", self.replayed.to_string()),
            ("points issued", self.points_issued.to_string()),
            ("points clawed back", self.points_clawed_back.to_string()),
            ("points expired", self.points_expired.to_string()),
            ("points redeemed", self.points_redeemed.to_string()),
            ("points available", self.points_available.to_string()),
            ("points pending", self.points_pending.to_string()),
            ("points owed", self.points_debt.to_string()),
            ("write units", self.write_units.to_string()),
            ("read units", self.read_units.to_string()),
            ("row bytes, median", self.row_bytes_median.to_string()),
            ("row bytes, 99 of 100", self.row_bytes_p99.to_string()),
            ("facts a second", self.facts_per_second.to_string()),
            ("seconds", self.seconds.to_string()),
        ];
        let line = |(name, value): (&str, String)| format!("{name:<22}{value:>14}\n");
        rows.into_iter().map(line).collect()
    }
}

/// How `guerdon replay` was called.
#[derive(Debug, clap::Args)]
pub struct Replay {
    /// The order file: the documented CSV layout, or Online Retail II, plain or .zst
    pub file: std::path::PathBuf,
    /// A definition file instead of the house program
    #[arg(long)]
    pub program: Option<std::path::PathBuf>,
    /// The folder that keeps the data
    #[arg(long, default_value = ".guerdon-replay")]
    pub data: std::path::PathBuf,
    /// Keep nothing
    #[arg(long)]
    pub memory: bool,
    /// Print the summary as JSON
    #[arg(long)]
    pub json: bool,
}

/// Replays a file and prints the summary.
///
/// # Errors
///
/// One sentence.
pub async fn run(replay: Replay) -> Result<(), String> {
    let file = read(&replay.file)?;
    let first = file.facts.first().ok_or("the file has no orders")?;
    let first = Instant::from_timestamp(first.at());
    let definition = crate::program::read(replay.program.as_deref(), first)?;
    let data = match replay.memory {
        true => crate::stack::Data::Memory,
        false => crate::stack::Data::Folder(replay.data.clone()),
    };
    let options = crate::stack::Options { data, port: 0, clock: first };
    let stack = Stack::start(options).await.map_err(|error| error.to_string())?;
    let outcome = replay_into(&stack, &definition, &file, replay.json).await;
    stack.stop().await;
    let summary = outcome?;
    if replay.json {
        println!("{}", serde_json::to_string(&summary).unwrap_or_default());
    } else {
        print!("{}", summary.table());
    }
    Ok(())
}

async fn replay_into(
    stack: &Stack,
    definition: &crate::program::Definition,
    file: &OrderFile,
    quiet: bool,
) -> Result<Summary, String> {
    let id = crate::program::publish(&stack.app, definition, SOURCE).await?;
    tokio::select! {
        summary = self::replay(stack, &id, file, quiet) => summary,
        _ = tokio::signal::ctrl_c() => {
            Err("stopped; the same command again goes on where it stopped".to_owned())
        }
    }
}
