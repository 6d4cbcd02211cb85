//! `apps/NAME.toml`.

use std::path::Path;

use serde::{Deserialize, Serialize};
use toml_edit::DocumentMut;

use super::secrets::{APP, CLIENT_SECRET, SecretReader, SecretWriter, Source, rename_legacy_fields};
use super::{damaged_value_error, parse, schema, write_fields};
use crate::Result;
use crate::linkedin::{Flow, RedirectUrl};
use crate::store::encrypted::{Encryption, FieldContext, KeyProvider};
use crate::store::model::{App, AppSummary};
use crate::store::name::Name;

#[derive(Deserialize, Serialize)]
struct AppFile {
    #[serde(skip_serializing)]
    schema: Option<toml::Value>,
    #[serde(alias = "sealed")]
    encryption: Option<Encryption>,
    #[serde(alias = "sealed_for")]
    encrypted_for: Option<String>,
    client_id: String,
    client_secret: Option<String>,
    redirect_url: String,
    #[serde(default)]
    flow: Flow,
}

/// Parses a file and checks what needs no key.
fn parse_app(source: Source<'_>) -> Result<(AppFile, SecretReader<'_>)> {
    let file: AppFile = parse(source.path, source.text)?;
    schema::check_readable(source.path, file.schema.as_ref())?;
    let secrets = SecretReader::new(source, APP, file.encryption, file.encrypted_for.as_deref())?;
    Ok((file, secrets))
}

/// Reads an app. Without `keys` its secret is empty.
pub(in crate::store) fn read(path: &Path, name: &Name, text: &str, keys: Option<&dyn KeyProvider>) -> Result<App> {
    let (file, secrets) = parse_app(Source { path, text, name, keys })?;
    let client_secret = file.client_secret.filter(|secret| !secret.trim().is_empty());
    Ok(App {
        name: name.clone(),
        client_id: file.client_id,
        client_secret: client_secret.map(|secret| secrets.read(CLIENT_SECRET, secret)).transpose()?,
        redirect_url: RedirectUrl::parse_for(file.flow, &file.redirect_url)
            .map_err(|_| damaged_value_error(path, text, "redirect_url"))?,
        flow: file.flow,
    })
}

/// Reads an app without its secret, even one whose redirect URL is invalid.
pub(in crate::store) fn read_summary(path: &Path, name: &Name, text: &str) -> Result<AppSummary> {
    let (file, secrets) = parse_app(Source { path, text, name, keys: None })?;
    // Read for its errors only: plain text in an encrypted file is refused.
    secrets.read(CLIENT_SECRET, file.client_secret.clone().unwrap_or_default())?;
    let has_secret = file.client_secret.is_some_and(|secret| !secret.trim().is_empty());
    let AppFile { client_id, redirect_url, flow, .. } = file;
    Ok(AppSummary { name: name.clone(), client_id, has_secret, redirect_url, flow })
}

pub(in crate::store) fn write(document: &mut DocumentMut, app: &App, secrets: &SecretWriter) -> Result<()> {
    let context = FieldContext { document_kind: APP, name: &app.name, field: CLIENT_SECRET };
    rename_legacy_fields(document);
    let file = AppFile {
        schema: None,
        encryption: secrets.encryption(),
        encrypted_for: secrets.encrypted_for(&app.name).map(ToString::to_string),
        client_id: app.client_id.clone(),
        client_secret: app.client_secret.as_ref().map(|secret| secrets.write(&context, secret)).transpose()?,
        redirect_url: app.redirect_url.as_str().to_owned(),
        flow: app.flow,
    };
    write_fields(document, &file)
}
