//! A module as a value: what it contributes, added up by the server.
//!
//! A kit is a module that partners can choose. It refuses to hide anything: the sum can be printed, and a reviewed
//! snapshot of it shows every new route, table, job and event as a difference.

use crate::backup::{Ejection, FindApp, Sealed, Travel};
use crate::db::{FRAMEWORK, Migration, MigrationError, Migrations};
use crate::erasure::Erasure;
use crate::event::{Consumer, Event};
use crate::housekeeping::{Chores, Purge};
use crate::http::{
    Classes, Fallbacks, Host, Hosts, Problem, RequestContext, RouteClass, TrustedProxies, paused, serve_stack,
};
use crate::job::{Job, Registry};
use crate::kit::{Kit, KitCard};
use crate::metric::{METRICS, Metric};
use crate::object::ListNamed;
use crate::platform::Platform;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::Method;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use std::fmt::Write as _;
use std::sync::Arc;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

/// Routes with their description.
pub type Routes = OpenApiRouter<Platform>;
/// Puts something around all routes: who recognises sessions sits there.
pub type Wrap = fn(&Platform, Router) -> Router;

type AddJob = fn(&mut Registry);

/// What a module contributes.
#[derive(Clone)]
pub struct Module {
    name: &'static str,
    console: Option<fn() -> Routes>,
    app: Option<fn() -> Routes>,
    migrations: Vec<Migration>,
    jobs: Vec<(&'static str, AddJob)>,
    events: Vec<&'static str>,
    consumers: Vec<Consumer>,
    erasures: Vec<Erasure>,
    purges: Vec<Purge>,
    objects: Vec<ListNamed>,
    travels: Vec<(&'static str, Travel)>,
    sealed: Vec<Sealed>,
    find_app: Option<FindApp>,
    classes: Vec<(&'static str, &'static str, RouteClass)>,
    metrics: &'static [Metric],
    hosts: Option<Arc<dyn Hosts>>,
    wrap: Option<Wrap>,
    kit: Option<KitCard>,
}

impl Module {
    /// `name` is the folder, the prefix of routes, jobs and events, and the module of its migrations.
    #[must_use]
    pub fn named(name: &'static str) -> Self {
        let (console, app, hosts, wrap, kit) = (None, None, None, None, None);
        let (migrations, jobs, events, consumers) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let (erasures, purges, objects, classes) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self {
            name,
            console,
            app,
            migrations,
            jobs,
            events,
            consumers,
            erasures,
            purges,
            objects,
            travels: Vec::new(),
            sealed: Vec::new(),
            find_app: None,
            classes,
            metrics: &[],
            hosts,
            wrap,
            kit,
        }
    }

    /// Routes of the console's origin, under `/api/v1`.
    #[must_use]
    pub fn console(self, routes: fn() -> Routes) -> Self {
        Self { console: Some(routes), ..self }
    }

    /// Routes of every app's origin, under `/api/v1`; a kit's stand under `/api/v1/<name>` and answer in its own apps only.
    #[must_use]
    pub fn app(self, routes: fn() -> Routes) -> Self {
        Self { app: Some(routes), ..self }
    }

    /// The next step of the schema.
    #[must_use]
    pub fn migration(mut self, name: &'static str, sql: &'static str) -> Self {
        let number = u32::try_from(self.migrations.len() + 1).expect("nobody writes four billion migrations");
        self.migrations.push(Migration { module: self.name, number, name, sql });
        self
    }

    #[must_use]
    pub fn job<J: Job>(mut self) -> Self {
        self.jobs.push((J::KIND, Registry::add::<J>));
        self
    }

    #[must_use]
    pub fn emits<E: Event>(mut self) -> Self {
        self.events.push(E::KIND);
        self
    }

    #[must_use]
    pub fn on(mut self, consumer: Consumer) -> Self {
        self.consumers.push(consumer);
        self
    }

    /// How a table of this module that hangs on an app is emptied when the app is deleted; children come before parents.
    #[must_use]
    pub fn erases(mut self, erasure: Erasure) -> Self {
        self.erasures.push(erasure);
        self
    }

    /// Rows of this module that have their time and then go.
    #[must_use]
    pub fn purges(mut self, purge: Purge) -> Self {
        self.purges.push(purge);
        self
    }

    /// A table of this module whose rows name stored files; what no such table names is deleted.
    #[must_use]
    pub fn objects(mut self, list: ListNamed) -> Self {
        self.objects.push(list);
        self
    }

    /// Counts a route in a class that its method and address do not tell; `pattern` is the whole one, from `/api`.
    #[must_use]
    pub fn class(mut self, class: RouteClass, method: &'static str, pattern: &'static str) -> Self {
        self.classes.push((method, pattern, class));
        self
    }

    /// What this module counts.
    #[must_use]
    pub fn metrics(self, metrics: &'static [Metric]) -> Self {
        Self { metrics, ..self }
    }

    /// What becomes of a table of this module that hangs on partners when an app is ejected.
    #[must_use]
    pub fn travels(mut self, table: &'static str, travel: Travel) -> Self {
        self.travels.push((table, travel));
        self
    }

    /// A column of an app's table that is sealed under the installation's secret, and anew when the app is ejected.
    #[must_use]
    pub fn sealed(mut self, sealed: Sealed) -> Self {
        self.sealed.push(sealed);
        self
    }

    /// This module knows apps.
    #[must_use]
    pub fn finds(self, find: FindApp) -> Self {
        Self { find_app: Some(find), ..self }
    }

    /// This module knows whose host a name is.
    #[must_use]
    pub fn hosts(self, hosts: Arc<dyn Hosts>) -> Self {
        Self { hosts: Some(hosts), ..self }
    }

    #[must_use]
    pub fn wrap(self, wrap: Wrap) -> Self {
        Self { wrap: Some(wrap), ..self }
    }

    /// Makes the module a kit.
    #[must_use]
    pub fn kit(self, card: KitCard) -> Self {
        Self { kit: Some(card), ..self }
    }

    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }
}

impl std::fmt::Debug for Module {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Module({})", self.name)
    }
}

/// Every module of an installation, lower ones first.
#[derive(Debug, Clone)]
pub struct Assembly(Vec<Module>);

impl Assembly {
    #[must_use]
    pub fn of(modules: impl IntoIterator<Item = Module>) -> Self {
        Self(modules.into_iter().collect())
    }

    /// The kits a partner can choose from.
    #[must_use]
    pub fn kits(&self) -> Vec<Kit> {
        self.0.iter().filter_map(|module| Some(Kit { name: module.name, card: module.kit? })).collect()
    }

    #[must_use]
    pub fn migrations(&self) -> Migrations {
        let modules = self.0.iter().flat_map(|module| module.migrations.iter().copied());
        Migrations::of(FRAMEWORK.into_iter().chain(modules))
    }

    #[must_use]
    pub fn jobs(&self) -> Registry {
        let mut registry = Registry::default();
        self.0.iter().flat_map(|module| &module.jobs).for_each(|(_, add)| add(&mut registry));
        registry
    }

    #[must_use]
    pub fn consumers(&self) -> Vec<Consumer> {
        self.0.iter().flat_map(|module| module.consumers.iter().cloned()).collect()
    }

    /// How an app is erased: higher modules first, because their rows hang on those of lower ones.
    ///
    /// # Panics
    /// When nobody erases a table that hangs on an app: a mistake of the program, found by its first test.
    #[must_use]
    pub fn erasures(&self) -> Vec<Erasure> {
        let erasures: Vec<_> =
            self.0.iter().rev().flat_map(|module| module.erasures.iter().copied()).collect();
        // A migration that is not well formed is told by whoever runs it.
        for (table, roots) in self.migrations().tables().unwrap_or_default() {
            let is_apps = roots.split(", ").any(|root| root == "app");
            let is_erased = erasures.iter().any(|erasure| erasure.table == table);
            assert!(!is_apps || is_erased, "table {table} hangs on an app and no module erases it");
        }
        erasures
    }

    /// What is to be deleted in time: the framework's own and every module's.
    #[must_use]
    pub fn chores(&self) -> Chores {
        let consumers = self.consumers().iter().map(|consumer| consumer.name).collect();
        let purges = self.0.iter().flat_map(|module| module.purges.iter().copied());
        Chores::new(consumers, purges, self.object_lists().into_iter())
    }

    /// Every table whose rows name stored files.
    #[must_use]
    pub fn object_lists(&self) -> Vec<ListNamed> {
        self.0.iter().flat_map(|module| module.objects.iter().copied()).collect()
    }

    /// Everything that is counted.
    #[must_use]
    pub fn metrics(&self) -> Vec<Metric> {
        METRICS.iter().chain(self.0.iter().flat_map(|module| module.metrics)).copied().collect()
    }

    /// Every described route with its class: method, pattern, class.
    ///
    /// # Panics
    /// When a module tells the class of a route that is not there: a mistake of the program, found by its first test.
    #[must_use]
    pub fn route_classes(&self) -> Vec<(String, String, RouteClass)> {
        let (classes, mut routes) = (self.classes(), Vec::new());
        for (pattern, item) in self.openapi().paths.paths {
            let methods = [
                (Method::DELETE, item.delete.is_some()),
                (Method::GET, item.get.is_some()),
                (Method::PATCH, item.patch.is_some()),
                (Method::POST, item.post.is_some()),
                (Method::PUT, item.put.is_some()),
            ];
            for (method, _) in methods.into_iter().filter(|(_, present)| *present) {
                let told = classes.told(method.as_str(), &pattern);
                let class = told.unwrap_or_else(|| RouteClass::of(&method, &pattern));
                routes.push((method.to_string(), pattern.clone(), class));
            }
        }
        for (method, pattern) in classes.iter() {
            let is_there = routes.iter().any(|(known, of, _)| known == method && of == pattern);
            assert!(is_there, "a class is told for {method} {pattern}, which is no route");
        }
        routes
    }

    fn classes(&self) -> Classes {
        Classes::new(self.0.iter().flat_map(|module| module.classes.iter().copied()))
    }

    /// How an app is ejected.
    ///
    /// # Panics
    /// When nobody says what becomes of a table that hangs on partners, or knows apps: mistakes of the program, found by its
    /// first test.
    #[must_use]
    pub fn ejection(&self) -> Ejection {
        let travels: Vec<_> = self.0.iter().flat_map(|module| module.travels.iter().copied()).collect();
        for (table, roots) in self.migrations().tables().unwrap_or_default() {
            let is_partners = roots.split(", ").any(|root| root == "partner");
            let is_told = travels.iter().any(|(name, _)| *name == table);
            assert!(
                !is_partners || is_told,
                "table {table} hangs on partners and no module says whether it travels"
            );
        }
        let sealed = self.0.iter().flat_map(|module| module.sealed.iter().copied()).collect();
        let find = self.0.iter().find_map(|module| module.find_app);
        Ejection { travels, sealed, find: find.expect("one module knows apps") }
    }

    /// The description of every route.
    #[must_use]
    pub fn openapi(&self) -> OpenApi {
        let (console, app) = self.routes(|_, routes| routes);
        let mut described = console.into_openapi();
        described.merge(app.into_openapi());
        described.info.title = "Slipway".to_owned();
        described.info.version = "v1".to_owned();
        described
    }

    /// The server's router.
    ///
    /// # Panics
    /// When no module knows hosts: a mistake of the program, found by its first test.
    pub fn router(&self, platform: &Platform, trusted: TrustedProxies, fallbacks: Fallbacks) -> Router {
        let hosts = self
            .0
            .iter()
            .find_map(|module| module.hosts.clone())
            .expect("one module knows whose host a name is");
        let wraps: Vec<_> = self.0.iter().filter_map(|module| module.wrap).collect();
        let (console, app) = self.routes(|name, routes| routes.layer(from_fn_with_state(name, own_kit)));
        let (console, app) = (console.split_for_parts().0, app.split_for_parts().0);
        serve_stack(platform, hosts, trusted, (console, app), fallbacks, self.classes(), &wraps)
    }

    /// The routes of both origins; `guard` is put around a kit's.
    fn routes(&self, guard: impl Fn(&'static str, Routes) -> Routes) -> (Routes, Routes) {
        let (mut console, mut app) = (Routes::new(), Routes::new());
        for module in &self.0 {
            if let Some(routes) = module.console {
                console = console.merge(routes());
            }
            if let Some(routes) = module.app {
                app = match module.kit {
                    Some(_) => app.nest(&format!("/api/v1/{}", module.name), guard(module.name, routes())),
                    None => app.merge(routes()),
                };
            }
        }
        // Nested once, because nesting a path twice describes only the later of its methods.
        (Routes::new().nest("/api/v1", console), app)
    }

    /// The whole house in words, for the snapshot.
    ///
    /// # Errors
    /// [`MigrationError::Malformed`].
    pub fn describe(&self) -> Result<String, MigrationError> {
        let mut text = String::new();
        for module in &self.0 {
            let kind = if module.kit.is_some() { "kit" } else { "service" };
            let _ = writeln!(text, "{kind} {}", module.name);
            for (origin, routes) in [("console", module.console), ("app", module.app)] {
                for (path, item) in
                    routes.map(|routes| routes().into_openapi().paths.paths).unwrap_or_default()
                {
                    let methods = [
                        ("DELETE", item.delete.is_some()),
                        ("GET", item.get.is_some()),
                        ("PATCH", item.patch.is_some()),
                        ("POST", item.post.is_some()),
                        ("PUT", item.put.is_some()),
                    ];
                    for (method, _) in methods.into_iter().filter(|(_, present)| *present) {
                        let _ = writeln!(text, "  route {origin} {method} {path}");
                    }
                }
            }
            for (table, roots) in Migrations::of(module.migrations.iter().copied()).tables()? {
                let _ = writeln!(text, "  table {table} ({roots})");
            }
            for opening in Migrations::of(module.migrations.iter().copied()).openings()? {
                let _ = writeln!(text, "  opens {opening}");
            }
            for purge in &module.purges {
                let _ = writeln!(text, "  purges {}", purge.what);
            }
            for (kind, _) in &module.jobs {
                let _ = writeln!(text, "  job {kind}");
            }
            for event in &module.events {
                let _ = writeln!(text, "  event {event}");
            }
            for consumer in &module.consumers {
                let _ = writeln!(text, "  reaction {consumer:?}");
            }
        }
        Ok(text)
    }
}

/// A kit's routes answer in that kit's apps only.
async fn own_kit(State(kit): State<&'static str>, request: Request, next: Next) -> Response {
    let context = request.extensions().get::<RequestContext>();
    match context.map(|context| &context.host) {
        Some(Host::App(tenant)) if tenant.kit == kit => next.run(request).await,
        Some(Host::Paused(tenant)) if tenant.kit == kit => paused().into_response(),
        _ => Problem::not_found("page").into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use utoipa_axum::routes;

    #[utoipa::path(get, path = "/things", responses((status = 200)))]
    async fn list() {}

    #[utoipa::path(post, path = "/things", responses((status = 200)))]
    async fn create() {}

    #[test]
    #[should_panic(expected = "table notes hangs on an app and no module erases it")]
    fn a_table_that_nobody_erases_is_found() {
        let sql = "-- root: app\nCREATE TABLE notes (\n    app uuid NOT NULL,\n    PRIMARY KEY (app)\n);";
        let _ = Assembly::of([Module::named("notes").migration("notes", sql)]).erasures();
    }

    #[test]
    #[should_panic(expected = "table pens hangs on partners and no module says whether it travels")]
    fn a_table_of_partners_that_nobody_packs_is_found() {
        let sql = "-- root: partner\nCREATE TABLE pens (\n    partner uuid NOT NULL,\n    PRIMARY KEY (partner)\n);";
        let _ = Assembly::of([Module::named("pens").migration("pens", sql)]).ejection();
    }

    #[test]
    fn modules_that_share_a_path_are_both_described() {
        let lists = Module::named("lists").console(|| Routes::new().routes(routes!(list)));
        let creates = Module::named("creates").console(|| Routes::new().routes(routes!(create)));
        let described = Assembly::of([lists, creates]).openapi();
        let path = &described.paths.paths["/api/v1/things"];
        assert!(path.get.is_some() && path.post.is_some());
    }
}
