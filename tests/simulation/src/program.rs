//! The programs that are simulated: short spans, so that much happens, and a second
//! version in the middle.

use std::{collections::BTreeMap, sync::Mutex};

use domain::{definition, program::Rulebook, time::Instant};

/// Points wait for the return window and end with their month.
const PATIENT: &str = r#"
[program]
id        = "house"
name      = "House"
time_zone = "Europe/London"
money     = "GBP"

[points]
name    = { one = "point", other = "points" }
cost    = "0.01 GBP"
pending = "14 days"
expiry  = { after = "3 months", round = "end of month" }
refund  = { clawback = "allow debt", returned_points_live_at_least = "10 days" }

[[earn]]
id     = "spend"
on     = "order"
points = "RATE per 1.00 GBP"

[[earn]]
id     = "coffee-corner"
on     = "order"
points = "1 per 1.00 GBP"
when   = { category = "coffee" }
limit  = ["100 points per month"]

[tiers]
measure   = "spend"
window    = "calendar year"
valid     = "rest of this year and all of next"
on_refund = "at review"
levels = [
  { id = "member", from = 0 },
  { id = "silver", from = "300.00 GBP", earn_times = 1.25 },
]

[[reward]]
id    = "money-off"
name  = "Money off"
kind  = "order credit"
price = "10 per 1.00 GBP"
"#;

/// Points can be spent at once and end after twenty days.
const HASTY: &str = r#"
[program]
id        = "house"
name      = "House"
time_zone = "America/New_York"
money     = "GBP"

[points]
name    = { one = "point", other = "points" }
cost    = "0.01 GBP"
expiry  = { after = "20 days" }
refund  = { clawback = "allow debt", returned_points_live_at_least = "2 days" }

[[earn]]
id     = "spend"
on     = "order"
points = "RATE per 1.00 GBP"

[[reward]]
id    = "money-off"
name  = "Money off"
kind  = "order credit"
price = "10 per 1.00 GBP"
"#;

/// Points end when the member stays away.
const FAITHFUL: &str = r#"
[program]
id        = "house"
name      = "House"
time_zone = "Asia/Tokyo"
money     = "GBP"

[points]
name    = { one = "point", other = "points" }
cost    = "0.01 GBP"
expiry  = { inactive = "25 days" }
refund  = { clawback = "allow debt", returned_points_live_at_least = "2 days" }

[[earn]]
id     = "spend"
on     = "order"
points = "RATE per 1.00 GBP"

[[reward]]
id    = "money-off"
name  = "Money off"
kind  = "order credit"
price = "10 per 1.00 GBP"
"#;

/// One of the programs; its second version, which gives more, comes into force at
/// `changed_at`.
pub fn rulebook(which: u64, changed_at: Instant, window_rows: usize) -> Rulebook {
    // Reading a definition takes longer than most cases.
    static READ: Mutex<BTreeMap<(u64, Instant), Rulebook>> = Mutex::new(BTreeMap::new());
    let mut read = READ.lock().unwrap();
    let rulebook = read.entry((which % 3, changed_at)).or_insert_with(|| {
        let text = [PATIENT, HASTY, FAITHFUL][(which % 3) as usize];
        let version = |rate: &str, version: u32, from: Instant| {
            definition::parse(&text.replace("RATE", rate), "house.toml", version, from).unwrap()
        };
        Rulebook::new([version("1", 1, Instant::default()), version("3", 2, changed_at)]).unwrap()
    });
    let mut rulebook = rulebook.clone();
    rulebook.window_rows = window_rows;
    rulebook
}
