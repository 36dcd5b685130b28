//! What a program's roll-ups say, over HTTP: as JSON, or as CSV for a spreadsheet.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use domain::{
    program::{Goal, GoalKind, Leaderboard as Shown, Program, Rulebook, Span},
    rollup::DayRollup,
    time::{Day, Instant},
};
use edge::{
    App, Problem, QueryOf,
    api::day,
    auth::{Read, Service},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::{boards, rollups};

use crate::reports::{self, Activity, Leaderboard, Liability, Per};

/// The longest span of an activity report by day.
const DAYS_MAX: i32 = 3_660;
/// How many ranks a leaderboard names unless said, and at most.
const RANKS: usize = 10;
const RANKS_MAX: usize = 100;

/// How a report is answered.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Format {
    /// One object.
    #[default]
    Json,
    /// Lines of comma-separated values.
    Csv,
}

/// Which day's liability.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LiabilityQuery {
    /// The end of which day, in the program's zone; today unless said.
    at: Option<String>,
    /// `json` or `csv`; also by `Accept: text/csv`.
    #[serde(default)]
    format: Format,
}

/// Answers with what is outstanding at the end of a day, and what it costs.
pub(crate) async fn liability(
    State(app): State<App>,
    caller: Service<Read>,
    QueryOf(query): QueryOf<LiabilityQuery>,
    headers: HeaderMap,
) -> Result<Report<Liability>, Problem> {
    let books = Books::open(&app, &caller).await?;
    let at = query.at.map_or(Ok(books.today), |text| day("at", &text))?;
    let days = books.days(&app, at).await?;
    let report = reports::liability(&days, &books.program, at);
    let csv = wants_csv(query.format, &headers).then(|| report.csv());
    Ok(Report { report, csv })
}

/// Which days' activity.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ActivityQuery {
    /// The first day; the first of this month unless said.
    from: Option<String>,
    /// The last day, inclusive; today unless said.
    to: Option<String>,
    /// A line a `day` or a `month`.
    #[serde(default)]
    per: Each,
    /// `json` or `csv`; also by `Accept: text/csv`.
    #[serde(default)]
    format: Format,
}

/// What one line of an activity report covers.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Each {
    /// A day.
    #[default]
    Day,
    /// A calendar month.
    Month,
}

/// Answers with what happened, day by day or month by month.
pub(crate) async fn activity(
    State(app): State<App>,
    caller: Service<Read>,
    QueryOf(query): QueryOf<ActivityQuery>,
    headers: HeaderMap,
) -> Result<Report<Activity>, Problem> {
    let books = Books::open(&app, &caller).await?;
    let month = Day::from_date(books.today.date().first_of_month());
    let from = query.from.map_or(Ok(month), |text| day("from", &text))?;
    let to = query.to.map_or(Ok(books.today), |text| day("to", &text))?;
    if to < from || from.plus_days(DAYS_MAX) < to {
        let detail = format!("from must not be after to, nor more than {DAYS_MAX} days before it");
        return Err(Problem::unprocessable("SPAN", detail));
    }
    let per = match query.per {
        Each::Day => Per::Day,
        Each::Month => Per::Month,
    };
    let days = books.days(&app, to).await?;
    let report = reports::activity(&days, &books.program, from, to, per);
    let csv = wants_csv(query.format, &headers).then(|| report.csv());
    Ok(Report { report, csv })
}

/// Which leaderboard.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LeaderboardQuery {
    /// The challenge's id.
    challenge: String,
    /// The first day of a span, or any day in it, in the program's zone; the present span
    /// unless said.
    span: Option<String>,
    /// How many ranks, 1 to 100; 10 unless said.
    limit: Option<usize>,
    /// `json` or `csv`; also by `Accept: text/csv`.
    #[serde(default)]
    format: Format,
}

/// Answers with the members who have gathered most of a challenge's first step and agreed
/// to the purpose `leaderboard`. It follows what is recorded within seconds, and reads at
/// most 5,000 members, in the order of their ids: where there are more, `truncated` is true.
pub(crate) async fn leaderboard(
    State(app): State<App>,
    caller: Service<Read>,
    QueryOf(query): QueryOf<LeaderboardQuery>,
    headers: HeaderMap,
) -> Result<Report<Leaderboard>, Problem> {
    let limit = query.limit.unwrap_or(RANKS);
    if !(1..=RANKS_MAX).contains(&limit) {
        return Err(Problem::unprocessable("LIMIT", format!("limit is 1 to {RANKS_MAX}")));
    }
    let rulebook = app.rulebook(caller.program()).await?;
    let now = app.clock().now();
    let (program, goal) = ranking(&rulebook, &query.challenge, now)?;
    let zone = &program.time_zone;
    let asked = query.span.map(|text| day("span", &text)).transpose()?;
    let start = match goal.span {
        Span::Each(per) => per.start(asked.unwrap_or_else(|| Day::of(now, zone))),
        Span::Between { from, .. } => {
            let days = Day::of(from, zone)..goal.ends_on(Day::FIRST, zone);
            if asked.is_some_and(|asked| !days.contains(&asked)) {
                let detail = "the challenge comes once, and not on that day";
                return Err(Problem::unprocessable("SPAN", detail));
            }
            Day::FIRST
        }
    };
    let board = boards::read(app.tables(), caller.program(), &goal.id, start).await?;
    let report = reports::leaderboard(caller.program().as_str(), goal, start, board, limit);
    let csv = wants_csv(query.format, &headers).then(|| report.csv());
    Ok(Report { report, csv })
}

/// A challenge that ranks members, of the version in force or, if that no longer has it, of
/// the newest that did.
fn ranking<'r>(
    rulebook: &'r Rulebook,
    challenge: &str,
    now: Instant,
) -> Result<(&'r Program, &'r Goal), Problem> {
    let versions: Vec<_> = rulebook.versions().collect();
    let mut all = std::iter::once(rulebook.in_force(now)).chain(versions.into_iter().rev());
    let found = all.find_map(|program| {
        let goal = program.goal(challenge).filter(|goal| goal.kind == GoalKind::Challenge)?;
        Some((program.as_ref(), goal))
    });
    let (program, goal) = found.ok_or_else(|| {
        Problem::not_found("CHALLENGE_UNKNOWN", format!("there is no challenge {challenge:?}"))
    })?;
    match goal.leaderboard {
        Shown::OptIn => Ok((program, goal)),
        Shown::None => {
            let detail = format!("the challenge {challenge:?} has no leaderboard");
            Err(Problem::unprocessable("NO_LEADERBOARD", detail))
        }
    }
}

fn wants_csv(format: Format, headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    matches!(format, Format::Csv) || accept.is_some_and(|accept| accept.contains("text/csv"))
}

/// A program and its day.
struct Books {
    program: Program,
    today: Day,
}

impl Books {
    async fn open(app: &App, caller: &Service<Read>) -> Result<Books, Problem> {
        let rulebook = app.rulebook(caller.program()).await?;
        let now = app.clock().now();
        let program = Program::clone(rulebook.in_force(now));
        let today = Day::of(now, &program.time_zone);
        Ok(Books { program, today })
    }

    async fn days(&self, app: &App, to: Day) -> Result<Vec<(Day, DayRollup)>, Problem> {
        Ok(rollups::read_days(app.tables(), &self.program.id, None, to).await?)
    }
}

/// A report in the form that was asked for.
pub(crate) struct Report<T> {
    report: T,
    csv: Option<String>,
}

impl<T: Serialize> IntoResponse for Report<T> {
    fn into_response(self) -> Response {
        match self.csv {
            Some(csv) => ([(header::CONTENT_TYPE, "text/csv; charset=utf-8")], csv).into_response(),
            None => Json(self.report).into_response(),
        }
    }
}

impl<T: JsonSchema> aide::OperationOutput for Report<T> {
    type Inner = T;

    fn operation_response(
        ctx: &mut aide::generate::GenContext,
        operation: &mut aide::openapi::Operation,
    ) -> Option<aide::openapi::Response> {
        let mut response = Json::<T>::operation_response(ctx, operation)?;
        response.content.insert("text/csv".to_owned(), aide::openapi::MediaType::default());
        Some(response)
    }

    fn inferred_responses(
        ctx: &mut aide::generate::GenContext,
        operation: &mut aide::openapi::Operation,
    ) -> Vec<(Option<u16>, aide::openapi::Response)> {
        let response = Self::operation_response(ctx, operation);
        response.into_iter().map(|response| (Some(200), response)).collect()
    }
}
