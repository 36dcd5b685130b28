//! From the words of a fact to the request that a shop would send: the one place that
//! knows both.

use std::collections::HashMap;

use domain::program::Program;
use serde_json::{Map, Value, json};

use crate::{
    amounts::{is_money, money, points},
    arguments::Arguments,
    file::{Line, When},
};

/// What a line asks for.
#[derive(Debug)]
pub enum Ask {
    /// Time passes, and nobody does anything.
    Nothing,
    /// The schedule visits the member.
    Visit,
    /// A request, under a name by which later lines may speak of it.
    Post { path: String, name: String, body: Value },
    /// The member joins by another's code.
    Join { by: String, body: Value },
    /// As [`Ask::Post`], of something that is answered before it is recorded.
    Send { path: String, name: String, body: Value },
}

/// What words mean in a program, and for whom.
pub struct Words<'a> {
    /// The program in force.
    pub program: &'a Program,
    /// The sequences of rows by the names that the story gave their facts.
    pub sequences: &'a HashMap<String, u64>,
    pub member: &'a str,
}

impl Words<'_> {
    /// What a line asks for.
    pub fn ask(&self, line: &Line) -> Result<Ask, String> {
        let words: Vec<&str> = line.fact.iter().map(String::as_str).collect();
        let (what, rest) = words.split_first().ok_or("nothing happens")?;
        let mut rest = Arguments::new(rest);
        let ask = match *what {
            "-" => Ask::Nothing,
            "settle" => Ask::Visit,
            "join" => self.join(&mut rest)?,
            "order" => self.order(&mut rest)?,
            "refund" => self.refund(&mut rest)?,
            "redeem" | "hold" => self.redeem(what, &mut rest)?,
            "capture" | "release" => self.end_hold(what, &mut rest)?,
            "give" | "take" => self.adjust(what, &mut rest)?,
            "activity" => self.activity(&mut rest)?,
            "label" => self.label(&mut rest, line.number)?,
            "grant" => self.grant(&mut rest, line.number)?,
            "enter" => self.enter(&mut rest, line.number)?,
            "undo" => self.undo(&mut rest)?,
            unknown => return Err(format!("{unknown:?} is no fact: see README.md for those")),
        };
        rest.finish()?;
        Ok(ask)
    }

    fn join(&self, words: &mut Arguments<'_>) -> Result<Ask, String> {
        let mut body = json!({ "id": self.member });
        set(&mut body, "enrolled_at", self.time(words.named("at"))?);
        set(&mut body, "birthday", words.named("birthday").map(Value::from));
        if let Some(email) = words.named("email") {
            body["identities"] = json!({ "email": email });
        }
        set(&mut body, "address", words.named("address").map(Value::from));
        let Some(by) = words.named("by") else {
            return Ok(post("members".into(), self.member, body));
        };
        Ok(Ask::Join { by: by.trim_start_matches('@').to_owned(), body })
    }

    fn order(&self, words: &mut Arguments<'_>) -> Result<Ask, String> {
        let id = words.next("the order's id")?;
        let mut body = json!({ "id": id, "member": self.member });
        set(&mut body, "placed_at", self.time(words.named("placed"))?);
        if let Some(version) = words.named("v") {
            let version: u64 = version.parse().map_err(|_| format!("{version:?} is no version"))?;
            body["version"] = version.into();
        }
        for name in ["channel", "store", "status"] {
            set(&mut body, name, words.named(name).map(Value::from));
        }
        for name in ["discount", "tax", "shipping", "tip"] {
            let amount = words.named(name).map(|amount| self.money(amount)).transpose()?;
            set(&mut body, name, amount);
        }
        if words.flag("test") {
            body["test"] = true.into();
        }
        if let Some(paid) = words.named("paid") {
            let tenders: Result<Vec<Value>, String> =
                paid.split(',').map(|tender| self.tender(tender)).collect();
            body["tenders"] = tenders?.into();
        }
        let lines: Result<Vec<Value>, String> =
            words.rest().into_iter().map(|word| self.bought(word)).collect();
        body["lines"] = lines?.into();
        Ok(post("orders".into(), id, body))
    }

    fn tender(&self, text: &str) -> Result<Value, String> {
        let wrong = || format!("{text:?} is no tender such as card:$5.00");
        let (kind, amount) = text.split_once(':').ok_or_else(wrong)?;
        Ok(json!({ "kind": kind, "amount": self.money(amount)? }))
    }

    /// `id:3x$5.00-$1.00/category@brand#product`, all but the price optional.
    fn bought(&self, word: &str) -> Result<Value, String> {
        let mut line = json!({});
        let mut left = word;
        for (sign, name) in [('#', "product"), ('@', "brand"), ('/', "category")] {
            if let Some((before, after)) = left.split_once(sign) {
                line[name] = after.into();
                left = before;
            }
        }
        if let Some((id, price)) = left.split_once(':') {
            line["id"] = id.into();
            left = price;
        }
        if let Some((quantity, price)) = left.split_once('x') {
            let wrong = |_| format!("{quantity:?} is no quantity, in {word:?}");
            line["quantity"] = quantity.parse::<u64>().map_err(wrong)?.into();
            left = price;
        }
        if let Some((price, discount)) = left.split_once('-') {
            line["discount"] = self.money(discount)?;
            left = price;
        }
        line["unit_price"] = self.money(left)?;
        Ok(line)
    }

    fn refund(&self, words: &mut Arguments<'_>) -> Result<Ask, String> {
        let id = words.next("the refund's id")?;
        let order = words.next("the order's id")?;
        let mut body = json!({ "id": id, "order": order, "member": self.member });
        set(&mut body, "refunded_at", self.time(words.named("at"))?);
        let to_date = words.named("to").map(|amount| self.money(amount)).transpose()?;
        match (words.rest().as_slice(), to_date) {
            ([], Some(amount)) => body["amount_to_date"] = amount,
            (["all"], None) => body["everything"] = true.into(),
            ([amount], None) if is_money(amount) => body["amount"] = self.money(amount)?,
            (lines @ [_, ..], None) => {
                let lines: Result<Vec<Value>, String> =
                    lines.iter().map(|line| self.returned(line)).collect();
                body["lines"] = lines?.into();
            }
            _ => return Err("say what is refunded: all, $5.00, to=$5.00 or lines".into()),
        }
        Ok(post("refunds".into(), id, body))
    }

    /// `1:x2` or `1:$5.00`.
    fn returned(&self, word: &str) -> Result<Value, String> {
        let wrong = || format!("{word:?} is no part of an order such as 1:x2 or 1:$5.00");
        let (line, what) = word.split_once(':').ok_or_else(wrong)?;
        match what.strip_prefix('x') {
            Some(quantity) => {
                let quantity: u64 = quantity.parse().map_err(|_| wrong())?;
                Ok(json!({ "line": line, "quantity": quantity }))
            }
            None => Ok(json!({ "line": line, "amount": self.money(what)? })),
        }
    }

    fn redeem(&self, what: &str, words: &mut Arguments<'_>) -> Result<Ask, String> {
        let id = words.next("an id")?;
        let spent = words.next("the points to spend, or - for the reward's price,")?;
        let mut body = json!({ "reward": self.reward(words.named("reward"))? });
        if spent != "-" {
            body["points"] = self.points(spent)?.into();
        }
        let basket = words.named("basket").map(|amount| self.money(amount)).transpose()?;
        set(&mut body, "basket", basket);
        if what == "hold" {
            let minutes = words.named("minutes").unwrap_or("30");
            let wrong = |_| format!("{minutes:?} are no minutes");
            body["hold_minutes"] = minutes.parse::<u32>().map_err(wrong)?.into();
        }
        Ok(post(format!("members/{}/redemptions", self.member), id, body))
    }

    /// The reward that is named, or else the program's only one.
    fn reward(&self, named: Option<&str>) -> Result<String, String> {
        match (named, self.program.rewards.as_slice()) {
            (Some(reward), _) => Ok(reward.to_owned()),
            (None, [only]) => Ok(only.id.clone()),
            (None, _) => Err("say which reward: reward=".into()),
        }
    }

    fn end_hold(&self, what: &str, words: &mut Arguments<'_>) -> Result<Ask, String> {
        let id = words.next("an id")?;
        let hold = words.next("the hold")?;
        let sequence = self.sequences.get(hold).copied().unwrap_or(9_999);
        let mut body = json!({});
        if let ("capture", Ok(captured)) = (what, words.next("points")) {
            body["points"] = self.points(captured)?.into();
        }
        Ok(post(format!("members/{}/redemptions/{sequence}/{what}", self.member), id, body))
    }

    fn adjust(&self, what: &str, words: &mut Arguments<'_>) -> Result<Ask, String> {
        let id = words.next("an id")?;
        let given = self.points(words.next("points")?)?;
        let given = i64::try_from(given).map_err(|_| "too many points")?;
        let given = if what == "take" { -given } else { given };
        let reason = words.named("reason").unwrap_or("goodwill");
        let body = json!({ "member": self.member, "points": given, "reason": reason });
        Ok(post("adjustments".into(), id, body))
    }

    fn activity(&self, words: &mut Arguments<'_>) -> Result<Ask, String> {
        let id = words.next("the activity's id")?;
        let kind = words.next("what was done")?;
        let mut body = json!({ "id": id, "member": self.member, "kind": kind });
        if let Some(version) = words.named("v") {
            let version: u64 = version.parse().map_err(|_| format!("{version:?} is no version"))?;
            body["version"] = version.into();
        }
        for name in ["subject", "channel", "store", "status"] {
            set(&mut body, name, words.named(name).map(Value::from));
        }
        if let Some(quantity) = words.named("quantity") {
            points(quantity, 3).map_err(|_| format!("{quantity:?} is no quantity"))?;
            body["quantity"] = quantity.into();
        }
        let amount = words.named("amount").map(|amount| self.money(amount)).transpose()?;
        set(&mut body, "amount", amount);
        set(&mut body, "done_at", self.time(words.named("at"))?);
        set(&mut body, "synced_at", self.time(words.named("synced"))?);
        if words.flag("withdrawn") {
            body["withdrawn"] = true.into();
        }
        Ok(Ask::Send { path: "activities".into(), name: id.to_owned(), body })
    }

    fn label(&self, words: &mut Arguments<'_>, line: usize) -> Result<Ask, String> {
        let (mut with, mut without) = (Vec::new(), Vec::new());
        for word in words.rest() {
            match (word.strip_prefix('+'), word.strip_prefix('-')) {
                (Some(label), _) => with.push(label),
                (_, Some(label)) => without.push(label),
                _ => return Err(format!("{word:?} says neither + nor -")),
            }
        }
        let body = json!({ "with": with, "without": without });
        // These have no id of their own: each line is a request of its own.
        Ok(post(format!("members/{}/labels", self.member), &format!("label {line}"), body))
    }

    fn grant(&self, words: &mut Arguments<'_>, line: usize) -> Result<Ask, String> {
        let level = words.next("a level")?;
        let reason = words.named("reason").unwrap_or("goodwill");
        let mut body = json!({ "tier": level, "reason": reason });
        set(&mut body, "until", words.named("until").map(Value::from));
        Ok(post(format!("members/{}/tier", self.member), &format!("grant {line}"), body))
    }

    fn enter(&self, words: &mut Arguments<'_>, line: usize) -> Result<Ask, String> {
        let body = json!({ "challenge": words.next("a challenge")? });
        Ok(post(format!("members/{}/challenges", self.member), &format!("enter {line}"), body))
    }

    fn undo(&self, words: &mut Arguments<'_>) -> Result<Ask, String> {
        let id = words.next("an id")?;
        let redemption = words.next("the redemption")?;
        let sequence = self.sequences.get(redemption).copied().unwrap_or(9_999);
        let path = format!("members/{}/redemptions/{sequence}/undo", self.member);
        Ok(post(path, id, json!({})))
    }

    fn money(&self, word: &str) -> Result<Value, String> {
        let own = std::iter::once(self.program.money);
        let currencies: Vec<_> = own.chain(self.program.other_money.iter().copied()).collect();
        let (amount, currency) = money(word, &currencies)?;
        Ok(json!({ "amount": amount, "currency": currency.code() }))
    }

    fn points(&self, word: &str) -> Result<u64, String> {
        points(word, self.program.points().decimals)
    }

    fn time(&self, text: Option<&str>) -> Result<Option<Value>, String> {
        let Some(text) = text else { return Ok(None) };
        let timestamp = When::read(text)?.timestamp(&self.program.time_zone);
        Ok(Some(timestamp.to_string().into()))
    }
}

fn post(path: String, name: &str, body: Value) -> Ask {
    Ask::Post { path, name: name.to_owned(), body }
}

fn set(body: &mut Value, name: &str, value: Option<Value>) {
    let fields: Option<&mut Map<String, Value>> = body.as_object_mut();
    if let (Some(fields), Some(value)) = (fields, value) {
        fields.insert(name.to_owned(), value);
    }
}
