//! Finding out whose a shop's fact is, and recording it there.
//!
//! An order is led to a chain once and for ever (a route). It is the chain of who has an
//! account at the shop, or of the member whose email address it is; otherwise the guest's
//! chain of that address, which ends when they join.

#[cfg(feature = "planted")]
use domain::planted::{Bug, is_planted};
use domain::{
    account::Standing,
    fact::{Enrolment, Fact, Identity, IdentityKind, KeyedFact, Malformed},
    guest::claims,
    ids::{ExternalId, MemberId, SourceId},
    refusal::Refusal,
    row::{Chain, Row},
    time::Day,
};
use edge::{
    Arrival, ArrivedFact, Joining, KnownPerson, Queued, Recorder, Takeover, guest_of,
    member_with_email,
    referral::{Claiming, NotClaimed, counts_friends},
};
use store::{
    RecordError, Recorded, routes,
    tables::{Consistency, Failure},
};

/// What became of an arrival.
#[derive(Debug)]
pub enum Taken {
    /// It is in a chain.
    Recorded(Box<Recorded>),
    /// A refund waits for its order.
    Waits,
    /// It changes nothing, and need not be sent again.
    Nothing(Why),
}

/// Why an arrival changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The shop does not say who bought.
    Nobody,
    /// Who has an account at the shop is no member by that.
    NotEnrolled,
    /// They are a member already.
    Member,
    /// The order is from before its guest joined, and too old to be taken over.
    NotTakenOver,
}

impl Why {
    /// The stable reason code.
    pub fn code(self) -> &'static str {
        match self {
            Why::Nobody => "NOBODY",
            Why::NotEnrolled => "NOT_ENROLLED",
            Why::Member => "MEMBER",
            Why::NotTakenOver => "NOT_TAKEN_OVER",
        }
    }
}

/// Why an arrival is not taken in.
#[derive(Debug, thiserror::Error)]
pub enum NotTaken {
    /// It cannot be a fact.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// It is not in a chain, as far as anybody can tell.
    #[error(transparent)]
    Record(#[from] RecordError),
}

impl From<Failure> for NotTaken {
    fn from(failure: Failure) -> NotTaken {
        NotTaken::Record(failure.into())
    }
}

/// Takes a shop's fact in: finds out whose it is and records it there.
///
/// # Errors
///
/// [`NotTaken`]. To try again is safe.
pub async fn take_in(recorder: &impl Recorder, arrival: &Arrival) -> Result<Taken, NotTaken> {
    match (&arrival.fact, arrival.keyed()?) {
        (ArrivedFact::Order(_), Some(fact)) => order(recorder, arrival, &fact).await,
        (ArrivedFact::Refund(_), Some(fact)) => refund(recorder, arrival, &fact).await,
        _ => person(recorder, arrival).await,
    }
}

async fn order(
    recorder: &impl Recorder,
    arrival: &Arrival,
    fact: &KeyedFact,
) -> Result<Taken, NotTaken> {
    let (tables, program) = (recorder.tables(), &arrival.program);
    let Some(key) = fact.about_order() else { return Ok(Taken::Nothing(Why::Nobody)) };
    let routed = routes::find(tables, program, key, Consistency::Eventual).await?;
    let member = match routed {
        Some(member) => member,
        None => match whose(recorder, arrival).await? {
            Some(member) => routes::lead(tables, program, key, &member).await?,
            None => return Ok(Taken::Nothing(Why::Nobody)),
        },
    };
    let chain = Chain { program: program.clone(), member };
    if !chain.is_guest() {
        say_who_brought(recorder, arrival, &chain, fact).await?;
    }
    let taken = record_on(recorder, &chain, fact).await?;
    for waiting in routes::waiting(tables, program, key).await? {
        let Ok(Queued::Arrival(waiting)) = Queued::read(&waiting) else { continue };
        if let Some(fact) = waiting.keyed()? {
            record_on(recorder, &chain, &fact).await?;
        }
    }
    if chain.is_guest() {
        ask_again(recorder, &chain).await?;
    }
    Ok(taken)
}

/// Who brought a member is to be known before the order counts. A code that nobody has is one
/// of a discount.
async fn say_who_brought(
    recorder: &impl Recorder,
    arrival: &Arrival,
    chain: &Chain,
    order: &KeyedFact,
) -> Result<(), NotTaken> {
    let (Some(person), Fact::Order(order)) = (&arrival.person, &order.fact) else { return Ok(()) };
    for code in &person.codes {
        let claiming = Claiming { chain, code, likeness: &person.likeness };
        let (source, actor) = (arrival.source(), arrival.actor.clone());
        match claiming.record(recorder, &source, actor, order, arrival.accepted_at).await {
            Ok(()) => return Ok(()),
            Err(NotClaimed::CodeUnknown) => {}
            Err(NotClaimed::Record(RecordError::Refused(Refusal::NoReferrals))) => return Ok(()),
            Err(NotClaimed::Malformed(malformed)) => return Err(malformed.into()),
            Err(NotClaimed::Record(error)) => return Err(error.into()),
        }
    }
    Ok(())
}

/// A guest may have joined while the order was recorded: who joins asks for orders that
/// are there, and an order asks for who has joined, so one of them sees the other.
async fn ask_again(recorder: &impl Recorder, guest: &Chain) -> Result<(), Failure> {
    #[cfg(feature = "planted")]
    if is_planted(Bug::GuestNotAskedFor) {
        return Ok(());
    }
    // By the guest's own address: the shop may have moved the order to somebody else since.
    let Some(hash) = guest.member.guest_hash() else { return Ok(()) };
    let address = [Identity { kind: IdentityKind::Email, hash: hash.to_owned() }];
    let Chain { program, member: guest } = guest;
    let strong = Consistency::Strong;
    let joined = member_with_email(recorder.tables(), program, &address, strong).await?;
    let Some(member) = joined else { return Ok(()) };
    let takeover = Takeover { program: program.clone(), guest: guest.clone(), member };
    recorder.queue_credits(&[takeover.message()]).await
}

/// Whoever enrolled a member by what the shop says may have died before they asked for the
/// guest's orders. What enrolled is sent again, and asks again.
async fn ask_after_enrolment(recorder: &impl Recorder, arrival: &Arrival) -> Result<(), Failure> {
    #[cfg(feature = "planted")]
    if is_planted(Bug::EnrolmentHalfDone) {
        return Ok(());
    }
    let guest = guest_of(identities(arrival)).filter(|_| arrival.enrols && arrival.emails_verified);
    let Some(member) = guest else { return Ok(()) };
    let guest = Chain { program: arrival.program.clone(), member };
    match recorder.ledger().head(&guest, Consistency::Strong).await? {
        Some(head) if head.row.account.moved_to().is_none() => ask_again(recorder, &guest).await,
        _ => Ok(()),
    }
}

async fn refund(
    recorder: &impl Recorder,
    arrival: &Arrival,
    fact: &KeyedFact,
) -> Result<Taken, NotTaken> {
    let (tables, program) = (recorder.tables(), &arrival.program);
    let (Some(order), Some(key)) = (fact.about_order(), &fact.key) else {
        return Ok(Taken::Nothing(Why::Nobody));
    };
    if let Some(member) = routes::find(tables, program, order, Consistency::Strong).await? {
        return record_on(recorder, &Chain { program: program.clone(), member }, fact).await;
    }
    #[cfg(feature = "planted")]
    if is_planted(Bug::RefundNotKept) {
        return Ok(Taken::Waits);
    }
    let now = recorder.now();
    routes::wait(tables, program, (order, key), &arrival.message(), now).await?;
    // The order may have come in between: one of the two sees the other.
    match routes::find(tables, program, order, Consistency::Strong).await? {
        Some(member) => {
            record_on(recorder, &Chain { program: program.clone(), member }, fact).await
        }
        None => Ok(Taken::Waits),
    }
}

async fn person(recorder: &impl Recorder, arrival: &Arrival) -> Result<Taken, NotTaken> {
    let account = arrival.person.as_ref().and_then(|person| person.account.as_ref());
    let Some(account) = account else { return Ok(Taken::Nothing(Why::Nobody)) };
    if !arrival.enrols {
        return Ok(Taken::Nothing(Why::NotEnrolled));
    }
    if is_member(recorder, arrival, account).await? {
        ask_after_enrolment(recorder, arrival).await?;
        return Ok(Taken::Nothing(Why::Member));
    }
    let recorded = enrol(recorder, arrival, account).await?;
    Ok(Taken::Recorded(Box::new(recorded)))
}

/// Whose chain a new order belongs to.
async fn whose(recorder: &impl Recorder, arrival: &Arrival) -> Result<Option<MemberId>, NotTaken> {
    let Some(person) = &arrival.person else { return Ok(None) };
    let KnownPerson { account, identities, .. } = person;
    if let Some(account) = account
        && is_member(recorder, arrival, account).await?
    {
        ask_after_enrolment(recorder, arrival).await?;
        return Ok(Some(account.clone()));
    }
    let (tables, program) = (recorder.tables(), &arrival.program);
    let known = member_with_email(tables, program, identities, Consistency::Eventual).await?;
    if known.is_some() {
        return Ok(known);
    }
    match account.as_ref().filter(|_| arrival.enrols) {
        Some(account) => {
            enrol(recorder, arrival, account).await?;
            Ok(Some(account.clone()))
        }
        None => Ok(guest_of(identities)),
    }
}

async fn is_member(
    recorder: &impl Recorder,
    arrival: &Arrival,
    account: &MemberId,
) -> Result<bool, Failure> {
    let chain = Chain { program: arrival.program.clone(), member: account.clone() };
    let head = recorder.ledger().head(&chain, Consistency::Strong).await?;
    Ok(head.is_some_and(|head| head.row.account.is_member()))
}

/// Enrols who has an account at the shop. An identity that another member has is left to
/// them.
async fn enrol(
    recorder: &impl Recorder,
    arrival: &Arrival,
    account: &MemberId,
) -> Result<Recorded, NotTaken> {
    let enrolled_at = match &arrival.fact {
        ArrivedFact::Person { created_at } => *created_at,
        ArrivedFact::Order(order) => order.placed_at,
        ArrivedFact::Refund(_) => None,
    };
    let chain = Chain { program: arrival.program.clone(), member: account.clone() };
    // Before they join: who dies in between and is sent again finds a member here.
    if let Some(person) = &arrival.person
        && counts_friends(recorder, &arrival.program).await?
    {
        person.likeness.keep(recorder.tables(), &chain).await?;
    }
    let mut enrolment =
        Enrolment { enrolled_at, identities: identities(arrival).to_vec(), ..Enrolment::default() };
    loop {
        let email_verified = arrival.emails_verified;
        let joining = Joining { chain: &chain, enrolment: &enrolment, email_verified };
        let fact = Fact::Enrolled(enrolment.clone());
        // The first to enrol somebody decides: the key has no fact's own id in it.
        let request = named("enrolment");
        let fact = KeyedFact::new(fact, &arrival.source(), &request, arrival.actor.clone())?;
        match recorder.record(&chain, &fact, &joining.puts()?).await {
            Ok(recorded) => {
                joining.ask_for_guest_orders(recorder).await?;
                return Ok(recorded);
            }
            Err(RecordError::Beside(at)) if at < enrolment.identities.len() => {
                enrolment.identities.remove(at);
            }
            // Somebody else enrolled them in between, with other words.
            Err(RecordError::KeyReused { sequence }) => {
                let row = recorder.ledger().row(&chain, sequence, Consistency::Strong).await?;
                let reused = RecordError::KeyReused { sequence };
                let stored = row.ok_or(reused)?;
                return Ok(Recorded { stored, replayed: true });
            }
            Err(error) => return Err(error.into()),
        }
    }
}

/// Records a fact on a chain, or where a guest went.
async fn record_on(
    recorder: &impl Recorder,
    chain: &Chain,
    fact: &KeyedFact,
) -> Result<Taken, NotTaken> {
    let to = match recorder.record(chain, fact, &[]).await {
        Ok(recorded) => return Ok(Taken::Recorded(Box::new(recorded))),
        Err(RecordError::Refused(Refusal::MovedOn { to })) => to,
        Err(error) => return Err(error.into()),
    };
    let takeover =
        Takeover { program: chain.program.clone(), guest: chain.member.clone(), member: to };
    let (guest, member) = takeover.chains();
    // What is to be taken over is there before anything is added to it.
    take_over(recorder, &takeover).await?;
    if knows(recorder, &guest, fact).await? && !knows(recorder, &member, fact).await? {
        return Ok(Taken::Nothing(Why::NotTakenOver));
    }
    let recorded = recorder.record(&member, fact, &[]).await?;
    Ok(Taken::Recorded(Box::new(recorded)))
}

/// Whether a chain has the order that a fact is about.
async fn knows(recorder: &impl Recorder, chain: &Chain, fact: &KeyedFact) -> Result<bool, Failure> {
    let Some(order) = fact.about_order() else { return Ok(false) };
    let Some(head) = recorder.ledger().head(chain, Consistency::Strong).await? else {
        return Ok(false);
    };
    let holds = |row: &Row| row.is_about(order) && row.order.is_some();
    Ok(recorder.ledger().find(&head, order, None, 0, holds).await?.is_some())
}

/// Whether a shop's fact was recorded before; always for what is no order and no refund.
///
/// # Errors
///
/// [`NotTaken`].
pub async fn is_known(recorder: &impl Recorder, arrival: &Arrival) -> Result<bool, NotTaken> {
    let Some(fact) = arrival.keyed()? else { return Ok(true) };
    let (Some(order), Some(key)) = (fact.about_order(), &fact.key) else { return Ok(true) };
    let (tables, program) = (recorder.tables(), &arrival.program);
    let routed = routes::find(tables, program, order, Consistency::Strong).await?;
    let account = arrival.person.as_ref().and_then(|person| person.account.clone());
    let mut next = routed.or(account);
    while let Some(member) = next.take() {
        let chain = Chain { program: program.clone(), member };
        let Some(head) = recorder.ledger().head(&chain, Consistency::Strong).await? else { break };
        let found = recorder.ledger().find(&head, key, None, 0, |row| row.records(key)).await?;
        if found.is_some() {
            return Ok(true);
        }
        next = head.row.account.moved_to().cloned();
    }
    Ok(false)
}

/// Ends a guest's chain and takes its orders over, those that the program lets a member have
/// who joined when this one did.
///
/// # Errors
///
/// [`NotTaken`]. To try again is safe, and does what is left to do.
pub async fn take_over(recorder: &impl Recorder, takeover: &Takeover) -> Result<(), NotTaken> {
    let (guest, member) = takeover.chains();
    let unknown = || RecordError::Refused(Refusal::MemberUnknown);
    let head = recorder.ledger().head(&member, Consistency::Strong).await?;
    let head = head.ok_or_else(unknown)?;
    let Standing::Member { since } = head.row.account.standing else {
        return Err(unknown().into());
    };
    if recorder.ledger().head(&guest, Consistency::Strong).await?.is_none() {
        return Ok(());
    }
    #[cfg(feature = "planted")]
    if is_planted(Bug::TakeoverBeforeTheEnd) {
        claim_all(recorder, takeover, since).await?;
        return end(recorder, takeover).await.map(|_| ());
    }
    match end(recorder, takeover).await? {
        Ended::Here => claim_all(recorder, takeover, since).await,
        Ended::Elsewhere => Ok(()),
    }
}

/// Where a guest's chain leads.
enum Ended {
    Here,
    Elsewhere,
}

/// Ends a guest's chain, unless it has ended: where it went first it stays.
async fn end(recorder: &impl Recorder, takeover: &Takeover) -> Result<Ended, NotTaken> {
    let (guest, _) = takeover.chains();
    let moved = KeyedFact::new(
        Fact::MovedOn { to: takeover.member.clone() },
        &domain::fact::Source { id: SourceId::guerdon(), has_key_times: false },
        &named("moved-on"),
        "guerdon".to_owned(),
    )?;
    match recorder.record(&guest, &moved, &[]).await {
        Ok(_) => Ok(Ended::Here),
        Err(RecordError::KeyReused { .. }) => Ok(Ended::Elsewhere),
        Err(error) => Err(error.into()),
    }
}

/// Records on the member's chain what it takes over from the guest's, which has ended: so
/// nothing is added to that behind its back.
async fn claim_all(
    recorder: &impl Recorder,
    takeover: &Takeover,
    since: Day,
) -> Result<(), NotTaken> {
    let (guest, member) = takeover.chains();
    let Some(rulebook) = recorder.find_rulebook(&takeover.program).await? else { return Ok(()) };
    let Some(length) = rulebook.in_force(recorder.now()).guest_orders else { return Ok(()) };
    let rows = every_row(recorder, &guest).await?;
    for claim in claims(&rows, length.window_start(since)) {
        #[cfg(feature = "planted")]
        let claim = match (is_planted(Bug::ClaimRenamed), &claim.key) {
            (true, Some(key)) => {
                let key = Some(domain::key::FactKey::stored(format!("claimed:{key}")));
                KeyedFact { key, ..claim }
            }
            _ => claim,
        };
        recorder.record(&member, &claim, &[]).await?;
    }
    Ok(())
}

/// The rows of a chain, oldest first.
async fn every_row(recorder: &impl Recorder, chain: &Chain) -> Result<Vec<Row>, Failure> {
    let mut rows = Vec::new();
    while let Some(stored) =
        recorder.ledger().row(chain, rows.len() as u64 + 1, Consistency::Strong).await?
    {
        rows.push(stored.row);
    }
    Ok(rows)
}

fn identities(arrival: &Arrival) -> &[Identity] {
    arrival.person.as_ref().map_or(&[], |person| &person.identities)
}

fn named(name: &str) -> ExternalId {
    name.parse().expect("an id of ours is one")
}
