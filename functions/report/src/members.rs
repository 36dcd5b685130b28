//! What a member's chain says: balance, history, explanation, statement.

use axum::{Json, extract::State};
use domain::{
    ids::MemberId,
    row::Chain,
    time::{Day, Instant},
};
use edge::{
    App, MemberRef, PathOf, Problem, QueryOf, ReadAt,
    api::{Balance, HistoryPage, Moved, Recorded, RowSummary, Statement, day},
    auth::{Caller, MemberOr, Read},
};
use schemars::JsonSchema;
use serde::Deserialize;

/// Rows of one page, unless the caller asks for fewer.
const PAGE_ROWS: usize = 50;
/// The most rows of one page.
const PAGE_ROWS_MAX: usize = 200;
/// The most rows of one statement.
const STATEMENT_ROWS_MAX: u64 = 2_000;

/// Answers with the balance at an instant.
pub(crate) async fn balance(
    State(app): State<App>,
    caller: MemberOr<Read>,
    PathOf(path): PathOf<MemberRef>,
    QueryOf(when): QueryOf<ReadAt>,
) -> Result<Json<Balance>, Problem> {
    Ok(Json(app.read(caller.program(), &path.member, &when).await?.balance()))
}

/// A page of history.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HistoryQuery {
    /// Where to go on: the `cursor` of the page before.
    cursor: Option<String>,
    /// How many rows, 1 to 200.
    limit: Option<usize>,
}

/// Answers with a page of history, newest first.
pub(crate) async fn history(
    State(app): State<App>,
    caller: MemberOr<Read>,
    PathOf(path): PathOf<MemberRef>,
    QueryOf(query): QueryOf<HistoryQuery>,
) -> Result<Json<HistoryPage>, Problem> {
    let chain = chain(&caller, path.member)?;
    let limit = query.limit.unwrap_or(PAGE_ROWS).clamp(1, PAGE_ROWS_MAX);
    let from = match query.cursor {
        Some(cursor) => read_cursor(&cursor)?,
        None => app.head(&chain, None).await?.row.sequence,
    };
    let rows = app.ledger().rows(&chain, from, true, limit).await?;
    let last = rows.last().map_or(0, |row| row.row.sequence);
    Ok(Json(HistoryPage {
        history: rows.iter().map(|stored| RowSummary::of(&stored.row)).collect(),
        cursor: (last > 1).then(|| cursor(last - 1)),
    }))
}

/// Cursors are opaque: what is in them may change.
fn cursor(sequence: u64) -> String {
    format!("h{:x}", sequence ^ 0x5bd1)
}

fn read_cursor(cursor: &str) -> Result<u64, Problem> {
    let number = cursor.strip_prefix('h').and_then(|hex| u64::from_str_radix(hex, 16).ok());
    let sequence = number.map(|number| number ^ 0x5bd1).filter(|sequence| *sequence > 0);
    sequence.ok_or_else(|| Problem::bad_request("CURSOR", "this is no cursor of a history"))
}

/// A row in a path.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct RowRef {
    /// The member's id.
    member: String,
    /// The row's place in the history.
    sequence: u64,
}

/// Answers with a row and its full explanation.
pub(crate) async fn row(
    State(app): State<App>,
    caller: MemberOr<Read>,
    PathOf(path): PathOf<RowRef>,
) -> Result<Json<Recorded>, Problem> {
    let chain = chain(&caller, path.member)?;
    let rulebook = app.rulebook(caller.program()).await?;
    let row = app.ledger().row(&chain, path.sequence, store::tables::Consistency::Eventual).await?;
    let row = row.ok_or_else(|| Problem::not_found("ROW_UNKNOWN", "there is no such row"))?;
    Recorded::of(&rulebook, &row.row, false, false).map(Json)
}

/// The span of a statement.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StatementQuery {
    /// The first day, in the program's zone; the first of this month unless said.
    from: Option<String>,
    /// The last day, inclusive; today unless said.
    to: Option<String>,
}

/// Answers with what moved over a span of days.
pub(crate) async fn statement(
    State(app): State<App>,
    caller: MemberOr<Read>,
    PathOf(path): PathOf<MemberRef>,
    QueryOf(query): QueryOf<StatementQuery>,
) -> Result<Json<Statement>, Problem> {
    let chain = chain(&caller, path.member)?;
    let rulebook = app.rulebook(caller.program()).await?;
    let head = app.head(&chain, None).await?;
    let now = app.clock().now().max(head.row.recorded_at);
    let zone = &rulebook.in_force(now).time_zone;
    let today = Day::of(now, zone);
    let month = Day::from_date(today.date().first_of_month());
    let from = query.from.map_or(Ok(month), |text| day("from", &text))?.starts_at(zone);
    let to = query.to.map_or(Ok(today), |text| day("to", &text))?.plus_days(1).starts_at(zone);
    if to <= from {
        return Err(Problem::unprocessable("SPAN", "from must not be after to"));
    }
    let seen_at = |at: Instant| ReadAt { at: Some(at), min_sequence: None };
    let closing = app.read(caller.program(), chain.member.as_str(), &seen_at(to)).await?;
    let opening = match app.ledger().row_at(head, from).await? {
        Some(_) => Some(app.read(caller.program(), chain.member.as_str(), &seen_at(from)).await?),
        None => None,
    };
    let first = opening.as_ref().map_or(1, |read| read.row.row.sequence + 1);
    let last = closing.row.row.sequence;
    if last.saturating_sub(first) >= STATEMENT_ROWS_MAX {
        let detail =
            format!("a statement has at most {STATEMENT_ROWS_MAX} rows: ask for less time");
        return Err(Problem::unprocessable("STATEMENT_TOO_LONG", detail));
    }
    let limit = usize::try_from((last + 1).saturating_sub(first)).unwrap_or(0);
    let rows = match limit {
        0 => Vec::new(),
        _ => app.ledger().rows(&chain, first, false, limit).await?,
    };
    let mut moved = Moved::default();
    for stored in &rows {
        moved.add(&Moved::of(&stored.row.changes));
    }
    // What time moved counts when it became true, not when a row booked it.
    moved.add(&closing.unbooked);
    if let Some(opening) = &opening {
        moved.remove(&opening.unbooked);
    }
    Ok(Json(Statement {
        member: chain.member.to_string(),
        from,
        to,
        opening: opening.map_or(0, |read| read.account.purse(0).balance()),
        moved,
        closing: closing.account.purse(0).balance(),
        history: rows.iter().map(|stored| RowSummary::of(&stored.row)).collect(),
    }))
}

fn chain(caller: &Caller, member: String) -> Result<Chain, Problem> {
    let member = MemberId::try_from(member)
        .map_err(|error| Problem::bad_request("ID", format!("member: {error}")))?;
    Ok(Chain { program: caller.program().clone(), member })
}
