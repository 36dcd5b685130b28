//! How numbers come back: the same value, in one spelling.

use crate::local::{Local, Outcome, n, s};

#[tokio::test]
async fn a_number_comes_back_as_the_same_value() -> Outcome {
    let local = Local::with_ledger().await?;
    for (given, returned) in [
        ("0", "0"),
        ("-0", "0"),
        ("007", "7"),
        ("1.50", "1.5"),
        ("1E3", "1000"),
        ("9007199254740993", "9007199254740993"),
        ("18446744073709551615", "18446744073709551615"),
        ("0.1", "0.1"),
        ("-12345678901234567890123456789012345678", "-12345678901234567890123456789012345678"),
    ] {
        local
            .items
            .put_item()
            .table_name("ledger")
            .item("chain", s("ada"))
            .item("seq", n(given))
            .item("value", n(given))
            .send()
            .await?;
        let row = local
            .items
            .get_item()
            .table_name("ledger")
            .key("chain", s("ada"))
            .key("seq", n(returned))
            .send()
            .await?;
        let item = row.item.ok_or(given)?;
        assert_eq!(item["value"], n(returned));
        assert_eq!(item["seq"], n(returned));
    }
    Ok(())
}
