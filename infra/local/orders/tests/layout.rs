//! The documented layout, read from a file.

use std::path::{Path, PathBuf};

use orders::{FileFact, FileLine, FileOrder, FileRefund, FileSummary, OrderFile, RefundLine, read};
use ruzstd::encoding::{CompressionLevel, compress_to_vec};

fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/example.csv")
}

fn annas_order() -> FileOrder {
    FileOrder {
        id: "1001".into(),
        member: "anna".into(),
        placed_at: "2026-01-10T09:30:00Z".parse().expect("an instant"),
        currency: "GBP".into(),
        channel: Some("store".into()),
        store: Some("leeds".into()),
        lines: vec![
            FileLine {
                id: "1".into(),
                product: "beans-250".into(),
                category: Some("coffee".into()),
                brand: Some("Northwind".into()),
                quantity: 2,
                unit_price: 1250,
                discount: 500,
            },
            FileLine {
                id: "2".into(),
                product: "mug".into(),
                category: Some("homeware".into()),
                brand: None,
                quantity: 1,
                unit_price: 800,
                discount: 0,
            },
        ],
    }
}

fn annas_refund() -> FileRefund {
    FileRefund {
        id: "R1".into(),
        member: "anna".into(),
        refunded_at: "2026-01-12T16:05:00Z".parse().expect("an instant"),
        order: "1001".into(),
        lines: vec![
            RefundLine { line: "1".into(), quantity: 1 },
            RefundLine { line: "2".into(), quantity: 1 },
        ],
    }
}

#[track_caller]
fn check(file: &OrderFile) {
    let [first, second, third, fourth] = &file.facts[..] else { panic!("{:?}", file.facts) };
    assert_eq!(first, &FileFact::Order(annas_order()));
    // At the same minute, and after the refund in the file.
    assert!(
        matches!(second, FileFact::Order(order) if order.id == "1004" && order.lines[0].unit_price == 450)
    );
    assert_eq!(third, &FileFact::Refund(annas_refund()));
    assert_eq!(fourth.at().to_string(), "2026-01-31T23:00:00Z");
    let summary = FileSummary {
        lines: 8,
        orders: 3,
        order_lines: 4,
        members: 2,
        guest_orders: 1,
        refunds: 1,
        refund_lines: 2,
        guest_refunds: 1,
        ..FileSummary::default()
    };
    assert_eq!(file.summary, summary);
}

#[test]
fn the_example_is_read_in_time_order() {
    check(&read(&example()).expect("the example"));
}

#[test]
fn the_example_is_read_when_compressed() {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("example.csv.zst");
    let text = std::fs::read(example()).expect("the example");
    std::fs::write(&path, compress_to_vec(&text[..], CompressionLevel::Fastest)).expect("a file");
    check(&read(&path).expect("the compressed example"));
}

#[test]
fn an_error_names_the_file_and_the_line() {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bad.csv");
    let text =
        std::fs::read_to_string(example()).expect("the example").replace("12.50,5.00", "twelve,");
    std::fs::write(&path, text).expect("a file");
    let error = read(&path).expect_err("a bad price").to_string();
    assert_eq!(
        error,
        format!("{}:2: unit_price: `twelve` is not an amount such as 12.50", path.display())
    );
    let missing = read(Path::new("missing.csv")).expect_err("no such file").to_string();
    assert!(missing.starts_with("missing.csv: "), "{missing}");
}
