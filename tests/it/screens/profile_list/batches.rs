//! Actions on marked profiles, what undo takes back, and the results.

use crossterm::event::KeyCode::{Down, Enter, Esc, Home};
use linkedin_tui::internal::store::{Check, Doubt, Profile, Verdict};
use linkedin_tui::internal::tui::keymap::KeyContext;
use linkedin_tui::internal::tui::message::{JobItem, Message, Undoable};
use linkedin_tui::internal::tui::store_snapshot::Row;
use linkedin_tui::{Code, Error};

use super::{at, checked, screen, selected, words_at};
use crate::screens::keys::{effects, notification};
use crate::screens::scenes::{self, COLOR_THEME, Scene, job, name, now, text};

#[test]
fn hints_name_what_marks_apply_to() {
    let shown = at(&scenes::list().press(Home).keys("   "), 120, 36);
    for hint in ["r re-authorize", "v check", "d delete", "x revoke", "E export", "t deliver", "E t P work on all"] {
        assert!(shown.contains(hint), "{hint}: {shown}");
    }
    for hint in ["c copy token", "p post", "enter details", "U make current", "V check all"] {
        assert!(!shown.contains(hint), "{hint}: {shown}");
    }
}

#[test]
fn a_filter_narrows_what_all_means() {
    let shown = scenes::list().keys("/client").enter();
    assert_eq!(effects(&shown.clone().keys("V")), "Check client-b client-a");
    let due = shown.clone().keys("R");
    assert!(screen(&due).contains("Re-authorize profile client-b?"), "{}", screen(&due));
    assert!(screen(&due).contains("1 after this one: client-a"), "{}", screen(&due));
    assert!(screen(&shown).contains("2 profiles need you"), "{}", screen(&shown));
    for (typed, label) in [(":check all", "check all shown"), (":all due", "re-authorize all due shown")] {
        assert!(screen(&shown.clone().keys(typed)).contains(label), "{label}");
        assert!(!screen(&scenes::list().keys(typed)).contains(label), "{label}");
    }
    let none = scenes::list().keys("/shop").enter().keys("R");
    assert_eq!(notification(&none), "No shown profile needs to be re-authorized.");
}

#[test]
fn undo_takes_back_a_renaming_and_the_current_profile() {
    let list = scenes::list();
    assert_eq!(notification(&list.clone().keys("u")), "Nothing to undo.");
    let renamed = |old: &str, new: &str, is_undo| Message::ProfileRenamed { old: name(old), new: name(new), is_undo };
    let back = renamed("web", "blog", true);
    let renamed = list.clone().send(renamed("blog", "web", false));
    assert_eq!(notification(&renamed), "Renamed blog to web. Press u to undo.");
    let undone = renamed.keys("u");
    assert_eq!(effects(&undone), "rename web to blog");
    let back = undone.send(back);
    assert_eq!(notification(&back), "Renamed web back to blog.");
    assert_eq!(notification(&back.keys("u")), "Nothing to undo.");
    let current = list.send(scenes::current_profile_set(scenes::profile("shop", "Ada Lovelace", 31)));
    assert_eq!(notification(&current), "shop is now the current profile (was work).");
    assert!(screen(&current.clone().keys(":undo")).contains("undo current profile"));
    assert_eq!(effects(&current.keys("u")), "use work");
}

#[test]
fn what_could_not_be_undone_can_be_undone_again() {
    let current = scenes::list().send(scenes::current_profile_set(scenes::profile("shop", "Ada Lovelace", 31)));
    let changed = current.send(Message::ProfileRenamed { old: name("blog"), new: name("web"), is_undo: false });
    let undoing = changed.keys("u");
    assert_eq!(effects(&undoing), "rename web to blog");
    let failed = |code| {
        let change = Undoable::Renaming { old: name("blog"), new: name("web") };
        undoing.clone().send(Message::UndoFailed { change, error: Error::new(code, "Not renamed.", "") })
    };
    let again = failed(Code::Files);
    assert!(notification(&again).contains("Not renamed."), "{}", notification(&again));
    assert_eq!(effects(&again.keys("u")), "rename web to blog");
    // Without its profile it never can be, and earlier changes would never be reached.
    let gone = failed(Code::NoSuchProfile);
    assert_eq!(effects(&gone), "ReloadStore");
    assert_eq!(effects(&gone.keys("u")), "use work");
}

#[test]
fn undos_that_are_pressed_fast_run_one_after_the_other() {
    let renamed = |old: &str, new: &str, is_undo| Message::ProfileRenamed { old: name(old), new: name(new), is_undo };
    let list = scenes::list().send(Message::ProfilesDeleted(vec![name("shop")]));
    let list = list.send(renamed("blog", "web", false)).send(Message::ProfilesDeleted(vec![name("web")]));
    let first = list.keys("u");
    assert_eq!(effects(&first), "restore web");
    let waiting = first.keys("uuu");
    assert_eq!(effects(&waiting), "");
    let second = waiting.clone().send(Message::DeleteUndone(vec![name("web")]));
    assert_eq!(effects(&second), "ReloadStore; rename web to blog");
    let third = second.send(renamed("web", "blog", true));
    assert_eq!(effects(&third), "ReloadStore; restore shop");
    let done = third.send(Message::DeleteUndone(vec![name("shop")]));
    assert_eq!((effects(&done).as_str(), done.state.list.queued_undos), ("ReloadStore", 0));
    // What could not be undone is next again, and nothing before it is undone.
    let error = Error::new(Code::Files, "Full.", "");
    let failed = waiting.send(Message::UndoFailed { change: Undoable::Deletion(vec![name("web")]), error });
    assert_eq!(effects(&failed), "ReloadStore");
    assert_eq!(effects(&failed.keys("u")), "restore web");
}

#[test]
fn a_restored_deletion_is_found_among_later_changes() {
    let deleted = scenes::list().send(Message::ProfilesDeleted(vec![name("blog")])).keys("u");
    let renamed = deleted.send(Message::ProfileRenamed { old: name("shop"), new: name("web"), is_undo: false });
    let restored = renamed.send(Message::DeleteUndone(vec![name("blog")]));
    assert_eq!(notification(&restored), "Restored blog.");
    let undone = restored.keys("u");
    assert_eq!(effects(&undone), "rename web to shop");
    let back = undone.send(Message::ProfileRenamed { old: name("web"), new: name("shop"), is_undo: true });
    assert_eq!(notification(&back.keys("u")), "Nothing to undo.");
}

#[test]
fn deleting_profiles_of_two_apps_keeps_both() {
    let mut files = scenes::list().state.store.as_deref().cloned().unwrap();
    let mut other = scenes::profile("other", "Ada Lovelace", 30);
    other.app = name("their-app");
    files.rows =
        vec![Row::new(name("blog"), Ok(scenes::profile("blog", "Zoë Quinn", 3))), Row::new(name("other"), Ok(other))];
    let list = Scene::new().send(Message::StoreReloaded(Box::new(files))).press(Home);
    assert!(screen(&list.clone().keys("*d")).contains("The apps and their credentials are kept."));
    assert!(screen(&list.keys("d")).contains("The app and its credentials are kept."));
}

#[test]
fn revoking_marked_profiles_names_all_and_lists_the_results() {
    let dialog = scenes::list().press(Home).keys("   x");
    let shown = screen(&dialog);
    assert!(
        shown.contains("Revoke the tokens of 3 profiles?") && shown.contains("blog, client-b, client-a"),
        "{shown}"
    );
    let revoking = dialog.keys("y");
    assert_eq!(effects(&revoking), "Revoke blog client-b client-a");
    let id = job(&revoking);
    let revoked = |scene: Scene, of: &str, error| {
        let mut profile = Box::new(checked(&scene, of, Verdict::Revoked));
        (profile.token, profile.check) = (None, None);
        let result = Ok(JobItem::Revoked { profile, error });
        scene.send(Message::JobItemFinished { id, name: name(of), result })
    };
    let finished = revoked(revoked(revoking, "blog", None), "client-b", None);
    let error = Error::new(Code::Network, "No connection to www.linkedin.com.", "Try again.");
    let finished = revoked(finished, "client-a", Some(error));
    assert_eq!(notification(&finished), "Revoked 3: 2 confirmed, 1 not confirmed. Press l to list them.");
    let results = screen(&finished.keys("l"));
    assert!(results.contains("✓ 2 profiles: LinkedIn confirms that the token is revoked."), "{results}");
    assert!(results.contains("permitted services"), "{results}");
    // Profiles without a token are left out.
    let without = scenes::list().keys("/old").enter().keys(" x");
    assert!(notification(&without).contains("no token to revoke"));
}

#[test]
fn permissions_and_deliveries_work_on_marked_profiles() {
    let marked = scenes::list().press(Home).keys("*");
    assert_eq!(effects(&marked.clone().keys("P")), "Probe blog client-b client-a shop work");
    let delivering = marked.keys("t");
    assert_eq!(effects(&delivering), "deliver shop to []");
    assert!(notification(&delivering).starts_with("Delivering the tokens of shop."), "{}", notification(&delivering));
    let none = scenes::list().press(Home).keys("  t");
    assert_eq!(effects(&none), "");
    assert_eq!(
        notification(&none),
        "Nothing to deliver: none of the 2 profiles has a delivery. Press esc to clear the marks, then t to add a delivery."
    );
    let one = scenes::list().press(Home).keys(" t");
    assert_eq!(
        notification(&one),
        "Nothing to deliver: profile blog does not have a delivery. Press esc to clear the mark, then t to add a delivery."
    );
}

#[test]
fn results_with_the_same_cause_are_one_group() {
    let results = scenes::results_with_same_cause();
    let shown = screen(&results);
    assert!(
        shown.contains("✗ 6 profiles: LinkedIn refused the client ID or secret (apps acme-pages, legacy)."),
        "{shown}"
    );
    assert!(shown.contains("✓ 2 profiles: LinkedIn confirms that the token is valid."), "{shown}");
    // The last one of the group: it is hidden by a filter, and selected all the same.
    let third = results.press(Down).press(Down);
    let jumped = third.press(Enter);
    assert_eq!((jumped.state.key_context(), effects(&jumped).as_str()), (KeyContext::List, ""));
    assert_eq!(selected(&jumped), "client-03");
}

#[test]
fn results_quote_linkedin_wholly_where_rows_are_free() {
    let scene = scenes::many_profiles(9).keys("V");
    let id = job(&scene);
    let message = "LinkedIn does not recognize the access token. It is not one of LinkedIn's, or it was truncated. It was \
                   not an access token of this app before either, as far as this machine knows.";
    let words = "The token used in the request is not valid, and this is the end.";
    let error = Error::new(Code::Revoked, message, "").with_detail(words);
    let names: Vec<_> = scene.state.store.as_ref().unwrap().rows.iter().map(|row| row.name.clone()).collect();
    let finish = |scene: Scene, name| scene.send(Message::JobItemFinished { id, name, result: Err(error.clone()) });
    let results = names.into_iter().fold(scene, finish).keys("l");
    let shown = |columns, rows| at(&results, columns, rows).replace(['│', '╮', '╭'], " ");
    let words_of = |shown: &str| shown.split_whitespace().collect::<Vec<_>>().join(" ");
    let wide = shown(120, 36);
    assert!(words_of(&wide).contains("this is the end."), "{wide}");
    let small = shown(60, 20);
    assert!(!small.contains("LinkedIn's message"), "half of it would be no use: {small}");
}

#[test]
fn a_small_group_has_a_heading_of_one_line_and_few_details() {
    let scene = scenes::many_profiles(9).keys("V");
    let id = job(&scene);
    let words =
        "Introspection did not recognize the token: LinkedIn cannot read it, and says so in many words. ".repeat(6);
    let names: Vec<_> = scene.state.store.as_ref().unwrap().rows.iter().map(|row| row.name.clone()).collect();
    let finished = names.into_iter().fold(scene, |scene, name| {
        let mut profile = scene.state.store.as_ref().unwrap().profile(&name).unwrap().clone();
        profile.check = Some(Check::new(now(), Verdict::Revoked));
        let item = JobItem::Checked { profile: Box::new(profile), warnings: vec![words.clone()] };
        scene.send(Message::JobItemFinished { id, name, result: Ok(item) })
    });
    for (columns, rows) in [(60, 20), (80, 24)] {
        let shown = text(&finished.clone().keys("l").draw(columns, rows, COLOR_THEME));
        let lines: Vec<&str> = shown.lines().map(|line| line.trim_matches(['│', ' '])).collect();
        let heading = lines.iter().position(|line| line.contains("9 profiles: The token was revoked.")).unwrap();
        assert!(lines[heading + 1].starts_with("Introspection"), "{shown}");
        assert!(lines[heading + 4].contains(" …"), "{shown}");
        assert!(lines[heading + 5].contains("Press r to re-authorize."), "{shown}");
        assert!(lines[heading + 6].contains("client-00"), "{shown}");
    }
}

#[test]
fn enter_on_a_result_shows_a_hidden_profile() {
    let filtered = scenes::results().press(Esc).keys("/work").enter().keys("l");
    let jumped = filtered.press(Enter);
    assert_eq!(selected(&jumped), "client-a");
    assert!(jumped.state.list.filter.text().is_empty());
}

#[test]
fn a_batch_says_which_tokens_cannot_all_be_kept() {
    let of_ada = |of: &str, scopes: &[&str]| {
        let mut profile = scenes::profile(of, "Ada Lovelace", 3);
        profile.scopes = scopes.iter().map(ToString::to_string).collect();
        profile.token.as_mut().unwrap().scopes.clone_from(&profile.scopes);
        profile.member = Some(scenes::member("ada-1x", "Ada Lovelace"));
        profile
    };
    let (read, post) = (["openid", "profile"], ["openid", "profile", "w_member_social"]);
    let mut files = scenes::list().state.store.as_deref().cloned().unwrap();
    let profiles = [of_ada("blog", &post), of_ada("shop", &read), of_ada("work", &post)];
    files.rows = profiles.iter().map(|profile| Row::new(profile.name.clone(), Ok(profile.clone()))).collect();
    let dialog = Scene::new().send(Message::StoreReloaded(Box::new(files))).press(Home).keys("*r");
    assert!(at(&dialog, 80, 24).contains("2 after this one: blog, work"), "{}", at(&dialog, 80, 24));
    for (columns, rows) in [(120, 36), (80, 24), (60, 20), (200, 50)] {
        let shown = words_at(&dialog, columns, rows);
        assert!(shown.contains("Re-authorize profile shop?"), "the scopes of most are last: {shown}");
        assert!(shown.contains("shop, blog, work have one app and member, but different scopes"), "{shown}");
    }
    let finish = |scene: Scene, profile: &Profile| {
        let mut outcome = scenes::outcome();
        outcome.missing_scopes.clear();
        outcome.profile = profile.clone();
        scene.finish_sign_in(Ok(outcome))
    };
    let first = finish(dialog.enter(), &profiles[1]);
    for (columns, rows) in [(80, 24), (60, 20)] {
        let shown = words_at(&first, columns, rows);
        let warning = "(2 left). It may revoke the token that you re-authorized a moment ago: shop.";
        assert!(shown.contains(warning), "{shown}");
    }
    let mut doubted = profiles[1].clone();
    doubted.doubt(now(), Doubt::OtherScopes);
    let second = finish(first.enter(), &profiles[0]).send(Message::ProfilesRead(vec![(name("shop"), Ok(doubted))]));
    let second = words_at(&second, 80, 24);
    assert!(!second.contains("It may revoke"), "the same scopes revoke nothing: {second}");
}
