//! Delivering a token to where it is used: the commands that a profile names, after each new token, one after the other
//! in the order of its file. None of them can lose or block the token: it is saved, and its lock is released, before
//! the first starts.

use std::time::Duration;

use super::token_formats::{env_lines, fill_template, token_json, token_variables};
use crate::secret::Secret;
use crate::session::process::{self, ChildCommand, expose_as_requested};
use crate::session::{Context, DeliveryEvent};
use crate::store::{CommandExit, Delivery, DeliveryResult, Input, Name, Profile, Token};
use crate::text::sanitize;
use crate::{Error, NextStep, Result};

/// How long to wait for another process that runs deliveries of the same profile: several of them may time out.
const LOCK_TIMEOUT: Duration = Duration::from_secs(100);
const MAX_LINE_CHARS: usize = 200;
const REDACTED: &str = "[token]";
/// A word of the output that is at least this long and occurs in the token is redacted.
const MIN_PART_CHARS: usize = 8;
/// Length of a test token if no token is stored.
const TEST_TOKEN_CHARS: usize = 350;

/// Runs the deliveries of a profile whose new token was just saved and whose lock is released. A failure is reported
/// and saved with the profile, and does not fail the caller.
pub(super) async fn deliver_new_token(ctx: &Context, profile: &Profile) {
    if profile.deliveries.is_empty() {
        return;
    }
    let (owned_ctx, name) = (ctx.clone(), profile.name.clone());
    let work = async move {
        if let Err(error) = run_deliveries(&owned_ctx, &name, &[], DeliveredToken::Stored).await {
            owned_ctx.deliveries.emit(DeliveryEvent::Failed { profile: name, error });
        }
    };
    ctx.deliveries.schedule(work).await;
}

/// Returns the deliveries of a profile with these names; all, if no name is given.
pub(crate) fn select_deliveries(profile: &Profile, names: &[String]) -> Result<Vec<Delivery>> {
    let profile_name = &profile.name;
    let has_delivery = |name: &String| profile.deliveries.iter().any(|delivery| delivery.name == *name);
    if let Some(unknown) = names.iter().find(|name| !has_delivery(name)) {
        return Err(Error::bad_input(
            format!("The profile {profile_name} has no delivery called {}.", sanitize(unknown, 80)),
            "",
        )
        .with_next_step(NextStep::ListDeliveries { profile: profile_name.to_string() }));
    }
    if profile.deliveries.is_empty() {
        return Err(Error::bad_input(format!("The profile {profile_name} has no deliveries."), "Add one first.")
            .with_next_step(NextStep::ListPresets));
    }
    let is_selected = |delivery: &&Delivery| names.is_empty() || names.contains(&delivery.name);
    Ok(profile.deliveries.iter().filter(is_selected).cloned().collect())
}

/// The token that deliveries get.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum DeliveredToken {
    Stored,
    /// One of the same length that is not real.
    Test,
}

/// Runs the deliveries under a lock of their own: an older token must not arrive after a newer one.
pub(super) async fn run_deliveries(
    ctx: &Context,
    name: &Name,
    delivery_names: &[String],
    delivered_token: DeliveredToken,
) -> Result<Vec<(String, DeliveryResult)>> {
    let is_test = delivered_token == DeliveredToken::Test;
    let owned_name = name.clone();
    let _lock = ctx.with_store(move |store| store.lock_deliveries(&owned_name, LOCK_TIMEOUT)).await?;
    let profile = ctx.profile(name).await?;
    let deliveries = select_deliveries(&profile, delivery_names)?;
    let profile = if is_test { with_test_token(ctx, profile) } else { profile };
    let emit = |event| ctx.deliveries.emit(event);
    let mut results: Vec<(String, DeliveryResult)> = Vec::new();
    for delivery in deliveries {
        emit(DeliveryEvent::Started { profile: name.clone(), delivery: delivery.name.clone(), is_test });
        let result = DeliveryResult { is_test_token: is_test, ..deliver_to(ctx, &profile, &delivery).await };
        let preceding = results.iter().filter(|(earlier, _)| *earlier == delivery.name).count();
        // A failed test has replaced nothing at the target.
        let saved = if !is_test || result.succeeded() {
            save_result(ctx, name, (&delivery.name, preceding), &result).await
        } else {
            Ok(())
        };
        let (profile, delivery_name) = (name.clone(), delivery.name.clone());
        emit(DeliveryEvent::Finished { profile, delivery: delivery_name, result: result.clone() });
        if let Err(error) = saved {
            let result = format!("The result of {} could not be saved. ", sanitize(&delivery.name, 60));
            let error = Error { message: result + &error.message, ..error };
            emit(DeliveryEvent::Failed { profile: name.clone(), error });
        }
        results.push((delivery.name, result));
    }
    Ok(results)
}

/// Saves the result of a delivery, the one of its name that `preceding` others precede.
async fn save_result(
    ctx: &Context,
    name: &Name,
    (delivery, preceding): (&str, usize),
    result: &DeliveryResult,
) -> Result<()> {
    let (delivery, result) = (delivery.to_owned(), result.clone());
    let save = move |profile: &mut Profile| {
        // The delivery may have been deleted from the file meanwhile.
        let mut with_name = profile.deliveries.iter_mut().filter(|stored| stored.name == delivery);
        if let Some(stored) = with_name.nth(preceding) {
            stored.last_result = Some(result);
        }
        Ok(())
    };
    ctx.update_profile(name, save).await.map(drop)
}

/// Replaces the token by one of the same length that reads `test-token-test-token-`.
fn with_test_token(ctx: &Context, mut profile: Profile) -> Profile {
    let length = profile.token.as_ref().map_or(TEST_TOKEN_CHARS, |token| token.access.len());
    let access = Secret::new("test-token-".chars().cycle().take(length).collect::<String>());
    if let Some(token) = &mut profile.token {
        token.access = access;
    } else {
        let (issued_at, scopes) = (ctx.now(), profile.scopes.clone());
        profile.token = Some(Token { access, scopes, issued_at, expires_at: None, refresh: None });
    }
    profile
}

async fn deliver_to(ctx: &Context, profile: &Profile, delivery: &Delivery) -> DeliveryResult {
    let result = |exit, last_line| DeliveryResult { at: ctx.now(), exit, last_line, is_test_token: false };
    let failed = |reason: String| result(CommandExit::Failed(reason), String::new());
    let token = match profile.require_token() {
        Ok(token) => token,
        Err(error) => return failed(error.message),
    };
    let variables = token_variables(profile);
    let (stdin, environment) = match &delivery.input {
        Input::Token => (token.access.clone(), Vec::new()),
        Input::Env => (env_lines(&variables), Vec::new()),
        Input::Json => (Secret::new(format!("{}\n", expose_as_requested(&token_json(profile, token)))), Vec::new()),
        Input::Template(text) => (fill_template(text, &variables), Vec::new()),
        Input::Environment => (Secret::new(""), variables),
        Input::Unknown => {
            return failed("The input is not token, env, json, environment or a template.".to_owned());
        }
    };
    let output = process::run(ChildCommand { command: &delivery.command, stdin, environment }).await;
    let line = redact(&output.last_line, expose_as_requested(&token.access));
    result(output.exit, sanitize(&line, MAX_LINE_CHARS))
}

/// Replaces the token, and words that are a part of it, such as a line of a token that was wrapped.
fn redact(text: &str, token: &str) -> String {
    let redact_word = |word: &str| {
        let part = word.trim_matches(|c: char| matches!(c, '"' | '\'' | ':' | ',' | '.' | '(' | ')'));
        if part.len() >= MIN_PART_CHARS && token.contains(part) {
            word.replace(part, REDACTED)
        } else {
            word.to_owned()
        }
    };
    text.replace(token, REDACTED).split(' ').map(redact_word).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_and_its_parts_are_redacted() {
        let token = "AQVxYz0123456789abcdefghijklmnopqrstuvwxyzABCDEF";
        let redacted = |text: &str| redact(text, token);
        assert_eq!(redacted(&format!("set {token} now")), "set [token] now");
        assert_eq!(redacted(&format!("x={token}&y")), "x=[token]&y");
        assert_eq!(redacted(&token[20..]), REDACTED, "a line of a wrapped one");
        assert_eq!(redacted(&format!("Bearer \"{}\".", &token[..15])), "Bearer \"[token]\".");
        for text in ["Set Actions secret for me/site", "AQVxYz0", "李小龙 Zoë", ""] {
            assert_eq!(redacted(text), text);
        }
    }
}
