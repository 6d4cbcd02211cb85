//! The authorization endpoint: is the request sound, and must a page be shown?

use super::answers::{self, Sample};
use super::apps::{App, native_accepts};
use super::call::{Call, Fields, Reply};
use super::members::{self, MEMBERS, SandboxMember};
use super::scenario::Behaviour;
use super::server::{self, Server};
use super::state::{AuthorizationCode, Grant, State};
use super::{pages, random};
use crate::Result;
use crate::linkedin::endpoints::{AUTHORIZATION, NATIVE_AUTHORIZATION};
use crate::linkedin::scopes;

/// A request that may be put before the member.
pub(super) struct Request {
    /// Path and query as they came: the forms carry them along.
    pub(super) target: String,
    pub(super) app: App,
    redirect_uri: String,
    /// As it was sent, still encoded: it goes back byte for byte.
    state: Option<String>,
    /// Sorted.
    pub(super) scopes: Vec<String>,
    challenge: Option<String>,
}

/// `GET /oauth/v2/authorization` and its native sister.
pub(super) fn page(server: &Server, call: &Call) -> Result<Reply> {
    let behaviour = server.behaviour();
    let state = server.store.read()?;
    let request = match check(&state, &behaviour, &call.path, &call.query) {
        Ok(request) => request,
        Err(reply) => return Ok(reply),
    };
    if behaviour.cancel_at_login {
        return Ok(cancelled_login(&behaviour, &request));
    }
    let signed_in = state.signed_in.as_deref().and_then(members::find);
    let Some(member) = signed_in.or_else(|| MEMBERS.first().filter(|_| behaviour.already_granted)) else {
        return Ok(Reply::html(200, pages::sign_in(&request)));
    };
    after_sign_in(server, &behaviour, &state, &request, member)
}

/// What a member who is signed in sees: the consent page, or nothing at all.
pub(super) fn after_sign_in(
    server: &Server,
    behaviour: &Behaviour,
    state: &State,
    request: &Request,
    member: &SandboxMember,
) -> Result<Reply> {
    if behaviour.cancel_at_consent {
        return Ok(cancelled_consent(behaviour, request));
    }
    let now = server.now_ms(state.clock_offset) / 1000;
    if behaviour.already_granted || is_granted(state, request, member, now) {
        return allow(server, behaviour, request, member);
    }
    Ok(Reply::html(200, pages::consent(request, member)))
}

/// Has the member agreed to these very scopes, and does a token from it still live?
fn is_granted(state: &State, request: &Request, member: &SandboxMember, now: i64) -> bool {
    let id = &request.app.client_id;
    state.grants.iter().any(|grant| grant.app == *id && grant.member == member.key && grant.scopes == request.scopes)
        && state.tokens.iter().any(|token| {
            token.app == *id && token.member.as_deref() == Some(member.key) && token.status(now) == "active"
        })
}

/// Issues a code and sends the browser back with it.
pub(super) fn allow(
    server: &Server,
    behaviour: &Behaviour,
    request: &Request,
    member: &SandboxMember,
) -> Result<Reply> {
    // Codes begin like tokens; real ones have between 130 and 350 characters.
    let value = format!("AQT{}", random::text(if behaviour.long_tokens { 347 } else { 157 })?);
    let mut granted = request.scopes.clone();
    if behaviour.fewer_scopes && granted.len() > 1 {
        let surplus = ["w_member_social", "email"].iter().find_map(|id| granted.iter().position(|scope| scope == id));
        granted.remove(surplus.unwrap_or(granted.len() - 1));
    }
    server::change(server, |state, now_ms| {
        let now = now_ms / 1000;
        let late = if behaviour.expired_code { super::token::CODE_SECONDS + 60 } else { 0 };
        let id = &request.app.client_id;
        state.grants.retain(|grant| !(grant.app == *id && grant.member == member.key));
        state.grants.push(Grant {
            app: id.clone(),
            member: member.key.to_owned(),
            scopes: request.scopes.clone(),
            at: now,
        });
        state.codes.push(AuthorizationCode {
            value: value.clone(),
            app: id.clone(),
            member: member.key.to_owned(),
            redirect_uri: request.redirect_uri.clone(),
            scopes: granted,
            at: now - late,
            used: false,
            challenge: request.challenge.clone(),
        });
        Ok(())
    })?;
    // The code has URL-safe characters only; `state` stays as it was sent.
    let joint = if request.redirect_uri.contains('?') { '&' } else { '?' };
    let state = request.state.as_deref().map(|state| format!("&state={state}")).unwrap_or_default();
    Ok(Reply::redirect(302, &format!("{}{joint}code={value}{state}", request.redirect_uri)))
}

pub(super) fn cancelled_login(behaviour: &Behaviour, request: &Request) -> Reply {
    let bare = behaviour.cancel_undescribed;
    refused(request, &if bare { answers::CANCELLED_LOGIN_BARE } else { answers::CANCELLED_LOGIN })
}

pub(super) fn cancelled_consent(behaviour: &Behaviour, request: &Request) -> Reply {
    let bare = behaviour.cancel_undescribed;
    refused(request, &if bare { answers::CANCELLED_CONSENT_BARE } else { answers::CANCELLED_CONSENT })
}

fn refused(request: &Request, answer: &Sample) -> Reply {
    Reply::redirect(302, &answer.location(&request.redirect_uri, request.state.as_deref(), &[]))
}

/// Checks a request in LinkedIn's order: app, redirect URL (these two never redirect), then the
/// rest, of which the app hears.
pub(super) fn check(state: &State, behaviour: &Behaviour, path: &str, query: &str) -> Result<Request, Reply> {
    let fields = Fields::parse(query.as_bytes());
    let native = path == NATIVE_AUTHORIZATION;
    let page_status = if behaviour.bummer_200 { 200 } else { 401 };
    let page = |text: String| Reply::html(page_status, pages::bummer(&text));
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
    let mut wanted = scopes::split(fields.get("scope").unwrap_or_default());
    if wanted.is_empty() {
        return Err(refuse(&answers::SCOPE_MISSING, &[]));
    }
    wanted.sort();
    if let Some((answer, scope)) = scope_problem(app, behaviour, &wanted) {
        if behaviour.scope_error_on_page {
            let link = answer.location(redirect_uri, raw_state, &[("scope", &scope)]);
            return Err(Reply::html(page_status, pages::bummer_with_link(&link)));
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
    Ok(Request {
        target: format!("{path}?{query}"),
        app: app.clone(),
        redirect_uri: redirect_uri.to_owned(),
        state: raw_state.map(str::to_owned),
        scopes: wanted,
        // On the ordinary flow a challenge is ignored, like every parameter LinkedIn does not know.
        challenge: fields.get("code_challenge").filter(|_| native).map(str::to_owned),
    })
}

/// What is wrong with the scopes, and the scope to name.
fn scope_problem(app: &App, behaviour: &Behaviour, wanted: &[String]) -> Option<(Sample, String)> {
    let has = |id: &str| wanted.iter().any(|scope| scope == id);
    if let Some(scope) = scopes::missing(wanted, &app.provisioned(behaviour.products)).first() {
        let answer = match scope.as_str() {
            _ if behaviour.invalid_scope_error => answers::SCOPE_REFUSED_UNNAMED,
            "openid" => answers::OPENID_ALONE,
            _ => answers::SCOPE_REFUSED,
        };
        // LinkedIn escapes the name for HTML before it is put into the URL.
        return Some((answer, crate::text::html_escape(scope)));
    }
    let is_alone = has("openid") && !has("profile") && !has("email");
    is_alone.then(|| (answers::OPENID_ALONE, String::new()))
}

/// The request that a form carried along in its hidden field.
pub(super) fn again(state: &State, behaviour: &Behaviour, target: &str) -> Result<Request, Reply> {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let path = if path == NATIVE_AUTHORIZATION { NATIVE_AUTHORIZATION } else { AUTHORIZATION };
    check(state, behaviour, path, query)
}

impl Request {
    /// Where the member is sent afterwards, without path and query: the consent page says so.
    pub(super) fn redirect_host(&self) -> &str {
        let after_scheme = self.redirect_uri.find("://").map_or(0, |at| at + 3);
        let end =
            self.redirect_uri[after_scheme..].find(['/', '?']).map_or(self.redirect_uri.len(), |at| after_scheme + at);
        &self.redirect_uri[..end]
    }
}
