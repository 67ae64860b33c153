//! `/apps/{app}/builds/{build}` and its stream of events.

use super::stage::StageRecord;
use super::store::{self, BuildEvent};
use super::wire::{BuildOut, StageOut};
use super::{Bell, BuildRecord};
use crate::ids::{BuildId, BuildMarker};
use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::{Stream, stream};
use slipway_framework::db::DbError;
use slipway_framework::http::{PathId, Problem, ProblemBody};
use slipway_framework::module::Routes;
use slipway_framework::platform::Platform;
use slipway_framework::scope::AppScope;
use slipway_tenancy::{CanBuild, CanView, OwnApp};
use std::collections::VecDeque;
use std::time::Duration;
use tokio::time::Instant;
use utoipa_axum::routes;

/// How often a stream looks by itself: another process may have built.
const GLANCE: Duration = Duration::from_millis(250);
/// A stream ends after this and the client comes back with `Last-Event-ID`, so that a right that was taken away is noticed.
const LIFETIME: Duration = Duration::from_mins(10);

pub(crate) fn routes() -> Routes {
    Routes::new().routes(routes!(show)).routes(routes!(events)).routes(routes!(cancel)).routes(routes!(retry))
}

/// A build and its stages.
#[utoipa::path(get, path = "/apps/{app}/builds/{build}", tag = "builds", operation_id = "show_build",
    params(("app" = String, Path), ("build" = String, Path)),
    responses((status = 200, body = BuildOut), (status = "default", body = ProblemBody)))]
async fn show(
    State(platform): State<Platform>,
    own: OwnApp<CanView>,
    PathId(build): PathId<BuildMarker>,
) -> Result<Json<BuildOut>, Problem> {
    Ok(Json(load(&platform, &own.scope, build).await?.into()))
}

/// Stops a build.
#[utoipa::path(post, path = "/apps/{app}/builds/{build}/cancel", tag = "builds",
    params(("app" = String, Path), ("build" = String, Path)),
    responses((status = 200, body = BuildOut), (status = "default", body = ProblemBody)))]
async fn cancel(
    State(platform): State<Platform>,
    own: OwnApp<CanBuild>,
    PathId(build): PathId<BuildMarker>,
) -> Result<Json<BuildOut>, Problem> {
    Ok(Json(platform.db().write(&own.scope, move |tx| super::cancel(tx, build)).await?.into()))
}

/// Begins a failed or cancelled build again.
#[utoipa::path(post, path = "/apps/{app}/builds/{build}/retry", tag = "builds",
    params(("app" = String, Path), ("build" = String, Path)),
    responses((status = 200, body = BuildOut), (status = "default", body = ProblemBody)))]
async fn retry(
    State(platform): State<Platform>,
    own: OwnApp<CanBuild>,
    PathId(build): PathId<BuildMarker>,
) -> Result<Json<BuildOut>, Problem> {
    Ok(Json(platform.db().write(&own.scope, move |tx| super::retry(tx, build)).await?.into()))
}

/// The build's events as they happen (server-sent events): `stage` with a Stage; then `done`, `failed` or `cancelled` with the Build, and
/// the stream ends. It begins with the present run, or after the `Last-Event-ID`.
#[utoipa::path(get, path = "/apps/{app}/builds/{build}/events", tag = "builds",
    params(("app" = String, Path), ("build" = String, Path), ("Last-Event-ID" = Option<String>, Header)),
    responses((status = 200, content_type = "text/event-stream", body = String), (status = "default", body = ProblemBody)))]
async fn events(
    State(platform): State<Platform>,
    own: OwnApp<CanView>,
    PathId(build): PathId<BuildMarker>,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, DbError>>>, Problem> {
    let record = load(&platform, &own.scope, build).await?;
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok()?.parse().ok()).unwrap_or(0);
    let listener = Listener {
        platform,
        scope: own.scope,
        build,
        after: record.run_began_after.max(last),
        waiting: VecDeque::new(),
        is_over: false,
        until: Instant::now() + LIFETIME,
    };
    Ok(Sse::new(stream::unfold(listener, Listener::next)).keep_alive(KeepAlive::default()))
}

/// Where a stream stands.
struct Listener {
    platform: Platform,
    scope: AppScope,
    build: BuildId,
    after: u32,
    waiting: VecDeque<BuildEvent>,
    is_over: bool,
    until: Instant,
}

impl Listener {
    async fn next(mut self) -> Option<(Result<Event, DbError>, Self)> {
        match self.wait().await {
            Ok(event) => event.map(|event| (Ok(event), self)),
            Err(error) => {
                self.is_over = true;
                Some((Err(error), self))
            }
        }
    }

    async fn wait(&mut self) -> Result<Option<Event>, DbError> {
        let bell = self.platform.db().local::<Bell>();
        while !self.is_over && Instant::now() < self.until {
            if let Some(event) = self.waiting.pop_front() {
                self.after = event.sequence;
                if let Some(event) = self.read(event).await? {
                    return Ok(Some(event));
                }
                continue;
            }
            // Registered before the look, or an event between the look and the wait would be slept through.
            let rung = bell.0.notified();
            let (build, after) = (self.build, self.after);
            let look = self.platform.db().read(&self.scope, move |read| {
                let record = store::find(read, build)?;
                Ok::<_, DbError>((record, store::events(read, build, after)?))
            });
            let (record, found) = look.await?;
            let nothing_left = record.is_none_or(|record| record.state.is_over());
            match (found.is_empty(), nothing_left) {
                (false, _) => self.waiting = found.into(),
                // A listener that comes back after the end has heard it all; a deleted app has no more to say.
                (true, true) => self.is_over = true,
                (true, false) => {
                    // Whoever waits longer than a glance looks again, rung or not.
                    let _ = tokio::time::timeout(GLANCE, rung).await;
                }
            }
        }
        Ok(None)
    }

    async fn read(&mut self, event: BuildEvent) -> Result<Option<Event>, DbError> {
        let told = Event::default().id(event.sequence.to_string()).event(event.kind.as_str());
        let data = if event.kind == "stage" {
            StageRecord::from_json(&event.payload).map(|stage| serde_json::to_string(&StageOut::from(stage)))
        } else {
            self.is_over = true;
            let build = self.build;
            let found =
                self.platform.db().read_point(&self.scope, move |read| store::find(read, build)).await?;
            found.map(|record| serde_json::to_string(&BuildOut::from(record)))
        };
        let data = data.and_then(Result::ok);
        Ok(data.map(|data| told.data(data)))
    }
}

async fn load(platform: &Platform, scope: &AppScope, build: BuildId) -> Result<BuildRecord, Problem> {
    let found = platform.db().read_point(scope, move |read| store::find(read, build)).await?;
    found.ok_or_else(|| Problem::not_found("build"))
}
