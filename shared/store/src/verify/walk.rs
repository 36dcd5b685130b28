//! Through the whole ledger, chain by chain.
//!
//! A scan of DynamoDB gives each partition's items together and in order, so one pass
//! that keeps one chain in memory is enough. Should a table give them in another order,
//! the chains are read one by one instead.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    hash::{DefaultHasher, Hash, Hasher},
};

use domain::{ids::ProgramId, program::Rulebook, row::Chain};

use super::{CountedByProgram, Report, chain::Fold};
use crate::{
    codec::StoredRow,
    item::{Item, Table, Value},
    rollups::zone_of,
    tables::{Consistency, Failure, Query, Tables},
};

/// How many rows of a chain are read at once.
const ROWS_AT_ONCE: usize = 256;

/// What was found so far.
pub(super) struct Walk<'a> {
    pub report: Report,
    pub counted: CountedByProgram,
    rulebooks: &'a HashMap<ProgramId, Rulebook>,
    open: Option<Open<'a>>,
}

/// The chain being read.
struct Open<'a> {
    partition: String,
    /// The sequence of its last item.
    last: i128,
    fold: Fold<'a>,
}

/// Folds all chains in one pass; `None` when the items do not come in order.
pub(super) async fn by_scan<'a, T: Tables>(
    tables: &T,
    rulebooks: &'a HashMap<ProgramId, Rulebook>,
    progress: &mut (impl FnMut(u64) + Send),
) -> Result<Option<Walk<'a>>, Failure> {
    let mut walk = Walk::new(rulebooks);
    // Hashes of the chains begun. Two chains that share one are read one by one.
    let mut begun = HashSet::new();
    let mut after = None;
    loop {
        let page = tables.scan(Table::Ledger, after).await?;
        for item in &page.items {
            let Some((partition, sequence)) = place(item) else { return Ok(None) };
            let in_order = match &walk.open {
                Some(open) if open.partition == partition => open.last < sequence,
                _ => begun.insert(hash(partition)),
            };
            if !in_order {
                return Ok(None);
            }
            walk.take(partition, sequence, item);
        }
        progress(walk.report.rows);
        after = page.next;
        if after.is_none() {
            return Ok(Some(walk));
        }
    }
}

/// Folds each chain by itself.
pub(super) async fn by_chain<'a, T: Tables>(
    tables: &T,
    rulebooks: &'a HashMap<ProgramId, Rulebook>,
    progress: &mut (impl FnMut(u64) + Send),
) -> Result<Walk<'a>, Failure> {
    let mut walk = Walk::new(rulebooks);
    for partition in partitions(tables).await? {
        let mut from: Option<i128> = None;
        loop {
            let items = tables.query(&rows(&partition, from)).await?;
            for item in &items {
                let sequence = item.get_number("sequence").unwrap_or(0);
                walk.take(&partition, sequence, item);
                from = Some(sequence + 1);
            }
            progress(walk.report.rows);
            if items.len() < ROWS_AT_ONCE {
                break;
            }
        }
    }
    Ok(walk)
}

async fn partitions<T: Tables>(tables: &T) -> Result<BTreeSet<String>, Failure> {
    let mut found = BTreeSet::new();
    let mut after = None;
    loop {
        let page = tables.scan(Table::Ledger, after).await?;
        let chains = page.items.iter().filter_map(|item| item.get_text("chain"));
        found.extend(chains.map(str::to_owned));
        after = page.next;
        if after.is_none() {
            return Ok(found);
        }
    }
}

fn rows(partition: &str, from: Option<i128>) -> Query {
    Query {
        table: Table::Ledger,
        partition: partition.to_owned(),
        from: from.map(Value::N),
        to: None,
        descending: false,
        limit: ROWS_AT_ONCE,
        consistency: Consistency::Eventual,
    }
}

/// The chain and the sequence of an item, as the table keeps it.
fn place(item: &Item) -> Option<(&str, i128)> {
    Some((item.get_text("chain")?, item.get_number("sequence")?))
}

fn hash(partition: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    partition.hash(&mut hasher);
    hasher.finish()
}

impl<'a> Walk<'a> {
    fn new(rulebooks: &'a HashMap<ProgramId, Rulebook>) -> Walk<'a> {
        let (report, counted) = (Report::default(), CountedByProgram::new());
        Walk { report, counted, rulebooks, open: None }
    }

    fn take(&mut self, partition: &str, sequence: i128, item: &Item) {
        let same = self.open.take().filter(|open| open.partition == partition);
        let mut open = same.unwrap_or_else(|| self.begin(partition));
        let taken = open.fold.take(sequence, item);
        open.last = sequence;
        self.open = Some(open);
        self.report.rows += 1;
        if let Some(problem) = taken.problem {
            self.report.problem(problem);
        }
        if let Some(row) = taken.row {
            self.count(&row);
        }
    }

    fn begin(&mut self, partition: &str) -> Open<'a> {
        self.report.chains += 1;
        let program = partition.parse::<Chain>().ok().map(|chain| chain.program);
        let rulebook = program.and_then(|program| self.rulebooks.get(&program));
        let partition = partition.to_owned();
        Open { last: 0, fold: Fold::new(partition.clone(), rulebook), partition }
    }

    fn count(&mut self, stored: &StoredRow) {
        *self.report.kinds.entry(stored.row.kind.as_str()).or_default() += 1;
        let program = &stored.row.chain.program;
        if let Some(zone) = self.rulebooks.get(program).and_then(zone_of) {
            self.counted.entry(program.clone()).or_default().count(stored, &zone);
        }
    }
}
