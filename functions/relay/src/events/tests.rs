//! Events against rows: nothing is lost, nothing is told twice, nothing depends on when.

use std::collections::BTreeMap;

use domain::{
    account::{Account, Standing, TierState},
    change::{Change, Movement, Place},
    definition,
    key::{FactKey, Fingerprint},
    points::Points,
    program::Rulebook,
    row::{Row, RowKind},
    time::{Day, Instant},
};
use proptest::prelude::*;
use store::codec::{RowHash, StoredRow};

use super::*;

/// A program with two currencies, the first with a decimal.
const PROGRAM: &str = r#"
[program]
id        = "club"
name      = "The club"
time_zone = "Europe/London"
money     = "GBP"

[points]
name     = { one = "Star", other = "Stars" }
decimals = 1
cost     = "0.01 GBP"
pending  = "at once"

[[currency]]
id   = "nights"
name = { one = "night", other = "nights" }

[[earn]]
id     = "spend"
on     = "order"
points = "1 per 1.00 GBP"

[[earn]]
id       = "nights"
on       = "order"
currency = "nights"
points   = 1
"#;

fn rulebook() -> Rulebook {
    let program = definition::parse(PROGRAM, "club.toml", 1, Instant::default());
    let program = program.unwrap_or_else(|refused| panic!("{refused}"));
    Rulebook::new([program]).expect("a version")
}

fn stored(changes: Vec<Change>) -> StoredRow {
    let since = Day::from_date("2026-01-01".parse().expect("a date"));
    let at = Instant::from_millis(1_780_000_000_123);
    let row = Row {
        chain: "club/ada".parse().expect("a chain"),
        sequence: 7,
        kind: RowKind::Order,
        key: Some(FactKey::stored("order:shop:1".to_owned())),
        order_key: None,
        subject_key: None,
        fingerprint: Fingerprint([0; 8]),
        recorded_at: at,
        occurred_at: at,
        program_version: 1,
        actor: "key till 3".to_owned(),
        previous_at: None,
        key_ahead_hours: 0,
        note: None,
        changes,
        order: None,
        index: Vec::new(),
        account: Account { standing: Standing::Member { since }, ..Account::default() },
    };
    StoredRow { row, hash: RowHash([0xab; 32]), bytes: 0 }
}

fn events(changes: Vec<Change>) -> Vec<Event> {
    events_of(&stored(changes), &rulebook()).expect("a version that is loaded")
}

fn day() -> impl Strategy<Value = Day> {
    (0_i32..4).prop_map(|days| Day::FIRST.plus_days(days))
}

fn place() -> impl Strategy<Value = Place> {
    prop_oneof![
        Just(Place::Issued),
        (day(), day())
            .prop_map(|(matures_on, expires_on)| Place::Pending { matures_on, expires_on }),
        day().prop_map(|expires_on| Place::Available { expires_on }),
        day().prop_map(|expires_on| Place::Held { hold: 3, expires_on }),
        Just(Place::Debt),
        Just(Place::Redeemed),
        Just(Place::Expired),
        Just(Place::ClawedBack),
        Just(Place::Donated),
        Just(Place::Adjusted),
        Just(Place::Transferred),
    ]
}

fn change() -> impl Strategy<Value = Change> {
    let moved =
        (0_u8..2, place(), place(), 0_u64..10_000).prop_map(|(currency, from, to, units)| {
            let points = Points::new(units).expect("few points");
            Change::Moved(Movement { currency, from, to, points })
        });
    prop_oneof![
        8 => moved,
        1 => (2_u32..4).prop_map(|times| Change::Redenominated { times }),
        1 => Just(Change::FirstOrdered),
        1 => day().prop_map(|on| Change::Active { on }),
    ]
}

type Sums = BTreeMap<(String, String, String), u64>;

/// What a row moved, by currency and buckets.
fn moved_by(row: &Row) -> Sums {
    let mut sums = Sums::new();
    for Movement { currency, from, to, points } in row.movements() {
        let currency = if *currency == 0 { String::new() } else { "nights".to_owned() };
        let key = (currency, from.bucket().to_owned(), to.bucket().to_owned());
        *sums.entry(key).or_default() += points.units();
    }
    sums
}

fn units(decimal: &Decimal, decimals: u32) -> u64 {
    let text = decimal.to_string();
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let digits = format!("{whole}{fraction:0<width$}", width = decimals as usize);
    digits.parse().expect("digits")
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_events_say_is_what_the_row_moved(changes in prop::collection::vec(change(), 0..12)) {
        let stored = stored(changes);
        let events = events_of(&stored, &rulebook()).expect("a version that is loaded");
        let mut sums = Sums::new();
        for event in &events {
            let Data { currency, points, moved, .. } = &event.data;
            let decimals = if currency.is_some() { 0 } else { 1 };
            let mut all = 0;
            for Moved { from, to, points } in moved {
                let key = (currency.clone().unwrap_or_default(), from.clone(), to.clone());
                *sums.entry(key).or_default() += units(points, decimals);
                all += units(points, decimals);
            }
            prop_assert_eq!(points.as_ref().map(|points| units(points, decimals)), Some(all));
        }
        prop_assert_eq!(sums, moved_by(&stored.row));
        let mut ids: Vec<&str> = events.iter().map(|event| event.id.as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        prop_assert_eq!(ids.len(), events.len(), "each has an id of its own");
        let again = events_of(&stored, &rulebook()).expect("a version that is loaded");
        prop_assert_eq!(again, events, "and the same one every time");
    }
}

fn moved(currency: u8, from: Place, to: Place, units: u64) -> Change {
    let points = Points::new(units).expect("few points");
    Change::Moved(Movement { currency, from, to, points })
}

#[test]
fn an_event_is_a_cloud_event_that_says_what_happened() {
    let lot = Place::Available { expires_on: Day::NEVER };
    let changes = vec![
        moved(0, Place::Issued, lot, 125),
        moved(0, Place::Issued, Place::Debt, 5),
        moved(1, Place::Issued, lot, 2),
    ];
    let events = events(changes);
    let json: serde_json::Value = serde_json::from_str(&events[0].json()).expect("JSON");
    let hash = "ab".repeat(32);
    let expected = serde_json::json!({
        "specversion": "1.0",
        "id": format!("{hash}-points-earned"),
        "source": "/guerdon/club",
        "type": "points.earned",
        "subject": "ada",
        "time": "2026-05-28T20:26:40.123Z",
        "datacontenttype": "application/json",
        "data": {
            "program": "club", "member": "ada", "sequence": 7, "row": "order",
            "key": "order:shop:1", "points_name": "Stars", "points": 13,
            "moved": [
                { "from": "issued", "to": "available", "points": 12.5 },
                { "from": "issued", "to": "debt", "points": 0.5 },
            ],
            "balance": 0, "pending": 0,
        },
    });
    assert_eq!(json, expected);
    let nights = &events[1];
    assert_eq!(nights.id, format!("{hash}-points-earned-2"));
    assert_eq!(
        (nights.data.currency.as_deref(), nights.data.points_name.as_str()),
        (Some("nights"), "nights")
    );
}

#[test]
fn movements_are_told_by_what_they_mean() {
    use EventType as T;
    let pending = Place::Pending { matures_on: Day::NEVER, expires_on: Day::NEVER };
    let lot = Place::Available { expires_on: Day::NEVER };
    let held = Place::Held { hold: 1, expires_on: Day::NEVER };
    let cases = [
        (Place::Issued, pending, T::PointsPending),
        (Place::Issued, lot, T::PointsEarned),
        (pending, lot, T::PointsEarned),
        (pending, Place::Debt, T::PointsEarned),
        (lot, held, T::PointsHeld),
        (held, lot, T::PointsReleased),
        (held, Place::Redeemed, T::PointsRedeemed),
        (lot, Place::Redeemed, T::PointsRedeemed),
        (lot, Place::Donated, T::PointsDonated),
        (lot, Place::Expired, T::PointsExpired),
        (pending, Place::ClawedBack, T::PointsClawedBack),
        (Place::Debt, Place::ClawedBack, T::PointsClawedBack),
        (Place::Issued, Place::ClawedBack, T::PointsClawedBack),
        (Place::Redeemed, lot, T::PointsReturned),
        (Place::Expired, Place::Debt, T::PointsReturned),
        (Place::Adjusted, lot, T::PointsAdjusted),
        (Place::Debt, Place::Adjusted, T::PointsAdjusted),
        (Place::Transferred, lot, T::PointsTransferred),
        (lot, lot, T::PointsRedated),
    ];
    for (from, to, kind) in cases {
        assert_eq!(type_of(from, to), kind, "{from:?} to {to:?}");
    }
}

#[test]
fn points_that_are_counted_anew_were_not_earned() {
    let lot = Place::Available { expires_on: Day::NEVER };
    let changes = vec![
        moved(0, Place::Issued, lot, 10),
        Change::FirstOrdered,
        moved(0, Place::Issued, lot, 90),
        moved(0, Place::Debt, Place::Issued, 9),
        Change::Redenominated { times: 10 },
        moved(0, Place::Issued, lot, 1),
    ];
    let told: Vec<(EventType, String)> = events(changes)
        .iter()
        .map(|event| (event.kind, event.data.points.as_ref().expect("points").to_string()))
        .collect();
    let expected = [(EventType::PointsEarned, "1.1"), (EventType::PointsRedenominated, "9.9")];
    assert_eq!(told, expected.map(|(kind, points)| (kind, points.to_owned())));
}

#[test]
fn levels_that_stay_and_guests_are_not_told_of() {
    let tier = |from: Option<&str>, level: &str| Change::TierSet {
        from: from.map(str::to_owned),
        to: TierState { level: level.to_owned(), since: Day::FIRST, ends_on: Day::NEVER },
    };
    let told = events(vec![tier(Some("gold"), "gold"), tier(Some("gold"), "silver")]);
    let [event] = told.as_slice() else { panic!("{told:?}") };
    let about = About::Tier { from: Some("gold".into()), to: "silver".into(), until: None };
    assert_eq!((event.kind, event.data.about.as_ref()), (EventType::TierChanged, Some(&about)));
    let mut guest = stored(vec![tier(None, "gold")]);
    guest.row.account.standing = Standing::Guest;
    assert_eq!(events_of(&guest, &rulebook()), Ok(Vec::new()));
    let mut newer = stored(Vec::new());
    newer.row.program_version = 2;
    assert_eq!(events_of(&newer, &rulebook()), Err(VersionNotLoaded { version: 2 }));
}
