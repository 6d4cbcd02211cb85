//! The files' format. Reading goes through serde; writing edits the document that is there, so
//! that comments and unknown keys survive.

use std::path::Path;

use jiff::Timestamp;
use serde::Deserialize;
use toml_edit::{Array, DocumentMut, Item, Table, TableLike, value};
use zeroize::Zeroizing;

use super::delivery::{self, DeliverTable, DeliveredTables};
use super::encrypted::{self, Encryption, FieldContext, Key, KeyProvider, is_encrypted};
use super::files::damaged;
use super::survey::AppSummary;
use super::types::{App, Check, Member, Name, Profile, RefreshToken, Token, Verdict};
use super::{permissions, schema};
use crate::clock::rfc3339;
use crate::linkedin::{Flow, RedirectUrl};
use crate::secret::Secret;
use crate::text::line_column;
use crate::{Code, Error, Result};

/// The kinds of files with secrets in them, and the keys these stand under; encrypted fields carry both.
const PROFILE: &str = "profile";
const APP: &str = "app";
const ACCESS: &str = "token.access_token";
const REFRESH: &str = "token.refresh_token";
const CLIENT_SECRET: &str = "client_secret";

#[derive(Deserialize)]
struct ProfileFile {
    schema: Option<toml::Value>,
    encryption: Option<Encryption>,
    encrypted_for: Option<String>,
    /// The earlier name of `encryption`.
    sealed: Option<Encryption>,
    /// The earlier name of `encrypted_for`.
    sealed_for: Option<String>,
    app: String,
    #[serde(default)]
    scopes: Vec<String>,
    browser: Option<String>,
    #[serde(default)]
    client_credentials: bool,
    /// The earlier name of `client_credentials`.
    #[serde(default)]
    two_legged: bool,
    member: Option<MemberTable>,
    token: Option<TokenTable>,
    check: Option<CheckTable>,
    #[serde(default)]
    deliver: Vec<DeliverTable>,
    #[serde(default)]
    delivered: DeliveredTables,
    permissions: Option<toml::Value>,
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
    refresh_refused_at: Option<String>,
}

#[derive(Deserialize)]
struct CheckTable {
    at: String,
    verdict: String,
}

#[derive(Deserialize)]
struct AppFile {
    schema: Option<toml::Value>,
    encryption: Option<Encryption>,
    encrypted_for: Option<String>,
    /// The earlier name of `encryption`.
    sealed: Option<Encryption>,
    /// The earlier name of `encrypted_for`.
    sealed_for: Option<String>,
    client_id: String,
    client_secret: Option<String>,
    redirect_url: String,
    flow: Option<String>,
}

/// Parses, telling only where it failed.
pub(super) fn parse<T: for<'de> Deserialize<'de>>(path: &Path, text: &str) -> Result<T> {
    toml::from_str(text).map_err(|error| damaged(path, &line_column(text, error.span().map_or(0, |span| span.start))))
}

/// A file's text, to tell where in it a value cannot be understood.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    pub(super) path: &'a Path,
    pub(super) text: &'a str,
}

impl Source<'_> {
    /// The error for the value at this key, told by line and column: a message that repeats it would repeat secrets.
    pub(super) fn damaged(self, key: &[&str]) -> Error {
        let document = toml_edit::Document::parse(self.text).ok();
        let value = document.as_ref().and_then(|document| {
            let found = key.iter().try_fold(document.as_item(), |item, part| item.get(*part));
            found?.span()
        });
        // A key that is not there has no place.
        let missing = || format!("the key {}", key.join("."));
        damaged(self.path, &value.map_or_else(missing, |span| line_column(self.text, span.start)))
    }

    /// The time at this key.
    pub(super) fn time(self, key: &[&str], text: &str) -> Result<Timestamp> {
        text.parse().map_err(|_| self.damaged(key))
    }
}

/// Opens the secrets of one file.
struct Opener<'a> {
    source: Source<'a>,
    kind: &'static str,
    name: &'a Name,
    /// How the file says its fields are encrypted.
    stated: Option<Encryption>,
    /// `None` leaves every secret out.
    keys: Option<&'a dyn KeyProvider>,
}

impl Opener<'_> {
    /// Refuses, before any key is needed, a file that was encrypted under another name.
    fn check_name(&self, encrypted_for: Option<&str>) -> Result<()> {
        let original = encrypted_for.filter(|_| self.encryption().is_some());
        match original.and_then(|name| Name::parse(name).ok()).filter(|original| original != self.name) {
            Some(original) => Err(encrypted::renamed_by_hand(self.source.path, self.kind, &original)),
            None => Ok(()),
        }
    }

    fn encryption(&self) -> Option<Encryption> {
        self.stated.filter(|kind| *kind != Encryption::Off)
    }

    fn open(&self, field: &'static str, text: String) -> Result<Secret> {
        let text = Zeroizing::new(text);
        let encryption = self.encryption();
        if encryption.is_some() && !text.is_empty() && !is_encrypted(&text) {
            return Err(self.plain(field));
        }
        let Some(keys) = self.keys else { return Ok(Secret::new("")) };
        if !is_encrypted(&text) {
            return Ok(Secret::new(text.as_str()));
        }
        let Some(kind) = encryption else {
            return Err(self.source.damaged(&["encryption"]));
        };
        let place = FieldContext { kind: self.kind, name: self.name, field };
        keys.key(kind)?.decrypt(&place, &text).map_err(|refusal| refusal.told(self.source.path, field))
    }
}

impl Opener<'_> {
    /// Only who has the key could have encrypted a value, but anybody who can write to the file could have put a plain one there.
    fn plain(&self, field: &str) -> Error {
        let path = self.source.path.display();
        Error::new(
            Code::FileDamaged,
            format!("{path}: {field} is plain text in a file whose secrets are encrypted."),
            "If you did not write it there, do not use it: move the file out of the folder and sign in again. If you did, \
             delete it there, then sign in or add the app again.",
        )
    }
}

/// A profile from its file's text. Without `keys` its secrets are left empty.
pub(super) fn profile(path: &Path, name: &Name, text: &str, keys: Option<&dyn KeyProvider>) -> Result<Profile> {
    let file: ProfileFile = parse(path, text)?;
    let source = Source { path, text };
    schema::check_readable(path, file.schema.as_ref())?;
    let opener = Opener { source, kind: PROFILE, name, stated: file.encryption.or(file.sealed), keys };
    opener.check_name(file.encrypted_for.as_deref().or(file.sealed_for.as_deref()))?;
    let optional = |key: &str, text: Option<String>| text.map(|text| source.time(&["token", key], &text)).transpose();
    let token = match file.token {
        None => None,
        Some(token) => {
            let refresh_end = optional("refresh_expires_at", token.refresh_expires_at)?;
            let refused_at = optional("refresh_refused_at", token.refresh_refused_at)?;
            Some(Token {
                access: opener.open(ACCESS, token.access_token)?,
                scopes: token.scopes,
                issued_at: source.time(&["token", "issued_at"], &token.issued_at)?,
                expires_at: optional("expires_at", token.expires_at)?,
                refresh: match token.refresh_token {
                    Some(token) => {
                        Some(RefreshToken { token: opener.open(REFRESH, token)?, expires_at: refresh_end, refused_at })
                    }
                    None => None,
                },
            })
        }
    };
    let check = match file.check {
        None => None,
        Some(check) => Some(Check { at: source.time(&["check", "at"], &check.at)?, verdict: verdict(&check.verdict) }),
    };
    let mut profile = Profile {
        name: name.clone(),
        app: Name::parse(&file.app).map_err(|_| source.damaged(&["app"]))?,
        scopes: file.scopes,
        browser: file.browser.filter(|command| !command.trim().is_empty()),
        member: file.member.map(|member| Member { id: member.id, name: member.name, email: member.email }),
        token,
        check,
        client_credentials: file.client_credentials || file.two_legged,
        deliveries: delivery::read(source, file.deliver, file.delivered)?,
        stored_permissions: file.permissions.and_then(permissions::read),
    };
    if profile.permissions().is_none() {
        profile.stored_permissions = None;
    }
    Ok(profile)
}

/// An app as its file has it, whether or not it can be used.
pub(super) fn found_app(path: &Path, name: &Name, text: &str) -> Result<AppSummary> {
    let file: AppFile = parse(path, text)?;
    let source = Source { path, text };
    schema::check_readable(path, file.schema.as_ref())?;
    let flow = flow(source, file.flow.as_deref())?;
    // What can be refused without a key.
    let opener = Opener { source, kind: APP, name, stated: file.encryption.or(file.sealed), keys: None };
    opener.check_name(file.encrypted_for.as_deref().or(file.sealed_for.as_deref()))?;
    opener.open(CLIENT_SECRET, file.client_secret.clone().unwrap_or_default())?;
    let has_secret = file.client_secret.is_some_and(|secret| !secret.trim().is_empty());
    Ok(AppSummary { name: name.clone(), client_id: file.client_id, has_secret, redirect_url: file.redirect_url, flow })
}

fn flow(source: Source<'_>, word: Option<&str>) -> Result<Flow> {
    match word {
        None | Some("standard") => Ok(Flow::Standard),
        Some("native-pkce") => Ok(Flow::NativePkce),
        Some(_) => Err(source.damaged(&["flow"])),
    }
}

fn verdict(word: &str) -> Verdict {
    [Verdict::Active, Verdict::Expired, Verdict::Revoked]
        .into_iter()
        .find(|verdict| verdict.as_str() == word)
        .unwrap_or(Verdict::Unknown)
}

/// An app from its file's text. Without `keys` its secret is left empty.
pub(super) fn app(path: &Path, name: &Name, text: &str, keys: Option<&dyn KeyProvider>) -> Result<App> {
    let file: AppFile = parse(path, text)?;
    let source = Source { path, text };
    schema::check_readable(path, file.schema.as_ref())?;
    let opener = Opener { source, kind: APP, name, stated: file.encryption.or(file.sealed), keys };
    opener.check_name(file.encrypted_for.as_deref().or(file.sealed_for.as_deref()))?;
    let client_secret = file.client_secret.filter(|secret| !secret.is_empty());
    let flow = flow(source, file.flow.as_deref())?;
    Ok(App {
        name: name.clone(),
        client_id: file.client_id,
        client_secret: client_secret.map(|secret| opener.open(CLIENT_SECRET, secret)).transpose()?,
        redirect_url: RedirectUrl::parse_for(flow, &file.redirect_url)
            .map_err(|_| source.damaged(&["redirect_url"]))?,
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
        damaged(path, &line_column(text, error.span().map_or(0, |span| span.start)))
    })?;
    schema::prepare(path, &mut document)?;
    Ok(document)
}

pub(super) fn strings(items: &[String]) -> Item {
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

/// Moves a value to the key's present name, with its comments. Where both names are there, the present one counts.
pub(crate) fn rename_key(table: &mut dyn TableLike, old: &str, new: &str) {
    let decor = table.key(old).map(|key| key.leaf_decor().clone());
    if let Some(item) = table.remove(old)
        && !table.contains_key(new)
    {
        table.insert(new, item);
        if let (Some(mut key), Some(decor)) = (table.key_mut(new), decor) {
            *key.leaf_decor_mut() = decor;
        }
    }
}

pub(super) fn section<'a>(document: &'a mut DocumentMut, key: &str) -> Option<&'a mut Table> {
    table_at(document.entry(key).or_insert(Item::Table(Table::new())))
}

/// The table at this place. One that is written inline becomes a table of its own, with all its keys.
pub(super) fn table_at(item: &mut Item) -> Option<&mut Table> {
    if !item.is_table() {
        *item = Item::Table(std::mem::take(item).into_table().unwrap_or_default());
    }
    item.as_table_mut()
}

/// How a file is written: with plain secrets, or encrypted with a key.
#[derive(Clone)]
pub(super) enum Writing {
    /// As they are.
    Plain,
    /// Encrypted, and by which kind of key.
    Encrypted(Encryption, Key),
}

impl Writing {
    /// The file says by its own content how its fields are encrypted, and under which name: that much can be seen without a key.
    fn mark(&self, table: &mut Table, name: &Name) {
        let (word, name) = match self {
            Self::Plain => (None, None),
            Self::Encrypted(kind, _) => (Some(value(kind.as_str())), Some(value(name.as_str()))),
        };
        for (old, new, item) in [("sealed", "encryption", word), ("sealed_for", "encrypted_for", name)] {
            rename_key(table, old, new);
            set(table, new, item);
        }
    }

    /// The one place where secrets go to the disk.
    fn secret(&self, place: &FieldContext<'_>, secret: &Secret) -> Result<Item> {
        let text = secret.expose();
        Ok(match self {
            Self::Plain => value(text),
            Self::Encrypted(_, key) => value(key.encrypt(place, text)?),
        })
    }
}

/// What this file says of its encryption, under the key's present or earlier name.
fn stated(document: &DocumentMut) -> Option<&Item> {
    document.get("encryption").or_else(|| document.get("sealed"))
}

/// How this file says that its secrets are encrypted; `None` where it says that they are not.
pub(super) fn encryption(document: &DocumentMut) -> Option<Encryption> {
    let word = stated(document).and_then(Item::as_str)?;
    Encryption::ALL.into_iter().find(|kind| *kind != Encryption::Off && kind.as_str() == word)
}

/// Has this file encrypted fields, or does it say that it has?
pub(super) fn says_encrypted(text: &str) -> bool {
    encrypted::is_in(text) || text.parse::<DocumentMut>().is_ok_and(|document| stated(&document).is_some())
}

/// How all secrets of this file are kept; `None` where they are not all kept alike.
pub(super) fn kept(document: &DocumentMut) -> Option<Encryption> {
    Encryption::ALL.into_iter().find(|kind| is_kept(document, *kind))
}

/// Is every secret of this file kept as `wanted` already?
pub(super) fn is_kept(document: &DocumentMut, wanted: Encryption) -> bool {
    let secrets: Vec<&str> = [ACCESS, REFRESH, CLIENT_SECRET]
        .into_iter()
        .filter_map(|field| field.split('.').try_fold(document.as_item(), |item, key| item.get(key))?.as_str())
        .collect();
    let are_encrypted = wanted != Encryption::Off;
    // An empty client secret is none.
    encryption(document).unwrap_or_default() == wanted
        && secrets.iter().all(|text| text.is_empty() || is_encrypted(text) == are_encrypted)
}

/// Writes a profile into the document.
///
/// # Errors
/// `unexpected` when a field cannot be encrypted.
pub(super) fn write_profile(document: &mut DocumentMut, profile: &Profile, writing: &Writing) -> Result<()> {
    let place = |field| FieldContext { kind: PROFILE, name: &profile.name, field };
    let table = document.as_table_mut();
    writing.mark(table, &profile.name);
    set(table, "app", Some(value(profile.app.as_str())));
    set(table, "scopes", Some(strings(&profile.scopes)));
    set(table, "browser", profile.browser.as_deref().map(value));
    rename_key(table, "two_legged", "client_credentials");
    set(table, "client_credentials", profile.client_credentials.then(|| value(true)));
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
                set(table, "access_token", Some(writing.secret(&place(ACCESS), &token.access)?));
                set(table, "scopes", Some(strings(&token.scopes)));
                set(table, "issued_at", Some(value(rfc3339(token.issued_at))));
                set(table, "expires_at", token.expires_at.map(|at| value(rfc3339(at))));
                let written = refresh.map(|refresh| writing.secret(&place(REFRESH), &refresh.token));
                set(table, "refresh_token", written.transpose()?);
                let time = |at: Option<Timestamp>| at.map(|at| value(rfc3339(at)));
                set(table, "refresh_expires_at", time(refresh.and_then(|refresh| refresh.expires_at)));
                set(table, "refresh_refused_at", time(refresh.and_then(|refresh| refresh.refused_at)));
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
    permissions::write(document, profile.permissions());
    delivery::write(document, &profile.deliveries);
    Ok(())
}

/// Writes an app into the document.
///
/// # Errors
/// `unexpected` when the secret cannot be encrypted.
pub(super) fn write_app(document: &mut DocumentMut, app: &App, writing: &Writing) -> Result<()> {
    let place = FieldContext { kind: APP, name: &app.name, field: CLIENT_SECRET };
    let table = document.as_table_mut();
    writing.mark(table, &app.name);
    set(table, "client_id", Some(value(&app.client_id)));
    let written = app.client_secret.as_ref().map(|secret| writing.secret(&place, secret));
    set(table, "client_secret", written.transpose()?);
    set(table, "redirect_url", Some(value(app.redirect_url.as_str())));
    set(table, "flow", Some(value(app.flow.as_str())));
    Ok(())
}
