//! Partial updates and deletions of what was published: posts, comments and reactions (Rest.li's methods
//! `PARTIAL_UPDATE` and `DELETE`).

use reqwest::Method;
use reqwest::header::{HeaderName, HeaderValue};
use serde_json::{Value, json};

use super::api::{Api, Request};
use super::http::Response;
use super::meanings::{self, Meaning};
use crate::{Code, Result};

fn build_request(method: Method, path: &str, restli_method: &'static str) -> Request {
    let mut request = Request::new(method, path);
    request.headers.insert(HeaderName::from_static("x-restli-method"), HeaderValue::from_static(restli_method));
    request
}

/// Changes an entity by a partial update. It may be repeated, because it sets values.
pub(super) async fn update(api: Api<'_>, path: &str, changes: &Value) -> Result<()> {
    let mut request = build_request(Method::POST, path, "PARTIAL_UPDATE");
    request.body = Some(json!({ "patch": changes }).to_string().into());
    let response = api.send(&request).await?;
    if response.is_success() { Ok(()) } else { Err(meanings::explain(&response).for_request_by_program().error) }
}

/// Deletes an entity; an already deleted one is a success.
pub(super) async fn delete(api: Api<'_>, path: &str) -> Result<()> {
    check_deleted(&api.send(&build_request(Method::DELETE, path, "DELETE")).await?)
}

/// Checks that an entity is deleted: LinkedIn's 404 for one that does not exist is a success.
fn check_deleted(response: &Response) -> Result<()> {
    if response.is_success() {
        return Ok(());
    }
    let explanation = meanings::explain(response).for_request_by_program();
    match (response.status, explanation.meaning) {
        // The path is unknown, or the app has no such API: nothing was deleted. An unexpected response is a proxy's, and the next arm's
        // condition leaves it to the last one.
        (404, Meaning::PathUnknown | Meaning::ProductMissing) => Err(explanation.error),
        (404, _) if explanation.error.code != Code::UnexpectedResponse => Ok(()),
        _ => Err(explanation.error),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::deleted(204, "", true)]
    #[case::already_deleted(404, r#"{"code":"NOT_FOUND","message":"Could not find entity"}"#, true)]
    #[case::not_found_without_a_reason(404, "", true)]
    #[case::unknown_path(404, r#"{"code":"RESOURCE_NOT_FOUND","message":"No virtual resource found"}"#, false)]
    #[case::retired_api(404, r#"{"message":"Resource ugcPosts does not exist"}"#, false)]
    #[case::page_of_a_proxy(404, "<html>", false)]
    #[case::denied(403, r#"{"message":"Not enough permissions to access: socialActions.DELETE.NO_VERSION"}"#, false)]
    #[case::server_error(500, "", false)]
    fn a_missing_entity_is_deleted(#[case] status: u16, #[case] body: &str, #[case] is_deleted: bool) {
        for path in ["/rest/posts/x", "/rest/socialActions/x/comments/1", "/rest/reactions/x"] {
            let response = Response::from_parts("DELETE", path, status, body.as_bytes());
            assert_eq!(check_deleted(&response).is_ok(), is_deleted, "{path}");
        }
    }
}
