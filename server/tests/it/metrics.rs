//! What is counted, and that it stays small however many apps there are.

use metrics_exporter_prometheus::PrometheusBuilder;
use serde::{Deserialize, Serialize};
use slipway_framework::audit::{Audit, Sealer};
use slipway_framework::db::DbError;
use slipway_framework::http::{Hosts, Tenant};
use slipway_framework::job::{self, Job, JobContext, JobError};
use slipway_framework::module::{Module, Routes};
use slipway_framework::platform::Platform;
use slipway_kernel::{AppId, PartnerId};
use slipway_testkit::{EngineKind, TestHouse, on_both_engines};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::future::ready;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use utoipa_axum::routes;

on_both_engines!(what_happens_is_counted_and_what_waits_is_told);

/// Knows an app for each number.
#[derive(Debug)]
struct AnyApp;

impl Hosts for AnyApp {
    fn find<'a>(
        &'a self,
        _: &'a Platform,
        host: &'a str,
    ) -> Pin<Box<dyn Future<Output = Result<Option<Arc<Tenant>>, Arc<DbError>>> + Send + 'a>> {
        let number = host.strip_prefix("app").and_then(|rest| rest.split('.').next()?.parse().ok());
        let tenant = number.map(|number| {
            let (app, partner) = (AppId::from_bits(number), PartnerId::from_bits(number));
            Arc::new(Tenant { app, partner, kit: "meals".to_owned(), suspended: false })
        });
        Box::pin(ready(Ok(tenant)))
    }
}

#[utoipa::path(get, path = "/api/v1/things/{thing}", responses((status = 200)))]
async fn read() -> &'static str {
    "a thing"
}

fn routes() -> Routes {
    Routes::new().routes(routes!(read))
}

/// labels are closed lists, and none of them is an app's.
#[tokio::test]
async fn a_thousand_apps_make_as_many_series_as_one() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let rendered = recorder.handle();
    let _counting = metrics::set_default_local_recorder(&recorder);
    let modules = [Module::named("hosts").hosts(Arc::new(AnyApp)), Module::named("things").app(routes)];
    let house = TestHouse::of(EngineKind::Sqlite, modules);
    let series = || {
        let text = rendered.render();
        let lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
        lines.map(|line| line.rsplit_once(' ').unwrap().0.to_owned()).collect::<BTreeSet<_>>()
    };
    for path in ["/api/v1/things/1", "/nothing", "/icons/1.png"] {
        house.app("app0").get(path).await;
    }
    let before = series();
    for number in 1..=1_000 {
        let mut app = house.app(&format!("app{number}"));
        let mut of_address = app.clone().with_header("user-agent", &format!("agent {number}"));
        assert_eq!(app.get(&format!("/api/v1/things/{number}")).await.status, 200);
        of_address.get(&format!("/nothing/{number}")).await;
        of_address.get(&format!("/icons/{number}.png")).await;
        if number % 20 == 0 {
            house.clock().advance(Duration::from_secs(3_600));
        }
    }
    let after = series();
    let more: Vec<_> = after.difference(&before).collect();
    assert!(more.is_empty(), "{more:?}");
    let counted = "http_requests_total{class=\"api-read\",status=\"2xx\"} 1001";
    assert!(rendered.render().contains(counted), "{}", rendered.render());
}

/// A class is told for routes that exist only, and the slow ones have one.
#[test]
fn routes_are_counted_in_the_class_of_their_target() {
    let classes = slipway_server::assembly().route_classes();
    let of = |method: &str, pattern: &str| {
        let found = classes.iter().find(|(known, at, _)| known == method && at == pattern);
        found.unwrap_or_else(|| panic!("{method} {pattern} is no route")).2.as_str()
    };
    assert_eq!(of("POST", "/api/v1/sessions"), "login");
    assert_eq!(of("POST", "/api/v1/meals/plans"), "generate");
    assert_eq!(of("GET", "/api/v1/apps/{app}/builds/{build}/events"), "sse");
    assert_eq!(of("GET", "/api/v1/apps"), "api-read");
    assert_eq!(of("POST", "/api/v1/apps"), "api-write");
    assert_eq!(of("GET", "/manifest.webmanifest"), "static");
}

/// P-OBS-14: what is committed is what the program makes, and nothing is left of what it made once.
#[test]
fn the_files_of_operators_are_those_of_this_program() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let made: BTreeMap<_, _> =
        slipway_server::ops_files(&slipway_server::assembly(), "docs/ops").into_iter().collect();
    for (path, text) in &made {
        let committed = fs::read_to_string(root.join(path)).unwrap_or_default();
        assert!(
            committed == *text,
            "{path} is out of date; run `cargo run --package slipway-server -- ops-files .`"
        );
    }
    for entry in fs::read_dir(root.join("docs/ops")).unwrap() {
        let path = format!("docs/ops/{}", entry.unwrap().file_name().to_str().unwrap());
        assert!(made.contains_key(&path), "{path} is made by nothing any more");
    }
}

/// Does as told.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Chore {
    Work,
    Fail,
}

impl Job for Chore {
    const KIND: &'static str = "things.chore";
    async fn run(&self, _: &JobContext) -> Result<(), JobError> {
        match self {
            Self::Work => Ok(()),
            Self::Fail => Err(JobError::Hopeless("as told".to_owned())),
        }
    }
}

/// A house that does chores.
pub(crate) fn modules() -> [Module; 2] {
    [Module::named("hosts").hosts(Arc::new(AnyApp)), Module::named("things").job::<Chore>()]
}

/// P-JOBS-09, and what `/health` is told.
async fn what_happens_is_counted_and_what_waits_is_told(engine: EngineKind) {
    let recorder = PrometheusBuilder::new().set_buckets(&[1.0]).unwrap().build_recorder();
    let rendered = recorder.handle();
    let _counting = metrics::set_default_local_recorder(&recorder);
    let house = TestHouse::of(engine, modules());
    let sealer = Sealer::new(house.platform());
    assert_eq!(sealer.lag().await.unwrap(), Duration::ZERO);
    let written = house.db().write(&house.app_scope(), |tx| {
        tx.enqueue(&Chore::Work);
        tx.enqueue(&Chore::Fail);
        let details = serde_json::json!({});
        tx.audit(Audit {
            action: "chores_given",
            resource_type: "chore",
            resource_id: "1".to_owned(),
            details,
        });
        Ok::<_, DbError>(())
    });
    written.await.unwrap();
    house.clock().advance(Duration::from_secs(90));
    let backlog = job::backlog(house.db()).await.unwrap();
    assert_eq!((backlog.due, backlog.oldest), (2, Duration::from_secs(90)));
    assert_eq!(sealer.lag().await.unwrap(), Duration::from_secs(90));
    house.settle().await;
    sealer.drain().await.unwrap();
    let backlog = job::backlog(house.db()).await.unwrap();
    assert_eq!((backlog.due, backlog.oldest), (0, Duration::ZERO));
    assert_eq!(sealer.lag().await.unwrap(), Duration::ZERO);

    let text = rendered.render();
    for counted in [
        "job_attempts_total{kind=\"things.chore\",outcome=\"done\"} 1",
        "job_attempts_total{kind=\"things.chore\",outcome=\"dead\"} 1",
        "job_duration_seconds_count{kind=\"things.chore\"} 2",
    ] {
        assert!(text.contains(counted), "{counted}: {text}");
    }
    let number = |series: &str| -> u64 {
        let line = text
            .lines()
            .find_map(|line| line.strip_prefix(series))
            .unwrap_or_else(|| panic!("{series}: {text}"));
        line.trim().parse().unwrap()
    };
    assert!(number("database_queue_wait_seconds_count{queue=\"write\"}") > 0);
    assert!(number("database_run_seconds_count{queue=\"write\"}") > 0);
    assert!(number("database_run_seconds_count{queue=\"read\"}") > 0);
    assert!(number("database_commit_seconds_count") > 0);
    assert_eq!(number("database_commit_seconds_count"), number("database_batch_closures_count"));
    assert!(number("database_connections_current") > 0);
    assert_eq!(house.db().waiting().iter().map(|(_, waiting, _)| waiting).sum::<usize>(), 0);
}
