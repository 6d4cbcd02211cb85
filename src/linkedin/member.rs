//! The member of a token: by userinfo, or by `/v2/me` if `openid` was not granted.

use std::time::Duration;

use tokio::time::Instant;

use super::endpoints::{Endpoints, ME, USERINFO};
use super::http::{Http, Response};
use super::meanings::api_error;
use super::scopes;
use super::userinfo::{UserInfo, fetch_userinfo};
use crate::secret::Secret;
use crate::{Code, Result};

/// Pause before a retry for a fresh token.
const RETRY_PAUSE: Duration = Duration::from_millis(700);

/// Parses the response of `GET /v2/me`, which needs `r_basicprofile`, a scope of the products for Pages and
/// advertisements. Its `id` is userinfo's `sub`.
fn parse(response: &Response) -> Result<UserInfo> {
    UserInfo::read_fields(response, "id", ["localizedFirstName", "localizedLastName"])
}

/// Returns the path of the member of a token; `None` if the `granted` scopes allow neither endpoint.
pub(crate) fn select_path(granted: &[String]) -> Option<&'static str> {
    let has_scope = |id: &str| granted.iter().any(|scope| scope == id);
    if has_scope("openid") { Some(USERINFO) } else { has_scope(scopes::BASIC_PROFILE).then_some(ME) }
}

/// Fetches the member once, by the endpoint that the `granted` scopes allow.
pub(crate) async fn fetch(http: &Http, endpoints: &Endpoints, token: &Secret, granted: &[String]) -> Result<UserInfo> {
    // Without a scope for either endpoint, the refusal of userinfo names the missing permission.
    if select_path(granted) != Some(ME) {
        return fetch_userinfo(http, endpoints, token).await;
    }
    let response = http.get(endpoints.api(ME), token).await?;
    if response.status != 200 {
        return Err(api_error(&response));
    }
    parse(&response)
}

/// Fetches the member, with retries until `timeout` while LinkedIn calls the token revoked or expired:
/// a fresh token needs some seconds to be known everywhere (`serviceErrorCode` 65601 or 65602).
pub(crate) async fn fetch_with_retry(
    http: &Http,
    endpoints: &Endpoints,
    token: &Secret,
    granted: &[String],
    timeout: Duration,
) -> Result<UserInfo> {
    let deadline = Instant::now() + timeout;
    loop {
        match fetch(http, endpoints, token, granted).await {
            Err(error)
                if matches!(error.code, Code::Revoked | Code::Expired) && Instant::now() + RETRY_PAUSE < deadline =>
            {
                tokio::time::sleep(RETRY_PAUSE).await;
            }
            other => return other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse_text(text: &str) -> Result<UserInfo> {
        parse(&Response::from_parts("GET", ME, 200, text.as_bytes()))
    }

    #[test]
    fn me_names_the_member_by_id_and_both_names() {
        for (text, name) in [
            (r#"{"id":"kfW51gr4Ja","localizedFirstName":"Ada","localizedLastName":"Lovelace"}"#, Some("Ada Lovelace")),
            (r#"{"id":"kfW51gr4Ja","localizedFirstName":"Ada ","localizedLastName":""}"#, Some("Ada")),
            (r#"{"id":"kfW51gr4Ja","firstName":{"localized":{}}}"#, None),
            (
                r#"{"id":"kfW51gr4Ja","localizedFirstName":{},"localizedLastName":"Lovelace\ud83d"}"#,
                Some("Lovelace\u{fffd}"),
            ),
        ] {
            let expected = UserInfo { sub: "kfW51gr4Ja".to_owned(), name: name.map(str::to_owned), email: None };
            assert_eq!(parse_text(text), Ok(expected), "{text}");
        }
        for invalid in [r#"{"localizedFirstName":"Ada"}"#, r#"{"id":"../x"}"#] {
            assert_eq!(parse_text(invalid).unwrap_err().code, Code::UnexpectedResponse);
        }
    }
}
