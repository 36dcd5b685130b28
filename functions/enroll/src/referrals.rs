//! Referrals: codes, who brought whom, and claims that the shop may want to look at.

use aide::axum::{
    ApiRouter,
    routing::{get_with, post_with},
};
use axum::{Json, extract::State};
use domain::{
    fact::{Enrolment, Fact, ReferralClaim},
    row::Chain,
};
use edge::{
    App, Body, IdempotencyKey, MemberRef, PathOf, Problem, QueryOf, WriteQuery, Writing, Written,
    api::{
        NewIdentities, NewMember, NewReferral, ReferralCode, ReferralSetAside, ReferralsSetAside,
    },
    auth::{Admin, Earn, Service},
    referral::{self, Claiming, Likeness, all_set_aside, code_of, counts_friends},
};
use store::tables::Consistency;

use crate::{member_id, must_exist};

/// The routes of referrals.
pub(crate) fn routes(app: App) -> ApiRouter {
    ApiRouter::new()
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

/// What somebody who joins tells about who brought them.
pub(crate) struct Told {
    pub code: Option<String>,
    pub likeness: Likeness,
}

impl Told {
    pub fn by(app: &App, member: &NewMember) -> Told {
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
    pub async fn claim(
        &self,
        app: &App,
        chain: &Chain,
        enrolment: &mut Enrolment,
    ) -> Result<bool, Problem> {
        if let Some(code) = &self.code {
            let claiming = Claiming { chain, code, likeness: &self.likeness };
            enrolment.referral = Some(claiming.claim(app).await?);
        }
        Ok(counts_friends(app, &chain.program).await?)
    }
}

/// The code by which a member brings friends.
async fn referral_code(
    State(app): State<App>,
    caller: Service<Earn>,
    PathOf(path): PathOf<MemberRef>,
) -> Result<Json<ReferralCode>, Problem> {
    let chain = Chain { program: caller.program().clone(), member: member_id(path)? };
    must_exist(&app, &chain).await?;
    let code = code_of(app.tables(), app.identities(), &chain).await?;
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
        referral::set_aside(app.tables(), &head.row).await?;
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
