//! Taking over what something else has: a `.env` file's app, a token that was made elsewhere.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::check::check;
use crate::config::Environment;
use crate::linkedin::introspection::introspect;
use crate::linkedin::{Flow, RedirectUrl, scopes};
use crate::secret::Secret;
use crate::session::Context;
use crate::store::{App, Check, Name, Profile, ProfileStore, RefreshToken, Token, Verdict};
use crate::text::{Credential, clean_credential};
use crate::{Code, Error, NextStep, Result};

/// What was taken over.
pub struct Imported {
    /// The app, where credentials were found.
    pub app: Option<App>,
    /// The profile, where a token was found.
    pub profile: Option<Profile>,
    /// What the person should know.
    pub remarks: Vec<String>,
}

/// A token from elsewhere, and what its file says of its life.
pub struct Found {
    token: Secret,
    life: Life,
    /// A refresh token, and its life.
    refresh: Option<(Secret, Life)>,
    /// When the token was issued, as far as the file says.
    issued_at: Option<Timestamp>,
    /// When the file was last written.
    saved_at: Option<Timestamp>,
}

/// When something ends: at a time, or so long after its issue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Life {
    end: Option<Timestamp>,
    length: Option<SignedDuration>,
}

impl Life {
    fn end(self, issued_at: Option<Timestamp>) -> Option<Timestamp> {
        self.end.or_else(|| issued_at?.checked_add(self.length?).ok())
    }
}

/// A token file's fields by their names without case and signs: libraries agree on no spelling.
struct Fields(BTreeMap<String, Value>);

impl Fields {
    const TOKEN: &[&str] = &["accesstoken", "linkedinaccesstoken"];
    const ISSUED: &[&str] = &["createdat", "issuedat", "obtainedat", "savedat", "created", "issued", "iat"];
    const LIFE: &[&str] =
        &["expiresat", "accesstokenexpiresat", "expirydate", "expires", "expiry", "expiration", "exp", "expiresin"];
    const REFRESH_LIFE: &[&str] =
        &["refreshtokenexpiresat", "refreshexpiresat", "refreshtokenexpiresin", "refreshexpiresin"];

    fn new(object: serde_json::Map<String, Value>) -> Self {
        let plain = |name: String| name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
        Self(object.into_iter().map(|(name, value)| (plain(name), value)).collect())
    }

    fn text(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.0.get(*name)?.as_str()).filter(|text| !text.trim().is_empty())
    }

    fn times(&self, names: &'static [&str]) -> impl Iterator<Item = Time> {
        names.iter().filter_map(|name| parse_time(self.0.get(*name)?))
    }

    fn moment(&self, names: &'static [&str]) -> Option<Timestamp> {
        self.times(names).find_map(|time| if let Time::At(at) = time { Some(at) } else { None })
    }

    fn life(&self, names: &'static [&str]) -> Life {
        let length =
            self.times(names).find_map(|time| if let Time::After(length) = time { Some(length) } else { None });
        Life { end: self.moment(names), length }
    }
}

enum Time {
    At(Timestamp),
    After(SignedDuration),
}

/// Reads a time: RFC 3339, or a number of seconds or milliseconds since 1970. A number that would be
/// before September 2001 is a duration in seconds.
fn parse_time(value: &Value) -> Option<Time> {
    const FIRST_MOMENT: f64 = 1e9;
    const FIRST_IN_MILLISECONDS: f64 = 1e11;
    if let Some(at) = value.as_str().and_then(|text| text.trim().parse().ok()) {
        return Some(Time::At(at));
    }
    let number = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok()).filter(|number| number.is_finite())?;
    let seconds = if number >= FIRST_IN_MILLISECONDS { number / 1000.0 } else { number };
    let length = SignedDuration::try_from_secs_f64(seconds.trunc()).ok()?;
    if number < FIRST_MOMENT {
        return Some(Time::After(length));
    }
    Timestamp::UNIX_EPOCH.checked_add(length).ok().map(Time::At)
}

impl Found {
    /// Reads a token file: JSON with `access_token` or `linkedInAccessToken`, a JSON string, or
    /// the token alone. `saved_at` is when the file was last written: a length of life counts from
    /// there where the file does not say when the token was issued.
    ///
    /// # Errors
    /// `bad_input`, which quotes nothing.
    pub fn parse(text: &str, saved_at: Option<Timestamp>) -> Result<Self> {
        let alone = |token: &str| {
            Ok(Self { token: token_in(token)?, life: Life::default(), refresh: None, issued_at: None, saved_at })
        };
        match serde_json::from_str(text.trim_start_matches('\u{feff}').trim()) {
            Ok(Value::Object(object)) => {
                let fields = Fields::new(object);
                let refresh = fields.text(&["refreshtoken"]).map(token_in).transpose()?;
                Ok(Self {
                    token: token_in(fields.text(Fields::TOKEN).unwrap_or_default())?,
                    life: fields.life(Fields::LIFE),
                    refresh: refresh.map(|token| (token, fields.life(Fields::REFRESH_LIFE))),
                    issued_at: fields.moment(Fields::ISSUED),
                    saved_at,
                })
            }
            Ok(Value::String(token)) => alone(&token),
            _ => alone(text),
        }
    }

    /// When the token was issued at the latest, as far as its file says.
    fn issued_by(&self, now: Timestamp) -> Option<Timestamp> {
        // A time that is still to come is another clock's.
        self.issued_at.or(self.saved_at).filter(|at| *at <= now)
    }

    fn refresh(&self, issued_at: Option<Timestamp>) -> Option<RefreshToken> {
        let (token, life) = self.refresh.clone()?;
        Some(RefreshToken::new(token, life.end(issued_at)))
    }
}

/// The token in a text, however it was copied.
fn token_in(text: &str) -> Result<Secret> {
    let (token, several) = clean_credential(Credential::Token, text);
    let graphic = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic());
    if several || !graphic || token.starts_with(['{', '<', '[']) || matches!(token.as_str(), "null" | "undefined") {
        return Err(Error::bad_input(
            "There is no access token in what was given.",
            "A token file is JSON with access_token or linkedInAccessToken, or the token alone on one line.",
        ));
    }
    Ok(Secret::new(token))
}

/// The app that a `.env` file or the environment describes; `redirect_url` goes before its own.
///
/// # Errors
/// `bad_input` for a client ID or redirect URL that cannot be used.
pub fn app_of(name: &Name, env: &Environment, redirect_url: Option<RedirectUrl>) -> Result<Option<App>> {
    let Some(client_id) = env.client_id()? else { return Ok(None) };
    let redirect_url = match redirect_url {
        Some(url) => url,
        None => match env.redirect_url()? {
            Some(url) => url,
            None => RedirectUrl::parse(RedirectUrl::DEFAULT)?,
        },
    };
    Ok(Some(App {
        name: name.clone(),
        client_id,
        client_secret: env.client_secret(),
        redirect_url,
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
    let (app, is_new) = match app {
        Some(app) => {
            let wanted = name.clone();
            let (app, is_new, found) = ctx.on_disk(move |store| saved_app(store, &wanted, app)).await?;
            remarks.extend(found);
            (Some(app), is_new)
        }
        None => (None, false),
    };
    let Some(found) = found else {
        if let Some(app) = app.clone() {
            ctx.on_disk(move |store| save_app(store, &app, is_new)).await?;
        }
        return Ok(Imported { app, profile: None, remarks });
    };
    let Some(app) = app else {
        return Err(Error::bad_input(
            "A token belongs to an app, and none was given.",
            "Add LINKEDIN_CLIENT_ID to the .env file, or name the app.",
        )
        .with_next_step(NextStep::NameImportedApp));
    };
    if ctx.store.profile_names()?.contains(name) {
        return Err(taken(name));
    }
    let identified = identified(ctx, &app, &found, &mut remarks).await;
    if let Err(error) = &identified
        && matches!(error.code, Code::Expired | Code::Revoked)
    {
        // The token is of no use any more; the app is, for signing in.
        let saved = app.clone();
        ctx.on_disk(move |store| save_app(store, &saved, is_new)).await?;
        let mut error = error.clone();
        let step = NextStep::SignInWithApp { profile: name.to_string(), app: app.name.to_string() };
        error.replace_hint("The app is saved.", Some(step));
        return Err(error);
    }
    let (token, verdict) = identified?;
    let (saved, wanted, at) = (app.clone(), name.clone(), ctx.now());
    let save = move |store: &ProfileStore| {
        save_app(store, &saved, is_new)?;
        let new = Profile::new(wanted.clone(), saved.name.clone(), askable(&token.scopes));
        let mut is_free = false;
        store.put_profile(new.clone(), |profile| {
            // LinkedIn took its time: another process may have made the profile meanwhile.
            is_free = *profile == new;
            if is_free {
                profile.token = Some(token);
                profile.check = verdict.map(|verdict| Check { at, verdict });
            }
        })?;
        if !is_free {
            return Err(taken(&wanted));
        }
        store.make_current_if_none(&wanted);
        Ok(())
    };
    ctx.on_disk(save).await?;
    match check(ctx, name).await {
        Ok(checked) => remarks.extend(checked.remarks),
        Err(error) => remarks.push(format!("LinkedIn did not say whose the token is: {error}")),
    }
    let wanted = name.clone();
    let profile = ctx.on_disk(move |store| store.profile(&wanted)).await?;
    super::deliver::run::deliver_new_token(ctx, &profile).await;
    Ok(Imported { profile: Some(profile), app: Some(app), remarks })
}

fn taken(name: &Name) -> Error {
    Error::bad_input(format!("There is a profile {name} already; it was not changed."), "")
        .with_next_step(NextStep::ImportUnderOtherName)
}

/// What to ask for when the token has ended: what was granted, with today's names for retired
/// scopes; the usual ones where nothing is known.
fn askable(granted: &[String]) -> Vec<String> {
    let today: Vec<&str> = granted.iter().map(|scope| scopes::successor(scope).unwrap_or(scope)).collect();
    let asked = scopes::split(&today.join(" "));
    if scopes::check_granted(&asked, &asked).is_ok() {
        asked
    } else {
        scopes::DEFAULT.iter().map(|&scope| scope.to_owned()).collect()
    }
}

/// The saved app with that client ID, with the new secret where it had none; else a new one under
/// a name that must be free, and true. What the saved one keeps though another was given is told.
fn saved_app(store: &ProfileStore, name: &Name, app: App) -> Result<(App, bool, Vec<String>)> {
    let mut remarks = Vec::new();
    if let Some(saved) = store.apps()?.into_iter().find(|saved| saved.client_id == app.client_id) {
        if let (Some(own), Some(given)) = (&saved.client_secret, &app.client_secret)
            && own != given
        {
            remarks.push(format!(
                "The saved app {} keeps its client secret, which differs from the imported one. To replace it, sign in with \
                 the imported secret.",
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
        return Ok((App { client_secret, ..saved }, false, remarks));
    }
    if store.app_names()?.contains(&app.name) {
        return Err(Error::bad_input(
            format!("The app {name} is another one (its client ID differs); nothing was changed."),
            "",
        )
        .with_next_step(NextStep::ImportUnderOtherName));
    }
    Ok((app, true, remarks))
}

fn save_app(store: &ProfileStore, app: &App, is_new: bool) -> Result<()> {
    if is_new { store.create_app(app) } else { store.put_app(app) }
}

async fn identified(
    ctx: &Context,
    app: &App,
    found: &Found,
    remarks: &mut Vec<String>,
) -> Result<(Token, Option<Verdict>)> {
    let now = ctx.now();
    let issued_by = found.issued_by(now);
    let mut token = Token {
        access: found.token.clone(),
        scopes: Vec::new(),
        issued_at: issued_by.unwrap_or(now),
        expires_at: found.life.end(issued_by),
        refresh: found.refresh(issued_by),
    };
    let Some(secret) = &app.client_secret else {
        remarks.push(match token.expires_at {
            Some(_) => "The expiry is the file's: LinkedIn confirms it only with the app's client secret.".to_owned(),
            None => {
                "When the token expires is not known: LinkedIn says it only with the app's client secret.".to_owned()
            }
        });
        return Ok((token, None));
    };
    let (detail, _) = introspect(&ctx.http, &ctx.endpoints, &app.client_id, secret, &found.token).await?;
    let at = |seconds: Option<i64>| seconds.and_then(|seconds| Timestamp::from_second(seconds).ok());
    match (detail.active, detail.status.as_deref()) {
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
    token.scopes = detail.scope.as_deref().map(scopes::split).unwrap_or_default();
    token.expires_at = at(detail.expires_at).or(token.expires_at);
    if let Some(created_at) = at(detail.created_at) {
        token.issued_at = created_at;
        // A file may be a copy, and younger than its token.
        token.refresh = found.refresh(Some(found.issued_at.unwrap_or(created_at)));
    }
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
            format!("Bearer {token}"),
            format!("Authorization: Bearer {token}\n"),
            format!("'{token}'"),
            format!("LINKEDIN_ACCESS_TOKEN=\"{token}\""),
            format!("{{\"accessToken\":\"Bearer {token}\"}}"),
        ] {
            assert!(Found::parse(&text, None).is_ok_and(|found| found.token.matches(token)), "{text}");
        }
        for text in [
            "",
            "null",
            "two words",
            "Bearer",
            "AQV0123\nsecond",
            "{\"token\":\"AQV0123456789abcdefghij\"}",
            "<html>AQV0123456789abcdefghij</html>",
        ] {
            assert!(Found::parse(text, None).is_err(), "{text}");
        }
    }

    #[test]
    fn expiry_is_counted_from_the_tokens_own_issue() {
        let time = |text: &str| text.parse::<Timestamp>().unwrap();
        let (now, saved) = (time("2026-08-01T00:00:00Z"), time("2026-06-07T00:00:00Z"));
        let end = |fields: &str, saved_at: Option<Timestamp>| {
            let found = Found::parse(&format!("{{\"access_token\":\"AQ\",{fields}}}"), saved_at).unwrap();
            found.life.end(found.issued_by(now)).map(|end| end.to_string())
        };
        let at = |text: &str| Some(text.to_owned());
        for (fields, expected) in [
            ("\"expires_in\":5184000", at("2026-08-06T00:00:00Z")),
            ("\"expires_in\":\"5184000\"", at("2026-08-06T00:00:00Z")),
            ("\"expiresIn\":5184000.0", at("2026-08-06T00:00:00Z")),
            ("\"expires_in\":5184000,\"created_at\":1780272000", at("2026-07-31T00:00:00Z")),
            ("\"expires_in\":5184000,\"issuedAt\":1780272000000", at("2026-07-31T00:00:00Z")),
            ("\"expires_in\":5184000,\"obtained_at\":\"2026-06-01T00:00:00Z\"", at("2026-07-31T00:00:00Z")),
            ("\"expires_at\":1786000000,\"expires_in\":5184000", at("2026-08-06T07:06:40Z")),
            ("\"expires_at\":1786000000.25", at("2026-08-06T07:06:40Z")),
            ("\"expiresAt\":1786000000000", at("2026-08-06T07:06:40Z")),
            ("\"expires_at\":\"2026-08-06T07:06:40Z\"", at("2026-08-06T07:06:40Z")),
            ("\"expires\":\"1786000000\"", at("2026-08-06T07:06:40Z")),
            ("\"expiry_date\":1786000000000", at("2026-08-06T07:06:40Z")),
            ("\"expires\":\"soon\"", None),
            ("\"expires_in\":null", None),
            ("\"expires_in\":1e300", None),
            ("\"scope\":\"openid\"", None),
        ] {
            assert_eq!(end(fields, Some(saved)), expected, "{fields}");
        }
        assert_eq!(end("\"expires_in\":5184000", None), None, "nobody knows since when");
        assert_eq!(end("\"expires_in\":5184000", Some(time("2027-01-01T00:00:00Z"))), None, "another clock's");
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
