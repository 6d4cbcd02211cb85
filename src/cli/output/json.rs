//! The JSON shapes of design: a profile, an app.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::clock::rfc3339;
use crate::session::Context;
use crate::store::{App, Name, Profile, Status};

/// A profile, without its secrets. Absent values are `null`.
pub(crate) fn profile(profile: &Profile, current: bool, status: Status, now: Timestamp) -> Value {
    let token = profile.token.as_ref();
    let refresh = token.and_then(|token| token.refresh.as_ref());
    let ends = token.and_then(|token| token.expires_at);
    json!({
        "name": profile.name.as_str(),
        "current": current,
        "app": profile.app.as_str(),
        "status": status.as_str(),
        "member": profile.member.as_ref().map(|member| json!({
            "id": member.id,
            "urn": member.urn(),
            "name": member.name,
            "email": member.email,
        })),
        "scopes": token.map_or(&profile.scopes, |token| &token.scopes),
        "issued_at": token.map(|token| rfc3339(token.issued_at)),
        "expires_at": ends.map(rfc3339),
        "expires_in": ends.map(|end| (end.as_second() - now.as_second()).max(0)),
        "refreshable": profile.is_refreshable(now),
        "refresh_expires_at": refresh.and_then(|refresh| refresh.expires_at).map(rfc3339),
        "checked_at": profile.check.map(|check| rfc3339(check.at)),
    })
}

/// A profile as the use cases left it.
pub(crate) fn of(ctx: &Context, one: &Profile, current: Option<&Name>) -> Value {
    profile(one, current == Some(&one.name), ctx.status(one), ctx.now())
}

/// An app, without its secret.
pub(crate) fn app(app: &App, profiles: &[Name]) -> Value {
    json!({
        "name": app.name.as_str(),
        "client_id": app.client_id,
        "has_secret": app.client_secret.is_some(),
        "redirect_url": app.redirect_url.as_str(),
        "flow": app.flow.as_str(),
        "profiles": profiles.iter().map(Name::as_str).collect::<Vec<_>>(),
    })
}
