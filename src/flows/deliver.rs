//! Handing a token to where it is used: the commands that a profile names, run after each new
//! token, one after the other in the order of its file. None of them can lose or block the token:
//! it is saved before the first begins, and its lock is given back.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use jiff::SignedDuration;

use super::refresh::{stored_token, valid_token};
use super::token_formats::{filled, lines, object, variables};
use crate::secret::Secret;
use crate::session::Context;
use crate::session::DeliveryEvent;
use crate::session::process::expose_to_child;
use crate::session::process::{self, Task};
use crate::store::{Delivery, DeliveryResult, Ended, Input, Name, Profile};
use crate::text::clean;
use crate::{Error, NextStep, Result};

/// How long to wait for another process that delivers the same profile: a few that hang.
const LOCK_WAIT: Duration = Duration::from_secs(100);
/// Most characters of a line that are kept.
const LINE: usize = 200;
/// So many characters of a token in a row are a piece of it.
const PIECE: usize = 8;
/// What stands in a piece's place.
const MARK: &str = "[token]";
/// Length of a test token where no token is stored.
const TEST_TOKEN_LENGTH: usize = 350;

/// To be called by whatever has just saved a new token, after giving back the profile's lock. A
/// failure is told and kept with the profile, and is no failure of the caller.
pub async fn new_token(ctx: &Context, profile: &Profile) {
    if profile.deliveries.is_empty() {
        return;
    }
    let (owned, name) = (ctx.clone(), profile.name.clone());
    let work = async move {
        if let Err(error) = run(&owned, &name, &[], Token::Stored).await {
            owned.deliveries.emit(DeliveryEvent::Failed { profile: name, error });
        }
    };
    ctx.deliveries.schedule(work).await;
}

/// Hands the stored token over again, to the deliveries named in `only`, or to all. It is refreshed
/// first where that is due. `test` sends a test token of the same length instead and asks nobody; where it arrives, the profile
/// remembers that it is stored there now.
///
/// # Errors
/// `bad_input` where the profile has no such delivery; as [`valid_token`] for a token that is dead;
/// `locked` where another process is delivering all the while. A command that fails is no error
/// here but a result.
pub async fn again(ctx: &Context, name: &Name, only: &[String], test: bool) -> Result<Vec<(String, DeliveryResult)>> {
    let profile = stored(ctx, name).await?;
    planned(&profile, only)?;
    if test {
        return run(ctx, name, only, Token::Test).await;
    }
    if stored_token(&profile, ctx.now(), SignedDuration::ZERO)?.is_none() {
        let held = Context { deliveries: ctx.deliveries.clone().suppressed(), ..ctx.clone() };
        valid_token(&held, name, SignedDuration::ZERO).await?;
    }
    run(ctx, name, only, Token::Stored).await
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Token {
    Stored,
    Test,
}

/// The deliveries of a profile that [`again`] would run.
///
/// # Errors
/// `bad_input` where the profile has no such delivery, or none at all.
pub fn planned(profile: &Profile, only: &[String]) -> Result<Vec<Delivery>> {
    let name = &profile.name;
    if let Some(unknown) = only.iter().find(|one| !profile.deliveries.iter().any(|known| known.name == **one)) {
        return Err(Error::bad_input(format!("The profile {name} has no delivery called {}.", clean(unknown, 80)), "")
            .with_next_step(NextStep::ListDeliveries { profile: name.to_string() }));
    }
    if profile.deliveries.is_empty() {
        return Err(Error::bad_input(format!("The profile {name} has no deliveries."), "Add one first.")
            .with_next_step(NextStep::ListPresets));
    }
    Ok(profile.deliveries.iter().filter(|one| only.is_empty() || only.contains(&one.name)).cloned().collect())
}

/// Runs the deliveries under a lock of their own: an older token must not arrive after a newer one.
async fn run(ctx: &Context, name: &Name, only: &[String], token: Token) -> Result<Vec<(String, DeliveryResult)>> {
    let wanted = name.clone();
    let _lock = ctx.on_disk(move |store| store.lock_deliveries(&wanted, LOCK_WAIT)).await?;
    let profile = stored(ctx, name).await?;
    let deliveries = planned(&profile, only)?;
    let profile = if token == Token::Test { with_test_token(ctx, profile) } else { profile };
    let emit = |event| ctx.deliveries.emit(event);
    let mut results = Vec::new();
    for one in deliveries {
        let test = token == Token::Test;
        emit(DeliveryEvent::Started { profile: name.clone(), delivery: one.name.clone(), test });
        let result = DeliveryResult { test_token: test, ..deliver_to(ctx, &profile, &one).await };
        // A test that failed has put nothing in the place of what went before.
        if (!test || result.succeeded())
            && let Err(error) = keep(ctx, name, &one.name, &result).await
        {
            emit(DeliveryEvent::Failed { profile: name.clone(), error });
        }
        emit(DeliveryEvent::Ended { profile: name.clone(), delivery: one.name.clone(), result: result.clone() });
        results.push((one.name, result));
    }
    Ok(results)
}

async fn keep(ctx: &Context, name: &Name, delivery: &str, result: &DeliveryResult) -> Result<()> {
    let (name, delivery, result) = (name.clone(), delivery.to_owned(), result.clone());
    let save = move |profile: &mut Profile| {
        // A person may have taken it out of the file meanwhile.
        if let Some(one) = profile.deliveries.iter_mut().find(|one| one.name == delivery) {
            one.last = Some(result);
        }
        Ok(())
    };
    ctx.on_disk(move |store| store.update_profile(&name, save).map(drop)).await
}

async fn stored(ctx: &Context, name: &Name) -> Result<Profile> {
    let name = name.clone();
    ctx.on_disk(move |store| store.profile(&name)).await
}

/// The profile with a test token, which says of itself what it is.
fn with_test_token(ctx: &Context, mut profile: Profile) -> Profile {
    let length = profile.token.as_ref().map_or(TEST_TOKEN_LENGTH, |token| token.access.len());
    let access = Secret::new("test-token-".chars().cycle().take(length).collect::<String>());
    if let Some(token) = &mut profile.token {
        token.access = access;
    } else {
        let (issued_at, scopes) = (ctx.now(), profile.scopes.clone());
        profile.token = Some(crate::store::Token { access, scopes, issued_at, expires_at: None, refresh: None });
    }
    profile
}

/// One delivery, whatever comes of it.
async fn deliver_to(ctx: &Context, profile: &Profile, delivery: &Delivery) -> DeliveryResult {
    let ended = |ended, line| DeliveryResult { at: ctx.now(), ended, line, test_token: false };
    let failed = |why: &str| ended(Ended::Failed(why.to_owned()), String::new());
    let Some(token) = &profile.token else { return failed("The profile has no token.") };
    let variables = variables(profile);
    let nothing = || Secret::new("");
    let (stdin, environment) = match &delivery.input {
        Input::Token => (token.access.clone(), Vec::new()),
        Input::Env => (lines(&variables), Vec::new()),
        Input::Json => (Secret::new(format!("{}\n", expose_to_child(&object(profile, token)))), Vec::new()),
        Input::Template(text) => (filled(text, &variables), Vec::new()),
        Input::Environment => (nothing(), variables),
        Input::Unknown => {
            return failed("Its input is none of token, env, json, environment, and no template.");
        }
    };
    let ran = process::run(Task { command: &delivery.command, stdin, environment }).await;
    let line = clean(&without_pieces(&ran.line, expose_to_child(&token.access)), LINE);
    ended(ran.ended, line)
}

/// The text with every piece of the secret replaced: whole, cut, wrapped, in base64 or in hex.
fn without_pieces(text: &str, secret: &str) -> String {
    let bytes = secret.as_bytes();
    let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or_default();
    let hex: String = bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect();
    let mut forms = vec![secret.to_owned(), hex.to_uppercase(), hex];
    // Inside of a longer text base64 falls in one of three ways.
    forms.extend((0..3).filter_map(|skip| Some(STANDARD_NO_PAD.encode(bytes.get(skip..)?))));
    let (mut out, mut rest) = (String::new(), text);
    while let Some(first) = rest.chars().next() {
        let piece = forms.iter().map(|form| piece(rest, form)).max().unwrap_or_default();
        if piece < PIECE {
            out.push(first);
            rest = &rest[first.len_utf8()..];
        } else {
            if !out.ends_with(MARK) {
                out.push_str(MARK);
            }
            rest = &rest[piece..];
        }
    }
    out
}

/// How many bytes at the beginning of `text` stand somewhere in `form`, if they are many enough.
fn piece(text: &str, form: &str) -> usize {
    let Some(head) = text.get(..PIECE) else { return 0 };
    let same = |at: usize| text.bytes().zip(form[at..].bytes()).take_while(|(left, right)| left == right).count();
    form.match_indices(head).map(|(at, _)| same(at)).max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_piece_of_a_token_is_kept() {
        let token = "AQVxYz0123456789abcdefghijklmnopqrstuvwxyzABCDEF";
        let hidden = |text: &str| without_pieces(text, token);
        assert_eq!(hidden(&format!("set {token} now")), "set [token] now");
        assert_eq!(hidden(&token[20..]), MARK, "a line of a wrapped one");
        assert_eq!(hidden(&format!("Bearer {}", &token[..15])), "Bearer [token]");
        let encoded = STANDARD_NO_PAD.encode(format!("x:{token}"));
        let kept = hidden(&encoded);
        assert!(kept.contains(MARK) && kept.len() < MARK.len() + 16, "{kept}");
        assert_eq!(hidden("4151567859"), MARK, "in hex");
        for text in ["Set Actions secret for me/site", "AQVxYz0", "李小龙 Zoë", ""] {
            assert_eq!(hidden(text), text);
        }
    }
}
