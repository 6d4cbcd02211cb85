//! Who the member behind a token is: by userinfo, or by `/v2/me` where `openid` was not granted.

use std::time::Duration;

use serde::Deserialize;
use tokio::time::Instant;

use super::answers::api_error;
use super::endpoints::ME;
use super::http::Http;
use super::userinfo::{UserInfo, userinfo};
use super::{Endpoints, scopes};
use crate::secret::Secret;
use crate::{Code, Result};

/// Pause between two tries for a fresh token.
const PAUSE: Duration = Duration::from_millis(700);

/// `GET /v2/me`: needs `r_basicprofile`, which comes with the products for Pages and advertisements. Its `id` makes the member's URN as userinfo's `sub` does.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Me {
    id: String,
    #[serde(default)]
    localized_first_name: Option<String>,
    #[serde(default)]
    localized_last_name: Option<String>,
}

impl From<Me> for UserInfo {
    fn from(me: Me) -> Self {
        let parts = [me.localized_first_name, me.localized_last_name];
        let name = parts.iter().flatten().map(|part| part.trim()).filter(|part| !part.is_empty()).collect::<Vec<_>>();
        let name = (!name.is_empty()).then(|| name.join(" "));
        Self { sub: me.id, name, email: None }
    }
}

/// Asks once, where the `granted` scopes allow it.
///
/// # Errors
/// `revoked`, `expired`, `not_permitted`, `rate_limited`, `server_error`, `unexpected_answer`,
/// `network`.
pub async fn fetch(http: &Http, endpoints: &Endpoints, token: &Secret, granted: &[String]) -> Result<UserInfo> {
    let has = |id: &str| granted.iter().any(|scope| scope == id);
    if has("openid") || !has(scopes::BASIC_PROFILE) {
        return userinfo(http, endpoints, token).await;
    }
    let answer = http.get(endpoints.api(ME), token).await?;
    if answer.status != 200 {
        return Err(api_error(&answer));
    }
    UserInfo::from(answer.json::<Me>()?).checked()
}

/// Asks again for `patience` while LinkedIn calls the token revoked or expired: a fresh token may
/// need some seconds to be known everywhere (65601, 65602).
///
/// # Errors
/// As [`fetch`].
pub async fn fetch_patiently(
    http: &Http,
    endpoints: &Endpoints,
    token: &Secret,
    granted: &[String],
    patience: Duration,
) -> Result<UserInfo> {
    let deadline = Instant::now() + patience;
    loop {
        match fetch(http, endpoints, token, granted).await {
            Err(error) if matches!(error.code, Code::Revoked | Code::Expired) && Instant::now() + PAUSE < deadline => {
                tokio::time::sleep(PAUSE).await;
            }
            other => return other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn me_names_the_member_by_id_and_both_names() {
        for (text, name) in [
            (r#"{"id":"kfW51gr4Ja","localizedFirstName":"Ada","localizedLastName":"Lovelace"}"#, Some("Ada Lovelace")),
            (r#"{"id":"kfW51gr4Ja","localizedFirstName":"Ada ","localizedLastName":""}"#, Some("Ada")),
            (r#"{"id":"kfW51gr4Ja","firstName":{"localized":{}}}"#, None),
        ] {
            let found = UserInfo::from(serde_json::from_str::<Me>(text).unwrap());
            let wanted = UserInfo { sub: "kfW51gr4Ja".to_owned(), name: name.map(str::to_owned), email: None };
            assert_eq!(found, wanted, "{text}");
        }
        let odd = Me { id: "../x".to_owned(), localized_first_name: None, localized_last_name: None };
        assert!(UserInfo::from(odd).checked().is_err());
    }
}
