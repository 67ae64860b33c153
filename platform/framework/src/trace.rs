//! Traces: where the time of a request or a job went, told to whoever collects spans. Off unless a sink is given.
//!
//! A trace has the id of the request that it tells of, 128 bits both, so the jobs that a request left behind are in its trace, and
//! whoever has a request id has the trace. It refuses to cost anything while it is off or a trace is not sampled: then there is no
//! context to begin a span from. It refuses personal data: spans carry patterns, kinds and counts.

use axum::http::HeaderMap;
use slipway_kernel::{Clock, Entropy, Ts};
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// Takes spans as they end. It must neither wait nor fail: whatever it cannot keep is lost.
pub trait SpanSink: Send + Sync + 'static {
    fn take(&self, span: Span);
}

/// What a span is to its surroundings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpanKind {
    /// A request that came from outside.
    Server,
    /// A job that was written by somebody.
    Consumer,
    /// A call that leaves this process.
    Client,
    Internal,
}

/// A span that has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    pub trace: u128,
    pub span: u64,
    /// 0 when it has none.
    pub parent: u64,
    pub parent_is_outside: bool,
    pub kind: SpanKind,
    pub name: Cow<'static, str>,
    pub began: Ts,
    pub ended: Ts,
    pub attributes: Vec<(&'static str, String)>,
    pub failed: bool,
}

/// Decides which traces are told, and to whom.
#[derive(Clone, Default)]
pub struct Tracer(Option<Arc<Telling>>);

struct Telling {
    sink: Arc<dyn SpanSink>,
    /// Of 2^56 traces so many are told.
    share: u64,
    from_outside: bool,
}

/// The last 56 bits of an id are random (W3C Trace Context Level 2 §3.2.2.3), also those of ours.
const RANDOM_BITS: u32 = 56;

impl Tracer {
    /// Tells this share of all traces, from 0 to 1. With `from_outside` a caller's `traceparent` is believed: its trace is gone on
    /// with, and told if the caller tells it.
    #[must_use]
    pub fn new(sink: Arc<dyn SpanSink>, share: f64, from_outside: bool) -> Self {
        let all = 2_f64.powi(RANDOM_BITS.cast_signed());
        let share = (share.clamp(0.0, 1.0) * all) as u64;
        Self(Some(Arc::new(Telling { sink, share, from_outside })))
    }

    /// The trace a caller is in, if callers are believed.
    pub(crate) fn outside(&self, headers: &HeaderMap) -> Option<Outside> {
        let is_believed = self.0.as_ref().is_some_and(|telling| telling.from_outside);
        is_believed.then(|| Outside::read(headers.get("traceparent")?.to_str().ok()?)).flatten()
    }

    /// Begins a trace, or goes on with one; `None` when it is not told.
    pub(crate) fn begin(
        &self,
        trace: u128,
        outside: Option<Outside>,
        (clock, entropy): (&dyn Clock, &dyn Entropy),
    ) -> Option<Active> {
        let telling = self.0.as_ref()?;
        let random = (trace & ((1 << RANDOM_BITS) - 1)) as u64;
        if !outside.map_or(random < telling.share, |outside| outside.is_told) {
            return None;
        }
        let span = u64::from_le_bytes(entropy.bytes()).max(1);
        Some(Active {
            telling: telling.clone(),
            trace,
            span,
            outside: outside.map_or(0, |outside| outside.parent),
            numbers: Arc::new(AtomicU64::new(1)),
            epoch: (clock.now(), Instant::now()),
        })
    }
}

/// Whose trace a request goes on with (W3C Trace Context §3.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Outside {
    pub(crate) trace: u128,
    parent: u64,
    is_told: bool,
}

impl Outside {
    fn read(header: &str) -> Option<Self> {
        let mut parts = header.split('-');
        let (version, trace, parent, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let number = |text: &str, digits: usize| {
            let is_plain =
                text.len() == digits && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
            is_plain.then(|| u128::from_str_radix(text, 16).ok()).flatten()
        };
        // A later version may have more parts; 255 is none.
        let version = number(version, 2).filter(|version| *version != 255)?;
        if version == 0 && parts.next().is_some() {
            return None;
        }
        let trace = number(trace, 32).filter(|trace| *trace != 0)?;
        let parent = number(parent, 16).filter(|parent| *parent != 0)?;
        let flags = number(flags, 2)?;
        Some(Self { trace, parent: u64::try_from(parent).ok()?, is_told: flags & 1 == 1 })
    }
}

/// A trace that is told, at the place where it is now.
#[derive(Clone)]
pub(crate) struct Active {
    telling: Arc<Telling>,
    trace: u128,
    /// The span that what comes next belongs to.
    span: u64,
    outside: u64,
    numbers: Arc<AtomicU64>,
    /// One moment on both clocks.
    epoch: (Ts, Instant),
}

tokio::task_local! {
    static CURRENT: Active;
}

/// The trace of the task that asks.
pub(crate) fn current() -> Option<Active> {
    CURRENT.try_with(Clone::clone).ok()
}

/// Does work inside a trace.
pub(crate) async fn within<F: Future>(active: Option<Active>, work: F) -> F::Output {
    match active {
        Some(active) => CURRENT.scope(active, work).await,
        None => work.await,
    }
}

impl Active {
    /// Where the work of a span that has not ended yet belongs.
    pub(crate) fn inner(&self) -> Self {
        Self { span: self.number(), outside: 0, ..self.clone() }
    }

    /// Tells a span below this one.
    pub(crate) fn tell(&self, name: &'static str, kind: SpanKind, time: (Instant, Instant), failed: bool) {
        self.send(self.number(), self.span, (name.into(), kind), time, (Vec::new(), failed));
    }

    /// Tells the span that [`Active::inner`] began, below `self`.
    pub(crate) fn tell_inner(
        &self,
        inner: &Self,
        name: &'static str,
        time: (Instant, Instant),
        failed: bool,
    ) {
        self.send(inner.span, self.span, (name.into(), SpanKind::Internal), time, (Vec::new(), failed));
    }

    /// Tells the span that [`Tracer::begin`] began; it ends now.
    pub(crate) fn end(
        &self,
        name: String,
        kind: SpanKind,
        (attributes, failed): (Vec<(&'static str, String)>, bool),
    ) {
        let time = (self.epoch.1, Instant::now());
        self.send(self.span, self.outside, (name.into(), kind), time, (attributes, failed));
    }

    fn send(
        &self,
        span: u64,
        parent: u64,
        (name, kind): (Cow<'static, str>, SpanKind),
        (began, ended): (Instant, Instant),
        (attributes, failed): (Vec<(&'static str, String)>, bool),
    ) {
        let (now, steady) = self.epoch;
        let at = |instant: Instant| now + instant.saturating_duration_since(steady);
        let parent_is_outside = parent != 0 && parent == self.outside;
        let (trace, began, ended) = (self.trace, at(began), at(ended));
        let span =
            Span { trace, span, parent, parent_is_outside, kind, name, began, ended, attributes, failed };
        self.telling.sink.take(span);
    }

    /// Distinct within the trace, and across processes because each began with a random one (SplitMix64's mixing).
    fn number(&self) -> u64 {
        let count = self.numbers.fetch_add(1, Ordering::Relaxed);
        let mut mixed =
            (self.trace as u64) ^ self.span.rotate_left(17) ^ count.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)).max(1)
    }
}

impl fmt::Debug for Tracer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Tracer({})", if self.0.is_some() { "on" } else { "off" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// W3C Trace Context §3.2.2 and its examples.
    #[test]
    fn a_traceparent_is_read_as_the_recommendation_says() {
        let trace = 0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736;
        let parent = 0x00f0_67aa_0ba9_02b7;
        for (header, expected) in [
            ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", Some(true)),
            ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00", Some(false)),
            ("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what-comes", Some(true)),
            ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more", None),
            ("ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", None),
            ("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01", None),
            ("00-00000000000000000000000000000000-00f067aa0ba902b7-01", None),
            ("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01", None),
            ("00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01", None),
            ("00-4bf92f3577b34da6a3ce929d0e0e4736", None),
            ("", None),
        ] {
            let expected = expected.map(|is_told| Outside { trace, parent, is_told });
            assert_eq!(Outside::read(header), expected, "{header}");
        }
    }
}
