//! The three people who live in the sandbox, and the user ID that each app sees for them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// A member of the sandbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SandboxMember {
    /// The word that picks this member: in `approve`, on the sign-in page, over JSON.
    pub key: &'static str,
    /// Full name, as userinfo gives it. One carries escape codes on purpose.
    pub name: &'static str,
    /// Given name.
    pub given_name: &'static str,
    /// Family name.
    pub family_name: &'static str,
    /// Primary e-mail address.
    pub email: &'static str,
    /// The user ID that the ready app sees. Other apps see another one: LinkedIn's are pairwise.
    pub sub: &'static str,
}

/// Everybody: a user ID that begins with `-`, a name of wide characters whose user ID begins with
/// `_`, and a name that tries to steer the terminal.
pub const MEMBERS: &[SandboxMember] = &[
    SandboxMember {
        key: "ada",
        name: "Ada Lovelace",
        given_name: "Ada",
        family_name: "Lovelace",
        email: "ada@sandbox.example",
        sub: "-Xq7Lm2PdZ",
    },
    SandboxMember {
        key: "bruce",
        name: "李小龙",
        given_name: "小龙",
        family_name: "李",
        email: "bruce@sandbox.example",
        sub: "_kfW51gr4J",
    },
    SandboxMember {
        key: "mallory",
        name: "\u{1b}[31mMallory\u{1b}[0m \u{1b}]0;owned\u{7}<b>O'Red</b>\u{202e}",
        given_name: "\u{1b}[31mMallory\u{1b}[0m",
        family_name: "\u{1b}]0;owned\u{7}<b>O'Red</b>\u{202e}",
        email: "mallory@sandbox.example",
        sub: "782bbtaQ-9",
    },
];

/// The member of that key.
pub(super) fn find(key: &str) -> Option<&'static SandboxMember> {
    MEMBERS.iter().find(|member| member.key == key)
}

impl SandboxMember {
    /// The user ID that the app sees: ten characters of `A-Za-z0-9_-`, another one in each app.
    /// A leading `-` or `_` stays, because that is what trips scripts.
    #[must_use]
    pub fn sub_for(&self, client_id: &str) -> String {
        if client_id == super::CLIENT_ID {
            return self.sub.to_owned();
        }
        let digest = ring::digest::digest(&ring::digest::SHA256, format!("{client_id}/{}", self.key).as_bytes());
        let text = URL_SAFE_NO_PAD.encode(digest);
        let first = self.sub.chars().next().filter(|c| matches!(c, '-' | '_'));
        first.into_iter().chain(text.chars()).take(10).collect()
    }

    /// The name, safe to show on a page or in a terminal.
    #[must_use]
    pub fn shown(&self) -> String {
        crate::text::clean(self.name, 80)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_ids_are_pairwise_and_ten_characters() {
        for member in MEMBERS {
            for app in [super::super::CLIENT_ID, "86otherapp0000"] {
                let sub = member.sub_for(app);
                assert_eq!(sub.len(), 10);
                assert!(sub.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')));
            }
            assert_ne!(member.sub_for(super::super::CLIENT_ID), member.sub_for("86otherapp0000"));
        }
        assert!(MEMBERS.iter().any(|member| member.sub.starts_with('-')));
        assert!(MEMBERS.iter().any(|member| member.sub.starts_with('_')));
        assert!(MEMBERS.iter().any(|member| member.name.contains('\u{1b}')));
    }
}
