//! The front: TCP connections, and how long and how many of them are borne.
//!
//! A client that sends a header letter by letter, or nothing at all, is cut off after a while, and there is room for so many
//! connections and no more. It refuses to know what is asked for: how long an answer may take is the stack's.

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

/// What a front bears.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// How long the header of a request may take to arrive, counted from the end of the answer before it: so this is also how
    /// long a connection may idle.
    pub(crate) header: Duration,
    /// Connections at a time; one more waits in the system's queue until another ends.
    pub(crate) connections: usize,
    /// Under which name its connections are counted.
    pub(crate) listener: &'static str,
}

impl Bounds {
    /// 30 s is what the slowest phone needs many times over. The buffers of 4,096 connections are 256 MiB at the very worst; where the
    /// system allows fewer open files, the front waits for one to become free.
    pub(crate) const PUBLIC: Self =
        Self { header: Duration::from_secs(30), connections: 4_096, listener: "public" };
    /// Operators' tools: a handful.
    pub(crate) const OPERATORS: Self =
        Self { header: Duration::from_secs(30), connections: 64, listener: "operators" };
}

/// The header of a request fits into this, and no more of a body is held unread: 64 KiB, four times what browsers send at most.
const BUFFER_BYTES: usize = 64 * 1024;
/// How long to wait when the system has no file or memory for another connection: some will have ended by then.
const EXHAUSTED: Duration = Duration::from_secs(1);

/// Answers until told to stop; then takes no new connection, lets requests that are under way end, and returns when all have.
/// Dropping it cuts whatever is left.
pub(crate) async fn answer(listener: TcpListener, router: Router, bounds: Bounds, stop: CancellationToken) {
    let room = Arc::new(Semaphore::new(bounds.connections));
    let mut connections = JoinSet::new();
    let open = metrics::gauge!("http_connections", "listener" => bounds.listener);
    metrics::gauge!("http_connections_limit", "listener" => bounds.listener).set(bounds.connections as f64);
    while let Some(next) = stop.run_until_cancelled(accept(&listener, &room)).await {
        if let Some((stream, address, place)) = next {
            let serving = serve(stream, address, router.clone(), bounds.header, stop.clone());
            let open = open.clone();
            open.increment(1.0);
            connections.spawn(async move {
                serving.await;
                open.decrement(1.0);
                drop(place);
            });
        }
        // Those that have ended are forgotten, or the set would only grow.
        while connections.try_join_next().is_some() {}
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

/// The next connection, once there is room for it; `None` when there was none to be had.
async fn accept(
    listener: &TcpListener,
    room: &Arc<Semaphore>,
) -> Option<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let place = room.clone().acquire_owned().await.expect("the semaphore is never closed");
    match listener.accept().await {
        Ok((stream, address)) => Some((stream, address, place)),
        // The client was gone before it was greeted.
        Err(error)
            if matches!(
                error.kind(),
                ErrorKind::ConnectionAborted | ErrorKind::ConnectionRefused | ErrorKind::ConnectionReset
            ) =>
        {
            None
        }
        Err(error) => {
            tracing::error!(%error, "no connection can be accepted for a moment");
            tokio::time::sleep(EXHAUSTED).await;
            None
        }
    }
}

async fn serve(
    stream: TcpStream,
    address: SocketAddr,
    router: Router,
    header: Duration,
    stop: CancellationToken,
) {
    // An answer is written in one go, so waiting for more to send with it only delays it. A socket that cannot do so works too.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(address));
        router.clone().oneshot(request)
    });
    let serving = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(header)
        .max_buf_size(BUFFER_BYTES)
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(serving);
    // What goes wrong on a connection is its client's doing and concern: it hung up, was too slow, or does not speak HTTP.
    let _ = tokio::select! {
        ended = serving.as_mut() => ended,
        () = stop.cancelled() => {
            serving.as_mut().graceful_shutdown();
            serving.await
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::extract::State;
    use axum::routing::get;
    use std::sync::Mutex;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::sync::{Notify, mpsc};
    use tokio::task::JoinHandle;

    /// Long enough for the busiest machine; only a front that does not cut anybody off takes as long.
    const FOR_EVER: Duration = Duration::from_secs(30);

    /// A front with two routes: one that answers, and one that says it was reached and then waits to be let go on.
    struct House {
        address: SocketAddr,
        stop: CancellationToken,
        serving: JoinHandle<()>,
        reached: mpsc::UnboundedReceiver<()>,
        inside: Inside,
    }

    #[derive(Clone)]
    struct Inside {
        tell: mpsc::UnboundedSender<()>,
        go_on: Arc<Notify>,
        order: Arc<Mutex<Vec<&'static str>>>,
    }

    async fn house(header: Duration, connections: usize) -> House {
        let (tell, reached) = mpsc::unbounded_channel();
        let inside = Inside { tell, go_on: Arc::default(), order: Arc::default() };
        let quick = |State(inside): State<Inside>| async move {
            inside.order.lock().unwrap().push("quick");
            "quick"
        };
        let held = |State(inside): State<Inside>| async move {
            inside.tell.send(()).unwrap();
            inside.go_on.notified().await;
            inside.order.lock().unwrap().push("held");
            "held"
        };
        let router =
            Router::new().route("/quick", get(quick)).route("/held", get(held)).with_state(inside.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, stop) = (listener.local_addr().unwrap(), CancellationToken::new());
        let serving = tokio::spawn(answer(
            listener,
            router,
            Bounds { header, connections, listener: "public" },
            stop.clone(),
        ));
        House { address, stop, serving, reached, inside }
    }

    async fn connect(house: &House, text: &str) -> TcpStream {
        let mut stream = TcpStream::connect(house.address).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        stream
    }

    /// Everything until the front hangs up.
    async fn rest(stream: &mut TcpStream) -> String {
        let mut bytes = Vec::new();
        let read = tokio::time::timeout(FOR_EVER, stream.read_to_end(&mut bytes)).await;
        // Whether it hangs up politely is all the same.
        let _ = read.expect("the front hangs up");
        String::from_utf8(bytes).unwrap()
    }

    const BRIEF: Duration = Duration::from_millis(50);

    #[tokio::test]
    async fn whoever_never_ends_the_header_is_cut_off() {
        let house = house(BRIEF, 8).await;
        for half in ["", "G", "GET /quick HTTP/1.1\r\nHost: a\r\nX-Slow: lo"] {
            let said = rest(&mut connect(&house, half).await).await;
            assert!(!said.contains("quick"), "{said}");
        }
    }

    #[tokio::test]
    async fn a_connection_that_idles_after_its_answer_is_closed() {
        let house = house(BRIEF, 8).await;
        let said = rest(&mut connect(&house, "GET /quick HTTP/1.1\r\nHost: a\r\n\r\n").await).await;
        assert!(said.starts_with("HTTP/1.1 200 OK") && said.ends_with("quick"), "{said}");
    }

    #[tokio::test]
    async fn an_answer_may_take_longer_than_the_header() {
        let mut house = house(BRIEF, 8).await;
        let mut slow = connect(&house, "GET /held HTTP/1.1\r\nHost: a\r\n\r\n").await;
        house.reached.recv().await.unwrap();
        // By the time this one has been cut off, the other's header time is over too.
        rest(&mut connect(&house, "G").await).await;
        house.inside.go_on.notify_one();
        assert!(rest(&mut slow).await.ends_with("held"));
    }

    #[tokio::test]
    async fn one_connection_more_than_there_is_room_for_waits() {
        let mut house = house(FOR_EVER, 1).await;
        let close = "HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
        let mut first = connect(&house, &format!("GET /held {close}")).await;
        house.reached.recv().await.unwrap();
        let mut second = connect(&house, &format!("GET /quick {close}")).await;
        let later = tokio::spawn(async move { rest(&mut second).await });
        // The front has had its turn to look at the second one, many times over.
        for _ in 0..1_000 {
            tokio::task::yield_now().await;
        }
        house.inside.go_on.notify_one();
        assert!(rest(&mut first).await.ends_with("held"));
        assert!(later.await.unwrap().ends_with("quick"));
        assert_eq!(*house.inside.order.lock().unwrap(), ["held", "quick"]);
    }

    #[tokio::test]
    async fn a_request_under_way_is_answered_after_the_stop_and_idle_connections_end() {
        let mut house = house(FOR_EVER, 8).await;
        let mut idle = connect(&house, "").await;
        let mut under_way = connect(&house, "GET /held HTTP/1.1\r\nHost: a\r\n\r\n").await;
        house.reached.recv().await.unwrap();
        house.stop.cancel();
        assert_eq!(rest(&mut idle).await, "");
        house.inside.go_on.notify_one();
        assert!(rest(&mut under_way).await.ends_with("held"));
        house.serving.await.unwrap();
        assert!(TcpStream::connect(house.address).await.is_err(), "nobody listens any more");
    }
}
