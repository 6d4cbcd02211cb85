//! The shapes of `--json`. They are a contract: scripts read them.

use jiff::Timestamp;
#[cfg(test)]
use schemars::JsonSchema;
use serde::Serialize;

use crate::cli::output::hint;
use crate::clock::rfc3339;
use crate::session::Context;
use crate::{Error, store};

/// A profile, without its secrets. Absent values are `null`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct Profile {
    name: String,
    current: bool,
    app: String,
    status: &'static str,
    member: Option<Member>,
    /// The granted scopes; before the first sign-in, the requested ones.
    scopes: Vec<String>,
    issued_at: Option<String>,
    expires_at: Option<String>,
    /// Seconds from now.
    expires_in: Option<i64>,
    refreshable: bool,
    refresh_expires_at: Option<String>,
    checked_at: Option<String>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
struct Member {
    id: String,
    urn: String,
    name: Option<String>,
    email: Option<String>,
}

impl Profile {
    /// Creates the JSON of a profile; its status at `now` depends on the setting `expiring_days`.
    pub(crate) fn new(
        profile: &store::Profile,
        current: Option<&store::Name>,
        expiring_days: u32,
        now: Timestamp,
    ) -> Self {
        let token = profile.token.as_ref();
        let refresh = token.and_then(|token| token.refresh.as_ref());
        let expires_at = token.and_then(|token| token.expires_at);
        Self {
            name: profile.name.to_string(),
            current: current == Some(&profile.name),
            app: profile.app.to_string(),
            status: profile.status(now, expiring_days).as_str(),
            member: profile.member.as_ref().map(|member| Member {
                id: member.id.clone(),
                urn: member.urn(),
                name: member.name.clone(),
                email: member.email.clone(),
            }),
            scopes: token.map_or(&profile.scopes, |token| &token.scopes).clone(),
            issued_at: token.map(|token| rfc3339(token.issued_at)),
            expires_at: expires_at.map(rfc3339),
            expires_in: expires_at.map(|expires_at| (expires_at.as_second() - now.as_second()).max(0)),
            refreshable: profile.is_refreshable(now),
            refresh_expires_at: refresh.and_then(|refresh| refresh.expires_at).map(rfc3339),
            checked_at: profile.last_check().map(|check| rfc3339(check.at)),
        }
    }

    /// Creates the JSON of a profile with its status at this moment.
    pub(crate) fn as_of_now(ctx: &Context, profile: &store::Profile, current: Option<&store::Name>) -> Self {
        Self::new(profile, current, ctx.settings.status.expiring_days, ctx.now())
    }
}

/// An app, without its secret.
#[derive(Debug, Serialize)]
pub(crate) struct App<'a> {
    name: &'a str,
    client_id: &'a str,
    has_secret: bool,
    redirect_url: &'a str,
    /// The OAuth flow: `standard` or `native-pkce`.
    flow: &'static str,
    profiles: Vec<&'a str>,
}

impl<'a> App<'a> {
    pub(crate) fn new(app: &'a store::App, profiles: &'a [store::Name]) -> Self {
        Self {
            name: app.name.as_str(),
            client_id: &app.client_id,
            has_secret: app.client_secret.is_some(),
            redirect_url: app.redirect_url.as_str(),
            flow: app.flow.as_str(),
            profiles: profiles.iter().map(store::Name::as_str).collect(),
        }
    }
}

/// An error, as printed instead of a result.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct ErrorReport {
    pub(crate) error: ErrorDetails,
}

#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct ErrorDetails {
    code: &'static str,
    message: String,
    hint: String,
    retryable: bool,
}

impl ErrorReport {
    pub(crate) fn new(error: &Error, program_command: &str) -> Self {
        Self {
            error: ErrorDetails {
                code: error.code.as_str(),
                message: error.to_string(),
                hint: hint::render_hint(error, program_command),
                retryable: error.code.is_retryable(),
            },
        }
    }
}
