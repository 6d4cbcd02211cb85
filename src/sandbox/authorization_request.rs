//! An authorization request, and the checks that LinkedIn makes before a member sees it.

use super::answers::{self, Sample};
use super::apps::{App, native_accepts};
use super::call::Fields;
use super::html;
use super::reply::Reply;
use super::scenario::Behaviour;
use super::state::SandboxState;
use crate::linkedin::endpoints::{AUTHORIZATION, NATIVE_AUTHORIZATION};
use crate::linkedin::scopes;

/// An authorization request that passed the checks.
pub(super) struct AuthorizationRequest {
    /// Path and query as they were sent: the forms carry them along.
    pub(super) target: String,
    pub(super) app: App,
    pub(super) redirect_uri: String,
    /// As it was sent, still encoded: it is returned byte for byte.
    pub(super) state: Option<String>,
    /// Sorted.
    pub(super) scopes: Vec<String>,
    /// The S256 challenge of the native flow.
    pub(super) challenge: Option<String>,
}

/// Checks a request in LinkedIn's order: app and redirect URL, whose errors stay on a page, then the
/// rest, whose errors are redirected to the app.
pub(super) fn check(
    state: &SandboxState,
    behaviour: &Behaviour,
    path: &str,
    query: &str,
) -> Result<AuthorizationRequest, Reply> {
    let fields = Fields::parse(query.as_bytes());
    let native = path == NATIVE_AUTHORIZATION;
    let page_status = if behaviour.bummer_200 { 200 } else { 401 };
    let page = |text: String| Reply::html(page_status, html::bummer(&text));
    let client_id = fields.get("client_id").unwrap_or_default();
    let Some(app) = state.app(client_id) else {
        return Err(page(answers::CLIENT_PAGE.page_text(&[("client_id", client_id)])));
    };
    if native && !app.native_pkce {
        return Err(page(answers::NATIVE_PAGE.page_text(&[])));
    }
    let redirect_uri = fields.get("redirect_uri").unwrap_or_default();
    if !(if native { native_accepts(redirect_uri) } else { app.accepts(redirect_uri) }) {
        return Err(page(answers::REDIRECT_PAGE.page_text(&[])));
    }
    let raw_state = query.split('&').find_map(|pair| pair.strip_prefix("state="));
    let refuse = |answer: &Sample, values: &[(&str, &str)]| {
        Reply::redirect(302, &answer.location(redirect_uri, raw_state, values))
    };
    if fields.get("response_type") != Some("code") {
        return Err(refuse(&answers::RESPONSE_TYPE, &[]));
    }
    let mut requested = scopes::split(fields.get("scope").unwrap_or_default());
    if requested.is_empty() {
        return Err(refuse(&answers::SCOPE_MISSING, &[]));
    }
    requested.sort();
    if let Some((answer, scope)) = check_scopes(app, behaviour, &requested) {
        if behaviour.scope_error_on_page {
            let link = answer.location(redirect_uri, raw_state, &[("scope", &scope)]);
            return Err(Reply::html(page_status, html::bummer_with_link(&link)));
        }
        return Err(refuse(&answer, &[("scope", &scope)]));
    }
    if native {
        for name in ["code_challenge", "code_challenge_method"] {
            if fields.get(name).is_none_or(|value| name == "code_challenge_method" && value != "S256") {
                return Err(refuse(&answers::NATIVE_PARAMETER_MISSING, &[("name", name)]));
            }
        }
    }
    Ok(AuthorizationRequest {
        target: format!("{path}?{query}"),
        app: app.clone(),
        redirect_uri: redirect_uri.to_owned(),
        state: raw_state.map(str::to_owned),
        scopes: requested,
        // The standard flow ignores a challenge, like every parameter that LinkedIn does not know.
        challenge: fields.get("code_challenge").filter(|_| native).map(str::to_owned),
    })
}

/// Returns the answer to scopes that the app may not request, and the scope that it names.
fn check_scopes(app: &App, behaviour: &Behaviour, requested: &[String]) -> Option<(Sample, String)> {
    let has = |id: &str| requested.iter().any(|scope| scope == id);
    if let Some(scope) = scopes::missing(requested, &app.provisioned(behaviour.products)).first() {
        let answer = match scope.as_str() {
            _ if behaviour.invalid_scope_error => answers::SCOPE_REFUSED_UNNAMED,
            "openid" => answers::OPENID_ALONE,
            _ => answers::SCOPE_REFUSED,
        };
        // LinkedIn escapes the name for HTML before it is put into the URL.
        return Some((answer, crate::text::escape_html(scope)));
    }
    let is_alone = has("openid") && !has("profile") && !has("email");
    is_alone.then(|| (answers::OPENID_ALONE, String::new()))
}

/// Checks the request that a form carried along in its hidden field.
pub(super) fn check_target(
    state: &SandboxState,
    behaviour: &Behaviour,
    target: &str,
) -> Result<AuthorizationRequest, Reply> {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let path = if path == NATIVE_AUTHORIZATION { NATIVE_AUTHORIZATION } else { AUTHORIZATION };
    check(state, behaviour, path, query)
}

impl AuthorizationRequest {
    /// Scheme, host and port of the redirect URL, as the consent page shows them.
    pub(super) fn redirect_host(&self) -> &str {
        let after_scheme = self.redirect_uri.find("://").map_or(0, |at| at + 3);
        let end =
            self.redirect_uri[after_scheme..].find(['/', '?']).map_or(self.redirect_uri.len(), |at| after_scheme + at);
        &self.redirect_uri[..end]
    }
}
