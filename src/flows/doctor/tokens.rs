//! `tokens`: tokens that need a refresh or a sign-in.

use jiff::Timestamp;

use super::check::{Check, or_ok};
use super::redactable::{list, profile, program, redactable};
use crate::store::{Profile, Status};

/// Warns about revoked, expired and expiring tokens.
pub(super) fn evaluate(profiles: &[Profile], expiring_days: u32, now: Timestamp) -> Vec<Check> {
    const ID: &str = "tokens.life";
    let with_status = |status: Status| -> Vec<&Profile> {
        profiles.iter().filter(|profile| profile.status(now, expiring_days) == status).collect()
    };
    let mut problems = Vec::new();
    for (status, what) in
        [(Status::Revoked, "was revoked"), (Status::Expired, "has expired"), (Status::Expiring, "expires soon")]
    {
        let found = with_status(status);
        let Some(first) = found.first() else { continue };
        // With a valid refresh token no sign-in is needed.
        let needs_sign_in = |profile: &&&Profile| status == Status::Revoked || !profile.is_refreshable(now);
        let (command, first) = match found.iter().find(needs_sign_in) {
            Some(unrefreshable) => (" login ", unrefreshable),
            None => (" refresh ", first),
        };
        let names = list(found.iter().map(|affected| profile(&affected.name)));
        problems.push(Check::warning(
            ID,
            redactable![format!("The token {what} of: "), names, "."],
            redactable![program(), command, profile(&first.name)],
        ));
    }
    let ok = match (with_status(Status::Active).len(), profiles.len()) {
        (_, 0) => "No profiles yet.".to_owned(),
        (active, all) => format!("No token has expired or expires soon (active: {active} of {all})."),
    };
    or_ok(problems, Check::ok(ID, ok))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use jiff::SignedDuration;

    use super::super::check::CheckState;
    use super::*;
    use crate::secret::Secret;
    use crate::store::{Name, RefreshToken, Token};

    fn profile(name: &str, expires_in_days: i64, now: Timestamp) -> Profile {
        let mut profile = Profile::new(Name::parse(name).unwrap(), Name::parse("a").unwrap(), vec![]);
        let expires_at = now + SignedDuration::from_hours(24 * expires_in_days);
        profile.token = Some(Token {
            access: Secret::new("AQ-canary"),
            scopes: vec![],
            issued_at: now - SignedDuration::from_hours(24 * 30),
            expires_at: Some(expires_at),
            refresh: None,
        });
        profile
    }

    #[test]
    fn expiring_and_expired_tokens_are_warnings() {
        let now: Timestamp = "2026-11-24T12:00:00Z".parse().unwrap();
        let mut profiles = vec![profile("fine", 30, now)];
        let states =
            |profiles: &[Profile]| evaluate(profiles, 7, now).iter().map(|check| check.state).collect::<Vec<_>>();
        assert_eq!(states(&profiles), [CheckState::Ok]);
        profiles.push(profile("soon", 3, now));
        profiles.push(profile("late", -3, now));
        assert_eq!(states(&profiles), [CheckState::Warning, CheckState::Warning]);
        let fixes: Vec<String> = evaluate(&profiles, 7, now)
            .iter()
            .filter_map(|check| Some(check.fix.as_ref()?.plain(Path::new("/"), "linkedin-tui")))
            .collect();
        assert_eq!(fixes, ["linkedin-tui login late", "linkedin-tui login soon"]);
        if let Some(token) = &mut profiles[1].token {
            token.refresh = Some(RefreshToken::new(Secret::new("x"), None));
        }
        let fix = |command: &'static str, of: &Profile| Some(redactable![program(), command, super::profile(&of.name)]);
        assert_eq!(evaluate(&profiles, 7, now)[1].fix, fix(" refresh ", &profiles[1]));
        profiles.push(profile("unrefreshable", 4, now));
        assert_eq!(evaluate(&profiles, 7, now)[1].fix, fix(" login ", &profiles[3]), "the first needs no sign-in");
    }
}
