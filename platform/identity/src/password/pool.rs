//! The threads that hash. Hashing takes a core and 19 MiB for tens of milliseconds, on purpose; two threads and a short queue
//! are what sign-ins may cost the rest of the house, and whoever finds the queue full is told to come back.

use super::{Password, PasswordHash, Typed};
use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use crossbeam_channel::{Sender, bounded};
use slipway_framework::http::Problem;
use slipway_framework::metric::{Metric, MetricKind};
use slipway_framework::platform::Platform;
use slipway_kernel::Code;
use std::fmt;
use std::thread;
use std::time::{Duration, Instant};
use thiserror::Error;
use tokio::sync::oneshot;

const BUSY: Code = Code::new("session.busy");

/// How many hash at once, and how many wait: at 25 ms a hash, the last in the queue waits for less than a second.
const THREADS: usize = 2;
const QUEUE_LENGTH: usize = 64;

/// What is counted of the pool.
pub(crate) const METRICS: &[Metric] = &[
    Metric {
        name: "password_queue_waiting",
        kind: MetricKind::Gauge,
        labels: &[],
        meaning: "passwords that wait to be hashed; more than 64 are refused as busy",
    },
    Metric {
        name: "password_hash_seconds",
        kind: MetricKind::Seconds,
        labels: &[],
        meaning: "how long a thread hashed a password; two threads do",
    },
    Metric {
        name: "password_refused_total",
        kind: MetricKind::Counter,
        labels: &[],
        meaning: "passwords refused because the queue was full",
    },
];

type Work = Box<dyn FnOnce() + Send>;

/// The pool; cheap to clone. Its threads end with the last clone.
#[derive(Clone)]
pub(crate) struct Passwords {
    platform: Platform,
    queue: Sender<Work>,
}

/// Why a password was not looked at.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum PoolError {
    #[error("too many people sign in at this moment")]
    Busy,
    #[error("a password could not be hashed: {0}")]
    Broken(String),
}

/// What came of trying a password.
#[derive(Debug, Clone)]
pub(crate) struct Tried {
    /// The hash it was tried against; by the time of the write another one may be kept.
    pub(crate) against: Option<PasswordHash>,
    pub(crate) right: bool,
    /// The same password at the present cost, when it was right and kept at another one.
    pub(crate) renewed: Option<PasswordHash>,
}

impl Passwords {
    pub(crate) fn start(platform: &Platform) -> Self {
        Self::start_with(platform, THREADS, QUEUE_LENGTH)
    }

    pub(crate) fn start_with(platform: &Platform, threads: usize, queue_length: usize) -> Self {
        let (queue, waiting) = bounded::<Work>(queue_length);
        for number in 0..threads {
            let waiting = waiting.clone();
            let hash = move || waiting.iter().for_each(|work| work());
            let thread = thread::Builder::new().name(format!("password-{number}")).spawn(hash);
            thread.expect("the operating system has room for two threads more");
        }
        Self { platform: platform.clone(), queue }
    }

    /// Hashes a password that was chosen.
    ///
    /// # Errors
    /// [`PoolError`].
    pub(crate) async fn hash(&self, password: &Password) -> Result<PasswordHash, PoolError> {
        let (password, salt, cost) = (password.clone(), self.salt(), self.platform.password_cost());
        self.run(move || PasswordHash::of(&password.0, &salt, cost)).await
    }

    /// Tries a password. With nothing to try it against it takes as long and is wrong, so that the time does not tell
    /// whether there is an account.
    ///
    /// # Errors
    /// [`PoolError`].
    pub(crate) async fn check(
        &self,
        typed: Typed,
        against: Option<PasswordHash>,
    ) -> Result<Tried, PoolError> {
        let (salt, cost) = (self.salt(), self.platform.password_cost());
        let check = move || {
            let right = match &against {
                Some(hash) => hash.is_of(&typed)?,
                None => PasswordHash::of(&typed.0, &salt, cost).map(|_| false)?,
            };
            let is_old = right && !against.as_ref().is_some_and(|hash| hash.is_at(cost));
            let renewed = is_old.then(|| PasswordHash::of(&typed.0, &salt, cost)).transpose()?;
            Ok(Tried { against, right, renewed })
        };
        self.run(check).await
    }

    fn salt(&self) -> [u8; 16] {
        self.platform.entropy().bytes()
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, PoolError> + Send + 'static,
    ) -> Result<T, PoolError> {
        let (reply, answer) = oneshot::channel();
        let queued = metrics::gauge!("password_queue_waiting");
        let waiting = queued.clone();
        let job = Box::new(move || {
            // Whoever has left while waiting is not worth a hash.
            waiting.decrement(1.0);
            if !reply.is_closed() {
                let began = Instant::now();
                let result = work();
                metrics::histogram!("password_hash_seconds").record(began.elapsed().as_secs_f64());
                let _ = reply.send(result);
            }
        });
        // Before it is sent: a thread may have taken it by the time that sending returns.
        queued.increment(1.0);
        self.queue.try_send(job).map_err(|_| {
            queued.decrement(1.0);
            metrics::counter!("password_refused_total").increment(1);
            PoolError::Busy
        })?;
        answer.await.unwrap_or_else(|_| Err(PoolError::Broken("the thread ended".to_owned())))
    }
}

impl FromRequestParts<Platform> for Passwords {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &Platform) -> Result<Self, Problem> {
        let passwords = parts.extensions.get::<Self>().cloned();
        passwords.ok_or_else(|| Problem::internal("a route was reached past the session layer"))
    }
}

impl From<PoolError> for Problem {
    fn from(error: PoolError) -> Self {
        match error {
            PoolError::Busy => {
                let detail = "Too many people sign in at this moment. Try again in a second.";
                Self::new(StatusCode::SERVICE_UNAVAILABLE, BUSY, detail).retry_after(Duration::from_secs(1))
            }
            PoolError::Broken(_) => Self::internal(error),
        }
    }
}

impl fmt::Debug for Passwords {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Passwords")
    }
}
