//! The files' format. Reading goes through serde; writing edits the document that is there, so
//! that comments and unknown keys survive.

use std::path::Path;

use jiff::Timestamp;
use serde::Deserialize;
use toml_edit::{Array, DocumentMut, Item, Table, value};

use super::files::damaged;
use super::types::{App, Check, Member, Name, Profile, Refresh, Token, Verdict};
use crate::clock::rfc3339;
use crate::linkedin::{Flow, RedirectUrl};
use crate::secret::Secret;
use crate::text::place;
use crate::{Code, Error, Result};

/// The format's number. A file with a higher one is read but not written.
pub(super) const SCHEMA: i64 = 1;

#[derive(Deserialize)]
struct ProfileFile {
    app: String,
    #[serde(default)]
    scopes: Vec<String>,
    browser: Option<String>,
    member: Option<MemberTable>,
    token: Option<TokenTable>,
    check: Option<CheckTable>,
}

#[derive(Deserialize)]
struct MemberTable {
    id: String,
    name: Option<String>,
    email: Option<String>,
}

#[derive(Deserialize)]
struct TokenTable {
    access_token: String,
    #[serde(default)]
    scopes: Vec<String>,
    issued_at: String,
    expires_at: Option<String>,
    refresh_token: Option<String>,
    refresh_expires_at: Option<String>,
}

#[derive(Deserialize)]
struct CheckTable {
    at: String,
    verdict: String,
}

#[derive(Deserialize)]
struct AppFile {
    client_id: String,
    client_secret: Option<String>,
    redirect_url: String,
    flow: Option<String>,
}

/// `state.toml`.
#[derive(Default, Deserialize)]
pub(super) struct StateFile {
    /// The active profile.
    pub(super) active: Option<String>,
    /// What is ticked in the app guide.
    #[serde(default)]
    pub(super) guide: Vec<String>,
}

/// Parses, telling only where it failed.
pub(super) fn parse<T: for<'de> Deserialize<'de>>(path: &Path, text: &str) -> Result<T> {
    toml::from_str(text).map_err(|error| damaged(path, &place(text, error.span().map_or(0, |span| span.start))))
}

pub(super) fn time(path: &Path, key: &str, text: &str) -> Result<Timestamp> {
    text.parse().map_err(|_| damaged(path, &format!("the key {key}")))
}

/// A profile from its file's text.
pub(super) fn profile(path: &Path, name: &Name, text: &str) -> Result<Profile> {
    let file: ProfileFile = parse(path, text)?;
    let optional = |key: &str, text: Option<String>| text.map(|text| time(path, key, &text)).transpose();
    let token = match file.token {
        None => None,
        Some(token) => {
            let refresh_end = optional("token.refresh_expires_at", token.refresh_expires_at)?;
            Some(Token {
                access: Secret::new(token.access_token),
                scopes: token.scopes,
                issued_at: time(path, "token.issued_at", &token.issued_at)?,
                expires_at: optional("token.expires_at", token.expires_at)?,
                refresh: token
                    .refresh_token
                    .map(|token| Refresh { token: Secret::new(token), expires_at: refresh_end }),
            })
        }
    };
    let check = match file.check {
        None => None,
        Some(check) => Some(Check { at: time(path, "check.at", &check.at)?, verdict: verdict(&check.verdict) }),
    };
    Ok(Profile {
        name: name.clone(),
        app: Name::parse(&file.app).map_err(|_| damaged(path, "the key app"))?,
        scopes: file.scopes,
        browser: file.browser.filter(|command| !command.trim().is_empty()),
        member: file.member.map(|member| Member { id: member.id, name: member.name, email: member.email }),
        token,
        check,
    })
}

fn verdict(word: &str) -> Verdict {
    [Verdict::Active, Verdict::Expired, Verdict::Revoked]
        .into_iter()
        .find(|verdict| verdict.as_str() == word)
        .unwrap_or(Verdict::Unknown)
}

/// An app from its file's text.
pub(super) fn app(path: &Path, name: &Name, text: &str) -> Result<App> {
    let file: AppFile = parse(path, text)?;
    let flow = match file.flow.as_deref() {
        None | Some("standard") => Flow::Standard,
        Some("native-pkce") => Flow::NativePkce,
        Some(_) => return Err(damaged(path, "the key flow")),
    };
    Ok(App {
        name: name.clone(),
        client_id: file.client_id,
        client_secret: file.client_secret.filter(|secret| !secret.is_empty()).map(Secret::new),
        redirect_url: RedirectUrl::parse(&file.redirect_url).map_err(|_| damaged(path, "the key redirect_url"))?,
        flow,
    })
}

/// The document to edit: the old file's, or a new one.
///
/// # Errors
/// `file_damaged`; `file_newer` for a schema this program does not write.
pub(super) fn document(path: &Path, old: Option<&str>) -> Result<DocumentMut> {
    let text = old.unwrap_or_default();
    let mut document: DocumentMut = text.parse().map_err(|error: toml_edit::TomlError| {
        damaged(path, &place(text, error.span().map_or(0, |span| span.start)))
    })?;
    let schema = document.get("schema").and_then(Item::as_integer);
    if schema.is_some_and(|schema| schema > SCHEMA) {
        return Err(Error::new(
            Code::FileNewer,
            format!("{} was written by a newer linkedin-tui (schema {}).", path.display(), schema.unwrap_or_default()),
            "Update linkedin-tui; this version reads the file but does not write it.",
        ));
    }
    if schema.is_none() {
        document.insert("schema", value(SCHEMA));
    }
    Ok(document)
}

fn strings(items: &[String]) -> Item {
    value(items.iter().map(String::as_str).collect::<Array>())
}

/// Sets a key, or takes it away.
pub(super) fn set(table: &mut Table, key: &str, new: Option<Item>) {
    match new {
        // The old value's surroundings (comments) stay.
        Some(Item::Value(mut new)) => match table.get_mut(key).and_then(Item::as_value_mut) {
            Some(old) => {
                *new.decor_mut() = old.decor().clone();
                *old = new;
            }
            None => drop(table.insert(key, Item::Value(new))),
        },
        _ => drop(table.remove(key)),
    }
}

fn section<'a>(document: &'a mut DocumentMut, key: &str) -> Option<&'a mut Table> {
    let item = document.entry(key).or_insert(Item::Table(Table::new()));
    if !item.is_table() {
        *item = Item::Table(Table::new());
    }
    item.as_table_mut()
}

/// Writes a profile into the document.
pub(super) fn write_profile(document: &mut DocumentMut, profile: &Profile) {
    let table = document.as_table_mut();
    set(table, "app", Some(value(profile.app.as_str())));
    set(table, "scopes", Some(strings(&profile.scopes)));
    set(table, "browser", profile.browser.as_deref().map(value));
    match &profile.member {
        None => drop(document.remove("member")),
        Some(member) => {
            if let Some(table) = section(document, "member") {
                set(table, "id", Some(value(&member.id)));
                set(table, "name", member.name.as_deref().map(value));
                set(table, "email", member.email.as_deref().map(value));
            }
        }
    }
    match &profile.token {
        None => drop(document.remove("token")),
        Some(token) => {
            if let Some(table) = section(document, "token") {
                let refresh = token.refresh.as_ref();
                set(table, "access_token", Some(secret(&token.access)));
                set(table, "scopes", Some(strings(&token.scopes)));
                set(table, "issued_at", Some(value(rfc3339(token.issued_at))));
                set(table, "expires_at", token.expires_at.map(|at| value(rfc3339(at))));
                set(table, "refresh_token", refresh.map(|refresh| secret(&refresh.token)));
                set(
                    table,
                    "refresh_expires_at",
                    refresh.and_then(|refresh| refresh.expires_at).map(|at| value(rfc3339(at))),
                );
            }
        }
    }
    match &profile.check {
        None => drop(document.remove("check")),
        Some(check) => {
            if let Some(table) = section(document, "check") {
                set(table, "at", Some(value(rfc3339(check.at))));
                set(table, "verdict", Some(value(check.verdict.as_str())));
            }
        }
    }
}

/// Writes an app into the document.
pub(super) fn write_app(document: &mut DocumentMut, app: &App) {
    let table = document.as_table_mut();
    set(table, "client_id", Some(value(&app.client_id)));
    set(table, "client_secret", app.client_secret.as_ref().map(secret));
    set(table, "redirect_url", Some(value(app.redirect_url.as_str())));
    set(table, "flow", Some(value(app.flow.as_str())));
}

/// Writes the ticks of the app guide.
pub(super) fn write_guide(document: &mut DocumentMut, ticks: &[String]) {
    let ticks: toml_edit::Array = ticks.iter().collect();
    set(document.as_table_mut(), "guide", Some(value(ticks)));
}

/// Writes the active profile into the document.
pub(super) fn write_active(document: &mut DocumentMut, active: Option<&Name>) {
    set(document.as_table_mut(), "active", active.map(|name| value(name.as_str())));
}

/// The one place where secrets go to the disk.
fn secret(secret: &Secret) -> Item {
    value(secret.expose())
}
