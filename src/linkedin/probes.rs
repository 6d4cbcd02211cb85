//! Probes: requests that show what a token may do without changing anything, and what their
//! responses prove.
//!
//! A response can prove that a product or a scope is present, or that it is missing. Any other (an unknown
//! path, an inactive version, a limit, an outage) proves neither.

use serde::Deserialize;

use super::endpoints::{
    MEMBER_AUTHORIZATIONS, ORGANIZATION_ACLS, ORGANIZATION_AUTHORIZATIONS, POST_ANALYTICS, POSTS, SOCIAL_ACTIONS,
    SOCIAL_METADATA,
};
use super::http::Response;
use super::meanings::{self, Meaning};
use super::urn::{encode, is_urn};
use crate::text::sanitize;

/// The key of an approving `status` ("Organization Authorizations").
const APPROVED: &str = "com.linkedin.organization.Approved";

/// What a response proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Conclusion {
    /// The token may do this.
    Allowed,
    /// The app lacks the product.
    ProductMissing,
    /// The token lacks the scope.
    ScopeMissing,
    /// Product and scope are present; a value of the request or a role was refused.
    Refused,
    /// The token itself was refused (401).
    TokenRefused,
    /// LinkedIn restricted the member's account (401, 65608): the token is valid.
    MemberRestricted,
    /// The version of the API is not active; the response proves nothing else.
    VersionInactive,
    /// The response proves nothing.
    Inconclusive,
}

impl Conclusion {
    fn new(response: &Response) -> Self {
        if response.is_success() {
            // A page of a proxy or a network has status 200 too.
            let is_json_object = response.json::<serde_json::Value>().is_ok_and(|body| body.is_object());
            return if is_json_object { Self::Allowed } else { Self::Inconclusive };
        }
        match meanings::explain(response).meaning {
            Meaning::EntityMissing => Self::Allowed,
            // A 404 may also be a path that this version does not have.
            Meaning::ProductMissing if response.status != 404 => Self::ProductMissing,
            Meaning::ScopeMissing => Self::ScopeMissing,
            Meaning::FieldRefused | Meaning::NotOwner => Self::Refused,
            Meaning::MemberRestricted => Self::MemberRestricted,
            Meaning::VersionInactive => Self::VersionInactive,
            _ if response.status == 401 => Self::TokenRefused,
            _ => Self::Inconclusive,
        }
    }

    /// Returns whether the token may do this; `None` if the response does not prove it.
    pub(crate) const fn allowed(self) -> Option<bool> {
        match self {
            Self::Allowed => Some(true),
            Self::ProductMissing | Self::ScopeMissing => Some(false),
            Self::Refused
            | Self::TokenRefused
            | Self::MemberRestricted
            | Self::VersionInactive
            | Self::Inconclusive => None,
        }
    }
}

/// The result of a probe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    /// What the response proves.
    pub conclusion: Conclusion,
    /// The request and its response, as a sentence.
    pub evidence: String,
}

impl Finding {
    pub(crate) fn new(response: &Response) -> Self {
        let conclusion = Conclusion::new(response);
        let detail = match (response.is_success(), conclusion) {
            (true, Conclusion::Allowed) => String::new(),
            (true, _) => " with a body that is not LinkedIn's".to_owned(),
            (false, _) => {
                meanings::explain(response).error.detail.map_or_else(String::new, |detail| format!(": {detail}"))
            }
        };
        let (path, detail) = (sanitize(&response.path, 100), detail.trim_end_matches('.'));
        Self { conclusion, evidence: format!("GET {path} returned {}{detail}.", response.status) }
    }

    /// Turns a success into one that proves nothing, because its body is not the one of this request.
    pub(crate) fn with_unreadable_body(self) -> Self {
        let evidence = format!("{} with a body that is not LinkedIn's.", self.evidence.trim_end_matches('.'));
        Self { conclusion: Conclusion::Inconclusive, evidence }
    }

    /// Creates the result of a probe that got no response, or was not sent.
    pub(crate) fn without_response(why: &str) -> Self {
        Self { conclusion: Conclusion::Inconclusive, evidence: why.to_owned() }
    }
}

/// Returns the path of the request that names the member of a data portability token.
pub(crate) fn member_authorizations_path() -> String {
    format!("{MEMBER_AUTHORIZATIONS}?q=memberAndApplication")
}

/// Returns the path of the statistics of the member's posts; from version 202506.
pub(crate) fn statistics_path() -> String {
    format!("{POST_ANALYTICS}?q=me&queryType=IMPRESSION&aggregation=TOTAL")
}

/// Returns the path of the newest of the member's own posts.
pub(crate) fn own_posts_path(member: &str) -> String {
    format!("{POSTS}?q=author&author={}&count=1", encode(member))
}

pub(crate) fn comments_path(post: &str) -> String {
    format!("{SOCIAL_ACTIONS}/{}/comments?count=1", encode(post))
}

/// Returns the path of the numbers of comments and reactions of a post.
pub(crate) fn counts_path(post: &str) -> String {
    format!("{SOCIAL_METADATA}/{}", encode(post))
}

/// Returns the path of the member's roles on Pages.
pub(crate) fn roles_path() -> String {
    format!("{ORGANIZATION_ACLS}?q=roleAssignee&state=APPROVED&start=0&count=100")
}

/// Returns the path of the request that shows whether the member may publish as a Page.
pub(crate) fn publish_permission_path(member: &str, page: &str) -> String {
    format!(
        "{ORGANIZATION_AUTHORIZATIONS}/(impersonator:{},organization:{},\
         action:(organizationContentAuthorizationAction:(actionType:ORGANIC_SHARE_CREATE)))",
        encode(member),
        encode(page)
    )
}

/// Returns whether the response to [`publish_permission_path`] approves.
pub(crate) fn is_approved(response: &Response) -> bool {
    #[derive(Deserialize)]
    struct Authorization {
        status: serde_json::Map<String, serde_json::Value>,
    }
    response.json::<Authorization>().is_ok_and(|authorization| authorization.status.contains_key(APPROVED))
}

/// Reads the URN of the member that `/v2/me` names ("Profile API"), for tokens without `openid`.
pub(crate) fn member_urn(response: &Response) -> Option<String> {
    #[derive(Deserialize)]
    struct Me {
        id: String,
    }
    let urn = format!("urn:li:person:{}", response.json::<Me>().ok()?.id);
    (response.is_success() && is_urn(&urn)).then_some(urn)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn conclusion(status: u16, body: &str) -> Conclusion {
        Finding::new(&Response::from_parts("GET", "/rest/posts", status, body.as_bytes())).conclusion
    }

    fn message(status: u16, message: &str) -> Conclusion {
        conclusion(status, &serde_json::json!({ "message": message, "status": status }).to_string())
    }

    #[test]
    fn a_403_is_read_by_the_parts_of_the_resource() {
        let denied = |resource: &str| message(403, &format!("Not enough permissions to access: {resource}"));
        for (resource, expected) in [
            ("partnerApiPostsExternal.FINDER-author.20260901", Conclusion::ProductMissing),
            ("partnerApiPostsExternal.GET", Conclusion::ProductMissing),
            ("partnerApiSocialMetadata.GET.20250401", Conclusion::ProductMissing),
            ("partnerApiOrganizationAcls.FINDER-roleAssignee.20260901", Conclusion::ProductMissing),
            ("organizationAcls.FINDER-roleAssignee.20260901", Conclusion::ProductMissing),
            ("userinfo.GET.NO_VERSION", Conclusion::ScopeMissing),
            ("organizationAcls.FINDER-roleAssignee.NO_VERSION", Conclusion::ScopeMissing),
            ("GET /me", Conclusion::ScopeMissing),
            ("memberCreatorPostAnalytics.FINDER-me", Conclusion::ScopeMissing),
        ] {
            assert_eq!(denied(resource), expected, "{resource}");
        }
    }

    #[test]
    fn a_refused_value_is_not_a_missing_product() {
        for text in [
            "Field Value validation failed in PARAMETER: Data Processing Exception while processing fields [/author]",
            "Unpermitted fields present in PARAMETER: Data Processing Exception while processing fields [/viewContext]",
            "Accessing the resource is forbidden. Please check your permissions for this resource",
        ] {
            assert_eq!(message(403, text), Conclusion::Refused, "{text}");
        }
    }

    #[test]
    fn scope_refusals_are_400_too() {
        for text in [
            "Organization permissions must be used when using organization as author",
            "Organization Or Events permissions must be used when using organization as author",
            "Member permissions must be used when using member as author",
        ] {
            assert_eq!(message(400, text), Conclusion::ScopeMissing, "{text}");
        }
        assert_eq!(message(400, "Invalid query parameters passed to request"), Conclusion::Inconclusive);
    }

    #[test]
    fn response_without_proof_leaves_it_open() {
        for (status, body) in [
            (404, r#"{"status":404,"code":"RESOURCE_NOT_FOUND","message":"No virtual resource found"}"#),
            (404, r#"{"message":"Resource ugcPosts does not exist","status":404}"#),
            (
                426,
                r#"{"status":426,"code":"NONEXISTENT_VERSION","message":"Requested version 20250401 is not active"}"#,
            ),
            (429, r#"{"message":"Resource level throttle APPLICATION DAY limit","status":429}"#),
            (500, r#"{"message":"Internal Server Error","status":500}"#),
            (503, ""),
            (403, "<html>"),
            (403, r#"{"message":"","status":403}"#),
            (302, ""),
            (200, "<html>"),
            (200, ""),
            (401, r#"{"message":"Not Found","status":401}"#),
        ] {
            assert_eq!(conclusion(status, body).allowed(), None, "{status} {body}");
        }
    }

    #[test]
    fn a_missing_entity_proves_access() {
        let found = conclusion(404, r#"{"status":404,"code":"NOT_FOUND","message":"Could not find entity"}"#);
        assert_eq!((found, found.allowed()), (Conclusion::Allowed, Some(true)));
        assert_eq!(conclusion(200, "{}"), Conclusion::Allowed);
    }

    #[test]
    fn a_restricted_member_is_not_a_bad_token() {
        let restricted =
            r#"{"status":401,"serviceErrorCode":65608,"code":"RESTRICTED_MEMBER","message":"Member is restricted"}"#;
        assert_eq!(conclusion(401, restricted), Conclusion::MemberRestricted);
        assert_eq!(conclusion(401, r#"{"status":401,"serviceErrorCode":65601}"#), Conclusion::TokenRefused);
        assert_eq!(conclusion(401, "<html>"), Conclusion::TokenRefused);
    }

    #[test]
    fn the_evidence_quotes_linkedin() {
        let body = br#"{"status":403,"message":"com.linkedin.a.b.C: Not enough permissions to access: userinfo.GET.NO_VERSION"}"#;
        assert_eq!(
            Finding::new(&Response::from_parts("GET", "/v2/userinfo", 403, body)).evidence,
            "GET /v2/userinfo returned 403: Not enough permissions to access: userinfo.GET.NO_VERSION."
        );
        assert_eq!(
            Finding::new(&Response::from_parts("GET", "/v2/userinfo", 200, b"{}")).evidence,
            "GET /v2/userinfo returned 200."
        );
    }

    #[test]
    fn urns_are_encoded_and_parentheses_left_bare() {
        assert_eq!(
            publish_permission_path("urn:li:person:-a_1", "urn:li:organization:7"),
            "/rest/organizationAuthorizations/(impersonator:urn%3Ali%3Aperson%3A-a_1,organization:urn%3Ali%3Aorganization%3A7,\
             action:(organizationContentAuthorizationAction:(actionType:ORGANIC_SHARE_CREATE)))"
        );
        assert_eq!(own_posts_path("urn:li:person:a"), "/rest/posts?q=author&author=urn%3Ali%3Aperson%3Aa&count=1");
    }
}
