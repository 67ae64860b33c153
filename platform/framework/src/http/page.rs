//! A problem as a page, for whoever typed or followed an address and cannot read JSON.
//!
//! It stands alone, for when nothing else can be reached: no script, no picture, and one style that its policy names by hash.

use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha256};
use slipway_kernel::RequestId;
use std::sync::LazyLock;

const STYLE: &str = ":root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}\
    body{display:grid;place-content:center;min-height:100dvh;margin:0;padding:0 1.5rem;box-sizing:border-box;text-align:center}\
    main{max-width:32rem}h1{margin:0 0 .5rem;font-size:1.75rem;line-height:1.2}p{margin:0}\
    small{display:block;margin-top:2rem;opacity:.8;overflow-wrap:anywhere}";

static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    let style = BASE64_STANDARD.encode(Sha256::digest(STYLE));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{style}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    );
    HeaderValue::from_str(&policy).expect("a hash in base64 is ASCII")
});

/// Whether a person looks at the answer: a browser that opens an address asks for HTML, a program does not.
pub(super) fn is_wanted(method: &Method, path: &str, headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    method.is_safe() && !path.starts_with("/api/") && accepted.contains("text/html")
}

/// `detail` is a sentence for people; it is written as text, whatever stands in it.
pub(super) fn render(status: StatusCode, detail: &str, request: RequestId) -> Response {
    let title = match status {
        StatusCode::NOT_FOUND => "There is nothing here",
        StatusCode::TOO_MANY_REQUESTS => "Too many requests",
        StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT => "Not available right now",
        _ => "That did not work",
    };
    let detail = escape(detail);
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><meta name=\"robots\" content=\"noindex\">\
         <title>{title}</title><style>{STYLE}</style></head>\
         <body><main><h1>{title}</h1><p>{detail}</p><small>Request {request}</small></main></body></html>"
    );
    (status, [(header::CONTENT_SECURITY_POLICY, POLICY.clone())], Html(html)).into_response()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_that_open_an_address_want_a_page() {
        let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
        for (method, path, accept, wanted) in [
            (Method::GET, "/", browser, true),
            (Method::HEAD, "/plans", browser, true),
            (Method::GET, "/api/v1/app", browser, false),
            (Method::POST, "/", browser, false),
            (Method::GET, "/theme.css", "text/css,*/*;q=0.1", false),
            (Method::GET, "/", "*/*", false),
            (Method::GET, "/", "", false),
        ] {
            let headers = HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static(accept))]);
            assert_eq!(is_wanted(&method, path, &headers), wanted, "{method} {path} {accept}");
        }
    }
}
