//! What every request passes, outermost first: id, panic catch and deadline, host, origin check, session, rate limit, route;
//! and on the way back the problem's body, the headers and the log line.

use super::class::{Classes, is_stream};
use super::{Host, Hosts, Policy, Problem, RequestContext, RouteClass, page};
use crate::module::Wrap;
use crate::platform::{Platform, Scheme};
use crate::trace::{self, SpanKind};
use axum::body::Body;
use axum::extract::{ConnectInfo, MatchedPath, OriginalUri, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::{Router, handler::Handler};
use futures_util::FutureExt;
use metrics::{Counter, Histogram, counter, histogram};
use slipway_kernel::{Code, Id, RequestId};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tower::ServiceExt;

/// How long a route may take to begin its answer; a stream may then go on.
const DEADLINE: Duration = Duration::from_secs(30);
/// A request slower than this is worth a warning (P-OBS-09).
const SLOW: Duration = Duration::from_secs(5);

const UNKNOWN_HOST: Code = Code::new("request.unknown_host");
const FOREIGN_ORIGIN: Code = Code::new("request.foreign_origin");
const NO_ROUTE: Code = Code::new("request.no_such_route");
const NO_METHOD: Code = Code::new("request.method_not_allowed");
const TOO_SLOW: Code = Code::new("platform.too_slow");

/// What answers when no API route does: the web pages, or nothing.
#[derive(Clone)]
pub struct Fallbacks {
    pub console: Router,
    pub app: Router,
}

impl Default for Fallbacks {
    fn default() -> Self {
        let nothing = Router::new().fallback(no_route);
        Self { console: nothing.clone(), app: nothing }
    }
}

impl std::fmt::Debug for Fallbacks {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Fallbacks")
    }
}

/// Addresses whose `X-Forwarded-For` is believed (P-OPS-27).
#[derive(Debug, Clone, Default)]
pub struct TrustedProxies(pub Vec<IpAddr>);

/// How a valid session is counted; set by whoever recognises sessions.
#[derive(Debug, Clone)]
pub struct RateKey(pub String);

#[derive(Clone)]
struct Stack {
    platform: Platform,
    hosts: Arc<dyn Hosts>,
    trusted: TrustedProxies,
    meters: Arc<Meters>,
    inner: Router,
}

#[derive(Clone)]
struct Dispatch {
    console: Router,
    app: Router,
}

/// Puts the stack around the routes of both kinds of origin.
pub(crate) fn serve_stack(
    platform: &Platform,
    hosts: Arc<dyn Hosts>,
    trusted: TrustedProxies,
    (console, app): (Router<Platform>, Router<Platform>),
    fallbacks: Fallbacks,
    classes: Classes,
    wraps: &[Wrap],
) -> Router {
    let finished = |routes: Router<Platform>, pages: Router| {
        let api_only = Router::new().nest("/api", Router::new().fallback(no_route));
        let routes = routes.method_not_allowed_fallback(no_method).with_state(platform.clone());
        routes.layer(from_fn(remember_route)).merge(api_only).fallback_service(pages)
    };
    let dispatch =
        Dispatch { console: finished(console, fallbacks.console), app: finished(app, fallbacks.app) };
    let routes = Router::new().fallback_service(dispatched.with_state(dispatch));
    let limited = routes.layer(from_fn_with_state(platform.clone(), limit));
    let inner = wraps.iter().fold(limited, |inner, wrap| wrap(platform, inner));
    let meters = Arc::new(Meters::new(classes));
    let stack = Stack { platform: platform.clone(), hosts, trusted, meters, inner };
    Router::new().fallback_service(entrance.with_state(stack))
}

async fn no_route(method: Method, OriginalUri(uri): OriginalUri) -> Problem {
    let detail = format!("There is no {method} {}.", uri.path());
    Problem::new(StatusCode::NOT_FOUND, NO_ROUTE, detail)
}

async fn no_method(method: Method, OriginalUri(uri): OriginalUri) -> Problem {
    let detail = format!("{} does not take {method}; the Allow header says what it takes.", uri.path());
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, NO_METHOD, detail)
}

async fn dispatched(State(dispatch): State<Dispatch>, request: Request) -> Response {
    let app =
        request.extensions().get::<RequestContext>().is_some_and(|context| context.host != Host::Console);
    let router = if app { dispatch.app } else { dispatch.console };
    router.oneshot(request).await.unwrap_or_else(|never| match never {})
}

/// Keeps the route's pattern for the log: a pattern is no personal data and has few values, a path is neither.
async fn remember_route(request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().cloned();
    let mut response = next.run(request).await;
    if let Some(route) = route {
        response.extensions_mut().insert(route);
    }
    response
}

async fn limit(State(platform): State<Platform>, request: Request, next: Next) -> Response {
    let Some(context) = request.extensions().get::<RequestContext>() else {
        return Problem::internal("the limiter was reached past the entrance").into_response();
    };
    let network = network(context.address);
    let checked = if !request.uri().path().starts_with("/api/") {
        Ok(()) // Counted at the entrance.
    } else if let Some(RateKey(key)) = request.extensions().get::<RateKey>() {
        platform.limits().check(Policy::Session, key)
    } else if request.headers().contains_key("sec-fetch-site") {
        platform.limits().check(Policy::Browser, &network)
    } else {
        platform.limits().check(Policy::Program, &network)
    };
    match checked {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

async fn entrance(State(stack): State<Stack>, request: Request) -> Response {
    let started = Instant::now();
    let platform = &stack.platform;
    let id: RequestId = Id::mint(platform.clock(), platform.entropy());
    let method = request.method().clone();
    let class = RouteClass::of(&method, request.uri().path());
    let as_page = page::is_wanted(&method, request.uri().path(), request.headers());
    let outside = platform.tracer().outside(request.headers());
    // A caller is believed or has no say; otherwise the trace is the request's own.
    let ids = Ids { request: id, trace: outside.map_or(id.bits(), |outside| outside.trace) };
    let active = platform.tracer().begin(ids.trace, outside, (platform.clock(), platform.entropy()));
    let work = AssertUnwindSafe(trace::within(active.clone(), admit(&stack, id, request))).catch_unwind();
    let response = match tokio::time::timeout(DEADLINE, work).await {
        Ok(Ok(response)) => response,
        Ok(Err(_)) => Problem::internal("a handler panicked").into_response(),
        Err(_) => {
            let detail = "The answer took too long. Try again.";
            let problem = Problem::new(StatusCode::GATEWAY_TIMEOUT, TOO_SLOW, detail);
            problem.into_response()
        }
    };
    let response = finish(platform, ids, as_page, response);
    let elapsed = started.elapsed();
    stack.meters.count(class, &method, &response, elapsed);
    log(&method, ids, &response, elapsed);
    if let Some(active) = active {
        let route = response.extensions().get::<MatchedPath>().map_or("-", MatchedPath::as_str);
        let (name, status) = (format!("{} {route}", known(&method)), response.status());
        let attributes = vec![
            ("http.request.method", known(&method).to_owned()),
            ("http.route", route.to_owned()),
            ("http.response.status_code", status.as_u16().to_string()),
            ("slipway.request", id.to_string()),
        ];
        active.end(name, SpanKind::Server, (attributes, status.is_server_error()));
    }
    response
}

/// What a request is found by.
#[derive(Clone, Copy)]
struct Ids {
    request: RequestId,
    trace: u128,
}

/// Any token is a method to HTTP; the names of spans are a closed list.
fn known(method: &Method) -> &'static str {
    let known = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    known.into_iter().find(|known| *known == method.as_str()).unwrap_or("other")
}

/// Works out whose request this is and lets it in.
async fn admit(stack: &Stack, id: RequestId, mut request: Request) -> Response {
    let refused = Problem::into_response;
    let address = client(&stack.trusted, &request);
    // Before anything is looked up, so that nobody makes the database work without being counted.
    if let Err(problem) = stack.platform.limits().check(Policy::Page, &network(address)) {
        return refused(problem);
    }
    let Some(host) = host_of(&request) else { return refused(unknown_host()) };
    let addresses = stack.platform.addresses();
    let owner = if host == addresses.base_domain {
        Host::Console
    } else {
        match stack.hosts.find(&stack.platform, &host).await {
            Ok(Some(tenant)) if tenant.suspended => Host::Paused(tenant),
            Ok(Some(tenant)) => Host::App(tenant),
            Ok(None) => return refused(unknown_host()),
            Err(error) => return refused(Problem::of_shared(&error)),
        }
    };
    let context = RequestContext { request: id, host: owner, origin: addresses.origin(&host), address };
    if let Err(problem) = check_origin(&context, request.method(), request.headers()) {
        return refused(problem);
    }
    request.extensions_mut().insert(context);
    stack.inner.clone().oneshot(request).await.unwrap_or_else(|never| match never {})
}

fn unknown_host() -> Problem {
    let detail = "No app answers at this address. Check the address, or ask whoever gave it to you.";
    Problem::new(StatusCode::NOT_FOUND, UNKNOWN_HOST, detail)
}

/// Sibling apps are same-site to a browser, so `SameSite` does not part them: a changing request from a browser must come
/// from this very origin (DESIGN "Hosts and browsers").
fn check_origin(context: &RequestContext, method: &Method, headers: &HeaderMap) -> Result<(), Problem> {
    if method.is_safe() {
        return Ok(());
    }
    let foreign = match headers.get(header::ORIGIN) {
        Some(origin) => origin.as_bytes() != context.origin.as_bytes(),
        // A browser always sends Origin with a changing request; a program may leave it out if it brings no cookie.
        None => headers.contains_key(header::COOKIE),
    };
    if foreign {
        let detail = "This request must come from a page of the same address.";
        return Err(Problem::new(StatusCode::FORBIDDEN, FOREIGN_ORIGIN, detail));
    }
    Ok(())
}

/// The host asked for, lower-case and without its port.
fn host_of(request: &Request) -> Option<String> {
    let authority = request.uri().authority().map(|authority| authority.as_str().to_owned());
    let header = || request.headers().get(header::HOST)?.to_str().ok().map(str::to_owned);
    let authority = authority.or_else(header)?;
    let host = authority.rsplit_once(':').map_or(authority.as_str(), |(host, _)| host);
    let plausible = !host.is_empty() && host.len() <= 253;
    plausible.then(|| host.trim_end_matches('.').to_ascii_lowercase())
}

/// The client's address: the nearest one that is not a proxy of ours.
fn client(trusted: &TrustedProxies, request: &Request) -> IpAddr {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let peer =
        peer.map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |ConnectInfo(address)| address.ip().to_canonical());
    if !trusted.0.contains(&peer) {
        return peer;
    }
    let forwarded =
        request.headers().get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
    let hops: Vec<&str> = forwarded.flat_map(|value| value.split(',')).map(str::trim).collect();
    // From the nearest hop outwards. One that cannot be read ends the search: whatever lies beyond it may be the client's own
    // invention.
    let mut nearest = peer;
    for hop in hops.into_iter().rev() {
        let Some(address) = hop_address(hop) else { break };
        nearest = address;
        if !trusted.0.contains(&nearest) {
            break;
        }
    }
    nearest
}

/// An address as proxies write it, with or without a port.
fn hop_address(hop: &str) -> Option<IpAddr> {
    let bare = hop.trim_start_matches('[').trim_end_matches(']');
    let address = bare.parse().ok().or_else(|| hop.parse::<SocketAddr>().ok().map(|address| address.ip()));
    address.map(|address: IpAddr| address.to_canonical())
}

fn finish(platform: &Platform, ids: Ids, as_page: bool, response: Response) -> Response {
    let Ids { request: id, trace } = ids;
    let mut response = match response.extensions().get::<Problem>() {
        Some(problem) => {
            if let Some(reason) = problem.reason() {
                tracing::error!(request = %id, trace = format!("{trace:032x}"), code = %problem.code(), reason, "a request failed");
            }
            let mut rendered = problem.render(id, trace, as_page);
            // A problem may carry headers of its own, such as Allow.
            for (name, value) in response.headers() {
                if name != header::CONTENT_LENGTH && name != header::CONTENT_TYPE {
                    rendered.headers_mut().append(name, value.clone());
                }
            }
            if let Some(route) = response.extensions().get::<MatchedPath>() {
                rendered.extensions_mut().insert(route.clone());
            }
            rendered
        }
        None => response,
    };
    let headers = response.headers_mut();
    let fixed = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "strict-origin-when-cross-origin"),
        // The old filter this header switched on could itself be used for attacks.
        (header::X_XSS_PROTECTION, "0"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (
            HeaderName::from_static("permissions-policy"),
            "camera=(), geolocation=(), microphone=(), payment=()",
        ),
    ];
    for (name, value) in fixed {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if platform.addresses().scheme == Scheme::Https {
        let value = HeaderValue::from_static("max-age=31536000; includeSubDomains");
        headers.entry(header::STRICT_TRANSPORT_SECURITY).or_insert(value);
    }
    let locked = HeaderValue::from_static(
        "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    );
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(locked);
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if let Ok(value) = HeaderValue::from_str(&id.to_string()) {
        headers.insert("x-request-id", value);
    }
    response
}

/// What is counted as one client: an IPv4 address, or the /64 that an IPv6 subscriber gets as a whole.
pub(crate) fn network(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

/// One line for each request, without path, address or agent: those are personal data.
fn log(method: &Method, Ids { request: id, trace }: Ids, response: &Response<Body>, elapsed: Duration) {
    let trace = format!("{trace:032x}");
    let status = response.status().as_u16();
    let route = response.extensions().get::<MatchedPath>().map_or("-", MatchedPath::as_str);
    let elapsed_ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
    if elapsed > SLOW {
        tracing::warn!(request = %id, trace, %method, route, status, elapsed_ms, "a slow request");
    } else {
        tracing::info!(request = %id, trace, %method, route, status, elapsed_ms, "answered");
    }
}

/// Rate, errors and duration of each class. The handles are fetched once, so every class is there from the beginning.
struct Meters {
    classes: Classes,
    counters: Vec<[Counter; 5]>,
    durations: Vec<Histogram>,
}

impl Meters {
    fn new(classes: Classes) -> Self {
        let counters = RouteClass::ALL.map(|class| {
            ["1xx", "2xx", "3xx", "4xx", "5xx"]
                .map(|status| counter!("http_requests_total", "class" => class.as_str(), "status" => status))
        });
        let durations = RouteClass::ALL
            .map(|class| histogram!("http_request_duration_seconds", "class" => class.as_str()));
        counters.iter().flatten().for_each(|counter| counter.increment(0));
        Self { classes, counters: counters.into(), durations: durations.into() }
    }

    fn count(&self, class: RouteClass, method: &Method, response: &Response<Body>, elapsed: Duration) {
        let route = response.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
        let class = match self.classes.told(method.as_str(), route) {
            Some(told) => told,
            None if is_stream(response.headers()) => RouteClass::Sse,
            None => class,
        };
        let status = usize::from(response.status().as_u16() / 100).clamp(1, 5);
        self.counters[class as usize][status - 1].increment(1);
        self.durations[class as usize].record(elapsed.as_secs_f64());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(peer: &str, trusted: &[&str], forwarded: &[&str]) -> String {
        let trusted = TrustedProxies(trusted.iter().map(|address| address.parse().unwrap()).collect());
        let mut request = Request::new(Body::empty());
        request.extensions_mut().insert(ConnectInfo(SocketAddr::new(peer.parse().unwrap(), 50_000)));
        for value in forwarded {
            request.headers_mut().append("x-forwarded-for", value.parse().unwrap());
        }
        client(&trusted, &request).to_string()
    }

    /// P-OPS-27, X-65.
    #[test]
    fn a_client_is_the_nearest_address_that_is_no_proxy_of_ours() {
        let proxies = ["10.0.0.1", "10.0.0.2"];
        for (peer, trusted, forwarded, expected) in [
            // Nobody is believed who is not named.
            ("203.0.113.9", &[][..], &["198.51.100.7"][..], "203.0.113.9"),
            ("203.0.113.9", &proxies[..], &["198.51.100.7"][..], "203.0.113.9"),
            ("10.0.0.1", &proxies[..], &[][..], "10.0.0.1"),
            ("10.0.0.1", &proxies[..], &["198.51.100.7"][..], "198.51.100.7"),
            // What the client wrote itself stands before what our proxies added.
            ("10.0.0.1", &proxies[..], &["6.6.6.6, 198.51.100.7"][..], "198.51.100.7"),
            ("10.0.0.1", &proxies[..], &["6.6.6.6", "198.51.100.7, 10.0.0.2"][..], "198.51.100.7"),
            ("10.0.0.1", &proxies[..], &["6.6.6.6, nonsense, 10.0.0.2"][..], "10.0.0.2"),
            ("10.0.0.1", &proxies[..], &["198.51.100.7:4711"][..], "198.51.100.7"),
            ("10.0.0.1", &proxies[..], &["[2001:db8::7]:4711"][..], "2001:db8::7"),
            ("10.0.0.1", &proxies[..], &["2001:db8::7"][..], "2001:db8::7"),
            ("::ffff:10.0.0.1", &proxies[..], &["::ffff:198.51.100.7"][..], "198.51.100.7"),
        ] {
            assert_eq!(seen(peer, trusted, forwarded), expected, "{peer} {trusted:?} {forwarded:?}");
        }
    }

    #[test]
    fn an_ipv6_subscriber_counts_as_one() {
        let network = |text: &str| network(text.parse().unwrap());
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), network("2001:db8:1:2::1"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_eq!(network("198.51.100.7"), "198.51.100.7");
    }
}
