//! Many profiles at once: marks, jobs and what they brought.

use crossterm::event::KeyCode::{Char, Down, End, Esc, Home, Up};
use jiff::SignedDuration;
use linkedin_tui::store::{Check, Verdict};
use linkedin_tui::tui::keymap::Place;
use linkedin_tui::tui::message::{Did, Message};
use linkedin_tui::{Code, Error};

use crate::screens::keys::done;
use crate::screens::listing::{checked, detail, did, seen, selected};
use crate::screens::scenes::{self, FULL, Scene, job, name, now, text};

#[test]
fn marks_make_a_command_one_for_many() {
    let scene = scenes::list().press(Home);
    let two = scene.clone().keys("  ");
    assert_eq!(selected(&two), "client-b", "a mark goes on to the next");
    assert_eq!(done(&two.clone().keys("v")), "Check blog client-a");
    assert_eq!(done(&two.clone().keys("dy")), "delete blog client-a");
    assert_eq!(done(&two.clone().keys("Ek")), "", "the export asks first");
    assert_eq!(done(&two.clone().keys("E").enter()), "export blog client-a as ics to linkedin-tokens.ics");
    // Esc takes the marks off, as does another space on each.
    assert_eq!(done(&two.press(Esc).keys("v")), "Check client-b");
    // All that the filter leaves, or none.
    let all = scene.clone().keys("/ada").enter().keys("*");
    assert_eq!(done(&all.clone().keys("v")), "Check shop work");
    assert!(all.keys("*").state.list.marked.is_empty());
    // A refresh takes those that can, and says what of the others.
    let refreshed = scene.keys("*f");
    assert_eq!(done(&refreshed), "Refresh shop");
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
        assert_eq!((after.state.place(), done(&after).as_str()), (Place::List, ""), "{key}");
        assert_eq!(detail(&after), format!("{key} works on one profile; esc clears the 3 marks first."));
    }
    assert_eq!(detail(&scene.clone().enter()), "enter works on one profile; esc clears the 3 marks first.");
    assert_eq!(done(&scene.clone().enter()), "");
    let cleared = scene.press(Esc);
    assert!(!small(&cleared).contains("marked"), "{}", small(&cleared));
    assert_eq!(done(&cleared.enter()), "use shop");
}

#[test]
fn several_are_signed_in_one_after_the_other() {
    let scene = scenes::list().press(Home).keys("  r");
    assert!(seen(&scene).contains("1 after this one"), "{}", seen(&scene));
    let first = scene.clone().enter();
    assert_eq!(done(&first), "sign in blog by my-app");
    let mut outcome = scenes::outcome();
    outcome.profile.name = name("blog");
    outcome.missing.clear();
    let second = first.clone().ends(Ok(outcome.clone()));
    let ask = second.enter();
    assert_eq!(done(&ask), "sign in client-a by my-app", "the first one's page leads to the second");
    let last = ask.ends(Ok(outcome)).enter();
    assert_eq!((last.state.place(), done(&last).as_str()), (Place::List, "ReadFiles"));
    // Not now means none of them.
    assert!(scene.press(Esc).state.list.queue.is_empty());
}

#[test]
fn jobs_start_finish_and_are_cancelled() {
    let scene = scenes::list().keys("v");
    let id = job(&scene);
    let working = scene.send(Message::JobItemStarted { id, name: name("work") });
    assert!(seen(&working).contains("checking"), "{}", seen(&working));
    assert_eq!(done(&working.clone().keys("v")), "", "one check of a profile at a time");
    let ended = did(working.clone(), id, "work", Verdict::Revoked);
    assert!(ended.state.list.jobs.is_empty() && done(&ended) == "ReadFiles");
    assert!(seen(&ended).contains("revoked"), "the row says so at once");
    // A refusal is told with what to do.
    let refused = Error::new(Code::RateLimited, "LinkedIn lets nobody in.", "Wait until tomorrow.");
    let failed = working.clone().send(Message::JobItemFinished { id, name: name("work"), result: Err(refused) });
    assert!(detail(&failed).contains("Wait until tomorrow"), "{}", detail(&failed));
    // Esc ends what goes on; an answer that comes after all is shown, for it was saved.
    let cancelled = working.press(Esc);
    assert_eq!(done(&cancelled), "cancel the job; ReadFiles");
    let late = did(cancelled, id, "work", Verdict::Revoked);
    assert!(done(&late).is_empty() && seen(&late).contains("revoked"));
    // Of many, the last one's end tells of all.
    let many = scenes::list().keys("V");
    let id = job(&many);
    let many = did(many, id, "work", Verdict::Active);
    let many = did(many, id, "blog", Verdict::Expired);
    assert!(seen(&many).contains("Checking 2 of 5"), "{}", seen(&many));
    let many = did(did(many, id, "client-a", Verdict::Active), id, "client-b", Verdict::Revoked);
    let gone = Error::new(Code::Network, "Nothing answers.", "");
    let many = many.send(Message::JobItemFinished { id, name: name("shop"), result: Err(gone) });
    assert_eq!(detail(&many), "Checked 5: 2 alive, 2 dead, 1 without an answer; l lists them.");
}

#[test]
fn the_last_results_are_listed_one_by_one() {
    let none = scenes::list().keys("l");
    assert_eq!((none.state.place(), none.state.toast.as_ref().map(|toast| toast.bad)), (Place::List, Some(true)));
    let many = scenes::list().keys("V");
    let id = job(&many);
    let many = did(did(many, id, "work", Verdict::Active), id, "blog", Verdict::Expired);
    let many = did(did(many, id, "client-a", Verdict::Active), id, "client-b", Verdict::Revoked);
    let gone =
        Error::new(Code::Network, "Nothing answers at a host with a long name, and that takes words.", "Try again.");
    let listed = many.send(Message::JobItemFinished { id, name: name("shop"), result: Err(gone) }).keys("l");
    assert_eq!(listed.state.place(), Place::Results);
    let shown = seen(&listed);
    assert!(shown.contains("Last check: 2 alive, 2 dead, 1 without an answer"), "{shown}");
    assert!(
        shown.contains("✗ shop: Nothing answers at a host with a long name, and that takes words. Try again."),
        "{shown}"
    );
    assert!(shown.contains("✗ blog: it lives.") && shown.contains("✓ work: it lives."), "{shown}");
    assert_eq!(listed.keys("l").state.place(), Place::List);
    // Those that were marked in vain are counted and listed too.
    let refreshed = scenes::list().keys("*f");
    let id = job(&refreshed);
    let refreshed = did(refreshed, id, "shop", Verdict::Active);
    assert_eq!(detail(&refreshed), "Refreshed 1: 1 alive, 6 left out; l lists them.");
    assert!(seen(&refreshed.keys("l")).contains("- old: there is no refresh token that lives; r signs in again."));
    let checked = scenes::list().press(End).keys(" ").press(Up).keys(" ").press(Home).keys(" v");
    let id = job(&checked);
    assert_eq!(detail(&did(checked, id, "blog", Verdict::Expired)), "Checked 1: 1 dead, 2 left out; l lists them.");
    // What was done before a cancel is listed as well.
    let cut = scenes::list().keys("V");
    let id = job(&cut);
    let cut = did(cut, id, "work", Verdict::Active).press(Esc).keys("l");
    assert!(seen(&cut).contains("Last check: 1 alive"), "{}", seen(&cut));
}

#[test]
fn an_unexpectedly_valid_token_is_not_reported_as_fine() {
    let odd = |scene: Scene, of: &str| {
        let id = job(&scene);
        let profile = Box::new(checked(&scene, of, Verdict::Active));
        let remark = "LinkedIn says the token lives. The token belongs to a different member than the profile says.";
        scene.send(Message::JobItemFinished {
            id,
            name: name(of),
            result: Ok(Did { profile, detail: remark.to_owned(), odd: true }),
        })
    };
    let one = odd(scenes::list().keys("v"), "work");
    assert!(one.state.toast.as_ref().is_some_and(|toast| toast.bad), "{}", detail(&one));
    assert!(detail(&one).contains("a different member"));
    let two = scenes::list().press(Home).press(Down).keys("  v");
    let id = job(&two);
    let two = did(odd(two, "client-a"), id, "client-b", Verdict::Active);
    assert!(two.state.toast.as_ref().is_some_and(|toast| toast.bad));
    assert_eq!(detail(&two), "Checked 2: 1 alive, 1 to look at; l lists them.");
    assert!(seen(&two.keys("l")).contains("a different member than"));
    // What nobody asked for speaks of it too.
    let Scene { state, .. } = Scene::new();
    let start = linkedin_tui::tui::state::Start { check_on_start: true, ..state.start };
    let files = scenes::list().state.files.as_deref().cloned().unwrap();
    let begun = Scene::with(start).send(Message::FilesRead(Box::new(files)));
    let id = job(&begun);
    let begun = did(did(odd(begun, "work"), id, "shop", Verdict::Active), id, "client-a", Verdict::Active);
    assert_eq!(detail(&begun), "Checked 3: 2 alive, 1 to look at; l lists them.");
    // The detail shows it as long as the program runs.
    let shown = seen(&one);
    assert!(shown.contains("Odd        LinkedIn says the token"), "{shown}");
    assert!(!seen(&one.clone().press(Up)).contains("Odd  "));
    let fine = one.keys("v");
    let id = job(&fine);
    assert!(!seen(&did(fine, id, "work", Verdict::Active)).contains("Odd  "));
}

#[test]
fn what_was_not_checked_for_a_day_is_checked_at_the_start() {
    let Scene { state, .. } = Scene::new();
    let start = linkedin_tui::tui::state::Start { check_on_start: true, ..state.start };
    let files = scenes::list().state.files.as_deref().cloned().unwrap();
    let begun = Scene::with(start.clone()).send(Message::FilesRead(Box::new(files.clone())));
    // The oldest first; what is over, revoked or never signed in is left alone.
    assert_eq!(done(&begun), "Check client-a shop work");
    assert_eq!(done(&begun.clone().send(Message::FilesRead(Box::new(files.clone())))), "", "once");
    // What a person asks for goes before it.
    assert_eq!(done(&begun.clone().keys("v")), "cancel the job; Check work");
    // It speaks only of what is bad.
    let id = job(&begun);
    let quiet = ["client-a", "shop", "work"].iter().fold(begun, |scene, of| did(scene, id, of, Verdict::Active));
    assert_eq!(detail(&quiet), "");
    // A fresh check is believed.
    let mut fresh = files;
    for row in &mut fresh.rows {
        if let Some(Ok(profile)) = &mut row.profile {
            profile.check = Some(Check { at: now() - SignedDuration::from_hours(1), verdict: Verdict::Active });
        }
    }
    assert_eq!(done(&Scene::with(start).send(Message::FilesRead(Box::new(fresh)))), "");
}

#[test]
fn a_token_of_a_different_member_is_not_called_invalid() {
    let scene = scenes::list().press(End).press(Up).press(Up).keys("v");
    let id = job(&scene);
    let of = selected(&scene);
    let odd = Did {
        profile: Box::new(checked(&scene, &of, Verdict::Unknown)),
        detail: "The token belongs to a different member than the profile says.".to_owned(),
        odd: true,
    };
    let over = scene.send(Message::JobItemFinished { id, name: name(&of), result: Ok(odd) });
    assert!(
        detail(&over).contains("a different member") && over.state.toast.as_ref().unwrap().bad,
        "{}",
        detail(&over)
    );
    let listed = seen(&over.keys("l"));
    assert!(listed.contains("1 to look at") && !listed.contains("1 dead"), "{listed}");
}
