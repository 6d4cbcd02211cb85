//! What a profile's token may do at LinkedIn, as it was last found out. It is kept in the table
//! `[permissions]` of the profile's file, and holds only for the app and the scopes it was found with.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;
use toml_edit::{DocumentMut, Item, Table, value};

use super::format::{section, set, strings};
use super::types::{Name, Profile};
use crate::clock::rfc3339;
use crate::linkedin::capabilities::{Capability, Remedy};
use crate::linkedin::scopes;

/// The table's key.
const KEY: &str = "permissions";

/// What a token may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permissions {
    /// When LinkedIn was asked.
    pub at: Timestamp,
    /// The app whose token it was.
    pub app: Name,
    /// That app's client ID.
    pub client_id: String,
    /// The scopes of the token.
    pub scopes: Vec<String>,
    /// One for each capability that is known to this version of the program.
    pub list: Vec<Permission>,
    /// The Pages where the member has a role, in LinkedIn's order.
    pub pages: Vec<PagePermission>,
}

/// Whether a token has one capability.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permission {
    /// The capability.
    pub capability: Capability,
    /// Whether the token has it; `None` where only a write would show it.
    pub allowed: Option<bool>,
    /// The product that brings the capability; `None` where no product would change the answer.
    pub product: Option<String>,
    /// What the answer rests on.
    pub evidence: String,
}

/// Whether the member can publish as a Page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PagePermission {
    /// `urn:li:organization:ID`
    pub urn: String,
    /// The Page's name, where it was read: clean before showing.
    pub name: Option<String>,
    /// The member's role.
    pub role: String,
    /// Whether posts as the Page are possible.
    pub can_post: bool,
}

impl Permission {
    /// The product that would change a "no".
    #[must_use]
    pub fn remedy(&self) -> Option<Remedy> {
        (self.allowed == Some(false) && self.product.is_some()).then(|| self.capability.remedy())
    }
}

impl Permissions {
    /// What was found out about one capability.
    #[must_use]
    pub fn of(&self, capability: Capability) -> Option<&Permission> {
        self.list.iter().find(|one| one.capability == capability)
    }

    /// The Pages that posts can be published as.
    pub fn postable_pages(&self) -> impl Iterator<Item = &PagePermission> {
        self.pages.iter().filter(|page| page.can_post)
    }

    /// Whether it was found with this app and these scopes.
    fn holds_for(&self, profile: &Profile) -> bool {
        let granted = profile.token.as_ref().map(|token| token.scopes.as_slice());
        profile.app == self.app && granted.is_some_and(|granted| scopes::same(granted, &self.scopes))
    }
}

impl Profile {
    /// What the token may do, as last found out; nothing once its app or its scopes are others.
    #[must_use]
    pub fn permissions(&self) -> Option<&Permissions> {
        self.stored_permissions.as_ref().filter(|found| found.holds_for(self))
    }
}

#[derive(Deserialize)]
struct PermissionsTable {
    at: String,
    app: String,
    #[serde(default)]
    client_id: String,
    #[serde(default)]
    scopes: Vec<String>,
    #[serde(default)]
    capabilities: BTreeMap<String, CapabilityTable>,
    #[serde(default)]
    pages: Vec<PageTable>,
}

#[derive(Deserialize)]
struct CapabilityTable {
    allowed: Option<bool>,
    product: Option<String>,
    #[serde(default)]
    evidence: String,
}

#[derive(Deserialize)]
struct PageTable {
    urn: String,
    name: Option<String>,
    #[serde(default)]
    role: String,
    can_post: bool,
}

/// Reads the table. One that cannot be understood is none: LinkedIn can be asked again, and no profile is lost for it.
pub(super) fn read(table: toml::Value) -> Option<Permissions> {
    let table: PermissionsTable = table.try_into().ok()?;
    let mut capabilities = table.capabilities;
    let mut permission = |capability: Capability| {
        let CapabilityTable { allowed, product, evidence } = capabilities.remove(capability.id())?;
        Some(Permission { capability, allowed, product, evidence })
    };
    let page = |table: PageTable| PagePermission {
        urn: table.urn,
        name: table.name,
        role: table.role,
        can_post: table.can_post,
    };
    Some(Permissions {
        at: table.at.parse().ok()?,
        app: Name::parse(&table.app).ok()?,
        client_id: table.client_id,
        scopes: table.scopes,
        list: Capability::ALL.into_iter().filter_map(&mut permission).collect(),
        pages: table.pages.into_iter().map(page).collect(),
    })
}

/// Writes the table, or removes one that no longer holds.
pub(super) fn write(document: &mut DocumentMut, found: Option<&Permissions>) {
    let Some(found) = found else {
        drop(document.remove(KEY));
        return;
    };
    let Some(table) = section(document, KEY) else { return };
    set(table, "at", Some(value(rfc3339(found.at))));
    set(table, "app", Some(value(found.app.as_str())));
    set(table, "client_id", Some(value(&found.client_id)));
    set(table, "scopes", Some(strings(&found.scopes)));
    let capabilities = table.entry("capabilities").or_insert(Item::Table(Table::new()));
    if !capabilities.is_table() {
        *capabilities = Item::Table(Table::new());
    }
    if let Some(capabilities) = capabilities.as_table_mut() {
        capabilities.set_implicit(true);
        for one in &found.list {
            write_capability(capabilities, one);
        }
        let is_known = |id: &str| Capability::from_id(id).is_none_or(|known| found.of(known).is_some());
        capabilities.retain(|id, _| is_known(id));
    }
    let pages: toml_edit::ArrayOfTables = found.pages.iter().map(page_table).collect();
    if pages.is_empty() {
        drop(table.remove("pages"));
    } else {
        table.insert("pages", Item::ArrayOfTables(pages));
    }
}

fn write_capability(capabilities: &mut Table, one: &Permission) {
    let item = capabilities.entry(one.capability.id()).or_insert(Item::Table(Table::new()));
    if !item.is_table() {
        *item = Item::Table(Table::new());
    }
    if let Some(table) = item.as_table_mut() {
        set(table, "allowed", one.allowed.map(value));
        set(table, "product", one.product.as_deref().map(value));
        set(table, "evidence", Some(value(&one.evidence)));
    }
}

fn page_table(page: &PagePermission) -> Table {
    let mut table = Table::new();
    table.insert("urn", value(&page.urn));
    set(&mut table, "name", page.name.as_deref().map(value));
    table.insert("role", value(&page.role));
    table.insert("can_post", value(page.can_post));
    table
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::format;
    use super::super::types::Token;
    use super::*;
    use crate::secret::Secret;

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
        let keys: &dyn super::super::encrypted::KeyProvider = &super::super::encrypted::NoKeys;
        format::profile(Path::new("p.toml"), &name("p"), text, Some(keys)).unwrap()
    }

    fn written(text: &str, profile: &Profile) -> String {
        let mut document = format::document(Path::new("p.toml"), Some(text)).unwrap();
        format::write_profile(&mut document, profile, &format::Writing::Plain).unwrap();
        document.to_string()
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
