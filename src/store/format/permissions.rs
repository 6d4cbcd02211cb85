//! The table `[permissions]` of a profile's document.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use toml_edit::Table;

use super::{null_if_empty, seconds, section, write_fields};
use crate::Result;
use crate::linkedin::capabilities::Capability;
use crate::store::name::Name;
use crate::store::permissions::{PagePermission, Permission, Permissions};

const KEY: &str = "permissions";

#[derive(Deserialize, Serialize)]
struct PermissionsTable {
    #[serde(with = "seconds")]
    at: Timestamp,
    app: Name,
    #[serde(default)]
    client_id: String,
    #[serde(default)]
    scopes: Vec<String>,
    #[serde(default, skip_serializing)]
    capabilities: BTreeMap<String, CapabilityTable>,
    #[serde(default, serialize_with = "null_if_empty")]
    pages: Vec<PagePermission>,
}

#[derive(Deserialize, Serialize)]
struct CapabilityTable {
    allowed: Option<bool>,
    product: Option<String>,
    #[serde(default)]
    evidence: String,
}

/// Reads the table. A damaged one counts as none: LinkedIn can be asked again, and the profile stays usable.
pub(super) fn read(table: toml::Value) -> Option<Permissions> {
    let PermissionsTable { at, app, client_id, scopes, mut capabilities, pages } = table.try_into().ok()?;
    let mut permission = |capability: Capability| {
        let CapabilityTable { allowed, product, evidence } = capabilities.remove(capability.id())?;
        Some(Permission { capability, allowed, product, evidence })
    };
    let list = Capability::ALL.into_iter().filter_map(&mut permission).collect();
    Some(Permissions { at, app, client_id, scopes, list, pages })
}

/// Writes the table, or removes one that no longer holds. Capabilities of a newer version stay.
pub(super) fn write(document: &mut Table, found: Option<&Permissions>) -> Result<()> {
    let Some(found) = found else {
        drop(document.remove(KEY));
        return Ok(());
    };
    let Some(table) = section(document, KEY) else { return Ok(()) };
    let file = PermissionsTable {
        at: found.at,
        app: found.app.clone(),
        client_id: found.client_id.clone(),
        scopes: found.scopes.clone(),
        capabilities: BTreeMap::new(),
        pages: found.pages.clone(),
    };
    write_fields(table, &file)?;
    let Some(capabilities) = section(table, "capabilities") else { return Ok(()) };
    capabilities.set_implicit(true);
    capabilities.retain(|id, _| Capability::from_id(id).is_none_or(|known| found.of(known).is_some()));
    for one in &found.list {
        if let Some(table) = section(capabilities, one.capability.id()) {
            let Permission { allowed, product, evidence, .. } = one.clone();
            write_fields(table, &CapabilityTable { allowed, product, evidence })?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::secret::Secret;
    use crate::store::encrypted::NoKeys;
    use crate::store::format::{SecretWriter, document, profile as file};
    use crate::store::model::{Profile, Token};
    use crate::store::permissions::PagePermission;

    const FILE: &str = "# mine\nschema = 1\napp = \"a\" # the app\nscopes = [\"openid\"]\n";

    fn name(text: &str) -> Name {
        Name::parse(text).unwrap()
    }

    fn profile() -> Profile {
        let scopes = vec!["openid".to_owned(), "profile".to_owned()];
        let issued_at = "2026-11-24T14:05:00Z".parse().unwrap();
        let mut profile = Profile::new(name("p"), name("a"), vec!["openid".to_owned()]);
        profile.token = Some(Token {
            access: Secret::new("x"),
            scopes: scopes.clone(),
            issued_at,
            expires_at: None,
            refresh: None,
        });
        let permission = |capability, allowed, product: Option<&str>| Permission {
            capability,
            allowed,
            product: product.map(str::to_owned),
            evidence: "GET /v2/userinfo answered \"200\".".to_owned(),
        };
        let page = PagePermission {
            urn: "urn:li:organization:7".to_owned(),
            name: Some("A \"B\"".to_owned()),
            role: "ADMINISTRATOR".to_owned(),
            can_post: true,
        };
        profile.stored_permissions = Some(Permissions {
            at: issued_at,
            app: name("a"),
            client_id: "86abc".to_owned(),
            scopes,
            list: vec![
                permission(Capability::SignIn, Some(true), Some("Sign In")),
                permission(Capability::PostAsMember, None, None),
                permission(Capability::Comment, Some(false), Some("Community")),
            ],
            pages: vec![page.clone(), PagePermission { name: None, can_post: false, ..page }],
        });
        profile
    }

    fn parsed(text: &str) -> Profile {
        file::read(Path::new("p.toml"), &name("p"), text, Some(&NoKeys)).unwrap()
    }

    fn written(text: &str, profile: &Profile) -> String {
        let mut text = document(Path::new("p.toml"), Some(text)).unwrap();
        file::write(&mut text, profile, &SecretWriter::Plain).unwrap();
        text.to_string()
    }

    #[test]
    fn what_was_found_is_read_back() {
        let profile = profile();
        let text = written(FILE, &profile);
        assert_eq!(parsed(&text), profile, "{text}");
        assert_eq!(written(&text, &profile), text, "nothing new changes nothing");
        assert!(text.starts_with("# mine\n") && text.contains("# the app"), "{text}");
    }

    #[test]
    fn a_new_result_keeps_foreign_keys_and_comments() {
        let mut profile = profile();
        let text = written(FILE, &profile).replace("[permissions]\n", "[permissions]\nmine = 1 # kept\n").replace(
            "[permissions.capabilities.comment]\n",
            "[permissions.capabilities.fly]\nallowed = true\n\n[permissions.capabilities.comment]\nmine = 2\n",
        );
        profile.stored_permissions.as_mut().unwrap().list[2].allowed = Some(true);
        profile.stored_permissions.as_mut().unwrap().pages.clear();
        let after = written(&text, &profile);
        for kept in ["mine = 1 # kept", "mine = 2", "[permissions.capabilities.fly]"] {
            assert!(after.contains(kept), "{kept}: {after}");
        }
        assert!(!after.contains("pages"), "{after}");
        assert_eq!(parsed(&after), profile);
    }

    #[test]
    fn another_app_or_other_scopes_drop_what_was_found() {
        let kept = profile();
        assert!(kept.permissions().is_some());
        let mut reordered = kept.clone();
        reordered.token.as_mut().unwrap().scopes.reverse();
        assert!(reordered.permissions().is_some(), "the order of scopes does not matter");
        let changed = |change: fn(&mut Profile)| {
            let mut changed = kept.clone();
            change(&mut changed);
            changed
        };
        for (what, changed) in [
            ("app", changed(|profile| profile.app = name("b"))),
            ("scopes", changed(|profile| profile.token.as_mut().unwrap().scopes.push("email".to_owned()))),
            ("token", changed(|profile| profile.token = None)),
        ] {
            assert!(changed.permissions().is_none(), "{what}");
            let text = written(&written(FILE, &kept), &changed);
            assert!(!text.contains("permissions"), "{what}: {text}");
        }
        // A file that another program changed.
        let text = written(FILE, &kept).replace("app = \"a\" # the app", "app = \"b\"");
        assert!(parsed(&text).stored_permissions.is_none());
    }

    #[test]
    fn a_damaged_table_costs_no_profile() {
        for odd in ["permissions = 3", "[permissions]\nat = \"yesterday\"\napp = \"a\"", "[permissions]\nat = 5"] {
            assert!(parsed(&format!("{FILE}{odd}\n")).stored_permissions.is_none(), "{odd}");
        }
        assert!(parsed(FILE).stored_permissions.is_none(), "files of before are read");
    }
}
