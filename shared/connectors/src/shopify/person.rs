//! People, and what the law lets them ask for.

use domain::ids::ExternalId;
use serde::Deserialize;

use crate::{
    Delivered, Person, Personal, Privacy, Refused, What,
    json::{self, Exact},
};

/// A person's account. In orders it may have no id: then they are a guest.
#[derive(Deserialize)]
pub(super) struct Customer {
    id: Option<Exact>,
    email: Option<String>,
    phone: Option<String>,
    created_at: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Request {
    customer: Option<Customer>,
    data_request: Option<RequestName>,
    orders_to_redact: Option<Vec<Exact>>,
}

#[derive(Deserialize)]
pub(super) struct RequestName {
    id: Option<Exact>,
}

#[derive(Deserialize)]
pub(super) struct GoneShop {
    shop_id: Option<Exact>,
}

impl Customer {
    pub(super) fn id(&self) -> Option<Personal> {
        self.id.as_ref().and_then(|id| Personal::new(id.text()))
    }

    pub(super) fn email(&self) -> Option<&str> {
        self.email.as_deref()
    }

    pub(super) fn phone(&self) -> Option<&str> {
        self.phone.as_deref()
    }

    fn person(&self) -> Person {
        let (email, phone) = (self.email(), self.phone());
        Person {
            id: self.id(),
            email: email.and_then(Personal::new),
            phone: phone.and_then(Personal::new),
            codes: Vec::new(),
        }
    }
}

pub(super) fn created(customer: &Customer) -> Result<Vec<Delivered>, Refused> {
    customer.id.as_ref().ok_or_else(|| Refused::missing("id"))?.id("id")?;
    let at = customer.created_at.as_deref();
    let created_at = at.map(|at| json::time(at, "created_at")).transpose()?;
    Ok(about(What::PersonCreated { created_at }, customer))
}

pub(super) fn export(request: &Request) -> Result<Vec<Delivered>, Refused> {
    let name = request.data_request.as_ref().and_then(|name| name.id.as_ref());
    let name = name.map(|id| id.id("data_request.id")).transpose()?;
    Ok(about(What::Privacy(Privacy::Export { request: name }), request.customer()?))
}

pub(super) fn erase(request: &Request) -> Result<Vec<Delivered>, Refused> {
    let orders = request.orders_to_redact.iter().flatten();
    let orders = orders.map(|order| order.id("orders_to_redact"));
    let orders: Result<Vec<ExternalId>, Refused> = orders.collect();
    Ok(about(What::Privacy(Privacy::Erase { orders: orders? }), request.customer()?))
}

pub(super) fn erase_shop(gone: &GoneShop) -> Result<Vec<Delivered>, Refused> {
    gone.shop_id.as_ref().ok_or_else(|| Refused::missing("shop_id"))?.id("shop_id")?;
    Ok(vec![Delivered { what: What::Privacy(Privacy::EraseShop), person: None }])
}

fn about(what: What, customer: &Customer) -> Vec<Delivered> {
    vec![Delivered { what, person: Some(customer.person()) }]
}

impl Request {
    fn customer(&self) -> Result<&Customer, Refused> {
        self.customer.as_ref().ok_or_else(|| Refused::missing("customer"))
    }
}
