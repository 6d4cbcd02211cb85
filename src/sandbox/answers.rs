//! LinkedIn's recorded responses as data, and the responses built from them. Every error of LinkedIn that the
//! sandbox sends is an entry of `answers.json`, which names its source and how certain it is.
//!
//! An entry is a response as LinkedIn sent it. Where it contains a value of its request, such as the
//! version, an [`Answer`] names the text of the entry that is replaced by the value of the call.

use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::response::{HandlerResult, Refusal, Response};
use super::scenario::PermissionText;
use crate::{Code, Error, assets};

/// An entry of `answers.json`.
#[derive(Deserialize)]
struct Entry {
    id: String,
    status: u16,
    headers: Map<String, Value>,
    body: String,
}

/// Empty if the file cannot be parsed, which a test rules out: each entry is then reported as missing.
static ENTRIES: LazyLock<Vec<Entry>> =
    LazyLock::new(|| serde_json::from_str(&assets::linkedin_answers()).unwrap_or_default());

/// An entry that the sandbox sends, and its fields: the parts of its text that are replaced by the values of a call.
#[derive(Clone, Copy)]
pub(super) struct Answer {
    id: &'static str,
    /// The name of each field, and its text in the entry.
    fields: &'static [(&'static str, &'static str)],
}

/// Names and values of the fields to replace.
type Values<'a> = &'a [(&'a str, &'a str)];

macro_rules! answers {
    ($($name:ident = $id:literal $(, $field:ident: $text:literal)*;)+) => {
        $(pub(super) const $name: Answer = Answer { id: $id, fields: &[$((stringify!($field), $text)),*] };)+
        #[cfg(test)]
        const ALL: &[Answer] = &[$($name),+];
    };
}

answers! {
    // Redirects and pages of the authorization endpoint.
    CANCELLED_LOGIN = "auth-cancelled-login";
    CANCELLED_LOGIN_BARE = "auth-cancelled-login-bare";
    CANCELLED_CONSENT = "auth-cancelled-consent";
    CANCELLED_CONSENT_BARE = "auth-cancelled-consent-bare";
    SCOPE_MISSING = "auth-scope-missing";
    SCOPE_REFUSED = "auth-scope-r_liteprofile", scope: "r_liteprofile";
    SCOPE_REFUSED_UNNAMED = "auth-invalid_scope_error";
    OPENID_INSUFFICIENT = "auth-openid-alone";
    RESPONSE_TYPE = "auth-response-type";
    NATIVE_PARAMETER_MISSING = "auth-native-missing", name: "code_challenge";
    CLIENT_PAGE = "auth-page-client_id", client_id: "78abcdefghij12";
    REDIRECT_PAGE = "auth-page-redirect_uri";
    NATIVE_PAGE = "auth-page-native";

    // The token endpoint, introspection and revocation.
    PARAMETER_MISSING = "token-missing-client_id", name: "client_id";
    CODE_NOT_FOUND = "token-code-not-found";
    REDIRECT_MISMATCH = "token-mismatch-invalid_redirect_uri";
    CODE_MISMATCH = "token-mismatch-invalid_request";
    CLIENT_REFUSED = "token-invalid_client";
    CLIENT_UNKNOWN = "token-invalid_client_id-400", client_id: "abcdefghijk";
    GRANT_TYPE = "token-grant_type";
    CLIENT_CREDENTIALS_REFUSED = "token-not-two-legged";
    REFRESH_REFUSED = "refresh-dead";
    REFRESH_PARAMETER_MISSING = "refresh-missing-client_secret";
    INTROSPECT_CLIENT = "introspect-400-client", client_id: "78abcdefghij12";
    INTROSPECT_SECRET = "introspect-401-secret";
    INTROSPECT_TOKEN = "introspect-400-token";
    INTROSPECT_OTHER_APP = "introspect-other-app";
    REVOKE_REFUSED = "revoke-401";

    // The gateway of the API.
    TOKEN_MISSING = "userinfo-401-empty-docs";
    TOKEN_MISSING_65604 = "userinfo-401-empty-65604";
    SCHEME_UNKNOWN = "userinfo-401-schema-docs";
    TOKEN_INVALID = "userinfo-401-invalid";
    TOKEN_REVOKED = "userinfo-401-revoked";
    TOKEN_EXPIRED = "userinfo-401-expired";
    MEMBER_RESTRICTED = "post-401-restricted";
    VERSION_MISSING = "post-400-no-version";
    VERSION_INACTIVE = "post-426-20250401", version: "20250401";
    VERSION_ON_V2 = "v2-426-version", version: "20260901";
    NO_RESOURCE = "postanalytics-404-version";
    METHOD_NOT_ALLOWED = "method-405-docs";
    BODY_TOO_LARGE = "post-413-docs";
    PATH_SYNTAX = "people-400-old-path";
    QUERY_SYNTAX = "posts-finder-400-query";
    PROJECTION = "acls-400-projection";
    METHOD_UNRESOLVED = "comments-400-method";
    SERVER_ERROR = "userinfo-500";
    THROTTLED = "userinfo-429-docs";
    APP_DAILY_LIMIT = "post-429-app-day";
    APP_DAILY_LIMIT_SHORT = "acls-429";
    MEMBER_DAILY_LIMIT = "userinfo-429-app-member";
    COMMENT_LIMIT = "comment-429-docs";

    // Missing permissions; the field is the name of the permission.
    USERINFO_DENIED = "userinfo-403", permission: "userinfo.GET.NO_VERSION";
    ME_DENIED = "me-403-openid-app", permission: "me.GET.NO_VERSION";
    POST_DENIED = "post-403-partner-both", permission: "partnerApiPostsExternal.CREATE.20260401";
    POST_DENIED_2023 = "post-403-2023";
    UGC_DENIED = "ugc-403-refused", permission: "ugcPosts.CREATE.NO_VERSION";
    DELETE_DENIED = "delete-403", permission: "partnerApiPostsExternal.DELETE.20260901";
    UPDATE_DENIED = "update-403", permission: "partnerApiPostsExternal.PARTIAL_UPDATE.20260901";
    POST_READ_DENIED = "posts-get-403", permission: "partnerApiPostsExternal.GET.20260901";
    POSTS_DENIED = "posts-finder-403", permission: "partnerApiPostsExternal.FINDER-author.20260501";
    COMMENTS_DENIED = "comments-get-403", permission: "partnerApiSocialActions.GET_ALL.20260601";
    COMMENT_DENIED = "comment-403", permission: "partnerApiSocialActions.CREATE.20260901";
    COMMENT_DENIED_V2 = "comment-403-v2", permission: "socialActions.CREATE.NO_VERSION";
    COMMENT_UPDATE_DENIED = "comment-update-403", permission: "partnerApiSocialActions.PARTIAL_UPDATE.20260901";
    COMMENT_DELETE_DENIED = "comment-delete-403", permission: "partnerApiSocialActions.DELETE.20260901";
    SOCIAL_DENIED = "social-get-403", permission: "partnerApiSocialActions.GET.20260501";
    SOCIAL_DENIED_V2 = "social-get-403-v2", permission: "socialActions.GET.NO_VERSION";
    REACTION_DENIED = "reaction-403", permission: "partnerApiReactions.CREATE.20250101";
    REACTIONS_DENIED = "reactions-get-403", permission: "partnerApiReactions.FINDER-entity.20260901";
    REACTION_DELETE_DENIED = "reaction-delete-403", permission: "partnerApiReactions.DELETE.20260901";
    COUNTS_DENIED = "socialmetadata-403", permission: "partnerApiSocialMetadata.GET.20260901";
    STATISTICS_DENIED = "postanalytics-403", permission: "partnerApiMemberCreatorPostAnalytics.FINDER-me.20260901";
    ACLS_DENIED = "acls-403", permission: "partnerApiOrganizationAcls.FINDER-roleAssignee.20260901";
    ACLS_DENIED_V2 = "acls-403-v2", permission: "organizationAcls.FINDER-roleAssignee.NO_VERSION";
    ORGANIZATION_DENIED = "organizations-403", permission: "partnerApiOrganizations.GET.20260901";
    ORGANIZATIONS_DENIED = "organizations-finder-403", permission: "partnerApiOrganizations.FINDER-vanityName.20260901";
    AUTHORIZATION_DENIED = "orgauth-403", permission: "partnerApiOrganizationAuthorizations.GET.20260901";
    MEMBER_AUTHORIZATIONS_DENIED = "memberauth-403", permission: "partnerApiMemberAuthorizations.FINDER-memberAndApplication.20231201";
    UPLOAD_DENIED = "images-init-403", permission: "partnerApiImagesExternal.ACTION-initializeUpload.20260901";
    ASSET_DENIED = "assets-403", permission: "assets.ACTION-registerUpload.NO_VERSION";
    IMAGE_DENIED = "images-get-403", permission: "partnerApiImagesExternal.GET.20260901";

    // Errors of an authorized request.
    PAGE_AUTHOR = "post-400-organization-2026";
    PAGE_AUTHOR_OLD = "post-400-organization";
    PAGE_OWNER = "images-init-400-organization-owner";
    MEMBER_OWNER = "images-init-400-member-owner";
    MEMBER_AUTHOR = "posts-finder-400-member";
    FORBIDDEN = "post-403-page-forbidden";
    IMAGE_FORBIDDEN = "images-init-403-docs";
    OWNER_EMPTY = "images-init-403-empty";
    FIELD_VALUE = "post-403-author", field: "/author";
    RECIPE_REFUSED = "assets-403-recipes";
    FIELD_UNPERMITTED = "ugc-403-content-null", field: "/content";
    BODY_UNREADABLE = "post-400-not-json";
    SCHEMA = "post-422-required", lines: "ERROR :: /author :: field is required but not found and has no default value\n";
    FIELD_REQUIRED = "post-422-required", field: "/author";
    FIELD_UNKNOWN = "post-422-unknown", field: "/distribution/targetEnties";
    FIELD_ENUM = "post-422-enum", field: "/visibility", value: "\"EVERYBODY\"";
    VALUE_REFUSED = "post-400-value-docs", field: "/visibility", value: "EVERYBODY";
    TEXT_TOO_LONG = "post-400-too-long", length: "3200";
    FIELD_TOO_LONG = "post-400-too-long-docs", field: "commentary", length: "3001", max: "3000";
    DUPLICATE = "post-422-duplicate", urn: "urn:li:share:7400000000000000011";
    DUPLICATE_BARE = "post-422-duplicate-ugcPost", urn: "urn:li:ugcPost:7400000000000000012";
    NOT_FOUND = "post-404-entity";
    CONTENT_NOT_OWNED = "post-400-ownership";
    URN_INVALID = "post-400-urn-id-docs";
    IMAGE_UNKNOWN = "post-400-image-id-docs";
    UPLOAD_MISSING = "post-400-waiting-docs";
    UPLOAD_UNREADABLE = "post-400-processing-docs";
    UPLOAD_EXPIRED = "images-put-400-expired";
    VIDEO_UPLOAD_EXPIRED = "videos-400-expired-docs";
    DOCUMENT_FORBIDDEN = "documents-403", resource: "document";
    PARAMETER_NOT_ALLOWED = "postanalytics-400-param", field: "metricType";

    // Successes.
    COMMENTS_NONE = "comments-200-none";
    SOCIAL_COUNTS = "social-200", urn: "urn:li:share:7400000000000000011";
    COUNTS = "socialmetadata-200", urn: "urn:li:share:7400000000000000011";
    STATISTICS = "postanalytics-200", metric: "IMPRESSION", count: "670";
    STATISTICS_OBJECT = "postanalytics-200-object", metric: "IMPRESSION", count: "670";
    ACTION_APPROVED = "orgauth-200-approved", member: "urn:li:person:782bbtaQ", organization: "urn:li:organization:5515715";
    ACTION_DENIED = "orgauth-200-denied", member: "urn:li:person:782bbtaQ", organization: "urn:li:organization:5515715";
    MEMBER_AUTHORIZATIONS = "memberauth-200", member: "urn:li:person:123ABC";
}

impl Answer {
    fn find_entry(&self) -> HandlerResult<&'static Entry> {
        let entry = ENTRIES.iter().find(|entry| entry.id == self.id);
        entry.ok_or_else(|| {
            let message = format!("answers.json has no answer {}.", self.id);
            Error::new(Code::Unexpected, message, "Please report this.").into()
        })
    }

    /// Replaces the fields in `text` by their values, both encoded by `encode`.
    fn fill(&self, text: &str, values: Values<'_>, encode: impl Fn(&str) -> String) -> String {
        let mut filled = text.to_owned();
        for (field, recorded) in self.fields {
            if let Some((_, value)) = values.iter().find(|(name, _)| name == field) {
                filled = filled.replace(&encode(recorded), &encode(value));
            }
        }
        filled
    }

    /// Returns the response of the entry, with the recorded values in its fields.
    pub(super) fn to_response(self) -> HandlerResult {
        self.to_response_with(&[])
    }

    /// Returns the response of the entry, with `values` in its fields.
    pub(super) fn to_response_with(self, values: Values<'_>) -> HandlerResult {
        let entry = self.find_entry()?;
        let mut response = Response::empty(entry.status);
        for (name, value) in &entry.headers {
            // The server adds a different one to each response.
            if name != "x-li-uuid" {
                response.headers.push((name, value.as_str().unwrap_or_default().to_owned()));
            }
        }
        let has_header = |name: &str| entry.headers.contains_key(name);
        if entry.body.starts_with('{') && !has_header("content-type") {
            response.headers.push(("content-type", "application/json".to_owned()));
        }
        if entry.status >= 400 && !has_header("x-restli-gateway-error") && !has_header("x-linkedin-error-response") {
            let is_gateway = matches!(entry.status, 401 | 426 | 429)
                || ["VERSION_MISSING", "RESOURCE_NOT_FOUND"].iter().any(|code| entry.body.contains(code));
            response.headers.push(("x-restli-gateway-error", is_gateway.to_string()));
        }
        response.body = self.fill(&entry.body, values, json_text).into_bytes();
        Ok(response)
    }

    /// Returns the response of the entry as a refusal, with `values` in its fields.
    pub(super) fn refusal(&self, values: Values<'_>) -> Refusal {
        self.to_response_with(values).map_or_else(|failure| failure, Refusal::from)
    }

    /// Returns the refusal for a missing permission, whose name ends with the version of the call as under
    /// `/rest`, without one, or with `NO_VERSION` as under `/v2`.
    pub(super) fn permission_denied(&self, text: PermissionText, version: &str) -> Refusal {
        let recorded = self.fields.first().map_or("", |(_, recorded)| recorded);
        let permission = match (recorded.rsplit_once('.'), text) {
            (Some((name, suffix)), PermissionText::Bare) if is_version(suffix) => name.to_owned(),
            (Some((name, suffix)), _) if is_version(suffix) => format!("{name}.{version}"),
            _ => recorded.to_owned(),
        };
        self.refusal(&[("permission", &permission)])
    }

    /// Returns the body of the answer, with `values` in place of its parts, as JSON.
    pub(super) fn json(&self, values: Values<'_>) -> HandlerResult<Value> {
        Ok(serde_json::from_slice(&self.to_response_with(values)?.body).unwrap_or_default())
    }

    /// Returns the `message` of the answer's body.
    pub(super) fn message(&self, values: Values<'_>) -> HandlerResult<String> {
        Ok(self.json(values)?["message"].as_str().unwrap_or_default().to_owned())
    }

    /// Returns the URL of the redirect to the app, with the error of the entry.
    pub(super) fn location(
        &self,
        redirect_uri: &str,
        state: Option<&str>,
        values: Values<'_>,
    ) -> HandlerResult<String> {
        let location = self.find_entry()?.headers.get("Location").and_then(Value::as_str).unwrap_or_default();
        let recorded_query = location.trim_start_matches("{redirect_uri}?").trim_end_matches("&state={state}");
        let query = self.fill(recorded_query, values, |value| {
            url::form_urlencoded::byte_serialize(value.as_bytes()).collect::<String>()
        });
        Ok(redirect_url(redirect_uri, &query, state))
    }

    /// Returns the error text of a page, for an error that is not redirected to the app.
    pub(super) fn page_text(&self, values: Values<'_>) -> HandlerResult<String> {
        let after = self.find_entry()?.body.split_once("\"error__message\">").map_or("", |(_, after)| after);
        let line = after.split_once("</p>").map_or("", |(line, _)| line);
        Ok(self.fill(line, values, str::to_owned))
    }
}

impl From<Answer> for Refusal {
    fn from(answer: Answer) -> Self {
        answer.refusal(&[])
    }
}

/// Refuses the call with `answer` unless the condition holds.
pub(super) fn ensure(condition: bool, answer: Answer) -> HandlerResult<()> {
    if condition { Ok(()) } else { Err(answer.into()) }
}

/// Appends a query to the redirect URL, and `state` as it was sent.
pub(super) fn redirect_url(redirect_uri: &str, query: &str, state: Option<&str>) -> String {
    let separator = if redirect_uri.contains('?') { '&' } else { '?' };
    let state = state.map(|state| format!("&state={state}")).unwrap_or_default();
    format!("{redirect_uri}{separator}{query}{state}")
}

fn is_version(text: &str) -> bool {
    text.len() == 8 && text.bytes().all(|digit| digit.is_ascii_digit())
}

/// Returns the line of a 422 for the missing field `/name`.
pub(super) fn required_field(name: &str) -> HandlerResult<String> {
    FIELD_REQUIRED.message(&[("field", &format!("/{name}"))])
}

/// Returns the line of a 422 for the unknown field `/name`.
pub(super) fn unknown_field(name: &str) -> HandlerResult<String> {
    FIELD_UNKNOWN.message(&[("field", &format!("/{}", crate::text::sanitize(name, 60)))])
}

/// Returns the 422 with a line for each problem.
pub(super) fn unprocessable(problems: &[String]) -> Refusal {
    SCHEMA.refusal(&[("lines", &problems.concat())])
}

/// Returns `text` as it is between the quotes of a JSON string.
fn json_text(text: &str) -> String {
    let quoted = Value::from(text).to_string();
    quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::response::into_response;
    use super::*;

    #[test]
    fn every_answer_and_its_fields_are_in_the_data() {
        assert!(ENTRIES.len() > 100);
        for answer in ALL {
            let Ok(entry) = answer.find_entry() else { panic!("{} is not in answers.json", answer.id) };
            let location = entry.headers.get("Location").map(ToString::to_string).unwrap_or_default();
            for (field, text) in answer.fields {
                let is_found =
                    entry.body.contains(&json_text(text)) || entry.body.contains(text) || location.contains(text);
                assert!(is_found, "{}: {field} is not {text:?}", answer.id);
            }
        }
    }

    #[test]
    fn entry_ids_are_unique() {
        let all: Vec<Entry> = serde_json::from_str(include_str!("../../assets/linkedin/answers.json")).unwrap();
        assert!(all.len() > ENTRIES.len(), "the program has only those that are sent");
        let mut ids: Vec<&str> = all.iter().map(|entry| entry.id.as_str()).collect();
        ids.sort_unstable();
        let count = ids.len();
        ids.dedup();
        assert_eq!(ids.len(), count);
    }

    #[test]
    fn a_missing_entry_is_an_internal_error_with_its_id() {
        let answer = Answer { id: "no-such-answer", fields: &[] };
        let Err(Refusal::Failed(error)) = answer.to_response() else { panic!("the entry exists") };
        assert!(error.code == Code::Unexpected && error.message.contains("no-such-answer"), "{error}");
        assert!(matches!(Refusal::from(answer), Refusal::Failed(_)));
    }

    fn body(result: HandlerResult) -> Value {
        let Ok(response) = into_response(result) else { panic!("the entry is missing") };
        serde_json::from_slice(&response.body).unwrap()
    }

    #[test]
    fn values_are_encoded_for_their_place() {
        let special = "a\"b\\c\u{1b}";
        let description = &body(CLIENT_UNKNOWN.to_response_with(&[("client_id", special)]))["error_description"];
        assert_eq!(*description, format!("The passed in client_id is invalid \"{special}\""));
        let Ok(location) = SCOPE_REFUSED.location("http://localhost/cb?id=1", Some("a%2Bb"), &[("scope", "r&d")])
        else {
            panic!("the entry is missing")
        };
        assert!(location.starts_with("http://localhost/cb?id=1&error=unauthorized_scope_error&"), "{location}");
        assert!(location.ends_with("%26quot%3Br%26d%26quot%3B+is+not+authorized+for+your+application&state=a%2Bb"));
        let page_text = CLIENT_PAGE.page_text(&[("client_id", "77x")]);
        assert!(page_text.is_ok_and(|text| text.ends_with("client_id is invalid \"77x\"")));
    }

    #[test]
    fn permissions_have_a_version_or_none() {
        let message = |answer: &Answer, text| {
            let body = body(Err(answer.permission_denied(text, "20260701")));
            body["message"].as_str().unwrap().trim_start_matches("Not enough permissions to access: ").to_owned()
        };
        let versioned = message(&POSTS_DENIED, PermissionText::Versioned);
        assert_eq!(versioned, "partnerApiPostsExternal.FINDER-author.20260701");
        assert_eq!(message(&POSTS_DENIED, PermissionText::Bare), "partnerApiPostsExternal.FINDER-author");
        assert_eq!(message(&UGC_DENIED, PermissionText::Bare), "ugcPosts.CREATE.NO_VERSION");
    }
}
