//! The member of a token: `GET /v2/userinfo` ("Sign In with LinkedIn using OpenID Connect").

use std::time::Duration;

use super::endpoints::{Endpoints, USERINFO};
use super::http::{Fields, Http, Response};
use super::meanings::api_error;
use crate::secret::Secret;
use crate::{Code, Error, Result};

/// How long LinkedIn may call a fresh token revoked (`serviceErrorCode` 65601) until it is known everywhere.
pub const TOKEN_PROPAGATION: Duration = Duration::from_secs(10);

/// A member as LinkedIn describes them; raw text, to be cleaned before display.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserInfo {
    /// The member ID: another one for each app, 10 characters of `[A-Za-z0-9_-]`.
    pub sub: String,
    pub name: Option<String>,
    /// Only with the scope `email`.
    pub email: Option<String>,
}

impl UserInfo {
    /// Reads the response of userinfo. The error of a response without a member has LinkedIn's detail.
    pub fn read(response: &Response) -> Result<Self> {
        Self::read_fields(response, "sub", ["given_name", "family_name"])
    }

    /// Reads a response whose fields for the ID and for the parts of the name have these names.
    pub(super) fn read_fields(response: &Response, id: &str, name_parts: [&str; 2]) -> Result<Self> {
        let fields = response.fields()?;
        let Some(member) = Self::parse(&fields, id, name_parts) else {
            return Err(Error::new(
                Code::UnexpectedResponse,
                "LinkedIn's response contains no member.",
                "Try again; if it happens again, check linkedin.api in config.toml and any proxy in between.",
            )
            .with_detail(fields.detail()));
        };
        if !is_member_id(&member.sub) {
            return Err(Error::new(
                Code::UnexpectedResponse,
                "LinkedIn's response contains an invalid member ID.",
                "Try again; if it happens again, please report it.",
            ));
        }
        Ok(member)
    }

    /// Returns `None` without an ID. Any other field may be unusable.
    fn parse(fields: &Fields, id: &str, name_parts: [&str; 2]) -> Option<Self> {
        let joined = || name_parts.into_iter().filter_map(|part| fields.string(part)).collect::<Vec<_>>().join(" ");
        let name = fields.string("name").map_or_else(joined, str::to_owned);
        Some(Self {
            sub: fields.string_or_number(id)?,
            name: (!name.is_empty()).then_some(name),
            email: fields.string("email").map(str::to_owned),
        })
    }
}

pub async fn fetch_userinfo(http: &Http, endpoints: &Endpoints, token: &Secret) -> Result<UserInfo> {
    let response = http.get(endpoints.api(USERINFO), token).await?;
    if response.status != 200 {
        return Err(api_error(&response));
    }
    UserInfo::read(&response)
}

/// Returns whether a `sub` can be a member ID.
pub(crate) fn is_member_id(sub: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    (1..=64).contains(&sub.len()) && sub.chars().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<UserInfo> {
        UserInfo::parse(&Fields::parse(text.as_bytes())?, "sub", ["given_name", "family_name"])
    }

    #[test]
    fn unusable_claims_do_not_hide_the_member() {
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
