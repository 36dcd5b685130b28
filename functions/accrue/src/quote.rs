//! Quotes: the same decision as an order's, without a row.

use domain::{
    decide,
    fact::{Enrolment, Fact, KeyedFact, Source},
    ids::{ExternalId, ProgramId},
    row::{Chain, Row},
    time::Instant,
};
use edge::{
    App, Problem,
    api::{Buyer, NewLine, NewOrder, NewTender, Recorded},
};
use schemars::JsonSchema;
use serde::Deserialize;

/// A basket.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewQuote {
    /// Whose; without one, a new member's.
    member: Option<String>,
    /// When it would be placed, if not now.
    #[schemars(with = "Option<String>")]
    placed_at: Option<Instant>,
    /// Where.
    channel: Option<String>,
    /// Which store.
    store: Option<String>,
    /// What is in it.
    lines: Vec<NewLine>,
    /// What it would be paid with.
    #[serde(default)]
    tenders: Vec<NewTender>,
}

pub(crate) async fn quote(
    app: &App,
    program: &ProgramId,
    source: Source,
    basket: NewQuote,
) -> Result<Recorded, Problem> {
    let rulebook = app.rulebook(program).await?;
    let now = app.clock().now();
    let (Buyer::Member(member), order) = basket.into_order().into_fact()? else {
        return Err(Problem::member_unknown());
    };
    let chain = Chain { program: program.clone(), member };
    let keyed = |fact: Fact, id: &ExternalId| {
        KeyedFact::new(fact, &source, id, "quote".to_owned()).map_err(Problem::from)
    };
    let id = order.id.clone();
    let head: Row = if chain.member.as_str() == ANYBODY {
        let joined = Enrolment::default();
        let joined = keyed(Fact::Enrolled(joined), &id)?;
        decide(&rulebook, &chain, None, None, &joined, now)?
    } else {
        app.head(&chain, None).await?.row
    };
    let order = keyed(Fact::Order(order), &id)?;
    let row = decide(&rulebook, &chain, Some(&head), None, &order, now)?;
    Recorded::of(&rulebook, &row, false, true)
}

/// The member of a quote that names none: not a member's id, which nobody enrolls.
const ANYBODY: &str = "(anybody)";

impl NewQuote {
    fn into_order(self) -> NewOrder {
        NewOrder {
            id: "quote".to_owned(),
            member: Some(self.member.unwrap_or_else(|| ANYBODY.to_owned())),
            guest: None,
            version: None,
            placed_at: self.placed_at,
            channel: self.channel,
            store: self.store,
            status: None,
            test: false,
            prices_include_tax: true,
            lines: self.lines,
            discount: None,
            tax: None,
            shipping: None,
            tip: None,
            tenders: self.tenders,
            referral_code: None,
        }
    }
}
