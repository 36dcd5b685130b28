//! Reason codes: why a rule gave nothing, or less, or what became of a fact.

use serde::{Deserialize, Serialize};

/// Why. The codes are stable; the sentences are for people.
///
/// New reasons go to the end: rows keep the position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Reason {
    /// The person is not enrolled.
    Guest,
    /// The order is in a currency that the program does not know.
    Currency,
    /// It is a test order.
    TestOrder,
    /// The order is cancelled.
    Cancelled,
    /// Not by this channel.
    Channel,
    /// Not in this store.
    Store,
    /// None of the rule's products.
    Product,
    /// None of the rule's categories.
    Category,
    /// None of the rule's brands.
    Brand,
    /// Not paid with the rule's tender alone.
    Tender,
    /// Not for this level.
    Tier,
    /// Not at this time.
    Date,
    /// The order is too small.
    OrderTooSmall,
    /// Excluded by the rule's exceptions.
    Excluded,
    /// Nothing eligible: gift cards, points, tax and the like do not count.
    NothingEligible,
    /// Less than one full step.
    BelowStep,
    /// Less than one unit before rounding.
    RoundedToZero,
    /// Another rule of the group counts instead.
    OtherRuleCounts,
    /// The limit of an order was reached.
    OrderCap,
    /// The limit of a day was reached.
    DailyCap,
    /// The limit of a week was reached.
    WeeklyCap,
    /// The limit of a month was reached.
    MonthlyCap,
    /// The limit of a year was reached.
    YearlyCap,
    /// The limit for ever was reached.
    LifetimeCap,
    /// Everything was paid back.
    Refunded,
    /// The refund waits for its order.
    WaitsForOrder,
    /// A newer version of the order is known.
    Stale,
    /// More was given back than was left: cut to what was left.
    ClippedToWhatIsLeft,
    /// Nothing of the refund was new.
    NothingLeftToRefund,
    /// The rules whose share it gives gave nothing.
    NothingToShare,
    /// The limit of a quarter was reached.
    QuarterlyCap,
    /// The limit for one thing was reached: a product, a network, a code.
    SubjectCap,
    /// The member does not have the mark that the rule asks for.
    Label,
    /// Not the member's first order.
    NotFirstOrder,
    /// Not about what the rule asks for.
    Subject,
    /// It came when what it would have counted for was over.
    TooLate,
    /// The activity was not verified yet, or not confirmed.
    NotVerified,
    /// The activity was withdrawn.
    Withdrawn,
    /// The condition in the program's own words does not hold.
    Condition,
    /// The draw gave nothing.
    NotDrawn,
    /// Not near the member's birthday.
    Birthday,
    /// The rule's budget for all members is spent.
    BudgetSpent,
    /// No rule of the program listens to this kind of activity.
    ExcludedActivity,
    /// The member had not taken the challenge up.
    NotTakenUp,
    /// Not for who was not brought by a member, or longer ago.
    NotReferred,
    /// Who brought the friend is the friend.
    SelfReferral,
    /// The friend was known before.
    NotNew,
    /// The friend, or a friend of theirs, brought who brings them.
    ReferralCycle,
    /// A rule's limit for so many days in a row was reached.
    TooSoon,
}

impl Reason {
    /// The stable code, as it stands in JSON.
    pub fn code(self) -> &'static str {
        self.both().0
    }

    /// One sentence for people.
    pub fn sentence(self) -> &'static str {
        self.both().1
    }

    /// The code as a row's note says it: an excluded activity is named, such as
    /// `EXCLUDED_RELOAD`.
    pub fn code_for(self, activity: Option<&str>) -> String {
        match (self, activity) {
            (Reason::ExcludedActivity, Some(kind)) => {
                format!("EXCLUDED_{}", kind.to_ascii_uppercase().replace('-', "_"))
            }
            _ => self.code().to_owned(),
        }
    }

    fn both(self) -> (&'static str, &'static str) {
        match self {
            Reason::Guest => ("GUEST", "only members earn"),
            Reason::Currency => ("CURRENCY", "the program does not know the order's currency"),
            Reason::TestOrder => ("TEST_ORDER", "test orders earn nothing"),
            Reason::Cancelled => ("CANCELLED", "the order is cancelled"),
            Reason::Channel => ("CHANNEL", "it does not apply to this channel"),
            Reason::Store => ("STORE", "it does not apply in this store"),
            Reason::Product => ("PRODUCT", "none of its products was bought"),
            Reason::Category => ("CATEGORY", "nothing of its categories was bought"),
            Reason::Brand => ("BRAND", "nothing of its brands was bought"),
            Reason::Tender => ("TENDER", "the order was not paid with its tender alone"),
            Reason::Tier => ("TIER", "it is not for this level"),
            Reason::Date => ("DATE", "it does not apply at this time"),
            Reason::OrderTooSmall => ("ORDER_TOO_SMALL", "the order is too small for it"),
            Reason::Excluded => ("EXCLUDED", "what was bought is excluded from it"),
            Reason::NothingEligible => ("NOTHING_ELIGIBLE", "nothing in the order counts for it"),
            Reason::BelowStep => ("BELOW_STEP", "the order does not fill one step"),
            Reason::RoundedToZero => ("ROUNDED_TO_ZERO", "less than one point"),
            Reason::OtherRuleCounts => {
                ("OTHER_RULE_COUNTS", "another rule of its group counts instead")
            }
            Reason::OrderCap => ("ORDER_CAP", "its limit per order was reached"),
            Reason::DailyCap => ("DAILY_CAP", "its limit per day was reached"),
            Reason::WeeklyCap => ("WEEKLY_CAP", "its limit per week was reached"),
            Reason::MonthlyCap => ("MONTHLY_CAP", "its limit per month was reached"),
            Reason::YearlyCap => ("YEARLY_CAP", "its limit per year was reached"),
            Reason::LifetimeCap => ("LIFETIME_CAP", "its limit was reached"),
            Reason::Refunded => ("REFUNDED", "everything was paid back"),
            Reason::WaitsForOrder => ("WAITS_FOR_ORDER", "the refund waits for its order"),
            Reason::Stale => ("STALE", "a newer version of the order is known"),
            Reason::ClippedToWhatIsLeft => {
                ("CLIPPED_TO_WHAT_IS_LEFT", "more was given back than was left")
            }
            Reason::NothingLeftToRefund => {
                ("NOTHING_LEFT_TO_REFUND", "nothing of the refund was new")
            }
            Reason::NothingToShare => {
                ("NOTHING_TO_SHARE", "the rules of which it gives a share gave nothing")
            }
            Reason::QuarterlyCap => ("QUARTERLY_CAP", "its limit per quarter was reached"),
            Reason::SubjectCap => ("SUBJECT_CAP", "it was given for the same thing before"),
            Reason::Label => ("LABEL", "it is not for this member"),
            Reason::NotFirstOrder => ("NOT_FIRST_ORDER", "it is for a first order only"),
            Reason::Subject => ("SUBJECT", "it is not about what the rule asks for"),
            Reason::TooLate => ("TOO_LATE", "it came when that was over"),
            Reason::NotVerified => ("NOT_VERIFIED", "it is not verified yet"),
            Reason::Withdrawn => ("WITHDRAWN", "it was withdrawn"),
            Reason::NotDrawn => ("NOT_DRAWN", "the draw gave nothing"),
            Reason::Birthday => ("BIRTHDAY", "it is for the time around the birthday"),
            Reason::BudgetSpent => ("BUDGET_SPENT", "its budget for all members is spent"),
            Reason::ExcludedActivity => ("EXCLUDED_ACTIVITY", "the program gives nothing for it"),
            Reason::NotTakenUp => ("NOT_TAKEN_UP", "the member had not taken it up"),
            Reason::NotReferred => ("NOT_REFERRED", "it is for friends whom a member brought"),
            Reason::SelfReferral => ("SELF_REFERRAL", "nobody brings themselves"),
            Reason::NotNew => ("NOT_NEW", "whoever is brought must be new"),
            Reason::ReferralCycle => {
                ("REFERRAL_CYCLE", "who brings a friend was brought by that friend")
            }
            Reason::TooSoon => ("TOO_SOON", "too few days have passed since it was given"),
            Reason::Condition => ("CONDITION", "the condition of the rule does not hold"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_is_the_word_in_json() {
        for reason in [Reason::Guest, Reason::ClippedToWhatIsLeft, Reason::NothingLeftToRefund] {
            let json = serde_json::to_value(reason).expect("a string");
            assert_eq!(json, reason.code());
        }
    }
}
