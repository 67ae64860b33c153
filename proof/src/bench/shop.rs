//! The server's side of the load: one app with so many users that nobody asks more than a session may.

use super::load::{Asked, CLIENTS, open};
use crate::http::Connection;
use crate::person::{Identity, Person, text};
use axum::body::Body;
use axum::http::{Method, StatusCode};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// A session may ask 600 times a minute, and as often at once; a round at 20,000 a second asks 100,000 times.
const USERS: usize = 1_200;
/// People who register side by side.
const REGISTERING: usize = 8;
/// Rows whose ids are known.
const AT_LEAST: u64 = 10_000;
/// Writes while the tail of reads is measured, and reads, each second.
const TAIL_WRITES: f64 = 2_000.0;
const TAIL_READS: f64 = 1_000.0;
const TAIL: Duration = Duration::from_secs(10);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Question {
    Insert,
    Read,
    Page,
}

/// An app with its users and what they have made.
pub(super) struct Shop {
    port: u16,
    users: Arc<Vec<Identity>>,
    made: Arc<Vec<String>>,
    count: Arc<AtomicU64>,
}

impl Shop {
    pub(super) async fn open(port: u16) -> Result<Self, String> {
        let mut owner = Person::partner(port, 0, "shop").await?;
        let svg = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9'><path fill='#1d6b48' d='M1 1L8 2L4 8Z'/></svg>";
        let logo = owner.upload("/api/v1/logos", "image/svg+xml", svg.into()).await;
        let logo = logo.map_err(|error| error.to_string())?.expect(StatusCode::CREATED, "a logo")?;
        let brand = json!({
            "name": "Shop", "tagline": "", "logo": text(&logo.json(), "/hash")?,
            "colours": { "primary": "#1d6b48", "on_primary": "#ffffff", "background": "#fbfaf4", "text": "#17241d" },
            "legal": { "company": "Shop Ltd", "email": "hello@shop.example", "jurisdiction": "Ireland" },
        });
        let launch = json!({ "kit": "meals", "slug": "shop", "brand": brand });
        let launched = owner.post("/api/v1/apps", None, &launch).await.map_err(|error| error.to_string())?;
        launched.expect(StatusCode::CREATED, "a launch")?;
        let mut registering = tokio::task::JoinSet::new();
        for lane in 0..REGISTERING {
            registering.spawn(async move {
                let mut users = Vec::new();
                for number in (lane..USERS).step_by(REGISTERING) {
                    users.push(Person::user(port, "shop", 100 + number).await?.identity);
                }
                Ok::<_, String>(users)
            });
        }
        let users: Result<Vec<_>, _> = registering.join_all().await.into_iter().collect();
        let users = Arc::new(users?.concat());
        Ok(Self { port, users, made: Arc::default(), count: Arc::default() })
    }

    /// Makes rows until there are so many.
    pub(super) async fn fill(&mut self, rows: usize) -> Result<(), String> {
        // Some are made in any case, because their ids are asked for afterwards.
        let missing = (rows as u64).saturating_sub(self.count.load(Ordering::Relaxed)).max(AT_LEAST);
        let asked = self.asked(Question::Insert);
        let mut clients = tokio::task::JoinSet::new();
        for client in 0..CLIENTS {
            let (asked, port) = (asked.clone(), self.port);
            clients.spawn(async move {
                let mut connection = Connection::new(port);
                let mut random = crate::random::Random::new(client as u64);
                let mut ids = Vec::new();
                for _ in (client as u64..missing).step_by(CLIENTS) {
                    let number = asked.count.fetch_add(1, Ordering::Relaxed);
                    let answer = connection.send((asked.make)(number, &mut random)).await;
                    let answer =
                        answer.map_err(|error| error.to_string())?.expect(StatusCode::CREATED, "a row")?;
                    ids.push(text(&answer.json(), "/id")?);
                }
                Ok::<_, String>(ids)
            });
        }
        let made: Result<Vec<_>, _> = clients.join_all().await.into_iter().collect();
        self.made = Arc::new(made?.concat());
        Ok(())
    }

    /// Everything is one commit: row, audit entry, event and idempotency key.
    pub(super) fn asked(&self, question: Question) -> Asked {
        let (users, made) = (self.users.clone(), self.made.clone());
        let count = self.count.clone();
        let make = move |number: u64, random: &mut crate::random::Random| {
            let user = &users[usize::try_from(number).unwrap_or(0) % users.len()];
            let mut id = || made[random.index(made.len())].as_str();
            match question {
                Question::Insert => {
                    let body =
                        json!({ "title": format!("row {number} of the shop"), "amount": number % 1_000 });
                    let request = user.request(&Method::POST, "/api/v1/records", None);
                    let request = request.header("idempotency-key", format!("key-{number}"));
                    request.header("content-type", "application/json").body(Body::from(body.to_string()))
                }
                Question::Read => {
                    user.request(&Method::GET, &format!("/api/v1/records/{}", id()), None).body(Body::empty())
                }
                Question::Page => {
                    let path = format!("/api/v1/records?limit=20&after={}", id());
                    user.request(&Method::GET, &path, None).body(Body::empty())
                }
            }
            .expect("a request made of checked parts is one")
        };
        Asked { make: Arc::new(make), count }
    }

    /// Reads of one row while others write.
    pub(super) async fn tail(&self) -> Result<String, String> {
        let (writes, reads) = (self.asked(Question::Insert), self.asked(Question::Read));
        let (written, read) = tokio::join!(
            open(self.port, &writes, TAIL_WRITES, TAIL),
            open(self.port, &reads, TAIL_READS, TAIL)
        );
        let (written, read) = (written?, read?);
        Ok(format!(
            "reads while {TAIL_WRITES:.0} writes a second run: {TAIL_READS:.0}/s, p50 {:.1} ms, p99 {:.1} ms (writes p99 {:.1} ms); {} failed",
            read.percentile_ms(50),
            read.percentile_ms(99),
            written.percentile_ms(99),
            read.failed + written.failed
        ))
    }
}
