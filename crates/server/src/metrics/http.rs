//! Requests by route, and how many are served at once.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::time::Duration;

use axum::extract::MatchedPath;
use axum::http::{Method, StatusCode};
use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue, LabelValueEncoder};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use super::buckets::{self, MakeHistogram};

/// A route by its template, so that there are as many as the server has and not as many as anybody asks for.
#[derive(Debug, Clone)]
pub(crate) struct Route(Option<MatchedPath>);

impl Route {
    /// The route that a request was matched to; none for the page and what is not there.
    pub(crate) const fn of(matched: Option<MatchedPath>) -> Self {
        Self(matched)
    }

    fn as_str(&self) -> &str {
        self.0.as_ref().map_or("unmatched", MatchedPath::as_str)
    }
}

impl PartialEq for Route {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Route {}

impl Hash for Route {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.as_str().hash(hasher);
    }
}

impl EncodeLabelValue for Route {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> Result<(), fmt::Error> {
        self.as_str().encode(encoder)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    method: &'static str,
    route: Route,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RouteLabels {
    method: &'static str,
    route: Route,
}

/// Metrics of requests.
pub(crate) struct HttpMetrics {
    requests: Family<RequestLabels, Counter>,
    duration: Family<RouteLabels, Histogram, MakeHistogram>,
    in_flight: Gauge,
    shed: Counter,
}

impl HttpMetrics {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let metrics = Self {
            requests: Family::default(),
            duration: Family::new_with_constructor(buckets::request),
            in_flight: Gauge::default(),
            shed: Counter::default(),
        };
        registry.register("http_requests", "Requests by route and status", metrics.requests.clone());
        registry.register(
            "http_request_duration_seconds",
            "Time until the head of an answer is ready, by route",
            metrics.duration.clone(),
        );
        registry.register("http_requests_in_flight", "Requests that are being served", metrics.in_flight.clone());
        registry.register(
            "http_requests_shed",
            "Requests refused with 503 overloaded because too many were being served",
            metrics.shed.clone(),
        );
        metrics
    }

    /// A request begins; it ends when what is returned is dropped.
    pub(crate) fn begin(&self) -> InFlight<'_> {
        let before = self.in_flight.inc();
        InFlight { gauge: &self.in_flight, count: usize::try_from(before).unwrap_or(0).saturating_add(1) }
    }

    /// A request was refused because too many were being served.
    pub(crate) fn shed(&self) {
        self.shed.inc();
    }

    /// A request was answered.
    pub(crate) fn answered(&self, method: &Method, route: Route, status: StatusCode, elapsed: Duration) {
        // A method that the route does not have is no series: anybody can send any of them to any route.
        let is_refused = status == StatusCode::METHOD_NOT_ALLOWED;
        let method = if is_refused { OTHER_METHOD } else { known(method) };
        if !is_refused {
            self.duration.get_or_create(&RouteLabels { method, route: route.clone() }).observe(elapsed.as_secs_f64());
        }
        self.requests.get_or_create(&RequestLabels { method, route, status: status.as_u16() }).inc();
    }
}

/// A request that is being served.
pub(crate) struct InFlight<'m> {
    gauge: &'m Gauge,
    count: usize,
}

impl InFlight<'_> {
    /// How many there were when it began, with it.
    pub(crate) const fn count(&self) -> usize {
        self.count
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.gauge.dec();
    }
}

/// Whatever is sent that no route has.
const OTHER_METHOD: &str = "other";

/// Anybody can invent a method.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => OTHER_METHOD,
    }
}
