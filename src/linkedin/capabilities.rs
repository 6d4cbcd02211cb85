//! The uses of a token, the scope that each needs, and the product that brings the scope.
//!
//! Sources: "Getting Access to LinkedIn APIs", "Increasing Access", the Posts, Comments, Reactions
//! and Member Post Statistics pages (learn.microsoft.com/linkedin), and refusals that people
//! published in 2025 and 2026.

use serde::{Deserialize, Serialize};

use super::endpoints::portal;
use super::products::{self, Product};

/// Something an app may do with a member's token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Capability {
    /// Read who the member is.
    SignIn,
    /// Publish and delete posts as the member.
    PostAsMember,
    /// Change the text of the member's posts.
    EditPosts,
    /// Comment as the member.
    Comment,
    /// React as the member.
    React,
    /// Read the member's own posts.
    ReadPosts,
    /// Publish posts as a Page.
    PostAsPage,
    /// Read statistics of the member's posts.
    Statistics,
}

/// The product that brings a missing capability.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remedy {
    /// The product's name in the developer portal.
    pub product: &'static str,
    /// Who can get the product, and on what terms.
    pub terms: String,
    /// The page where the request starts.
    pub page: &'static str,
}

impl Capability {
    /// All capabilities, in display order.
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

    /// The stable ID in JSON and in files.
    pub const fn id(self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
            Self::PostAsMember => "post_as_member",
            Self::EditPosts => "edit_posts",
            Self::Comment => "comment",
            Self::React => "react",
            Self::ReadPosts => "read_posts",
            Self::PostAsPage => "post_as_page",
            Self::Statistics => "statistics",
        }
    }

    /// Finds a capability by its ID.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.id() == id)
    }

    /// The label on screens and in lists.
    pub const fn title(self) -> &'static str {
        match self {
            Self::SignIn => "Sign in",
            Self::PostAsMember => "Post as the member",
            Self::EditPosts => "Edit posts",
            Self::Comment => "Comment",
            Self::React => "React",
            Self::ReadPosts => "Read own posts",
            Self::PostAsPage => "Post as a Page",
            Self::Statistics => "Post statistics",
        }
    }

    /// The scopes of which one is necessary; none is known to be sufficient.
    pub const fn scopes(self) -> &'static [&'static str] {
        match self {
            Self::SignIn => &["openid", "profile"],
            Self::PostAsMember | Self::EditPosts => &["w_member_social"],
            Self::Comment | Self::React => &["w_member_social_feed"],
            // LinkedIn accepts no requests for the first; the others are granted under the Digital Markets Act.
            Self::ReadPosts => &[
                "r_member_social",
                "r_dma_portability_self_serve",
                "r_dma_portability_member",
                "r_dma_portability_3rd_party",
            ],
            Self::PostAsPage => &["w_organization_social"],
            Self::Statistics => &["r_member_postAnalytics"],
        }
    }

    /// Returns the product to request, its terms, and the page where the request starts.
    pub fn remedy(self) -> Remedy {
        let (name, page) = match self {
            Self::SignIn => (products::OIDC, portal::APPS),
            Self::PostAsMember | Self::EditPosts => (products::SHARE, portal::APPS),
            Self::Comment | Self::React | Self::PostAsPage | Self::Statistics => (products::COMMUNITY, portal::NEW_APP),
            Self::ReadPosts => (products::OWN_DATA, portal::NEW_APP),
        };
        let product = products::PRODUCTS.iter().find(|product| product.name == name);
        Remedy { product: name, terms: product.map_or_else(String::new, Product::terms), page }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_and_parse_back() {
        for (index, one) in Capability::ALL.into_iter().enumerate() {
            assert_eq!(Capability::from_id(one.id()), Some(one));
            assert!(Capability::ALL[index + 1..].iter().all(|other| other.id() != one.id()));
        }
        assert_eq!(Capability::from_id("fly"), None);
    }

    #[test]
    fn each_capability_names_its_product() {
        for (one, product, terms) in [
            (Capability::SignIn, "Sign In with LinkedIn using OpenID Connect", "self-serve"),
            (Capability::PostAsMember, "Share on LinkedIn", "self-serve"),
            (Capability::EditPosts, "Share on LinkedIn", "self-serve"),
            (Capability::Comment, "Community Management API", "requires approval, an app of its own"),
            (Capability::React, "Community Management API", "requires approval, an app of its own"),
            (Capability::ReadPosts, "Member Data Portability API (Member)", "self-serve, an app of its own"),
            (Capability::PostAsPage, "Community Management API", "requires approval, an app of its own"),
            (Capability::Statistics, "Community Management API", "requires approval, an app of its own"),
        ] {
            let remedy = one.remedy();
            assert_eq!(remedy.product, product, "{}", one.id());
            assert!(remedy.terms.starts_with(terms), "{}: {}", one.id(), remedy.terms);
            let of_its_own = terms.contains("an app of its own");
            assert_eq!(remedy.page, if of_its_own { portal::NEW_APP } else { portal::APPS }, "{}", one.id());
            let brings = |scope: &&str| products::products_with(scope).any(|found| found.name == product);
            assert!(one.scopes().iter().any(brings), "{}", one.id());
        }
    }
}
