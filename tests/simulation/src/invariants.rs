//! What must hold of every chain, whatever happened.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    account::{Account, signed},
    award,
    change::Place,
    program::Rulebook,
    row::{Chain, INDEX_EVERY, Row},
    settle::settled,
};
use store::{
    codec::{self, RowHash, StoredRow},
    item::{Item, Table},
    simulated::workers::run_alone,
    tables::{Consistency, Query, Tables},
};

/// All items of a chain, oldest first.
pub async fn items(tables: &impl Tables, chain: &Chain) -> Vec<Item> {
    let query = Query {
        table: Table::Ledger,
        partition: chain.to_string(),
        from: None,
        to: None,
        descending: false,
        limit: usize::MAX,
        consistency: Consistency::Strong,
    };
    tables.query(&query).await.unwrap()
}

/// Checks a chain and returns its rows.
pub fn check_chain(tables: &impl Tables, rulebook: &Rulebook, chain: &Chain) -> Vec<StoredRow> {
    let items = run_alone(items(tables, chain));
    let problem = first_problem(&items, rulebook);
    assert_eq!(problem, None, "{chain}");
    items.iter().map(|item| codec::decode(item).unwrap()).collect()
}

/// What is wrong with a chain, and in which row.
pub fn first_problem(items: &[Item], rulebook: &Rulebook) -> Option<(usize, String)> {
    let mut proof = Proof::new(rulebook);
    let mut problems = items.iter().enumerate();
    problems.find_map(|(at, item)| proof.take_in(item).err().map(|why| (at + 1, why)))
}

/// A chain, proved row by row.
struct Proof<'a> {
    rulebook: &'a Rulebook,
    previous: RowHash,
    rows: Vec<Row>,
    keys: BTreeSet<String>,
    /// Points in each place, summed up from the movements alone.
    places: BTreeMap<(u8, &'static str), i64>,
}

/// Fails with what was expected.
fn must(holds: bool, what: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(what.to_owned()) }
}

impl Proof<'_> {
    fn new(rulebook: &Rulebook) -> Proof<'_> {
        let (keys, places) = (BTreeSet::new(), BTreeMap::new());
        Proof { rulebook, previous: RowHash::NONE, rows: Vec::new(), keys, places }
    }

    fn take_in(&mut self, item: &Item) -> Result<(), String> {
        let stored = codec::decode(item).map_err(|failure| failure.to_string())?;
        let links = codec::proves(item, &self.previous).map_err(|failure| failure.to_string())?;
        must(links, "the hash links")?;
        let row = &stored.row;
        must(row.sequence == self.rows.len() as u64 + 1, "sequences have no gaps")?;
        let last = self.rows.last();
        must(last.is_none_or(|last| last.chain == row.chain), "the chain is one member's")?;
        must(last.map(|last| last.recorded_at) == row.previous_at, "the row before is named")?;
        must(row.previous_at <= Some(row.recorded_at), "time never runs backwards")?;
        let before = last.map(|last| last.account.clone()).unwrap_or_default();
        let folded = row.fold(&before, self.rulebook.window_rows);
        must(folded.as_ref() == Ok(&row.account), "the account is the fold of the rows")?;
        let new = row.key.as_ref().is_none_or(|key| self.keys.insert(key.as_str().to_owned()));
        must(new, "a fact is recorded once")?;
        self.conserves(row)?;
        self.spends_what_is_there(row)?;
        self.order_is_worth_it(row)?;
        self.previous = stored.hash;
        self.rows.push(stored.row);
        self.index_is_complete()
    }

    /// Every place holds what moved into it, less what moved out.
    fn conserves(&mut self, row: &Row) -> Result<(), String> {
        for movement in row.movements() {
            let points = signed(movement.points);
            *self.places.entry((movement.currency, movement.from.bucket())).or_default() -= points;
            *self.places.entry((movement.currency, movement.to.bucket())).or_default() += points;
        }
        let sum = |currency: u8, place| self.places.get(&(currency, place)).copied().unwrap_or(0);
        must(self.places.values().sum::<i64>() == 0, "movements sum to zero")?;
        for (currency, purse) in (0..).zip(&row.account.purses) {
            must(sum(currency, "pending") == signed(purse.pending()), "pending adds up")?;
            must(sum(currency, "available") == signed(purse.available()), "lots add up")?;
            must(sum(currency, "debt") == -signed(purse.debt), "debt adds up")?;
        }
        must(sum(0, "held") == signed(row.account.held(0)), "holds add up")
    }

    /// What a redemption takes was spendable at that moment.
    fn spends_what_is_there(&self, row: &Row) -> Result<(), String> {
        let Some(last) = self.rows.last() else { return Ok(()) };
        let spent = row.sum_moved(|from, to| {
            matches!(from, Place::Available { .. })
                && matches!(to, Place::Redeemed | Place::Held { .. })
        });
        let there = settled(self.rulebook, last, row.recorded_at);
        let there = there.map(|account: Account| account.purse(0).available());
        must(there.is_ok_and(|there| spent <= there), "no spend of points that are not there")
    }

    /// An order holds what it is worth under the version that decided it.
    fn order_is_worth_it(&self, row: &Row) -> Result<(), String> {
        let Some(order) = &row.order else { return Ok(()) };
        let pinned = self.rulebook.version(order.program_version).ok_or("a pinned version")?;
        let worth = award::worth(pinned, order).map_err(|_| "an order that can be valued")?;
        let holds = (0..).zip(&worth.totals).all(|(currency, total)| order.net(currency) == *total);
        must(holds, "an order holds what it is worth")
    }

    /// The row that carries an index carries every key of the rows up to it.
    fn index_is_complete(&self) -> Result<(), String> {
        let Some(row) = self.rows.last() else { return Ok(()) };
        if row.sequence % INDEX_EVERY != 0 {
            return must(row.index.is_empty(), "no index between");
        }
        let mut expected = BTreeSet::new();
        for covered in self.rows.iter().rev().take(usize::try_from(INDEX_EVERY).unwrap_or(0)) {
            let back = row.sequence - covered.sequence;
            expected.extend(covered.keys().hashes().map(|hash| (back, hash)));
        }
        let found = row.index.iter().map(|entry| (u64::from(entry.back), entry.hash)).collect();
        must(expected == found, "the index is complete")
    }
}
