//! Sample tokens, as if the members had authorized the apps some days ago.

use super::apps::{CLIENT_ID, CLIENT_SECRET, PARTNER_CLIENT_ID, PARTNER_CLIENT_SECRET, partner_app};
use super::members::{self, SandboxMember};
use super::response::into_response;
use super::state::{AccessToken, Consent, RefreshToken};
use super::{Sandbox, random};
use crate::linkedin::scopes;
use crate::secret::Secret;
use crate::{Code, Error, Result};

const DAY_SECONDS: i64 = 86_400;
/// Lifetime of a sample's access token, in seconds.
pub(crate) const TOKEN_SECONDS: i64 = 60 * DAY_SECONDS;
/// Lifetime of a sample's refresh token, in seconds.
pub(crate) const REFRESH_TOKEN_SECONDS: i64 = 365 * DAY_SECONDS;

/// A token of the sandbox that was issued in the past.
#[derive(Clone, Debug)]
pub(crate) struct SampleToken {
    /// The name for its profile.
    pub profile: &'static str,
    /// The name for its app.
    pub app: &'static str,
    pub client_id: &'static str,
    pub client_secret: &'static str,
    pub member: &'static SandboxMember,
    /// Sorted.
    pub scopes: Vec<String>,
    /// When it was issued, in seconds before now.
    pub age_seconds: i64,
    pub access: Secret,
    pub refresh: Option<Secret>,
}

/// A sample before its token is issued.
struct SampleTemplate {
    profile: &'static str,
    member: &'static str,
    age_days: i64,
    has_community_management: bool,
}

const fn sample(profile: &'static str, member: &'static str, age_days: i64) -> SampleTemplate {
    SampleTemplate { profile, member, age_days, has_community_management: false }
}

/// A valid token, an expiring one, an expired one, and one with a refresh token.
const SAMPLES: [SampleTemplate; 4] = [
    sample("work", "ada", 7),
    sample("newsletter", "bruce", 57),
    sample("old-blog", "grace", 72),
    SampleTemplate { has_community_management: true, ..sample("partner", "ada", 41) },
];

impl Sandbox {
    /// Issues the sample tokens, which the API, introspection and the token endpoint accept.
    ///
    /// # Errors
    /// Those of the state's file.
    pub(crate) async fn issue_samples(&self) -> Result<Vec<SampleToken>> {
        let core = std::sync::Arc::clone(&self.core);
        // The file of the state and its lock may block.
        let issued = tokio::task::spawn_blocking(move || {
            core.update(|state, now_ms| {
                if state.app(PARTNER_CLIENT_ID).is_none() {
                    state.apps.push(partner_app());
                }
                let mut issued = Vec::new();
                for sample in &SAMPLES {
                    let token = issue(sample, now_ms, |access, refresh, consent| {
                        state.consents.retain(|earlier| earlier.app != consent.app || earlier.member != consent.member);
                        state.consents.push(consent);
                        state.tokens.push(access);
                        state.refresh_tokens.extend(refresh);
                    })?;
                    issued.push(token);
                }
                Ok(issued)
            })
            .map_err(|refusal| into_response(Err(refusal)).err().unwrap_or_else(unexpected_error))
        });
        issued.await.unwrap_or_else(|_| Err(unexpected_error()))
    }
}

fn unexpected_error() -> Error {
    Error::new(Code::Unexpected, "The sandbox could not issue its sample tokens.", "Please report this.")
}

fn issue(
    sample: &SampleTemplate,
    now_ms: i64,
    store: impl FnOnce(AccessToken, Option<RefreshToken>, Consent),
) -> Result<SampleToken> {
    let member = members::find(sample.member).ok_or_else(unexpected_error)?;
    let mut scopes: Vec<String> = scopes::DEFAULT.iter().map(ToString::to_string).collect();
    scopes.sort_unstable();
    let (app, client_id, client_secret) = if sample.has_community_management {
        ("partner-app", PARTNER_CLIENT_ID, PARTNER_CLIENT_SECRET)
    } else {
        ("demo-app", CLIENT_ID, CLIENT_SECRET)
    };
    let age_seconds = sample.age_days * DAY_SECONDS;
    let issued_at = now_ms / 1000 - age_seconds;
    let access = AccessToken {
        value: format!("AQV{}", random::generate_text(347)?),
        app: client_id.to_owned(),
        member: Some(member.key.to_owned()),
        scopes: scopes.clone(),
        scopes_before: None,
        created_ms: now_ms - age_seconds * 1000,
        authorized_at: issued_at,
        expires_at: issued_at + TOKEN_SECONDS,
        is_revoked: false,
    };
    let refresh = if sample.has_community_management {
        Some(RefreshToken {
            value: format!("AQW{}", random::generate_text(447)?),
            app: client_id.to_owned(),
            member: member.key.to_owned(),
            scopes: scopes.clone(),
            authorized_at: issued_at,
            expires_at: issued_at + REFRESH_TOKEN_SECONDS,
            is_revoked: false,
        })
    } else {
        None
    };
    let token = SampleToken {
        profile: sample.profile,
        app,
        client_id,
        client_secret,
        member,
        scopes: scopes.clone(),
        age_seconds,
        access: Secret::new(access.value.as_str()),
        refresh: refresh.as_ref().map(|refresh| Secret::new(refresh.value.as_str())),
    };
    let consent = Consent { app: client_id.to_owned(), member: member.key.to_owned(), scopes, at: issued_at };
    store(access, refresh, consent);
    Ok(token)
}
