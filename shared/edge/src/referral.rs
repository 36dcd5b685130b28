//! Bringing friends: codes, and what speaks against a friend being new.
//!
//! Whether somebody is who brings them, or is known already, is told by keyed hashes of what
//! they can be found by, written as loosely as people do. The hashes are kept, the values
//! never.

use domain::{
    fact::{Fact, KeyedFact, Malformed, Order, ReferralClaim, Source},
    ids::{MemberId, ProgramId},
    reason::Reason,
    referral::{Referral, ReferralState, key_of},
    refusal::Refusal,
    row::{Chain, Row},
    time::{Day, Instant},
};
use serde::{Deserialize, Serialize};
use store::{
    RecordError,
    ledger::Ledger,
    registry::{self, Address},
    tables::{Consistency, Failure, Tables},
};

use crate::{App, IdentityHasher, Problem, Read, Recorder, api::ReferralAnswer};

/// Letters and digits of codes: those that nobody mistakes for one another (Crockford).
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// How long a code is; longer where another member has the same by chance.
const CODE_LENGTHS: [usize; 3] = [8, 12, 16];
/// How many members are looked at above the one who brings a friend.
const ABOVE_MAX: usize = 16;

#[derive(Debug, Serialize, Deserialize)]
struct Holder {
    member: MemberId,
}

/// A claim that was set aside, for the shop to look at.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SetAside {
    /// Who says to have brought the friend.
    pub by: MemberId,
    /// The reason code.
    pub code: String,
    /// When it was claimed.
    pub at: Instant,
}

/// The code by which a member brings friends. The same one each time.
///
/// # Errors
///
/// The tables' [`Failure`].
pub async fn code_of(
    tables: &impl Tables,
    hasher: &IdentityHasher,
    chain: &Chain,
) -> Result<String, Failure> {
    let Chain { program, member } = chain;
    let digest = hasher.digest("referral-code", &chain.to_string());
    let letters: String =
        digest.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect();
    for length in CODE_LENGTHS {
        let code = &letters[..length.min(letters.len())];
        let holder = Holder { member: member.clone() };
        let there = registry::write_new(tables, &of_code(program, code), &holder).await?;
        if there.is_none_or(|there| there.member == *member) {
            return Ok(code.to_owned());
        }
    }
    Err(Failure::Conflict)
}

/// Who has a code, however it was typed.
///
/// # Errors
///
/// The tables' [`Failure`].
pub async fn holder_of(
    tables: &impl Tables,
    program: &ProgramId,
    code: &str,
) -> Result<Option<MemberId>, Failure> {
    let code: String = code
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|letter| match letter.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            letter => letter,
        })
        .collect();
    let holder: Option<Holder> =
        registry::read(tables, &of_code(program, &code), Consistency::Eventual).await?;
    Ok(holder.map(|holder| holder.member))
}

fn of_code(program: &ProgramId, code: &str) -> Address {
    Address::new(format!("code#{program}#{code}"), "-")
}

/// What somebody is told apart by.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Likeness(Vec<String>);

impl Likeness {
    /// Of what a person gives.
    pub fn of(
        hasher: &IdentityHasher,
        email: Option<&str>,
        phone: Option<&str>,
        card: Option<&str>,
        address: Option<&str>,
    ) -> Likeness {
        let kinds = [
            ("like-email", email.map(loose_email)),
            ("like-phone", phone.map(loose_phone)),
            ("like-card", card.map(loose_text)),
            ("like-address", address.map(loose_text)),
        ];
        let said = kinds.into_iter().filter_map(|(kind, text)| Some((kind, text?)));
        let said = said.filter(|(_, text)| !text.is_empty());
        Likeness(said.map(|(kind, text)| hex(&hasher.digest(kind, &text))).collect())
    }

    /// Whether nothing was said.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Keeps that this is a member, unless somebody was known by it before.
    ///
    /// # Errors
    ///
    /// The tables' [`Failure`].
    pub async fn keep(&self, tables: &impl Tables, chain: &Chain) -> Result<(), Failure> {
        for hash in &self.0 {
            let holder = Holder { member: chain.member.clone() };
            registry::write_new(tables, &alike(&chain.program, hash), &holder).await?;
        }
        Ok(())
    }

    /// Why a member did not bring this friend.
    ///
    /// # Errors
    ///
    /// The tables' [`Failure`].
    pub async fn speaks_against(
        &self,
        recorder: &impl Recorder,
        friend: &Chain,
        by: &MemberId,
    ) -> Result<Option<Reason>, Failure> {
        if friend.member == *by {
            return Ok(Some(Reason::SelfReferral));
        }
        let mut known = None;
        for hash in &self.0 {
            let address = alike(&friend.program, hash);
            let holder: Option<Holder> =
                registry::read(recorder.tables(), &address, Consistency::Strong).await?;
            match holder.map(|holder| holder.member) {
                Some(member) if member == *by => return Ok(Some(Reason::SelfReferral)),
                Some(member) if member != friend.member => known = Some(Reason::NotNew),
                _ => {}
            }
        }
        if known.is_some() {
            return Ok(known);
        }
        is_above(recorder.ledger(), friend, by)
            .await
            .map(|above| above.then_some(Reason::ReferralCycle))
    }
}

/// Whether a friend brought the member, or who brought that one, and so on.
async fn is_above(
    ledger: &Ledger<impl Tables>,
    friend: &Chain,
    by: &MemberId,
) -> Result<bool, Failure> {
    let mut next = by.clone();
    for _ in 0..ABOVE_MAX {
        let chain = Chain { program: friend.program.clone(), member: next };
        let head = ledger.head(&chain, Consistency::Eventual).await?;
        let referral = head.and_then(|head| head.row.account.referral);
        match referral {
            Some(Referral { by, .. }) if by == friend.member => return Ok(true),
            Some(Referral { by, .. }) => next = by,
            None => return Ok(false),
        }
    }
    Ok(false)
}

/// Why a claim is none.
#[derive(Debug, thiserror::Error)]
pub enum NotClaimed {
    /// Nobody has the code.
    #[error("nobody has this code")]
    CodeUnknown,
    /// It cannot be a fact.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// The program gives nothing for friends, or it is not known what became of it.
    #[error(transparent)]
    Record(#[from] RecordError),
}

impl From<Failure> for NotClaimed {
    fn from(failure: Failure) -> NotClaimed {
        NotClaimed::Record(failure.into())
    }
}

impl From<NotClaimed> for Problem {
    fn from(not: NotClaimed) -> Problem {
        match not {
            NotClaimed::CodeUnknown => {
                let detail = "nobody has this code";
                Problem::unprocessable("REFERRAL_CODE", detail).with("path", "referral_code")
            }
            NotClaimed::Malformed(malformed) => malformed.into(),
            NotClaimed::Record(error) => error.into(),
        }
    }
}

/// Who claims to be a friend, by a code.
pub struct Claiming<'a> {
    /// The friend.
    pub chain: &'a Chain,
    /// The code.
    pub code: &'a str,
    /// What the friend is told apart by.
    pub likeness: &'a Likeness,
}

impl Claiming<'_> {
    /// The claim, with what speaks against it.
    ///
    /// # Errors
    ///
    /// [`NotClaimed`] where nobody has the code or the program gives nothing for friends.
    pub async fn claim(&self, recorder: &impl Recorder) -> Result<ReferralClaim, NotClaimed> {
        if !counts_friends(recorder, &self.chain.program).await? {
            return Err(RecordError::Refused(Refusal::NoReferrals).into());
        }
        let holder = holder_of(recorder.tables(), &self.chain.program, self.code).await?;
        let by = holder.ok_or(NotClaimed::CodeUnknown)?;
        let rejected = self.likeness.speaks_against(recorder, self.chain, &by).await?;
        Ok(ReferralClaim { by, rejected, approved: false })
    }

    /// Records the claim that came with an order of somebody who is a member, unless one is
    /// known.
    ///
    /// # Errors
    ///
    /// As [`Claiming::claim`], or the problem of the fact.
    pub async fn record(
        &self,
        recorder: &impl Recorder,
        source: &Source,
        actor: String,
        order: &Order,
        accepted_at: Instant,
    ) -> Result<(), NotClaimed> {
        let fact = Fact::Referred(self.claim(recorder).await?);
        // The claim is the order's: told again, it is the same.
        let id = &order.id;
        let request = format!("referral:{id}").parse().unwrap_or_else(|_| id.clone());
        let fact = KeyedFact::new(fact, source, &request, actor)?;
        // It happened with the order: one that comes a day late is no later than its code.
        let accepted_at = Some(order.placed_at.unwrap_or(accepted_at));
        let fact = KeyedFact { accepted_at, ..fact };
        match recorder.record(self.chain, &fact, &[]).await {
            Ok(recorded) => Ok(set_aside(recorder.tables(), &recorded.stored.row).await?),
            // Another version of the order came with it first: what spoke against it then
            // stays as it is.
            Err(RecordError::Refused(Refusal::AlreadyReferred) | RecordError::KeyReused { .. }) => {
                Ok(())
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// Whether a program gives something for friends now.
///
/// # Errors
///
/// The tables' [`Failure`].
pub async fn counts_friends(
    recorder: &impl Recorder,
    program: &ProgramId,
) -> Result<bool, Failure> {
    let rulebook = recorder.find_rulebook(program).await?;
    Ok(rulebook.is_some_and(|it| it.in_force(recorder.now()).referral.is_some()))
}

/// Who brought a member, and how far that is: where an order counts, by the chain of the
/// member who brought them too.
///
/// # Errors
///
/// The tables' [`Failure`].
pub async fn answer(app: &App, friend: &Read) -> Result<Option<ReferralAnswer>, Problem> {
    let Some(referral) = &friend.account.referral else { return Ok(None) };
    let key = match referral.state {
        ReferralState::Qualified { .. } => key_of(&friend.row.row.chain.member),
        _ => None,
    };
    let Some(key) = key else { return Ok(Some(ReferralAnswer::of(referral, None))) };
    let Chain { program, .. } = &friend.row.row.chain;
    let by = Chain { program: program.clone(), member: referral.by.clone() };
    let head = app.ledger().head(&by, Consistency::Eventual).await?;
    let head = match head {
        Some(head) => app.ledger().row_at(head, friend.at).await?,
        None => None,
    };
    let credited = match &head {
        Some(head) => app.ledger().find(head, &key, None, 0, |row| row.is_about(&key)).await?,
        None => None,
    };
    let credited = credited.as_ref().and_then(|stored| stored.row.order.as_ref());
    let day = Day::of(friend.at, &friend.program().time_zone);
    Ok(Some(ReferralAnswer::of(referral, credited.map(|order| (order, day)))))
}

/// Lists a claim that does not count, after its row.
///
/// # Errors
///
/// The tables' [`Failure`].
pub async fn set_aside(tables: &impl Tables, row: &Row) -> Result<(), Failure> {
    let Some(Referral { by, state: ReferralState::Rejected(reason), .. }) = &row.account.referral
    else {
        return Ok(());
    };
    let entry = SetAside { by: by.clone(), code: reason.code().to_owned(), at: row.recorded_at };
    registry::write(tables, &listed(&row.chain), &entry).await
}

/// The claims that were set aside, by the friend.
///
/// # Errors
///
/// The tables' [`Failure`].
pub async fn all_set_aside(
    tables: &impl Tables,
    program: &ProgramId,
) -> Result<Vec<(String, SetAside)>, Failure> {
    registry::list(tables, &format!("referrals#{program}"), None, None).await
}

fn listed(chain: &Chain) -> Address {
    Address::new(format!("referrals#{}", chain.program), chain.member.as_str())
}

fn alike(program: &ProgramId, hash: &str) -> Address {
    Address::new(format!("alike#{program}#{hash}"), "-")
}

/// One mailbox is written in many ways: with a tag after a plus, and at some hosts with dots.
fn loose_email(email: &str) -> String {
    let email = email.trim().to_lowercase();
    let Some((name, host)) = email.rsplit_once('@') else { return email };
    let name = name.split('+').next().unwrap_or(name);
    match host {
        "gmail.com" | "googlemail.com" => format!("{}@gmail.com", name.replace('.', "")),
        host => format!("{name}@{host}"),
    }
}

/// The end of a number is the same with and without its country's prefix.
fn loose_phone(phone: &str) -> String {
    let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
    digits[digits.len().saturating_sub(9)..].to_owned()
}

fn loose_text(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_person_is_told_however_they_write() {
        let hasher = IdentityHasher::new("a secret of at least thirty-two characters");
        let of = |email, phone, card, address| Likeness::of(&hasher, email, phone, card, address).0;
        let same = [
            (
                of(Some("Ada.L+shop@GMail.com"), None, None, None),
                of(Some("adal@googlemail.com"), None, None, None),
            ),
            (
                of(Some("ada+1@example.org"), None, None, None),
                of(Some(" ada@example.org"), None, None, None),
            ),
            (
                of(None, Some("+44 20 7946 0018"), None, None),
                of(None, Some("020 7946 0018"), None, None),
            ),
            (of(None, None, Some("1234-5678"), None), of(None, None, Some("1234 5678"), None)),
            (
                of(None, None, None, Some("1 High St., York")),
                of(None, None, None, Some("1 HIGH ST york")),
            ),
        ];
        for (a, b) in same {
            assert_eq!(a, b);
            assert_eq!(a.len(), 1);
        }
        let email = of(Some("a.da@example.org"), None, None, None);
        assert_ne!(email, of(Some("ada@example.org"), None, None, None));
        assert_ne!(of(None, Some("12345"), None, None), of(None, None, Some("12345"), None));
        assert!(of(Some("  "), Some("-"), None, None).iter().all(|hash| hash.len() == 64));
    }
}
