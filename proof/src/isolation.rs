//! The proof `isolation`: two apps and two partners with every reason to meet, and nobody sees or changes what is the other's.
//!
//! Everything a tenant writes carries a word of its own. Whatever is asked, with whatever id, at whatever host, no answer may
//! carry the other's word, no answer about something foreign may be a success, and in the end no row of one may carry the word of
//! the other. It refuses to be satisfied with silence: the same asking must find something when no wall is left.

use crate::crash::open;
use crate::http::Answer;
use crate::person::{Identity, Person, text};
use crate::process::House;
use crate::random::Random;
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::task::JoinSet;

/// The words that tenants are known by; neither occurs in anything that the program says itself.
const WORDS: [&str; 2] = ["larkspur", "marigold"];
/// So many that each stays below what one session may ask in a minute.
const USERS_OF_AN_APP: usize = 150;
const SESSIONS_OF_AN_OWNER: usize = 40;
/// Ids that are remembered of each kind.
const REMEMBERED: usize = 64;
const WORKERS: usize = 16;

/// What came of it, for people.
#[derive(Debug, Default)]
pub struct Outcome {
    pub asked: u64,
    /// How many of the questions were about what is foreign.
    pub foreign: u64,
    /// How many were answered with "too many" or "too busy".
    pub refused: u64,
    pub size: String,
    /// What crossed, in words. Empty is the proof.
    pub crossings: Vec<String>,
    /// What nobody should be answered, whoever asks.
    pub strange: Vec<String>,
}

/// A partner with an app.
#[derive(Debug)]
struct Tenant {
    word: &'static str,
    slug: String,
    app: String,
    owners: Vec<Identity>,
    users: Vec<Identity>,
    known: Mutex<Known>,
}

/// One of the lists.
type Place = fn(&mut Known) -> &mut Vec<String>;

/// Ids of what a tenant has. What stands here exists and is not deleted.
#[derive(Debug, Default, Clone)]
struct Known {
    records: Vec<String>,
    plans: Vec<String>,
    releases: Vec<String>,
    builds: Vec<String>,
    brands: Vec<String>,
    members: Vec<String>,
    logos: Vec<String>,
}

/// Asks `questions` times and looks at every answer. A house without walls cannot even be moved into, so `settled_by` is the
/// program that is asked for that.
///
/// # Errors
/// When the proof could not be made.
pub async fn prove(
    house: &House,
    settled_by: &Path,
    questions: u64,
    seed: u64,
    say: impl Fn(&str),
) -> Result<Outcome, String> {
    let running = house.run_by(settled_by).start().await?;
    let mut tenants = Vec::new();
    for (number, word) in WORDS.into_iter().enumerate() {
        tenants.push(Tenant::settle(house.port, number, word).await?);
    }
    running.kill()?;
    let running = house.start().await?;
    say("  two partners, two apps and their people are there");
    let tenants = Arc::new(tenants);
    let outcome = Arc::new(Mutex::new(Outcome::default()));
    let left = Arc::new(AtomicU64::new(questions));
    let mut workers = JoinSet::new();
    for number in 0..WORKERS {
        let (tenants, outcome, left) = (tenants.clone(), outcome.clone(), left.clone());
        let mut random = Random::new(seed).fork(number as u64);
        let port = house.port;
        workers.spawn(async move {
            let mut asker = Asker::new(&tenants, port, number);
            let takes_one = |left: u64| left.checked_sub(1);
            while left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, takes_one).is_ok() {
                asker.ask(&mut random, &outcome).await?;
            }
            Ok::<_, String>(())
        });
    }
    while let Some(worker) = workers.join_next().await {
        worker.map_err(|error| error.to_string())??;
    }
    let judge = open(house).await?;
    let mut outcome = std::mem::take(&mut *outcome.lock().unwrap_or_else(PoisonError::into_inner));
    for (at, tenant) in tenants.iter().enumerate() {
        let foreign = judge.words(&tenant.app, WORDS[1 - at]).await.map_err(|error| error.to_string())?;
        outcome.crossings.extend(foreign.into_iter().map(|what| format!("{}: {what}", tenant.slug)));
    }
    outcome.crossings.extend(judge.unsettled().await.map_err(|error| error.to_string())?);
    outcome.size = judge.size().await.map_err(|error| error.to_string())?;
    running.kill()?;
    Ok(outcome)
}

impl Tenant {
    async fn settle(port: u16, number: usize, word: &'static str) -> Result<Self, String> {
        let slug = format!("{word}-app");
        let mut owner = Person::partner(port, 10_000 * number, word).await?;
        let svg = format!(
            "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9'><path fill='#1d6b{number}8' d='M1 1L8 2L{} 8Z'/></svg>",
            number + 2
        );
        let logo = owner.upload("/api/v1/logos", "image/svg+xml", svg.into_bytes()).await;
        let logo = made(logo, "/hash")?;
        let brand = brand(word, &logo);
        let launch = json!({ "kit": "meals", "slug": slug, "brand": brand });
        let launched = owner.post("/api/v1/apps", None, &launch).await.map_err(|error| error.to_string())?;
        let launched = launched.expect(StatusCode::CREATED, "a launch")?.json();
        let member = json!({ "name": word, "email": format!("second@{word}.example"), "role": "viewer" });
        let member = made(owner.post("/api/v1/members", None, &member).await, "/member/id")?;
        let (app, brand) = (text(&launched, "/app/id")?, text(&launched, "/app/brand/id")?);
        let release =
            owner.post(&format!("/api/v1/apps/{app}/releases"), None, &json!({ "brand": brand })).await;
        let known = Known {
            brands: vec![brand],
            releases: vec![made(release, "/release/id")?],
            builds: vec![text(&launched, "/build/id")?],
            members: vec![member],
            logos: vec![logo],
            ..Known::default()
        };
        let mut owners = vec![owner.identity.clone()];
        for session in 1..SESSIONS_OF_AN_OWNER {
            owners.push(Person::owner(port, 10_000 * number + session, word).await?.identity);
        }
        let mut users = Vec::new();
        for user in 0..USERS_OF_AN_APP {
            users.push(Person::user(port, &slug, 10_000 * number + 1_000 + user).await?.identity);
        }
        let plan = plan(&mut users[0].connect(port)).await?;
        let known = Known { plans: vec![plan], ..known };
        Ok(Self { word, slug, app, owners, users, known: Mutex::new(known) })
    }

    fn known(&self) -> Known {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn remember(&self, place: Place, id: String) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let ids = place(&mut known);
        if ids.len() >= REMEMBERED {
            ids.remove(0);
        }
        ids.push(id);
    }
}

/// A user's plan, for which the legal texts are accepted first.
async fn plan(user: &mut Person) -> Result<String, String> {
    let version = slipway_server::assembly().kits().first().map(|kit| kit.card.legal_version);
    let acceptance = json!({ "version": version, "accept_terms": true, "accept_privacy": true });
    let accepted = user.post("/api/v1/legal-acceptances", None, &acceptance).await;
    accepted.map_err(|error| error.to_string())?.expect(StatusCode::NO_CONTENT, "an acceptance")?;
    let wish = json!({
        "calories": 2000, "diet_type": "standard", "meal_pattern": "3_meals", "restrictions": [], "variation": 0,
    });
    made(user.post("/api/v1/meals/plans", None, &wish).await, "/id")
}

fn brand(word: &str, logo: &str) -> Value {
    json!({
        "name": word, "tagline": format!("{word} every day"), "logo": logo,
        "colours": { "primary": "#1d6b48", "on_primary": "#ffffff", "background": "#fbfaf4", "text": "#17241d" },
        "legal": { "company": format!("{word} Ltd"), "email": format!("hello@{word}.example"), "jurisdiction": word },
    })
}

fn made(answer: Result<Answer, crate::http::NoAnswer>, pointer: &str) -> Result<String, String> {
    let answer = answer.map_err(|error| error.to_string())?;
    text(&answer.expect(StatusCode::CREATED, pointer)?.json(), pointer)
}

/// Somebody who asks as anybody.
struct Asker<'tenants> {
    tenants: &'tenants [Tenant],
    /// By tenant: users first, then owners.
    people: Vec<Vec<Person>>,
    count: u64,
    number: usize,
}

/// A question and what it is about.
struct Question {
    method: Method,
    path: String,
    body: Option<Value>,
    key: Option<String>,
    /// Whether what it names is another's, or the session is: then it may not succeed.
    is_foreign: bool,
    /// Where to remember what it makes.
    makes: Option<(&'static str, Place)>,
}

impl Question {
    fn get(path: String, is_foreign: bool) -> Self {
        Self { method: Method::GET, path, body: None, key: None, is_foreign, makes: None }
    }

    fn post(path: String, body: Value, is_foreign: bool) -> Self {
        Self { method: Method::POST, path, body: Some(body), key: None, is_foreign, makes: None }
    }

    fn delete(path: String, body: Option<Value>, is_foreign: bool) -> Self {
        Self { method: Method::DELETE, path, body, key: None, is_foreign, makes: None }
    }
}

impl<'tenants> Asker<'tenants> {
    fn new(tenants: &'tenants [Tenant], port: u16, number: usize) -> Self {
        let connect = |tenant: &Tenant| {
            // Each asker has people of its own, so that a connection is nobody else's.
            let users = tenant.users.iter().skip(number).step_by(WORKERS);
            let owners = tenant.owners.iter().skip(number).step_by(WORKERS);
            users.chain(owners).map(|identity| identity.connect(port)).collect()
        };
        Self { tenants, people: tenants.iter().map(connect).collect(), count: 0, number }
    }

    async fn ask(&mut self, random: &mut Random, outcome: &Mutex<Outcome>) -> Result<(), String> {
        let own = random.index(2);
        let (tenant, other) = (&self.tenants[own], &self.tenants[1 - own]);
        self.count += 1;
        let name = format!("{} {} {}", tenant.word, self.number, self.count);
        let person = random.index(self.people[own].len());
        let mut is_stranger = false;
        let person = &mut self.people[own][person];
        let is_user = person.identity.is_at(&tenant.slug);
        let question = if is_user {
            // One in some takes their session to the other app's host.
            is_stranger = random.percent(5);
            as_user(random, &name, &tenant.known(), &other.known())
        } else {
            as_owner(random, tenant, other)
        };
        let elsewhere = is_stranger.then_some(other.slug.as_str());
        let Question { method, path, body, key, is_foreign, makes } = question;
        let answer = person.ask(&method, &path, key.as_deref(), body.as_ref(), elsewhere).await;
        let answer = answer.map_err(|error| format!("{method} {path}: {error}"))?;
        let body = String::from_utf8_lossy(&answer.body);
        let is_foreign = is_foreign || is_stranger;
        let what = || {
            let some: String = body.chars().filter(|letter| !letter.is_control()).take(300).collect();
            format!("{method} {path} by {} was answered {}: {some}", tenant.word, answer.status)
        };
        let crossing = if body.contains(other.word) {
            Some(format!("the other's word was told: {}", what()))
        } else if is_foreign && answer.status.is_success() {
            Some(format!("what is foreign was answered with success: {}", what()))
        } else {
            None
        };
        if let (false, Some((pointer, place)), StatusCode::CREATED) = (is_foreign, makes, answer.status) {
            tenant.remember(place, text(&answer.json(), pointer)?);
        }
        let mut outcome = outcome.lock().unwrap_or_else(PoisonError::into_inner);
        outcome.asked += 1;
        outcome.foreign += u64::from(is_foreign);
        let refused = [StatusCode::TOO_MANY_REQUESTS, StatusCode::SERVICE_UNAVAILABLE];
        outcome.refused += u64::from(refused.contains(&answer.status));
        outcome.crossings.extend(crossing);
        if answer.status == StatusCode::INTERNAL_SERVER_ERROR {
            outcome.strange.push(what());
        }
        Ok(())
    }
}

/// Any id of a list, or one that nobody has.
fn any(random: &mut Random, ids: &[String], prefix: &str) -> String {
    let nobody = || format!("{prefix}_01h455vb4pex5vsknk084sn02q");
    ids.get(random.index(ids.len())).cloned().unwrap_or_else(nobody)
}

fn as_user(random: &mut Random, name: &str, own: &Known, other: &Known) -> Question {
    const RECORDS: &str = "/api/v1/records";
    let mine = any(random, &own.records, "rec");
    let theirs = any(random, &other.records, "rec");
    match random.below(12) {
        0..3 => {
            let body =
                json!({ "title": name, "amount": random.below(1_000), "with_job": random.percent(10) });
            let mut question = Question::post(RECORDS.to_owned(), body, false);
            question.makes = Some(("/id", |known| &mut known.records));
            // Both apps' users use the same keys, and each app has its own answer.
            question.key =
                random.percent(50).then(|| format!("key-{}", name.split_once(' ').unwrap_or_default().1));
            question
        }
        3 => Question::get(format!("{RECORDS}?limit={}", 1 + random.below(50)), false),
        4 => Question::get(format!("{RECORDS}?after={theirs}"), false),
        5 => Question::get(format!("{RECORDS}/{mine}"), false),
        6 | 7 => Question::get(format!("{RECORDS}/{theirs}"), true),
        8 => {
            let (from, to) = if random.percent(50) { (mine, theirs) } else { (theirs, mine) };
            Question::post(
                "/api/v1/record-transfers".to_owned(),
                json!({ "from": from, "to": to, "amount": 1 }),
                true,
            )
        }
        9 => Question::get(format!("/api/v1/meals/plans/{}", any(random, &other.plans, "pln")), true),
        10 => {
            Question::delete(format!("/api/v1/meals/plans/{}", any(random, &other.plans, "pln")), None, true)
        }
        _ => Question::get("/api/v1/sessions/current".to_owned(), false),
    }
}

fn as_owner(random: &mut Random, tenant: &Tenant, other: &Tenant) -> Question {
    let is_foreign = random.percent(70);
    let whose = if is_foreign { other } else { tenant };
    let known = whose.known();
    let app = format!("/api/v1/apps/{}", whose.app);
    // An id of the other's below one's own app is foreign all the same.
    let below =
        if is_foreign && random.percent(50) { format!("/api/v1/apps/{}", tenant.app) } else { app.clone() };
    let member = any(random, &known.members, "mem");
    match random.below(17) {
        0 => Question::get(app, is_foreign),
        1 => Question::get(format!("{app}/releases"), is_foreign),
        2 => Question::get(format!("{app}/brands"), is_foreign),
        3 => Question::get(format!("{app}/audit"), is_foreign),
        4 => Question::get(format!("{below}/builds/{}", any(random, &known.builds, "bld")), is_foreign),
        5 => Question::get(format!("{app}/signing-key"), is_foreign),
        6 if is_foreign => {
            let release = any(random, &known.releases, "rel");
            Question::post(format!("{below}/releases/{release}/rollback"), json!({}), true)
        }
        7 => Question::get(
            format!("/api/v1/logos/{}/previews/circle.png", any(random, &known.logos, "")),
            is_foreign,
        ),
        8 => Question::get("/api/v1/apps".to_owned(), false),
        9 => Question::get("/api/v1/members".to_owned(), false),
        10 => Question::get("/api/v1/partner".to_owned(), false),
        11 if is_foreign => Question::post(format!("{app}/suspend"), json!({}), true),
        12 if is_foreign => Question::delete(app, Some(json!({ "confirm": other.slug })), true),
        13 if is_foreign => Question::delete(format!("/api/v1/members/{member}"), None, true),
        14 if is_foreign => {
            let logo = any(random, &known.logos, "");
            let (wanted, mut own) = (brand(tenant.word, &logo), brand(tenant.word, &logo));
            own["name"] = json!(format!("{} again", tenant.word));
            let path = if random.percent(50) { app } else { format!("/api/v1/apps/{}", tenant.app) };
            Question::post(format!("{path}/brands"), if random.percent(50) { wanted } else { own }, true)
        }
        15 if is_foreign => {
            let body = json!({ "brand": any(random, &known.brands, "brd") });
            Question::post(format!("{below}/releases"), body, true)
        }
        16 if is_foreign => Question::post(
            format!("{app}/signing-key/export"),
            json!({ "format": "pem", "password": "a rowing boat in april" }),
            true,
        ),
        _ => Question::get(format!("{app}/install"), is_foreign),
    }
}
