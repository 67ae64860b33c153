//! The web apps' built files, embedded, served precompressed, each page with the content security policy its own inline
//! script needs and nothing more.
//!
//! It refuses to fall back to a page for a missing file: only addresses without a dot are pages of the single-page app.

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{Html, IntoResponse, Response};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use rust_embed::{EmbeddedFile, RustEmbed};
use sha2::{Digest, Sha256};
use slipway_framework::http::{Host, RequestContext};
use slipway_framework::kit::Kit;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

#[derive(RustEmbed)]
#[folder = "../web/apps/console/build"]
#[allow_missing = true]
struct ConsoleFiles;

/// The web apps of the kits, by the kit's name.
macro_rules! kit_sites {
    ($($kit:literal => $folder:literal),+ $(,)?) => {
        fn kit_site(kit: &str) -> Option<Site> {
            match kit {
                $($kit => {
                    #[derive(RustEmbed)]
                    #[folder = $folder]
                    #[allow_missing = true]
                    struct Files;
                    Some(Site::of::<Files>())
                })+
                _ => None,
            }
        }
    };
}

kit_sites! {
    "meals" => "../web/apps/meals/build",
}

/// The shell that SvelteKit's static adapter writes for every page.
const SHELL: &str = "200.html";
/// SvelteKit's route announcer styles itself with this very attribute; its hash lets it and nothing else through.
const ANNOUNCER_STYLE: &str = "position: absolute; left: 0; top: 0; clip: rect(0 0 0 0); clip-path: inset(50%); overflow: hidden; white-space: nowrap; width: 1px; height: 1px";

/// One built web app.
struct Site {
    get: fn(&str) -> Option<EmbeddedFile>,
    policy: HeaderValue,
}

impl Site {
    fn of<Files: RustEmbed>() -> Self {
        let shell = Files::get(SHELL);
        let html = shell.map(|file| String::from_utf8_lossy(&file.data).into_owned()).unwrap_or_default();
        Self { get: Files::get, policy: policy(&html) }
    }

    /// Pages answer with the status `page`, files with their own.
    fn answer(&self, page: StatusCode, method: &Method, uri: &Uri, headers: &HeaderMap) -> Response {
        if method != Method::GET && method != Method::HEAD {
            return (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "GET, HEAD")]).into_response();
        }
        let path = uri.path().trim_start_matches('/');
        match self.file(path, headers) {
            Some(response) => response,
            None if path.rsplit('/').next().is_some_and(|name| name.contains('.')) => {
                StatusCode::NOT_FOUND.into_response()
            }
            None => match self.file(SHELL, headers) {
                Some(shell) if shell.status() == StatusCode::OK => (page, shell).into_response(),
                Some(known) => known,
                None => not_built(),
            },
        }
    }

    fn file(&self, path: &str, headers: &HeaderMap) -> Option<Response> {
        let plain = (self.get)(path)?;
        let entity = entity_tag(&plain);
        let immutable = path.starts_with("_app/immutable/");
        let kind = mime_guess::from_path(path).first_or_octet_stream();
        let mut response = if headers.get(header::IF_NONE_MATCH).is_some_and(|known| *known == entity) {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            let accepted = headers
                .get(header::ACCEPT_ENCODING)
                .and_then(|value| value.to_str().ok())
                .unwrap_or_default();
            let coded = [("br", ".br"), ("gzip", ".gz")].into_iter().find_map(|(coding, ending)| {
                let wanted = accepted
                    .split(',')
                    .any(|item| item.split(';').next().unwrap_or_default().trim() == coding);
                let file = if wanted { (self.get)(&format!("{path}{ending}")) } else { None };
                file.map(|file| (coding, file))
            });
            match coded {
                Some((coding, file)) => ([(header::CONTENT_ENCODING, coding)], file.data).into_response(),
                None => plain.data.into_response(),
            }
        };
        // A hashed name never changes its content; everything else is asked for anew, so that a rebrand shows at once.
        let cache = if immutable { "public, max-age=31536000, immutable" } else { "no-cache" };
        let out = response.headers_mut();
        out.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
        out.insert(header::ETAG, entity);
        out.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
        let charset = if kind.type_() == mime_guess::mime::TEXT { "; charset=utf-8" } else { "" };
        if let Ok(kind) = HeaderValue::from_str(&format!("{kind}{charset}")) {
            out.insert(header::CONTENT_TYPE, kind);
        }
        out.insert(header::CONTENT_SECURITY_POLICY, self.policy.clone());
        Some(response)
    }
}

/// The console's pages.
pub(crate) fn console() -> Router {
    let site = Arc::new(Site::of::<ConsoleFiles>());
    Router::new().fallback(move |request: Request| {
        let site = site.clone();
        async move { site.answer(StatusCode::OK, request.method(), request.uri(), request.headers()) }
    })
}

/// Every app's pages, those of its kit.
pub(crate) fn apps(kits: &[Kit]) -> Router {
    let site = |kit: &Kit| Some((kit.name.to_owned(), kit_site(kit.name)?));
    let sites: Arc<BTreeMap<String, Site>> = Arc::new(kits.iter().filter_map(site).collect());
    Router::new().fallback(move |request: Request| {
        let sites = sites.clone();
        async move {
            let context = request.extensions().get::<RequestContext>();
            let app = context.and_then(|context| match &context.host {
                Host::App(tenant) => Some((tenant, StatusCode::OK)),
                // The page says that the app is paused; machines read it from the status.
                Host::Paused(tenant) => Some((tenant, StatusCode::SERVICE_UNAVAILABLE)),
                Host::Console => None,
            });
            match app.and_then(|(tenant, page)| Some((sites.get(&tenant.kit)?, page))) {
                Some((site, page)) => site.answer(page, request.method(), request.uri(), request.headers()),
                None => not_built(),
            }
        }
    })
}

fn entity_tag(file: &EmbeddedFile) -> HeaderValue {
    let hash = file.metadata.sha256_hash();
    let text = hash[..16].iter().fold(String::from("\""), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    });
    HeaderValue::from_str(&format!("{text}\"")).unwrap_or(HeaderValue::from_static("\"\""))
}

/// Everything from this origin; of inline scripts only those that are in the built page, by their hash.
fn policy(html: &str) -> HeaderValue {
    let hash = |text: &str| format!("'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(text)));
    let scripts = html.split("<script").skip(1).filter_map(|rest| {
        let (attributes, rest) = rest.split_once('>')?;
        let (body, _) = rest.split_once("</script>")?;
        (!attributes.contains(" src=")).then(|| hash(body))
    });
    let scripts = scripts.collect::<Vec<_>>().join(" ");
    let announcer = hash(ANNOUNCER_STYLE);
    let text = format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval' {scripts}; style-src 'self'; \
         style-src-attr 'unsafe-hashes' {announcer}; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; \
         manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    );
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("default-src 'none'"))
}

fn not_built() -> Response {
    let text = "<!doctype html><html lang=\"en\"><title>Not built</title><h1>The web app is not built</h1>\
        <p>Run <code>cargo xtask up</code>, or <code>npm ci &amp;&amp; npm run build</code> in the folder <code>web</code>, \
        then start the server again.</p></html>";
    (StatusCode::SERVICE_UNAVAILABLE, Html(text)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_lets_the_pages_own_inline_script_through_and_no_other() {
        let html = "<html><script src=\"/a.js\"></script><script>alert(1)</script></html>";
        let policy = policy(html);
        let policy = policy.to_str().unwrap();
        // printf 'alert(1)' | openssl dgst -sha256 -binary | base64
        assert!(policy.contains("'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='"), "{policy}");
        assert!(!policy.contains("'unsafe-inline'") && policy.contains("frame-ancestors 'none'"));
    }
}
