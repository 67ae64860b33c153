//! Spans on their way to a collector: OTLP over HTTP, in batches, on a thread of its own.
//!
//! It refuses to hold anything up: what the collector does not take in time is lost, and counted by nobody but the collector.

use opentelemetry::trace::{SpanContext, SpanId, SpanKind as Kind, Status, TraceFlags, TraceId, TraceState};
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_otlp::{ExporterBuildError, Protocol, SpanExporter, WithExportConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{BatchSpanProcessor, SpanData, SpanEvents, SpanLinks, SpanProcessor};
use slipway_framework::trace::{Span, SpanKind, SpanSink};
use slipway_kernel::Ts;
use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How long one batch may take to be sent.
const SENDING: Duration = Duration::from_secs(5);

/// Sends spans to one collector.
pub(crate) struct Collector(BatchSpanProcessor);

impl Collector {
    /// `url` is the collector's, without the path.
    pub(crate) fn at(url: &str) -> Result<Self, ExporterBuildError> {
        let endpoint = format!("{}/v1/traces", url.trim_end_matches('/'));
        let exporter = SpanExporter::builder()
            .with_http()
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(endpoint)
            .with_timeout(SENDING)
            .build()?;
        let mut processor = BatchSpanProcessor::builder(exporter).build();
        let version = KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
        let resource = Resource::builder_empty().with_service_name("slipway").with_attribute(version).build();
        processor.set_resource(&resource);
        Ok(Self(processor))
    }

    /// Sends what is left; it blocks.
    pub(crate) fn finish(&self) {
        if let Err(error) = self.0.shutdown_with_timeout(SENDING) {
            tracing::warn!(%error, "the last spans did not reach their collector");
        }
    }
}

impl SpanSink for Collector {
    fn take(&self, span: Span) {
        self.0.on_end(told(span));
    }
}

fn told(span: Span) -> SpanData {
    let trace = TraceId::from(span.trace);
    let context =
        SpanContext::new(trace, SpanId::from(span.span), TraceFlags::SAMPLED, false, TraceState::NONE);
    let kind = match span.kind {
        SpanKind::Server => Kind::Server,
        SpanKind::Consumer => Kind::Consumer,
        SpanKind::Client => Kind::Client,
        SpanKind::Internal => Kind::Internal,
    };
    SpanData {
        span_context: context,
        parent_span_id: SpanId::from(span.parent),
        parent_span_is_remote: span.parent_is_outside,
        span_kind: kind,
        name: span.name,
        start_time: at(span.began),
        end_time: at(span.ended),
        attributes: span.attributes.into_iter().map(|(name, value)| KeyValue::new(name, value)).collect(),
        dropped_attributes_count: 0,
        events: SpanEvents::default(),
        links: SpanLinks::default(),
        status: if span.failed { Status::error("") } else { Status::Unset },
        instrumentation_scope: InstrumentationScope::builder("slipway").build(),
    }
}

fn at(instant: Ts) -> SystemTime {
    UNIX_EPOCH + Duration::from_micros(u64::try_from(instant.as_micros()).unwrap_or(0))
}

impl fmt::Debug for Collector {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Collector")
    }
}
