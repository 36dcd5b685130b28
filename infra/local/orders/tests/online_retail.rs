//! The real invoices, read whole. Needs `GUERDON_DATA`, the folder of the data.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use orders::{FileFact, FileOrder, FileRefund, FileSummary, OrderFile, read};

/// The file's path, or nothing and a word about it when there is no data here.
fn data() -> Option<PathBuf> {
    let Some(folder) = std::env::var_os("GUERDON_DATA") else {
        eprintln!("skipped: GUERDON_DATA does not name the folder of the data");
        return None;
    };
    Some(Path::new(&folder).join("online_retail_ii/online_retail_ii.csv.zst"))
}

fn orders(file: &OrderFile) -> impl Iterator<Item = &FileOrder> {
    file.facts.iter().filter_map(|fact| match fact {
        FileFact::Order(order) => Some(order),
        FileFact::Refund(_) => None,
    })
}

fn refunds(file: &OrderFile) -> impl Iterator<Item = &FileRefund> {
    file.facts.iter().filter_map(|fact| match fact {
        FileFact::Refund(refund) => Some(refund),
        FileFact::Order(_) => None,
    })
}

#[test]
fn the_invoices_become_orders_and_refunds() {
    let Some(path) = data() else { return };
    let file = read(&path).expect("the invoices");
    check_counts(&file);
    check_order_of_time(&file);
    check_refunds_fit(&file);
    check_one_of_each(&file);
}

/// The invoices by kind are those of the publisher's sheets: 40,076 sales
/// (36,969 + 3,107 guests'), 8,292 cancellations, 5,254 worth nothing, 6 adjustments.
fn check_counts(file: &OrderFile) {
    let expected = FileSummary {
        lines: 1_067_371,
        overlap_lines: 22_523,
        orders: 36_969,
        order_lines: 791_027,
        members: 5_878,
        guest_orders: 3_107,
        worthless_lines: 79,
        rounded_prices: 18,
        nonpositive_invoices: 5_254,
        adjustments: 6,
        refunds: 8_445,
        refund_lines: 15_969,
        cancellations: 8_292,
        matched_lines: 16_028,
        orphan_lines: 2_418,
        guest_refunds: 391,
    };
    assert_eq!(file.summary, expected);
    let buyers: HashSet<&str> = orders(file).map(|order| order.member.as_str()).collect();
    assert_eq!(buyers.len(), 5_878);
}

fn check_order_of_time(file: &OrderFile) {
    let key = |fact: &FileFact| (fact.at(), matches!(fact, FileFact::Refund(_)));
    assert!(file.facts.is_sorted_by_key(key));
}

/// Every refund is of an earlier order of its member, and no line gives back
/// more than was bought.
fn check_refunds_fit(file: &OrderFile) {
    let mut ids = HashSet::new();
    let mut sold = HashMap::new();
    for fact in &file.facts {
        match fact {
            FileFact::Order(order) => {
                assert!(ids.insert(&order.id), "{}", order.id);
                for line in &order.lines {
                    assert!(line.quantity > 0 && line.unit_price > 0);
                    sold.insert((&order.member, &order.id, &line.id), line.quantity);
                }
            }
            FileFact::Refund(refund) => {
                assert!(ids.insert(&refund.id), "{}", refund.id);
                for line in &refund.lines {
                    let left = sold
                        .get_mut(&(&refund.member, &refund.order, &line.line))
                        .expect("an earlier line");
                    *left = left.checked_sub(line.quantity).expect("enough left");
                }
            }
        }
    }
    assert!(file.orphans.iter().all(|orphan| ids.insert(&orphan.id)));
}

/// The first invoice of the file, and the largest one, cancelled within minutes.
fn check_one_of_each(file: &OrderFile) {
    let first = orders(file).next().expect("an order");
    assert_eq!((first.id.as_str(), first.member.as_str()), ("489434", "13085"));
    assert_eq!(first.placed_at.to_string(), "2009-12-01T07:45:00Z");
    let total: i64 =
        first.lines.iter().map(|line| line.unit_price * i64::from(line.quantity)).sum();
    assert_eq!(total, 50_530);
    let refund = refunds(file)
        .find(|refund| refund.id == "C581484:581483")
        .expect("the largest order's refund");
    assert_eq!(refund.refunded_at.to_string(), "2011-12-09T09:27:00Z");
    assert_eq!(refund.lines[0].quantity, 80_995);
}
