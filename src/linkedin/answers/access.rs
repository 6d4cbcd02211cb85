//! The answers that refuse a token, a scope, a product or an owner (mostly 401 and 403). Sources: as in `api.rs`.

use super::row::{Meaning, Row, row};
use crate::Code;

/// The paths of uploads.
pub(super) const MEDIA: &[&str] = &["/rest/images", "/rest/documents", "/rest/videos", "/v2/assets", "/dms-uploads/"];

const CHECK_PROXY: &str = "A proxy may remove the header: check network.proxy in config.toml and the system's proxy settings. \
The token itself is not at fault.";
const PAGE_SCOPE: &str = "That scope comes with the Community Management API, which LinkedIn must approve for the app. The member \
also needs a role on the Page that may post.";
const READ_MEDIA: &str = "The scope w_member_social only writes: publish without reading the upload back. Reading needs the Community \
Management API, which LinkedIn must approve.";

/// Most specific first.
pub(super) const ROWS: &[Row] = &[
    // 401
    row("token_expired", Meaning::TokenExpired, Code::Expired, "The access token has expired.", "Sign in again.")
        .status(401)
        .service(65602)
        .codes(&["EXPIRED_ACCESS_TOKEN"])
        .texts(&["token*has expired"]),
    row(
        "token_revoked",
        Meaning::TokenRevoked,
        Code::Revoked,
        "LinkedIn says that the access token was revoked.",
        "Sign in again.",
    )
    .status(401)
    .service(65601)
    .codes(&["REVOKED_ACCESS_TOKEN"])
    .texts(&["token*has been revoked"]),
    row(
        "member_restricted",
        Meaning::MemberRestricted,
        Code::MemberRestricted,
        "LinkedIn has restricted this member's account. The token is valid, but every API call fails until LinkedIn lifts the \
         restriction; a new token does not help.",
        "The member should open https://www.linkedin.com and follow LinkedIn's instructions there.",
    )
    .service(65608)
    .codes(&["RESTRICTED_MEMBER"])
    .texts(&["Member is restricted"]),
    row(
        "token_invalid",
        Meaning::TokenInvalid,
        Code::Revoked,
        "LinkedIn does not recognize the access token: it is not one of LinkedIn's, or it was truncated.",
        "Sign in again.",
    )
    .status(401)
    .service(65600)
    .codes(&["INVALID_ACCESS_TOKEN"])
    .texts(&["Invalid access token"]),
    row(
        "token_missing_v1",
        Meaning::TokenMissing,
        Code::Refused,
        "LinkedIn received no access token: the retired v1 API does not read the Authorization header.",
        "Use /v2 or /rest paths instead, such as /v2/userinfo.",
    )
    .status(401)
    .paths(&["/v1/"])
    .texts(&["Empty*access_token", "Empty*access token"]),
    row(
        "token_missing",
        Meaning::TokenMissing,
        Code::Refused,
        "LinkedIn received no access token: the Authorization header did not arrive.",
        CHECK_PROXY,
    )
    .status(401)
    .service(65604)
    .codes(&["EMPTY_ACCESS_TOKEN"])
    .texts(&["Empty*access_token", "Empty*access token"]),
    row(
        "authorization_scheme",
        Meaning::TokenMissing,
        Code::Refused,
        "LinkedIn does not recognize the Authorization header: it did not arrive as a Bearer token.",
        "A proxy may rewrite the header: check network.proxy in config.toml and the system's proxy settings.",
    )
    .status(401)
    .texts(&["Unknown authentication schem"]),
    row(
        "unauthorized",
        Meaning::TokenInvalid,
        Code::TokenRefused,
        "LinkedIn did not accept the access token (401) and gave no reason that is known here.",
        "Check the token; if it is no longer valid, sign in again.",
    )
    .status(401),
    // Actors: the token's permissions are for another kind of author or owner.
    row(
        "page_scope",
        Meaning::ScopeMissing,
        Code::NotPermitted,
        "LinkedIn does not accept the token for a Page: that needs the scope w_organization_social.",
        PAGE_SCOPE,
    )
    .texts(&["Organization*permissions must be used when using organization"]),
    row(
        "member_posts_closed",
        Meaning::ScopeMissing,
        Code::NotPermitted,
        "The token may not read a member's posts: that needs the scope r_member_social, which is closed to new apps.",
        "Open the posts on LinkedIn. Members in the European Economic Area and Switzerland can read their own data with the Member \
         Data Portability API.",
    )
    .methods(&["GET"])
    .texts(&["Member permissions must be used when using member as author"]),
    row(
        "member_scope",
        Meaning::ScopeMissing,
        Code::NotPermitted,
        "LinkedIn does not accept the token for the member: that needs the scope w_member_social.",
        "Sign in again with w_member_social (Share on LinkedIn), or act for a Page.",
    )
    .texts(&["Member permissions must be used"]),
    row(
        "actor_permissions",
        Meaning::ScopeMissing,
        Code::NotPermitted,
        "The token's scopes are for another kind of author or owner than the request names.",
        "Compare the token's scopes with the author: w_member_social is for members, w_organization_social for Pages.",
    )
    .texts(&["permissions must be used when using"]),
    row(
        "developer_app",
        Meaning::ProductMissing,
        Code::NotPermitted,
        "The app may not create such posts: it has no product that allows it.",
        "Request \"Share on LinkedIn\" on the app's Products tab, then sign in again with the scope w_member_social.",
    )
    .texts(&["developerApplication*does not have permission"]),
    // 403 from the gateway.
    row(
        "media_path_retired",
        Meaning::PathUnknown,
        Code::NotPermitted,
        "The path /media/upload is retired.",
        "Upload images through /rest/images?action=initializeUpload.",
    )
    .texts(&["Not enough permissions to access media resource"]),
    row(
        "native_pkce_off",
        Meaning::ProductMissing,
        Code::NotPermitted,
        "LinkedIn has not enabled the native PKCE flow for this app.",
        "Use an app with a client secret, or ask your LinkedIn contact to enable native PKCE.",
    )
    .texts(&["Not enough permissions to access Native PKCE"]),
    row(
        "resource_gate",
        Meaning::ProductMissing,
        Code::NotPermitted,
        "LinkedIn does not let this token {purpose} ({resource}): {why}.",
        "{access}",
    )
    .status(403)
    .texts(&["Not enough permissions to access: "]),
    row(
        "insufficient_permissions",
        Meaning::ScopeMissing,
        Code::NotPermitted,
        "The token's scopes do not let it {purpose}, or the app has no product for that.",
        "{access}",
    )
    .status(403)
    .texts(&["Insufficient permissions", "Not enough permissions"]),
    // 403 from the resource behind the gateway.
    row(
        "author_refused",
        Meaning::FieldRefused,
        Code::NotPermitted,
        "LinkedIn does not let this token publish as that author ({field}).",
        "As a member, use the URN of the profile's own member. As a Page, the token needs w_organization_social (Community Management \
         API, which LinkedIn must approve) and the member a role on the Page.",
    )
    .status(403)
    .texts(&["Field Value validation failed*[/author"]),
    row(
        "field_value",
        Meaning::FieldRefused,
        Code::Refused,
        "LinkedIn does not allow the value of {field}.",
        "Correct that value. No scope or product changes it.",
    )
    .status(403)
    .texts(&["Field Value validation failed"]),
    row(
        "field_not_permitted",
        Meaning::FieldRefused,
        Code::Refused,
        "LinkedIn does not allow the field {field} for this app, or in this API.",
        "Leave it out. Some fields need a product that LinkedIn must approve: /adContext needs the Advertising API.",
    )
    .status(403)
    .texts(&["Unpermitted fields present"]),
    row(
        "media_read",
        Meaning::NotOwner,
        Code::NotPermitted,
        "LinkedIn does not let this token read that upload.",
        READ_MEDIA,
    )
    .status(403)
    .methods(&["GET"])
    .paths(MEDIA)
    .texts(&["Accessing*resource is forbidden"]),
    row(
        "not_owner",
        Meaning::NotOwner,
        Code::NotPermitted,
        "LinkedIn does not let this member act on that resource: it has another owner, or the member has no role on the Page.",
        "Check the URN of the author or owner and, for a Page, that it exists and that the member has a role on it.",
    )
    .status(403)
    .texts(&["Accessing*is forbidden"]),
    row(
        "upload_owner",
        Meaning::NotOwner,
        Code::NotPermitted,
        "LinkedIn refused the upload without a reason: the owner is not one that the token may act for.",
        "Check the author's URN: whoami shows the profile's own member.",
    )
    .status(403)
    .methods(&["POST"])
    .paths(MEDIA)
    .without_text(),
    row(
        "upload_address",
        Meaning::RequestInvalid,
        Code::Refused,
        "LinkedIn refused the upload to its own upload URL ({status}).",
        "The URL may have expired: start the upload again.",
    )
    .statuses(400, 404)
    .methods(&["PUT"])
    .paths(&["/dms-uploads/", "/mediaUpload/"])
    .without_text(),
    row(
        "forbidden",
        Meaning::Unknown,
        Code::NotPermitted,
        "LinkedIn refused the request (403).",
        "Compare LinkedIn's reason, where it gives one, with the token's scopes and the app's products.",
    )
    .status(403),
];
