//! The uses of a token, the scope that each needs, and the product that includes the scope.
//!
//! Sources: "Getting Access to LinkedIn APIs", "Increasing Access", the Posts, Comments, Reactions
//! and Member Post Statistics pages (learn.microsoft.com/linkedin), and refusals that were
//! published in 2025 and 2026.

use serde::{Deserialize, Serialize};

use super::endpoints::portal;
use super::products::{Access, COMMUNITY, MEMBER_DATA, OIDC, PRODUCTS, Product, SHARE, product_for_same_app};
use super::urn::is_page_urn;

/// What an app may do with a member's token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Capability {
    /// Read who the member is.
    SignIn,
    /// Publish and delete posts as the member.
    PostAsMember,
    /// Change the text of the member's posts.
    EditPosts,
    Comment,
    React,
    ReadPosts,
    PostAsPage,
    /// Read statistics of the member's posts.
    Statistics,
}

/// The product that includes a missing capability.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remedy {
    pub product: &'static str,
    /// Who can get the product.
    pub access: Access,
    /// Who can get the product, and on what terms.
    pub terms: String,
    pub portal_url: &'static str,
    /// Whether the app that granted the token cannot have the product.
    pub needs_second_profile: bool,
}

impl Remedy {
    /// Returns the product and its terms: `Community Management API (requires approval, an app of its own, …)`.
    pub fn product_with_terms(&self) -> String {
        format!("{} ({})", self.product, self.terms)
    }
}

const MEMBER_POST_SCOPE: &str = "w_member_social";
const PAGE_POST_SCOPE: &str = "w_organization_social";
const MEMBER_FEED_SCOPE: &str = "w_member_social_feed";
/// The scope of the statistics of a member's posts.
pub(crate) const ANALYTICS_SCOPE: &str = "r_member_postAnalytics";
const PAGE_FEED_SCOPE: &str = "w_organization_social_feed";

/// Returns the scope that a post of `author` needs; `None` is the member.
pub(crate) fn post_scope(author: Option<&str>) -> &'static str {
    if author.is_some_and(is_page_urn) { PAGE_POST_SCOPE } else { MEMBER_POST_SCOPE }
}

/// Returns the scope that a comment or reaction of `actor` needs; `None` is the member.
pub(crate) fn feed_scope(actor: Option<&str>) -> &'static str {
    if actor.is_some_and(is_page_urn) { PAGE_FEED_SCOPE } else { MEMBER_FEED_SCOPE }
}

impl Capability {
    pub const ALL: [Self; 8] = [
        Self::SignIn,
        Self::PostAsMember,
        Self::EditPosts,
        Self::Comment,
        Self::React,
        Self::ReadPosts,
        Self::PostAsPage,
        Self::Statistics,
    ];

    /// Returns ID, label, the product that includes it, and the scopes of which one is necessary.
    const fn row(self) -> (&'static str, &'static str, &'static str, &'static [&'static str]) {
        match self {
            Self::SignIn => ("sign_in", "Sign in", OIDC, &["openid", "profile"]),
            Self::PostAsMember => ("post_as_member", "Post as the member", SHARE, &[MEMBER_POST_SCOPE]),
            Self::EditPosts => ("edit_posts", "Edit posts", SHARE, &[MEMBER_POST_SCOPE]),
            // `/v2/socialActions` accepted the comment of a Page without w_member_social_feed; whether it accepts those of members
            // is not known.
            Self::Comment => ("comment", "Comment", COMMUNITY, &[MEMBER_FEED_SCOPE, MEMBER_POST_SCOPE]),
            Self::React => ("react", "React", COMMUNITY, &[MEMBER_FEED_SCOPE]),
            Self::ReadPosts => ("read_posts", "Read own posts", MEMBER_DATA, READ_POSTS_SCOPES),
            Self::PostAsPage => ("post_as_page", "Post as a Page", COMMUNITY, &[PAGE_POST_SCOPE]),
            Self::Statistics => ("statistics", "Post statistics", COMMUNITY, &[ANALYTICS_SCOPE]),
        }
    }

    /// Returns the stable ID in JSON and in files.
    pub const fn id(self) -> &'static str {
        self.row().0
    }

    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|capability| capability.id() == id)
    }

    /// Returns the label on screens and in lists.
    pub const fn title(self) -> &'static str {
        self.row().1
    }

    /// Returns the scopes of which one is necessary; none is known to be sufficient.
    pub const fn scopes(self) -> &'static [&'static str] {
        self.row().3
    }

    /// Returns the portal's name of the product that includes it.
    pub const fn product(self) -> &'static str {
        self.row().2
    }

    /// Returns the product to request for a token with the `granted` scopes, its terms, and the page where the request starts.
    pub fn remedy(self, granted: &[String]) -> Remedy {
        let product = PRODUCTS.iter().find(|product| product.name == self.product());
        let needs_own_app = product.is_some_and(|product| product.needs_own_app);
        let scope = self.scopes().iter().find(|scope| product.is_some_and(|product| product.scopes.contains(*scope)));
        Remedy {
            product: self.product(),
            needs_second_profile: scope.is_some_and(|scope| product_for_same_app(granted, scope).is_none()),
            access: product.map_or(Access::Closed, |product| product.access),
            terms: product.map_or_else(String::new, Product::terms),
            portal_url: if needs_own_app { portal::NEW_APP } else { portal::APPS },
        }
    }
}

/// LinkedIn accepts no requests for the first; the others are granted under the Digital Markets Act.
const READ_POSTS_SCOPES: &[&str] =
    &["r_member_social", "r_dma_portability_self_serve", "r_dma_portability_member", "r_dma_portability_3rd_party"];

#[cfg(test)]
mod tests {
    use super::super::products::products_with;
    use super::*;

    #[test]
    fn pages_need_scopes_of_their_own() {
        for (author, post, feed) in [
            (None, "w_member_social", "w_member_social_feed"),
            (Some("urn:li:person:x"), "w_member_social", "w_member_social_feed"),
            (Some("urn:li:organization:7"), "w_organization_social", "w_organization_social_feed"),
        ] {
            assert_eq!((post_scope(author), feed_scope(author)), (post, feed), "{author:?}");
        }
    }

    #[test]
    fn ids_are_unique_and_parse_back() {
        for (index, capability) in Capability::ALL.into_iter().enumerate() {
            assert_eq!(Capability::from_id(capability.id()), Some(capability));
            assert!(Capability::ALL[index + 1..].iter().all(|other| other.id() != capability.id()));
        }
        assert_eq!(Capability::from_id("fly"), None);
    }

    #[test]
    fn a_remedy_needs_a_second_profile_where_apps_differ() {
        let granted: Vec<String> = ["openid", "profile", "email", "w_member_social"].map(str::to_owned).to_vec();
        for capability in Capability::ALL {
            use Capability::{Comment, React, ReadPosts, Statistics};
            let expected = matches!(capability, Comment | React | ReadPosts | Statistics);
            assert_eq!(capability.remedy(&granted).needs_second_profile, expected, "{}", capability.id());
        }
        let pages: Vec<String> = ["r_basicprofile", "w_organization_social"].map(str::to_owned).to_vec();
        assert!(!Capability::React.remedy(&pages).needs_second_profile, "the app has the product");
    }

    #[test]
    fn each_capability_names_its_product() {
        for (capability, product, terms) in [
            (Capability::SignIn, "Sign In with LinkedIn using OpenID Connect", "self-serve"),
            (Capability::PostAsMember, "Share on LinkedIn", "self-serve"),
            (Capability::EditPosts, "Share on LinkedIn", "self-serve"),
            (Capability::Comment, "Community Management API", "requires approval, an app of its own"),
            (Capability::React, "Community Management API", "requires approval, an app of its own"),
            (Capability::ReadPosts, "Member Data Portability API (Member)", "self-serve, an app of its own"),
            (Capability::PostAsPage, "Community Management API", "requires approval, an app of its own"),
            (Capability::Statistics, "Community Management API", "requires approval, an app of its own"),
        ] {
            let remedy = capability.remedy(&[]);
            assert_eq!(remedy.product, product, "{}", capability.id());
            assert!(remedy.terms.starts_with(terms), "{}: {}", capability.id(), remedy.terms);
            let needs_own_app = terms.contains("an app of its own");
            assert_eq!(
                remedy.portal_url,
                if needs_own_app { portal::NEW_APP } else { portal::APPS },
                "{}",
                capability.id()
            );
            let includes = |scope: &&str| products_with(scope).any(|found| found.name == product);
            assert!(capability.scopes().iter().any(includes), "{}", capability.id());
        }
    }
}
