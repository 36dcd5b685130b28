//! An event as it goes out: CloudEvents 1.0 in its JSON form.

use std::fmt;

use domain::{
    ids::{MemberId, ProgramId},
    time::{Day, Instant},
};
use edge::NoRandomness;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use serde_json::value::RawValue;

/// The media type of an event's JSON form.
pub const MEDIA_TYPE: &str = "application/cloudevents+json";

/// An event. It holds ids and amounts, nothing personal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    specversion: SpecVersion,
    /// Its row's hash and its type, and a number where a row has several of one type: the same
    /// event has the same id however often it is sent.
    pub id: String,
    /// `/guerdon/` and the program.
    pub source: String,
    /// What happened.
    #[serde(rename = "type")]
    pub kind: EventType,
    /// To whom.
    pub subject: MemberId,
    /// When it was recorded.
    pub time: Instant,
    datacontenttype: ContentType,
    /// The rest.
    pub data: Data,
}

impl Event {
    /// An event of a program.
    pub fn new(id: String, kind: EventType, time: Instant, data: Data) -> Event {
        Event {
            specversion: SpecVersion::One,
            id,
            source: format!("/guerdon/{}", data.program),
            kind,
            subject: data.member.clone(),
            time,
            datacontenttype: ContentType::Json,
            data,
        }
    }

    /// An event that means nothing, to try a subscriber out with. Each has an id of its own.
    ///
    /// # Errors
    ///
    /// [`NoRandomness`].
    pub fn test(program: &ProgramId, now: Instant) -> Result<Event, NoRandomness> {
        let mut bits = [0_u8; 16];
        getrandom::fill(&mut bits).map_err(|_| NoRandomness)?;
        let data = Data {
            program: program.clone(),
            member: "nobody".parse().expect("it is an id"),
            sequence: 0,
            row: "test".to_owned(),
            key: None,
            points_name: "points".to_owned(),
            currency: None,
            points: None,
            moved: Vec::new(),
            balance: Decimal::new(0, 0),
            pending: Decimal::new(0, 0),
            tier: None,
            about: None,
        };
        let id = format!("{:032x}-guerdon-test", u128::from_be_bytes(bits));
        Ok(Event::new(id, EventType::Test, now, data))
    }

    /// Its JSON form, in ASCII: the bytes that are queued, signed and sent.
    pub fn json(&self) -> String {
        edge::ascii(self)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum SpecVersion {
    #[serde(rename = "1.0")]
    One,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum ContentType {
    #[serde(rename = "application/json")]
    Json,
}

macro_rules! event_types {
    ($($(#[$doc:meta])* $name:ident = $word:literal,)*) => {
        /// What can happen to a member.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum EventType {
            $($(#[$doc])* #[serde(rename = $word)] $name,)*
        }

        impl EventType {
            /// All of them.
            pub const ALL: &[EventType] = &[$(EventType::$name,)*];

            /// The word for it.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(EventType::$name => $word,)*
                }
            }
        }
    };
}

event_types! {
    /// Somebody joined.
    MemberEnrolled = "member.enrolled",
    /// Points were earned that are not spendable yet.
    PointsPending = "points.pending",
    /// Points became spendable, or repaid debt.
    PointsEarned = "points.earned",
    /// Points were set aside.
    PointsHeld = "points.held",
    /// Points that were set aside are spendable again.
    PointsReleased = "points.released",
    /// Points were spent.
    PointsRedeemed = "points.redeemed",
    /// Points were given to a cause.
    PointsDonated = "points.donated",
    /// Points went to another member, or came from one.
    PointsTransferred = "points.transferred",
    /// Points were given or taken by hand.
    PointsAdjusted = "points.adjusted",
    /// Points were taken back.
    PointsClawedBack = "points.clawed_back",
    /// Points ended unspent.
    PointsExpired = "points.expired",
    /// Points that were spent, taken back or over came back.
    PointsReturned = "points.returned",
    /// Points became spendable, or end, on another day than before.
    PointsRedated = "points.redated",
    /// Points will end soon.
    PointsExpiring = "points.expiring",
    /// Every point became several.
    PointsRedenominated = "points.redenominated",
    /// The level changed.
    TierChanged = "tier.changed",
    /// The level ends soon, and has not been earned again.
    TierAtRisk = "tier.at_risk",
    /// A reward was had.
    RewardIssued = "reward.issued",
    /// A challenge was completed, or completed once more.
    ChallengeCompleted = "challenge.completed",
    /// A friend bought what makes it count who brought them.
    ReferralQualified = "referral.qualified",
    /// And gave it back.
    ReferralReversed = "referral.reversed",
    /// A member was given points for a friend.
    ReferralRewarded = "referral.rewarded",
    /// A badge was won.
    BadgeWon = "badge.won",
    /// A badge was lost by a refund.
    BadgeLost = "badge.lost",
    /// Nothing happened: a subscriber is tried out.
    Test = "guerdon.test",
}

/// What an event says. Amounts of points are decimal numbers as members read them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Data {
    /// The program.
    pub program: ProgramId,
    /// The member.
    pub member: MemberId,
    /// The row's number in the member's chain.
    pub sequence: u64,
    /// What the row is about: `order`, `refund`, `redeemed` …
    pub row: String,
    /// The key of the fact that caused it; none when time passed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// What the points are called.
    pub points_name: String,
    /// The currency's id, where it is not the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// How many points this is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub points: Option<Decimal>,
    /// The same by the buckets that they left and came to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub moved: Vec<Moved>,
    /// What the member sees after the row: spendable points less debt.
    pub balance: Decimal,
    /// Earned and not yet spendable after the row.
    pub pending: Decimal,
    /// The level after the row, where the program has levels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier: Option<String>,
    /// What only some types say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<About>,
}

/// What only some types say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// Of `member.enrolled`.
    Joined {
        /// The program's day.
        since: Day,
    },
    /// Of `tier.changed`.
    Tier {
        /// The level before; none for the first.
        from: Option<String>,
        /// The level since.
        to: String,
        /// The day at whose start it is looked at again; none when it lasts.
        until: Option<Day>,
    },
    /// Of `points.expiring`.
    Expiring {
        /// The day at whose start they end.
        ends_on: Day,
        /// How many.
        points: Decimal,
    },
    /// Of `tier.at_risk`.
    AtRisk {
        /// The level.
        level: String,
        /// The day at whose start it ends.
        ends_on: Day,
        /// The level that has been earned so far.
        falls_to: String,
    },
    /// Of `reward.issued`.
    Reward {
        /// The reward's id.
        reward: String,
        /// What it is worth, in minor units; nothing for what is no money.
        value: i64,
        /// Of which money.
        money: String,
    },
    /// Of `referral.qualified`, `referral.reversed` and `referral.rewarded`. Both chains call a
    /// referral by the friend's id.
    Referral {
        /// The friend.
        friend: MemberId,
        /// Who brought them.
        by: MemberId,
    },
    /// Of `challenge.completed`, `badge.won` and `badge.lost`.
    Challenge {
        /// The challenge's id.
        challenge: String,
        /// What members call it.
        name: String,
        /// The day its span began, where it comes again and again.
        since: Option<Day>,
        /// How often it is completed in this span.
        times: u32,
    },
}

/// Points that went from one bucket to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    /// The bucket that they left.
    pub from: String,
    /// The bucket that they came to.
    pub to: String,
    /// How many.
    pub points: Decimal,
}

/// A decimal number, digit for digit. In JSON a number, which never passes through a float
/// on our side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decimal(String);

impl Decimal {
    /// An amount of smallest units with so many decimals.
    pub fn new(units: i64, decimals: u8) -> Decimal {
        let points = domain::points::Points::new(units.unsigned_abs());
        let shown = points.unwrap_or(domain::points::Points::MAX).display(decimals);
        Decimal(if units < 0 { format!("-{shown}") } else { shown })
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let raw = RawValue::from_string(self.0.clone());
        raw.map_err(serde::ser::Error::custom)?.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
        let raw: Box<RawValue> = Deserialize::deserialize(deserializer)?;
        let text = raw.get();
        let of_number = |b: u8| b.is_ascii_digit() || b == b'.' || b == b'-';
        match text.bytes().all(of_number) {
            true => Ok(Decimal(text.to_owned())),
            false => Err(D::Error::custom("a decimal number was expected")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_numbers_digit_for_digit() {
        let cases = [
            (0, 0, "0"),
            (12_345, 2, "123.45"),
            (12_300, 2, "123"),
            (-5, 3, "-0.005"),
            ((1 << 53) - 1, 3, "9007199254740.991"),
        ];
        for (units, decimals, json) in cases {
            let decimal = Decimal::new(units, decimals);
            assert_eq!(serde_json::to_string(&decimal).expect("JSON"), json);
            let read: Decimal = serde_json::from_str(json).expect("a decimal");
            assert_eq!(read, decimal);
        }
        for bad in ["\"1\"", "1e9", "null", "[1]"] {
            assert!(serde_json::from_str::<Decimal>(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn each_type_reads_and_writes_as_its_word() {
        for kind in EventType::ALL {
            let json = serde_json::to_value(kind).expect("JSON");
            assert_eq!(json, kind.as_str());
            assert_eq!(serde_json::from_value::<EventType>(json).expect("a type"), *kind);
        }
    }
}
