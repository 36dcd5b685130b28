//! Amounts as Shopify gives them since a buyer may pay in a money of their own.

use domain::money::Currency;
use serde::Deserialize;

use crate::json::Exact;

/// An amount in the shop's money, which prices are in, and in the buyer's.
#[derive(Deserialize)]
pub(super) struct Set {
    shop_money: Option<Money>,
    presentment_money: Option<Money>,
}

#[derive(Deserialize)]
struct Money {
    amount: Option<Exact>,
    currency_code: Option<String>,
}

impl Money {
    fn minor(&self, currency: Currency) -> Option<i64> {
        let of = self.currency_code.as_deref() == Some(currency.code());
        self.amount.as_ref().filter(|_| of)?.minor("", currency).ok()
    }
}

impl Set {
    /// The code of the shop's money.
    pub(super) fn shop_code(&self) -> Option<&str> {
        self.shop_money.as_ref()?.currency_code.as_deref()
    }

    /// The amount in the shop's money.
    pub(super) fn shop(&self, currency: Currency) -> Option<i64> {
        self.shop_money.as_ref()?.minor(currency)
    }

    /// The amount in the shop's money and in the buyer's.
    pub(super) fn both(&self, shop: Currency, buyer: Currency) -> Option<(i64, i64)> {
        Some((self.shop(shop)?, self.presentment_money.as_ref()?.minor(buyer)?))
    }
}
