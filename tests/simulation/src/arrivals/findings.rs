//! Where everything that was sent has ended.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    account::Standing,
    fact::{Enrolment, Fact, KeyedFact, Source},
    ids::MemberId,
    key::FactKey,
    row::{Chain, Row, RowKind},
    settle::settled,
    time::{Day, Instant},
};
use edge::{Rejection, guest_of, member_with_email};
use store::{
    item::{Item, Table},
    routes,
    simulated::{SimulatedTables, workers::run_alone},
    tables::Consistency,
};

use super::Arrivals;
use crate::{
    case::Case,
    invariants::check_chain,
    people::{SentOrder, Traffic},
    shop::{START, chain},
};

/// The chains as they are at the end.
type Chains = BTreeMap<MemberId, Vec<Row>>;

/// Where an order has ended.
struct Home<'a> {
    order: &'a SentOrder,
    /// Whose chain its route leads to.
    routed: MemberId,
    /// Whose account it counts for.
    owner: MemberId,
}

impl Arrivals {
    pub fn check(&self) {
        let chains = self.chains();
        for (member, rows) in &chains {
            let last = rows.last().unwrap();
            for row in rows {
                let ends = row.kind == RowKind::MovedOn;
                assert!(!ends || row == last, "{member}: nothing is recorded after the end");
            }
        }
        self.check_guests_moved(&chains);
        self.check_rejections(&chains);
        let homes: Vec<Home<'_>> =
            self.traffic.orders.iter().map(|order| self.home(order, &chains)).collect();
        for (member, rows) in &chains {
            if let Standing::Member { since } = rows.last().unwrap().account.standing {
                self.check_account(member, since, rows, &homes);
            }
        }
    }

    fn chains(&self) -> Chains {
        let items = self.tables.everything(Table::Ledger);
        let names: BTreeSet<&str> = items.iter().filter_map(|it| it.get_text("chain")).collect();
        let members = names.into_iter().map(|name| -> MemberId {
            name.strip_prefix("house/").unwrap().to_owned().try_into().unwrap()
        });
        let rows = |member: &MemberId| {
            let stored = check_chain(&self.tables, &self.rulebook, &of(member));
            stored.into_iter().map(|stored| stored.row).collect()
        };
        members.map(|member| (member.clone(), rows(&member))).collect()
    }

    /// A guest's chain has ended where its address is known to be a member's.
    fn check_guests_moved(&self, chains: &Chains) {
        for person in 0..self.traffic.people {
            let identities = Traffic::identities(person);
            let program = chain(0).program;
            let strong = Consistency::Strong;
            let found = member_with_email(&self.tables, &program, &identities, strong);
            let joined = run_alone(found).unwrap();
            let guest = guest_of(&identities).unwrap();
            let Some(rows) = chains.get(&guest) else { continue };
            let moved_to = rows.last().unwrap().account.moved_to();
            assert_eq!(moved_to, joined.as_ref(), "{guest} is a member and its orders wait");
        }
    }

    /// Finds an order, and checks that it and its refunds are nowhere else.
    fn home<'a>(&self, order: &'a SentOrder, chains: &Chains) -> Home<'a> {
        let key = &order.key;
        let program = chain(0).program;
        let found = routes::find(&self.tables, &program, key, Consistency::Strong);
        let routed = run_alone(found).unwrap().expect("an order of somebody is led to them");
        let rows = &chains[&routed];
        let moved_to = rows.last().unwrap().account.moved_to().cloned();
        for (member, rows) in chains {
            let may_be_here = *member == routed || Some(member) == moved_to.as_ref();
            let is_here = rows.iter().any(|row| row.is_about(key));
            assert!(may_be_here || !is_here, "{key} is led to {routed} and is with {member}");
        }
        let owner = self.owner(order, &routed, moved_to, chains);
        // What was not taken over may change no more.
        let is_left = rows.last().unwrap().account.moved_to().is_some() && owner == routed;
        let everywhere = || chains[&routed].iter().chain(&chains[&owner]);
        let facts = order.versions.iter().chain(&order.refunds);
        for fact in facts.filter(|_| !is_left) {
            let key = fact.key.as_ref().unwrap();
            // A version that was older than what is there is recorded as well.
            assert!(everywhere().any(|row| row.records(key)), "{key} is recorded");
        }
        Home { order, routed, owner }
    }

    /// Whose account an order counts for: the member's that its guest became, unless it is
    /// from too long before.
    fn owner(
        &self,
        SentOrder { key, .. }: &SentOrder,
        routed: &MemberId,
        moved_to: Option<MemberId>,
        chains: &Chains,
    ) -> MemberId {
        let Some(member) = moved_to else { return routed.clone() };
        let is_order = |row: &&Row| row.is_about(key) && row.order.is_some();
        let of_guest = chains[routed].iter().rev().find(is_order);
        let of_member = chains[&member].iter().rev().find(is_order);
        let Standing::Member { since } = chains[&member].last().unwrap().account.standing else {
            panic!("{member} took over what was {routed}'s and is no member");
        };
        let program = self.rulebook.in_force(self.tables.now());
        let first = program.guest_orders.unwrap().window_start(since);
        if let Some(order) = of_guest.and_then(|row| row.order.as_ref()) {
            let in_time = order.placed_on >= first;
            assert_eq!(of_member.is_some(), in_time, "{key} of {}, {member}", order.placed_on);
        }
        if of_member.is_some() { member } else { routed.clone() }
    }

    /// What was rejected had to be, and nothing else was.
    fn check_rejections(&self, chains: &Chains) {
        let registry = self.tables.everything(Table::Registry);
        let of = |prefix: &str| -> Vec<Rejection> {
            let here =
                |item: &&Item| item.get_text("key").is_some_and(|key| key.starts_with(prefix));
            let items = registry.iter().filter(here);
            items.map(|item| rejection(&self.tables, item)).collect()
        };
        // A dead letter that is sent again has another id.
        let unread = of("rejected#-#");
        assert_eq!(unread.is_empty(), self.traffic.unreadable == 0, "{unread:?}");
        assert!(unread.iter().all(|rejection| rejection.code == "UNREADABLE"), "{unread:?}");
        let mut too_early = BTreeSet::new();
        for rejection in of("rejected#house#") {
            assert_eq!(rejection.code, "MEMBER_UNKNOWN", "{rejection:?}");
            too_early.insert((rejection.member, rejection.key));
        }
        for (chain, activity) in &self.traffic.activities {
            let key = activity.key.as_ref().unwrap();
            let recorded = recorded(chains, &chain.member, key);
            let rejected = (Some(chain.member.clone()), Some(key.to_string()));
            assert!(too_early.remove(&rejected) || recorded, "{key} is neither in nor out");
        }
        assert!(too_early.is_empty(), "only activities are rejected: {too_early:?}");
        let dead = self.credits.open().queue.dead_letters().len();
        assert_eq!(dead, self.traffic.newer, "what is for newer code waits for it");
    }

    /// The account is what it would be had the member joined first and each fact come once,
    /// in order.
    fn check_account(&self, member: &MemberId, since: Day, rows: &[Row], homes: &[Home<'_>]) {
        let tables = SimulatedTables::new(0, store::simulated::Faults::NONE, START);
        let case = Case { tables, rulebook: self.rulebook.clone() };
        let end = self.tables.now();
        let chain = of(member);
        let record = |fact: &KeyedFact| {
            run_alone(case.recording_on(&chain, fact, end)).unwrap();
        };
        record(&joined(rows, since));
        let here = homes.iter().filter(|home| home.owner == *member);
        for Home { order, .. } in here.clone() {
            order.versions.iter().chain(&order.refunds).for_each(record);
        }
        let activities = self.traffic.activities.iter().filter(|(of, fact)| {
            of.member == *member && rows.iter().any(|row| row.records(fact.key.as_ref().unwrap()))
        });
        activities.for_each(|(_, fact)| record(fact));
        let expected = check_chain(&case.tables, &self.rulebook, &chain);
        let expected: Vec<Row> = expected.into_iter().map(|stored| stored.row).collect();
        for Home { order: SentOrder { key, .. }, routed, .. } in here {
            let [found, expected] = [rows, &expected].map(|rows| worth(rows, key));
            assert_eq!(found, expected, "what {key} gave {member}, first led to {routed}");
        }
        let [found, expected] = [rows, &expected].map(|rows| {
            let account = settled(&self.rulebook, rows.last().unwrap(), end).unwrap();
            let purse = account.purse(0).into_owned();
            (purse.available(), purse.pending(), purse.debt, account.parked.len())
        });
        assert_eq!(found, expected, "the account of {member}");
    }
}

fn of(member: &MemberId) -> Chain {
    Chain { member: member.clone(), ..chain(0) }
}

fn recorded(chains: &Chains, member: &MemberId, key: &FactKey) -> bool {
    chains.get(member).is_some_and(|rows| rows.iter().any(|row| row.records(key)))
}

/// What an order has given by its newest row.
fn worth(rows: &[Row], key: &FactKey) -> Option<u64> {
    let about = rows.iter().rev().find(|row| row.is_about(key) && row.order.is_some());
    about.and_then(|row| row.order.as_ref()).map(|order| order.net(0).units())
}

/// The enrolment of a member, as it was dated.
fn joined(rows: &[Row], since: Day) -> KeyedFact {
    let row = rows.iter().find(|row| row.kind == RowKind::Enrolled).unwrap();
    assert!(row.account.since() == Some(since), "nobody joins twice");
    let enrolled_at: Option<Instant> = Some(row.occurred_at);
    let fact = Fact::Enrolled(Enrolment { enrolled_at, ..Enrolment::default() });
    let source = Source { id: "check".parse().unwrap(), has_key_times: false };
    KeyedFact::new(fact, &source, &"join".parse().unwrap(), "check".into()).unwrap()
}

fn rejection(tables: &SimulatedTables, item: &Item) -> Rejection {
    let [key, sort] = ["key", "sort"].map(|name| item.get_text(name).unwrap());
    let address = store::registry::Address::new(key, sort);
    run_alone(store::registry::read(tables, &address, Consistency::Strong)).unwrap().unwrap()
}
