//! What a webhook says.

use std::fmt;

use domain::{fact::Fact, ids::ExternalId, time::Instant};
use thiserror::Error;

use crate::{Person, Refused};

/// One thing that a webhook says happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Delivered {
    /// What.
    pub what: What,
    /// Who it is about, as far as the webhook says: some refunds name only an order, and a
    /// route leads from there to the member.
    pub person: Option<Person>,
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// A fact for the person's chain: an order, with its version where the shop counts
    /// changes, or a refund. Its own time is the key's, where [`crate::Connection::source`]
    /// says that the shop has key times.
    Fact(Box<Fact>),
    /// A person has an account at the shop now.
    PersonCreated {
        /// Since when.
        created_at: Option<Instant>,
    },
    /// Somebody makes use of their right to privacy.
    Privacy(Privacy),
    /// Something changed, and the shop does not say what it is now: it has to be fetched.
    Named(Named),
    /// A refund inside an order that cannot be read; the order counts all the same.
    Unread(Refused),
    /// Nothing that counts.
    Nothing(Nothing),
}

/// What the law lets people ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Privacy {
    /// The person wants to see what is known of them.
    Export {
        /// The shop's name for the request.
        request: Option<ExternalId>,
    },
    /// The person is to be forgotten: their profile and identities are erased, and what was
    /// personal of these orders.
    Erase {
        /// The orders, as the shop names them.
        orders: Vec<ExternalId>,
    },
    /// The whole shop is to be forgotten, 48 hours after it left.
    EraseShop,
}

impl fmt::Display for Privacy {
    /// What is to be done, and for which request or orders. Who it is about stands apart.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Privacy::Export { request: None } => {
                write!(f, "somebody asks what is kept of them")
            }
            Privacy::Export { request: Some(request) } => {
                write!(f, "somebody asks what is kept of them: the shop's request {request}")
            }
            Privacy::Erase { orders } if orders.is_empty() => {
                write!(f, "somebody asks to be forgotten")
            }
            Privacy::Erase { orders } => {
                let orders: Vec<&str> = orders.iter().map(ExternalId::as_str).collect();
                write!(f, "somebody asks to be forgotten, with the orders {}", orders.join(", "))
            }
            Privacy::EraseShop => write!(f, "the shop is gone, and asks to be forgotten"),
        }
    }
}

/// Something that the shop names without saying what is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// What it is.
    pub resource: Resource,
    /// The shop's name for it.
    pub id: ExternalId,
    /// For a refund, the order.
    pub of_order: Option<ExternalId>,
}

/// What can be fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resource {
    /// An order, new or changed.
    Order,
    /// A refund of an order.
    Refund,
    /// A person's account.
    Person,
}

/// Why a webhook changes nothing.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum Nothing {
    /// The shop tries the address.
    #[error("the shop tries whether anybody listens")]
    Ping,
    /// Nothing earns before it is paid; the webhook that says so is still to come.
    #[error("the order is not paid")]
    NotPaid,
    /// The payment was never taken.
    #[error("the order's payment was voided before it was taken")]
    Voided,
    /// Nothing was bought.
    #[error("the order has no lines")]
    NoLines,
    /// Goods or words, but no money, went back.
    #[error("the refund paid no money back")]
    NoMoneyBack,
    /// The bank has not said yes; the order's next update will say how it ended.
    #[error("the refund's money is still on its way")]
    RefundPending,
    /// A dispute that may still be won.
    #[error("the dispute is not decided, or was not lost")]
    DisputeNotLost,
    /// A topic that no fact comes from.
    #[error("nothing follows from this topic")]
    TopicUnused,
}

impl Nothing {
    /// The stable reason code.
    pub fn code(self) -> &'static str {
        match self {
            Nothing::Ping => "PING",
            Nothing::NotPaid => "NOT_PAID",
            Nothing::Voided => "VOIDED",
            Nothing::NoLines => "NO_LINES",
            Nothing::NoMoneyBack => "NO_MONEY_BACK",
            Nothing::RefundPending => "REFUND_PENDING",
            Nothing::DisputeNotLost => "DISPUTE_NOT_LOST",
            Nothing::TopicUnused => "TOPIC_UNUSED",
        }
    }
}

impl Delivered {
    /// A fact about a person.
    pub(crate) fn fact(fact: Fact, person: Option<Person>) -> Delivered {
        Delivered { what: What::Fact(Box::new(fact)), person }
    }

    /// A part of the body, or why it cannot be read.
    pub(crate) fn part(read: Result<Delivered, Refused>) -> Delivered {
        read.unwrap_or_else(|refused| Delivered { what: What::Unread(refused), person: None })
    }

    /// Nothing else in the body counts.
    pub(crate) fn nothing(why: Nothing) -> Vec<Delivered> {
        vec![Delivered { what: What::Nothing(why), person: None }]
    }
}
