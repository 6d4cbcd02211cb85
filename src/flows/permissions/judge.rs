//! From what was seen to yes, no, or unknown. Nothing here asks anybody.

use jiff::Timestamp;

use crate::clock::rfc3339;
use crate::linkedin::capabilities::Capability;
use crate::linkedin::probes::{Finding, Reading};
use crate::store::{PagePermission, Permission, WriteOutcome};

/// What is known of a token.
pub(super) struct Evidence {
    /// The granted scopes, where they are known.
    pub(super) scopes: Option<Vec<String>>,
    /// LinkedIn's answer when the member's account is restricted.
    pub(super) restricted: Option<String>,
    /// Who the member is.
    pub(super) sign_in: Finding,
    /// The member's own posts.
    pub(super) own_posts: Option<Finding>,
    /// The member's own data.
    pub(super) portability: Option<Finding>,
    /// Comments and counts of a known post.
    pub(super) social: Vec<Finding>,
    /// Statistics of the member's posts.
    pub(super) statistics: Option<Finding>,
    /// The list of the member's roles on Pages.
    pub(super) roles: Option<Finding>,
    /// The Pages in that list.
    pub(super) pages: Vec<PagePermission>,
    /// For how many of them LinkedIn said whether posts are possible.
    pub(super) authorizations: usize,
    /// How LinkedIn answered earlier writes of this app with these scopes.
    pub(super) outcomes: Vec<WriteOutcome>,
    /// When a post was last published with this token.
    pub(super) posted_at: Option<Timestamp>,
    /// A post of the member's that should still exist.
    pub(super) known_post: Option<String>,
}

impl Default for Evidence {
    fn default() -> Self {
        Self {
            scopes: None,
            restricted: None,
            sign_in: Finding::unanswered("Not asked."),
            own_posts: None,
            portability: None,
            social: Vec::new(),
            statistics: None,
            roles: None,
            pages: Vec::new(),
            authorizations: 0,
            outcomes: Vec::new(),
            posted_at: None,
            known_post: None,
        }
    }
}

/// A judgement without its product.
struct Verdict {
    allowed: Option<bool>,
    evidence: String,
    /// Would the product change the answer?
    is_about_product: bool,
}

fn verdict(allowed: Option<bool>, evidence: impl Into<String>) -> Verdict {
    Verdict { allowed, evidence: evidence.into(), is_about_product: true }
}

impl From<&Finding> for Verdict {
    fn from(finding: &Finding) -> Self {
        verdict(finding.reading.allowed(), &finding.evidence)
    }
}

impl Verdict {
    fn of(self, capability: Capability) -> Permission {
        let product = self.is_about_product.then(|| capability.remedy().product.to_owned());
        Permission { capability, allowed: self.allowed, product, evidence: self.evidence }
    }
}

/// What a write showed.
pub(super) fn by_outcome(outcome: &WriteOutcome) -> Permission {
    let (day, api) = (day(outcome.at), &outcome.api);
    let verb = if outcome.accepted { "accepted" } else { "refused" };
    let what = match outcome.capability {
        Capability::EditPosts => "edit",
        Capability::Comment => "comment",
        Capability::React => "reaction",
        _ => "post",
    };
    let evidence = format!("LinkedIn {verb} the last {what} from here, on {day} ({api}).");
    verdict(Some(outcome.accepted), evidence).of(outcome.capability)
}

fn day(at: Timestamp) -> String {
    rfc3339(at).chars().take(10).collect()
}

impl Evidence {
    /// Whether the token has one of these scopes for certain.
    pub(super) fn grants_any(&self, scopes: &[&str]) -> bool {
        self.scopes.as_ref().is_some_and(|granted| granted.iter().any(|scope| scopes.contains(&scope.as_str())))
    }

    /// Whether the token has the scope, or nobody knows.
    pub(super) fn may_grant(&self, scope: &str) -> bool {
        self.scopes.is_none() || self.grants_any(&[scope])
    }

    /// One judgement for each capability.
    pub(super) fn judge(&self) -> Vec<Permission> {
        Capability::ALL.into_iter().map(|capability| self.judge_one(capability)).collect()
    }

    fn judge_one(&self, capability: Capability) -> Permission {
        if let Some(words) = &self.restricted {
            let evidence = format!(
                "LinkedIn restricted the member's account and refuses every call until it lifts that; the token is valid. {words}"
            );
            return Verdict { is_about_product: false, ..verdict(Some(false), evidence) }.of(capability);
        }
        // What LinkedIn did last outweighs what its lists say.
        let outcomes = self.outcomes.iter().filter(|one| one.capability == capability);
        // That one Page was refused says nothing of another.
        let weight = |one: &&WriteOutcome| (capability == Capability::PostAsPage && one.accepted, one.at);
        if let Some(outcome) = outcomes.max_by_key(weight) {
            return by_outcome(outcome);
        }
        let found = match capability {
            Capability::SignIn => self.sign_in(),
            _ => self.missing_scope(capability).unwrap_or_else(|| self.with_scope(capability)),
        };
        found.of(capability)
    }

    /// Userinfo needs no more than its scope, so its answer alone decides.
    fn sign_in(&self) -> Verdict {
        match self.sign_in.reading.allowed() {
            Some(_) => (&self.sign_in).into(),
            None => self.missing_scope(Capability::SignIn).unwrap_or_else(|| (&self.sign_in).into()),
        }
    }

    /// No: none of the scopes that could be enough was granted.
    fn missing_scope(&self, capability: Capability) -> Option<Verdict> {
        let scopes = capability.scopes();
        if self.scopes.is_none() || self.grants_any(scopes) {
            return None;
        }
        let missing = match capability {
            Capability::ReadPosts => {
                "The token lacks r_member_social, which LinkedIn gives to no new app, and the scopes of the member data APIs."
                    .to_owned()
            }
            _ => format!("The token lacks the scope {}.", scopes.join(" or ")),
        };
        Some(verdict(Some(false), missing))
    }

    /// The scope is there, or nobody knows the scopes.
    fn with_scope(&self, capability: Capability) -> Verdict {
        match capability {
            Capability::SignIn => self.sign_in(),
            Capability::PostAsMember => match self.posted_at {
                Some(at) => verdict(Some(true), format!("A post was published from here on {}.", day(at))),
                None => self.only_a_write(capability, "publishing a post"),
            },
            Capability::EditPosts => self.only_a_write(capability, "editing a post"),
            Capability::Comment => self.by_gate(capability, "commenting"),
            Capability::React => self.by_gate(capability, "reacting"),
            Capability::ReadPosts => self.read_posts(),
            Capability::PostAsPage => self.post_as_page(),
            Capability::Statistics => asked(self.statistics.as_ref()),
        }
    }

    /// No read request shows it.
    fn only_a_write(&self, capability: Capability, what: &str) -> Verdict {
        let granted = if self.scopes.is_some() {
            format!("The scope {} is granted", capability.scopes().join(" or "))
        } else {
            "LinkedIn does not say which scopes are granted".to_owned()
        };
        verdict(None, format!("{granted}; only {what} shows whether the app may use it."))
    }

    /// A closed gate for reading is one for writing too; an open one shows nothing of writing.
    fn by_gate(&self, capability: Capability, what: &str) -> Verdict {
        let found = |reading| self.social.iter().find(|finding| finding.reading == reading);
        if let Some(closed) = found(Reading::NoProduct) {
            return verdict(Some(false), format!("Not even reading is allowed: {}", closed.evidence));
        }
        let mut verdict = self.only_a_write(capability, what);
        if let Some(open) = found(Reading::Open) {
            verdict.evidence = format!("{} Reading is allowed: {}", verdict.evidence, open.evidence);
        }
        verdict
    }

    fn read_posts(&self) -> Verdict {
        let findings = [&self.own_posts, &self.portability].map(|finding| asked(finding.as_ref()));
        let rank = |verdict: &Verdict| match verdict.allowed {
            Some(true) => 3,
            Some(false) => 2,
            None => i32::from(verdict.evidence != NOT_ASKED),
        };
        let best = findings.into_iter().max_by_key(rank);
        best.unwrap_or_else(|| verdict(None, NOT_ASKED))
    }

    fn post_as_page(&self) -> Verdict {
        let Some(roles) = &self.roles else {
            let why = "The scope w_organization_social is granted, but the Pages cannot be listed without rw_organization_admin or r_organization_admin.";
            return verdict(None, why);
        };
        if roles.reading != Reading::Open {
            return verdict(None, format!("The Pages cannot be listed: {}", roles.evidence));
        }
        if self.pages.is_empty() {
            let why = "The member has no role on any Page.";
            return Verdict { is_about_product: false, ..verdict(Some(false), why) };
        }
        let count = self.pages.iter().filter(|page| page.can_post).count();
        let of = if self.pages.len() == 1 { "1 Page".to_owned() } else { format!("{} Pages", self.pages.len()) };
        let by = if self.authorizations > 0 { "LinkedIn's answer" } else { "the member's role" };
        let evidence = format!("The member can publish as {count} of {of}, by {by}.");
        let is_about_product = count > 0;
        Verdict { is_about_product, ..verdict(Some(count > 0), evidence) }
    }
}

const NOT_ASKED: &str = "Not asked.";

fn asked(finding: Option<&Finding>) -> Verdict {
    finding.map_or_else(|| verdict(None, NOT_ASKED), Verdict::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(reading: Reading) -> Finding {
        Finding { reading, evidence: format!("GET /x answered ({reading:?}).") }
    }

    fn granted(scopes: &str) -> Evidence {
        let scopes = Some(scopes.split(' ').map(str::to_owned).collect());
        Evidence { scopes, sign_in: finding(Reading::Open), ..Evidence::default() }
    }

    fn outcome(capability: Capability, accepted: bool, at: &str) -> WriteOutcome {
        WriteOutcome {
            capability,
            author: String::new(),
            client_id: String::new(),
            scopes: Vec::new(),
            at: at.parse().unwrap(),
            accepted,
            api: POSTS.to_owned(),
        }
    }

    const POSTS: &str = "/rest/posts";

    fn one(evidence: &Evidence, capability: Capability) -> Permission {
        evidence.judge().into_iter().find(|one| one.capability == capability).unwrap()
    }

    #[test]
    fn a_missing_scope_decides_without_a_probe() {
        let evidence = granted("openid profile");
        for capability in Capability::ALL {
            let found = one(&evidence, capability);
            let expected = Some(capability == Capability::SignIn);
            assert_eq!(found.allowed, expected, "{}", capability.id());
            assert_eq!(found.product.as_deref(), Some(capability.remedy().product));
        }
        assert!(one(&evidence, Capability::Comment).evidence.contains("w_member_social_feed"));
    }

    #[test]
    fn unknown_scopes_decide_nothing() {
        let evidence = Evidence { sign_in: finding(Reading::Unknown), ..Evidence::default() };
        for found in evidence.judge() {
            assert_eq!(found.allowed, None, "{}", found.capability.id());
        }
    }

    #[test]
    fn what_only_a_write_shows_stays_unknown() {
        let evidence =
            Evidence { social: vec![finding(Reading::Open)], ..granted("openid w_member_social w_member_social_feed") };
        for capability in [Capability::PostAsMember, Capability::EditPosts, Capability::Comment, Capability::React] {
            assert_eq!(one(&evidence, capability).allowed, None, "{}", capability.id());
        }
    }

    #[test]
    fn a_closed_gate_for_reading_is_one_for_commenting() {
        for (reading, expected) in [
            (Reading::NoProduct, Some(false)),
            (Reading::NoScope, None),
            (Reading::Refused, None),
            (Reading::Unknown, None),
        ] {
            let evidence = Evidence {
                social: vec![finding(Reading::Unknown), finding(reading)],
                ..granted("w_member_social_feed")
            };
            assert_eq!(one(&evidence, Capability::Comment).allowed, expected, "{reading:?}");
            assert_eq!(one(&evidence, Capability::React).allowed, expected, "{reading:?}");
        }
    }

    #[test]
    fn the_last_write_outweighs_scopes_and_probes() {
        use Capability::{Comment, PostAsMember, PostAsPage};
        let (earlier, later) = ("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z");
        for (capability, first, last, expected) in [
            (PostAsMember, true, false, false),
            (PostAsMember, false, true, true),
            (Comment, false, true, true),
            // One Page that was refused says nothing of another.
            (PostAsPage, true, false, true),
            (PostAsPage, false, false, false),
        ] {
            let outcomes = vec![outcome(capability, first, earlier), outcome(capability, last, later)];
            let evidence = Evidence { outcomes, ..granted("openid") };
            let found = one(&evidence, capability);
            assert_eq!(found.allowed, Some(expected), "{} {first} {last}", capability.id());
            assert!(found.evidence.contains(POSTS), "{}", found.evidence);
        }
    }

    #[test]
    fn own_posts_are_read_by_either_way() {
        let with = |own: Option<Reading>, data: Option<Reading>| {
            let evidence = Evidence {
                own_posts: own.map(finding),
                portability: data.map(finding),
                ..granted("r_member_social r_dma_portability_self_serve")
            };
            one(&evidence, Capability::ReadPosts).allowed
        };
        assert_eq!(with(Some(Reading::NoProduct), Some(Reading::Open)), Some(true));
        assert_eq!(with(Some(Reading::Open), Some(Reading::NoScope)), Some(true));
        assert_eq!(with(Some(Reading::NoProduct), Some(Reading::Unknown)), Some(false));
        assert_eq!(with(Some(Reading::Unknown), None), None);
        assert_eq!(with(None, None), None);
    }

    #[test]
    fn no_role_is_no_matter_of_products() {
        let scopes = "w_organization_social rw_organization_admin";
        let page = |can_post| PagePermission {
            urn: "urn:li:organization:7".to_owned(),
            name: None,
            role: "ANALYST".to_owned(),
            can_post,
        };
        let with = |roles: Option<Reading>, pages: Vec<PagePermission>| {
            let found = one(&Evidence { roles: roles.map(finding), pages, ..granted(scopes) }, Capability::PostAsPage);
            (found.allowed, found.product.is_some())
        };
        assert_eq!(with(Some(Reading::Open), Vec::new()), (Some(false), false));
        assert_eq!(with(Some(Reading::Open), vec![page(false)]), (Some(false), false));
        assert_eq!(with(Some(Reading::Open), vec![page(false), page(true)]), (Some(true), true));
        assert_eq!(with(Some(Reading::NoProduct), Vec::new()), (None, true), "listing is not posting");
        assert_eq!(with(None, Vec::new()), (None, true));
    }

    #[test]
    fn a_restricted_member_may_nothing_and_no_product_helps() {
        let restricted = Some("GET /v2/userinfo answered 401: Member is restricted.".to_owned());
        let evidence = Evidence { restricted, ..granted("openid w_member_social") };
        for found in evidence.judge() {
            assert_eq!((found.allowed, found.product), (Some(false), None), "{}", found.capability.id());
            assert!(found.evidence.contains("the token is valid"), "{}", found.evidence);
        }
    }
}
