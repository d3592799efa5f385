//! Spans for an OpenTelemetry collector, over OTLP: only in binaries built with the feature `otlp`, and only where
//! `OTEL_EXPORTER_OTLP_ENDPOINT` names a collector. Its other variables are OpenTelemetry's own.

#[cfg(feature = "otlp")]
pub use with_otlp::{TraceExport, start};
#[cfg(not(feature = "otlp"))]
pub use without_otlp::{TraceExport, start};

/// Names the collector for every kind of signal, and for traces.
const ENDPOINTS: [&str; 2] = ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"];

fn is_wanted() -> bool {
    ENDPOINTS.iter().any(|variable| std::env::var_os(variable).is_some_and(|value| !value.is_empty()))
}

/// Says so where a collector is named and nothing is sent to it.
pub fn warn_if_impossible(is_exporting: bool) {
    if is_wanted() && !is_exporting {
        tracing::warn!(
            "OTEL_EXPORTER_OTLP_ENDPOINT is set, and this binary sends no traces: build it with --features otlp"
        );
    }
}

#[cfg(not(feature = "otlp"))]
mod without_otlp {
    use tracing_subscriber::layer::Identity;

    /// No export: no value of this type exists.
    pub enum TraceExport {}

    impl TraceExport {
        /// The layer that spans are taken by.
        pub fn layer(&self) -> Identity {
            match *self {}
        }
    }

    /// Nothing is exported.
    pub fn start() -> Option<TraceExport> {
        None
    }
}

#[cfg(feature = "otlp")]
mod with_otlp {
    use std::time::Duration;

    use opentelemetry::trace::TracerProvider;
    use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
    use opentelemetry_otlp::{SpanExporter, WithHttpConfig};
    use opentelemetry_sdk::Resource;
    use opentelemetry_sdk::trace::SdkTracerProvider;
    use tracing::Subscriber;
    use tracing_subscriber::filter::LevelFilter;
    use tracing_subscriber::registry::LookupSpan;
    use tracing_subscriber::{EnvFilter, Layer};

    /// How long the collector may take to answer a batch.
    const TIMEOUT: Duration = Duration::from_secs(10);
    /// Bytes of a collector's answer that are read.
    const ANSWER_BYTES_MAX: u64 = 64 * 1024;

    /// The export of spans. When it is dropped, what is left is sent.
    pub struct TraceExport(SdkTracerProvider);

    impl TraceExport {
        /// The layer that spans are taken by: those of requests and what they log, not those of the exporter itself.
        pub fn layer<S>(&self) -> impl Layer<S> + use<S>
        where
            S: Subscriber + for<'s> LookupSpan<'s> + Send + Sync,
        {
            let ours = EnvFilter::default()
                .add_directive(LevelFilter::OFF.into())
                .add_directive("server=info".parse().unwrap_or_else(|_| LevelFilter::INFO.into()));
            tracing_opentelemetry::layer().with_tracer(self.0.tracer("lotwise")).with_filter(ours)
        }
    }

    impl Drop for TraceExport {
        fn drop(&mut self) {
            if let Err(error) = self.0.shutdown() {
                tracing::warn!(%error, "the last traces did not reach the collector");
            }
        }
    }

    /// Sends spans in batches, from a thread of its own: a collector that is away costs spans, and no request.
    pub fn start() -> Option<TraceExport> {
        if !super::is_wanted() {
            return None;
        }
        let exporter = SpanExporter::builder().with_http().with_http_client(UreqClient(server::agent(TIMEOUT))).build();
        match exporter {
            Ok(exporter) => {
                let named = std::env::var_os("OTEL_SERVICE_NAME").is_some();
                let resource = Resource::builder();
                let resource = if named { resource } else { resource.with_service_name("lotwise") };
                let provider =
                    SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource.build());
                Some(TraceExport(provider.build()))
            }
            Err(error) => {
                eprintln!("warning: no traces are sent: {error}");
                None
            }
        }
    }

    /// The HTTP client that the rest of this binary uses, too.
    #[derive(Debug)]
    struct UreqClient(ureq::Agent);

    #[async_trait::async_trait]
    impl HttpClient for UreqClient {
        /// Blocks: the exporter has a thread of its own.
        async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
            let (parts, body) = request.into_parts();
            let mut answer = self.0.run(Request::from_parts(parts, body.to_vec()))?;
            let text = answer.body_mut().with_config().limit(ANSWER_BYTES_MAX).read_to_vec()?;
            let mut response = Response::new(Bytes::from(text));
            *response.status_mut() = answer.status();
            Ok(response)
        }
    }
}
