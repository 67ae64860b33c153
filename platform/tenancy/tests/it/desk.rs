//! A house with tenancy, a kit, and a stand-in for each neighbour: signing in, and the routes of apps.

use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn};
use axum::{Json, Router};
use serde_json::{Value, json};
use slipway_framework::db::DbError;
use slipway_framework::erasure::Erasure;
use slipway_framework::event::{Consumer, Event};
use slipway_framework::http::{AppHost, Paging, Problem, RateKey, Session};
use slipway_framework::kit::{KitCard, LegalIdentity, LegalText, LegalTexts};
use slipway_framework::module::{Module, Routes};
use slipway_framework::platform::Platform;
use slipway_framework::scope::{AppScope, LaunchScope, PartnerScope};
use slipway_kernel::{AppId, AppMarker, Email, MemberId, PartnerId, Slug};
use slipway_tenancy::app::{self, AppError, AppName, NewApp, PackageId};
use slipway_tenancy::member::{self, MemberError, MemberName, NewMember, Role};
use slipway_tenancy::partner::{self, PartnerName};
use slipway_tenancy::{
    AppDeleted, AppLaunched, AppResumed, AppSuspended, CanBuild, CanManage, CanOwn, CanView, Member, OwnApp,
};
use slipway_testkit::{EngineKind, TestClient, TestHouse};
use std::ops::Deref;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use utoipa_axum::routes;

/// What the consumers heard, as event kind and app.
pub(crate) type Heard = Arc<Mutex<Vec<(&'static str, AppId)>>>;

/// The house, with short ways to put people and apps into it.
pub(crate) struct Desk {
    house: TestHouse,
    heard: Heard,
    number: AtomicU32,
}

/// A signed-in member.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Person {
    pub(crate) partner: PartnerId,
    pub(crate) member: MemberId,
}

impl Desk {
    pub(crate) fn open(engine: EngineKind) -> Self {
        let heard = Heard::default();
        let house = TestHouse::of(engine, [slipway_tenancy::module(), neighbours(&heard), kit()]);
        Self { house, heard, number: AtomicU32::new(1) }
    }

    pub(crate) fn heard(&self) -> Vec<(&'static str, AppId)> {
        self.heard.lock().unwrap().clone()
    }

    pub(crate) fn partner_scope(&self, partner: PartnerId) -> PartnerScope {
        PartnerScope::new(partner, self.house.cause())
    }

    pub(crate) fn app_scope_of(&self, app: AppId) -> AppScope {
        AppScope::new(app, self.house.cause())
    }

    /// A new partner with its owner.
    pub(crate) async fn partner(&self, name: &str) -> Person {
        let (partner, member) = (self.house.mint(), self.house.mint());
        let name = PartnerName::parse(name).unwrap();
        let owner = self.new_member(member, Role::Owner);
        let made = self.house.db().write(&self.partner_scope(partner), move |tx| {
            partner::create(tx, &name)?;
            member::create(tx, &owner)
        });
        made.await.unwrap();
        Person { partner, member }
    }

    /// One more member of the same partner.
    pub(crate) async fn colleague(&self, person: Person, role: Role) -> Person {
        let member = self.house.mint();
        let new = self.new_member(member, role);
        self.add(person.partner, new).await.unwrap();
        Person { member, ..person }
    }

    pub(crate) async fn add(&self, partner: PartnerId, new: NewMember) -> Result<(), MemberError> {
        self.house.db().write(&self.partner_scope(partner), move |tx| member::create(tx, &new)).await
    }

    pub(crate) fn new_member(&self, member: MemberId, role: Role) -> NewMember {
        let email = Email::parse(&format!("Person{}@Example.com", self.next())).unwrap();
        NewMember { member, name: MemberName::parse("Ana").unwrap(), email, role }
    }

    pub(crate) async fn launch(&self, person: Person, slug: &str) -> AppId {
        let package_id = format!("com.example.a{}", self.next());
        self.try_launch(person, slug, &package_id).await.unwrap()
    }

    pub(crate) fn try_launch(
        &self,
        person: Person,
        slug: &str,
        package_id: &str,
    ) -> impl Future<Output = Result<AppId, AppError>> + Send + use<> {
        let app = self.house.mint();
        let new = NewApp {
            slug: Slug::parse(slug).unwrap(),
            name: AppName::parse("Verde").unwrap(),
            kit: *self.house.kit("meals").unwrap(),
            package_id: PackageId::parse(package_id).unwrap(),
        };
        let scope = LaunchScope::new(person.partner, app, self.house.cause());
        let launched = self.house.db().write(&scope, move |tx| app::create(tx, &new));
        async move { launched.await.map(|()| app) }
    }

    /// A browser in which this person has signed in.
    pub(crate) fn signed_in(&self, person: Person) -> TestClient {
        self.house.console().with_header(SESSION, &format!("{} {}", person.partner, person.member))
    }

    pub(crate) fn next(&self) -> u32 {
        self.number.fetch_add(1, Ordering::Relaxed)
    }
}

impl Deref for Desk {
    type Target = TestHouse;
    fn deref(&self) -> &TestHouse {
        &self.house
    }
}

/// A member's or an account's session, as identity would have found it behind a cookie.
pub(crate) const SESSION: &str = "x-test-session";

fn neighbours(heard: &Heard) -> Module {
    Module::named("neighbours")
        .console(console_routes)
        .app(app_routes)
        .wrap(recognise)
        .migration("notes", crate::erasure::NOTES)
        .erases(Erasure { table: "notes", slice: crate::erasure::erase })
        .on(listener("launches", heard, |event: &AppLaunched| event.app))
        .on(listener("suspensions", heard, |event: &AppSuspended| event.app))
        .on(listener("resumptions", heard, |event: &AppResumed| event.app))
        .on(listener("deletions", heard, |event: &AppDeleted| event.app))
}

fn listener<E: Event<Scope = AppScope>>(
    name: &'static str,
    heard: &Heard,
    app: impl Fn(&E) -> AppId + Send + Sync + 'static,
) -> Consumer {
    let heard = heard.clone();
    Consumer::new(name, move |tx, event: E| {
        let (heard, app) = (heard.clone(), app(&event));
        assert_eq!(tx.app(), app, "an app's event is told in the app's own scope");
        tx.after_commit(move || heard.lock().unwrap().push((E::KIND, app)));
        Ok(())
    })
}

fn recognise(_: &Platform, inner: Router) -> Router {
    inner.layer(from_fn(async |mut request: Request, next: Next| {
        let header = request.headers().get(SESSION).and_then(|value| value.to_str().ok());
        let words = header.and_then(|value| value.split_once(' '));
        let session = words.map(|(root, person)| match (root.parse(), person.parse()) {
            (Ok(partner), Ok(member)) => Session::Member { partner, member },
            _ => Session::Account { app: root.parse().unwrap(), account: person.parse().unwrap() },
        });
        if let Some(session) = session {
            request.extensions_mut().insert(session);
            request.extensions_mut().insert(RateKey(format!("{session:?}")));
        }
        next.run(request).await
    }))
}

fn console_routes() -> Routes {
    Routes::new()
        .routes(routes!(list))
        .routes(routes!(rename, delete))
        .routes(routes!(suspend))
        .routes(routes!(resume))
}

fn app_routes() -> Routes {
    Routes::new().routes(routes!(tenant))
}

#[utoipa::path(get, path = "/apps")]
async fn list(
    State(platform): State<Platform>,
    member: Member<CanView>,
    Paging { after, limit }: Paging<AppMarker>,
) -> Result<Json<Value>, Problem> {
    let page = platform.db().read(&member.scope, move |read| app::list(read, after, limit)).await?;
    Ok(Json(
        json!({ "items": page.items.iter().map(|app| &app.slug).collect::<Vec<_>>(), "next": page.next }),
    ))
}

#[utoipa::path(patch, path = "/apps/{app}")]
async fn rename(State(platform): State<Platform>, own: OwnApp<CanBuild>) -> Result<Json<Value>, Problem> {
    let name = AppName::parse("Green").unwrap();
    let renamed = platform.db().write(&own.scope, move |tx| {
        app::rename(tx, &name)?;
        app::find(tx)
    });
    let renamed = renamed.await?.ok_or_else(|| Problem::not_found("app"))?;
    Ok(Json(json!({ "name": renamed.name })))
}

#[utoipa::path(delete, path = "/apps/{app}")]
async fn delete(State(platform): State<Platform>, own: OwnApp<CanOwn>) -> Result<(), Problem> {
    let deleted: Result<_, DbError> = platform.db().write(&own.launch_scope(), app::delete).await;
    Ok(deleted?)
}

#[utoipa::path(post, path = "/apps/{app}/suspend")]
async fn suspend(State(platform): State<Platform>, own: OwnApp<CanManage>) -> Result<(), Problem> {
    Ok(platform.db().write(&own.scope, app::suspend).await?)
}

#[utoipa::path(post, path = "/apps/{app}/resume")]
async fn resume(State(platform): State<Platform>, own: OwnApp<CanManage>) -> Result<(), Problem> {
    Ok(platform.db().write(&own.scope, app::resume).await?)
}

/// Says whose host this is.
#[utoipa::path(get, path = "/api/v1/tenant")]
async fn tenant(host: AppHost) -> Json<Value> {
    Json(json!({ "app": host.tenant.app, "partner": host.tenant.partner, "kit": host.tenant.kit }))
}

fn kit() -> Module {
    Module::named("meals").kit(KitCard {
        title: "Meals",
        summary: "Plans a week.",
        features: &["Plans", "Shopping lists"],
        legal,
        legal_version: "2026-01",
    })
}

fn legal(_: &LegalIdentity) -> LegalTexts {
    let text = || LegalText {
        title: String::new(),
        version: String::new(),
        updated: String::new(),
        sections: Vec::new(),
    };
    LegalTexts { terms: text(), privacy: text(), disclaimers: text() }
}
