//! The resource that a 403 names, and the product or scope that grants access to it.
//!
//! LinkedIn's texts vary in prefix and version suffix (`partnerApiPostsExternal.CREATE.20260401`, `posts.CREATE`,
//! `ugcPosts.CREATE.NO_VERSION`, before 2023 `POST /posts`), so names are compared by their parts.

/// The text before the name of a resource.
const PREFIX: &str = "Not enough permissions to access: ";

/// A resource of LinkedIn's API that a token may not use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Resource {
    /// The name without prefix and suffix: `posts` for `partnerApiPostsExternal`.
    pub name: String,
    /// The method: `CREATE`, `GET_ALL`, `FINDER-author`; `GET` and `POST` in answers from before 2023.
    pub method: String,
    /// LinkedIn's own name for it, as in the answer.
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
            return Some(Self::of(name, method, label, false));
        }
        let mut parts = label.split('.');
        let (name, method) = (parts.next()?, parts.next().unwrap_or_default());
        if name.is_empty() || name.contains(' ') {
            return None;
        }
        let version = parts.next().unwrap_or_default();
        let versioned = version.bytes().next().is_some_and(|byte| byte.is_ascii_digit());
        Some(Self::of(name, method, label, versioned || strip_prefix(name, "partnerApi").is_some()))
    }

    /// Returns the resource of a request, where the answer names none: `/rest/posts` with POST is `posts.CREATE`.
    pub(crate) fn of_request(method: &str, path: &str) -> Option<Self> {
        let name = path.strip_prefix("/rest/").or_else(|| path.strip_prefix("/v2/"))?.split('/').next()?;
        (!name.is_empty()).then(|| Self::of(name, method, &format!("{method} /{name}"), false))
    }

    fn of(name: &str, method: &str, label: &str, requires_product: bool) -> Self {
        let bare = strip_prefix(name, "partnerApi").unwrap_or(name);
        let bare = bare.strip_suffix("External").unwrap_or(bare);
        let bare = bare.strip_suffix("V2").unwrap_or(bare);
        let mut letters = bare.chars();
        let name = letters.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(letters).collect();
        Self { name, method: method.to_owned(), label: crate::text::clean(label, 80), requires_product }
    }

    /// Whether the method creates something.
    pub(crate) fn is_create(&self) -> bool {
        matches!(self.method.as_str(), "CREATE" | "POST" | "BATCH_CREATE" | "ACTION")
            || self.method.starts_with("ACTION-")
    }

    /// Whether the method only reads.
    pub(crate) fn is_read(&self) -> bool {
        self.method.starts_with("GET")
            || self.method.starts_with("FINDER")
            || self.method.starts_with("BATCH_GET")
            || self.method.starts_with("BATCH_FINDER")
    }

    /// Whether it is the creation of a post, by the versioned API or the legacy one.
    pub(crate) fn is_post_creation(&self) -> bool {
        matches!(self.name.as_str(), "posts" | "ugcPosts") && self.is_create()
    }

    /// Returns what grants access to it.
    pub(crate) fn access(&self) -> &'static Access {
        ACCESS.iter().find(|access| access.covers(self)).unwrap_or(&UNKNOWN)
    }
}

fn strip_prefix<'a>(name: &'a str, prefix: &str) -> Option<&'a str> {
    let head = name.get(..prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then(|| &name[prefix.len()..]).filter(|rest| !rest.is_empty())
}

/// Which methods of a resource a row of [`ACCESS`] covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Methods {
    Any,
    Read,
    Create,
    Update,
}

/// What a resource is for, and the product, scope or step that grants access to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Access {
    names: &'static [&'static str],
    methods: Methods,
    /// What the resource is for, after "may not".
    pub purpose: &'static str,
    /// The portal's name of the product that grants access to it; empty where none is known.
    pub product: &'static str,
    /// What to do next.
    pub hint: &'static str,
}

impl Access {
    fn covers(&self, resource: &Resource) -> bool {
        let fits = match self.methods {
            Methods::Any => true,
            Methods::Read => resource.is_read(),
            Methods::Create => resource.is_create(),
            Methods::Update => resource.method.contains("UPDATE"),
        };
        fits && self.names.iter().any(|name| match name.strip_suffix('*') {
            Some(start) => strip_prefix(&resource.name, start).is_some(),
            None => resource.name.eq_ignore_ascii_case(name),
        })
    }
}

const fn access(
    names: &'static [&'static str],
    methods: Methods,
    purpose: &'static str,
    product: &'static str,
    hint: &'static str,
) -> Access {
    Access { names, methods, purpose, product, hint }
}

const SHARE: &str = "Share on LinkedIn";
const COMMUNITY: &str = "Community Management API";
const ADVERTISING: &str = "Advertising API";
const PORTABILITY: &str = "Member Data Portability API (Member)";

const PUBLISH_HINT: &str = "Request \"Share on LinkedIn\" on the app's Products tab (granted at once), then sign in again \
with the scope w_member_social. A Page needs w_organization_social from the Community Management API, which LinkedIn must \
approve.";
const PUBLISH_VERSIONED_HINT: &str = "The app needs \"Share on LinkedIn\" (its Products tab, granted at once) and the token \
w_member_social; a Page needs w_organization_social from the Community Management API, which LinkedIn must approve. LinkedIn \
refuses /rest/posts to some apps that have the product: /v2/ugcPosts takes their posts.";
const READ_POSTS_HINT: &str = "The scope w_member_social only writes. A Page's posts need r_organization_social from the \
Community Management API, which LinkedIn must approve; r_member_social, for a member's posts, is closed to new apps.";
const READ_SOCIAL_HINT: &str = "Reading comments, reactions and counts needs the Community Management API, which LinkedIn \
must approve, with w_member_social_feed for the member's own posts or r_organization_social_feed for a Page's.";
const MEDIA_HINT: &str = "Uploads need w_member_social (Share on LinkedIn) or, for a Page, w_organization_social (Community \
Management API, which LinkedIn must approve). LinkedIn refuses some apps all the same.";
const PAGES_HINT: &str = "It needs rw_organization_admin or r_organization_admin, which come with the Community Management \
API or the Advertising API. LinkedIn must approve the app for either.";

/// The product or scope for each resource. Sources: "Increasing Access", "Getting Access to LinkedIn APIs", the pages of the
/// products, and answers that people published (learn.microsoft.com/linkedin, 2025 and 2026).
const ACCESS: &[Access] = &[
    access(&["posts"], Methods::Create, "publish posts", SHARE, PUBLISH_VERSIONED_HINT),
    access(&["ugcPosts", "shares"], Methods::Create, "publish posts", SHARE, PUBLISH_HINT),
    access(&["posts", "ugcPosts", "shares"], Methods::Read, "read posts", COMMUNITY, READ_POSTS_HINT),
    access(
        &["posts", "ugcPosts", "shares"],
        Methods::Update,
        "edit posts",
        COMMUNITY,
        "LinkedIn lets only some apps edit posts. The Community Management API, which LinkedIn must approve, allows it with \
         w_member_social (for a Page: w_organization_social). Otherwise delete the post and publish it again.",
    ),
    access(
        &["posts", "ugcPosts", "shares"],
        Methods::Any,
        "delete that post",
        SHARE,
        "Only its author can: check that the post is this member's and that the token has the scope w_member_social (Share on \
         LinkedIn). A Page's posts need w_organization_social.",
    ),
    access(
        &["userinfo"],
        Methods::Any,
        "read who the member is",
        "Sign In with LinkedIn using OpenID Connect",
        "Request \"Sign In with LinkedIn using OpenID Connect\" on the app's Products tab (granted at once), then sign in \
         again with the scopes openid and profile.",
    ),
    access(
        &["me", "people", "profile"],
        Methods::Any,
        "read profiles by that path",
        COMMUNITY,
        "Use /v2/userinfo with the scopes openid and profile. /v2/me needs r_basicprofile, which comes with the Community \
         Management API or the Advertising API (LinkedIn must approve either); r_liteprofile is retired.",
    ),
    access(
        &["socialActions", "comments", "likes"],
        Methods::Read,
        "read comments and likes",
        COMMUNITY,
        READ_SOCIAL_HINT,
    ),
    access(
        &["socialActions", "comments", "likes"],
        Methods::Any,
        "comment",
        COMMUNITY,
        "Comments need w_member_social_feed (for a Page: w_organization_social_feed) from the Community Management API, which \
         LinkedIn must approve.",
    ),
    access(&["reactions"], Methods::Read, "read reactions", COMMUNITY, READ_SOCIAL_HINT),
    access(
        &["reactions"],
        Methods::Any,
        "react",
        COMMUNITY,
        "Reactions need w_member_social_feed (for a Page: w_organization_social_feed) from the Community Management API, which \
         LinkedIn must approve.",
    ),
    access(&["socialMetadata"], Methods::Any, "read counts of posts", COMMUNITY, READ_SOCIAL_HINT),
    access(
        &[
            "organizationAcls",
            "organizationalEntityAcls",
            "organizationAuthorizations",
            "organizations*",
            "organizations",
        ],
        Methods::Any,
        "read Pages and the member's roles on them",
        COMMUNITY,
        PAGES_HINT,
    ),
    access(
        &["organization*", "shareStatistics", "networkSizes"],
        Methods::Any,
        "read a Page's statistics",
        COMMUNITY,
        PAGES_HINT,
    ),
    access(
        &["memberCreatorPostAnalytics", "memberCreatorVideoAnalytics", "memberFollowersCount"],
        Methods::Any,
        "read a member's statistics",
        COMMUNITY,
        "It needs r_member_postAnalytics or r_member_profileAnalytics from the Community Management API, which LinkedIn must \
         approve.",
    ),
    access(
        &["images", "videos", "documents", "assets"],
        Methods::Read,
        "read uploads",
        COMMUNITY,
        "The scope w_member_social only writes: publish without reading the upload back. Reading needs the Community \
         Management API, which LinkedIn must approve.",
    ),
    access(&["images", "videos", "documents", "assets"], Methods::Any, "upload media", SHARE, MEDIA_HINT),
    access(
        &["adAnalytics"],
        Methods::Any,
        "read advertising reports",
        ADVERTISING,
        "It needs r_ads_reporting from the Advertising API, which LinkedIn must approve.",
    ),
    access(
        &["ad*", "creatives", "campaign*"],
        Methods::Any,
        "use advertising accounts",
        ADVERTISING,
        "It needs r_ads or rw_ads from the Advertising API, which LinkedIn must approve.",
    ),
    access(
        &["connections"],
        Methods::Any,
        "read connections",
        COMMUNITY,
        "The number of connections needs r_1st_connections_size from the Community Management API or the Advertising API, which \
         LinkedIn must approve.",
    ),
    access(
        &["event*"],
        Methods::Any,
        "use events",
        "Events Management API",
        "It needs r_events or rw_events from the Events Management API, which LinkedIn must approve.",
    ),
    access(
        &["lead*"],
        Methods::Any,
        "read lead forms",
        "Lead Sync API",
        "It needs r_marketing_leadgen_automation from the Lead Sync API, which LinkedIn must approve.",
    ),
    access(
        &["conversion*"],
        Methods::Any,
        "send conversions",
        "Conversions API",
        "It needs rw_conversions from the Conversions API, which LinkedIn must approve.",
    ),
    access(
        &["dmp*"],
        Methods::Any,
        "use audiences",
        "Matched Audiences",
        "It needs rw_dmp_segments from the product Matched Audiences, which LinkedIn must approve.",
    ),
    access(
        &["identityMe", "verificationReport"],
        Methods::Any,
        "read verifications",
        "Verified on LinkedIn",
        "It needs r_verify or r_profile_basicinfo from Verified on LinkedIn, which takes no new requests.",
    ),
    access(
        &["memberSnapshotData", "memberChangeLogs", "memberAuthorizations"],
        Methods::Any,
        "read the member's own data",
        PORTABILITY,
        "It needs r_dma_portability_self_serve from the Member Data Portability API (Member), on an app of its own, for \
         members in the European Economic Area and Switzerland.",
    ),
];

const UNKNOWN: Access = access(
    &[],
    Methods::Any,
    "use that resource",
    "",
    "Look up in LinkedIn's documentation which product grants access to it; most are open only to apps that LinkedIn approved.",
);

#[cfg(test)]
mod tests {
    use super::*;

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
            ("adAccounts.GET", ADVERTISING),
            ("userinfo.GET.NO_VERSION", "Sign In with LinkedIn using OpenID Connect"),
            ("memberSnapshotData.FINDER-criteria.20231201", PORTABILITY),
            ("invitations.CREATE.NO_VERSION", ""),
        ] {
            assert_eq!(parse(label).access().product, product, "{label}");
        }
    }
}
