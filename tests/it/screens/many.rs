//! Many profiles at once: marks, jobs and their results.

use crossterm::event::KeyCode::{Char, Down, End, Esc, Home, Up};
use jiff::SignedDuration;
use linkedin_tui::internal::store::{Check, Verdict};
use linkedin_tui::internal::tui::keymap::KeyContext;
use linkedin_tui::internal::tui::message::{JobItem, Message};
use linkedin_tui::{Code, Error};

use crate::screens::keys::effects;
use crate::screens::listing::{checked, detail, finish_check, screen, selected};
use crate::screens::scenes::{self, FULL, Scene, job, name, now, text};

#[test]
fn marks_make_a_command_one_for_many() {
    let scene = scenes::list().press(Home);
    let two = scene.clone().keys("  ");
    assert_eq!(selected(&two), "client-b", "marking moves to the next");
    assert_eq!(effects(&two.clone().keys("v")), "Check blog client-a");
    assert_eq!(effects(&two.clone().keys("dy")), "delete blog client-a");
    assert_eq!(effects(&two.clone().keys("Ek")), "", "the export asks first");
    assert_eq!(effects(&two.clone().keys("E").enter()), "export blog client-a as ics to linkedin-tokens.ics");
    // Esc clears the marks, as does another space on each.
    assert_eq!(effects(&two.press(Esc).keys("v")), "Check client-b");
    // All that the filter shows, or none.
    let all = scene.clone().keys("/ada").enter().keys("*");
    assert_eq!(effects(&all.clone().keys("v")), "Check shop work");
    assert!(all.keys("*").state.list.marked.is_empty());
    // A refresh skips those without a refresh token, and says so.
    let refreshed = scene.keys("*f");
    assert_eq!(effects(&refreshed), "Refresh shop");
    assert!(detail(&refreshed).contains("without a refresh token"), "{}", detail(&refreshed));
}

#[test]
fn marks_are_counted_and_single_profile_keys_ignore_them() {
    let small = |scene: &Scene| text(&scene.draw(60, 20, FULL));
    let scene = scenes::list().press(Home).keys("   ");
    assert!(small(&scene).contains(" 3 marked ─"), "{}", small(&scene));
    let hidden = scene.clone().keys("/client").enter();
    assert!(small(&hidden).contains(" 3 marked, 1 hidden ─"), "{}", small(&hidden));
    let gone = scene.clone().keys("/nobody").enter();
    assert!(small(&gone).contains(" 3 marked, 3 hidden ─"), "{}", small(&gone));
    for key in "xReypctDi".chars() {
        let after = scene.clone().press(Char(key));
        assert_eq!((after.state.key_context(), effects(&after).as_str()), (KeyContext::List, ""), "{key}");
        assert_eq!(detail(&after), format!("{key} works on one profile. Press esc to clear the 3 marks first."));
    }
    assert_eq!(detail(&scene.clone().enter()), "enter works on one profile. Press esc to clear the 3 marks first.");
    assert_eq!(effects(&scene.clone().enter()), "");
    let cleared = scene.press(Esc);
    assert!(!small(&cleared).contains("marked"), "{}", small(&cleared));
    assert_eq!(effects(&cleared.enter()), "use shop");
}

#[test]
fn several_are_signed_in_one_after_the_other() {
    let scene = scenes::list().press(Home).keys("  r");
    assert!(screen(&scene).contains("1 after this one"), "{}", screen(&scene));
    let first = scene.clone().enter();
    assert_eq!(effects(&first), "sign in blog by my-app");
    let mut outcome = scenes::outcome();
    outcome.profile.name = name("blog");
    outcome.missing.clear();
    let second = first.clone().finish_sign_in(Ok(outcome.clone()));
    let ask = second.enter();
    assert_eq!(effects(&ask), "sign in client-a by my-app", "the first one's page leads to the second");
    let last = ask.finish_sign_in(Ok(outcome)).enter();
    assert_eq!((last.state.key_context(), effects(&last).as_str()), (KeyContext::List, "ReadFiles"));
    // Cancelling refreshes none of them.
    assert!(scene.press(Esc).state.list.queue.is_empty());
}

#[test]
fn jobs_start_finish_and_are_cancelled() {
    let scene = scenes::list().keys("v");
    let id = job(&scene);
    let working = scene.send(Message::JobItemStarted { id, name: name("work") });
    assert!(screen(&working).contains("checking"), "{}", screen(&working));
    assert_eq!(effects(&working.clone().keys("v")), "", "one check of a profile at a time");
    let finished = finish_check(working.clone(), id, "work", Verdict::Revoked);
    assert!(finished.state.list.jobs.is_empty() && effects(&finished) == "ReadFiles");
    assert!(screen(&finished).contains("revoked"), "the row says so at once");
    // A refusal is shown with its hint.
    let refused = Error::new(Code::RateLimited, "LinkedIn lets nobody in.", "Wait until tomorrow.");
    let failed = working.clone().send(Message::JobItemFinished { id, name: name("work"), result: Err(refused) });
    assert!(detail(&failed).contains("Wait until tomorrow"), "{}", detail(&failed));
    // Esc cancels the job; a result that still arrives is shown, because it was saved.
    let cancelled = working.press(Esc);
    assert_eq!(effects(&cancelled), "cancel the job; ReadFiles");
    let late = finish_check(cancelled, id, "work", Verdict::Revoked);
    assert!(effects(&late).is_empty() && screen(&late).contains("revoked"));
    // With several profiles, the summary follows the last one.
    let many = scenes::list().keys("V");
    let id = job(&many);
    let many = finish_check(many, id, "work", Verdict::Active);
    let many = finish_check(many, id, "blog", Verdict::Expired);
    assert!(screen(&many).contains("Checking 2 of 5"), "{}", screen(&many));
    let many = finish_check(finish_check(many, id, "client-a", Verdict::Active), id, "client-b", Verdict::Revoked);
    let gone = Error::new(Code::Network, "Nothing answers.", "");
    let many = many.send(Message::JobItemFinished { id, name: name("shop"), result: Err(gone) });
    assert_eq!(detail(&many), "Checked 5: 2 valid, 2 invalid, 1 failed. Press l to list them.");
}

#[test]
fn the_last_results_are_listed_one_by_one() {
    let none = scenes::list().keys("l");
    assert_eq!(
        (none.state.key_context(), none.state.notification.as_ref().map(|notification| notification.is_error)),
        (KeyContext::List, Some(true))
    );
    let many = scenes::list().keys("V");
    let id = job(&many);
    let many = finish_check(finish_check(many, id, "work", Verdict::Active), id, "blog", Verdict::Expired);
    let many = finish_check(finish_check(many, id, "client-a", Verdict::Active), id, "client-b", Verdict::Revoked);
    let gone =
        Error::new(Code::Network, "Nothing answers at a host with a long name, and that takes words.", "Try again.");
    let listed = many.send(Message::JobItemFinished { id, name: name("shop"), result: Err(gone) }).keys("l");
    assert_eq!(listed.state.key_context(), KeyContext::Results);
    let shown = screen(&listed);
    assert!(shown.contains("Last check: 2 valid, 2 invalid, 1 failed"), "{shown}");
    assert!(
        shown.contains("✗ shop: Nothing answers at a host with a long name, and that takes words. Try again."),
        "{shown}"
    );
    assert!(
        shown.contains("✗ blog: The token has expired.")
            && shown.contains("✓ work: LinkedIn confirms that the token is valid."),
        "{shown}"
    );
    assert_eq!(listed.keys("l").state.key_context(), KeyContext::List);
    // Marked profiles that were skipped are counted and listed too.
    let refreshed = scenes::list().keys("*f");
    let id = job(&refreshed);
    let refreshed = finish_check(refreshed, id, "shop", Verdict::Active);
    assert_eq!(detail(&refreshed), "Refreshed 1: 1 valid, 6 skipped. Press l to list them.");
    assert!(screen(&refreshed.keys("l")).contains("- old: no valid refresh token. Press r to re-authorize."));
    let checked = scenes::list().press(End).keys(" ").press(Up).keys(" ").press(Home).keys(" v");
    let id = job(&checked);
    assert_eq!(
        detail(&finish_check(checked, id, "blog", Verdict::Expired)),
        "Checked 1: 1 invalid, 2 skipped. Press l to list them."
    );
    // The results before a cancel are listed as well.
    let cancelled_early = scenes::list().keys("V");
    let id = job(&cancelled_early);
    let cancelled_early = finish_check(cancelled_early, id, "work", Verdict::Active).press(Esc).keys("l");
    assert!(screen(&cancelled_early).contains("Last check: 1 valid"), "{}", screen(&cancelled_early));
}

#[test]
fn an_unexpectedly_valid_token_is_not_reported_as_fine() {
    let checked_with_warning = |scene: Scene, of: &str| {
        let id = job(&scene);
        let profile = Box::new(checked(&scene, of, Verdict::Active));
        let remark = "The token belongs to a different member than the profile says.";
        scene.send(Message::JobItemFinished {
            id,
            name: name(of),
            result: Ok(JobItem::Checked { profile, remarks: vec![remark.to_owned()] }),
        })
    };
    let one = checked_with_warning(scenes::list().keys("v"), "work");
    assert!(one.state.notification.as_ref().is_some_and(|notification| notification.is_error), "{}", detail(&one));
    assert!(detail(&one).contains("a different member"));
    let two = scenes::list().press(Home).press(Down).keys("  v");
    let id = job(&two);
    let two = finish_check(checked_with_warning(two, "client-a"), id, "client-b", Verdict::Active);
    assert!(two.state.notification.as_ref().is_some_and(|notification| notification.is_error));
    assert_eq!(detail(&two), "Checked 2: 1 valid, 1 with warnings. Press l to list them.");
    assert!(screen(&two.keys("l")).contains("The token belongs to a"));
    // A background check reports it too.
    let Scene { state, .. } = Scene::new();
    let start = linkedin_tui::internal::tui::state::Start { check_on_start: true, ..state.start };
    let files = scenes::list().state.files.as_deref().cloned().unwrap();
    let started = Scene::with(start).send(Message::FilesRead(Box::new(files)));
    let id = job(&started);
    let started = finish_check(
        finish_check(checked_with_warning(started, "work"), id, "shop", Verdict::Active),
        id,
        "client-a",
        Verdict::Active,
    );
    assert_eq!(detail(&started), "Checked 3: 2 valid, 1 with warnings. Press l to list them.");
    // The detail shows it as long as the program runs.
    let shown = screen(&one);
    assert!(shown.contains("Warning    LinkedIn confirms"), "{shown}");
    assert!(!screen(&one.clone().press(Up)).contains("Warning  "));
    let fine = one.keys("v");
    let id = job(&fine);
    assert!(!screen(&finish_check(fine, id, "work", Verdict::Active)).contains("Warning  "));
}

#[test]
fn what_was_not_checked_for_a_day_is_checked_at_the_start() {
    let Scene { state, .. } = Scene::new();
    let start = linkedin_tui::internal::tui::state::Start { check_on_start: true, ..state.start };
    let files = scenes::list().state.files.as_deref().cloned().unwrap();
    let started = Scene::with(start.clone()).send(Message::FilesRead(Box::new(files.clone())));
    // The oldest first; expired, revoked and signed-out profiles are skipped.
    assert_eq!(effects(&started), "Check client-a shop work");
    assert_eq!(effects(&started.clone().send(Message::FilesRead(Box::new(files.clone())))), "", "once");
    // A check that the user starts replaces it.
    assert_eq!(effects(&started.clone().keys("v")), "cancel the job; Check work");
    // It reports only problems.
    let id = job(&started);
    let quiet =
        ["client-a", "shop", "work"].iter().fold(started, |scene, of| finish_check(scene, id, of, Verdict::Active));
    assert_eq!(detail(&quiet), "");
    // A recent check is not repeated.
    let mut fresh = files;
    for row in &mut fresh.rows {
        if let Some(Ok(profile)) = &mut row.profile {
            profile.check = Some(Check { at: now() - SignedDuration::from_hours(1), verdict: Verdict::Active });
        }
    }
    assert_eq!(effects(&Scene::with(start).send(Message::FilesRead(Box::new(fresh)))), "");
}

#[test]
fn a_token_of_a_different_member_is_not_called_invalid() {
    let scene = scenes::list().press(End).press(Up).press(Up).keys("v");
    let id = job(&scene);
    let of = selected(&scene);
    let item = JobItem::Checked {
        profile: Box::new(checked(&scene, &of, Verdict::Unknown)),
        remarks: vec!["The token belongs to a different member than the profile says.".to_owned()],
    };
    let finished = scene.send(Message::JobItemFinished { id, name: name(&of), result: Ok(item) });
    assert!(
        detail(&finished).contains("a different member") && finished.state.notification.as_ref().unwrap().is_error,
        "{}",
        detail(&finished)
    );
    let listed = screen(&finished.keys("l"));
    assert!(listed.contains("1 with warnings") && !listed.contains("invalid"), "{listed}");
}
