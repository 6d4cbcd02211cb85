//! `profiles/NAME.toml`.

use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use toml_edit::DocumentMut;

use super::deliveries::{self, DeliverTable, DeliveredTables};
use super::secrets::{ACCESS_TOKEN, PROFILE, REFRESH_TOKEN, SecretReader, SecretWriter, Source, rename_legacy_fields};
use super::{null_if_false, parse, permissions, rename_key, rfc3339_seconds, schema, write_fields};
use crate::Result;
use crate::store::encrypted::{Encryption, FieldContext, KeyProvider};
use crate::store::model::{Check, Member, Profile, RefreshToken, Token};
use crate::store::name::Name;
use crate::store::permissions::Permissions;

#[derive(Deserialize, Serialize)]
struct ProfileFile {
    #[serde(skip_serializing)]
    schema: Option<toml::Value>,
    #[serde(alias = "sealed")]
    encryption: Option<Encryption>,
    #[serde(alias = "sealed_for")]
    encrypted_for: Option<String>,
    app: Name,
    #[serde(default)]
    scopes: Vec<String>,
    browser: Option<String>,
    #[serde(default, alias = "two_legged", serialize_with = "null_if_false")]
    client_credentials: bool,
    member: Option<Member>,
    token: Option<TokenTable>,
    check: Option<Check>,
    #[serde(default, skip_serializing)]
    deliver: Vec<DeliverTable>,
    #[serde(default, skip_serializing)]
    delivered: DeliveredTables,
    #[serde(default, deserialize_with = "permissions::read_lenient")]
    permissions: Option<Permissions>,
}

#[derive(Deserialize, Serialize)]
struct TokenTable {
    access_token: String,
    #[serde(default)]
    scopes: Vec<String>,
    #[serde(with = "rfc3339_seconds")]
    issued_at: Timestamp,
    #[serde(default, with = "rfc3339_seconds::optional")]
    expires_at: Option<Timestamp>,
    refresh_token: Option<String>,
    #[serde(default, with = "rfc3339_seconds::optional")]
    refresh_expires_at: Option<Timestamp>,
    #[serde(default, with = "rfc3339_seconds::optional")]
    refresh_refused_at: Option<Timestamp>,
}

/// Returns the app that a profile names in a complete line before its first table, where the file as a whole cannot be read.
pub(in crate::store) fn app_of_damaged(text: &str) -> Option<String> {
    let mut top = text.lines().take_while(|line| !line.trim_start().starts_with('['));
    top.find_map(|line| Some(line.parse::<DocumentMut>().ok()?.get("app")?.as_str()?.to_owned()))
}

impl TokenTable {
    fn read(self, secrets: &SecretReader<'_>) -> Result<Token> {
        let access = secrets.read(ACCESS_TOKEN, self.access_token)?;
        let refresh = self.refresh_token.map(|token| secrets.read(REFRESH_TOKEN, token)).transpose()?;
        Ok(Token {
            access,
            scopes: self.scopes,
            issued_at: self.issued_at,
            expires_at: self.expires_at,
            refresh: refresh.map(|token| RefreshToken {
                token,
                expires_at: self.refresh_expires_at,
                refused_at: self.refresh_refused_at,
            }),
        })
    }

    fn new(token: &Token, name: &Name, secrets: &SecretWriter) -> Result<Self> {
        let context = |field| FieldContext { document_kind: PROFILE, name, field };
        let refresh = token.refresh.as_ref();
        Ok(Self {
            access_token: secrets.write(&context(ACCESS_TOKEN), &token.access)?,
            scopes: token.scopes.clone(),
            issued_at: token.issued_at,
            expires_at: token.expires_at,
            refresh_token: refresh.map(|refresh| secrets.write(&context(REFRESH_TOKEN), &refresh.token)).transpose()?,
            refresh_expires_at: refresh.and_then(|refresh| refresh.expires_at),
            refresh_refused_at: refresh.and_then(|refresh| refresh.refused_at),
        })
    }
}

/// Reads a profile. Without `keys` its secrets are empty.
pub(in crate::store) fn read(path: &Path, name: &Name, text: &str, keys: Option<&dyn KeyProvider>) -> Result<Profile> {
    let file: ProfileFile = parse(path, text)?;
    schema::check_readable(path, file.schema.as_ref())?;
    let source = Source { path, text, name, keys };
    let secrets = SecretReader::new(source, PROFILE, file.encryption, file.encrypted_for.as_deref())?;
    let mut profile = Profile {
        browser: file.browser.filter(|command| !command.trim().is_empty()),
        member: file.member,
        token: file.token.map(|token| token.read(&secrets)).transpose()?,
        check: file.check,
        client_credentials: file.client_credentials,
        deliveries: deliveries::read(file.deliver, file.delivered),
        stored_permissions: file.permissions,
        ..Profile::new(name.clone(), file.app, file.scopes)
    };
    if profile.permissions().is_none() {
        profile.stored_permissions = None;
    }
    Ok(profile)
}

pub(in crate::store) fn write(document: &mut DocumentMut, profile: &Profile, secrets: &SecretWriter) -> Result<()> {
    rename_legacy_fields(document);
    rename_key(document.as_table_mut(), "two_legged", "client_credentials");
    let token = profile.token.as_ref().map(|token| TokenTable::new(token, &profile.name, secrets)).transpose()?;
    let file = ProfileFile {
        schema: None,
        encryption: secrets.encryption(),
        encrypted_for: secrets.encrypted_for(&profile.name).map(ToString::to_string),
        app: profile.app.clone(),
        scopes: profile.scopes.clone(),
        browser: profile.browser.clone(),
        client_credentials: profile.client_credentials,
        member: profile.member.clone(),
        token,
        check: profile.check,
        deliver: Vec::new(),
        delivered: DeliveredTables::new(),
        permissions: profile.permissions().cloned(),
    };
    write_fields(document, &file)?;
    deliveries::write(document, &profile.deliveries)
}

#[cfg(test)]
mod tests {
    use crate::store::Input;
    use crate::store::format::test_profile::{read_profile, write_profile};
    use crate::store::model::{Check, Doubt, Undecided, Verdict};

    #[test]
    fn a_doubt_and_a_reason_are_read_back() {
        let file = |check: &str| format!("schema = 1\napp = \"a\"\nscopes = []\n\n[check]\n{check}");
        let at = |text: &str| text.parse().unwrap();
        let doubted = file("at = \"2026-11-24T14:06:00Z\"\nverdict = \"unknown\"\ndoubt = \"other-scopes\"\n");
        let mut profile = read_profile(&doubted);
        assert_eq!(profile.last_check(), None, "earlier versions did not keep the last check");
        assert_eq!(write_profile(&doubted, &profile), doubted);
        profile.check = Some(Check::new(at("2026-11-24T14:05:00Z"), Verdict::Active));
        profile.doubt(at("2026-11-24T14:06:00Z"), Doubt::OtherScopes);
        let written = write_profile(&doubted, &profile);
        let last = "checked_at = \"2026-11-24T14:05:00Z\"\nchecked_verdict = \"active\"\n";
        assert_eq!(written, format!("{doubted}{last}"));
        assert_eq!(read_profile(&written), profile);
        profile.check = Some(Check::undecided(at("2026-11-24T14:07:00Z"), Undecided::Restricted));
        let undecided = write_profile(&written, &profile);
        let reason = "at = \"2026-11-24T14:07:00Z\"\nverdict = \"unknown\"\nundecided = \"restricted\"\n";
        assert_eq!(undecided, file(reason), "what is no longer true is removed");
        assert_eq!(read_profile(&undecided), profile);
        let newer = read_profile(&undecided.replace("restricted", "of-a-newer-version"));
        assert_eq!(newer.check.unwrap().undecided, Some(Undecided::Unknown));
    }

    #[test]
    fn a_damaged_file_names_its_app_in_a_complete_line() {
        let app = |text: &str| super::app_of_damaged(text);
        for text in ["app = \"work\"\nscopes = [", "schema = 2\n'app' = 'work' # mine\n= x", "\tapp=\"w\\u006Frk\""] {
            assert_eq!(app(text).as_deref(), Some("work"), "{text}");
        }
        for text in ["", "app = \"wor", "[deliver]\napp = \"work\"", "apps = \"work\"", "app = 1"] {
            assert_eq!(app(text), None, "{text}");
        }
    }

    #[test]
    fn every_field_is_read_back() {
        let text = r#"schema = 1
app = "my-app"
scopes = ["openid", "profile"]
browser = "firefox"
client_credentials = true

[member]
id = "abc"
name = "Zoë"

[token]
access_token = "AQ1"
scopes = ["openid"]
issued_at = "2026-11-24T14:05:00Z"
expires_at = "2027-01-23T14:05:00Z"
refresh_token = "AQX"
refresh_expires_at = "2027-11-24T14:05:00Z"
refresh_refused_at = "2026-11-25T14:05:00Z"

[check]
at = "2026-11-24T14:06:00Z"
verdict = "revoked"

[[deliver]]
name = "ci"
command = ["gh", "secret"]
input = "env"
"#;
        let profile = read_profile(text);
        assert_eq!((profile.app.as_str(), profile.scopes.len()), ("my-app", 2));
        assert_eq!((profile.browser.as_deref(), profile.client_credentials), (Some("firefox"), true));
        let member = profile.member.as_ref().unwrap();
        assert_eq!((member.id.as_str(), member.name.as_deref()), ("abc", Some("Zoë")));
        let token = profile.token.as_ref().unwrap();
        assert_eq!((token.scopes.len(), token.issued_at), (1, "2026-11-24T14:05:00Z".parse().unwrap()));
        assert_eq!(token.expires_at, "2027-01-23T14:05:00Z".parse().ok());
        let refresh = token.refresh.as_ref().unwrap();
        assert_eq!(refresh.expires_at, "2027-11-24T14:05:00Z".parse().ok());
        assert_eq!(refresh.refused_at, "2026-11-25T14:05:00Z".parse().ok());
        let check = profile.check.unwrap();
        assert_eq!((check.at, check.verdict), ("2026-11-24T14:06:00Z".parse().unwrap(), Verdict::Revoked));
        let delivery = &profile.deliveries[0];
        assert_eq!((delivery.name.as_str(), &delivery.input), ("ci", &Input::Env));
        assert_eq!(write_profile(text, &profile), text);
        assert_eq!(read_profile(&write_profile("", &profile)), profile);
    }
}
