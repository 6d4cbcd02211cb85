//! The answers of the authorization and token endpoints, as rows: the first that matches an answer counts. Sources: "LinkedIn 3-Legged
//! OAuth Flow", "Programmatic Refresh Tokens", "Client Credentials Flow", "Token Introspection" (learn.microsoft.com/linkedin), and
//! the collected answers in `assets/linkedin/answers.json`, whose entries name their row as `means`.

use super::row::{Grant, Meaning, Row, row};
use crate::Code;

const COPY_CREDENTIALS: &str = "Copy both again from the app's Auth tab (the Primary Client Secret), without spaces.";

/// The answers of the token, introspection and revocation endpoints.
pub(super) const TOKEN_ROWS: &[Row] = &[
    row(
        "code_not_found",
        Meaning::CodeRefused,
        Code::CodeRefused,
        "LinkedIn does not know the authorization code: it was already used, or it is older than 30 minutes.",
        "Sign in again; an authorization code works once.",
    )
    .grants(&[Grant::Code])
    .texts(&["authorization code not found"]),
    row(
        "code_mismatch",
        Meaning::RedirectMismatch,
        Code::RedirectMismatch,
        "LinkedIn refused the authorization code. Likely causes, the most frequent first: the redirect URL differs from the one the \
         browser was sent with; the client ID is another app's; the code is older than 30 minutes or was already used; the member's \
         account is bound to another one.",
        "Check that the redirect URL is registered on the Auth tab of the app with this client ID, then sign in again.",
    )
    .grants(&[Grant::Code])
    .texts(&["appid/redirect uri/code verifier does not match"]),
    row(
        "redirect_uri",
        Meaning::RedirectMismatch,
        Code::RedirectMismatch,
        "LinkedIn does not accept the redirect URL.",
        "Register it on the app's Auth tab exactly as it is here, with port and trailing slash.",
    )
    .codes(&["invalid_redirect_uri"]),
    // LinkedIn says invalid_request here and not invalid_grant; no other answer says that the refresh token is invalid.
    row(
        "refresh_token_refused",
        Meaning::RefreshTokenRefused,
        Code::Expired,
        "LinkedIn no longer accepts the refresh token: it is invalid, expired or revoked.",
        "Sign in again in the browser.",
    )
    .grants(&[Grant::Refresh])
    .codes(&["invalid_grant"])
    .texts(&["refresh token is invalid, expired or revoked"]),
    row(
        "grant_refused",
        Meaning::CodeRefused,
        Code::CodeRefused,
        "LinkedIn no longer accepts the authorization code.",
        "Sign in again.",
    )
    .grants(&[Grant::Code])
    .codes(&["invalid_grant"])
    .texts(&["refresh token is invalid, expired or revoked"]),
    row(
        "client_id",
        Meaning::ClientRefused,
        Code::ClientRefused,
        "LinkedIn does not know the client ID.",
        "Copy the Client ID again from the app's Auth tab.",
    )
    .texts(&["The passed in client_id is invalid"]),
    row(
        "client",
        Meaning::ClientRefused,
        Code::ClientRefused,
        "LinkedIn does not accept the client ID and client secret.",
        COPY_CREDENTIALS,
    )
    .codes(&["invalid_client", "invalid_client_id", "unauthorized_client"])
    .texts(&["Client authentication failed"]),
    row(
        "refresh_not_allowed",
        Meaning::GrantNotAllowed,
        Code::NotPermitted,
        "The app may not use refresh tokens.",
        "LinkedIn allows that to approved apps only. Sign in again in the browser when the token expires.",
    )
    .grants(&[Grant::Refresh])
    .codes(&["access_denied"]),
    row(
        "application_tokens",
        Meaning::GrantNotAllowed,
        Code::NotPermitted,
        "The app may not have tokens without a member (client credentials).",
        "LinkedIn enables that per app. Sign in with the browser instead.",
    )
    .texts(&["not allowed to create application tokens"]),
    row(
        "access_denied",
        Meaning::GrantNotAllowed,
        Code::NotPermitted,
        "LinkedIn denied the request of this app (access_denied).",
        "Check the app's Auth and Products tabs, then try again.",
    )
    .codes(&["access_denied"]),
    row(
        "grant_type",
        Meaning::RequestInvalid,
        Code::Refused,
        "LinkedIn does not support the grant type of the request.",
        "Check that the app may use it; if it may, please report it.",
    )
    .codes(&["unsupported_grant_type"]),
    row(
        "parameter_credentials",
        Meaning::RequestInvalid,
        Code::Refused,
        "LinkedIn did not receive a required parameter ({parameter}).",
        "Check the app's client ID and client secret. If they are filled in, a proxy may have changed the request.",
    )
    .texts(&[
        "required parameter \"client_id\" is missing",
        "required parameter \"client_secret\" is missing",
        "missing required parameters",
    ]),
    row(
        "parameter_missing",
        Meaning::RequestInvalid,
        Code::Refused,
        "LinkedIn did not receive a required parameter ({parameter}).",
        "linkedin-tui always sends it: a proxy may have dropped it. Check network.proxy in config.toml; otherwise please report it.",
    )
    .texts(&["required parameter*is missing"]),
    row(
        "automated_traffic_token",
        Meaning::Unknown,
        Code::Refused,
        "LinkedIn denied the request (999), as its web pages do with traffic that they take for automated.",
        "Check linkedin.www in config.toml, then try again later or from another network.",
    )
    .status(999),
    row(
        "limit_token",
        Meaning::RateLimited,
        Code::RateLimited,
        "LinkedIn takes no more requests for now (429).",
        "Wait a few minutes, then try again.",
    )
    .status(429),
    row(
        "server_error_token",
        Meaning::ServerError,
        Code::ServerError,
        "LinkedIn is temporarily unavailable ({status}).",
        "Wait a moment, then try again. LinkedIn's status: https://www.linkedin-apistatus.com/",
    )
    .statuses(500, 599),
    row(
        "token_refused",
        Meaning::Unknown,
        Code::Refused,
        "LinkedIn refused the request ({error}).",
        "Check the app's Auth tab and linkedin.www in config.toml, then try again.",
    )
    .statuses(200, 499),
    row(
        "token_unexpected",
        Meaning::Unknown,
        Code::UnexpectedResponse,
        "LinkedIn answered with the unexpected status {status}.",
        "Try again; if it happens again, check linkedin.www in config.toml and any proxy in between.",
    ),
];

/// The errors that come back to the redirect URL.
pub(super) const AUTHORIZATION_ROWS: &[Row] = &[
    row(
        "cancelled_sign_in",
        Meaning::Denied,
        Code::Denied,
        "The sign-in was cancelled on LinkedIn's sign-in page.",
        "Sign in again and complete LinkedIn's sign-in page.",
    )
    .codes(&["user_cancelled_login"]),
    row(
        "cancelled_consent",
        Meaning::Denied,
        Code::Denied,
        "The member pressed Cancel instead of Allow.",
        "Sign in again and press Allow. Requesting fewer scopes may help.",
    )
    .codes(&["user_cancelled_authorize", "access_denied"]),
    row(
        "openid_scopes",
        Meaning::ScopeNotAuthorized,
        Code::ScopeNotAuthorized,
        "LinkedIn refused the scope openid: it requires profile or email as well, and the product that grants them.",
        "Request openid with profile or email, and add \"Sign In with LinkedIn using OpenID Connect\" on the app's Products tab.",
    )
    .codes(&["openid_insufficient_scope_error"]),
    row(
        "scope_not_authorized",
        Meaning::ScopeNotAuthorized,
        Code::ScopeNotAuthorized,
        "The app may not request {scope}.",
        "{scope_hint}",
    )
    .codes(&["unauthorized_scope_error", "invalid_scope_error", "invalid_scope"]),
    row(
        "scope_missing",
        Meaning::ScopeNotAuthorized,
        Code::ScopeNotAuthorized,
        "LinkedIn did not receive the requested scopes.",
        "The authorization URL may have been cut: open the whole URL, then sign in again.",
    )
    .texts(&["pass the \"scope\" parameter"]),
    row(
        "native_pkce_off_authorization",
        Meaning::ProductMissing,
        Code::NotPermitted,
        "LinkedIn has not enabled the native PKCE flow for this app.",
        "Use an app with a client secret, or ask your LinkedIn contact to enable native PKCE.",
    )
    .texts(&["Native PKCE"]),
    row(
        "authorization_client",
        Meaning::ClientRefused,
        Code::ClientRefused,
        "LinkedIn does not let this app sign members in ({error}).",
        "Check the app's Auth tab: the Client ID, and that the app is active.",
    )
    .codes(&["unauthorized_client", "invalid_client", "invalid_client_id"]),
    row(
        "authorization_request",
        Meaning::RequestInvalid,
        Code::Refused,
        "LinkedIn could not use the authorization request.",
        "Check the client ID, the redirect URL and the scopes, then sign in again.",
    )
    .codes(&["invalid_request"]),
    row(
        "response_type",
        Meaning::RequestMalformed,
        Code::Refused,
        "LinkedIn does not support the response type of the authorization request.",
        "linkedin-tui always sends response_type=code: the URL may have been changed on its way. Otherwise please report it.",
    )
    .codes(&["unsupported_response_type"]),
    row(
        "authorization_unavailable",
        Meaning::ServerError,
        Code::ServerError,
        "LinkedIn is temporarily unavailable.",
        "Wait a moment, then sign in again.",
    )
    .codes(&["server_error", "temporarily_unavailable"]),
    row(
        "authorization_refused",
        Meaning::Unknown,
        Code::Refused,
        "LinkedIn refused the sign-in with an error that is not known here ({error}).",
        "Check the app's Auth and Products tabs, then sign in again.",
    ),
];
