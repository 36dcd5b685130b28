//! What a function's handlers share.

use std::sync::Arc;

use domain::{fact::KeyedFact, ids::ProgramId, program::Rulebook, refusal::Refusal, row::Chain};
use store::{
    Mode, RecordError, Recorded,
    dynamodb::DynamoDb,
    ledger::Ledger,
    meter::Metered,
    record_beside,
    tables::{Failure, Put},
};

use crate::{
    ApiKey, Clock, IdentityHasher, KeyRecord, Problem, Programs, Queue, Settings, keys::KeyCache,
};

/// The tables that handlers use.
pub type Store = Arc<Metered<DynamoDb>>;

/// What handlers share. Cloning it is cheap.
#[derive(Clone)]
pub struct App {
    shared: Arc<Shared>,
}

struct Shared {
    ledger: Ledger<Store>,
    clock: Clock,
    programs: Programs,
    keys: KeyCache,
    settle_queue: Queue,
    identities: IdentityHasher,
}

impl App {
    /// Connects to AWS by the ordinary settings of its SDK. No request is made.
    pub async fn connect(settings: Settings) -> App {
        // Credentials come from the environment only: no start-up call to any metadata
        // service.
        let config = aws_config::defaults(aws_config::BehaviorVersion::latest())
            .credentials_provider(
                aws_config::environment::EnvironmentVariableCredentialsProvider::new(),
            )
            .timeout_config(
                aws_config::timeout::TimeoutConfig::builder()
                    .operation_attempt_timeout(std::time::Duration::from_secs(2))
                    .operation_timeout(std::time::Duration::from_secs(6))
                    .build(),
            )
            .load()
            .await;
        let dynamodb = aws_sdk_dynamodb::Client::new(&config);
        let sqs = aws_sdk_sqs::Client::new(&config);
        App::new(&settings, dynamodb, sqs, Clock::System)
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
            ledger: Ledger::new(Arc::new(Metered::new(tables))),
            clock,
            programs: Programs::default(),
            keys: KeyCache::default(),
            settle_queue: Queue::new(sqs, &settings.settle_queue),
            identities: IdentityHasher::new(&settings.identity_key),
        };
        App { shared: Arc::new(shared) }
    }

    /// The ledger.
    pub fn ledger(&self) -> &Ledger<Store> {
        &self.shared.ledger
    }

    /// The tables.
    pub fn tables(&self) -> &Store {
        self.shared.ledger.tables()
    }

    /// The clock.
    pub fn clock(&self) -> &Clock {
        &self.shared.clock
    }

    /// The queue of members to settle.
    pub fn settle_queue(&self) -> &Queue {
        &self.shared.settle_queue
    }

    /// The hasher of identities.
    pub fn identities(&self) -> &IdentityHasher {
        &self.shared.identities
    }

    /// What a key may do.
    pub(crate) async fn key(&self, key: &ApiKey) -> Result<Option<KeyRecord>, Failure> {
        self.shared.keys.find(self.tables(), key).await
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
}
