//! One valid request for every operation with a JSON body, and the people who may send it.

use super::Siege;
use super::description::Operation;
use crate::kits::{KITS, Kit};
use crate::people::{PASSWORD, app_of, house, owner};
use serde_json::{Value, json};
use slipway_testkit::{EngineKind, TestClient};
use std::collections::BTreeMap;

/// Who sends a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Who {
    /// Somebody without a session.
    Visitor,
    Owner,
    /// An owner of a partner that nothing else hangs on.
    NewOwner,
    /// A user who has accepted the legal texts.
    User,
    /// A user whom nothing else hangs on.
    NewUser,
}

/// What a body is made of: ids that exist, and a number that makes it different from every other.
pub(crate) struct Material {
    pub(crate) app: String,
    pub(crate) app_to_delete: String,
    pub(crate) brand: String,
    pub(crate) release: String,
    pub(crate) build: String,
    pub(crate) member: String,
    /// What the kits' paths name, by kit and parameter.
    pub(crate) things: BTreeMap<(&'static str, &'static str), String>,
    pub(crate) logo: String,
    pub(crate) artefact: String,
    number: usize,
}

type Make = fn(&Material) -> Value;

/// Every operation of the services with a body; a kit's stand in its file of `kits/`. One that is missing fails the sweep.
const EXAMPLES: &[(&str, &str, Who, Make)] = &[
    (
        "POST",
        "/api/v1/partners",
        Who::Visitor,
        |m| json!({ "partner_name": "Besieged", "name": "Olga", "email": address(m), "password": PASSWORD, "accept_terms": true }),
    ),
    ("PATCH", "/api/v1/partner", Who::Owner, |_| json!({ "name": "Harbour" })),
    (
        "POST",
        "/api/v1/members",
        Who::Owner,
        |m| json!({ "name": "Ben", "email": address(m), "role": "viewer" }),
    ),
    ("PATCH", "/api/v1/members/{member}", Who::Owner, |_| json!({ "role": "builder" })),
    ("POST", "/api/v1/members/me/password", Who::NewOwner, |_| change()),
    ("POST", "/api/v1/member-sessions", Who::Visitor, |_| credentials("olga@lamb.example")),
    ("POST", "/api/v1/apps", Who::Owner, |m| {
        let slug = format!("siege-{}", m.number);
        json!({ "kit": KITS[0].name, "slug": slug, "brand": brand(m, &format!("app.siege.n{}", m.number)) })
    }),
    ("DELETE", "/api/v1/apps/{app}", Who::Owner, |_| json!({ "confirm": "condemned" })),
    ("POST", "/api/v1/apps/{app}/brands", Who::Owner, |m| brand(m, "app.verde.kitchen")),
    (
        "POST",
        "/api/v1/apps/{app}/releases",
        Who::Owner,
        |m| json!({ "brand": m.brand, "minimum_version_code": 1 }),
    ),
    (
        "POST",
        "/api/v1/apps/{app}/signing-key/export",
        Who::Owner,
        |_| json!({ "format": "pkcs12", "password": PASSWORD }),
    ),
    (
        "PUT",
        "/api/v1/apps/{app}/signing-key/play-fingerprint",
        Who::Owner,
        |_| json!({ "fingerprint": (["AB"; 32].join(":")) }),
    ),
    ("POST", "/api/v1/colour-checks", Who::Owner, |_| json!({ "colours": colours() })),
    ("POST", "/api/v1/accounts", Who::Visitor, |m| credentials(&address(m))),
    ("DELETE", "/api/v1/accounts/me", Who::NewUser, |_| json!({ "password": PASSWORD })),
    ("POST", "/api/v1/accounts/me/password", Who::NewUser, |_| change()),
    ("POST", "/api/v1/sessions", Who::Visitor, |_| credentials("lamb@example.com")),
    ("POST", "/api/v1/legal-acceptances", Who::User, |_| acceptance(Kit::of(""))),
];

fn address(m: &Material) -> String {
    format!("siege-{}@example.com", m.number)
}

fn credentials(email: &str) -> Value {
    json!({ "email": email, "password": PASSWORD })
}

fn change() -> Value {
    json!({ "current_password": PASSWORD, "new_password": "nine lamps under water" })
}

fn acceptance(kit: &Kit) -> Value {
    json!({ "version": kit.legal_version(), "accept_terms": true, "accept_privacy": true })
}

fn colours() -> Value {
    json!({ "primary": "#1d6b48", "on_primary": "#ffffff", "background": "#fbfaf4", "text": "#17241d" })
}

fn brand(m: &Material, package_id: &str) -> Value {
    let legal = json!({ "company": "Verde Ltd", "email": "hello@verde.example", "jurisdiction": "Ireland" });
    json!({
        "name": "Verde", "tagline": "Eat well", "logo": m.logo, "colours": colours(), "legal": legal, "package_id": package_id,
    })
}

/// The attacked house with everything in it that a route can be about.
pub(crate) struct Scene {
    pub(crate) siege: Siege,
    pub(crate) material: Material,
}

impl Scene {
    pub(crate) async fn set(engine: EngineKind) -> Self {
        let house = house(engine);
        let mut owner = owner(&house, "harbour").await;
        let launched = app_of(&house, &mut owner, &KITS[0], "verde").await;
        for kit in &KITS[1..] {
            let _ = app_of(&house, &mut owner, kit, kit.slugs[0]).await;
        }
        let id = text(&launched["id"]);
        let release = owner.get(&format!("/api/v1/apps/{id}/releases")).await.expect(200)["items"][0].clone();
        let new = json!({ "name": "Mia", "email": "mia@harbour.example", "role": "viewer" });
        let member = owner.post("/api/v1/members", new).await.expect(201);
        let material = Material {
            app: id,
            app_to_delete: String::new(),
            brand: text(&launched["brand"]["id"]),
            release: text(&release["id"]),
            build: text(&release["build"]),
            member: text(&member["member"]["id"]),
            things: BTreeMap::new(),
            logo: text(&launched["brand"]["logo"]),
            artefact: text(&release["artefacts"][0]["sha256"]),
            number: 0,
        };
        let mut scene = Self { siege: Siege::of(house).await, material };
        // Those whom everybody tries to be are locked out sooner or later, so nobody else needs them.
        let _ = crate::people::owner(&scene.siege.house, "lamb").await;
        let _ = crate::people::user(&scene.siege.house, "verde", "lamb@example.com").await;
        for kit in KITS {
            let mut user = scene.siege.house.app(kit.slugs[0]);
            let _ = user.post("/api/v1/accounts", credentials("ana@example.com")).await.expect(201);
            for thing in kit.things {
                let path = kit.path(thing.made_by);
                let mut user = scene.client_at(Who::User, &path).await;
                scene.siege.pause();
                let (_, wish) = scene.example(&find("POST", &path)).unwrap();
                let made = text(&user.post(&path, wish).await.expect(201)["id"]);
                scene.material.things.insert((kit.name, thing.parameter), made);
            }
        }
        scene.condemn_an_app().await;
        scene.siege.settle_down().await;
        scene
    }

    /// Who may ask for the operation, with a body that is right and like no other.
    pub(crate) fn example(&mut self, operation: &Operation) -> Option<(Who, Value)> {
        self.material.number += 1;
        let is_asked = |method: &str, path: &str| method == operation.method && path == operation.path;
        if let Some((_, _, who, make)) = EXAMPLES.iter().find(|(method, path, ..)| is_asked(method, path)) {
            return Some((*who, make(&self.material)));
        }
        let kit = Kit::of(&operation.path);
        let found = kit.bodies.iter().find(|(method, below, ..)| is_asked(method, &kit.path(below)));
        found.map(|(_, _, who, make)| (*who, make(self.material.number)))
    }

    /// The path with ids of what is there.
    pub(crate) fn filled(&self, operation: &Operation) -> String {
        let m = &self.material;
        let is_deletion = operation.method == "DELETE" && operation.path == "/api/v1/apps/{app}";
        let parts = operation.path.split('/').map(|part| match part {
            "{app}" if is_deletion => &m.app_to_delete,
            "{app}" => &m.app,
            "{member}" => &m.member,
            "{brand}" => &m.brand,
            "{release}" => &m.release,
            "{build}" => &m.build,
            "{hash}" => &m.logo,
            "{sha256}" => &m.artefact,
            "{name}" if operation.path.contains("/icons/") => "icon-192.png",
            "{name}" => "circle.png",
            "{document}" => "terms",
            "{slug}" => "azul",
            other if !other.starts_with('{') => other,
            other => {
                let mut things = m.things.iter();
                let kit = Kit::of(&operation.path).name;
                let found = things.find(|((of, parameter), _)| (*of, *parameter) == (kit, other));
                found.unwrap_or_else(|| panic!("say what {other} is filled with")).1
            }
        });
        parts.collect::<Vec<_>>().join("/")
    }

    /// A client that may send such requests; what it did to come in is taken for granted.
    pub(crate) async fn client(&mut self, who: Who) -> TestClient {
        self.client_at(who, "").await
    }

    /// The same for a route; a kit's are asked at an app of the kit.
    pub(crate) async fn client_at(&mut self, who: Who, path: &str) -> TestClient {
        self.siege.pause();
        self.material.number += 1;
        let kit = Kit::of(path);
        let at_app = |scene: &Self| scene.siege.house.app(kit.slugs[0]);
        let client = match who {
            Who::Visitor => self.siege.house.console(),
            Who::Owner => {
                let mut owner = self.siege.house.console();
                let wish = credentials("olga@harbour.example");
                let _ = owner.post("/api/v1/member-sessions", wish).await.expect(201);
                owner
            }
            Who::NewOwner => owner(&self.siege.house, &format!("new-{}", self.material.number)).await,
            Who::User => {
                let mut user = at_app(self);
                let _ = user.post("/api/v1/sessions", credentials("ana@example.com")).await.expect(201);
                let _ = user.post("/api/v1/legal-acceptances", acceptance(kit)).await.expect(204);
                user
            }
            Who::NewUser => {
                let mut user = at_app(self);
                let wish = credentials(&address(&self.material));
                let _ = user.post("/api/v1/accounts", wish).await.expect(201);
                user
            }
        };
        self.siege.settle_down().await;
        client
    }

    /// Puts an app there that may be deleted.
    pub(crate) async fn condemn_an_app(&mut self) {
        // Its forerunner keeps the slug until its last row is erased.
        self.siege.house.settle().await;
        let mut owner = self.client(Who::Owner).await;
        let wish = json!({ "kit": KITS[0].name, "slug": "condemned", "brand": brand(&self.material, "app.condemned.kitchen") });
        self.siege.pause();
        let launched = owner.post("/api/v1/apps", wish).await.expect(201);
        self.material.app_to_delete = text(&launched["app"]["id"]);
        self.siege.settle_down().await;
    }

    /// Visitors of an app's routes come to the app, those of the console's to the console.
    pub(crate) fn visitor(&self, path: &str) -> TestClient {
        if is_of_apps(path) {
            self.siege.house.app(Kit::of(path).slugs[0])
        } else {
            self.siege.house.console()
        }
    }
}

/// Whether a route is one of an app's origin.
pub(crate) fn is_of_apps(path: &str) -> bool {
    let ours = ["/api/v1/accounts", "/api/v1/sessions", "/api/v1/legal"];
    let is_ours = ours.iter().any(|ours| path.starts_with(ours)) || KITS.iter().any(|kit| kit.owns(path));
    path == "/api/v1/app" || !path.starts_with("/api/") || is_ours
}

pub(crate) fn examples() -> impl Iterator<Item = (&'static str, String)> {
    let of_kit = |kit: &'static Kit| kit.bodies.iter().map(|(method, below, ..)| (*method, kit.path(below)));
    let services = EXAMPLES.iter().map(|(method, path, ..)| (*method, (*path).to_owned()));
    services.chain(KITS.iter().flat_map(of_kit))
}

fn find(method: &str, path: &str) -> Operation {
    let operations = super::description::Description::read().operations;
    operations.into_iter().find(|operation| operation.method == method && operation.path == path).unwrap()
}

pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}
