//! The profile list: every key, with one profile or many, and the effect of results.

mod batches;
mod display;
mod interaction;

use crossterm::event::KeyCode::{Backspace, Char, Down, End, Enter, Esc, Home, Tab, Up};
use linkedin_tui::internal::store::{Check, Doubt, Profile, Undecided, Verdict};
use linkedin_tui::internal::tui::keymap::KeyContext;
use linkedin_tui::internal::tui::message::{Effect, JobItem, Message};
use linkedin_tui::internal::tui::store_snapshot::{Row, StoreSnapshot};
use linkedin_tui::{Code, Error};

use crate::screens::keys::{assert_keys, effects, notification};
use crate::screens::scenes::{self, COLOR_THEME, Scene, name, now, text};

pub(crate) fn selected(scene: &Scene) -> String {
    scene.state.list.selected.as_ref().map(ToString::to_string).unwrap_or_default()
}

pub(crate) fn screen(scene: &Scene) -> String {
    text(&scene.draw(120, 36, COLOR_THEME))
}

fn at(scene: &Scene, columns: u16, rows: u16) -> String {
    text(&scene.draw(columns, rows, COLOR_THEME))
}

/// Returns the words on the screen without its lines and borders.
fn words_at(scene: &Scene, columns: u16, rows: u16) -> String {
    at(scene, columns, rows).replace(['│', '╮', '╭', '▌'], " ").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Returns a profile of the scene as a check with `verdict` saves it.
pub(crate) fn checked(scene: &Scene, of: &str, verdict: Verdict) -> Profile {
    let mut profile = scene.state.store.as_ref().unwrap().profile(&name(of)).unwrap().clone();
    profile.check = Some(Check::new(now(), verdict));
    profile
}

pub(crate) fn finish_check(scene: Scene, id: u64, of: &str, verdict: Verdict) -> Scene {
    let profile = Box::new(checked(&scene, of, verdict));
    scene.send(Message::JobItemFinished {
        id,
        name: name(of),
        result: Ok(JobItem::Checked { profile, warnings: Vec::new() }),
    })
}

#[test]
fn every_key_on_one_profile() {
    use KeyContext::{
        Compose, Copy, Credentials, Delete, Detail, Edit, Export, Filter, Help, List, NoRefresh, Permissions,
        Reauthorize, Rename, Review, Revoke,
    };
    let scene = scenes::list();
    assert_eq!(selected(&scene), "work", "a scene selects the current one");
    assert_keys(
        &scene,
        &[
            (Enter, Detail, ""),
            (Tab, Detail, ""),
            (Char('r'), Reauthorize, "ReloadStore"),
            (Char('f'), NoRefresh, "ReloadStore"),
            (Char('v'), List, "Check work"),
            (Char('V'), List, "Check blog client-a client-b shop work"),
            (Char('c'), List, "copy the Access token of work"),
            (Char('p'), Compose, "compose as work"),
            (Char('a'), Credentials, ""),
            (Char('/'), Filter, ""),
            (Char('y'), Copy, "ReloadStore"),
            (Char('i'), List, "copy the member ID"),
            (Char('x'), Revoke, "ReloadStore"),
            (Char('R'), Reauthorize, "ReloadStore"),
            (Char('n'), Rename, "ReloadStore"),
            (Char('D'), Review, "probe 3000"),
            (Char('e'), Edit, "ReloadStore"),
            (Char('E'), Export, "ReloadStore"),
            (Char('P'), Permissions, "probe the permissions of work; ReloadStore"),
            (Char('d'), Delete, "ReloadStore"),
            (Char('u'), List, ""),
            (Char('?'), Help, ""),
            (Char('q'), List, "Quit"),
        ],
    );
    // Each command takes at most two keys.
    assert_eq!(effects(&scene.clone().keys("r").enter()), "sign in work by my-app");
    assert_eq!(effects(&scene.clone().keys("fr").enter()), "sign in work by my-app");
    assert_eq!(effects(&scene.clone().keys("dy")), "delete work");
    assert_eq!(effects(&scene.clone().keys("dx")), "delete work after revoking");
    assert_eq!(effects(&scene.clone().keys("dn")), "");
    assert_eq!(effects(&scene.clone().keys("xy")), "revoke work");
    assert_eq!(effects(&scene.clone().keys("xn")), "");
    assert_eq!(effects(&scene.clone().keys("yu")), "copy the URN");
    assert_eq!(effects(&scene.clone().keys("y@")), "copy the email address");
    assert_eq!(effects(&scene.clone().keys("ye")), "copy the expiry time");
    assert_eq!(effects(&scene.clone().keys("yh")), "copy the Header token of work");
    assert_eq!(effects(&scene.clone().keys("yC")), "copy the curl command");
    assert_eq!(effects(&scene.clone().press(Up).keys("U")), "use shop");
    // Only shop has a refresh token.
    assert_eq!(effects(&scene.press(Up).keys("f")), "Refresh shop");
}

#[test]
fn profiles_are_sorted_grouped_and_filtered() {
    let scene = scenes::list();
    assert_eq!(selected(&scene.clone().press(Home)), "blog", "the first to expire is first");
    assert_eq!(selected(&scene.clone().press(Home).press(Down)), "client-b", "a revoked token has expired already");
    assert_eq!(selected(&scene.clone().press(Home).press(Down).press(Down)), "client-a");
    assert_eq!(selected(&scene.clone().press(Up)), "shop");
    assert_eq!(selected(&scene.clone().press(End)), "torn", "a damaged profile is last");
    // s: by expiry, name, member, app, status; the selection stays on its profile.
    let by_name = scene.clone().keys("s");
    assert_eq!(selected(&by_name), "work");
    assert_eq!(selected(&by_name.clone().press(Up)), "torn");
    assert_eq!(selected(&by_name.keys("ssss").press(Up)), "shop");
    // b: by app, with a heading for each.
    let by_app = scene.clone().keys("b");
    assert_eq!(selected(&by_app.clone().press(Home).press(Down)), "blog");
    assert!(screen(&by_app).contains("my-app"), "{}", screen(&by_app));
    // A filter ignores diacritics.
    for words in ["/zoe", "/ZOË", "/zoe\u{308} quinn"] {
        assert_eq!(scene.clone().keys(words).enter().state.list.selected, Some(name("blog")), "{words}");
    }
    // The filter: every word must match; Esc clears it.
    let filtered = scene.keys("/ada act");
    let shown = text(&filtered.draw(80, 24, COLOR_THEME));
    assert!(shown.contains("shop") && shown.contains("work") && !shown.contains("client-a"), "{shown}");
    assert!(screen(&filtered.press(Esc)).contains("client-a"));
}

#[test]
fn a_filter_never_moves_a_key_to_another_row() {
    let typed = scenes::list().keys("/client-a");
    // A filter that is canceled changes nothing.
    assert_eq!(effects(&typed.clone().press(Esc).keys("c")), "copy the Access token of work");
    // With an applied filter, or after a dialog, the selected row stays selected.
    let saved = typed.clone().enter();
    assert_eq!(effects(&saved.clone().press(Esc).keys("c")), "copy the Access token of client-a");
    let with_dialog = saved.keys("x").press(Esc).press(Esc);
    assert_eq!(
        (selected(&with_dialog).as_str(), effects(&with_dialog.keys("xy")).as_str()),
        ("client-a", "revoke client-a")
    );
    // If no profile matches the filter, every key for a profile reports it.
    let none = scenes::list().keys("/nomatch").enter();
    for key in "rfvcpyixnDeEtPd *".chars() {
        let after = none.clone().press(Char(key));
        assert_eq!((after.state.key_context(), effects(&after).as_str()), (KeyContext::List, ""), "{key}");
        assert!(notification(&after).contains("No matching profiles"), "{key}: {}", notification(&after));
    }
    assert!(notification(&none.clone().enter()).contains("No matching profiles"));
    // V checks all profiles that are shown.
    let all = none.keys("V");
    assert_eq!((effects(&all).as_str(), notification(&all)), ("", "No shown profile has a token to check."));
    assert_eq!(effects(&scenes::list().keys("V")), "Check blog client-a client-b shop work");
}

#[test]
fn keys_explain_a_missing_token_or_a_damaged_file() {
    let old = scenes::list().keys("/old").enter();
    assert_eq!(old.state.key_context(), KeyContext::List);
    assert!(notification(&old.clone().keys("v")).contains("Press r to sign in."));
    assert!(notification(&old.clone().keys("x")).contains("no token"));
    assert!(notification(&old.clone().keys("E")).contains("No token"));
    assert!(old.keys("c").state.notification.is_some_and(|notification| notification.is_error));
    let damaged = scenes::list().press(End);
    for key in ["r", "v", "f", "e", "n", "x", "p", "D", "E"] {
        let after = damaged.clone().keys(key);
        let expected = "The file of profile torn cannot be read. Press y to copy its path.";
        assert_eq!(notification(&after), expected, "{key}");
        assert_eq!((after.state.key_context(), effects(&after).as_str()), (KeyContext::List, ""), "{key}");
    }
    let dialog = damaged.keys("d");
    assert!(screen(&dialog).contains("its contents are unknown"));
    assert_eq!(effects(&dialog.keys("y")), "delete torn");
}

#[test]
fn revoking_without_a_token_deletes_nothing() {
    let without_token = [
        scenes::list().press(End).keys("d"),
        scenes::list().keys("/old").enter().keys("d"),
        scenes::list().keys("/old").enter().keys(" /").press(Esc).press(End).keys(" d"),
    ];
    for dialog in without_token {
        assert_eq!(dialog.state.key_context(), KeyContext::Delete);
        assert!(!screen(&dialog).contains("revoke at LinkedIn"), "{}", screen(&dialog));
        let after = dialog.keys("x");
        assert_eq!((after.state.key_context(), effects(&after).as_str()), (KeyContext::Delete, ""));
        assert!(notification(&after).contains("nothing to revoke"), "{}", notification(&after));
        assert!(effects(&after.keys("y")).starts_with("delete "));
    }
    assert!(screen(&scenes::list().keys("d")).contains("x revoke at LinkedIn, then delete"));
}

#[test]
fn a_change_by_a_different_process_is_read() {
    let scene = scenes::list();
    assert_eq!(effects(&scene.clone().ctrl('l')), "ShowScreen; ReloadStore; read the settings");
    assert_eq!(effects(&scene.clone().keys("t")), "ReloadStore");
    let missing = Error::new(Code::NoSuchProfile, "The profile work was not found.", "");
    assert_eq!(effects(&scene.clone().send(Message::Failed(missing))), "ReloadStore");
    let unreadable = Error::new(Code::Files, "The directory cannot be read.", "");
    assert_eq!(effects(&scene.clone().send(Message::Failed(unreadable))), "", "other errors do not reload the files");
    // An open dialog shows the new file.
    let mut files = scene.state.store.as_deref().cloned().unwrap();
    let mut work = files.profile(&name("work")).unwrap().clone();
    work.browser = Some("firefox -P new".to_owned());
    files.set(name("work"), Ok(work));
    let dialog = scene.keys("r").send(Message::StoreReloaded(Box::new(files)));
    assert_eq!(dialog.state.key_context(), KeyContext::Reauthorize);
    assert!(screen(&dialog).contains("firefox -P new"), "{}", screen(&dialog));
}

#[test]
fn a_delete_can_be_undone() {
    let scene = scenes::list().keys("u");
    assert!(notification(&scene).contains("Nothing to undo"));
    let deleted = scene.keys("dy").send(Message::ProfilesDeleted(vec![name("work")]));
    assert!(notification(&deleted).contains("Press u to undo"), "{}", notification(&deleted));
    assert_eq!(effects(&deleted.clone().keys("u")), "restore work");
    let restored = deleted.keys("u").send(Message::DeleteUndone(vec![name("work")]));
    assert_eq!(effects(&restored), "ReloadStore");
    assert!(notification(&restored.keys("u")).contains("Nothing to undo"));
}

#[test]
fn a_revocation_reports_linkedins_response() {
    let dialog = scenes::list().keys("xy");
    let confirmed = dialog.clone().send(Message::TokenRevoked { name: name("work"), result: Ok(None) });
    assert_eq!(confirmed.state.key_context(), KeyContext::Revoked);
    assert!(screen(&confirmed).contains("confirms") && effects(&confirmed) == "ReloadStore");
    assert!(effects(&confirmed.keys("o")).contains("linkedin.com"));
    let error = Error::new(Code::Network, "No connection.", "");
    let unconfirmed = dialog.send(Message::TokenRevoked { name: name("work"), result: Ok(Some(error)) });
    assert!(screen(&unconfirmed).contains("did not confirm") && screen(&unconfirmed).contains("No connection."));
}

#[test]
fn a_profile_is_renamed() {
    let scene = scenes::list().keys("n");
    assert!(effects(&scene.clone().enter()).is_empty(), "an unchanged name is not saved");
    let with_suffix = scene.clone().keys("-2");
    assert_eq!(effects(&with_suffix.clone().enter()), "rename work to work-2");
    let renamed = Message::ProfileRenamed { old: name("work"), new: name("work-2"), is_undo: false };
    assert_eq!(selected(&with_suffix.enter().send(renamed)), "work-2", "the selection follows the rename");
    let invalid = scene.keys(" !");
    assert!(
        effects(&invalid.clone().enter()).is_empty()
            && invalid.clone().enter().state.key_context() == KeyContext::Rename
    );
    assert!(screen(&invalid).contains("a-z, 0-9"));
    let first_profile = scenes::list().press(Home).keys("n");
    let first_profile = first_profile.press(Home).press(crossterm::event::KeyCode::Delete);
    assert!(effects(&first_profile.enter()).contains("rename blog to log"));
}

#[test]
fn an_edit_reports_a_concurrent_change() {
    let edit = scenes::list().keys("e");
    let scopes = edit.clone().press(End).keys(" r_basicprofile");
    let saved = scopes.enter();
    assert_eq!(effects(&saved), "edit work: openid profile email w_member_social r_basicprofile");
    assert_eq!(saved.state.key_context(), KeyContext::Edit, "the form is open until it is saved");
    let finished = saved.clone().send(Message::ProfileEdited { name: name("work"), conflict: None });
    assert_eq!((finished.state.key_context(), effects(&finished).as_str()), (KeyContext::List, "ReloadStore"));
    // A different process changed the same profile meanwhile.
    let mut changed = scenes::profile("work", "Ada Lovelace", 52);
    changed.browser = Some("firefox -P changed".to_owned());
    let conflict = saved.send(Message::ProfileEdited { name: name("work"), conflict: Some(Box::new(changed)) });
    assert_eq!(conflict.state.key_context(), KeyContext::EditConflict);
    let shown = screen(&conflict);
    assert!(shown.contains("firefox -P changed") && shown.contains("r_basicprofile"), "{shown}");
    let overwritten = conflict.clone().keys("y");
    let Some(Effect::EditProfile { before, after, .. }) = overwritten.effects.first() else {
        panic!("{}", effects(&overwritten))
    };
    assert_eq!(before.browser.as_deref(), Some("firefox -P changed"), "the next save compares with the changed values");
    assert!(after.scopes.contains(&"r_basicprofile".to_owned()) && after.browser.is_none());
    assert_eq!(effects(&conflict.keys("x")), "ReloadStore");
    // The browser is the second field.
    let browser = edit.press(Tab).keys("chromium");
    let Some(Effect::EditProfile { after, .. }) = browser.enter().effects.first().cloned() else { panic!() };
    assert_eq!(after.browser.as_deref(), Some("chromium"));
}

#[test]
fn a_wrong_scope_is_reported_once_until_it_is_corrected() {
    let typed = scenes::list().keys("e").press(End).keys(" bad!");
    let refused = typed.press(Tab).enter();
    assert_eq!((effects(&refused).as_str(), refused.state.key_context()), ("", KeyContext::Edit));
    assert_eq!(screen(&refused).matches("bad! is not a scope").count(), 1, "{}", screen(&refused));
    // The invalid field has the focus.
    let corrected = refused.press(Backspace);
    assert!(!screen(&corrected).contains("is not a scope"), "{}", screen(&corrected));
}

#[test]
fn an_edit_shows_every_scope_and_doubts_as_the_setup() {
    let scopes = |scene: &Scene| text(&scene.draw(60, 20, COLOR_THEME));
    let edit = scenes::list().keys("e");
    for shown in [scopes(&edit), scopes(&edit.clone().press(Tab))] {
        assert!(shown.contains("openid profile") && shown.contains("w_member_social"), "{shown}");
    }
    let words = |scene: &Scene| screen(scene).replace('│', " ").split_whitespace().collect::<Vec<_>>().join(" ");
    let doubted = words(&edit.clone().press(End).keys(" w_member_social_feed"));
    assert!(doubted.contains("does not document whether that includes w_member_social_feed."), "{doubted}");
    let refused = words(&edit.press(End).keys(" r_member_postAnalytics"));
    assert!(refused.contains("cannot be combined with") && refused.contains("Use a second profile"), "{refused}");
}

#[test]
fn a_browser_command_with_an_open_quote_is_not_saved() {
    let typed = scenes::list().keys("e").press(Tab).keys("chromium '--profile-directory=Work");
    assert!(screen(&typed).to_lowercase().contains("unclosed quote"));
    let refused = typed.clone().press(Tab).enter();
    assert_eq!((effects(&refused).as_str(), refused.state.key_context()), ("", KeyContext::Edit));
    assert_eq!(notification(&refused), "", "it is shown once, below the field");
    // The invalid field has the focus.
    assert!(effects(&refused.keys("'").enter()).starts_with("edit work"));
    assert!(effects(&typed.keys("'").enter()).starts_with("edit work"));
}

#[test]
fn an_export_has_a_format_and_a_file() {
    let scene = scenes::list().keys("E");
    assert_eq!(effects(&scene.clone().enter()), "export work as dotenv to work.env");
    assert_eq!(effects(&scene.clone().press(Tab).enter()), "export work as json to work.json");
    assert_eq!(effects(&scene.clone().press(Up).enter()), "export work as powershell to work.ps1");
    assert_eq!(effects(&scene.clone().press(Up).press(Up).enter()), "export work as env to work.sh");
    assert_eq!(effects(&scene.clone().ctrl('y')), "export work as dotenv to the clipboard");
    let many = scenes::list().keys("*E");
    assert_eq!(
        effects(&many.press(Down).enter()),
        "export blog client-b client-a shop work as env to NAME.sh",
        "only profiles with a token"
    );
    // A typed file name stays when the format changes.
    assert_eq!(effects(&scene.keys("x").press(Tab).enter()), "export work as json to work.envx");
}

#[test]
fn early_keys_wait_for_the_profile_details() {
    let profiles = [scenes::profile("work", "Ada Lovelace", 20), scenes::profile("zoo", "Alan Turing", 30)];
    let names = || profiles.iter().map(|profile| profile.name.clone());
    let listed = || StoreSnapshot {
        rows: names().map(Row::unread).collect(),
        stale: names().collect(),
        apps: vec![scenes::app("my-app")],
        ..StoreSnapshot::default()
    };
    let waiting = Scene::new().send(Message::StoreReloaded(Box::new(listed()))).press(Home).keys("r").press(Enter);
    assert_eq!((waiting.state.key_context(), effects(&waiting).as_str()), (KeyContext::List, ""));
    // The details of a different profile do not release the keys.
    let read = |at: usize| Message::ProfilesRead(vec![(profiles[at].name.clone(), Ok(profiles[at].clone()))]);
    let waiting = waiting.send(read(1));
    assert_eq!((waiting.state.key_context(), effects(&waiting).as_str()), (KeyContext::List, ""));
    assert_eq!(effects(&waiting.clone().keys("q")), "Quit", "quitting waits for nothing");
    let ready = waiting.clone().send(read(0));
    assert_eq!(
        (ready.state.key_context(), effects(&ready).as_str()),
        (KeyContext::SignIn, "ReloadStore; sign in work by my-app")
    );
    // A profile that was deleted meanwhile releases the keys.
    let deleted = waiting.send(Message::StoreReloaded(Box::default()));
    assert_eq!(deleted.keys("/").state.key_context(), KeyContext::Filter);
}

#[test]
fn a_key_reads_files_again_that_were_read_a_while_ago() {
    let scene = scenes::list();
    assert_eq!(effects(&scene.clone().press(Up)), "");
    let later = scene.clone().advance(2).press(Up);
    assert_eq!(effects(&later), "ReloadStore");
    assert_eq!(effects(&later.press(Up)), "", "they are being read");
    assert_eq!(effects(&scene.clone().keys("/").advance(2).keys("w")), "ReloadStore", "while the filter is typed too");
    assert_eq!(effects(&scene.clone().send(Message::FocusGained)), "ReloadStore; read the settings");
    assert_eq!(effects(&scene.advance(60)), "", "an idle list reads nothing");
    let compose = scenes::compose().advance(60).keys("x");
    assert!(!effects(&compose).contains("ReloadStore"), "{}", effects(&compose));
}

#[test]
fn the_first_line_of_the_detail_is_never_cut() {
    let line = |scene: &Scene, columns, rows| {
        let screen = text(&scene.draw(columns, rows, COLOR_THEME));
        screen.lines().find(|line| line.contains("active · ")).map(str::trim).unwrap_or_default().to_owned()
    };
    let refreshable = scenes::list().keys("/shop").enter();
    let wide = "✓ active · expires Apr 1, 2026 (31 d) · refresh until Dec 26, 2026";
    assert_eq!(line(&refreshable, 80, 24), wide);
    assert!(!line(&refreshable, 60, 20).contains('…'), "{}", line(&refreshable, 60, 20));
    assert!(line(&refreshable, 60, 20).starts_with("✓ active · Apr 1, 2026 (31 d) · refresh"));
    let other = scenes::list().keys("/work").enter();
    assert_eq!(line(&other, 60, 20), "✓ active · expires Apr 22, 2026 (52 d) · re-authorize");
}

#[test]
fn an_unknown_status_names_the_sign_in_that_explains_it() {
    let mut earlier = checked(&scenes::list(), "shop", Verdict::Unknown);
    earlier.doubt(now(), Doubt::OtherScopes);
    earlier.token.as_mut().unwrap().refresh = None;
    let mut later = scenes::profile("work", "Ada Lovelace", 52);
    later.member = earlier.member.clone();
    later.token.as_mut().unwrap().scopes = vec!["openid".to_owned()];
    let read = |later: Profile| {
        let read = vec![(name("shop"), Ok(earlier.clone())), (name("work"), Ok(later))];
        scenes::list().send(Message::ProfilesRead(read)).keys("/shop").enter()
    };
    let reason = "? may be revoked: work signed in later with other scopes. Press v to check.";
    let screen_of = |later| text(&read(later).draw(80, 24, COLOR_THEME));
    assert!(screen_of(later.clone()).contains(reason), "{}", screen_of(later.clone()));
    // A sign-in with the first scopes again does not take back the revocation.
    later.token.as_mut().unwrap().scopes = earlier.token.as_ref().unwrap().scopes.clone();
    let reason = "? may be revoked by a sign-in with other scopes. Press v to check.";
    assert!(screen_of(later.clone()).contains(reason), "{}", screen_of(later));
}

#[test]
fn a_doubted_token_shows_its_last_check() {
    let mut doubted = checked(&scenes::list(), "shop", Verdict::Active);
    doubted.doubt(now(), Doubt::OtherScopes);
    let list = scenes::list().send(Message::ProfilesRead(vec![(name("shop"), Ok(doubted))])).keys("/shop").enter();
    for (columns, rows) in [(120, 36), (80, 24), (60, 20), (200, 50)] {
        let screen = words_at(&list.clone().enter(), columns, rows);
        assert!(screen.contains(": active; since then in doubt"), "{screen}");
        assert!(!screen.contains("never"), "{screen}");
    }
    assert!(!at(&list, 200, 50).contains("never"), "{}", at(&list, 200, 50));
}

#[test]
fn an_undecided_check_shows_its_reason() {
    let mut restricted = checked(&scenes::list(), "shop", Verdict::Unknown);
    restricted.check = Some(Check::undecided(now(), Undecided::Restricted));
    let read = Message::ProfilesRead(vec![(name("shop"), Ok(restricted))]);
    let list = scenes::list().send(read).keys("/shop").enter();
    let reason = "LinkedIn restricted the member's account.";
    for (columns, rows) in [(120, 36), (80, 24), (60, 20), (200, 50)] {
        let detail = words_at(&list.clone().enter(), columns, rows);
        assert!(detail.contains(reason) && detail.contains(": unknown"), "{detail}");
    }
    for (columns, rows) in [(80, 24), (200, 50)] {
        let shown = words_at(&list, columns, rows);
        assert!(shown.contains("LinkedIn restricted the member's account"), "{shown}");
    }
}
