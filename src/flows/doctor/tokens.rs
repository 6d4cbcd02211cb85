//! `tokens`: what a person has to renew.

use jiff::Timestamp;

use super::check::{Check, or_ok};
use super::words::Words;
use crate::store::{Profile, Status};

/// A hint at each kind of token that needs a person.
pub(super) fn judge(profiles: &[Profile], expiring_days: u32, now: Timestamp) -> Vec<Check> {
    const ID: &str = "tokens.life";
    let of = |status: Status| -> Vec<&Profile> {
        profiles.iter().filter(|profile| profile.status(now, expiring_days) == status).collect()
    };
    let mut found = Vec::new();
    for (status, what) in
        [(Status::Revoked, "was revoked"), (Status::Expired, "has expired"), (Status::Expiring, "ends soon")]
    {
        let those = of(status);
        let Some(first) = those.first() else { continue };
        // Where there is a refresh token, no person is needed before it ends.
        let refreshable = status != Status::Revoked && those.iter().all(|one| one.is_refreshable(now));
        let command = if refreshable { "linkedin-tui refresh " } else { "linkedin-tui login " };
        found.push(Check::warning(
            ID,
            Words::from(format!("The token {what} of: "))
                .list(those.iter().map(|profile| Words::default().profile(&profile.name)))
                .text("."),
            Words::from(command).profile(&first.name),
        ));
    }
    or_ok(found, || match (of(Status::Active).len(), profiles.len()) {
        (_, 0) => Check::ok(ID, "There is no profile yet."),
        (alive, all) => Check::ok(ID, format!("No token has ended or ends soon (alive: {alive} of {all} profiles).")),
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use jiff::SignedDuration;

    use super::super::check::State;
    use super::*;
    use crate::secret::Secret;
    use crate::store::{Name, RefreshToken, Token};

    fn profile(name: &str, ends_in_days: i64, now: Timestamp) -> Profile {
        let mut profile = Profile::new(Name::parse(name).unwrap(), Name::parse("a").unwrap(), vec![]);
        let end = now + SignedDuration::from_hours(24 * ends_in_days);
        profile.token = Some(Token {
            access: Secret::new("AQ-canary"),
            scopes: vec![],
            issued_at: now - SignedDuration::from_hours(24 * 30),
            expires_at: Some(end),
            refresh: None,
        });
        profile
    }

    #[test]
    fn expiring_and_expired_tokens_are_hints() {
        let now: Timestamp = "2026-11-24T12:00:00Z".parse().unwrap();
        let mut all = vec![profile("fine", 30, now)];
        let states = |all: &[Profile]| judge(all, 7, now).iter().map(|check| check.state).collect::<Vec<_>>();
        assert_eq!(states(&all), [State::Ok]);
        all.push(profile("soon", 3, now));
        all.push(profile("late", -3, now));
        assert_eq!(states(&all), [State::Warning, State::Warning]);
        let fixes: Vec<String> =
            judge(&all, 7, now).iter().filter_map(|check| Some(check.fix.as_ref()?.plain(Path::new("/")))).collect();
        assert_eq!(fixes, ["linkedin-tui login late", "linkedin-tui login soon"]);
        if let Some(token) = &mut all[1].token {
            token.refresh = Some(RefreshToken::new(Secret::new("x"), None));
        }
        assert_eq!(judge(&all, 7, now)[1].fix, Some(Words::from("linkedin-tui refresh ").profile(&all[1].name)));
    }
}
