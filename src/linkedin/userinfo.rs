//! Who am I: `GET /v2/userinfo` ("Sign In with LinkedIn using OpenID Connect").

use std::time::Duration;

use serde::Deserialize;

use super::Endpoints;
use super::answers::api_error;
use super::endpoints::USERINFO;
use super::http::{Answer, Http};
use crate::secret::Secret;
use crate::{Code, Error, Result};

/// How long a fresh token may be called revoked (65601) before that is believed.
pub const PROPAGATION: Duration = Duration::from_secs(10);

/// What LinkedIn says of the member; raw text, to be cleaned before it is shown.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct UserInfo {
    /// Pairwise per app, 10 characters of `[A-Za-z0-9_-]`.
    pub sub: String,
    /// Full name.
    #[serde(default, deserialize_with = "text_or_none")]
    pub name: Option<String>,
    /// Only with the scope `email`.
    #[serde(default, deserialize_with = "text_or_none")]
    pub email: Option<String>,
}

impl UserInfo {
    /// Itself, where its member ID can be one.
    ///
    /// # Errors
    /// `unexpected_answer`.
    pub(super) fn checked(self) -> Result<Self> {
        if !is_member_id(&self.sub) {
            return Err(Error::new(
                Code::UnexpectedAnswer,
                "LinkedIn named a member ID that cannot be one.",
                "Try again; if it happens again, please report it.",
            ));
        }
        Ok(self)
    }
}

/// LinkedIn gives some claims as text here and as an object there: that one is odd must not hide
/// who the member is.
fn text_or_none<'de, D: serde::Deserializer<'de>>(deserializer: D) -> std::result::Result<Option<String>, D::Error> {
    let value = serde_json::Value::deserialize(deserializer)?;
    Ok(value.as_str().filter(|text| !text.trim().is_empty()).map(str::to_owned))
}

/// Asks once.
///
/// # Errors
/// `revoked`, `expired`, `not_permitted`, `rate_limited`, `server_error`, `unexpected_answer`,
/// `network`.
pub async fn userinfo(http: &Http, endpoints: &Endpoints, token: &Secret) -> Result<UserInfo> {
    let answer = http.get(endpoints.api(USERINFO), token).await?;
    if answer.status != 200 {
        return Err(api_error(&answer));
    }
    parse(&answer)
}

/// Reads the body of a success.
///
/// # Errors
/// `unexpected_answer`.
pub(crate) fn parse(answer: &Answer) -> Result<UserInfo> {
    answer.json::<UserInfo>()?.checked()
}

/// Returns whether a `sub` can be a member's.
pub(crate) fn is_member_id(sub: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    (1..=64).contains(&sub.len()) && sub.chars().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t20_odd_claims_do_not_hide_the_member() {
        for odd in ["null", "5", "\" \"", "{\"localized\":{}}"] {
            let text = format!("{{\"sub\":\"-kfW51gr4J\",\"name\":{odd},\"email\":{odd}}}");
            let found: UserInfo = serde_json::from_str(&text).unwrap();
            assert_eq!(found, UserInfo { sub: "-kfW51gr4J".into(), name: None, email: None });
        }
        let found: UserInfo = serde_json::from_str("{\"sub\":\"a\",\"name\":\"Zoë\"}").unwrap();
        assert_eq!((found.name.as_deref(), found.email), (Some("Zoë"), None));
    }
}
