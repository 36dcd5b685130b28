//! Members: joining, what is known of them, and what a shop says of them by hand.

mod referrals;

use aide::axum::{
    ApiRouter,
    routing::{get_with, post_with, put_with},
};
use axum::{Json, extract::State};
use domain::{account::Standing, fact::Fact, ids::MemberId, row::Chain};
use edge::{
    App, Body, IdempotencyKey, Joining, Kept, KeptBirthday, MemberRef, PathOf, Problem, Profile,
    QueryOf, ReadAt, WriteQuery, Writing, Written,
    api::{
        BadgeAnswer, BirthdayTold, ConsentsTold, GoalAnswer, MemberAnswer, NewGrant, NewJoining,
        NewMarking, NewMember, TierAnswer,
    },
    auth::{Admin, Earn, MemberOr, Read, Service},
    referral,
};
use store::tables::Consistency;

use referrals::Told;

/// The routes of this function.
pub fn routes(app: App) -> ApiRouter {
    ApiRouter::new()
        .api_route(
            "/v1/{program}/members",
            post_with(enroll, |operation| operation.id("enroll").summary("Enroll a member")),
        )
        .api_route(
            "/v1/{program}/members/{member}",
            get_with(member, |operation| operation.id("getMember").summary("Read a member")),
        )
        .api_route(
            "/v1/{program}/members/{member}/birthday",
            put_with(tell_birthday, |operation| {
                operation.id("tellBirthday").summary("Keep the month and day a member was born on")
            }),
        )
        .api_route(
            "/v1/{program}/members/{member}/consents",
            put_with(tell_consents, |operation| {
                operation.id("tellConsents").summary("Change what a member agrees to")
            }),
        )
        .api_route(
            "/v1/{program}/members/{member}/labels",
            post_with(label, |operation| {
                operation
                    .id("labelMember")
                    .summary("Mark a member with words that rules ask for, or take such away")
            }),
        )
        .api_route(
            "/v1/{program}/members/{member}/tier",
            post_with(grant, |operation| {
                operation.id("grantTier").summary("Give a member a level by hand, with a reason")
            }),
        )
        .api_route(
            "/v1/{program}/members/{member}/challenges",
            post_with(take_up, |operation| {
                operation.id("takeUpChallenge").summary("Take a challenge up for a member")
            }),
        )
        .with_state(app.clone())
        .merge(referrals::routes(app))
}

/// Enrolls a member, and reserves what they can be found by.
async fn enroll(
    State(app): State<App>,
    caller: Service<Earn>,
    QueryOf(query): QueryOf<WriteQuery>,
    Body(body): Body<NewMember>,
) -> Result<Written, Problem> {
    let consents = body.consents.clone();
    let told = Told::by(&app, &body);
    let email_verified = body.email_verified;
    let birthday = match &body.birthday {
        Some(told) => Some(told.kept(app.today(caller.program()).await?)?),
        None => None,
    };
    let (member, mut enrolment) = body.into_fact(app.identities())?;
    let chain = Chain { program: caller.program().clone(), member };
    let keeps_likeness = told.claim(&app, &chain, &mut enrolment).await?;
    let joining = Joining { chain: &chain, enrolment: &enrolment, email_verified };
    let mut beside = joining.puts()?;
    if !consents.is_empty() || birthday.is_some() {
        beside.extend(Profile { consents, birthday }.puts_of_new(&chain)?);
    }
    let writing = Writing::once(&app, &caller, &query);
    let fact = Fact::Enrolled(enrolment.clone());
    let written = writing.record(chain.member.clone(), fact, &beside).await?;
    if !query.dry_run {
        if keeps_likeness {
            told.likeness.keep(app.tables(), &chain).await?;
        }
        if told.code.is_some()
            && let Some(head) = app.ledger().head(&chain, Consistency::Strong).await?
        {
            referral::set_aside(app.tables(), &head.row).await?;
        }
        joining.ask_for_guest_orders(&app).await?;
    }
    Ok(written)
}

/// Reads a member.
async fn member(
    State(app): State<App>,
    caller: MemberOr<Read>,
    PathOf(path): PathOf<MemberRef>,
    QueryOf(when): QueryOf<ReadAt>,
) -> Result<Json<MemberAnswer>, Problem> {
    let read = app.read(caller.program(), &path.member, &when).await?;
    let Standing::Member { since } = read.account.standing else {
        return Err(Problem::member_unknown());
    };
    let profile = Profile::of(app.tables(), &read.row.row.chain).await?;
    Ok(Json(MemberAnswer {
        id: path.member,
        since: since.to_string(),
        tier: TierAnswer::of(read.program(), &read.account, read.at),
        labels: read.account.labels.clone(),
        badges: BadgeAnswer::all(&read.rulebook, &read.account),
        goals: GoalAnswer::all(&read.rulebook, &read.account, read.at),
        referral: referral::answer(&app, &read).await?,
        consents: profile.consents,
    }))
}

/// Keeps when a member was born. A day that changes counts from the next time on that is
/// far enough away.
async fn tell_birthday(
    State(app): State<App>,
    caller: Service<Earn>,
    PathOf(path): PathOf<MemberRef>,
    Body(body): Body<BirthdayTold>,
) -> Result<Kept, Problem> {
    let chain = Chain { program: caller.program().clone(), member: member_id(path)? };
    let told = match &body.birthday {
        Some(told) => Some(told.kept(app.today(&chain.program).await?)?),
        None => None,
    };
    must_exist(&app, &chain).await?;
    let same = |known: &KeptBirthday| told.as_ref().is_some_and(|told| told.is_same_day(known));
    let change = |profile: &mut Profile| {
        if !profile.birthday.as_ref().is_some_and(same) {
            profile.birthday.clone_from(&told);
        }
        Ok(())
    };
    Profile::change(app.tables(), &chain, change).await?;
    Ok(Kept)
}

/// Keeps what a member agrees to from now on, and no more. Who agrees to `leaderboard` is
/// seen with what they have gathered before as well.
async fn tell_consents(
    State(app): State<App>,
    caller: Service<Earn>,
    PathOf(path): PathOf<MemberRef>,
    Body(body): Body<ConsentsTold>,
) -> Result<Kept, Problem> {
    let chain = Chain { program: caller.program().clone(), member: member_id(path)? };
    body.check()?;
    must_exist(&app, &chain).await?;
    let change = |profile: &mut Profile| body.replace(&mut profile.consents);
    Profile::change(app.tables(), &chain, change).await?;
    Ok(Kept)
}

async fn must_exist(app: &App, chain: &Chain) -> Result<(), Problem> {
    match app.ledger().head(chain, Consistency::Strong).await? {
        Some(_) => Ok(()),
        None => Err(Problem::member_unknown()),
    }
}

/// Marks a member with labels, or takes them away. Whoever may say what a member bought may
/// say what they hold: no label moves a point by itself.
async fn label(
    State(app): State<App>,
    caller: Service<Earn>,
    PathOf(path): PathOf<MemberRef>,
    QueryOf(query): QueryOf<WriteQuery>,
    IdempotencyKey(request): IdempotencyKey,
    Body(body): Body<NewMarking>,
) -> Result<Written, Problem> {
    let fact = body.into_fact()?;
    Writing::by(&app, &caller, &query, request).record(member_id(path)?, fact, &[]).await
}

/// Gives a member a level, whatever they have gathered.
async fn grant(
    State(app): State<App>,
    caller: Service<Admin>,
    PathOf(path): PathOf<MemberRef>,
    QueryOf(query): QueryOf<WriteQuery>,
    IdempotencyKey(request): IdempotencyKey,
    Body(body): Body<NewGrant>,
) -> Result<Written, Problem> {
    let fact = body.into_fact()?;
    Writing::by(&app, &caller, &query, request).record(member_id(path)?, fact, &[]).await
}

/// Takes a challenge up.
async fn take_up(
    State(app): State<App>,
    caller: Service<Earn>,
    PathOf(path): PathOf<MemberRef>,
    QueryOf(query): QueryOf<WriteQuery>,
    IdempotencyKey(request): IdempotencyKey,
    Body(body): Body<NewJoining>,
) -> Result<Written, Problem> {
    let fact = body.into_fact()?;
    Writing::by(&app, &caller, &query, request).record(member_id(path)?, fact, &[]).await
}

fn member_id(path: MemberRef) -> Result<MemberId, Problem> {
    MemberId::try_from(path.member)
        .map_err(|error| Problem::bad_request("ID", format!("member: {error}")))
}
