//! Importing the app of a `.env` file, and a token that a different program obtained.

use jiff::Timestamp;

use super::check::check;
use super::deliver::deliver_new_token;
use super::token_file::TokenFile;
use crate::config::Environment;
use crate::linkedin::{Flow, RedirectUrl, scopes};
use crate::session::Context;
use crate::store::{App, Check, Name, Profile, ProfileStore, Token, Verdict};
use crate::{Code, Error, NextStep, Result};

pub(crate) struct ImportOutcome {
    pub app: Option<App>,
    /// Whether the app was created; false if one with that client ID was saved already.
    pub is_new_app: bool,
    pub profile: Option<Profile>,
    pub warnings: Vec<String>,
}

/// Returns the app that a `.env` file or the environment describes; `redirect_url` has precedence over its own.
pub(crate) fn app_from_environment(
    name: &Name,
    env: &Environment,
    redirect_url: Option<RedirectUrl>,
) -> Result<Option<App>> {
    let Some(client_id) = env.client_id()? else { return Ok(None) };
    let redirect_url = match redirect_url {
        Some(url) => url,
        // An invalid URL in the variables need not prevent the import.
        None => match env.redirect_url().map_err(|error| error.with_next_step(NextStep::SetRedirectUrl))? {
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

/// Saves the app and the token. With a client secret, introspection returns the token's scopes and expiry; then its
/// member is identified. No profile is overwritten. Of an expired or revoked token only the app is saved.
pub(crate) async fn import(
    ctx: &Context,
    name: &Name,
    app: Option<App>,
    file: Option<TokenFile>,
) -> Result<ImportOutcome> {
    let mut warnings = Vec::new();
    let (app, is_new) = match app {
        Some(app) => {
            let owned_name = name.clone();
            let (app, is_new, app_warnings) = ctx.with_store(move |store| resolve_app(store, &owned_name, app)).await?;
            warnings.extend(app_warnings);
            (Some(app), is_new)
        }
        None => (None, false),
    };
    let Some(file) = file else {
        if let Some(app) = app.clone() {
            ctx.with_store(move |store| save_app(store, &app, is_new)).await?;
        }
        return Ok(ImportOutcome { app, is_new_app: is_new, profile: None, warnings });
    };
    let Some(app) = app else {
        return Err(Error::bad_input("The app of the token is missing.", "No client ID was found beside it.")
            .with_next_step(NextStep::NameImportedApp));
    };
    if ctx.store.profile_names()?.contains(name) {
        return Err(profile_exists_error(name));
    }
    let (token, verdict) = match introspect(ctx, &app, &file, &mut warnings).await {
        Err(mut error) if matches!(error.code, Code::Expired | Code::Revoked) => {
            let step = NextStep::SignInWithApp { profile: name.to_string(), app: app.name.to_string() };
            ctx.with_store(move |store| save_app(store, &app, is_new)).await?;
            error.replace_hint("The app is saved.", Some(step));
            return Err(error);
        }
        introspected => introspected?,
    };
    let (owned_app, owned_name, at) = (app.clone(), name.clone(), ctx.now());
    let save = move |store: &ProfileStore| {
        save_app(store, &owned_app, is_new)?;
        let new = Profile::new(owned_name.clone(), owned_app.name.clone(), requestable_scopes(&token.scopes));
        let mut is_created = false;
        store.create_or_update_profile(new.clone(), |profile| {
            // Another process may have created the profile meanwhile.
            is_created = *profile == new;
            if is_created {
                profile.token = Some(token);
                profile.check = verdict.map(|verdict| Check::new(at, verdict));
            }
        })?;
        if !is_created {
            return Err(profile_exists_error(&owned_name));
        }
        store.make_current_if_none(&owned_name);
        Ok(())
    };
    ctx.with_store(save).await?;
    match check(ctx, name).await {
        Ok(checked) => warnings.extend(checked.warnings),
        Err(error) => warnings.push(format!("LinkedIn did not identify the member: {error}")),
    }
    let profile = ctx.profile(name).await?;
    deliver_new_token(ctx, &profile).await;
    Ok(ImportOutcome { profile: Some(profile), app: Some(app), is_new_app: is_new, warnings })
}

fn profile_exists_error(name: &Name) -> Error {
    Error::bad_input(format!("The profile {name} already exists; it was not changed."), "")
        .with_next_step(NextStep::ImportUnderOtherName)
}

/// Returns the scopes of the next sign-in: the granted ones, with the current names of retired scopes; the default ones
/// if none are known.
fn requestable_scopes(granted: &[String]) -> Vec<String> {
    let current: Vec<&str> = granted.iter().map(|scope| scopes::find_replacement(scope).unwrap_or(scope)).collect();
    let requested = scopes::split(&current.join(" "));
    // One app had them together before.
    let granted_before = &requested;
    if scopes::check_before_request(&requested, granted_before).is_ok() {
        requested
    } else {
        scopes::DEFAULT.iter().map(|&scope| scope.to_owned()).collect()
    }
}

/// Returns the saved app with the client ID of `app`, with the new client secret if it had none; else `app` under a
/// name that must be free, and true. The third value is the warnings about values of `app` that were not used.
fn resolve_app(store: &ProfileStore, name: &Name, app: App) -> Result<(App, bool, Vec<String>)> {
    let mut warnings = Vec::new();
    if let Some(saved) = store.apps()?.into_iter().find(|saved| saved.client_id == app.client_id) {
        if let (Some(saved_secret), Some(imported_secret)) = (&saved.client_secret, &app.client_secret)
            && saved_secret != imported_secret
        {
            warnings.push(format!(
                "The saved app {} keeps its client secret, which differs from the imported one. To replace it, sign in with \
                 the imported secret.",
                saved.name
            ));
        }
        let is_default = app.redirect_url.as_str() == RedirectUrl::DEFAULT;
        if !is_default && saved.redirect_url != app.redirect_url {
            warnings.push(format!(
                "The saved app {} keeps its redirect URL {}; the imported one is {}.",
                saved.name,
                saved.redirect_url.as_str(),
                app.redirect_url.as_str()
            ));
        }
        let client_secret = saved.client_secret.clone().or(app.client_secret);
        return Ok((App { client_secret, ..saved }, false, warnings));
    }
    if store.app_names()?.contains(&app.name) {
        return Err(Error::bad_input(
            format!("The app {name} already exists with a different client ID; nothing was changed."),
            "",
        )
        .with_next_step(NextStep::ImportUnderOtherName));
    }
    Ok((app, true, warnings))
}

fn save_app(store: &ProfileStore, app: &App, is_new: bool) -> Result<()> {
    if is_new { store.create_app(app) } else { store.save_app(app) }
}

/// Reads scopes and expiry from introspection, if the app has a client secret.
async fn introspect(
    ctx: &Context,
    app: &App,
    file: &TokenFile,
    warnings: &mut Vec<String>,
) -> Result<(Token, Option<Verdict>)> {
    let now = ctx.now();
    let find_latest_possible_issue = file.find_latest_possible_issue(now);
    let mut token = Token {
        access: file.token.clone(),
        scopes: file.scopes.clone(),
        issued_at: find_latest_possible_issue.unwrap_or(now),
        expires_at: file.expires_at(find_latest_possible_issue),
        refresh: file.refresh_token(find_latest_possible_issue),
    };
    let Some(introspected) = ctx.introspect(app, &file.token).await else {
        warnings.push(match token.expires_at {
            Some(_) => {
                "The expiry comes from the file: LinkedIn confirms it only with the app's client secret.".to_owned()
            }
            None => "The expiry is unknown: LinkedIn returns it only with the app's client secret.".to_owned(),
        });
        return Ok((token, None));
    };
    let (introspection, _) = introspected?;
    let at = |seconds: Option<i64>| seconds.and_then(|seconds| Timestamp::from_second(seconds).ok());
    match (introspection.is_active, introspection.status.as_deref()) {
        (true, _) => {}
        (false, Some("expired")) => {
            return Err(Error::new(Code::Expired, "The token has expired.", ""));
        }
        (false, Some(_)) => {
            return Err(Error::new(Code::Revoked, "The token was revoked.", ""));
        }
        (false, None) => {
            return Err(Error::new(
                Code::Refused,
                format!("The token does not belong to the app {}.", app.name),
                "Name the app that the token was issued to.",
            ));
        }
    }
    if let Some(granted) = introspection.scope.as_deref() {
        token.scopes = scopes::split(granted);
    }
    token.expires_at = at(introspection.expires_at).or(token.expires_at);
    if let Some(created_at) = at(introspection.created_at) {
        token.issued_at = created_at;
        // A file may be a copy, and newer than its token.
        token.refresh = file.refresh_token(Some(file.issued_at.unwrap_or(created_at)));
    }
    Ok((token, Some(Verdict::Active)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invalid_redirect_url_can_be_replaced() {
        let variables =
            [("LINKEDIN_CLIENT_ID", "86abcdefghijkl"), ("LINKEDIN_REDIRECT_URI", "https://app.example.com/callback")];
        let (name, env) = (Name::suggest("work", "work"), Environment::from(variables));
        let error = app_from_environment(&name, &env, None).unwrap_err();
        assert_eq!(error.next_step.as_deref(), Some(&NextStep::SetRedirectUrl));
        let url = RedirectUrl::parse(RedirectUrl::DEFAULT).ok();
        assert!(app_from_environment(&name, &env, url).unwrap().is_some());
    }

    #[test]
    fn retired_scopes_are_requested_by_their_new_names() {
        let requested = |text: &str| requestable_scopes(&scopes::split(text)).join(" ");
        assert_eq!(requested("openid profile"), "openid profile");
        assert!(!requested("r_liteprofile,r_emailaddress,w_member_social").contains("r_liteprofile"));
        assert!(requested("r_liteprofile,r_emailaddress,w_member_social").contains("w_member_social"));
        assert_eq!(requested(""), scopes::DEFAULT.join(" "));
    }
}
