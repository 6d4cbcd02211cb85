//! The apps of the sandbox: the default app, a strict one, one for Pages, a partner's, and those that a test adds.

use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;
use url::Url;

use super::scenario::Products;

/// Client ID of the default app.
pub const CLIENT_ID: &str = "86sandbox0tui1";
/// Client secret of the default app, in the format of LinkedIn's newer secrets. It protects nothing.
pub const CLIENT_SECRET: &str = "WPL_AP1.NotSecret+Sand/x.Mk3+Nw==";
/// Client ID of an app whose only redirect URL is `http://localhost:3000/callback`.
pub const STRICT_CLIENT_ID: &str = "86strict0sand2";
/// Client secret of the strict app. It protects nothing.
pub const STRICT_CLIENT_SECRET: &str = "WPL_AP1.AnotherApp0/Test.Qz+9xA==";
/// Client ID of an app with the Community Management API: it can post as a Page.
pub const PAGES_CLIENT_ID: &str = "86pages00sand3";
/// Client secret of the app for Pages. It protects nothing.
pub const PAGES_CLIENT_SECRET: &str = "WPL_AP1.PagesAreNot+Secret.Kj7+tg==";

/// Client ID of a partner's app, which gets refresh tokens. It is added with the first sample tokens.
pub(super) const PARTNER_CLIENT_ID: &str = "86partner0snd4";
/// Client secret of the partner's app. It protects nothing.
pub(super) const PARTNER_CLIENT_SECRET: &str = "WPL_AP1.PartnerIsNot+Secret.Lq5+vw==";

/// Scopes of the self-serve products.
const SELF_SERVE_SCOPES: &[&str] = &["openid", "profile", "email", "w_member_social"];

/// Scopes that come with the Community Management API alone: a token with one of them has
/// the permissions of that product.
pub(super) const COMMUNITY_MANAGEMENT_SCOPES: &[&str] = &[
    "w_member_social_feed",
    "r_member_postAnalytics",
    "r_member_profileAnalytics",
    "w_organization_social",
    "r_organization_social",
    "w_organization_social_feed",
    "r_organization_social_feed",
    "rw_organization_admin",
    "r_organization_admin",
    "r_organization_followers",
];

/// Scopes of the Community Management API that other products have too.
const SHARED_SCOPES: &[&str] = &["r_basicprofile", "r_1st_connections_size", "w_member_social"];

#[derive(Clone, Serialize, Deserialize)]
pub(super) struct App {
    pub(super) client_id: String,
    pub(super) client_secret: String,
    pub(super) name: String,
    /// Registered redirect URLs, without a query.
    pub(super) redirect_urls: Vec<String>,
    /// Whether `/callback` on any port of this machine is accepted too. LinkedIn does not; without it
    /// a free port would have to be registered first.
    #[serde(rename = "any_loopback_callback", default)]
    pub(super) has_any_loopback_callback: bool,
    /// Provisioned scopes.
    pub(super) scopes: Vec<String>,
    #[serde(rename = "refresh", default)]
    pub(super) has_refresh_tokens: bool,
    #[serde(rename = "native_pkce", default)]
    pub(super) has_native_pkce: bool,
    /// Whether the app may use the client credentials grant.
    #[serde(rename = "client_credentials", default)]
    pub(super) has_client_credentials: bool,
}

/// Returns the apps of a new sandbox.
pub(super) fn initial_apps() -> Vec<App> {
    let scopes: Vec<String> = crate::linkedin::scopes::DEFAULT.iter().map(ToString::to_string).collect();
    let app = |id: &str, secret: &str, name: &str| App {
        client_secret: secret.to_owned(),
        name: name.to_owned(),
        redirect_urls: vec!["http://localhost:3000/callback".to_owned()],
        has_any_loopback_callback: true,
        scopes: scopes.clone(),
        ..App::new(id)
    };
    let mut pages = app(PAGES_CLIENT_ID, PAGES_CLIENT_SECRET, "Pages app");
    pages.scopes = pages.provisioned(Products::CommunityManagement);
    vec![
        app(CLIENT_ID, CLIENT_SECRET, "Sandbox app"),
        App { has_any_loopback_callback: false, ..app(STRICT_CLIENT_ID, STRICT_CLIENT_SECRET, "Strict app") },
        pages,
    ]
}

/// Returns the partner's app.
pub(super) fn partner_app() -> App {
    App {
        client_secret: PARTNER_CLIENT_SECRET.to_owned(),
        name: "Partner app".to_owned(),
        has_any_loopback_callback: true,
        scopes: crate::linkedin::scopes::DEFAULT.iter().map(ToString::to_string).collect(),
        has_refresh_tokens: true,
        ..App::new(PARTNER_CLIENT_ID)
    }
}

impl App {
    /// Returns an app with the default app's secret, without redirect URLs and scopes.
    pub(super) fn new(client_id: &str) -> Self {
        Self {
            client_id: client_id.to_owned(),
            client_secret: CLIENT_SECRET.to_owned(),
            name: format!("App {client_id}"),
            redirect_urls: Vec::new(),
            has_any_loopback_callback: false,
            scopes: Vec::new(),
            has_refresh_tokens: false,
            has_native_pkce: false,
            has_client_credentials: false,
        }
    }

    pub(super) fn has_secret(&self, secret: &str) -> bool {
        self.client_secret.as_bytes().ct_eq(secret.as_bytes()).into()
    }

    /// Returns the scopes that the app may request when it has `products`.
    pub(super) fn provisioned(&self, products: Products) -> Vec<String> {
        match products {
            Products::Configured => self.scopes.clone(),
            Products::None => Vec::new(),
            Products::SelfServe => SELF_SERVE_SCOPES.iter().map(ToString::to_string).collect(),
            Products::CommunityManagement => {
                let mut scopes = self.scopes.clone();
                let added = SHARED_SCOPES.iter().chain(COMMUNITY_MANAGEMENT_SCOPES).map(ToString::to_string);
                scopes.extend(added.filter(|scope| !self.scopes.contains(scope)));
                scopes
            }
        }
    }

    /// Returns whether the redirect URL is registered: exactly, except for its query, and never with a fragment.
    pub(super) fn accepts_redirect_uri(&self, redirect_uri: &str) -> bool {
        if !is_graphic_without_fragment(redirect_uri) {
            return false;
        }
        let url_without_query = without_query(redirect_uri);
        if self.redirect_urls.iter().any(|registered| without_query(registered) == url_without_query) {
            return true;
        }
        self.has_any_loopback_callback
            && Url::parse(url_without_query).is_ok_and(|url| {
                url.scheme() == "http" && url.path() == "/callback" && crate::linkedin::endpoints::is_loopback(&url)
            })
    }
}

/// Returns whether native PKCE accepts the redirect URL: a loopback IP address (no name), any port.
pub(super) fn accepts_native_redirect(redirect_uri: &str) -> bool {
    is_graphic_without_fragment(redirect_uri)
        && Url::parse(redirect_uri).is_ok_and(|url| {
            matches!(url.scheme(), "http" | "https")
                && match url.host() {
                    Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
                    Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
                    _ => false,
                }
        })
}

fn is_graphic_without_fragment(redirect_uri: &str) -> bool {
    !redirect_uri.contains('#') && redirect_uri.chars().all(|c| c.is_ascii_graphic())
}

fn without_query(text: &str) -> &str {
    text.split_once('?').map_or(text, |(url, _)| url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirect_urls_match_exactly_except_the_query() {
        let apps = initial_apps();
        let (default, strict) = (&apps[0], &apps[1]);
        assert!(strict.accepts_redirect_uri("http://localhost:3000/callback"));
        assert!(strict.accepts_redirect_uri("http://localhost:3000/callback?id=1"));
        for url in [
            "http://localhost:3001/callback",
            "http://localhost:3000/callback/",
            "https://localhost:3000/callback",
            "http://127.0.0.1:3000/callback",
            "http://localhost:3000/callback#x",
            "",
        ] {
            assert!(!strict.accepts_redirect_uri(url), "{url}");
        }
        assert!(default.accepts_redirect_uri("http://localhost:41234/callback"));
        assert!(default.accepts_redirect_uri("http://[::1]:41234/callback"));
        assert!(!default.accepts_redirect_uri("http://localhost.evil.example/callback"));
        assert!(!default.accepts_redirect_uri("http://localhost:41234/call\nback"));
        assert_eq!(CLIENT_ID.len(), 14);
        assert_eq!(STRICT_CLIENT_ID.len(), 14);
    }

    #[test]
    fn native_pkce_accepts_ip_addresses_only() {
        assert!(accepts_native_redirect("http://127.0.0.1:5555"));
        assert!(accepts_native_redirect("http://[::1]:5555/x"));
        assert!(!accepts_native_redirect("http://localhost:5555"));
    }
}
