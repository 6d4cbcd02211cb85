//! What a profile's token may do at LinkedIn, as the last probe found. It holds only for the app and the scopes it was found with.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::name::Name;
use crate::linkedin::capabilities::{Capability, Remedy};
use crate::linkedin::scopes;

/// What a token may do.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Permissions {
    /// When LinkedIn was probed.
    #[serde(with = "super::format::seconds")]
    pub at: Timestamp,
    /// The app of the token.
    pub app: Name,
    /// The client ID of that app.
    #[serde(default)]
    pub client_id: String,
    /// The scopes of the token.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// The Pages where the member has a role, in LinkedIn's order.
    #[serde(default, serialize_with = "super::format::null_if_empty")]
    pub pages: Vec<PagePermission>,
    /// One for each capability that this version knows.
    #[serde(default, rename = "capabilities", with = "super::format::permissions")]
    pub list: Vec<Permission>,
}

/// Whether a token has one capability.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permission {
    pub capability: Capability,
    /// Whether the token has it; `None` where only a write would show it.
    pub allowed: Option<bool>,
    /// The product that grants the capability; `None` where no product would change the answer.
    pub product: Option<String>,
    /// The answer of LinkedIn that proves it.
    pub evidence: String,
}

/// Whether the member can publish as a Page.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct PagePermission {
    /// `urn:li:organization:ID`
    pub urn: String,
    /// The Page's name, where it was read: clean it before showing.
    pub name: Option<String>,
    /// The member's role.
    #[serde(default)]
    pub role: String,
    /// Whether posts as the Page are possible.
    pub can_post: bool,
}

impl Permission {
    /// Returns the product that would change a "no".
    pub fn remedy(&self) -> Option<Remedy> {
        (self.allowed == Some(false) && self.product.is_some()).then(|| self.capability.remedy())
    }
}

impl Permissions {
    /// Returns the result for one capability.
    pub fn of(&self, capability: Capability) -> Option<&Permission> {
        self.list.iter().find(|one| one.capability == capability)
    }

    /// Returns the Pages that posts can be published as.
    pub fn postable_pages(&self) -> impl Iterator<Item = &PagePermission> {
        self.pages.iter().filter(|page| page.can_post)
    }

    /// Returns whether they are those of a token with this app and these scopes.
    pub(super) fn applies_to(&self, app: &Name, granted: &[String]) -> bool {
        *app == self.app && scopes::same(granted, &self.scopes)
    }
}
