//! Telling before it is too late: a person's own command, once for each profile and day.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::clock::rfc3339;
use crate::secret::Secret;
use crate::session::context::on_disk;
use crate::session::process::{self, ChildCommand};
use crate::store::{CommandExit, DeliveryResult, Name, ProfileStore, Status};
use crate::{Code, Error, Result};

/// What to tell. It holds no token.
#[derive(Clone, Debug)]
pub struct Notice {
    /// The profile.
    pub name: Name,
    /// Where its token stands.
    pub status: Status,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
    /// The profile's JSON, on one line.
    pub json: String,
}

/// Runs the command for those that nobody was told about on this machine's day; gives what went
/// wrong, for each by itself. A command that failed is run again the next time.
pub async fn notify(store: &ProfileStore, command: &[String], notices: &[Notice], now: Timestamp) -> Vec<Error> {
    let day = now.to_zoned_datetime(TimeZone::system()).strftime("%Y-%m-%d").to_string();
    let mut troubles = Vec::new();
    for notice in notices {
        if let Err(error) = one(store, command, notice, &day, now).await {
            troubles.push(error);
        }
    }
    troubles
}

async fn one(store: &ProfileStore, command: &[String], notice: &Notice, day: &str, now: Timestamp) -> Result<()> {
    let name = &notice.name;
    let (wanted, today) = (name.clone(), day.to_owned());
    if !on_disk(store, move |store| store.claim_notice(&wanted, &today)).await? {
        return Ok(());
    }
    let expires_at = notice.expires_at.map(rfc3339).unwrap_or_default();
    let environment = vec![
        ("LINKEDIN_TUI_PROFILE", Secret::new(name.as_str())),
        ("LINKEDIN_TUI_STATUS", Secret::new(notice.status.as_str())),
        ("LINKEDIN_TUI_EXPIRES_AT", Secret::new(expires_at)),
    ];
    let stdin = Secret::new(format!("{}\n", notice.json));
    let ran = process::run(ChildCommand { command, stdin, environment }).await;
    if ran.ended == CommandExit::Code(0) {
        return Ok(());
    }
    let wanted = name.clone();
    on_disk(store, move |store| store.release_notice(&wanted)).await?;
    let words =
        DeliveryResult { at: now, ended: ran.ended, line: crate::text::clean(&ran.last_line, 200), test_token: false }
            .summary();
    Err(Error::new(
        Code::NotDelivered,
        format!("The command of [notify] failed for {name}. {words}"),
        "It is run again the next time.",
    ))
}
