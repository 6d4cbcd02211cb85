//! The products of the developer portal, the scopes that each includes, and which of them one app can
//! have together. Sources: "Getting Access to LinkedIn APIs", "Increasing Access", "Community Management
//! overview" and the portability pages (learn.microsoft.com/linkedin), state of autumn 2026.

use crate::text::sanitize;
use crate::{Error, NextStep, Result};

// The names in the developer portal.
pub(crate) const OIDC: &str = "Sign In with LinkedIn using OpenID Connect";
pub(crate) const SHARE: &str = "Share on LinkedIn";
pub(crate) const COMMUNITY: &str = "Community Management API";
pub(crate) const ADS: &str = "Advertising API";
pub(crate) const EVENTS: &str = "Events Management API";
pub(crate) const LEADS: &str = "Lead Sync API";
pub(crate) const CONVERSIONS: &str = "Conversions API";
pub(crate) const AUDIENCES: &str = "Matched Audiences";
pub(crate) const VERIFIED: &str = "Verified on LinkedIn";
pub(crate) const VERIFIED_PLUS: &str = "Verified on LinkedIn Plus";
pub(crate) const MEMBER_DATA: &str = "Member Data Portability API (Member)";
pub(crate) const THIRD_PARTY_DATA: &str = "Member Data Portability API (3rd Party)";
pub(crate) const PAGE_DATA: &str = "Pages Data Portability API";

/// Who can get a scope or a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Any app, at once, on the portal's Products tab.
    SelfServe,
    /// LinkedIn must approve the app first.
    Approval,
    /// It cannot be requested.
    Closed,
}

impl Access {
    /// Returns the label on screens and in lists.
    pub const fn label(self) -> &'static str {
        match self {
            Self::SelfServe => "self-serve",
            Self::Approval => "requires approval",
            Self::Closed => "closed",
        }
    }
}

/// A product on the Products tab of the developer portal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Product {
    pub name: &'static str,
    pub access: Access,
    /// Whether it must be the only product of its app.
    pub needs_own_app: bool,
    /// The scopes that LinkedIn documents for it.
    pub scopes: &'static [&'static str],
    /// Scopes that it may include too, although LinkedIn does not document them.
    pub undocumented: &'static [&'static str],
    /// A further condition; may be empty.
    pub condition: &'static str,
}

const fn product(name: &'static str, access: Access, scopes: &'static [&'static str]) -> Product {
    Product { name, access, needs_own_app: false, scopes, undocumented: &[], condition: "" }
}

/// Every product that includes a scope. A new product is one row.
pub(crate) const PRODUCTS: &[Product] = &[
    product(OIDC, Access::SelfServe, &["openid", "profile", "email"]),
    product(SHARE, Access::SelfServe, &["w_member_social"]),
    Product {
        needs_own_app: true,
        condition: "registered legal entities only",
        ..product(
            COMMUNITY,
            Access::Approval,
            &[
                "w_organization_social",
                "r_organization_social",
                "rw_organization_admin",
                "r_organization_admin",
                "r_basicprofile",
                "r_1st_connections_size",
                "r_organization_followers",
                "r_organization_social_feed",
                "w_organization_social_feed",
                "w_member_social",
                "w_member_social_feed",
                "r_member_postAnalytics",
                "r_member_profileAnalytics",
            ],
        )
    },
    Product {
        undocumented: &[
            "r_organization_followers",
            "r_organization_social_feed",
            "w_organization_social_feed",
            "w_member_social_feed",
        ],
        ..product(
            ADS,
            Access::Approval,
            &[
                "r_ads",
                "rw_ads",
                "r_ads_reporting",
                "r_basicprofile",
                "r_1st_connections_size",
                "w_organization_social",
                "r_organization_social",
                "rw_organization_admin",
                "r_organization_admin",
                "w_member_social",
            ],
        )
    },
    product(EVENTS, Access::Approval, &["r_events", "rw_events"]),
    product(LEADS, Access::Approval, &["r_marketing_leadgen_automation"]),
    product(CONVERSIONS, Access::Approval, &["rw_conversions"]),
    product(AUDIENCES, Access::Approval, &["rw_dmp_segments"]),
    Product {
        condition: "no new requests; apps that have it keep it",
        ..product(VERIFIED, Access::Closed, &["r_verify", "r_profile_basicinfo"])
    },
    Product {
        condition: "by contract",
        ..product(
            VERIFIED_PLUS,
            Access::Approval,
            &["r_verify_details", "r_primary_current_experience", "r_most_recent_education"],
        )
    },
    Product {
        needs_own_app: true,
        condition: "EEA and Switzerland only, on LinkedIn's own default Page",
        ..product(MEMBER_DATA, Access::SelfServe, &["r_dma_portability_self_serve"])
    },
    product(THIRD_PARTY_DATA, Access::Approval, &["r_dma_portability_3rd_party"]),
    product(PAGE_DATA, Access::Approval, &["r_dma_admin_pages_content"]),
];

impl Product {
    /// Returns whether the scope is documented for it, or may be included without being documented.
    pub(crate) fn may_include(&self, scope: &str) -> bool {
        self.scopes.contains(&scope) || self.undocumented.contains(&scope)
    }

    /// Returns who can get it, and on what terms: `self-serve, an app of its own, EEA and Switzerland only, on LinkedIn's own default Page`.
    pub(crate) fn terms(&self) -> String {
        let own_app = if self.needs_own_app { "an app of its own" } else { "" };
        let mut terms = vec![self.access.label(), own_app, self.condition];
        terms.retain(|term| !term.is_empty());
        terms.join(", ")
    }
}

/// Returns the products that document the scope, the usual one first.
pub(crate) fn products_with(scope: &str) -> impl Iterator<Item = &'static Product> {
    PRODUCTS.iter().filter(move |product| product.scopes.contains(&scope))
}

/// Returns the products that one app needs for `scopes`: self-serve ones if they suffice, else one that
/// needs an app of its own, else several that share an app. Scopes that no product includes, and
/// those that are not in the catalog, are left out: nothing is known about them. `bad_input` if no
/// products that can share an app include them all.
pub(crate) fn products_for_one_app(scopes: &[String]) -> Result<Vec<&'static Product>> {
    let known: Vec<&str> =
        scopes.iter().map(String::as_str).filter(|scope| products_with(scope).next().is_some()).collect();
    if let Some(found) = find_covering(&known, |product| !product.needs_own_app && product.access == Access::SelfServe)
    {
        return Ok(found);
    }
    if let Some(exclusive) =
        PRODUCTS.iter().find(|product| product.needs_own_app && known.iter().all(|id| product.scopes.contains(id)))
    {
        return Ok(vec![exclusive]);
    }
    find_covering(&known, |product| !product.needs_own_app).ok_or_else(|| conflict_error(&known))
}

/// Returns the product with which an app that has the `granted` scopes can have `scope` too, as LinkedIn documents it; `None` if
/// the scope needs another app.
pub(crate) fn product_for_same_app(granted: &[String], scope: &str) -> Option<&'static Product> {
    let mut together = granted.to_vec();
    together.push(scope.to_owned());
    products_for_one_app(&together).ok()?.into_iter().find(|product| product.scopes.contains(&scope))
}

/// Returns whether the app includes `scope` for certain: every product with which one app can have the `granted` scopes does.
pub(crate) fn app_includes(granted: &[String], scope: &str) -> bool {
    let has_all = |product: &&Product| granted.iter().all(|granted| product.scopes.contains(&granted.as_str()));
    let mut candidates = PRODUCTS.iter().filter(has_all).peekable();
    !granted.is_empty() && candidates.peek().is_some() && candidates.all(|product| product.scopes.contains(&scope))
}

/// Returns `allowed` products that include all `scopes`: for each scope the first in the table, unless a selected one
/// includes it already.
fn find_covering(scopes: &[&str], allowed: impl Fn(&Product) -> bool) -> Option<Vec<&'static Product>> {
    let mut found: Vec<&'static Product> = Vec::new();
    let candidates = |scope: &str| {
        PRODUCTS.iter().filter(|product| allowed(product) && product.may_include(scope)).collect::<Vec<_>>()
    };
    let mut uncovered: Vec<(&str, Vec<&'static Product>)> =
        scopes.iter().map(|scope| (*scope, candidates(scope))).collect();
    uncovered.sort_by_key(|(_, candidates)| candidates.len());
    for (scope, candidates) in uncovered {
        if !found.iter().any(|product| product.may_include(scope)) {
            found.push(candidates.first()?);
        }
    }
    found.sort_unstable_by_key(|product| PRODUCTS.iter().position(|row| row == *product));
    Some(found)
}

/// What to do about a scope that the app of a profile cannot have.
pub(crate) const USE_SECOND_PROFILE: &str = "Use a second profile, with an app of its own.";

fn conflict_error(known: &[&str]) -> Error {
    let shareable = |scope: &str| PRODUCTS.iter().any(|product| !product.needs_own_app && product.may_include(scope));
    let conflict = known
        .iter()
        .find_map(|scope| products_with(scope).next().filter(|_| !shareable(scope)).map(|product| (*scope, product)));
    let Some((scope, exclusive)) = conflict else { return Error::bad_input("These scopes cannot be combined.", "") };
    let others: Vec<&str> = known.iter().copied().filter(|other| !exclusive.scopes.contains(other)).collect();
    let others = sanitize(&others.join(", "), 200);
    Error::bad_input(
        format!(
            "{scope} cannot be combined with {others}: the product {} must be the only one of its app.",
            exclusive.name
        ),
        USE_SECOND_PROFILE,
    )
    .with_next_step(NextStep::SignInWithNewApp)
}

/// Returns the products that LinkedIn must approve before one app can have `scopes`, with their terms;
/// `None` if there are none.
pub(crate) fn required_approvals(scopes: &[String]) -> Option<String> {
    let products = products_for_one_app(scopes).ok()?;
    let name_with_terms = |product: &Product| match (product.needs_own_app, product.condition) {
        (true, condition) => format!("{} (an app of its own; {condition})", product.name),
        (false, "") => product.name.to_owned(),
        (false, condition) => format!("{} ({condition})", product.name),
    };
    let to_approve: Vec<&Product> =
        products.into_iter().filter(|product| product.access != Access::SelfServe).collect();
    let alternative = PRODUCTS.iter().find(|product| product.name == ADS).filter(|ads| {
        let known = scopes.iter().filter(|id| products_with(id).next().is_some());
        to_approve.iter().any(|product| product.name == COMMUNITY)
            && known.clone().all(|id| ads.scopes.contains(&id.as_str()))
    });
    let names = to_approve.iter().map(|product| name_with_terms(product)).collect::<Vec<_>>().join(" and ");
    (!names.is_empty()).then(|| alternative.map_or(names.clone(), |other| format!("{names}, or {}", other.name)))
}

/// Returns a note if Page scopes are combined with scopes that need another product than the usual
/// one.
pub(crate) fn combination_warning(scopes: &[String]) -> Option<String> {
    let products = products_for_one_app(scopes).ok()?;
    let community = PRODUCTS.iter().find(|product| product.name == COMMUNITY)?;
    let other_scopes: Vec<&str> = scopes
        .iter()
        .map(String::as_str)
        .filter(|id| products_with(id).next().is_some() && !community.scopes.contains(id))
        .collect();
    let is_community = |id: &&str| products_with(id).next() == Some(community);
    let page_scopes: Vec<&str> = scopes.iter().map(String::as_str).filter(is_community).collect();
    let is_ads = |id: &String| products_with(id).next().is_some_and(|product| product.name == ADS);
    if !products.iter().any(|product| product.name == ADS) || page_scopes.is_empty() || scopes.iter().any(is_ads) {
        return None;
    }
    let undocumented: Vec<&str> =
        page_scopes.iter().copied().filter(|id| products_with(id).all(|product| product.name != ADS)).collect();
    let note = if undocumented.is_empty() {
        String::new()
    } else {
        format!(" LinkedIn does not document whether that includes {}.", undocumented.join(" "))
    };
    Some(format!(
        "With {}, {} {} the Advertising API: an app with the Community Management API has no other product.{note}",
        other_scopes.join(" "),
        page_scopes.join(" "),
        if page_scopes.len() == 1 { "needs" } else { "need" }
    ))
}

#[cfg(test)]
mod tests {
    use super::super::scopes::{CATALOG, PRESETS, split};
    use super::*;

    fn names(scopes: &str) -> Vec<&'static str> {
        products_for_one_app(&split(scopes)).unwrap().iter().map(|product| product.name).collect()
    }

    #[test]
    fn possible_choices_name_their_products() {
        for (scopes, products) in [
            ("openid profile email", &[OIDC] as &[&str]),
            ("openid profile email w_member_social", &[OIDC, SHARE]),
            ("w_member_social", &[SHARE]),
            ("w_member_social w_organization_social", &[COMMUNITY]),
            ("r_basicprofile w_organization_social r_organization_social rw_organization_admin", &[COMMUNITY]),
            ("w_member_social w_member_social_feed r_member_postAnalytics", &[COMMUNITY]),
            ("openid profile w_organization_social", &[OIDC, ADS]),
            (
                "r_basicprofile w_member_social w_organization_social r_organization_social rw_organization_admin openid profile",
                &[OIDC, ADS],
            ),
            ("r_ads rw_ads r_ads_reporting r_basicprofile", &[ADS]),
            ("openid profile r_ads", &[OIDC, ADS]),
            ("r_ads w_member_social", &[ADS]),
            // LinkedIn documents neither.
            ("openid profile w_member_social_feed", &[OIDC, ADS]),
            ("r_events openid profile", &[OIDC, EVENTS]),
            ("r_dma_portability_self_serve", &[MEMBER_DATA]),
            ("openid profile r_dma_portability_3rd_party", &[OIDC, THIRD_PARTY_DATA]),
            ("openid profile r_verify", &[OIDC, VERIFIED]),
            // Nothing is known about these.
            ("r_member_social openid profile", &[OIDC]),
            ("r_member_social r_dma_portability_self_serve r_something_new", &[MEMBER_DATA]),
        ] {
            assert_eq!(names(scopes), products, "{scopes}");
        }
        for preset in PRESETS {
            assert!(!names(&preset.scopes.join(" ")).is_empty(), "{}", preset.name);
        }
    }

    #[test]
    fn impossible_choices_name_reason_and_alternative() {
        for (scopes, scope, product, others) in [
            ("openid profile r_member_postAnalytics", "r_member_postAnalytics", COMMUNITY, "openid, profile"),
            ("r_ads r_member_profileAnalytics", "r_member_profileAnalytics", COMMUNITY, "r_ads"),
            (
                "r_dma_portability_self_serve openid profile",
                "r_dma_portability_self_serve",
                MEMBER_DATA,
                "openid, profile",
            ),
            (
                "w_member_social r_dma_portability_self_serve",
                "r_dma_portability_self_serve",
                MEMBER_DATA,
                "w_member_social",
            ),
            (
                "w_organization_social r_dma_portability_self_serve",
                "r_dma_portability_self_serve",
                MEMBER_DATA,
                "w_organization_social",
            ),
        ] {
            let error = products_for_one_app(&split(scopes)).unwrap_err();
            assert_eq!(error.code, crate::Code::BadInput);
            for word in [scope, product, others] {
                assert!(error.message.contains(word), "{scopes}: {error}");
            }
            assert!(error.hint.contains("second profile"), "{}", error.hint);
        }
    }

    #[test]
    fn a_scope_fits_the_app_only_as_documented() {
        let member = "openid profile email w_member_social";
        for (granted, scope, product) in [
            ("openid profile email", "w_member_social", Some(SHARE)),
            (member, "w_organization_social", Some(ADS)),
            // The Advertising API may include it, but no page of LinkedIn says so.
            (member, "w_member_social_feed", None),
            (member, "r_member_postAnalytics", None),
            ("w_member_social", "r_member_postAnalytics", Some(COMMUNITY)),
            ("r_basicprofile w_organization_social", "w_member_social_feed", Some(COMMUNITY)),
            ("r_dma_portability_self_serve", "w_member_social", None),
        ] {
            let found = product_for_same_app(&split(granted), scope).map(|product| product.name);
            assert_eq!(found, product, "{granted} + {scope}");
        }
    }

    #[test]
    fn an_app_includes_what_each_possible_product_does() {
        for (granted, scope, expected) in [
            ("r_basicprofile w_organization_social", "w_member_social", true),
            ("w_member_social_feed", "r_member_postAnalytics", true),
            ("w_member_social", "r_member_postAnalytics", false),
            ("openid profile w_member_social", "w_organization_social", false),
            ("openid profile", "w_member_social", false),
            ("", "w_member_social", false),
        ] {
            assert_eq!(app_includes(&split(granted), scope), expected, "{granted} + {scope}");
        }
    }

    #[test]
    fn sharing_with_pages_needs_advertising() {
        let note = combination_warning(&split("openid profile w_member_social w_organization_social")).unwrap();
        assert!(note.starts_with("With openid profile, w_organization_social needs the Advertising API"), "{note}");
        let unsure = combination_warning(&split("openid profile w_member_social_feed")).unwrap();
        assert!(unsure.ends_with("does not document whether that includes w_member_social_feed."), "{unsure}");
        for fine in [
            "openid profile w_member_social",
            "w_member_social w_organization_social",
            "r_ads r_basicprofile openid profile",
        ] {
            assert_eq!(combination_warning(&split(fine)), None, "{fine}");
        }
    }

    #[test]
    fn approvals_name_products_and_their_terms() {
        let note = |scopes: &str| required_approvals(&split(scopes));
        assert_eq!(note("openid profile w_member_social"), None);
        assert_eq!(note("r_dma_portability_self_serve"), None);
        let pages = note("r_basicprofile w_organization_social").unwrap();
        assert_eq!(
            pages,
            "Community Management API (an app of its own; registered legal entities only), or Advertising API"
        );
        let statistics = note("r_member_postAnalytics").unwrap();
        assert!(!statistics.contains(ADS), "{statistics}");
        assert_eq!(note("openid profile r_ads r_events").unwrap(), "Advertising API and Events Management API");
        assert!(note("r_verify").unwrap().contains("no new requests"));
    }

    #[test]
    fn catalog_and_products_agree() {
        for scope in CATALOG {
            let first = products_with(scope.id).next();
            assert_eq!(first.map_or("none", |product| product.name), scope.product, "{}", scope.id);
            if let Some(product) = first {
                assert_eq!(product.access, scope.access, "{}", scope.id);
            }
        }
        for product in PRODUCTS {
            for scope in product.scopes.iter().chain(product.undocumented) {
                assert!(CATALOG.iter().any(|row| row.id == *scope), "{scope}");
            }
        }
    }
}
