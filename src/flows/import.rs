//! Taking over what something else has: a `.env` file's app, a token that was made elsewhere.

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::Context;
use super::check::check;
use crate::config::Environment;
use crate::linkedin::introspection::introspect;
use crate::linkedin::{Flow, RedirectUrl, scopes};
use crate::profile::{App, Check, Name, Profile, Refresh, Store, Token, Verdict};
use crate::secret::Secret;
use crate::{Code, Error, Result};

/// What was taken over.
pub struct Imported {
    /// The app, where credentials were found.
    pub app: Option<App>,
    /// The profile, where a token was found.
    pub profile: Option<Profile>,
    /// What the person should know.
    pub remarks: Vec<String>,
}

/// A token from elsewhere, and what its file says of its end.
pub struct Found {
    token: Secret,
    expires_in: Option<SignedDuration>,
    /// A refresh token and how long it lives from its issue on.
    refresh: Option<(Secret, Option<SignedDuration>)>,
}

/// The token file of a script: the token endpoint's answer as JSON, or what the Node script
/// (linkedin-oauth-helper) keeps.
#[derive(Deserialize)]
struct TokenFile {
    #[serde(alias = "linkedInAccessToken", alias = "accessToken")]
    access_token: String,
    /// A number, or a string at times.
    expires_in: Option<serde_json::Value>,
    refresh_token: Option<String>,
    refresh_token_expires_in: Option<serde_json::Value>,
}

fn seconds(value: Option<&serde_json::Value>) -> Option<SignedDuration> {
    let value = value?;
    value.as_i64().or_else(|| value.as_str()?.trim().parse().ok()).map(SignedDuration::from_secs)
}

impl Found {
    /// Reads a token file: JSON with `access_token` or `linkedInAccessToken`, a JSON string, or
    /// the token alone.
    ///
    /// # Errors
    /// `bad_input`, which quotes nothing.
    pub fn parse(text: &str) -> Result<Self> {
        let text = text.trim_start_matches('\u{feff}').trim();
        let (token, expires_in, refresh) = if let Ok(file) = serde_json::from_str::<TokenFile>(text) {
            let refresh = file.refresh_token.filter(|token| !token.trim().is_empty());
            let refresh =
                refresh.map(|token| (Secret::new(token.trim()), seconds(file.refresh_token_expires_in.as_ref())));
            (file.access_token, seconds(file.expires_in.as_ref()), refresh)
        } else if let Ok(token) = serde_json::from_str::<String>(text) {
            (token, None, None)
        } else {
            (text.to_owned(), None, None)
        };
        let token = token.trim();
        let graphic = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic());
        if !graphic || token.starts_with(['{', '<', '[']) || matches!(token, "null" | "undefined") {
            return Err(Error::bad_input(
                "There is no access token in what was given.",
                "A token file is JSON with access_token or linkedInAccessToken, or the token alone on one line.",
            ));
        }
        Ok(Self { token: Secret::new(token), expires_in, refresh })
    }

    /// The refresh token, issued with the token or before it: then it ends sooner, which LinkedIn will say.
    fn refresh_from(&self, issued_at: Timestamp) -> Option<Refresh> {
        let (token, life) = self.refresh.clone()?;
        Some(Refresh::new(token, life.and_then(|life| issued_at.checked_add(life).ok())))
    }
}

/// The app that a `.env` file or the environment describes.
///
/// # Errors
/// `bad_input` for a redirect URL that cannot be used.
pub fn app_of(name: &Name, env: &Environment) -> Result<Option<App>> {
    let Some(client_id) = env.get("LINKEDIN_CLIENT_ID") else { return Ok(None) };
    let redirect = env.redirect_url()?.unwrap_or_else(|| RedirectUrl::DEFAULT.to_owned());
    Ok(Some(App {
        name: name.clone(),
        client_id: crate::linkedin::client_id(&client_id)?,
        client_secret: env.secret("LINKEDIN_CLIENT_SECRET"),
        redirect_url: RedirectUrl::parse(&redirect)?,
        flow: Flow::Standard,
    }))
}

/// Saves the app and the token. With a secret, introspection says which scopes the token has and
/// when it ends; then LinkedIn is asked whose it is. A token that LinkedIn calls dead is refused,
/// and nothing that is there is overwritten.
///
/// # Errors
/// `bad_input` for a name that is taken, `revoked` or `expired` for a dead token,
/// `client_refused`, `network` and its kind, file errors.
pub async fn import(ctx: &Context, name: &Name, app: Option<App>, found: Option<Found>) -> Result<Imported> {
    let mut remarks = Vec::new();
    let app = saved_app(ctx, name, app, &mut remarks)?;
    let Some(found) = found else {
        if let Some(app) = app.clone() {
            ctx.on_disk(move |store| store.put_app(&app)).await?;
        }
        return Ok(Imported { app, profile: None, remarks });
    };
    let Some(app) = app else {
        return Err(Error::bad_input(
            "A token belongs to an app, and none was given.",
            "Add --app NAME, or LINKEDIN_CLIENT_ID to the .env file.",
        ));
    };
    if ctx.store.profile_names()?.contains(name) {
        return Err(Error::bad_input(
            format!("There is a profile {name} already; nothing was changed."),
            "Choose another name: linkedin-tui import NAME ...",
        ));
    }
    let identified = identified(ctx, &app, &found, &mut remarks).await;
    if let Err(error) = &identified
        && matches!(error.code, Code::Expired | Code::Revoked)
    {
        // The token is of no use any more; the app is, for signing in.
        let saved = app.clone();
        ctx.on_disk(move |store| store.put_app(&saved)).await?;
        let hint = format!("The app is saved. Sign in: linkedin-tui login {name} --app {}", app.name);
        return Err(Error { hint, ..error.clone() });
    }
    let (token, verdict) = identified?;
    let (saved, wanted, at) = (app.clone(), name.clone(), ctx.now());
    let save = move |store: &Store| {
        store.put_app(&saved)?;
        let new = Profile::new(wanted.clone(), saved.name.clone(), askable(&token.scopes));
        store.put_profile(new, |profile| {
            profile.token = Some(token);
            profile.check = verdict.map(|verdict| Check { at, verdict });
        })?;
        store.activate_first(&wanted);
        Ok(())
    };
    ctx.on_disk(save).await?;
    match check(ctx, name).await {
        Ok(checked) => remarks.extend(checked.remarks),
        Err(error) => remarks.push(format!("LinkedIn did not say whose the token is: {error}")),
    }
    let profile = ctx.store.profile(name)?;
    super::deliver::new_token(ctx, &profile).await;
    Ok(Imported { profile: Some(profile), app: Some(app), remarks })
}

/// What to ask for when the token has ended: what was granted, with today's names for retired
/// scopes; the usual ones where nothing is known.
fn askable(granted: &[String]) -> Vec<String> {
    let today: Vec<&str> = granted.iter().map(|scope| scopes::successor(scope).unwrap_or(scope)).collect();
    let asked = scopes::split(&today.join(" "));
    if scopes::check(&asked).is_ok() { asked } else { scopes::DEFAULT.iter().map(|&scope| scope.to_owned()).collect() }
}

/// The saved app with that client ID, with the new secret where it had none; else a new one under
/// a name that must be free. What the saved one keeps though another was given is told.
fn saved_app(ctx: &Context, name: &Name, app: Option<App>, remarks: &mut Vec<String>) -> Result<Option<App>> {
    let Some(app) = app else { return Ok(None) };
    if let Some(saved) = ctx.store.apps()?.into_iter().find(|saved| saved.client_id == app.client_id) {
        if let (Some(own), Some(given)) = (&saved.client_secret, &app.client_secret)
            && own != given
        {
            remarks.push(format!(
                "The saved app {0} keeps its client secret; the one given is another. If that is the right one: linkedin-tui \
                 login {name} --app {0} --client-secret-file FILE",
                saved.name
            ));
        }
        let usual = app.redirect_url.as_str() == RedirectUrl::DEFAULT;
        if !usual && saved.redirect_url != app.redirect_url {
            remarks.push(format!(
                "The saved app {} keeps its redirect URL {}; {} was given.",
                saved.name,
                saved.redirect_url.as_str(),
                app.redirect_url.as_str()
            ));
        }
        let client_secret = saved.client_secret.clone().or(app.client_secret);
        return Ok(Some(App { client_secret, ..saved }));
    }
    if ctx.store.app_names()?.contains(&app.name) {
        return Err(Error::bad_input(
            format!("The app {name} is another one (its client ID differs); nothing was changed."),
            "Choose another name: linkedin-tui import NAME ...",
        ));
    }
    Ok(Some(app))
}

async fn identified(
    ctx: &Context,
    app: &App,
    found: &Found,
    remarks: &mut Vec<String>,
) -> Result<(Token, Option<Verdict>)> {
    let now = ctx.now();
    let mut token =
        Token { access: found.token.clone(), scopes: Vec::new(), issued_at: now, expires_at: None, refresh: None };
    let Some(secret) = &app.client_secret else {
        token.expires_at = found.expires_in.and_then(|time| now.checked_add(time).ok());
        token.refresh = found.refresh_from(now);
        remarks.push("Without the client secret nobody can say when the token ends.".to_owned());
        return Ok((token, None));
    };
    let (said, _) = introspect(&ctx.http, &ctx.endpoints, &app.client_id, secret, &found.token).await?;
    let at = |seconds: Option<i64>| seconds.and_then(|seconds| Timestamp::from_second(seconds).ok());
    match (said.active, said.status.as_deref()) {
        (true, _) => {}
        (false, Some("expired")) => {
            return Err(Error::new(Code::Expired, "The token has expired already.", ""));
        }
        (false, Some(_)) => {
            return Err(Error::new(Code::Revoked, "LinkedIn calls the token revoked.", ""));
        }
        (false, None) => {
            return Err(Error::new(
                Code::Refused,
                format!("LinkedIn says that the token is none of the app {}'s.", app.name),
                "Give the app that the token was made with.",
            ));
        }
    }
    token.scopes = said.scope.as_deref().map(scopes::split).unwrap_or_default();
    token.expires_at = at(said.expires_at);
    token.issued_at = at(said.created_at).unwrap_or(now);
    token.refresh = found.refresh_from(token.issued_at);
    Ok((token, Some(Verdict::Active)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn token_files_come_in_several_forms() {
        let token = "AQV0123456789abcdefghij";
        for text in [
            format!("{{\"linkedInAccessToken\":\"{token}\"}}"),
            format!("{{\"access_token\":\"{token}\",\"expires_in\":\"5184000\"}}"),
            format!("{{\"access_token\":\"{token}\",\"expires_in\":5183999,\"scope\":\"openid\"}}"),
            format!("\"{token}\""),
            format!("\u{feff}{token}\r\n"),
        ] {
            assert!(Found::parse(&text).is_ok_and(|found| found.token.matches(token)), "{text}");
        }
        for text in
            ["", "null", "two words", "{\"token\":\"AQV0123456789abcdefghij\"}", "<html>AQV0123456789abcdefghij</html>"]
        {
            assert!(Found::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn retired_scopes_are_asked_for_by_their_new_names() {
        let asked = |text: &str| askable(&scopes::split(text)).join(" ");
        assert_eq!(asked("openid profile"), "openid profile");
        assert!(!asked("r_liteprofile,r_emailaddress,w_member_social").contains("r_liteprofile"));
        assert!(asked("r_liteprofile,r_emailaddress,w_member_social").contains("w_member_social"));
        assert_eq!(asked(""), scopes::DEFAULT.join(" "));
    }
}
