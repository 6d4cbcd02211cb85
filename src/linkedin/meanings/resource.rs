//! The resource that a 403 names, and the product or scope that grants access to it.
//!
//! LinkedIn's texts vary in prefix and version suffix (`partnerApiPostsExternal.CREATE.20260401`, `posts.CREATE`,
//! `ugcPosts.CREATE.NO_VERSION`, before 2023 `POST /posts`), so names are compared by their parts.

use std::sync::LazyLock;

use serde::Deserialize;

/// The text before the name of a resource.
const PREFIX: &str = "Not enough permissions to access: ";

/// A resource of LinkedIn's API that a token may not use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Resource {
    /// The name without prefix and suffix: `posts` for `partnerApiPostsExternal`.
    pub name: String,
    /// The method: `CREATE`, `GET_ALL`, `FINDER-author`; `GET` and `POST` in responses from before 2023, and of a
    /// request.
    pub method: String,
    /// LinkedIn's own name for it, as in the response.
    pub label: String,
    /// Whether it is a permission of the versioned API, which only a product of the app grants.
    pub requires_product: bool,
}

impl Resource {
    /// Reads the resource from `Not enough permissions to access: …`.
    pub(crate) fn parse(message: &str) -> Option<Self> {
        let label = message.split_once(PREFIX)?.1.trim().trim_end_matches('.');
        if let Some((method, path)) = label.split_once(" /") {
            let name = path.split(['/', '?', ':', '(']).next().unwrap_or_default();
            let requires_product = false;
            return Some(Self::from_name(name, method, label, requires_product));
        }
        let mut parts = label.split('.');
        let (name, method) = (parts.next()?, parts.next().unwrap_or_default());
        if name.is_empty() || name.contains(' ') {
            return None;
        }
        let version = parts.next().unwrap_or_default();
        let is_versioned = version.bytes().next().is_some_and(|byte| byte.is_ascii_digit());
        Some(Self::from_name(
            name,
            method,
            label,
            is_versioned || strip_prefix_ignore_case(name, "partnerApi").is_some(),
        ))
    }

    /// Returns the resource of a request, if the response names none: of `POST /rest/posts` the name is `posts`, and the method `POST`.
    pub(crate) fn from_request(method: &str, path: &str) -> Option<Self> {
        let name = path.strip_prefix("/rest/").or_else(|| path.strip_prefix("/v2/"))?.split('/').next()?;
        let (label, requires_product) = (format!("{method} /{name}"), false);
        (!name.is_empty()).then(|| Self::from_name(name, method, &label, requires_product))
    }

    fn from_name(name: &str, method: &str, label: &str, requires_product: bool) -> Self {
        let bare = strip_prefix_ignore_case(name, "partnerApi").unwrap_or(name);
        let bare = bare.strip_suffix("External").unwrap_or(bare);
        let bare = bare.strip_suffix("V2").unwrap_or(bare);
        let mut letters = bare.chars();
        let name = letters.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(letters).collect();
        Self { name, method: method.to_owned(), label: crate::text::sanitize(label, 80), requires_product }
    }

    /// Returns whether the method creates something.
    pub(crate) fn is_create(&self) -> bool {
        matches!(self.method.as_str(), "CREATE" | "POST" | "BATCH_CREATE" | "ACTION")
            || self.method.starts_with("ACTION-")
    }

    /// Returns whether the method only reads.
    pub(crate) fn is_read(&self) -> bool {
        self.method.starts_with("GET")
            || self.method.starts_with("FINDER")
            || self.method.starts_with("BATCH_GET")
            || self.method.starts_with("BATCH_FINDER")
    }

    /// Returns whether it is the creation of a post, by the versioned API or the legacy one.
    pub(crate) fn is_post_creation(&self) -> bool {
        matches!(self.name.as_str(), "posts" | "ugcPosts") && self.is_create()
    }

    /// Returns whether it is the creation of a comment, by the versioned API or the legacy one.
    pub(crate) fn is_comment_creation(&self) -> bool {
        matches!(self.name.as_str(), "socialActions" | "comments") && self.is_create()
    }

    pub(crate) fn is_reaction_creation(&self) -> bool {
        self.name == "reactions" && self.is_create()
    }

    /// Returns what grants access to it.
    pub(super) fn access_rule(&self) -> Option<&'static AccessRule> {
        RULES.resource.iter().find(|rule| rule.covers(self))
    }
}

fn strip_prefix_ignore_case<'a>(name: &'a str, prefix: &str) -> Option<&'a str> {
    let head = name.get(..prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then(|| &name[prefix.len()..]).filter(|rest| !rest.is_empty())
}

/// The rules of `assets/linkedin/access.toml`, the most specific first; the last one covers every resource.
static RULES: LazyLock<Rules> = LazyLock::new(|| toml::from_str(&crate::assets::access_rules()).unwrap_or_default());

#[derive(Default, Deserialize)]
struct Rules {
    resource: Vec<AccessRule>,
}

/// Which methods of a resource an [`AccessRule`] covers.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Methods {
    #[default]
    Any,
    Read,
    Create,
    Update,
}

/// What resources are for, and the product, scope or step that grants access to them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AccessRule {
    /// Names of resources; `*` at the end stands for one character or more.
    names: Vec<String>,
    #[serde(default)]
    methods: Methods,
    /// What the resource is for, after "may not".
    pub(super) purpose: String,
    /// The portal's name of the product; empty if none is known.
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "the hint names it for people; the tests compare it with the catalog")
    )]
    product: String,
    /// What to do next.
    pub(super) hint: String,
}

impl AccessRule {
    fn covers(&self, resource: &Resource) -> bool {
        let covers_method = match self.methods {
            Methods::Any => true,
            Methods::Read => resource.is_read(),
            Methods::Create => resource.is_create(),
            Methods::Update => resource.method.contains("UPDATE"),
        };
        covers_method
            && self.names.iter().any(|name| match name.strip_suffix('*') {
                Some(start) => strip_prefix_ignore_case(&resource.name, start).is_some(),
                None => resource.name.eq_ignore_ascii_case(name),
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linkedin::products::{ADS, COMMUNITY, MEMBER_DATA, OIDC, PRODUCTS, SHARE};

    fn parse(label: &str) -> Resource {
        Resource::parse(&format!("{PREFIX}{label}")).unwrap()
    }

    #[test]
    fn names_are_compared_by_their_parts() {
        for (label, name, method, requires_product) in [
            ("partnerApiPostsExternal.CREATE.20260401", "posts", "CREATE", true),
            ("partnerApiPostsExternal.CREATE", "posts", "CREATE", true),
            ("partnerApiPostsExternal.FINDER-author.20260501", "posts", "FINDER-author", true),
            ("posts.CREATE.20260401", "posts", "CREATE", true),
            ("posts.CREATE", "posts", "CREATE", false),
            ("ugcPosts.CREATE.NO_VERSION", "ugcPosts", "CREATE", false),
            ("socialActionsV2.GET_ALL.20230401", "socialActions", "GET_ALL", true),
            ("partnerApiImagesExternal", "images", "", true),
            ("POST /posts", "posts", "POST", false),
            ("GET /me", "me", "GET", false),
            ("GET /people/~:(id)", "people", "GET", false),
        ] {
            let found = parse(label);
            assert_eq!(
                (found.name.as_str(), found.method.as_str(), found.requires_product),
                (name, method, requires_product),
                "{label}"
            );
        }
        for none in ["Not enough permissions to access media resource", "Not enough permissions", "", PREFIX] {
            assert_eq!(Resource::parse(none), None, "{none}");
        }
    }

    #[test]
    fn the_creation_of_a_post_is_recognized() {
        for yes in
            ["partnerApiPostsExternal.CREATE.20260901", "POST /posts", "posts.CREATE", "ugcPosts.CREATE.NO_VERSION"]
        {
            assert!(parse(yes).is_post_creation(), "{yes}");
        }
        for no in ["partnerApiPostsExternal.DELETE", "ugcPosts.GET.NO_VERSION", "partnerApiSocialActions.CREATE"] {
            assert!(!parse(no).is_post_creation(), "{no}");
        }
    }

    #[test]
    fn the_creation_of_a_comment_is_recognized() {
        for yes in ["partnerApiSocialActions.CREATE.20260901", "socialActions.CREATE.NO_VERSION", "POST /socialActions"]
        {
            assert!(parse(yes).is_comment_creation(), "{yes}");
        }
        for no in ["partnerApiSocialActions.GET_ALL", "partnerApiReactions.CREATE", "ugcPosts.CREATE.NO_VERSION"] {
            assert!(!parse(no).is_comment_creation(), "{no}");
        }
    }

    #[test]
    fn each_resource_leads_to_its_product() {
        for (label, product) in [
            ("partnerApiPostsExternal.CREATE.1", SHARE),
            ("ugcPosts.CREATE.NO_VERSION", SHARE),
            ("partnerApiPostsExternal.GET", COMMUNITY),
            ("partnerApiSocialActions.CREATE", COMMUNITY),
            ("partnerApiReactions.CREATE", COMMUNITY),
            ("partnerApiSocialMetadata.GET", COMMUNITY),
            ("organizationAcls.FINDER-roleAssignee.NO_VERSION", COMMUNITY),
            ("organizationalEntityShareStatistics.FINDER", COMMUNITY),
            ("adAccounts.GET", ADS),
            ("userinfo.GET.NO_VERSION", OIDC),
            ("memberSnapshotData.FINDER-criteria.20231201", MEMBER_DATA),
            ("invitations.CREATE.NO_VERSION", ""),
        ] {
            assert_eq!(parse(label).access_rule().unwrap().product, product, "{label}");
        }
    }

    #[test]
    fn every_rule_is_valid_and_names_a_known_product() {
        let rules = toml::from_str::<Rules>(include_str!("../../../assets/linkedin/access.toml")).unwrap();
        for rule in rules.resource {
            assert!(
                rule.product.is_empty() || PRODUCTS.iter().any(|product| product.name == rule.product),
                "{}",
                rule.product
            );
        }
    }
}
