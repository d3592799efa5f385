//! The OpenAPI document, generated from the handlers, and its pages: all files come with the binary.

mod bodies;
mod names;
mod parameters;
mod responses;

use axum::Router;
use axum::extract::Request;
use axum::http::header::CONTENT_SECURITY_POLICY;
use axum::http::{HeaderValue, Method, StatusCode};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::get;
use utoipa::openapi::OpenApi;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi as _};
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::AppState;
use crate::answer;
use crate::error::{FieldProblem, ProblemDocument};

const DOCUMENT_PATH: &str = "/api/openapi.json";

/// The pages' scripts and styles are files of ours; their style sheet draws its icons as `data:` images.
const PAGES_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
);

#[derive(utoipa::OpenApi)]
#[openapi(
    info(title = "Lotwise", description = "Lot-level MOIC for venture funds. Every figure is gross of fund fees and carry."),
    components(schemas(ProblemDocument<'static>, FieldProblem)),
    modifiers(&Credentials),
    security(("token" = []), ("session" = [])),
)]
struct Document;

struct Credentials;

impl Modify for Credentials {
    fn modify(&self, document: &mut OpenApi) {
        let components = document.components.get_or_insert_with(Default::default);
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        components.add_security_scheme("token", SecurityScheme::Http(bearer));
        let cookie = ApiKey::Cookie(ApiKeyValue::new("lotwise_session"));
        components.add_security_scheme("session", SecurityScheme::ApiKey(cookie));
    }
}

/// The document without its routes.
pub(crate) fn document() -> OpenApi {
    Document::openapi()
}

/// Says what all routes have in common, which none of them says by itself.
fn complete(document: &mut OpenApi) {
    parameters::complete(document);
    bodies::complete(document);
    responses::complete(document);
}

/// Every operation with its path and method.
fn operations(document: &mut OpenApi) -> impl Iterator<Item = (&str, Method, &mut Operation)> {
    document.paths.paths.iter_mut().flat_map(|(path, item)| {
        let by_method = [
            (Method::GET, &mut item.get),
            (Method::PUT, &mut item.put),
            (Method::POST, &mut item.post),
            (Method::DELETE, &mut item.delete),
        ];
        by_method.into_iter().filter_map(|(method, operation)| Some((path.as_str(), method, operation.as_mut()?)))
    })
}

/// `/api/openapi.json` and `/docs`.
pub(crate) fn routes(mut document: OpenApi) -> Router<AppState> {
    complete(&mut document);
    let text: axum::body::Bytes = document.to_json().unwrap_or_default().into();
    // Without the bar on top, whose logo brings a style element of its own.
    let config = Config::new([DOCUMENT_PATH]).use_base_layout();
    let pages: Router<AppState> = SwaggerUi::new("/docs").config(config).into();
    Router::new()
        .route(DOCUMENT_PATH, get(move || async move { answer::json(StatusCode::OK, text) }))
        .merge(pages.layer(middleware::from_fn(allow_pages)))
}

async fn allow_pages(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, PAGES_POLICY);
    response
}
