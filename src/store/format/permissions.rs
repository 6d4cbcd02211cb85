//! The table `[permissions]` of a profile's document.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::linkedin::capabilities::Capability;
use crate::store::permissions::{Permission, Permissions};

/// The table of a [`Permission`]; its capability is the table's name.
#[derive(Deserialize, Serialize)]
struct PermissionTable {
    allowed: Option<bool>,
    product: Option<String>,
    #[serde(default)]
    evidence: String,
}

/// Reads the table. A damaged table is ignored: the permissions can be probed again, and the profile stays usable.
pub(super) fn read_lenient<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Permissions>, D::Error> {
    Ok(toml::Value::deserialize(from)?.try_into().ok())
}

/// Serializes every known capability; one without a permission is serialized as absent. Capabilities of newer versions stay.
pub(in crate::store) fn serialize<S: Serializer>(permissions: &[Permission], to: S) -> Result<S::Ok, S::Error> {
    let table = |capability| {
        let Permission { allowed, product, evidence, .. } =
            permissions.iter().find(|permission| permission.capability == capability)?.clone();
        Some(PermissionTable { allowed, product, evidence })
    };
    to.collect_map(Capability::ALL.map(|capability| (capability.id(), table(capability))))
}

pub(in crate::store) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Permission>, D::Error> {
    let mut tables = BTreeMap::<String, PermissionTable>::deserialize(from)?;
    let permission = |capability: Capability| {
        let PermissionTable { allowed, product, evidence } = tables.remove(capability.id())?;
        Some(Permission { capability, allowed, product, evidence })
    };
    Ok(Capability::ALL.into_iter().filter_map(permission).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;
    use crate::store::format::test_profile::{read_profile, write_profile};
    use crate::store::model::{Profile, Token};
    use crate::store::name::Name;
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

    #[test]
    fn permissions_are_read_back() {
        let profile = profile();
        let text = write_profile(FILE, &profile);
        assert_eq!(read_profile(&text), profile, "{text}");
        assert_eq!(write_profile(&text, &profile), text, "a save without changes changes nothing");
        assert!(text.starts_with("# mine\n") && text.contains("# the app"), "{text}");
    }

    #[test]
    fn save_keeps_unknown_keys_and_comments() {
        let mut profile = profile();
        let text =
            write_profile(FILE, &profile).replace("[permissions]\n", "[permissions]\nmine = 1 # note\n").replace(
                "[permissions.capabilities.comment]\n",
                "[permissions.capabilities.fly]\nallowed = true\n\n[permissions.capabilities.comment]\nmine = 2\n",
            );
        profile.stored_permissions.as_mut().unwrap().list[2].allowed = Some(true);
        profile.stored_permissions.as_mut().unwrap().pages.clear();
        let after = write_profile(&text, &profile);
        for unknown in ["mine = 1 # note", "mine = 2", "[permissions.capabilities.fly]"] {
            assert!(after.contains(unknown), "{unknown}: {after}");
        }
        assert!(!after.contains("pages"), "{after}");
        assert_eq!(read_profile(&after), profile);
    }

    #[test]
    fn changed_app_or_scopes_discard_permissions() {
        let probed = profile();
        assert!(probed.permissions().is_some());
        let mut reordered = probed.clone();
        reordered.token.as_mut().unwrap().scopes.reverse();
        assert!(reordered.permissions().is_some(), "the order of scopes does not matter");
        let changed = |change: fn(&mut Profile)| {
            let mut changed = probed.clone();
            change(&mut changed);
            changed
        };
        for (what, changed) in [
            ("app", changed(|profile| profile.app = name("b"))),
            ("scopes", changed(|profile| profile.token.as_mut().unwrap().scopes.push("email".to_owned()))),
            ("token", changed(|profile| profile.token = None)),
        ] {
            assert!(changed.permissions().is_none(), "{what}");
            let text = write_profile(&write_profile(FILE, &probed), &changed);
            assert!(!text.contains("permissions"), "{what}: {text}");
        }
        // A file that another program changed.
        let text = write_profile(FILE, &probed).replace("app = \"a\" # the app", "app = \"b\"");
        assert!(read_profile(&text).stored_permissions.is_none());
    }

    #[test]
    fn damaged_table_keeps_the_profile_readable() {
        for damaged in ["permissions = 3", "[permissions]\nat = \"yesterday\"\napp = \"a\"", "[permissions]\nat = 5"] {
            assert!(read_profile(&format!("{FILE}{damaged}\n")).stored_permissions.is_none(), "{damaged}");
        }
        assert!(read_profile(FILE).stored_permissions.is_none(), "a file without the table is read");
    }
}
