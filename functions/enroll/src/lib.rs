//! Members: joining, what is known of them, and what a shop says of them by hand.

use aide::axum::{
    ApiRouter,
    routing::{get_with, post_with, put_with},
};
use axum::{Json, extract::State};
use domain::{
    account::Standing,
    fact::{Enrolment, Fact, ReferralClaim},
    ids::MemberId,
    row::Chain,
};
use edge::{
    App, Body, IdempotencyKey, Joining, Kept, KeptBirthday, MemberRef, PathOf, Problem, Profile,
    QueryOf, ReadAt, WriteQuery, Writing, Written,
    api::{
        BadgeAnswer, BirthdayTold, ConsentsTold, GoalAnswer, MemberAnswer, NewGrant, NewIdentities,
        NewJoining, NewMarking, NewMember, NewReferral, ReferralAnswer, ReferralCode,
        ReferralSetAside, ReferralsSetAside, TierAnswer,
    },
    auth::{Admin, Earn, MemberOr, Read, Service},
    referral::{self, Claiming, Likeness, all_set_aside, code_of},
};
use store::tables::Consistency;

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
        .api_route(
            "/v1/{program}/members/{member}/referral-code",
            post_with(referral_code, |operation| {
                operation
                    .id("getReferralCode")
                    .summary("The code by which a member brings friends, the same each time")
            }),
        )
        .api_route(
            "/v1/{program}/members/{member}/referral",
            post_with(refer, |operation| {
                operation.id("claimReferral").summary("Say who brought a member")
            }),
        )
        .api_route(
            "/v1/{program}/members/{member}/referral/approval",
            post_with(approve, |operation| {
                operation.id("approveReferral").summary("Let a referral count that was set aside")
            }),
        )
        .api_route(
            "/v1/{program}/referrals",
            get_with(referrals_set_aside, |operation| {
                operation
                    .id("listReferralsSetAside")
                    .summary("Referrals that were set aside, each with a reason code")
            }),
        )
        .with_state(app)
}

/// Enrolls a member, and reserves what they can be found by.
async fn enroll(
    State(app): State<App>,
    caller: Service<Earn>,
    QueryOf(query): QueryOf<WriteQuery>,
    IdempotencyKey(request): IdempotencyKey,
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
    let writing = Writing::by(&app, &caller, &query, request);
    let fact = Fact::Enrolled(enrolment.clone());
    let written = writing.record(chain.member.clone(), fact, &beside).await?;
    if !query.dry_run {
        if keeps_likeness {
            told.likeness.keep(app.tables(), &chain).await?;
        }
        if told.code.is_some()
            && let Some(head) = app.ledger().head(&chain, Consistency::Strong).await?
        {
            referral::set_aside(&app, &head.row).await?;
        }
        joining.ask_for_guest_orders(&app).await?;
    }
    Ok(written)
}

/// What somebody who joins tells about who brought them.
struct Told {
    code: Option<String>,
    likeness: Likeness,
}

impl Told {
    fn by(app: &App, member: &NewMember) -> Told {
        let NewIdentities { card, email, phone } = &member.identities;
        let likeness = Likeness::of(
            app.identities(),
            email.as_deref(),
            phone.as_deref(),
            card.as_deref(),
            member.address.as_deref(),
        );
        Told { code: member.referral_code.clone(), likeness }
    }

    /// Adds the claim to the enrolment. Returns whether the program has referrals, for which
    /// it is kept what members are told apart by.
    async fn claim(
        &self,
        app: &App,
        chain: &Chain,
        enrolment: &mut Enrolment,
    ) -> Result<bool, Problem> {
        let rulebook = app.rulebook(&chain.program).await?;
        if let Some(code) = &self.code {
            let claiming = Claiming { chain, code, likeness: &self.likeness };
            enrolment.referral = Some(claiming.claim(app).await?);
        }
        Ok(rulebook.in_force(app.clock().now()).referral.is_some())
    }
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
        referral: read.account.referral.as_ref().map(ReferralAnswer::of),
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

/// The code by which a member brings friends.
async fn referral_code(
    State(app): State<App>,
    caller: Service<Earn>,
    PathOf(path): PathOf<MemberRef>,
) -> Result<Json<ReferralCode>, Problem> {
    let chain = Chain { program: caller.program().clone(), member: member_id(path)? };
    must_exist(&app, &chain).await?;
    let code = code_of(&app, &chain).await?;
    let rulebook = app.rulebook(&chain.program).await?;
    let terms = rulebook.in_force(app.clock().now()).referral.as_ref();
    let link = terms.and_then(|terms| terms.link.as_ref());
    let link = link.map(|link| link.replace("{code}", &code));
    Ok(Json(ReferralCode { code, link }))
}

/// Somebody who is a member already says who brought them.
async fn refer(
    State(app): State<App>,
    caller: Service<Earn>,
    PathOf(path): PathOf<MemberRef>,
    QueryOf(query): QueryOf<WriteQuery>,
    IdempotencyKey(request): IdempotencyKey,
    Body(body): Body<NewReferral>,
) -> Result<Written, Problem> {
    let chain = Chain { program: caller.program().clone(), member: member_id(path)? };
    let likeness = Likeness::default();
    let claiming = Claiming { chain: &chain, code: &body.code, likeness: &likeness };
    let fact = Fact::Referred(claiming.claim(&app).await?);
    let writing = Writing::by(&app, &caller, &query, request);
    let written = writing.record(chain.member.clone(), fact, &[]).await?;
    let head = app.ledger().head(&chain, Consistency::Strong).await?;
    if let Some(head) = head.filter(|_| !query.dry_run) {
        referral::set_aside(&app, &head.row).await?;
    }
    Ok(written)
}

/// The shop has looked at a referral that was set aside: it counts from the next order on.
async fn approve(
    State(app): State<App>,
    caller: Service<Admin>,
    PathOf(path): PathOf<MemberRef>,
    QueryOf(query): QueryOf<WriteQuery>,
    IdempotencyKey(request): IdempotencyKey,
) -> Result<Written, Problem> {
    let chain = Chain { program: caller.program().clone(), member: member_id(path)? };
    let head = app.ledger().head(&chain, Consistency::Strong).await?;
    let known = head.and_then(|head| head.row.account.referral);
    let by = known.map(|referral| referral.by).ok_or_else(|| {
        Problem::not_found("REFERRAL_UNKNOWN", "nobody says to have brought this member")
    })?;
    let fact = Fact::Referred(ReferralClaim { by, rejected: None, approved: true });
    Writing::by(&app, &caller, &query, request).record(chain.member, fact, &[]).await
}

/// The referrals that the shop may want to look at.
async fn referrals_set_aside(
    State(app): State<App>,
    caller: Service<Admin>,
) -> Result<Json<ReferralsSetAside>, Problem> {
    let all = all_set_aside(app.tables(), caller.program()).await?;
    let answer = |(member, it): (String, referral::SetAside)| ReferralSetAside {
        member,
        by: it.by.to_string(),
        code: it.code,
        claimed_at: it.at,
    };
    Ok(Json(ReferralsSetAside { referrals: all.into_iter().map(answer).collect() }))
}

fn member_id(path: MemberRef) -> Result<MemberId, Problem> {
    MemberId::try_from(path.member)
        .map_err(|error| Problem::bad_request("ID", format!("member: {error}")))
}
