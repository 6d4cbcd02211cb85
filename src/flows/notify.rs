//! Expiry notifications: a configured command, run at most once a day for each profile.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::clock::rfc3339;
use crate::secret::Secret;
use crate::session::context::with_store;
use crate::session::process::{self, ChildCommand};
use crate::store::{CommandExit, DeliveryResult, Name, ProfileStore, Status};
use crate::{Code, Error, Result};

/// A notification. It contains no token.
#[derive(Clone, Debug)]
pub(crate) struct Notice {
    pub name: Name,
    pub status: Status,
    pub expires_at: Option<Timestamp>,
    /// The profile's JSON, on one line.
    pub json: String,
}

/// Runs the command for each profile without a notification on this (local) day. Returns the errors of failed commands,
/// which are run again the next time.
pub(crate) async fn notify(store: &ProfileStore, command: &[String], notices: &[Notice], now: Timestamp) -> Vec<Error> {
    let day = now.to_zoned_datetime(TimeZone::system()).strftime("%Y-%m-%d").to_string();
    let mut errors = Vec::new();
    for notice in notices {
        if let Err(error) = notify_one(store, command, notice, &day, now).await {
            errors.push(error);
        }
    }
    errors
}

async fn notify_one(
    store: &ProfileStore,
    command: &[String],
    notice: &Notice,
    day: &str,
    now: Timestamp,
) -> Result<()> {
    let name = &notice.name;
    let (owned_name, today) = (name.clone(), day.to_owned());
    if !with_store(store, move |store| store.claim_notification(&owned_name, &today)).await? {
        return Ok(());
    }
    let expires_at = notice.expires_at.map(rfc3339).unwrap_or_default();
    let environment = vec![
        ("LINKEDIN_TUI_PROFILE", Secret::new(name.as_str())),
        ("LINKEDIN_TUI_STATUS", Secret::new(notice.status.as_str())),
        ("LINKEDIN_TUI_EXPIRES_AT", Secret::new(expires_at)),
    ];
    let stdin = Secret::new(format!("{}\n", notice.json));
    let output = process::run(ChildCommand { command, stdin, environment }).await;
    if output.exit == CommandExit::Code(0) {
        return Ok(());
    }
    let owned_name = name.clone();
    with_store(store, move |store| store.release_notification(&owned_name)).await?;
    let summary = DeliveryResult {
        at: now,
        exit: output.exit,
        last_line: crate::text::sanitize(&output.last_line, 200),
        is_test_token: false,
    }
    .summary();
    Err(Error::new(
        Code::NotDelivered,
        format!("The command of [notify] failed for {name}. {summary}"),
        "It is run again the next time.",
    ))
}
