//! The member of a token: `GET /v2/userinfo` ("Sign In with LinkedIn using OpenID Connect").

use std::time::Duration;

use super::answers::api_error;
use super::endpoints::{Endpoints, USERINFO};
use super::http::{Answer, Fields, Http};
use crate::secret::Secret;
use crate::{Code, Error, Result};

/// How long LinkedIn may call a fresh token revoked (65601) until it is known everywhere.
pub const TOKEN_PROPAGATION: Duration = Duration::from_secs(10);

/// A member as LinkedIn describes them; raw text, to be cleaned before display.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserInfo {
    /// The member ID: another one for each app, 10 characters of `[A-Za-z0-9_-]`.
    pub sub: String,
    /// Full name.
    pub name: Option<String>,
    /// Only with the scope `email`.
    pub email: Option<String>,
}

impl UserInfo {
    /// Reads the answer of userinfo.
    ///
    /// # Errors
    /// `unexpected_response` without a member, with the reason in the answer.
    pub fn read(answer: &Answer) -> Result<Self> {
        let fields = answer.fields()?;
        Self::parse(&fields).ok_or_else(|| Self::missing(&fields))?.checked()
    }

    /// Returns the error of a success without a member.
    pub(super) fn missing(fields: &Fields) -> Error {
        Error::new(
            Code::UnexpectedResponse,
            "LinkedIn's answer contains no member.",
            "Try again; if it happens again, check linkedin.api in config.toml and any proxy in between.",
        )
        .with_detail(fields.reason())
    }

    /// Reads the claims; `None` without `sub`. Another claim may be unusable.
    fn parse(fields: &Fields) -> Option<Self> {
        let parts = [fields.string("given_name"), fields.string("family_name")];
        let joined = || parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
        let name = fields.string("name").map_or_else(joined, str::to_owned);
        Some(Self {
            sub: fields.text("sub")?,
            name: (!name.is_empty()).then_some(name),
            email: fields.string("email").map(str::to_owned),
        })
    }

    /// Checks the member ID.
    ///
    /// # Errors
    /// `unexpected_response`.
    pub(super) fn checked(self) -> Result<Self> {
        if !is_member_id(&self.sub) {
            return Err(Error::new(
                Code::UnexpectedResponse,
                "LinkedIn's answer contains an invalid member ID.",
                "Try again; if it happens again, please report it.",
            ));
        }
        Ok(self)
    }
}

/// Fetches the member of the token once.
///
/// # Errors
/// `revoked`, `expired`, `not_permitted`, `rate_limited`, `server_error`, `unexpected_response`,
/// `network`.
pub async fn userinfo(http: &Http, endpoints: &Endpoints, token: &Secret) -> Result<UserInfo> {
    let answer = http.get(endpoints.api(USERINFO), token).await?;
    if answer.status != 200 {
        return Err(api_error(&answer));
    }
    UserInfo::read(&answer)
}

/// Whether a `sub` can be a member ID.
pub(crate) fn is_member_id(sub: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    (1..=64).contains(&sub.len()) && sub.chars().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<UserInfo> {
        UserInfo::parse(&Fields::parse(text.as_bytes())?)
    }

    #[test]
    fn t20_unusable_claims_do_not_hide_the_member() {
        for unusable in ["null", "5", "\" \"", "{\"localized\":{}}", "[\"x\"]"] {
            let found = read(&format!("{{\"sub\":\"-kfW51gr4J\",\"name\":{unusable},\"email\":{unusable}}}"));
            assert_eq!(found, Some(UserInfo { sub: "-kfW51gr4J".into(), name: None, email: None }), "{unusable}");
        }
        for (sub, expected) in [("\"-kf\"", Some("-kf")), ("\" -kf \"", Some("-kf")), ("7123", Some("7123"))] {
            assert_eq!(read(&format!("{{\"sub\":{sub}}}")).map(|found| found.sub).as_deref(), expected, "{sub}");
        }
        for without in ["{}", "{\"sub\":null}", "{\"sub\":\"\"}", "{\"sub\":[]}", "{\"message\":\"x\"}"] {
            assert_eq!(read(without), None, "{without}");
        }
    }

    #[test]
    fn a_missing_name_is_joined_from_its_parts() {
        for (claims, expected) in [
            ("\"name\":\"Zoë\",\"given_name\":\"Ada\"", Some("Zoë")),
            ("\"given_name\":\"Ada \",\"family_name\":\"Lovelace\"", Some("Ada Lovelace")),
            ("\"name\":\" \",\"given_name\":\"Ada\"", Some("Ada")),
            ("\"name\":{},\"family_name\":\"Lovelace\",\"given_name\":5", Some("Lovelace")),
            ("\"given_name\":\"\"", None),
        ] {
            let found = read(&format!("{{\"sub\":\"a\",{claims}}}")).unwrap();
            assert_eq!(found.name.as_deref(), expected, "{claims}");
        }
    }
}
