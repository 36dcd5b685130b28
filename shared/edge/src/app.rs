//! What a function's handlers share.

use std::{sync::Arc, time::Duration};

use aws_sdk_dynamodb::config::{BehaviorVersion, Region, timeout::TimeoutConfig};

use domain::{
    fact::{Fact, KeyedFact},
    ids::ProgramId,
    program::Rulebook,
    refusal::Refusal,
    row::Chain,
    time::Day,
};
use store::{
    Mode, RecordError, Recorded,
    dynamodb::DynamoDb,
    ledger::Ledger,
    meter::Metered,
    record_beside,
    tables::{Failure, Put},
};

use crate::{
    Clock, IdentityHasher, MemberTokens, Problem, Profile, Programs, Queue, Settings,
    SettingsError, keys::KeyCache, limits::Limits, settings::AwsSettings,
};

/// The tables that handlers use.
pub type Store = Arc<Metered<DynamoDb>>;

/// What handlers share. Cloning it is cheap.
#[derive(Clone)]
pub struct App {
    ledger: Ledger<Store>,
    shared: Arc<Shared>,
}

struct Shared {
    clock: Clock,
    programs: Programs,
    keys: KeyCache,
    member_tokens: MemberTokens,
    limits: Limits,
    credits_queue: Queue,
    settle_queue: Queue,
    deliveries_queue: Queue,
    dead_deliveries_queue: Queue,
    identities: IdentityHasher,
}

impl App {
    /// Connects to AWS with the region and the credentials that Lambda puts into the
    /// environment (`AWS_ENDPOINT_URL` leads elsewhere). No request is made.
    ///
    /// # Errors
    ///
    /// [`SettingsError`] names the first variable that is missing.
    pub fn connect(settings: &Settings) -> Result<App, SettingsError> {
        let aws = AwsSettings::from_env()?;
        let timeouts = || {
            TimeoutConfig::builder()
                .operation_attempt_timeout(Duration::from_secs(2))
                .operation_timeout(Duration::from_secs(6))
                .build()
        };
        let mut dynamodb = aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(aws.region.clone()))
            .credentials_provider(aws.credentials())
            .timeout_config(timeouts());
        let mut sqs = aws_sdk_sqs::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(aws.region.clone()))
            .credentials_provider(aws.credentials())
            .timeout_config(timeouts());
        dynamodb.set_endpoint_url(aws.endpoint.clone());
        sqs.set_endpoint_url(aws.endpoint.clone());
        let dynamodb = aws_sdk_dynamodb::Client::from_conf(dynamodb.build());
        let sqs = aws_sdk_sqs::Client::from_conf(sqs.build());
        Ok(App::new(settings, dynamodb, sqs, Clock::System))
    }

    /// What handlers share, made from its parts.
    pub fn new(
        settings: &Settings,
        dynamodb: aws_sdk_dynamodb::Client,
        sqs: aws_sdk_sqs::Client,
        clock: Clock,
    ) -> App {
        let tables = DynamoDb::new(dynamodb, &settings.ledger, &settings.registry);
        let shared = Shared {
            clock,
            programs: Programs::default(),
            keys: KeyCache::default(),
            member_tokens: settings.member_tokens.clone(),
            limits: Limits::default(),
            credits_queue: Queue::new(sqs.clone(), &settings.credits_queue),
            settle_queue: Queue::new(sqs.clone(), &settings.settle_queue),
            deliveries_queue: Queue::new(sqs.clone(), &settings.deliveries_queue),
            dead_deliveries_queue: Queue::new(sqs, &settings.dead_deliveries_queue),
            identities: IdentityHasher::new(&settings.identity_key),
        };
        let ledger = Ledger::new(Arc::new(Metered::new(tables)));
        App { ledger, shared: Arc::new(shared) }
    }

    /// The same for one batch of messages: a member with many facts in it is read once.
    #[must_use]
    pub fn for_batch(&self) -> App {
        App { ledger: self.ledger.for_batch(), shared: self.shared.clone() }
    }

    /// The ledger.
    pub fn ledger(&self) -> &Ledger<Store> {
        &self.ledger
    }

    /// The tables.
    pub fn tables(&self) -> &Store {
        self.ledger.tables()
    }

    /// The clock.
    pub fn clock(&self) -> &Clock {
        &self.shared.clock
    }

    /// The queue of facts to record.
    pub fn credits_queue(&self) -> &Queue {
        &self.shared.credits_queue
    }

    /// The queue of members to settle.
    pub fn settle_queue(&self) -> &Queue {
        &self.shared.settle_queue
    }

    /// The queue of events to deliver.
    pub fn deliveries_queue(&self) -> &Queue {
        &self.shared.deliveries_queue
    }

    /// The queue of events that were given up.
    pub fn dead_deliveries_queue(&self) -> &Queue {
        &self.shared.dead_deliveries_queue
    }

    /// The hasher of identities.
    pub fn identities(&self) -> &IdentityHasher {
        &self.shared.identities
    }

    /// The keys that were asked for lately.
    pub(crate) fn keys(&self) -> &KeyCache {
        &self.shared.keys
    }

    /// How members' tokens name them.
    pub(crate) fn member_tokens(&self) -> &MemberTokens {
        &self.shared.member_tokens
    }

    /// How often callers called.
    pub(crate) fn limits(&self) -> &Limits {
        &self.shared.limits
    }

    /// The rulebook of a program, if there is one.
    ///
    /// # Errors
    ///
    /// The tables' [`Failure`].
    pub async fn find_rulebook(
        &self,
        program: &ProgramId,
    ) -> Result<Option<Arc<Rulebook>>, Failure> {
        self.shared.programs.find(self.tables(), program).await
    }

    /// The rulebook of a program.
    ///
    /// # Errors
    ///
    /// A 404 for a program that does not exist.
    pub async fn rulebook(&self, program: &ProgramId) -> Result<Arc<Rulebook>, Problem> {
        let found = self.find_rulebook(program).await?;
        found.ok_or_else(|| Problem::not_found("PROGRAM_UNKNOWN", "there is no such program"))
    }

    /// Forgets what is remembered of a program, after publishing a version of it.
    pub fn forget_program(&self, program: &ProgramId) {
        self.shared.programs.forget(program);
    }

    /// Records a fact on a member's chain, with further puts beside its row.
    ///
    /// # Errors
    ///
    /// As [`store::record`], as problems.
    pub async fn record(
        &self,
        chain: &Chain,
        fact: &KeyedFact,
        mode: Mode,
        beside: &[Put],
    ) -> Result<Recorded, RecordError> {
        let unknown = || RecordError::Refused(Refusal::MemberUnknown);
        for fresh in [false, true] {
            if fresh {
                self.forget_program(&chain.program);
            }
            let found = self.find_rulebook(&chain.program).await?;
            let rulebook = found.ok_or_else(unknown)?;
            let now = self.clock().now();
            let fact = &self.with_context(&rulebook, chain, fact).await?;
            let recorded =
                record_beside(self.ledger(), &rulebook, chain, fact, now, mode, beside).await;
            match recorded {
                // Another version was published than is remembered here.
                Err(RecordError::Refused(Refusal::VersionNotLoaded { .. })) if !fresh => {}
                other => return other,
            }
        }
        Err(unknown())
    }

    /// A program's day now.
    ///
    /// # Errors
    ///
    /// A problem when there is no such program.
    pub async fn today(&self, program: &ProgramId) -> Result<Day, Problem> {
        let rulebook = self.rulebook(program).await?;
        let now = self.clock().now();
        Ok(Day::of(now, &rulebook.in_force(now).time_zone))
    }

    /// The fact with what some programs decide by besides it: a seed for draws, and the
    /// member's birthday.
    async fn with_context(
        &self,
        rulebook: &Rulebook,
        chain: &Chain,
        fact: &KeyedFact,
    ) -> Result<KeyedFact, RecordError> {
        let mut fact = fact.clone();
        if !matches!(fact.fact, Fact::Order(_) | Fact::Activity(_)) {
            return Ok(fact);
        }
        if rulebook.versions().any(|version| version.draws()) {
            fact.seed = uuid::Uuid::now_v7().as_u64_pair().1;
        }
        if rulebook.versions().any(|version| version.asks_for_birthdays()) {
            let profile = Profile::of(self.tables(), chain).await?;
            fact.birthday = profile.birthday.map(|birthday| birthday.asked());
        }
        Ok(fact)
    }
}
