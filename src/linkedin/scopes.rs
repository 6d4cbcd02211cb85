//! The scope catalog. Sources: "Getting Access to LinkedIn APIs", "Increasing Access",
//! "Community Management overview", "Verified on LinkedIn" and the portability pages
//! (learn.microsoft.com/linkedin), state of autumn 2026.

use super::app::looks_like_client_secret;
use super::products::{
    ADS, AUDIENCES, Access, COMMUNITY, CONVERSIONS, EVENTS, LEADS, MEMBER_DATA, OIDC, PAGE_DATA, SHARE,
    THIRD_PARTY_DATA, VERIFIED, VERIFIED_PLUS, products_for_one_app,
};
use crate::text::{capitalized, sanitize};
use crate::{Error, NextStep, Result};

/// One scope of the catalog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scope {
    /// The value that is sent to LinkedIn.
    pub id: &'static str,
    /// The portal's name of the product that usually includes it; others may too
    /// ([`super::products`]).
    pub product: &'static str,
    /// Who can get that product.
    pub access: Access,
    /// What it allows.
    pub grants: &'static str,
}

const fn row(id: &'static str, product: &'static str, access: Access, grants: &'static str) -> Scope {
    Scope { id, product, access, grants }
}

/// Every scope that can be requested, grouped by product. A new scope is one row here and its ID in the
/// products that include it.
pub const CATALOG: &[Scope] = &[
    row("openid", OIDC, Access::SelfServe, "who is signed in (needed for the member ID)"),
    row("profile", OIDC, Access::SelfServe, "name and picture"),
    row("email", OIDC, Access::SelfServe, "primary email address"),
    row("w_member_social", SHARE, Access::SelfServe, "create and delete posts as the member"),
    row("w_organization_social", COMMUNITY, Access::Approval, "post as a Page you administer"),
    row("r_organization_social", COMMUNITY, Access::Approval, "read a Page's posts"),
    row("rw_organization_admin", COMMUNITY, Access::Approval, "manage Pages and read their statistics"),
    row("r_organization_admin", COMMUNITY, Access::Approval, "read Pages and their statistics"),
    row("r_basicprofile", COMMUNITY, Access::Approval, "read name, headline and picture"),
    row("r_1st_connections_size", COMMUNITY, Access::Approval, "number of connections"),
    row("r_organization_followers", COMMUNITY, Access::Approval, "read a Page's followers"),
    row("r_organization_social_feed", COMMUNITY, Access::Approval, "read comments and reactions on a Page's posts"),
    row("w_organization_social_feed", COMMUNITY, Access::Approval, "comment and react as a Page"),
    row(
        "w_member_social_feed",
        COMMUNITY,
        Access::Approval,
        "comment and react as the member, read comments on own posts",
    ),
    row(
        "r_member_postAnalytics",
        COMMUNITY,
        Access::Approval,
        "statistics of the member's posts (API versions from 202506)",
    ),
    row(
        "r_member_profileAnalytics",
        COMMUNITY,
        Access::Approval,
        "statistics of the member's profile (API versions from 202504)",
    ),
    row("r_ads", ADS, Access::Approval, "read advertising accounts"),
    row("rw_ads", ADS, Access::Approval, "manage advertising accounts"),
    row("r_ads_reporting", ADS, Access::Approval, "read advertising reports"),
    row("r_events", EVENTS, Access::Approval, "read events"),
    row("rw_events", EVENTS, Access::Approval, "manage events"),
    row("r_marketing_leadgen_automation", LEADS, Access::Approval, "read lead forms and their answers"),
    row("rw_conversions", CONVERSIONS, Access::Approval, "send conversions"),
    row("rw_dmp_segments", AUDIENCES, Access::Approval, "manage audiences"),
    row("r_verify", VERIFIED, Access::Closed, "verification categories by /rest/verificationReport"),
    row("r_profile_basicinfo", VERIFIED, Access::Closed, "basic identity by /rest/identityMe"),
    row("r_verify_details", VERIFIED_PLUS, Access::Approval, "detailed verification"),
    row("r_primary_current_experience", VERIFIED_PLUS, Access::Approval, "current position"),
    row("r_most_recent_education", VERIFIED_PLUS, Access::Approval, "latest education"),
    row("r_dma_portability_self_serve", MEMBER_DATA, Access::SelfServe, "the member's own data"),
    row("r_dma_portability_3rd_party", THIRD_PARTY_DATA, Access::Approval, "a member's data for a third party"),
    row("r_dma_admin_pages_content", PAGE_DATA, Access::Approval, "a Page's data"),
    row("r_member_social", "none", Access::Closed, "read the member's posts (LinkedIn accepts no requests)"),
    row("r_member_social_feed", "none", Access::Closed, "read a member's comments, reactions and counts (restricted)"),
];

/// Scopes that LinkedIn retired, each with its replacement.
pub(crate) const RETIRED: &[(&str, &str)] = &[
    ("r_liteprofile", "openid profile"),
    ("r_emailaddress", "openid email"),
    ("w_share", "w_member_social"),
    ("rw_company_admin", "rw_organization_admin"),
    ("r_fullprofile", "openid profile"),
    ("r_contactinfo", "openid email"),
    ("rw_nus", "w_member_social"),
];

/// A named set of scopes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Preset {
    /// Its name in JSON.
    pub name: &'static str,
    /// Its name for people.
    pub title: &'static str,
    pub scopes: &'static [&'static str],
}

/// The sets that the setup offers.
pub(crate) const PRESETS: &[Preset] = &[
    Preset { name: "identity", title: "identify member", scopes: &["openid", "profile", "email"] },
    Preset {
        name: "post as member",
        title: "post as member",
        scopes: &["openid", "profile", "email", "w_member_social"],
    },
    Preset {
        name: "post as Page",
        title: "post as Page",
        scopes: &["r_basicprofile", "w_organization_social", "r_organization_social", "rw_organization_admin"],
    },
];

pub(crate) const DEFAULT: &[&str] = &["openid", "profile", "email", "w_member_social"];

pub(crate) fn find(id: &str) -> Option<&'static Scope> {
    CATALOG.iter().find(|scope| scope.id == id)
}

pub(crate) fn find_replacement(id: &str) -> Option<&'static str> {
    RETIRED.iter().find(|(old, _)| *old == id).map(|(_, new)| *new)
}

/// Describes a scope to members: by the sentence of LinkedIn's consent page where it is known ([`has_known_consent`]).
pub(crate) fn consent_text(id: &str) -> String {
    match id {
        "openid" => "Know who you are on this app".to_owned(),
        "profile" => "Use your name and photo".to_owned(),
        "email" => "Use the primary email address associated with your LinkedIn account".to_owned(),
        "w_member_social" => "Create, modify, and delete posts, comments, and reactions on your behalf".to_owned(),
        other => capitalized(find(other).map_or(other, |row| row.grants)),
    }
}

/// Returns whether [`consent_text`] is LinkedIn's own sentence.
pub(crate) fn has_known_consent(id: &str) -> bool {
    matches!(id, "openid" | "profile" | "email" | "w_member_social")
}

/// Returns the warning about scopes that are not in the catalog, each with the most similar one that is.
pub(crate) fn unknown_warning(scopes: &[String]) -> Option<String> {
    let unknown: Vec<String> = scopes.iter().filter(|id| find(id).is_none()).map(|id| describe_unknown(id)).collect();
    let noun = if unknown.len() == 1 { "Unknown scope" } else { "Unknown scopes" };
    (!unknown.is_empty()).then(|| format!("{noun}, which LinkedIn may reject: {}", sanitize(&unknown.join(", "), 300)))
}

fn describe_unknown(id: &str) -> String {
    /// More changed characters than this are not a typing error.
    const MAX_CHANGES: usize = 3;
    let candidates = CATALOG.iter().map(|scope| (strsim::levenshtein(id, scope.id), scope.id));
    match candidates.min().filter(|(changes, _)| *changes <= MAX_CHANGES) {
        Some((_, similar)) => format!("{id} (did you mean {similar}?)"),
        None => id.to_owned(),
    }
}

/// Splits a list of scopes at commas, white space (that of web pages too), `+` and `%20`; duplicates are dropped.
/// LinkedIn documents spaces, and responds with commas.
pub(crate) fn split(text: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for word in text.replace("%20", " ").split(|c: char| c.is_whitespace() || c == ',' || c == '+') {
        if !word.is_empty() && !out.iter().any(|scope| scope == word) {
            out.push(word.to_owned());
        }
    }
    out
}

/// Returns whether the sets are equal, in any order.
pub(crate) fn are_same(left: &[String], right: &[String]) -> bool {
    find_missing(left, right).is_empty() && find_missing(right, left).is_empty()
}

/// Returns the `requested` scopes that are not in `granted`.
pub(crate) fn find_missing(requested: &[String], granted: &[String]) -> Vec<String> {
    requested.iter().filter(|scope| !granted.contains(scope)).cloned().collect()
}

/// The scope for `/v2/me`.
pub(crate) const BASIC_PROFILE: &str = "r_basicprofile";

/// Returns whether LinkedIn names the member of a token with these scopes: by userinfo, or by `/v2/me`.
pub(crate) fn can_identify_member(scopes: &[String]) -> bool {
    scopes.iter().any(|scope| scope == "openid" || scope == BASIC_PROFILE)
}

/// Returns the warning about a set without `openid`; `None` with it.
pub(crate) fn missing_openid_warning(scopes: &[String]) -> Option<&'static str> {
    match scopes {
        [] => None,
        _ if scopes.iter().any(|scope| scope == "openid") => None,
        _ if can_identify_member(scopes) => {
            Some("Without openid, /v2/me identifies the member: name and member ID, no email address.")
        }
        _ => Some("Without openid or r_basicprofile, LinkedIn does not identify the member of the token."),
    }
}

/// Checks a set before it is requested. One app can have what LinkedIn `granted` it together before, whatever is
/// documented.
///
/// # Errors
/// `bad_input` for an empty set, a retired scope, one with invalid characters, `openid`
/// without `profile` or `email` (LinkedIn responds with `openid_insufficient_scope_error`), and for
/// scopes of products that cannot share an app.
pub(crate) fn check_before_request(scopes: &[String], granted: &[String]) -> Result<()> {
    check_ids(scopes)?;
    if find_missing(scopes, granted).is_empty() { Ok(()) } else { products_for_one_app(scopes).map(drop) }
}

fn check_ids(scopes: &[String]) -> Result<()> {
    if scopes.is_empty() {
        return Err(Error::bad_input("At least one scope is needed.", "").with_next_step(NextStep::ListScopes));
    }
    for scope in scopes {
        if let Some(new) = find_replacement(scope) {
            return Err(Error::bad_input(
                format!("LinkedIn retired the scope {scope}."),
                format!("Request {new} instead."),
            ));
        }
        if looks_like_client_secret(scope) {
            return Err(Error::bad_input(
                "A scope looks like the client secret.",
                "Scopes are words such as w_member_social; nothing else may be sent in their place.",
            ));
        }
        if !scope.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | ':')) {
            return Err(Error::bad_input(
                format!("{} is not a scope: it contains invalid characters.", sanitize(scope, 60)),
                "Scopes are words such as w_member_social, separated by spaces or commas.",
            ));
        }
    }
    let has = |id: &str| scopes.iter().any(|scope| scope == id);
    if has("openid") && !has("profile") && !has("email") {
        return Err(Error::bad_input("LinkedIn refuses openid alone.", "Add profile or email to it."));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t11_scopes_split_on_every_separator() {
        assert_eq!(
            split("email,openid profile%20w_member_social+email"),
            ["email", "openid", "profile", "w_member_social"]
        );
        assert_eq!(split("openid\u{a0}profile\u{202f}email\u{b}"), ["openid", "profile", "email"]);
        assert!(are_same(&split("a b"), &split("b,a")));
        assert_eq!(find_missing(&split("a b c"), &split("c a")), ["b"]);
    }

    #[test]
    fn invalid_scope_sets_are_refused() {
        assert!(check_before_request(&split("r_liteprofile"), &[]).unwrap_err().hint.contains("openid profile"));
        assert!(check_before_request(&split("openid"), &[]).is_err());
        assert!(check_before_request(&split("openid email"), &[]).is_ok());
        assert!(check_before_request(&["a\u{1b}b".to_owned()], &[]).is_err());
    }

    #[test]
    fn an_unknown_scope_names_the_most_similar_one() {
        for (scopes, expected) in [
            ("openid w_member_social", None),
            ("w_organisation_social", Some("w_organisation_social (did you mean w_organization_social?)")),
            ("r_something_else", Some("r_something_else")),
            ("w_member_socail x_new", Some("w_member_socail (did you mean w_member_social?), x_new")),
        ] {
            let warning = unknown_warning(&split(scopes));
            let named = warning.as_deref().and_then(|text| Some(text.split_once(": ")?.1));
            assert_eq!(named, expected, "{scopes}");
        }
    }

    #[test]
    fn a_secret_among_the_scopes_is_not_repeated() {
        let error = check_before_request(&["WPL_AP1.x.aa==".to_owned()], &[]).unwrap_err();
        assert!(
            error.message.contains("client secret") && !format!("{error} {}", error.hint).contains("WPL_"),
            "{error}"
        );
    }

    #[test]
    fn scopes_granted_together_may_be_requested_again() {
        let scopes = split("openid profile r_member_postAnalytics");
        assert!(
            check_before_request(&scopes, &[]).is_err()
                && check_before_request(&scopes, &split("openid profile")).is_err()
        );
        assert!(check_before_request(&scopes, &split("r_member_postAnalytics email openid profile")).is_ok());
        assert!(check_before_request(&split("r_liteprofile"), &split("r_liteprofile")).is_err(), "retired is retired");
    }

    #[test]
    fn a_set_without_openid_has_a_warning() {
        for (scopes, expected) in
            [("openid profile", None), ("r_basicprofile", Some("/v2/me")), ("w_member_social", Some("identify"))]
        {
            let warning = missing_openid_warning(&split(scopes));
            assert_eq!(warning.is_some(), expected.is_some(), "{scopes}");
            assert!(warning.unwrap_or_default().contains(expected.unwrap_or_default()));
        }
    }

    #[test]
    fn ids_are_unique() {
        for (index, scope) in CATALOG.iter().enumerate() {
            assert!(CATALOG[index + 1..].iter().all(|other| other.id != scope.id), "{}", scope.id);
            assert!(find_replacement(scope.id).is_none());
        }
    }
}
