//! A house with the factory, one kit, and a stand-in for signing in.

use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use serde_json::{Value, json};
use slipway_apk::{Certificate, verify_aab, verify_apk};
use slipway_framework::http::{RateKey, Session};
use slipway_framework::keys::{KeyPurpose, Keys};
use slipway_framework::kit::{KitCard, LegalIdentity, LegalText, LegalTexts};
use slipway_framework::module::Module;
use slipway_framework::platform::Platform;
use slipway_framework::scope::PartnerScope;
use slipway_kernel::{Email, MemberId, PartnerId};
use slipway_tenancy::member::{self, MemberName, NewMember, Role};
use slipway_tenancy::partner::{self, PartnerName};
use slipway_testkit::{EngineKind, TestClient, TestHouse};
use std::ops::Deref;
use std::sync::atomic::{AtomicU32, Ordering};

/// The session as identity would have found it behind a cookie: partner and member.
const SESSION: &str = "x-test-session";

pub(crate) const LOGO: &[u8] = include_bytes!("../../../../examples/verde/logo.svg");

pub(crate) struct Desk {
    house: TestHouse,
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
        let stand_in = Module::named("signed_in").wrap(recognise);
        let modules = [
            slipway_tenancy::module(),
            slipway_identity::module(),
            slipway_builder::module(),
            stand_in,
            kit(),
        ];
        Self { house: TestHouse::of(engine, modules), number: AtomicU32::new(1) }
    }

    /// A new partner with its owner.
    pub(crate) async fn owner(&self) -> Person {
        let (partner, member) = (self.house.mint(), self.house.mint());
        let name = PartnerName::parse("Verde SL").unwrap();
        let owner = self.new_member(member, Role::Owner);
        let scope = PartnerScope::new(partner, self.house.cause());
        let made = self.house.db().write(&scope, move |tx| {
            partner::create(tx, &name)?;
            member::create(tx, &owner)
        });
        made.await.unwrap();
        Person { partner, member }
    }

    pub(crate) async fn colleague(&self, person: Person, role: Role) -> Person {
        let member = self.house.mint();
        let new = self.new_member(member, role);
        let scope = PartnerScope::new(person.partner, self.house.cause());
        self.house.db().write(&scope, move |tx| member::create(tx, &new)).await.unwrap();
        Person { member, ..person }
    }

    fn new_member(&self, member: MemberId, role: Role) -> NewMember {
        let number = self.number.fetch_add(1, Ordering::Relaxed);
        let email = Email::parse(&format!("person{number}@example.com")).unwrap();
        NewMember { member, name: MemberName::parse("Ana").unwrap(), email, role }
    }

    pub(crate) fn at(&self, person: Person) -> TestClient {
        self.house.console().with_header(SESSION, &format!("{} {}", person.partner, person.member))
    }

    /// An owner who has uploaded a logo, and the logo's hash.
    pub(crate) async fn ready(&self) -> (TestClient, Person, String) {
        let person = self.owner().await;
        let mut client = self.at(person);
        let hash = upload(&mut client, LOGO).await;
        (client, person, hash)
    }

    /// An owner with an app whose first release is ready.
    pub(crate) async fn launched(&self, slug: &str) -> (TestClient, Value, String) {
        let (mut client, _, logo) = self.ready().await;
        let launched = client.post("/api/v1/apps", launch(slug, &logo)).await.expect(201);
        self.settle().await;
        (client, launched, logo)
    }

    /// Checks the packages of a release from their bytes, against the fingerprint the console shows.
    pub(crate) async fn verify(&self, client: &mut TestClient, app: &str, release: &Value) -> Vec<Vec<u8>> {
        let key = client.get(&format!("/api/v1/apps/{app}/signing-key")).await.expect(200);
        let certificate = self.certificate(app).await;
        assert_eq!(key["sha256_fingerprint"], certificate.fingerprint_sha256());
        let mut files = Vec::new();
        for artefact in release["artefacts"].as_array().unwrap() {
            let reply = client.get(artefact["url"].as_str().unwrap()).await;
            assert_eq!(reply.status, 200);
            assert_eq!(slipway_framework::object::Hash::of(&reply.bytes).to_string(), artefact["sha256"]);
            assert_eq!(reply.bytes.len() as u64, artefact["size_bytes"].as_u64().unwrap());
            let name = artefact["file_name"].as_str().unwrap();
            let disposition = reply.headers["content-disposition"].to_str().unwrap();
            assert_eq!(disposition, format!("attachment; filename=\"{name}\""));
            let kind = reply.headers["content-type"].to_str().unwrap().to_owned();
            match artefact["kind"].as_str().unwrap() {
                "apk" => {
                    assert_eq!(kind, "application/vnd.android.package-archive");
                    verify_apk(&reply.bytes, &certificate).unwrap();
                }
                "aab" => {
                    assert!(verify_aab(&reply.bytes, &certificate).is_ok());
                }
                _ => assert!(kind == "image/png" && reply.bytes.starts_with(b"\x89PNG")),
            }
            files.push(reply.bytes);
        }
        assert_eq!(files.len(), 3);
        files
    }

    async fn certificate(&self, app: &str) -> Certificate {
        let (_, certificate) = self.key_row(app).await;
        Certificate::parse(&certificate).unwrap()
    }

    /// Whether the build has announced anything yet.
    pub(crate) async fn has_begun(&self, app: &str, build: &str) -> bool {
        let scope = slipway_framework::scope::AppScope::new(app.parse().unwrap(), self.house.cause());
        let build: slipway_builder::BuildId = build.parse().unwrap();
        let found = self
            .house
            .db()
            .read(&scope, move |read| read.exists(&BEGUN, slipway_framework::params![read.app(), build]));
        let found: Result<_, slipway_framework::db::DbError> = found.await;
        found.unwrap()
    }

    /// The key as the row holds it: sealed, and its certificate.
    pub(crate) async fn key_row(&self, app: &str) -> (Vec<u8>, Vec<u8>) {
        let scope = slipway_framework::scope::AppScope::new(app.parse().unwrap(), self.house.cause());
        let app = scope.app();
        let found = self.house.db().read(&scope, move |read| {
            read.one(&KEY, slipway_framework::params![app], |row| Ok((row.get(0)?, row.get(1)?)))
        });
        let found: Result<_, slipway_framework::db::DbError> = found.await;
        found.unwrap().unwrap()
    }
}

slipway_framework::statements! {
    BEGUN = "SELECT 1 FROM build_events WHERE app = $1 AND build = $2 LIMIT 1";
    KEY = "SELECT sealed, certificate FROM signing_keys WHERE app = $1";
}

impl Deref for Desk {
    type Target = TestHouse;
    fn deref(&self) -> &TestHouse {
        &self.house
    }
}

pub(crate) async fn upload(client: &mut TestClient, bytes: &[u8]) -> String {
    let reply = client.send_bytes(axum::http::Method::POST, "/api/v1/logos", None, bytes.to_vec()).await;
    reply.expect(201)["hash"].as_str().unwrap().to_owned()
}

pub(crate) fn brand(name: &str, logo: &str) -> Value {
    json!({
        "name": name, "tagline": "A week of good food", "logo": logo,
        "colours": { "primary": "#1b7f4d", "on_primary": "#ffffff", "background": "#ffffff", "text": "#12201a" },
        "legal": { "company": "Verde SL", "email": "hola@verde.example", "jurisdiction": "Spain" },
        "package_id": null,
    })
}

pub(crate) fn launch(slug: &str, logo: &str) -> Value {
    json!({ "kit": "meals", "slug": slug, "brand": brand("Verde", logo) })
}

pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

/// The events of a stream: id, kind and data.
pub(crate) fn events(bytes: &[u8]) -> Vec<(u32, String, Value)> {
    let text = std::str::from_utf8(bytes).unwrap();
    let blocks = text.split("\n\n").filter(|block| block.contains("data:"));
    let field = |block: &str, name: &str| {
        let found = block.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        found.unwrap().trim().to_owned()
    };
    let read = |block: &str| {
        let data = serde_json::from_str(&field(block, "data")).unwrap();
        (field(block, "id").parse().unwrap(), field(block, "event"), data)
    };
    blocks.map(read).collect()
}

pub(crate) fn opens_with(keys: &Keys, app: &str, sealed: &[u8]) -> bool {
    let app: slipway_kernel::AppId = app.parse().unwrap();
    keys.open(KeyPurpose::SigningKeys, &app.bits().to_be_bytes(), sealed).is_ok()
}

fn recognise(_: &Platform, inner: Router) -> Router {
    inner.layer(from_fn(async |mut request: Request, next: Next| {
        let header = request.headers().get(SESSION).and_then(|value| value.to_str().ok());
        let words = header.and_then(|value| value.split_once(' '));
        let session = words.map(|(partner, member)| Session::Member {
            partner: partner.parse().unwrap(),
            member: member.parse().unwrap(),
        });
        if let Some(session) = session {
            request.extensions_mut().insert(session);
            request.extensions_mut().insert(RateKey(format!("{session:?}")));
        }
        next.run(request).await
    }))
}

fn kit() -> Module {
    Module::named("meals").kit(KitCard {
        title: "Meals",
        summary: "Plans a week.",
        features: &["Plans"],
        legal,
        legal_version: "2026-01",
    })
}

fn legal(identity: &LegalIdentity) -> LegalTexts {
    let text = |title: &str| LegalText {
        title: format!("{title} of {} by {}", identity.app, identity.company),
        version: "2026-01".to_owned(),
        updated: "2026-01-01".to_owned(),
        sections: Vec::new(),
    };
    LegalTexts { terms: text("Terms"), privacy: text("Privacy"), disclaimers: text("Disclaimers") }
}
