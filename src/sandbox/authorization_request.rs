//! An authorization request, and the checks before LinkedIn shows it to a member.

use super::answers::{self, Answer};
use super::apps::{App, accepts_native_redirect};
use super::call::Fields;
use super::html;
use super::response::{HandlerResult, Response};
use super::scenario::Behavior;
use super::state::SandboxState;
use crate::linkedin::endpoints::{AUTHORIZATION, NATIVE_AUTHORIZATION};
use crate::linkedin::scopes;

/// An authorization request that passed the checks.
pub(super) struct AuthorizationRequest {
    /// Path and query as they were sent, for a hidden field of the forms.
    pub(super) path_and_query: String,
    pub(super) app: App,
    pub(super) redirect_uri: String,
    /// As it was sent, still encoded: it is returned byte for byte.
    pub(super) state: Option<String>,
    /// Sorted.
    pub(super) scopes: Vec<String>,
    /// The S256 challenge of native PKCE.
    pub(super) challenge: Option<String>,
}

/// Checks a request in LinkedIn's order: app and redirect URL, whose errors are shown on a page, then the
/// other parameters, whose errors are redirected to the app.
pub(super) fn check(
    state: &SandboxState,
    behavior: &Behavior,
    path: &str,
    query: &str,
) -> HandlerResult<AuthorizationRequest> {
    let fields = Fields::parse(query.as_bytes());
    let is_native = path == NATIVE_AUTHORIZATION;
    let error_page_status = if behavior.bummer_200 { 200 } else { 401 };
    let error_page = |answer: Answer, values: &[(&str, &str)]| match answer.page_text(values) {
        Ok(text) => Response::html(error_page_status, html::bummer_page(&text)).into(),
        Err(failure) => failure,
    };
    let client_id = fields.get("client_id").unwrap_or_default();
    let app = state.app(client_id).ok_or_else(|| error_page(answers::CLIENT_PAGE, &[("client_id", client_id)]))?;
    if is_native && !app.has_native_pkce {
        return Err(error_page(answers::NATIVE_PAGE, &[]));
    }
    let redirect_uri = fields.get("redirect_uri").unwrap_or_default();
    if !(if is_native { accepts_native_redirect(redirect_uri) } else { app.accepts_redirect_uri(redirect_uri) }) {
        return Err(error_page(answers::REDIRECT_PAGE, &[]));
    }
    let raw_state = query.split('&').find_map(|pair| pair.strip_prefix("state="));
    let refuse = |answer: Answer, values: &[(&str, &str)]| -> HandlerResult<()> {
        Err(Response::redirect(302, &answer.location(redirect_uri, raw_state, values)?).into())
    };
    let require = |condition: bool, answer: Answer, values: &[(&str, &str)]| -> HandlerResult<()> {
        if condition { Ok(()) } else { refuse(answer, values) }
    };
    require(fields.get("response_type") == Some("code"), answers::RESPONSE_TYPE, &[])?;
    let mut requested = scopes::split(fields.get("scope").unwrap_or_default());
    require(!requested.is_empty(), answers::SCOPE_MISSING, &[])?;
    requested.sort_unstable();
    if let Some((answer, scope)) = check_scopes(app, behavior, &requested) {
        if behavior.scope_error_on_page {
            let link = answer.location(redirect_uri, raw_state, &[("scope", &scope)])?;
            return Err(Response::html(error_page_status, html::bummer_page_with_link(&link)).into());
        }
        refuse(answer, &[("scope", &scope)])?;
    }
    if is_native {
        let missing = |name| [("name", name)];
        let has_challenge = fields.get("code_challenge").is_some();
        require(has_challenge, answers::NATIVE_PARAMETER_MISSING, &missing("code_challenge"))?;
        let is_s256 = fields.get("code_challenge_method") == Some("S256");
        require(is_s256, answers::NATIVE_PARAMETER_MISSING, &missing("code_challenge_method"))?;
    }
    Ok(AuthorizationRequest {
        path_and_query: format!("{path}?{query}"),
        app: app.clone(),
        redirect_uri: redirect_uri.to_owned(),
        state: raw_state.map(str::to_owned),
        scopes: requested,
        // The standard flow ignores a challenge, like every parameter that LinkedIn does not know.
        challenge: fields.get("code_challenge").filter(|_| is_native).map(str::to_owned),
    })
}

/// Returns the error if the app may not request the scopes, and the scope that the error names.
fn check_scopes(app: &App, behavior: &Behavior, requested: &[String]) -> Option<(Answer, String)> {
    let has = |id: &str| requested.iter().any(|scope| scope == id);
    if let Some(scope) = scopes::find_missing(requested, &app.provisioned(behavior.products)).first() {
        let answer = match scope.as_str() {
            // LinkedIn's newer error, which names no scope.
            _ if behavior.invalid_scope_error => answers::SCOPE_REFUSED_UNNAMED,
            // The app lacks the product of the OpenID scopes, for which LinkedIn has an error of its own.
            "openid" => answers::OPENID_INSUFFICIENT,
            _ => answers::SCOPE_REFUSED,
        };
        // LinkedIn escapes the name for HTML before it is put into the URL.
        return Some((answer, crate::text::escape_html(scope)));
    }
    let is_openid_alone = has("openid") && !has("profile") && !has("email");
    is_openid_alone.then(|| (answers::OPENID_INSUFFICIENT, String::new()))
}

/// Checks the request that a form contains in its hidden field.
pub(super) fn check_path_and_query(
    state: &SandboxState,
    behavior: &Behavior,
    path_and_query: &str,
) -> HandlerResult<AuthorizationRequest> {
    let (path, query) = path_and_query.split_once('?').unwrap_or((path_and_query, ""));
    let path = if path == NATIVE_AUTHORIZATION { NATIVE_AUTHORIZATION } else { AUTHORIZATION };
    check(state, behavior, path, query)
}

impl AuthorizationRequest {
    /// Returns the redirect with a query for the app.
    pub(super) fn redirect(&self, query: &str) -> Response {
        Response::redirect(302, &answers::redirect_url(&self.redirect_uri, query, self.state.as_deref()))
    }

    /// Returns the redirect with an error.
    pub(super) fn refuse(&self, answer: Answer) -> HandlerResult {
        Ok(Response::redirect(302, &answer.location(&self.redirect_uri, self.state.as_deref(), &[])?))
    }

    /// Returns scheme, host and port of the redirect URL, as the consent page shows them.
    pub(super) fn redirect_origin(&self) -> &str {
        let host = self.redirect_uri.split_once("://").map_or("", |(_, host)| host);
        let path = host.find(['/', '?']).map_or("", |at| &host[at..]);
        self.redirect_uri.strip_suffix(path).unwrap_or_default()
    }
}
