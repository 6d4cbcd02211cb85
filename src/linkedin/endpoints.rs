//! The endpoints of LinkedIn. Sources: "LinkedIn 3-Legged OAuth Flow", "Token Introspection" and
//! "Sign In with LinkedIn using OpenID Connect" (learn.microsoft.com/linkedin).

use url::Url;

use crate::{Error, Result};

// On the web host.
pub(crate) const AUTHORIZATION: &str = "/oauth/v2/authorization";
/// Enabled per app by LinkedIn.
pub(crate) const NATIVE_AUTHORIZATION: &str = "/oauth/native-pkce/authorization";
pub(crate) const ACCESS_TOKEN: &str = "/oauth/v2/accessToken";
pub(crate) const INTROSPECT: &str = "/oauth/v2/introspectToken";
/// Undocumented, best effort.
pub(crate) const REVOKE: &str = "/oauth/v2/revoke";
/// `OpenID` discovery document.
pub(crate) const DISCOVERY: &str = "/oauth/.well-known/openid-configuration";
/// Signing keys of ID tokens.
pub(crate) const JWKS: &str = "/oauth/openid/jwks";
/// The page of a post: a convention that no response of LinkedIn confirms.
pub(crate) const FEED_UPDATE: &str = "/feed/update/";
/// The newest posts of the signed-in member: a convention, as [`FEED_UPDATE`].
pub(crate) const RECENT_ACTIVITY: &str = "/in/me/recent-activity/all/";
/// A Page, by its ID: a convention, as [`FEED_UPDATE`].
pub(crate) const COMPANY: &str = "/company/";

// On the API host.
/// The member of a token; needs `openid` and `profile`.
pub(crate) const USERINFO: &str = "/v2/userinfo";
/// The member of a token, legacy.
pub(crate) const ME: &str = "/v2/me";
pub(crate) const POSTS: &str = "/rest/posts";
/// Legacy posts.
pub(crate) const UGC_POSTS: &str = "/v2/ugcPosts";
pub(crate) const IMAGES: &str = "/rest/images";
pub(crate) const DOCUMENTS: &str = "/rest/documents";
pub(crate) const VIDEOS: &str = "/rest/videos";
/// Uploads of the legacy API.
pub(crate) const ASSETS: &str = "/v2/assets";
/// The roles of a member on Pages.
pub(crate) const ORGANIZATION_ACLS: &str = "/rest/organizationAcls";
/// Whether a member may act as a Page.
pub(crate) const ORGANIZATION_AUTHORIZATIONS: &str = "/rest/organizationAuthorizations";
/// Pages by ID.
pub(crate) const ORGANIZATIONS: &str = "/rest/organizations";
/// Comments, below the URN of a post.
pub(crate) const SOCIAL_ACTIONS: &str = "/rest/socialActions";
/// Legacy comments.
pub(crate) const LEGACY_SOCIAL_ACTIONS: &str = "/v2/socialActions";
pub(crate) const REACTIONS: &str = "/rest/reactions";
/// Numbers of comments and reactions, by the URN of a post.
pub(crate) const SOCIAL_METADATA: &str = "/rest/socialMetadata";
/// Statistics of the posts of a member; from version 202506.
pub(crate) const POST_ANALYTICS: &str = "/rest/memberCreatorPostAnalytics";
/// The member of a data portability token.
pub(crate) const MEMBER_AUTHORIZATIONS: &str = "/rest/memberAuthorizations";

pub(crate) const WWW: &str = "https://www.linkedin.com";
pub(crate) const API: &str = "https://api.linkedin.com";

/// Web pages of the developer portal and of LinkedIn.
pub(crate) mod portal {
    /// The list of a developer's apps.
    pub(crate) const APPS: &str = "https://www.linkedin.com/developers/apps";
    /// The form that creates an app.
    pub(crate) const NEW_APP: &str = "https://www.linkedin.com/developers/apps/new";
    /// The form that creates a Page, which every app must be linked to.
    pub(crate) const NEW_PAGE: &str = "https://www.linkedin.com/company/setup/new/";
    /// The page on which a member removes an app's access.
    pub(crate) const PERMITTED_SERVICES: &str = "https://www.linkedin.com/psettings/permitted-services";
}

/// The two hosts in use: LinkedIn's, the sandbox's, or a test server's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoints {
    www: Url,
    api: Url,
}

impl Endpoints {
    /// Parses the two base URLs: each is https, or http on a loopback address.
    pub fn new(www: &str, api: &str) -> Result<Self> {
        Ok(Self { www: parse_base("www", www)?, api: parse_base("api", api)? })
    }

    pub fn linkedin() -> Result<Self> {
        Self::new(WWW, API)
    }

    /// Returns a URL on the web host (`path` begins with `/`).
    pub fn www(&self, path: &str) -> Url {
        with_path(&self.www, path)
    }

    /// Returns a URL on the API host (`path` begins with `/`).
    pub fn api(&self, path: &str) -> Url {
        with_path(&self.api, path)
    }

    /// Returns the URL of a post for its readers.
    pub fn permalink(&self, urn: &str) -> Url {
        self.www(&format!("{FEED_UPDATE}{urn}/"))
    }

    /// Returns the URL of the newest posts of an author, a URN; `None` is the member.
    pub(crate) fn recent_activity(&self, author: Option<&str>) -> Url {
        match author.and_then(|author| author.strip_prefix("urn:li:organization:")) {
            Some(page) => self.www(&format!("{COMPANY}{page}/posts/")),
            None => self.www(RECENT_ACTIVITY),
        }
    }

    /// Returns whether the token may be sent to a URL that a response named: on LinkedIn's hosts by https, on the
    /// two hosts in use, or on another name of this machine with their port.
    pub fn trusts(&self, url: &Url) -> bool {
        if !url.username().is_empty() || url.password().is_some() {
            return false;
        }
        let is_linkedin = url.scheme() == "https"
            && url.port_or_known_default() == Some(443)
            && url.host_str().is_some_and(|host| host == "linkedin.com" || host.ends_with(".linkedin.com"));
        is_linkedin
            || [&self.www, &self.api].into_iter().any(|base| {
                base.origin() == url.origin()
                    || is_loopback(base)
                        && is_loopback(url)
                        && base.scheme() == url.scheme()
                        && base.port_or_known_default() == url.port_or_known_default()
            })
    }

    /// Returns the configured host if it is not one of LinkedIn's, for the badge of the interface and the note of the command line.
    pub fn custom_host(&self) -> Option<String> {
        // The default port is `None`.
        let is_linkedin =
            |url: &Url, host| url.host_str() == Some(host) && url.scheme() == "https" && url.port().is_none();
        if is_linkedin(&self.www, "www.linkedin.com") && is_linkedin(&self.api, "api.linkedin.com") {
            return None;
        }
        let custom = if is_linkedin(&self.www, "www.linkedin.com") { &self.api } else { &self.www };
        let host = custom.host_str().unwrap_or_default();
        Some(custom.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
    }
}

fn with_path(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    let prefix = base.path().trim_end_matches('/').to_owned();
    let (path, query) = path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query)));
    url.set_path(&format!("{prefix}{path}"));
    url.set_query(query);
    url
}

fn parse_base(key: &str, text: &str) -> Result<Url> {
    let invalid = |why: &str| {
        Error::bad_input(
            format!("The setting linkedin.{key} is not valid: {why}."),
            "Use an https URL, or http on 127.0.0.1, [::1] or localhost, in config.toml.",
        )
    };
    let url = Url::parse(text).map_err(|_| invalid("it is not an absolute URL"))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(invalid("it contains a user name or password"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(invalid("it contains a query or a fragment"));
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_loopback(&url) => Ok(url),
        "http" => Err(invalid("http is allowed only for 127.0.0.0/8, [::1] and localhost")),
        _ => Err(invalid("its scheme is neither https nor http")),
    }
}

/// Returns whether the URL's host is this machine: `localhost`, 127.0.0.0/8 or `[::1]`.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t24_only_https_or_loopback_http() {
        assert!(Endpoints::new("https://x.example", "http://[::1]:9").is_ok());
        assert!(Endpoints::new("http://x.example", API).is_err());
        assert!(Endpoints::new(WWW, "ftp://localhost").is_err());
        assert!(Endpoints::new("http://localhost.evil.example", API).is_err());
        assert!(Endpoints::new("https://u:p@x.example", API).is_err());
    }

    #[test]
    fn only_linkedin_and_the_hosts_in_use_get_a_token() {
        let trusts = |endpoints: &Endpoints, url: &str| endpoints.trusts(&Url::parse(url).unwrap());
        let real = Endpoints::linkedin().unwrap();
        for good in
            ["https://www.linkedin.com/dms-uploads/x?ca=1", "https://api.linkedin.com/", "https://linkedin.com/"]
        {
            assert!(trusts(&real, good), "{good}");
        }
        for bad in [
            "http://www.linkedin.com/",
            "https://linkedin.com.evil.example/",
            "https://evillinkedin.com/",
            "https://u@www.linkedin.com/",
            "https://www.linkedin.com:8443/",
            "http://127.0.0.1/",
            "ftp://www.linkedin.com/",
        ] {
            assert!(!trusts(&real, bad), "{bad}");
        }
        let local = Endpoints::new("http://127.0.0.1:8080", "http://127.0.0.1:8080").unwrap();
        assert!(trusts(&local, "http://localhost:8080/up") && !trusts(&local, "http://127.0.0.1:8081/up"));
    }

    #[test]
    fn custom_host_is_none_for_linkedin() {
        assert_eq!(Endpoints::linkedin().unwrap().custom_host(), None);
        let mixed = Endpoints::new("http://127.0.0.1:8080", API).unwrap();
        assert_eq!(mixed.custom_host().as_deref(), Some("127.0.0.1:8080"));
        for (www, api, expected) in [
            ("https://www.linkedin.com:8443", API, Some("www.linkedin.com:8443")),
            (WWW, "https://api.linkedin.com:8443", Some("api.linkedin.com:8443")),
            ("https://www.linkedin.com:443", API, None),
        ] {
            assert_eq!(Endpoints::new(www, api).unwrap().custom_host().as_deref(), expected);
        }
    }
}
