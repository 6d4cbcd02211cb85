//! The members of the sandbox, and the member ID that each app sees.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::apps::CLIENT_ID;
use super::scenario::Behavior;

/// A member of the sandbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SandboxMember {
    /// Identifies the member in [`super::Sandbox::approve`] (signing in without a browser), on the sign-in page and in the JSON API.
    pub key: &'static str,
    /// Full name, as userinfo has it.
    pub name: &'static str,
    pub given_name: &'static str,
    pub family_name: &'static str,
    pub email: &'static str,
    /// The member ID that the default app sees. Each app sees a different one: LinkedIn's IDs are pairwise.
    pub sub: &'static str,
}

/// The member ID begins with a dash, so that a script may mistake it for an option.
const ADA: SandboxMember = SandboxMember {
    key: "ada",
    name: "Ada Lovelace",
    given_name: "Ada",
    family_name: "Lovelace",
    email: "ada@sandbox.example",
    sub: "-Xq7Lm2PdZ",
};

/// The name has wide characters, and the family name comes first.
const BRUCE: SandboxMember = SandboxMember {
    key: "bruce",
    name: "李小龙",
    given_name: "小龙",
    family_name: "李",
    email: "bruce@sandbox.example",
    sub: "_kfW51gr4J",
};

const GRACE: SandboxMember = SandboxMember {
    key: "grace",
    name: "Grace Hopper",
    given_name: "Grace",
    family_name: "Hopper",
    email: "grace@sandbox.example",
    sub: "782bbtaQ-9",
};

/// Terminal escape codes, markup and a bidi override.
const HOSTILE_GRACE: SandboxMember = SandboxMember {
    name: "\u{1b}[31mGrace\u{1b}[0m \u{1b}]0;owned\u{7}<b>O'Red</b>\u{202e}",
    given_name: "\u{1b}[31mGrace\u{1b}[0m",
    family_name: "\u{1b}]0;owned\u{7}<b>O'Red</b>\u{202e}",
    ..GRACE
};

pub const MEMBERS: &[SandboxMember] = &[ADA, BRUCE, GRACE];
/// The members of the scenario `hostile-names`.
const HOSTILE_MEMBERS: &[SandboxMember] = &[ADA, BRUCE, HOSTILE_GRACE];

/// Finds a member, without the hostile name of a scenario; see [`Behavior::member`].
pub(super) fn find(key: &str) -> Option<&'static SandboxMember> {
    MEMBERS.iter().find(|member| member.key == key)
}

impl Behavior {
    /// Returns the members, with the names of the scenario.
    pub(super) fn members(&self) -> &'static [SandboxMember] {
        if self.hostile_names { HOSTILE_MEMBERS } else { MEMBERS }
    }

    pub(super) fn member(&self, key: &str) -> Option<&'static SandboxMember> {
        self.members().iter().find(|member| member.key == key)
    }
}

impl SandboxMember {
    /// Returns the member ID that the app sees: ten characters of `A-Za-z0-9_-`. A leading `-` or `_` is
    /// the same in every app.
    pub fn sub_for(&self, client_id: &str) -> String {
        if client_id == CLIENT_ID {
            return self.sub.to_owned();
        }
        let digest = ring::digest::digest(&ring::digest::SHA256, format!("{client_id}/{}", self.key).as_bytes());
        let text = URL_SAFE_NO_PAD.encode(digest);
        let first = self.sub.chars().next().filter(|c| matches!(c, '-' | '_'));
        first.into_iter().chain(text.chars()).take(10).collect()
    }

    /// Returns the URN that the app sees.
    pub(super) fn urn_for(&self, client_id: &str) -> String {
        format!("urn:li:person:{}", self.sub_for(client_id))
    }

    /// Returns the name without control characters.
    pub fn display_name(&self) -> String {
        crate::text::sanitize(self.name, 80)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn member_ids_are_pairwise_and_ten_characters() {
        for member in MEMBERS {
            for app in [CLIENT_ID, "86otherapp0000"] {
                let sub = member.sub_for(app);
                assert_eq!(sub.len(), 10);
                assert!(sub.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')));
            }
            assert_ne!(member.sub_for(CLIENT_ID), member.sub_for("86otherapp0000"));
        }
        assert!(MEMBERS.iter().any(|member| member.sub.starts_with('-')));
        assert!(MEMBERS.iter().any(|member| member.sub.starts_with('_')));
    }

    #[test]
    fn only_the_hostile_names_have_escape_codes() {
        let has_escape = |members: &[SandboxMember]| members.iter().any(|member| member.name.contains('\u{1b}'));
        assert!(has_escape(HOSTILE_MEMBERS) && !has_escape(MEMBERS));
        assert!(
            MEMBERS
                .iter()
                .zip(HOSTILE_MEMBERS)
                .all(|(plain, hostile)| (plain.key, plain.sub) == (hostile.key, hostile.sub))
        );
    }
}
