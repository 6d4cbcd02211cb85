//! The profile list and the screens that it opens.

use super::*;
use crossterm::event::KeyCode;
use jiff::SignedDuration;
use linkedin_tui::internal::flows::sign_in::{Event, SignInOutcome};
use linkedin_tui::internal::linkedin::capabilities::Capability;
use linkedin_tui::internal::store::{Check, PagePermission, Permission, Permissions, Profile, Verdict};
use linkedin_tui::internal::tui::message::{JobItem, Message};
use linkedin_tui::{Code, Error};

/// Returns the list as it opens: the first profile that must be re-authorized is selected.
pub(crate) fn opened_list() -> Scene {
    Scene::new().send(Message::StoreReloaded(Box::new(files())))
}

/// Returns the list with the current profile selected.
pub(crate) fn list() -> Scene {
    opened_list().press(KeyCode::End).press(KeyCode::Up).press(KeyCode::Up)
}

/// Returns the message that `profile` was made the current one, instead of `work`.
pub(crate) fn current_profile_set(profile: Profile) -> Message {
    Message::CurrentProfileSet { profile: Box::new(profile), previous: Some(name("work")), is_undo: false }
}

/// Returns the list without profiles, as it is after the setup was left.
pub(crate) fn empty_list() -> Scene {
    let mut scene = guide();
    scene.state.open_screen(linkedin_tui::internal::tui::state::Screen::Profiles);
    scene
}

/// Returns a list of profiles of several apps, none of which must be re-authorized.
pub(crate) fn many_profiles(count: i64) -> Scene {
    let apps = ["acme-pages", "legacy", "my-poster"];
    let one = |number: i64| {
        let members = ["Zoë Quinn", "Kari Nordmann", "李小龙", "Maximiliane Wolfeschlegelsteinhausen"];
        let at = usize::try_from(number).unwrap();
        let mut profile = profile(&format!("client-{number:02}"), members[at % members.len()], 8 + number * 5 % 52);
        profile.app = name(apps[at % apps.len()]);
        profile
    };
    let rows = (0..count).map(one).map(|profile| Row::new(profile.name.clone(), Ok(profile))).collect();
    let files = StoreSnapshot {
        rows,
        apps: apps.iter().map(|of| app(of)).collect(),
        current: Some(name("client-07")),
        ..StoreSnapshot::default()
    };
    Scene::new().send(Message::StoreReloaded(Box::new(files)))
}

/// Returns the results of a check that failed for most profiles for the same reason.
pub(crate) fn results_with_same_cause() -> Scene {
    let scene = many_profiles(9).keys("V");
    let id = job(&scene);
    let names: Vec<_> = scene.state.store.as_ref().unwrap().rows.iter().map(|row| row.name.clone()).collect();
    let finish = |scene: Scene, (at, name): (usize, linkedin_tui::internal::store::Name)| {
        let profile = scene.state.store.as_ref().unwrap().profile(&name).unwrap().clone();
        let refused = |id: &str| {
            let message = format!("LinkedIn refused the client ID {id}.");
            Err(Error::new(Code::ClientRefused, message, "Copy both again from the app's Auth tab."))
        };
        let result = match profile.app.as_str() {
            "acme-pages" => refused("86acmepages0001"),
            "legacy" => refused("86legacy000001"),
            _ => {
                let verdict = if at == 2 { Verdict::Revoked } else { Verdict::Active };
                let profile = Box::new(Profile { check: Some(Check::new(now(), verdict)), ..profile });
                Ok(JobItem::Checked { profile, warnings: Vec::new() })
            }
        };
        scene.send(Message::JobItemFinished { id, name, result })
    };
    names.into_iter().enumerate().fold(scene, finish).keys("l")
}

/// Returns the ID of the running check or refresh.
pub(crate) fn job(scene: &Scene) -> u64 {
    scene.state.list.jobs.first().unwrap().id
}

pub(crate) fn revoked(is_confirmed: bool) -> Scene {
    let error = Error::new(Code::Network, "No connection to www.linkedin.com.", "Try again.");
    let result = Ok((!is_confirmed).then_some(error));
    list().keys("xy").send(Message::TokenRevoked { name: name("work"), result })
}

pub(crate) fn edit_conflict() -> Scene {
    let mut changed = profile("work", "Ada Lovelace", 52);
    changed.browser = Some("firefox -P changed".to_owned());
    let edited = list().keys("e").press(KeyCode::End).keys(" r_basicprofile").enter();
    edited.send(Message::ProfileEdited { name: name("work"), conflict: Some(Box::new(changed)) })
}

pub(crate) fn checking_all() -> Scene {
    let scene = list().keys("V");
    let id = job(&scene);
    ["blog", "client-a"].iter().fold(scene, |scene, of| scene.send(Message::JobItemStarted { id, name: name(of) }))
}

pub(crate) fn results() -> Scene {
    let scene = list().keys("V");
    let id = job(&scene);
    let finish = |scene: Scene, of: &str, result| scene.send(Message::JobItemFinished { id, name: name(of), result });
    let checked = |of: &str, days, verdict| {
        let mut profile = Box::new(profile(of, "Ada Lovelace", days));
        profile.check = Some(Check::new(now(), verdict));
        Ok(JobItem::Checked { profile, warnings: Vec::new() })
    };
    let network_error = Error::new(Code::Network, "No connection to www.linkedin.com.", "Try again.");
    let expired = checked("blog", -3, Verdict::Expired);
    let scene = finish(finish(scene, "blog", expired), "client-a", Err(network_error.clone()));
    let scene = finish(finish(scene, "client-b", Err(network_error)), "shop", checked("shop", 31, Verdict::Active));
    finish(scene, "work", checked("work", 52, Verdict::Active)).keys("l")
}

pub(crate) fn reauthorizing() -> Scene {
    wait_for_callback(list().keys("r").enter())
}

/// Returns the screen after 李小龙, who has a profile, signed in to Ada's profile.
pub(crate) fn different_member_with_profile() -> Scene {
    let (stored, found) = (member("work-1x", "Ada Lovelace"), member("client-a-1x", "李小龙"));
    reauthorizing().event(Event::CallbackAccepted).event(Event::Exchanging).event(Event::DifferentMember {
        stored,
        found,
        revoked_profiles: Vec::new(),
    })
}

/// Returns the first of three re-authorizations in a row, for client-a.
pub(crate) fn reauthorizing_three() -> Scene {
    let marked = list().press(KeyCode::Home).press(KeyCode::Down).press(KeyCode::Down).keys("   r");
    wait_for_callback(marked.enter())
}

/// Returns the screen after the current sign-in saved this profile.
pub(crate) fn finish_reauthorization(scene: Scene, of: &str, member_name: &str) -> Scene {
    let saved_in = format!("/home/ada/.config/linkedin-tui/profiles/{of}.toml");
    let profile = profile(of, member_name, 60);
    scene.finish_sign_in(Ok(SignInOutcome {
        profile,
        missing_scopes: Vec::new(),
        revoked_profiles: Vec::new(),
        saved_in,
    }))
}

/// Returns a profile with permissions that were probed two hours ago.
pub(crate) fn with_permissions(mut profile: Profile, (evidence, page): (&str, &str), can_post: bool) -> Profile {
    let allowed = |capability| match capability {
        Capability::SignIn | Capability::PostAsPage => Some(true),
        Capability::EditPosts | Capability::Comment => None,
        Capability::PostAsMember => can_post.then_some(true).or(Some(false)),
        _ => Some(false),
    };
    let one = |capability: Capability| Permission {
        capability,
        allowed: allowed(capability),
        product: Some(capability.product().to_owned()),
        evidence: evidence.to_owned(),
    };
    let of = |id: u32, name: Option<&str>, role: &str| PagePermission {
        urn: format!("urn:li:organization:{id}"),
        name: name.map(str::to_owned),
        role: role.to_owned(),
        can_post: role == "ADMINISTRATOR",
    };
    profile.stored_permissions = Some(Permissions {
        at: now() - SignedDuration::from_hours(2),
        app: profile.app.clone(),
        client_id: "86abcdefghijkl".to_owned(),
        scopes: profile.token.as_ref().unwrap().scopes.clone(),
        list: Capability::ALL.into_iter().map(one).collect(),
        pages: vec![of(7, Some(page), "ADMINISTRATOR"), of(8, None, "ANALYST")],
    });
    profile
}

/// Returns the list with known permissions of the selected profile.
pub(crate) fn known_permissions(can_post: bool) -> Scene {
    let mut known = with_permissions(profile("work", "Ada Lovelace", 52), ("", "Analytical Engines"), can_post);
    let permissions = known.stored_permissions.as_mut().unwrap();
    for permission in &mut permissions.list {
        let refused = "Not enough permissions to access";
        permission.evidence = match permission.capability {
            Capability::SignIn => "GET /v2/userinfo returned 200.".to_owned(),
            Capability::PostAsMember => {
                let verb = if can_post { "accepted" } else { "refused" };
                format!("LinkedIn {verb} the last post of this program, on Feb 27, 2026.")
            }
            Capability::EditPosts => {
                "The scope w_member_social is granted; only editing a post shows whether the app may use it.".to_owned()
            }
            Capability::Comment => {
                "The scope w_member_social is granted; only commenting shows whether the app may use it.".to_owned()
            }
            Capability::React => "The token lacks the scope w_member_social_feed.".to_owned(),
            Capability::ReadPosts => {
                format!("GET /rest/posts returned 403: {refused}: partnerApiPostsExternal.FINDER-author.20260901.")
            }
            Capability::PostAsPage => "GET /rest/organizationAcls returned 200.".to_owned(),
            Capability::Statistics => format!(
                "GET /rest/memberCreatorPostAnalytics returned 403: {refused}: \
                 partnerApiMemberCreatorPostAnalytics.FINDER-me.20260901."
            ),
        };
    }
    list().send(Message::ProfilesRead(vec![(name("work"), Ok(known))]))
}
