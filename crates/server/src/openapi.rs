//! The OpenAPI document, generated from the handlers, and its pages: all files come with the binary.

use axum::Router;
use axum::extract::Request;
use axum::http::header::CONTENT_SECURITY_POLICY;
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::get;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{ContentBuilder, OpenApi, Ref, RefOr, Response as DocumentedResponse, ResponseBuilder};
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

/// `/api/openapi.json` and `/docs`.
pub(crate) fn routes(mut document: OpenApi) -> Router<AppState> {
    describe_errors(&mut document);
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

/// Every operation can answer a problem document.
pub(crate) fn describe_errors(document: &mut OpenApi) {
    for item in document.paths.paths.values_mut() {
        let operations = [&mut item.get, &mut item.put, &mut item.post, &mut item.delete];
        for operation in operations.into_iter().flatten() {
            operation.responses.responses.insert("default".to_owned(), RefOr::T(problem()));
        }
    }
}

fn problem() -> DocumentedResponse {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    ResponseBuilder::new().description("What went wrong").content("application/problem+json", content).build()
}
