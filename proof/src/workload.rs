//! Mixed writes from many people at once, and what each of them was told.
//!
//! It refuses to conclude: what was answered, refused or left open is handed to whoever looks at the data afterwards.

use crate::data::SEED_AMOUNT;
use crate::http::{Answer, NoAnswer};
use crate::person::{Identity, Person, text};
use crate::random::Random;
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

const APPS: usize = 2;
const USERS_OF_AN_APP: usize = 4;
/// People at work at once; each session has two.
const WORKERS: usize = 2 * APPS * USERS_OF_AN_APP;
const SEED_RECORDS: usize = 6;

/// The people of an installation and what they work on.
#[derive(Debug, Clone)]
pub(crate) struct Village {
    owner: Identity,
    users: Vec<Identity>,
    /// Ids of the records of each app that amounts are moved between.
    seeds: Vec<Vec<String>>,
    brand: Value,
    /// Apps with their released brands, which are released again and again.
    apps: Vec<(String, String)>,
    /// How long somebody rests after each write.
    pause: Option<Duration>,
}

/// What the readers were told.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    pub(crate) answered: u64,
    /// Answers that nobody should get.
    pub(crate) strange: Vec<String>,
}

/// Something that was heard, and the clock at that moment: whatever counts what happens while people work.
pub(crate) type At<T> = (usize, T);
pub(crate) type Clock = dyn Fn() -> usize + Send + Sync;

/// What the people were told.
#[derive(Debug, Clone, Default)]
pub(crate) struct Told {
    /// Titles and ids of records whose making was answered with success.
    pub(crate) made: Vec<At<(String, String)>>,
    /// Titles of records that were refused.
    pub(crate) refused: Vec<String>,
    /// Requests with a key that were never answered: who, key, body.
    pub(crate) open: Vec<(usize, String, Value)>,
    /// Logos whose keeping was answered with success.
    pub(crate) logos: Vec<At<String>>,
    /// Apps whose launch was answered with success.
    pub(crate) apps: Vec<At<String>>,
    /// Releases whose making was answered with success.
    pub(crate) releases: Vec<At<String>>,
    /// Transfers that were answered with success.
    pub(crate) transfers: Vec<At<()>>,
    /// Answers that nobody should get.
    pub(crate) strange: Vec<String>,
}

impl Told {
    /// How many writes were answered with success.
    pub(crate) fn answered(&self) -> u64 {
        (self.made.len() + self.logos.len() + self.apps.len() + self.releases.len() + self.transfers.len())
            as u64
    }

    /// What had been told at that time of the clock.
    pub(crate) fn before(&self, time: usize) -> Self {
        fn earlier<T: Clone>(heard: &[At<T>], time: usize) -> Vec<At<T>> {
            heard.iter().filter(|(at, _)| *at <= time).cloned().collect()
        }
        Self {
            made: earlier(&self.made, time),
            logos: earlier(&self.logos, time),
            apps: earlier(&self.apps, time),
            releases: earlier(&self.releases, time),
            transfers: earlier(&self.transfers, time),
            ..self.clone()
        }
    }
}

/// Where somebody writes down what they hear.
struct Hears<'told> {
    told: &'told Mutex<Told>,
    clock: &'told Clock,
}

impl Hears<'_> {
    /// The clock is read first: what is heard had happened by then.
    fn now(&self) -> (usize, MutexGuard<'_, Told>) {
        ((self.clock)(), self.told.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Hears<'_> {
    /// Writes down what the answer says was made.
    fn note(&self, answer: &Answer, pointer: &str, place: fn(&mut Told) -> &mut Vec<At<String>>) {
        let (at, mut told) = self.now();
        match text(&answer.json(), pointer) {
            Ok(made) if answer.status == StatusCode::CREATED => place(&mut told).push((at, made)),
            _ if is_refusal(answer) => {}
            _ => told.strange.push(format!("what should make {pointer} was answered {answer:?}")),
        }
    }
}

impl Village {
    /// Signs everybody up and makes what they work on.
    pub(crate) async fn settle(port: u16) -> Result<Self, String> {
        let mut owner = Person::partner(port, 0, "proof").await?;
        let hash = upload(&mut owner, &picture(&mut Random::new(0))).await?;
        let brand = json!({
            "name": "Tern", "tagline": "Far from home", "logo": hash,
            "colours": { "primary": "#1d6b48", "on_primary": "#ffffff", "background": "#fbfaf4", "text": "#17241d" },
            "legal": { "company": "Tern Ltd", "email": "hello@tern.example", "jurisdiction": "Ireland" },
        });
        let mut village = Self {
            owner: owner.identity.clone(),
            users: Vec::new(),
            seeds: Vec::new(),
            brand,
            apps: Vec::new(),
            pause: None,
        };
        for app in 0..APPS {
            let slug = format!("village-{app}");
            let launched =
                village.launch(&mut owner, &slug, None).await.map_err(|error| error.to_string())?;
            let launched = launched.expect(StatusCode::CREATED, "a launch")?.json();
            village.apps.push((text(&launched, "/app/id")?, text(&launched, "/app/brand/id")?));
            for number in 0..USERS_OF_AN_APP {
                let user = Person::user(port, &slug, 1 + app * USERS_OF_AN_APP + number).await?;
                village.users.push(user.identity);
            }
            let mut user = village.users[app * USERS_OF_AN_APP].connect(port);
            let mut seeds = Vec::new();
            for number in 0..SEED_RECORDS {
                let body = json!({ "title": format!("seed {number}"), "amount": SEED_AMOUNT });
                let made =
                    user.post("/api/v1/records", None, &body).await.map_err(|error| error.to_string())?;
                seeds.push(text(&made.expect(StatusCode::CREATED, "a seed record")?.json(), "/id")?);
            }
            village.seeds.push(seeds);
        }
        Ok(village)
    }

    /// Has everybody work until the server is gone. `round` keeps the titles of different runs apart.
    pub(crate) async fn work(&self, port: u16, round: u64, random: &Random, clock: &Arc<Clock>) -> Told {
        let told = Arc::new(Mutex::new(Told::default()));
        let mut workers = tokio::task::JoinSet::new();
        for number in 0..WORKERS {
            let (village, told, clock) = (self.clone(), told.clone(), clock.clone());
            let mut random = random.fork(number as u64);
            workers.spawn(async move {
                let who = number % village.users.len();
                let mut user = village.users[who].connect(port);
                let mut count = 0_u64;
                let mut hears = Hears { told: &told, clock: &*clock };
                while village
                    .write(&mut user, who, &format!("{round}-{number}-{count}"), &mut random, &mut hears)
                    .await
                {
                    count += 1;
                    village.rest().await;
                }
            });
        }
        let (village, owners_told, clock) = (self.clone(), told.clone(), clock.clone());
        let mut owners_random = random.fork(WORKERS as u64);
        workers.spawn(async move {
            let mut hears = Hears { told: &owners_told, clock: &*clock };
            village.own(port, round, &mut owners_random, &mut hears).await;
        });
        workers.join_all().await;
        let told = told.lock().unwrap_or_else(PoisonError::into_inner);
        told.clone()
    }

    pub(crate) fn owner(&self) -> &Identity {
        &self.owner
    }

    pub(crate) fn user(&self, number: usize) -> &Identity {
        &self.users[number]
    }

    /// An app and its released brand.
    pub(crate) fn app(&self, number: usize) -> (&str, &str) {
        let (app, brand) = &self.apps[number];
        (app, brand)
    }

    /// The same people, who rest after each thing they do.
    #[must_use]
    pub(crate) fn at_pace(self, pause: Duration) -> Self {
        Self { pause: Some(pause), ..self }
    }

    async fn rest(&self) {
        if let Some(pause) = self.pause {
            tokio::time::sleep(pause).await;
        }
    }

    /// Has every user read, until the server is gone.
    pub(crate) async fn read(&self, port: u16, random: &Random) -> Heard {
        let mut readers = tokio::task::JoinSet::new();
        for (who, identity) in self.users.iter().enumerate() {
            let (village, mut user, mut random) =
                (self.clone(), identity.connect(port), random.fork(who as u64));
            readers.spawn(async move {
                let mut heard = Heard::default();
                loop {
                    let seeds = &village.seeds[who / USERS_OF_AN_APP];
                    let one = format!("/api/v1/records/{}", seeds[random.index(seeds.len())]);
                    let paths = [one.as_str(), "/api/v1/records?limit=20", "/api/v1/app", "/"];
                    let path = paths[random.index(paths.len())];
                    match user.ask(&Method::GET, path, None, None, None).await {
                        Ok(answer) if answer.status == StatusCode::OK || is_refusal(&answer) => {
                            heard.answered += 1;
                        }
                        Ok(answer) => heard.strange.push(format!("{path} was answered {}", answer.status)),
                        Err(_) => return heard,
                    }
                    village.rest().await;
                }
            });
        }
        readers.join_all().await.into_iter().fold(Heard::default(), |mut all, heard| {
            all.answered += heard.answered;
            all.strange.extend(heard.strange);
            all
        })
    }

    /// Everything that people can read, each answer with its question.
    pub(crate) async fn readings(&self, port: u16) -> Result<Vec<(String, Value)>, String> {
        let mut readings = Vec::new();
        let mut owner = self.owner.connect(port);
        for path in ["/api/v1/partner", "/api/v1/members", "/api/v1/kits", "/api/v1/member-sessions/current"]
        {
            readings.extend(pages(&mut owner, path).await?);
        }
        let apps = pages(&mut owner, "/api/v1/apps").await?;
        for (_, page) in &apps {
            for app in page["items"].as_array().into_iter().flatten() {
                let app = format!("/api/v1/apps/{}", text(app, "/id")?);
                for noun in ["", "/audit", "/brands", "/releases", "/signing-key", "/install"] {
                    readings.extend(pages(&mut owner, &format!("{app}{noun}")).await?);
                }
            }
        }
        readings.extend(apps);
        for (who, identity) in self.users.iter().enumerate() {
            let mut user = identity.connect(port);
            for path in
                ["/api/v1/app", "/api/v1/sessions/current", "/api/v1/records", "/api/v1/meals/options"]
            {
                let pages = pages(&mut user, path).await?;
                readings.extend(pages.into_iter().map(|(path, page)| (format!("user {who} {path}"), page)));
            }
        }
        Ok(readings)
    }

    /// Sends what was never answered once more; by its key it is done once however often it is sent.
    pub(crate) async fn ask_again(&self, port: u16, told: &Told) -> Result<Vec<(String, String)>, String> {
        let mut made = Vec::new();
        for (who, key, body) in &told.open {
            let mut user = self.users[*who].connect(port);
            let answer =
                user.post("/api/v1/records", Some(key), body).await.map_err(|error| error.to_string())?;
            let answer = answer.expect(StatusCode::CREATED, "a request that was sent again")?;
            made.push((text(body, "/title")?, text(&answer.json(), "/id")?));
        }
        Ok(made)
    }

    /// One write; `false` when the server is gone.
    async fn write(
        &self,
        user: &mut Person,
        who: usize,
        name: &str,
        random: &mut Random,
        hears: &mut Hears<'_>,
    ) -> bool {
        if random.percent(25) {
            return self.transfer(user, who, random, hears).await;
        }
        let with_job = random.percent(25);
        let title = format!("record {name}{}", if with_job { " job" } else { "" });
        let mut body = json!({ "title": title, "amount": random.below(1_000), "with_job": with_job });
        if random.percent(20) {
            body["content"] = json!(format!("{name} {}", "x".repeat(random.index(20_000))));
        }
        let key = random.percent(50).then(|| format!("key-{name}"));
        let answer = user.post("/api/v1/records", key.as_deref(), &body).await;
        let (at, mut told) = hears.now();
        match (answer, key) {
            (Ok(answer), _) if answer.status == StatusCode::CREATED => match text(&answer.json(), "/id") {
                Ok(id) => told.made.push((at, (title, id))),
                Err(error) => told.strange.push(error),
            },
            (Ok(answer), _) if is_refusal(&answer) => told.refused.push(title),
            (Ok(answer), _) => told.strange.push(format!("a record was answered {answer:?}")),
            (Err(_), Some(key)) => {
                told.open.push((who, key, body));
                return false;
            }
            (Err(_), None) => return false,
        }
        true
    }

    async fn transfer(
        &self,
        user: &mut Person,
        who: usize,
        random: &mut Random,
        hears: &mut Hears<'_>,
    ) -> bool {
        let seeds = &self.seeds[who / USERS_OF_AN_APP];
        let from = random.index(seeds.len());
        let to = (from + 1 + random.index(seeds.len() - 1)) % seeds.len();
        let body = json!({ "from": seeds[from], "to": seeds[to], "amount": 1 + random.below(1_000) });
        let Ok(answer) = user.post("/api/v1/record-transfers", None, &body).await else { return false };
        let (at, mut told) = hears.now();
        match answer.status {
            StatusCode::NO_CONTENT => told.transfers.push((at, ())),
            StatusCode::CONFLICT => {}
            _ if is_refusal(&answer) => {}
            _ => told.strange.push(format!("a transfer was answered {answer:?}")),
        }
        true
    }

    /// The owner launches an app, uploads logos and makes releases, until the server is gone.
    async fn own(&self, port: u16, round: u64, random: &mut Random, hears: &mut Hears<'_>) {
        let mut owner = self.owner.connect(port);
        let Ok(launch) = self.launch(&mut owner, &format!("tern-{round}"), None).await else { return };
        hears.note(&launch, "/app/id", |told| &mut told.apps);
        loop {
            self.rest().await;
            let Ok(logo) = owner.upload("/api/v1/logos", "image/svg+xml", picture(random)).await else {
                return;
            };
            hears.note(&logo, "/hash", |told| &mut told.logos);
            let (app, brand) = &self.apps[random.index(self.apps.len())];
            let (path, wish) = (format!("/api/v1/apps/{app}/releases"), json!({ "brand": brand }));
            let Ok(release) = owner.post(&path, None, &wish).await else { return };
            hears.note(&release, "/release/id", |told| &mut told.releases);
        }
    }

    async fn launch(&self, owner: &mut Person, slug: &str, key: Option<&str>) -> Result<Answer, NoAnswer> {
        owner.post("/api/v1/apps", key, &json!({ "kit": "meals", "slug": slug, "brand": self.brand })).await
    }
}

/// Every page of a list, or the one answer.
async fn pages(person: &mut Person, path: &str) -> Result<Vec<(String, Value)>, String> {
    let mut found = Vec::new();
    let mut question = path.to_owned();
    loop {
        let answer = person.ask(&Method::GET, &question, None, None, None).await;
        let answer = answer.map_err(|error| error.to_string())?;
        let page = answer.expect(StatusCode::OK, &question)?.json();
        let next = page["next"].as_str().map(|next| format!("{path}?after={next}"));
        found.push((question, page));
        match next {
            Some(next) => question = next,
            None => return Ok(found),
        }
    }
}

/// The server said that it did nothing: too many requests, too busy, or no room.
fn is_refusal(answer: &Answer) -> bool {
    use StatusCode as Code;
    matches!(answer.status, Code::TOO_MANY_REQUESTS | Code::SERVICE_UNAVAILABLE | Code::INSUFFICIENT_STORAGE)
}

async fn upload(owner: &mut Person, picture: &[u8]) -> Result<String, String> {
    let answer = owner.upload("/api/v1/logos", "image/svg+xml", picture.to_vec()).await;
    let answer = answer.map_err(|error| error.to_string())?.expect(StatusCode::CREATED, "a logo")?;
    text(&answer.json(), "/hash")
}

/// A picture that nobody has uploaded before.
fn picture(random: &mut Random) -> Vec<u8> {
    let [a, b, c, d] = [(); 4].map(|()| random.below(40) + 10);
    let colour = random.below(0x00ff_ffff);
    format!(
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 100 100'><path fill='#{colour:06x}' d='M{a} 10L90 {b}L{c} 90L10 {d}Z'/></svg>"
    )
    .into_bytes()
}
