//! The planner as a shared machine: two plans at a time, a short queue, and a memory of what was asked lately (P-CACHE-03).
//!
//! It remembers weeks, never people, and refuses to let a queue grow: whoever comes when it is full is told to come back.

#[cfg(test)]
mod tests;

use crate::kitchen::kitchen;
use slipway_framework::cache::Cache;
use slipway_kernel::Clock;
use slipway_nutrition::{Diet, Outcome, Pattern, Request, RequestError, Restriction, plan};
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

/// A plan takes a core for 50 to 150 ms, a proof that there is none up to seconds; two leave the rest of the house a core.
const AT_ONCE: usize = 2;
const QUEUE_LENGTH: usize = 16;
const REMEMBERED: u64 = 500;
const REMEMBERED_FOR: Duration = Duration::from_hours(2);

/// The request with its restrictions in the order of the vocabulary, so that their order in the request does not matter.
type Key = (u32, Diet, Pattern, Vec<Restriction>, u64);

/// The machine; one for each database of this process.
#[derive(Debug)]
pub(crate) struct Planner {
    at_once: Arc<Semaphore>,
    places: Arc<Semaphore>,
    answers: Cache<Key, Arc<Computed>>,
}

#[derive(Debug)]
struct Computed {
    outcome: Outcome,
    duration_s: f64,
}

/// The answer to a request.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    computed: Arc<Computed>,
    /// Whether it was known already.
    pub(crate) cached: bool,
}

/// Why there is no answer.
#[derive(Debug, Error)]
pub(crate) enum PlannerError {
    #[error("too many plans are being made at this moment")]
    Busy,
    #[error(transparent)]
    Request(#[from] RequestError),
    #[error("the planner broke off: {0}")]
    Broken(String),
}

impl Default for Planner {
    fn default() -> Self {
        Self::new(AT_ONCE, QUEUE_LENGTH)
    }
}

impl Planner {
    fn new(at_once: usize, queue_length: usize) -> Self {
        Self {
            at_once: Arc::new(Semaphore::new(at_once)),
            places: Arc::new(Semaphore::new(at_once + queue_length)),
            answers: Cache::new("meal_plans", REMEMBERED, REMEMBERED_FOR),
        }
    }

    /// Plans the week, or remembers it. Equal requests at the same time share one computation.
    ///
    /// # Errors
    /// [`PlannerError`], shared by everybody who waited for it.
    pub(crate) async fn answer(
        &self,
        request: Request,
        clock: &dyn Clock,
    ) -> Result<Answer, Arc<PlannerError>> {
        let Request { calories, diet, pattern, restrictions, seed } = request;
        let key = (calories, diet, pattern, restrictions.iter().collect(), seed);
        let mut cached = true;
        let load = async {
            cached = false;
            self.compute(request, clock).await.map(|computed| Some(Arc::new(computed)))
        };
        let found = self.answers.get_or_load(key, [], load).await;
        let counter = if cached { "cache_hits_total" } else { "cache_misses_total" };
        metrics::counter!(counter, "cache_type" => "meal_plan").increment(1);
        let computed = found?.ok_or_else(|| PlannerError::Broken("an answer was forgotten".to_owned()))?;
        Ok(Answer { computed, cached })
    }

    async fn compute(&self, request: Request, clock: &dyn Clock) -> Result<Computed, PlannerError> {
        let place = self.places.clone().try_acquire_owned().map_err(|_| PlannerError::Busy)?;
        let turn = self.at_once.clone().acquire_owned().await;
        let turn = turn.map_err(|error| PlannerError::Broken(error.to_string()))?;
        let began = clock.now();
        let work = spawn_blocking(move || {
            // Both are held until the work is done, also when nobody waits for it any more.
            let _held = (place, turn);
            plan(kitchen(), &request)
        });
        let outcome = work.await.map_err(|error| PlannerError::Broken(error.to_string()))??;
        let duration_s = clock.now().since(began).as_secs_f64();
        metrics::histogram!("meal_plan_generation_duration_seconds").record(duration_s);
        Ok(Computed { outcome, duration_s })
    }
}

impl Answer {
    pub(crate) fn outcome(&self) -> &Outcome {
        &self.computed.outcome
    }

    /// How long the computation took when it was made.
    pub(crate) fn duration_s(&self) -> f64 {
        self.computed.duration_s
    }
}
