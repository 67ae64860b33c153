//! The job that builds a release.

use super::pipeline::{Inputs, Moment, Package, PipelineError, Stop, build_package};
use super::stage::Stage;
use super::{BuildRecord, BuildState, announce, begin, fail, finish, locked, store};
use crate::ids::BuildId;
use crate::release::{self, Artefact};
use crate::signing_key::{self, SigningKey};
use serde::{Deserialize, Serialize};
use slipway_apk::Certificate;
use slipway_framework::db::DbError;
use slipway_framework::job::{Job, JobContext, JobError};
use slipway_framework::object::ObjectError;
use slipway_framework::platform::Platform;
use slipway_framework::scope::AppScope;
use slipway_kernel::{AppId, JobId};
use slipway_tenancy::app;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

/// Builds what the build's row says.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct BuildRelease {
    pub(crate) app: AppId,
    pub(crate) build: BuildId,
}

/// A build on its way: where to write down what happens.
#[derive(Clone)]
struct Site {
    platform: Platform,
    scope: AppScope,
    build: BuildId,
    job: JobId,
    /// Fires when the try is given up, because a thread cannot be dropped like a future.
    abandoned: CancellationToken,
}

impl Job for BuildRelease {
    const KIND: &'static str = "builder.build_release";
    const RETRIES: u32 = 2;
    const TIMEOUT: Duration = Duration::from_mins(2);

    /// A build takes seconds of all processors, so an app with many takes one place of a process at a time.
    fn concurrency_key(&self) -> Option<String> {
        Some("build".to_owned())
    }

    async fn run(&self, context: &JobContext) -> Result<(), JobError> {
        let abandoned = CancellationToken::new();
        let _guard = abandoned.clone().drop_guard();
        let site = Site {
            platform: context.platform.clone(),
            scope: context.app_scope(self.app),
            build: self.build,
            job: context.job,
            abandoned,
        };
        let (build, job) = (self.build, context.job);
        let begun = site.platform.db().write(&site.scope, move |tx| begin(tx, build, job)).await?;
        let Some(record) = begun else {
            // Its worker may have died between the build's end and its own; then there is nothing left to do, and nobody stopped it.
            let found = site.platform.db().read(&site.scope, move |read| store::find(read, build)).await?;
            let is_done = found.is_some_and(|found| found.job == job && found.state == BuildState::Done);
            return if is_done { Ok(()) } else { Err(JobError::Cancelled) };
        };
        let package = site.make(&record).await?;
        site.keep(package).await
    }

    async fn given_up(&self, context: &JobContext, reason: &str) -> Result<(), JobError> {
        let (build, job, reason) = (self.build, context.job, reason.to_owned());
        let scope = context.app_scope(self.app);
        Ok(context.platform.db().write(&scope, move |tx| fail(tx, build, job, &reason)).await?)
    }
}

impl Site {
    /// Every stage but the last.
    async fn make(&self, record: &BuildRecord) -> Result<Package, JobError> {
        let release = record.release;
        let load = self.platform.db().read(&self.scope, move |read| {
            let material = release::material(read, release)?;
            Ok::<_, DbError>((material, signing_key::find(read)?))
        });
        let (material, key) = load.await?;
        let material = material.ok_or(JobError::Cancelled)?;
        let key_record = key.ok_or_else(|| JobError::Hopeless("the app has no signing key".to_owned()))?;
        let logo = match crate::logo::bytes(&self.platform, material.brand.logo).await {
            Ok(logo) => logo.to_vec(),
            Err(error @ (ObjectError::Missing(_) | ObjectError::Damaged(_))) => {
                return Err(self.lacks_logo(&error).await);
            }
            Err(error) => return Err(JobError::Retry(error.to_string())),
        };
        let inputs: Inputs = material.inputs(logo);
        let (site, handle) = (self.clone(), Handle::current());
        let built = tokio::task::spawn_blocking(move || {
            let hopeless = |error: &dyn std::fmt::Display| JobError::Hopeless(error.to_string());
            let certificate =
                Certificate::parse(&key_record.certificate).map_err(|error| hopeless(&error))?;
            let key = SigningKey::open(site.platform.keys(), site.scope.app(), &key_record.sealed);
            let key = key.map_err(|error| hopeless(&error))?;
            let mut tell = |stage, moment: Moment<'_>| handle.block_on(site.tell(stage, moment));
            build_package(&inputs, &key, &certificate, &mut tell).map_err(JobError::from)
        });
        built.await.unwrap_or_else(|_| Err(JobError::Retry("the build panicked".to_owned())))
    }

    async fn lacks_logo(&self, error: &ObjectError) -> JobError {
        tracing::error!(%error, "a logo's file is not there any more");
        let message = "the logo's file is not there any more; upload the logo again, then retry".to_owned();
        for moment in [Moment::Began, Moment::Failed(&message)] {
            if let Err(stop) = self.tell(Stage::CheckAssets, moment).await {
                return PipelineError::Stopped(stop).into();
            }
        }
        JobError::Hopeless(message)
    }

    /// The last stage: the files first, then the rows that name them.
    async fn keep(&self, package: Package) -> Result<(), JobError> {
        self.tell(Stage::Store, Moment::Began).await.map_err(PipelineError::Stopped)?;
        let Package { apk, aab, store_icon } = package;
        let mut artefacts = Vec::new();
        for (kind, bytes) in [("apk", apk), ("aab", aab), ("store_icon", store_icon)] {
            let size_bytes =
                u32::try_from(bytes.len()).map_err(|error| JobError::Hopeless(error.to_string()))?;
            let hash = self
                .platform
                .objects()
                .put(bytes)
                .await
                .map_err(|error| JobError::Retry(error.to_string()))?;
            artefacts.push(Artefact { kind, hash, size_bytes });
        }
        let (build, job) = (self.build, self.job);
        let kept = self.platform.db().write(&self.scope, move |tx| {
            if !announce(tx, build, job, Stage::Store, Moment::Ended)? {
                return Ok(false);
            }
            let Some(record) = locked(tx, build, Some(job))? else { return Ok(false) };
            let release = record.release;
            finish(tx, record)?;
            let brand = release::ready(tx, release, &artefacts)?;
            // The app is called what it now wears.
            if let (Some(brand), Some(app)) = (brand, app::find(tx)?)
                && brand.name.as_str() != app.name
            {
                app::rename(tx, &brand.name)?;
            }
            Ok::<_, DbError>(true)
        });
        if kept.await? { Ok(()) } else { Err(JobError::Cancelled) }
    }

    async fn tell(&self, stage: Stage, moment: Moment<'_>) -> Result<(), Stop> {
        if self.abandoned.is_cancelled() {
            return Err(Stop::Cancelled);
        }
        let reason = if let Moment::Failed(reason) = moment { Some(reason.to_owned()) } else { None };
        let ended = moment == Moment::Ended;
        let (build, job) = (self.build, self.job);
        let told = self.platform.db().write(&self.scope, move |tx| {
            let moment = match &reason {
                Some(reason) => Moment::Failed(reason),
                None if ended => Moment::Ended,
                None => Moment::Began,
            };
            announce(tx, build, job, stage, moment)
        });
        match told.await.map_err(|error: DbError| Stop::Unavailable(error.to_string()))? {
            true => Ok(()),
            false => Err(Stop::Cancelled),
        }
    }
}

impl From<PipelineError> for JobError {
    fn from(error: PipelineError) -> Self {
        match error {
            PipelineError::Stopped(Stop::Cancelled) => Self::Cancelled,
            PipelineError::Stopped(Stop::Unavailable(reason)) => Self::Retry(reason),
            PipelineError::Stage { .. } => Self::Hopeless(error.to_string()),
        }
    }
}
