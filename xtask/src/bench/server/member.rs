//! A partner's owner, who signs in and launches apps as the console's pages do.
//!
//! It refuses to go on after an answer it did not expect.

use std::{
    error::Error,
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::bench::http::{Answer, Call, Client, HttpError};

const PASSWORD: &str = "a rowing boat in april";
/// How long a build may take before it counts as failed.
const PATIENCE: Duration = Duration::from_secs(60);
/// Between two looks at a build, the most by which a launch is measured too long.
const PAUSE: Duration = Duration::from_millis(20);

/// A signed-in owner with a connection.
pub(super) struct Member {
    client: Client,
    origin: String,
    email: String,
    /// The address the connection claims to come from.
    address: String,
    cookie: String,
    csrf_token: String,
    brand: Option<Value>,
}

impl Member {
    /// Signs partner `number` up, from an address of its own.
    pub(super) fn sign_up(port: u16, number: usize) -> Result<Self, HttpError> {
        let mut member = Self {
            client: Client::new(port),
            origin: format!("http://localhost:{port}"),
            email: format!("owner{number}@bench.example"),
            address: address(10, number),
            cookie: String::new(),
            csrf_token: String::new(),
            brand: None,
        };
        let body = json!({
            "partner_name": format!("Bench {number}"), "name": "Olga", "email": member.email, "password": PASSWORD,
            "accept_terms": true,
        });
        member.begin("/api/v1/partners", &body)?;
        Ok(member)
    }

    /// Signs in anew, from the `number`th address of all logins.
    pub(super) fn sign_in(&mut self, number: usize) -> Result<(), HttpError> {
        self.address = address(11, number);
        let body = json!({ "email": self.email, "password": PASSWORD });
        self.begin("/api/v1/member-sessions", &body)
    }

    /// Begins a session and keeps what proves it. The cookie is `Secure`, which a browser honours on localhost too.
    fn begin(&mut self, path: &str, body: &Value) -> Result<(), HttpError> {
        self.cookie.clear();
        let answer = self.post(path, "application/json", body.to_string().as_bytes())?.expect(201)?;
        let cookie = answer.header("set-cookie").unwrap_or_default();
        self.cookie = cookie.split(';').next().unwrap_or_default().to_owned();
        self.csrf_token = answer.field("/csrf_token")?;
        Ok(())
    }

    /// The brand with the uploaded logo; uploaded once.
    pub(super) fn brand(&mut self, logo: &[u8]) -> Result<Value, HttpError> {
        if let Some(brand) = &self.brand {
            return Ok(brand.clone());
        }
        let uploaded = self.post("/api/v1/logos", "image/svg+xml", logo)?.expect(201)?;
        let brand = json!({
            "name": "Verde", "tagline": "A week of good food, planned in a minute", "logo": uploaded.field("/hash")?,
            "colours": { "primary": "#1d6b48", "on_primary": "#ffffff", "background": "#fbfaf4", "text": "#17241d" },
            "legal": { "company": "Verde Kitchen Ltd", "email": "hello@verde.example", "jurisdiction": "Ireland" },
        });
        Ok(self.brand.insert(brand).clone())
    }

    /// Launches the `number`th app and waits until its APK is here; gives the APK.
    pub(super) fn launch(&mut self, number: usize, brand: &Value) -> Result<Vec<u8>, Box<dyn Error>> {
        let start = Instant::now();
        let body = json!({ "kit": "meals", "slug": format!("bench-{number}"), "brand": brand }).to_string();
        let launched = self.post("/api/v1/apps", "application/json", body.as_bytes())?.expect(201)?;
        let app = launched.field("/app/id")?;
        let path = format!("/api/v1/apps/{app}/builds/{}", launched.field("/build/id")?);
        loop {
            let build = self.get(&path)?.expect(200)?;
            match build.field("/state")?.as_str() {
                "done" => break,
                "queued" | "running" if start.elapsed() < PATIENCE => thread::sleep(PAUSE),
                state => return Err(format!("the build is {state} after {:?}", start.elapsed()).into()),
            }
        }
        let release = self.get(&format!("/api/v1/apps/{app}"))?.expect(200)?.json()?["last_release"].take();
        let artefacts = release["artefacts"].as_array().map(Vec::as_slice).unwrap_or_default();
        let apk = artefacts.iter().find(|artefact| artefact["kind"] == "apk");
        let url = apk.and_then(|apk| apk["url"].as_str()).ok_or("the release has no APK")?;
        // An absolute address of the same origin and a path are both links to the same file.
        let path = url.strip_prefix(&self.origin).unwrap_or(url).to_owned();
        Ok(self.get(&path)?.expect(200)?.body)
    }

    fn get(&mut self, path: &str) -> Result<Answer, HttpError> {
        let headers = [("X-Forwarded-For", self.address.as_str()), ("Cookie", &self.cookie)];
        self.client.send(&Call { method: "GET", path, headers: &headers, body: &[] })
    }

    fn post(&mut self, path: &str, kind: &str, body: &[u8]) -> Result<Answer, HttpError> {
        let mut headers = vec![
            ("X-Forwarded-For", self.address.as_str()),
            ("Origin", &self.origin),
            ("Content-Type", kind),
        ];
        if !self.cookie.is_empty() {
            headers.extend([("Cookie", self.cookie.as_str()), ("X-CSRF-Token", &self.csrf_token)]);
        }
        self.client.send(&Call { method: "POST", path, headers: &headers, body })
    }
}

/// The `number`th address of a private network, 200 to a block.
fn address(network: u8, number: usize) -> String {
    format!("{network}.0.{}.{}", number / 200, number % 200 + 1)
}
