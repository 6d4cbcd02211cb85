//! The evidence about what a token may do, and its evaluation: yes, no or unknown. Sends no request.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::clock::format_day;
use crate::linkedin::capabilities::Capability;
use crate::linkedin::probes::{Conclusion, Finding};
use crate::store::{PagePermission, Permission, WriteOutcome};

/// What is known about a token. A finding is `None` if the probe was not sent.
#[derive(Default)]
pub(super) struct Evidence {
    /// The granted scopes, if they are known.
    pub(super) scopes: Option<Vec<String>>,
    /// LinkedIn's response if the member's account is restricted.
    pub(super) restricted: Option<String>,
    pub(super) sign_in: Option<Finding>,
    pub(super) member_posts: Option<Finding>,
    /// The response of the member data portability API.
    pub(super) portability: Option<Finding>,
    /// Comments and counts of a known post.
    pub(super) social: Vec<Finding>,
    pub(super) statistics: Option<Finding>,
    /// The list of the member's roles on Pages.
    pub(super) roles: Option<Finding>,
    /// The Pages in that list.
    pub(super) pages: Vec<PagePermission>,
    /// For how many of them LinkedIn returned whether posts are possible.
    pub(super) authorizations: usize,
    /// How LinkedIn responded to earlier writes of this app with these scopes.
    pub(super) outcomes: Vec<WriteOutcome>,
    /// When a post was last published with this token.
    pub(super) posted_at: Option<Timestamp>,
    /// A post of the member's that should still exist.
    pub(super) known_post: Option<String>,
}

/// The result for one capability, before it becomes a [`Permission`] with the capability and its product.
struct Evaluation {
    allowed: Option<bool>,
    evidence: String,
    /// Whether the product would change the result.
    is_about_product: bool,
}

fn evaluation(allowed: Option<bool>, evidence: impl Into<String>) -> Evaluation {
    Evaluation { allowed, evidence: evidence.into(), is_about_product: true }
}

impl Evaluation {
    /// Marks a result that the product would not change.
    fn without_product(self) -> Self {
        Self { is_about_product: false, ..self }
    }

    fn into_permission(self, capability: Capability) -> Permission {
        let product = self.is_about_product.then(|| capability.product().to_owned());
        Permission { capability, allowed: self.allowed, product, evidence: self.evidence }
    }
}

pub(super) fn permission_after_write(outcome: &WriteOutcome) -> Permission {
    let (day, api) = (local_day(outcome.at), &outcome.api);
    let verb = if outcome.is_accepted { "accepted" } else { "refused" };
    let what = match outcome.capability {
        Capability::EditPosts => "edit",
        Capability::Comment => "comment",
        Capability::React => "reaction",
        _ => "post",
    };
    let evidence = format!("LinkedIn {verb} the last {what} of this program on {day}, at {api}.");
    evaluation(Some(outcome.is_accepted), evidence).into_permission(outcome.capability)
}

fn local_day(at: Timestamp) -> String {
    format_day(at, &TimeZone::system())
}

impl Evidence {
    /// Returns whether the token has one of these scopes for certain.
    pub(super) fn has_any_scope(&self, scopes: &[&str]) -> bool {
        self.scopes.as_ref().is_some_and(|granted| granted.iter().any(|scope| scopes.contains(&scope.as_str())))
    }

    /// Returns whether the token has the scope, or its scopes are unknown.
    pub(super) fn may_have_scope(&self, scope: &str) -> bool {
        self.scopes.is_none() || self.has_any_scope(&[scope])
    }

    pub(super) fn evaluate(&self) -> Vec<Permission> {
        Capability::ALL.into_iter().map(|capability| self.evaluate_capability(capability)).collect()
    }

    fn evaluate_capability(&self, capability: Capability) -> Permission {
        if let Some(detail) = &self.restricted {
            let evidence = format!(
                "LinkedIn restricted the member's account and refuses every call until it lifts that. {detail}"
            );
            return evaluation(Some(false), evidence).without_product().into_permission(capability);
        }
        // The last write outweighs LinkedIn's lists.
        let outcomes = self.outcomes.iter().filter(|outcome| outcome.capability == capability);
        // A refusal for one Page does not apply to the others.
        let weight =
            |outcome: &&WriteOutcome| (capability == Capability::PostAsPage && outcome.is_accepted, outcome.at);
        if let Some(outcome) = outcomes.max_by_key(weight) {
            return permission_after_write(outcome);
        }
        let found = if capability == Capability::SignIn { None } else { self.evaluate_missing_scope(capability) };
        found.unwrap_or_else(|| self.evaluate_with_scope(capability)).into_permission(capability)
    }

    /// Evaluates the sign-in: userinfo needs only its scope, so its response decides.
    fn evaluate_sign_in(&self) -> Evaluation {
        let found = evaluate_probe(self.sign_in.as_ref());
        if found.allowed.is_some() { found } else { self.evaluate_missing_scope(Capability::SignIn).unwrap_or(found) }
    }

    /// Denies a capability if none of its scopes was granted.
    fn evaluate_missing_scope(&self, capability: Capability) -> Option<Evaluation> {
        let scopes = capability.scopes();
        if self.scopes.is_none() || self.has_any_scope(scopes) {
            return None;
        }
        let missing = match capability {
            Capability::ReadPosts => {
                "The token lacks r_member_social, which LinkedIn grants to no new app, and the scopes of the member data APIs."
                    .to_owned()
            }
            _ => format!("The token lacks the scope {}.", scopes.join(" or ")),
        };
        Some(evaluation(Some(false), missing))
    }

    /// Evaluates a capability whose scope was granted, or may have been.
    fn evaluate_with_scope(&self, capability: Capability) -> Evaluation {
        match capability {
            Capability::SignIn => self.evaluate_sign_in(),
            Capability::PostAsMember => match self.posted_at {
                Some(at) => {
                    evaluation(Some(true), format!("A post was published with this program on {}.", local_day(at)))
                }
                None => self.unknown_until_write(capability, "publishing a post"),
            },
            Capability::EditPosts => self.unknown_until_write(capability, "editing a post"),
            Capability::Comment => self.evaluate_by_read_access(capability, "commenting"),
            Capability::React => self.evaluate_by_read_access(capability, "reacting"),
            Capability::ReadPosts => self.evaluate_read_posts(),
            Capability::PostAsPage => self.evaluate_post_as_page(),
            Capability::Statistics => evaluate_probe(self.statistics.as_ref()),
        }
    }

    /// Returns that the capability is unknown: no read request shows it.
    fn unknown_until_write(&self, capability: Capability, what: &str) -> Evaluation {
        let scope = capability.scopes().iter().find(|scope| self.has_any_scope(&[scope]));
        let granted = scope.map_or_else(
            || "The granted scopes are unknown".to_owned(),
            |scope| format!("The scope {scope} is granted"),
        );
        evaluation(None, format!("{granted}; only {what} shows whether the app may use it."))
    }

    /// Evaluates by the access to read: without it there is none to write, and with it writing is still unknown.
    fn evaluate_by_read_access(&self, capability: Capability, what: &str) -> Evaluation {
        let found = |conclusion| self.social.iter().find(|finding| finding.conclusion == conclusion);
        if let Some(refused) = found(Conclusion::ProductMissing) {
            return evaluation(Some(false), format!("Not even reading is allowed: {}", refused.evidence));
        }
        let mut evaluation = self.unknown_until_write(capability, what);
        if let Some(allowed) = found(Conclusion::Allowed) {
            evaluation.evidence = format!("{} Reading is allowed: {}", evaluation.evidence, allowed.evidence);
        }
        evaluation
    }

    fn evaluate_read_posts(&self) -> Evaluation {
        let (member_posts, portability) = (self.member_posts.as_ref(), self.portability.as_ref());
        // Either way of reading is enough; a definite response outweighs none.
        let rank = |finding: &&Finding| match finding.conclusion.allowed() {
            Some(true) => 2,
            Some(false) => 1,
            None => 0,
        };
        evaluate_probe(member_posts.into_iter().chain(portability).max_by_key(rank))
    }

    fn evaluate_post_as_page(&self) -> Evaluation {
        let Some(roles) = &self.roles else {
            let reason = "The scope w_organization_social is granted, but the Pages cannot be listed without rw_organization_admin or r_organization_admin.";
            return evaluation(None, reason);
        };
        if roles.conclusion != Conclusion::Allowed {
            return evaluation(None, format!("The Pages cannot be listed: {}", roles.evidence));
        }
        if self.pages.is_empty() {
            let reason = "The member has no role on any Page.";
            return evaluation(Some(false), reason).without_product();
        }
        let count = self.pages.iter().filter(|page| page.can_post).count();
        let pages = if self.pages.len() == 1 { "1 Page".to_owned() } else { format!("{} Pages", self.pages.len()) };
        let source = if self.authorizations > 0 { "LinkedIn's response" } else { "the member's role" };
        let evidence = format!("The member can publish as {count} of {pages}, by {source}.");
        let found = evaluation(Some(count > 0), evidence);
        if count > 0 { found } else { found.without_product() }
    }
}

const NOT_PROBED: &str = "Not probed.";

/// Evaluates by a probe alone.
fn evaluate_probe(finding: Option<&Finding>) -> Evaluation {
    finding
        .map_or_else(|| evaluation(None, NOT_PROBED), |found| evaluation(found.conclusion.allowed(), &found.evidence))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(conclusion: Conclusion) -> Finding {
        Finding { conclusion, evidence: format!("GET /x returned ({conclusion:?}).") }
    }

    fn granted(scopes: &str) -> Evidence {
        let scopes = Some(scopes.split(' ').map(str::to_owned).collect());
        Evidence { scopes, sign_in: Some(finding(Conclusion::Allowed)), ..Evidence::default() }
    }

    fn outcome(capability: Capability, is_accepted: bool, at: &str) -> WriteOutcome {
        WriteOutcome {
            capability,
            author: String::new(),
            client_id: String::new(),
            scopes: Vec::new(),
            at: at.parse().unwrap(),
            is_accepted,
            api: POSTS.to_owned(),
        }
    }

    const POSTS: &str = "/rest/posts";

    fn permission_for(evidence: &Evidence, capability: Capability) -> Permission {
        evidence.evaluate().into_iter().find(|permission| permission.capability == capability).unwrap()
    }

    #[test]
    fn a_missing_scope_decides_without_a_probe() {
        let evidence = granted("openid profile");
        for capability in Capability::ALL {
            let found = permission_for(&evidence, capability);
            let expected = Some(capability == Capability::SignIn);
            assert_eq!(found.allowed, expected, "{}", capability.id());
            assert_eq!(found.product.as_deref(), Some(capability.product()));
        }
        assert!(permission_for(&evidence, Capability::Comment).evidence.contains("w_member_social_feed"));
    }

    #[test]
    fn unknown_scopes_decide_nothing() {
        let evidence = Evidence { sign_in: Some(finding(Conclusion::Inconclusive)), ..Evidence::default() };
        for found in evidence.evaluate() {
            assert_eq!(found.allowed, None, "{}", found.capability.id());
        }
    }

    #[test]
    fn writes_are_unknown_until_one_was_sent() {
        let evidence = Evidence {
            social: vec![finding(Conclusion::Allowed)],
            ..granted("openid w_member_social w_member_social_feed")
        };
        for capability in [Capability::PostAsMember, Capability::EditPosts, Capability::Comment, Capability::React] {
            assert_eq!(permission_for(&evidence, capability).allowed, None, "{}", capability.id());
        }
    }

    #[test]
    fn a_posting_scope_may_comment_but_not_react() {
        let evidence = granted("openid w_member_social");
        let comment = permission_for(&evidence, Capability::Comment);
        assert_eq!(comment.allowed, None, "/v2/socialActions may accept it");
        assert!(comment.evidence.starts_with("The scope w_member_social is granted; only commenting"), "{comment:?}");
        assert_eq!(permission_for(&evidence, Capability::React).allowed, Some(false), "no other API is tried");
    }

    #[test]
    fn without_access_to_read_there_is_none_to_comment() {
        for (conclusion, expected) in [
            (Conclusion::ProductMissing, Some(false)),
            (Conclusion::ScopeMissing, None),
            (Conclusion::Refused, None),
            (Conclusion::Inconclusive, None),
        ] {
            let evidence = Evidence {
                social: vec![finding(Conclusion::Inconclusive), finding(conclusion)],
                ..granted("w_member_social_feed")
            };
            assert_eq!(permission_for(&evidence, Capability::Comment).allowed, expected, "{conclusion:?}");
            assert_eq!(permission_for(&evidence, Capability::React).allowed, expected, "{conclusion:?}");
        }
    }

    #[test]
    fn the_last_write_outweighs_scopes_and_probes() {
        use Capability::{Comment, PostAsMember, PostAsPage};
        let (earlier, later) = ("2026-01-15T12:00:00Z", "2026-02-15T12:00:00Z");
        for (capability, first, last, expected) in [
            (PostAsMember, true, false, false),
            (PostAsMember, false, true, true),
            (Comment, false, true, true),
            // A refusal for one Page does not apply to another.
            (PostAsPage, true, false, true),
            (PostAsPage, false, false, false),
        ] {
            let outcomes = vec![outcome(capability, first, earlier), outcome(capability, last, later)];
            let evidence = Evidence { outcomes, ..granted("openid") };
            let found = permission_for(&evidence, capability);
            assert_eq!(found.allowed, Some(expected), "{} {first} {last}", capability.id());
            assert!(found.evidence.ends_with(&format!(", 2026, at {POSTS}.")), "{}", found.evidence);
            let reason = found.reason();
            assert!(!reason.contains('/') && reason.ends_with(", 2026."), "people read no path: {reason}");
            let is_dated = ["on Jan ", "on Feb "].iter().any(|day| found.evidence.contains(day));
            assert!(is_dated, "{}", found.evidence);
        }
    }

    #[test]
    fn posts_of_the_member_are_readable_by_either_api() {
        let can_read = |member_posts: Option<Conclusion>, portability: Option<Conclusion>| {
            let evidence = Evidence {
                member_posts: member_posts.map(finding),
                portability: portability.map(finding),
                ..granted("r_member_social r_dma_portability_self_serve")
            };
            permission_for(&evidence, Capability::ReadPosts).allowed
        };
        assert_eq!(can_read(Some(Conclusion::ProductMissing), Some(Conclusion::Allowed)), Some(true));
        assert_eq!(can_read(Some(Conclusion::Allowed), Some(Conclusion::ScopeMissing)), Some(true));
        assert_eq!(can_read(Some(Conclusion::ProductMissing), Some(Conclusion::Inconclusive)), Some(false));
        assert_eq!(can_read(Some(Conclusion::Inconclusive), None), None);
        assert_eq!(can_read(None, None), None);
    }

    #[test]
    fn without_a_role_no_product_helps() {
        let scopes = "w_organization_social rw_organization_admin";
        let page = |can_post| PagePermission {
            urn: "urn:li:organization:7".to_owned(),
            name: None,
            role: "ANALYST".to_owned(),
            can_post,
        };
        let with = |roles: Option<Conclusion>, pages: Vec<PagePermission>| {
            let found = permission_for(
                &Evidence { roles: roles.map(finding), pages, ..granted(scopes) },
                Capability::PostAsPage,
            );
            (found.allowed, found.product.is_some())
        };
        assert_eq!(with(Some(Conclusion::Allowed), Vec::new()), (Some(false), false));
        assert_eq!(with(Some(Conclusion::Allowed), vec![page(false)]), (Some(false), false));
        assert_eq!(with(Some(Conclusion::Allowed), vec![page(false), page(true)]), (Some(true), true));
        assert_eq!(with(Some(Conclusion::ProductMissing), Vec::new()), (None, true), "listing is not posting");
        assert_eq!(with(None, Vec::new()), (None, true));
    }

    #[test]
    fn a_restricted_member_has_no_permission() {
        let restricted = Some("GET /v2/userinfo returned 401: Member is restricted.".to_owned());
        let evidence = Evidence { restricted, ..granted("openid w_member_social") };
        for found in evidence.evaluate() {
            assert_eq!((found.allowed, found.product), (Some(false), None), "{}", found.capability.id());
            assert!(found.evidence.contains("refuses every call"), "{}", found.evidence);
        }
    }
}
