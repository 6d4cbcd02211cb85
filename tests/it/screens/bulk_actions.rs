//! Many profiles at once: marks, jobs and their results.

use crossterm::event::KeyCode::{Char, Down, End, Esc, Home, Up};
use jiff::SignedDuration;
use linkedin_tui::internal::store::{Check, Verdict};
use linkedin_tui::internal::tui::keymap::KeyContext;
use linkedin_tui::internal::tui::message::{JobItem, Message};
use linkedin_tui::{Code, Error};

use crate::screens::keys::{effects, notification};
use crate::screens::profile_list::{checked, finish_check, screen, selected};
use crate::screens::scenes::{self, COLOR_THEME, Scene, job, name, now, text};

#[test]
fn a_command_runs_on_all_marked_profiles() {
    let scene = scenes::list().press(Home);
    let two = scene.clone().keys("  ");
    assert_eq!(selected(&two), "client-a", "marking moves to the next");
    assert_eq!(effects(&two.clone().keys("v")), "Check blog client-b");
    assert_eq!(effects(&two.clone().keys("dy")), "delete blog client-b");
    assert_eq!(effects(&two.clone().keys("Ek")), "", "an export opens its dialog first");
    assert_eq!(effects(&two.clone().keys("E").enter()), "export blog client-b as ics to linkedin-tokens.ics");
    // Esc clears the marks, as does a second space on each.
    assert_eq!(effects(&two.press(Esc).keys("v")), "Check client-a");
    // All profiles that the filter shows, or none.
    let all = scene.clone().keys("/ada").enter().keys("*");
    assert_eq!(effects(&all.clone().keys("v")), "Check shop work");
    assert!(all.keys("*").state.list.marked.is_empty());
    // A refresh skips profiles without a refresh token, and reports it.
    let refreshed = scene.keys("*f");
    assert_eq!(effects(&refreshed), "Refresh shop");
    assert!(notification(&refreshed).contains("without a refresh token"), "{}", notification(&refreshed));
}

#[test]
fn marks_are_counted_and_hide_keys_for_one_profile() {
    let small = |scene: &Scene| text(&scene.draw(60, 20, COLOR_THEME));
    let scene = scenes::list().press(Home).keys("   ");
    assert!(small(&scene).contains("◆ 3 marked: r v d x E t P work on all of them."), "{}", small(&scene));
    let hidden = scene.clone().keys("/client").enter();
    assert!(small(&hidden).contains("◆ 3 marked, 1 hidden by the filter: r v d x E t P"), "{}", small(&hidden));
    let filtered = scene.clone().keys("/nomatch").enter();
    assert!(small(&filtered).contains("◆ 3 marked, 3 hidden by the filter: "), "{}", small(&filtered));
    for key in "neypcDiU".chars() {
        let after = scene.clone().press(Char(key));
        assert_eq!((after.state.key_context(), effects(&after).as_str()), (KeyContext::List, ""), "{key}");
        assert_eq!(notification(&after), format!("{key} works on one profile. Press esc to clear the 3 marks first."));
    }
    assert_eq!(
        notification(&scene.clone().enter()),
        "enter works on one profile. Press esc to clear the 3 marks first."
    );
    assert_eq!(effects(&scene.clone().enter()), "");
    let cleared = scene.press(Esc);
    assert!(!small(&cleared).contains("marked"), "{}", small(&cleared));
    assert_eq!(effects(&cleared.keys("U")), "use shop");
}

#[test]
fn marked_profiles_sign_in_one_after_the_other() {
    let scene = scenes::list().press(Home).keys("  r");
    assert!(screen(&scene).contains("1 after this one"), "{}", screen(&scene));
    let first = scene.clone().enter();
    assert_eq!(effects(&first), "sign in blog by my-app");
    let mut outcome = scenes::outcome();
    outcome.profile.name = name("blog");
    outcome.missing_scopes.clear();
    let second = first.clone().finish_sign_in(Ok(outcome.clone()));
    let next_sign_in = second.enter();
    assert_eq!(effects(&next_sign_in), "sign in client-b by my-app", "enter starts the next sign-in");
    let last = next_sign_in.clone().finish_sign_in(Ok(outcome)).enter();
    assert_eq!((last.state.key_context(), effects(&last).as_str()), (KeyContext::List, "ReloadStore"));
    // Canceling says what is left, which stays marked.
    let canceled = first.clone().press(Esc);
    assert_eq!(notification(&canceled), "Sign-in to blog canceled. 2 remain marked: press r to go on.");
    let canceled = next_sign_in.press(Esc);
    assert_eq!(
        notification(&canceled),
        "Sign-in to client-b canceled. 1 re-authorized, 1 remains marked: press r to go on."
    );
    assert_eq!(selected(&canceled), "client-b", "the cursor is on the next one");
    assert_eq!(effects(&canceled.keys("r").enter()), "sign in client-b by my-app");
    // Canceling signs in to none of them.
    assert!(scene.press(Esc).state.list.reauthorization_queue.is_empty());
}

#[test]
fn marked_profiles_with_damaged_files_are_left_out() {
    let scene = scenes::list().keys("/torn").enter().keys("*/").ctrl('u').enter().press(Home).keys("  ");
    let shown = text(&scene.draw(80, 24, COLOR_THEME));
    assert!(shown.contains("◆ 3 marked: r v d x E t P") && !shown.contains("work on all of them"), "{shown}");
    let asked = scene.clone().keys("r");
    assert!(screen(&asked).contains("1 after this one: client-b"), "{}", screen(&asked));
    assert_eq!(notification(&asked), "Left out, because the file cannot be read: torn.");
    let checking = scene.keys("v");
    let id = job(&checking);
    let checked = finish_check(finish_check(checking, id, "blog", Verdict::Active), id, "client-b", Verdict::Active);
    let shown = screen(&checked.keys("l"));
    assert!(shown.contains("The file cannot be read.") && !shown.contains("No token to check."), "{shown}");
    // One whose file is damaged meanwhile does not hold up those behind it.
    let mut first = scenes::list().press(Home).keys("   r").enter();
    let mut store =
        linkedin_tui::internal::tui::store_snapshot::StoreSnapshot::clone(first.state.store.as_ref().unwrap());
    store.set(name("client-b"), Err(Error::new(Code::Files, "It cannot be read.", "")));
    first.state.store = Some(store.into());
    let next = scenes::finish_reauthorization(first, "blog", "Zoë Quinn").enter();
    assert_eq!(effects(&next), "sign in client-a by my-app");
    assert_eq!(notification(&next), "The profile client-b cannot be read.");
}

#[test]
fn due_profiles_are_marked_while_they_sign_in() {
    let first = scenes::list().keys("R").enter();
    assert_eq!(effects(&first), "sign in blog by my-app");
    let canceled = scenes::finish_reauthorization(first, "blog", "Zoë Quinn").enter().press(Esc);
    assert_eq!(
        notification(&canceled),
        "Sign-in to client-b canceled. 1 re-authorized, 2 remain marked: press r to go on."
    );
    assert_eq!(selected(&canceled), "client-b");
    assert!(screen(&canceled.clone().keys("r")).contains("1 after this one: client-a"));
    // A single one is not marked, and keeps its token.
    let single = scenes::list().keys("r").enter().press(Esc);
    assert_eq!(notification(&single), "Sign-in canceled. Profile work keeps its token.");
    assert!(single.state.list.marked.is_empty());
}

#[test]
fn marked_profiles_without_a_token_are_reported() {
    for key in ["v", "P"] {
        let marked = scenes::list().keys("/old").enter().keys(" ").keys(key);
        assert!(notification(&marked).starts_with("old has no token to check."), "{key}: {}", notification(&marked));
        assert_eq!(effects(&marked), "", "no job is started");
    }
}

#[test]
fn permissions_of_marked_profiles_are_counted_in_words() {
    let probing = scenes::list().press(Home).keys("   P");
    let id = job(&probing);
    let probed = |scene: Scene, of: &str| {
        let profile = scenes::with_permissions(scenes::profile(of, "Ada Lovelace", 20), ("", "Engines"), false);
        let result = Ok(JobItem::Probed(Box::new(profile)));
        scene.send(Message::JobItemFinished { id, name: name(of), result })
    };
    let running = probing.send(Message::JobItemStarted { id, name: name("blog") });
    assert!(screen(&running).contains("Checking permissions 0/3"), "{}", screen(&running));
    assert!(!screen(&running).contains(" checking"), "the status is not checked: {}", screen(&running));
    let refused = Err(Error::new(Code::Network, "No connection.", ""));
    let two = probed(probed(running, "blog"), "client-a");
    let finished = two.send(Message::JobItemFinished { id, name: name("client-b"), result: refused });
    assert_eq!(notification(&finished), "Permissions of 3: 2 checked, 1 failed. Press l to list them.");
    let shown = screen(&finished.keys("l"));
    assert!(shown.contains("Permissions: 2 checked, 1 failed"), "{shown}");
    assert!(shown.contains("✓ 2 profiles: 2/8 permissions."), "{shown}");
    assert!(!shown.to_lowercase().contains("probe"), "{shown}");
}

#[test]
fn keys_in_the_results_work_on_the_selected_profile() {
    let results = scenes::results().press(Down).press(Down);
    assert!(screen(&results).contains("Press r to re-authorize."), "{}", screen(&results));
    let asked = results.clone().keys("r");
    assert_eq!(asked.state.key_context(), KeyContext::Reauthorize);
    assert!(screen(&asked).contains("Re-authorize profile blog?"), "{}", screen(&asked));
    assert_eq!(effects(&results.clone().keys("v")), "Check blog");
    assert_eq!(effects(&results.keys("P")), "probe the permissions of blog");
}

#[test]
fn a_waiting_profile_is_not_queued_twice() {
    let checking = scenes::list().press(Home).keys("V");
    let id = job(&checking);
    let running = checking.send(Message::JobItemStarted { id, name: name("blog") });
    let twice = running.clone().keys("V");
    assert_eq!((effects(&twice).as_str(), twice.state.list.jobs.len()), ("", 1), "running or waiting");
    assert_eq!(notification(&twice), "Already in progress.");
    // A refresh does not wait for the check of all profiles.
    let refreshed = running.clone().press(Home).keys("*f");
    assert_eq!(effects(&refreshed), "Refresh shop");
    // What has finished can be checked again.
    let again = finish_check(running, id, "blog", Verdict::Active).press(Home).keys("v");
    assert_eq!(effects(&again), "Check blog");
}

#[test]
fn jobs_start_finish_and_are_canceled() {
    let scene = scenes::list().keys("v");
    let id = job(&scene);
    let working = scene.send(Message::JobItemStarted { id, name: name("work") });
    assert!(screen(&working).contains("checking"), "{}", screen(&working));
    assert_eq!(effects(&working.clone().keys("v")), "", "one check of a profile at a time");
    let finished = finish_check(working.clone(), id, "work", Verdict::Revoked);
    assert!(finished.state.list.jobs.is_empty() && effects(&finished) == "ReloadStore");
    assert!(screen(&finished).contains("revoked"), "the row shows it at once");
    // An error is shown with its hint.
    let refused = Error::new(Code::RateLimited, "The daily limit is reached.", "Wait until tomorrow.");
    let failed = working.clone().send(Message::JobItemFinished { id, name: name("work"), result: Err(refused) });
    assert!(notification(&failed).contains("Wait until tomorrow"), "{}", notification(&failed));
    // Esc cancels the job; a result that still arrives is shown, because it was saved.
    let canceled = working.press(Esc);
    assert_eq!(effects(&canceled), "cancel the job; ReloadStore");
    let after_cancel = finish_check(canceled, id, "work", Verdict::Revoked);
    assert!(effects(&after_cancel).is_empty() && screen(&after_cancel).contains("revoked"));
    // With several profiles, the summary follows the last one.
    let many = scenes::list().keys("V");
    let id = job(&many);
    let many = finish_check(many, id, "work", Verdict::Active);
    let many = finish_check(many, id, "blog", Verdict::Expired);
    assert!(screen(&many).contains("Checking 2/5"), "{}", screen(&many));
    let many = finish_check(finish_check(many, id, "client-a", Verdict::Active), id, "client-b", Verdict::Revoked);
    let error = Error::new(Code::Network, "No connection.", "");
    let many = many.send(Message::JobItemFinished { id, name: name("shop"), result: Err(error) });
    assert_eq!(notification(&many), "Checked 5: 2 valid, 2 invalid, 1 failed. Press l to list them.");
}

#[test]
fn the_last_results_are_listed_by_profile() {
    let none = scenes::list().keys("l");
    assert_eq!(
        (none.state.key_context(), none.state.notification.as_ref().map(|notification| notification.is_error)),
        (KeyContext::List, Some(true))
    );
    let many = scenes::list().keys("V");
    assert_eq!(notification(&many.clone().keys("l")), "The results are listed when the job ends.");
    let id = job(&many);
    let many = finish_check(finish_check(many, id, "work", Verdict::Active), id, "blog", Verdict::Expired);
    let many = finish_check(finish_check(many, id, "client-a", Verdict::Active), id, "client-b", Verdict::Revoked);
    let error =
        Error::new(Code::Network, "No connection to a host with a long name, and a long message.", "Try again.");
    let listed = many.send(Message::JobItemFinished { id, name: name("shop"), result: Err(error) }).keys("l");
    assert_eq!(listed.state.key_context(), KeyContext::JobResults);
    let shown = screen(&listed);
    assert!(shown.contains("Last check: 2 valid, 2 invalid, 1 failed"), "{shown}");
    assert!(
        shown.contains("✗ shop      No connection to a host with a long") && shown.contains("Try again."),
        "{shown}"
    );
    assert!(
        shown.contains("✗ blog      The token has expired.")
            && shown.contains("✓ 2 profiles: LinkedIn confirms that the token is valid."),
        "{shown}"
    );
    assert_eq!(listed.keys("l").state.key_context(), KeyContext::List);
    // Marked profiles that were skipped are counted and listed too.
    let refreshed = scenes::list().keys("*f");
    let id = job(&refreshed);
    let refreshed = finish_check(refreshed, id, "shop", Verdict::Active);
    assert_eq!(notification(&refreshed), "Refreshed 1: 1 valid, 6 skipped. Press l to list them.");
    assert!(screen(&refreshed.keys("l")).contains("- 5 profiles: No valid refresh token."));
    let checked = scenes::list().press(End).keys(" ").press(Up).keys(" ").press(Home).keys(" v");
    let id = job(&checked);
    assert_eq!(
        notification(&finish_check(checked, id, "blog", Verdict::Expired)),
        "Checked 1: 1 invalid, 2 skipped. Press l to list them."
    );
    // The results before a cancel are listed as well.
    let canceled_early = scenes::list().keys("V");
    let id = job(&canceled_early);
    let canceled_early = finish_check(canceled_early, id, "work", Verdict::Active).press(Esc).keys("l");
    assert!(screen(&canceled_early).contains("Last check: 1 valid"), "{}", screen(&canceled_early));
}

#[test]
fn a_valid_token_with_a_remark_is_a_warning() {
    let checked_with_warning = |scene: Scene, of: &str| {
        let id = job(&scene);
        let profile = Box::new(checked(&scene, of, Verdict::Active));
        let warning = "The token belongs to a different member than the profile.";
        scene.send(Message::JobItemFinished {
            id,
            name: name(of),
            result: Ok(JobItem::Checked { profile, warnings: vec![warning.to_owned()] }),
        })
    };
    let one = checked_with_warning(scenes::list().keys("v"), "work");
    assert!(
        one.state.notification.as_ref().is_some_and(|notification| notification.is_error),
        "{}",
        notification(&one)
    );
    assert!(notification(&one).contains("a different member"));
    let two = scenes::list().press(Home).press(Down).keys("  v");
    let id = job(&two);
    let two = finish_check(checked_with_warning(two, "client-a"), id, "client-b", Verdict::Active);
    assert!(two.state.notification.as_ref().is_some_and(|notification| notification.is_error));
    assert_eq!(notification(&two), "Checked 2: 1 valid, 1 with warnings. Press l to list them.");
    assert!(screen(&two.keys("l")).contains("The token belongs to a"));
    // A background check reports it too.
    let Scene { state, .. } = Scene::new();
    let config = linkedin_tui::internal::tui::state::UiConfig { check_on_start: true, ..state.config };
    let files = scenes::list().state.store.as_deref().cloned().unwrap();
    let started = Scene::with(config).send(Message::StoreReloaded(Box::new(files)));
    let id = job(&started);
    let started = finish_check(
        finish_check(checked_with_warning(started, "work"), id, "shop", Verdict::Active),
        id,
        "client-a",
        Verdict::Active,
    );
    assert_eq!(notification(&started), "Checked 3: 2 valid, 1 with warnings. Press l to list them.");
    // The detail shows it as long as the program runs.
    let shown = screen(&one);
    assert!(shown.contains("Warning: LinkedIn confirms"), "{shown}");
    assert!(!screen(&one.clone().press(Up)).contains("Warning:"));
    let checked_again = one.keys("v");
    let id = job(&checked_again);
    assert!(!screen(&finish_check(checked_again, id, "work", Verdict::Active)).contains("Warning:"));
}

#[test]
fn profiles_not_checked_for_a_day_are_checked_at_start() {
    let Scene { state, .. } = Scene::new();
    let config = linkedin_tui::internal::tui::state::UiConfig { check_on_start: true, ..state.config };
    let files = scenes::list().state.store.as_deref().cloned().unwrap();
    let started = Scene::with(config.clone()).send(Message::StoreReloaded(Box::new(files.clone())));
    // The oldest check is first; expired, revoked and signed-out profiles are skipped.
    assert_eq!(effects(&started), "Check client-a shop work");
    assert_eq!(effects(&started.clone().send(Message::StoreReloaded(Box::new(files.clone())))), "", "once");
    // A check that the user starts replaces it.
    assert_eq!(effects(&started.clone().keys("v")), "cancel the job; Check blog");
    // It reports only problems.
    let id = job(&started);
    let checked_all =
        ["client-a", "shop", "work"].iter().fold(started, |scene, of| finish_check(scene, id, of, Verdict::Active));
    assert_eq!(notification(&checked_all), "");
    // A recent check is not repeated.
    let mut fresh = files;
    for row in &mut fresh.rows {
        if let Some(Ok(profile)) = &mut row.profile {
            profile.check = Some(Check::new(now() - SignedDuration::from_hours(1), Verdict::Active));
        }
    }
    assert_eq!(effects(&Scene::with(config).send(Message::StoreReloaded(Box::new(fresh)))), "");
}

#[test]
fn a_token_of_a_different_member_is_not_called_invalid() {
    let scene = scenes::list().press(End).press(Up).press(Up).keys("v");
    let id = job(&scene);
    let of = selected(&scene);
    let item = JobItem::Checked {
        profile: Box::new(checked(&scene, &of, Verdict::Unknown)),
        warnings: vec!["The token belongs to a different member than the profile.".to_owned()],
    };
    let finished = scene.send(Message::JobItemFinished { id, name: name(&of), result: Ok(item) });
    assert!(
        notification(&finished).contains("a different member")
            && finished.state.notification.as_ref().unwrap().is_error,
        "{}",
        notification(&finished)
    );
    let listed = screen(&finished.keys("l"));
    assert!(listed.contains("1 with warnings") && !listed.contains("invalid"), "{listed}");
}

#[test]
fn a_profile_of_the_queue_can_be_skipped() {
    let marked = |scene: &Scene| scene.state.list.marked.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    let first = scenes::list().press(Home).keys("   r");
    assert!(screen(&first).contains("N next: client-b (2 left)"), "{}", screen(&first));
    let second = first.keys("N");
    assert!(screen(&second).contains("Re-authorize profile client-b?"), "{}", screen(&second));
    let signing_in = second.enter();
    assert_eq!(effects(&signing_in), "sign in client-b by my-app");
    assert!(screen(&signing_in).contains(" 2/3"), "{}", screen(&signing_in));
    let third = signing_in.clone().keys("N");
    assert_eq!(effects(&third), "CancelSignIn; sign in client-a by my-app");
    assert_eq!(marked(&third), "blog client-a client-b", "skipped profiles stay marked");
    assert!(!screen(&third).contains("N next"), "{}", screen(&third));
    assert_eq!(effects(&third.clone().keys("N")), "", "none is left to skip to");
    let canceled = third.press(Esc);
    assert_eq!(notification(&canceled), "Sign-in to client-a canceled. 3 remain marked: press r to go on.");
    assert_eq!(marked(&canceled), "blog client-a client-b");
    // After a failure too, and on the page of a success.
    let failed = signing_in.finish_sign_in(Err(Error::new(Code::Denied, "No.", "")));
    let shown = screen(&failed);
    assert!(shown.contains(" 2/3 ") && shown.contains("N      next: client-a (1 left)"), "{shown}");
    assert_eq!(effects(&failed.clone().keys("N")), "CancelSignIn; sign in client-a by my-app");
    assert_eq!(failed.press(Esc).state.key_context(), KeyContext::List);
    let done = scenes::finish_reauthorization(scenes::list().press(Home).keys("   r").enter(), "blog", "Zoë Quinn");
    assert!(screen(&done).contains("1/3"), "{}", screen(&done));
    assert_eq!(effects(&done.clone().keys("N")), "sign in client-b by my-app");
    assert_eq!(done.keys("e").state.key_context(), KeyContext::SignedIn, "no key without a hint");
    // A queue that was left in its dialog does not count for the next sign-in.
    let alone = scenes::list().press(Home).keys("  rN").press(Esc).press(Esc).keys("r").enter();
    assert!(!screen(&alone).contains("/2 "), "{}", screen(&alone));
}
