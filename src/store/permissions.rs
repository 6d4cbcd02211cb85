//! The result of probing the capabilities of a profile's token. It is valid only for the app and the scopes it was probed with.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::name::Name;
use crate::linkedin::capabilities::{Capability, Remedy};
use crate::linkedin::products::app_includes;
use crate::linkedin::scopes;

/// The capabilities of a token.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Permissions {
    /// When LinkedIn was probed.
    #[serde(with = "super::format::rfc3339_seconds")]
    pub at: Timestamp,
    pub app: Name,
    /// The client ID of the app at that time; empty in files of earlier versions.
    #[serde(default)]
    pub client_id: String,
    /// The scopes of the token.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// The Pages where the member has a role, in LinkedIn's order.
    #[serde(default, serialize_with = "super::format::null_if_empty")]
    pub pages: Vec<PagePermission>,
    /// One for each capability; those that a version before did not know are missing in its files.
    #[serde(default, rename = "capabilities", with = "super::format::permissions")]
    pub list: Vec<Permission>,
}

/// Whether a token has one capability.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permission {
    pub capability: Capability,
    /// `None` if only a write would prove it.
    pub allowed: Option<bool>,
    /// The product that grants the capability; `None` if no product does.
    pub product: Option<String>,
    /// The response of LinkedIn that proves it.
    pub evidence: String,
}

/// Whether the member can publish as a Page.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct PagePermission {
    /// `urn:li:organization:ID`
    pub urn: String,
    /// The Page's name, if known: sanitize it before showing.
    pub name: Option<String>,
    #[serde(default)]
    pub role: String,
    pub can_post: bool,
}

impl Permission {
    /// Returns the evidence as people read it: of an earlier write without the path of its request.
    pub fn reason(&self) -> String {
        let Some((what, when)) = self.evidence.split_once(" of this program on ") else { return self.evidence.clone() };
        let day = when.rsplit_once(", at /").map_or(when, |(day, _)| day);
        format!("{what} on {}.", day.trim_end_matches('.'))
    }

    /// Returns how to get a missing capability of a token with the `granted` scopes; `None` where the app needs no product for it.
    pub fn remedy(&self, granted: &[String]) -> Option<Remedy> {
        let scopes = self.capability.scopes();
        let is_granted = granted.iter().any(|granted| scopes.contains(&granted.as_str()));
        let is_only_scope_missing = !is_granted && scopes.iter().any(|scope| app_includes(granted, scope));
        (self.allowed == Some(false) && self.product.is_some() && !is_only_scope_missing)
            .then(|| self.capability.remedy(granted))
    }
}

impl Permissions {
    pub fn get(&self, capability: Capability) -> Option<&Permission> {
        self.list.iter().find(|permission| permission.capability == capability)
    }

    pub fn postable_pages(&self) -> impl Iterator<Item = &PagePermission> {
        self.pages.iter().filter(|page| page.can_post)
    }

    /// Returns whether they were probed with this app and these scopes.
    pub(super) fn applies_to(&self, app: &Name, granted: &[String]) -> bool {
        *app == self.app && scopes::are_same(granted, &self.scopes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_missing_capability_of_a_product_has_a_remedy() {
        let has_remedy = |allowed: Option<bool>, product: Option<&str>| {
            let product = product.map(str::to_owned);
            let permission =
                Permission { capability: Capability::PostAsMember, allowed, product, evidence: String::new() };
            permission.remedy(&[]).is_some()
        };
        assert!(has_remedy(Some(false), Some("Share on LinkedIn")));
        assert!(!has_remedy(Some(false), None));
        assert!(!has_remedy(Some(true), Some("Share on LinkedIn")) && !has_remedy(None, Some("Share on LinkedIn")));
        let page_scopes = ["r_basicprofile", "w_organization_social"].map(str::to_owned);
        let permission = Permission {
            capability: Capability::PostAsMember,
            allowed: Some(false),
            product: Some("Share on LinkedIn".to_owned()),
            evidence: String::new(),
        };
        assert!(permission.remedy(&page_scopes).is_none(), "the app has the scope already");
        assert!(permission.remedy(&["w_member_social".to_owned()]).is_some(), "LinkedIn refused the scope's product");
    }
}
