//! What every handler needs around it: settings, clock, authentication, errors, the
//! shapes of HTTP, and telemetry.
//!
//! Not here: any rule about points, any knowledge of one function's routes.

pub mod api;
mod app;
mod arrival;
pub mod auth;
pub mod batch;
mod clock;
mod credit;
mod extract;
mod identity;
mod image;
mod joining;
mod keys;
mod limits;
mod member_token;
mod plain;
mod problem;
mod profile;
mod programs;
mod queue;
mod reading;
mod recorder;
pub mod referral;
mod rejection;
mod serve;
mod settings;
pub mod telemetry;
mod writing;

pub use app::{App, Store};
pub use arrival::{Arrival, ArrivedFact, KnownPerson, Takeover};
pub use clock::Clock;
pub use credit::{Credit, CreditFact, Queued, Unread, ascii};
pub use extract::{Body, PathOf, QueryOf};
pub use identity::IdentityHasher;
pub use image::item_of_image;
pub use joining::{Joining, guest_of, member_with_email};
pub use keys::{ApiKey, KeyRecord, NoRandomness, all_keys, end_key};
pub use limits::{BadLimit, Limit};
pub use member_token::MemberTokens;
pub use problem::Problem;
pub use profile::{KeptBirthday, LEADERBOARD, NewBirthday, Profile};
pub use programs::{Programs, PublishedProgram};
pub use queue::Queue;
pub use reading::{MemberRef, Read, ReadAt};
pub use recorder::Recorder;
pub use rejection::Rejection;
pub use serve::serve;
pub use settings::{AwsSettings, Settings, SettingsError};
pub use writing::{IdempotencyKey, Kept, WriteQuery, Writing, Written};

/// Handlers' router: routes that describe themselves.
pub type Routes = aide::axum::ApiRouter;
