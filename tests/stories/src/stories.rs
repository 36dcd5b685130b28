//! The stories, by what they are about.

mod earning;
mod expiry;
mod explaining;
mod gallery;
mod limits;
mod notices;
mod published;
mod referrals;
mod refunds;
mod regressions;
mod spending;
mod tiers;
mod versions;
