//! The member of a token: by userinfo, or by `/v2/me` where `openid` was not granted.

use std::time::Duration;

use tokio::time::Instant;

use super::answers::api_error;
use super::endpoints::{Endpoints, ME};
use super::http::{Fields, Http};
use super::scopes;
use super::userinfo::{UserInfo, userinfo};
use crate::secret::Secret;
use crate::{Code, Result};

/// Pause before a retry for a fresh token.
const RETRY_PAUSE: Duration = Duration::from_millis(700);

/// Reads the answer of `GET /v2/me`, which needs `r_basicprofile`; `None` without `id`. Its `id` makes the member's URN as
/// userinfo's `sub` does, and the scope comes with the products for Pages and advertisements.
fn parse(fields: &Fields) -> Option<UserInfo> {
    let parts = [fields.string("localizedFirstName"), fields.string("localizedLastName")];
    let name = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
    Some(UserInfo { sub: fields.text("id")?, name: (!name.is_empty()).then_some(name), email: None })
}

/// Fetches the member once, by the endpoint that the `granted` scopes allow.
///
/// # Errors
/// `revoked`, `expired`, `not_permitted`, `rate_limited`, `server_error`, `unexpected_response`,
/// `network`.
pub(crate) async fn fetch(http: &Http, endpoints: &Endpoints, token: &Secret, granted: &[String]) -> Result<UserInfo> {
    let has = |id: &str| granted.iter().any(|scope| scope == id);
    if has("openid") || !has(scopes::BASIC_PROFILE) {
        return userinfo(http, endpoints, token).await;
    }
    let answer = http.get(endpoints.api(ME), token).await?;
    if answer.status != 200 {
        return Err(api_error(&answer));
    }
    let fields = answer.fields()?;
    parse(&fields).ok_or_else(|| UserInfo::missing(&fields))?.checked()
}

/// Fetches the member, with retries until `timeout` while LinkedIn calls the token revoked or expired:
/// a fresh token needs some seconds to be known everywhere (65601, 65602).
///
/// # Errors
/// As [`fetch`].
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

    fn read(text: &str) -> Option<UserInfo> {
        parse(&Fields::parse(text.as_bytes())?)
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
            let wanted = UserInfo { sub: "kfW51gr4Ja".to_owned(), name: name.map(str::to_owned), email: None };
            assert_eq!(read(text), Some(wanted), "{text}");
        }
        assert_eq!(read(r#"{"localizedFirstName":"Ada"}"#), None);
        assert!(read(r#"{"id":"../x"}"#).unwrap().checked().is_err());
    }
}
