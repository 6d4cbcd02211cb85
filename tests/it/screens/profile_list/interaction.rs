//! The profile list in use: what is due, sorting, groups, the detail page and the mouse.

use crossterm::event::KeyCode::{Char, Down, End, Enter, Esc, Home, Left, PageDown, Right, Tab, Up};
use crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use linkedin_tui::internal::store::Verdict;
use linkedin_tui::internal::tui::keymap::KeyContext;
use linkedin_tui::internal::tui::message::Message;
use linkedin_tui::internal::tui::store_snapshot::Row;

use super::{at, screen, selected};
use crate::screens::keys::{assert_keys, effects, notification};
use crate::screens::scenes::{self, COLOR_THEME, Scene, job, name, text};

/// Clicks the first place of the window that shows `what`.
fn click(scene: Scene, (columns, rows): (u16, u16), what: &str) -> Scene {
    let scene = scene.send(Message::Resized(columns, rows));
    let screen = text(&scene.draw(columns, rows, COLOR_THEME));
    let found = screen.lines().enumerate().find_map(|(y, line)| Some((line.find(what).map(|at| &line[..at])?, y)));
    let (before, y) = found.unwrap_or_else(|| panic!("{what} in {screen}"));
    let column = u16::try_from(unicode_width::UnicodeWidthStr::width(before)).unwrap();
    let (row, modifiers) = (u16::try_from(y).unwrap(), KeyModifiers::NONE);
    let kind = MouseEventKind::Down(MouseButton::Left);
    scene.send(Message::MouseUsed(MouseEvent { kind, column, row, modifiers }))
}

#[test]
fn due_profiles_are_first_and_selected_at_start() {
    let opened = scenes::opened_list();
    assert_eq!(selected(&opened), "blog");
    let (wide, shown) = (at(&opened, 120, 36), at(&opened, 80, 24));
    let line = "✗ 3 profiles need you now or within 7 days. Press R to re-authorize them";
    assert!(wide.contains(&format!("{line} one after another.")), "{wide}");
    assert!(shown.contains("✗ 3 profiles need you now or within 7 days."), "{shown}");
    let dialog = opened.clone().keys("R");
    assert!(screen(&dialog).contains("2 after this one: client-b, client-a"), "{}", screen(&dialog));
    assert_eq!(effects(&dialog.press(Enter)), "sign in blog by my-app");
    // A click on the line does the same.
    let clicked = click(opened, (80, 24), "profiles need you");
    assert_eq!(clicked.state.key_context(), KeyContext::Reauthorize);
    // Nothing is due: the current profile is selected, and the line is empty.
    let calm = scenes::many_profiles(12);
    assert_eq!(selected(&calm), "client-07");
    assert!(!screen(&calm).contains("need you"), "{}", screen(&calm));
    assert!(notification(&calm.keys("R")).contains("No profile needs"));
}

#[test]
fn narrow_windows_shorten_the_line_about_due_profiles() {
    let shown = at(&scenes::opened_list(), 60, 20);
    assert!(shown.contains("✗ 3 need you") && shown.contains("Press R to re-authorize."), "{shown}");
}

#[test]
fn a_page_key_shows_every_profile() {
    for (columns, rows) in [(60, 20), (80, 24), (120, 36), (200, 50)] {
        let mut list = scenes::many_profiles(90);
        list.state.size = (columns, rows);
        let mut list = list.press(Home);
        let mut shown = String::new();
        for _ in 0..90 {
            shown += &at(&list, columns, rows);
            list = list.press(PageDown);
        }
        for name in list.state.store.as_ref().unwrap().rows.iter().map(|row| row.name.as_str()) {
            assert!(shown.contains(name), "{name} at {columns}x{rows}");
        }
    }
}

#[test]
fn twelve_profiles_fit_in_80_by_24() {
    let shown = at(&scenes::many_profiles(40), 80, 24);
    let rows = shown.lines().filter(|line| line.contains(" client-") && line.contains(" d ")).count();
    assert!(rows >= 12, "{rows} in {shown}");
}

#[test]
fn a_second_click_on_a_heading_reverses_the_order() {
    let scene = scenes::list().send(Message::Resized(120, 36));
    assert!(screen(&scene).contains("EXPIRES ↑"), "{}", screen(&scene));
    let by_name = click(scene.clone(), (120, 36), "PROFILE");
    assert!(screen(&by_name).contains("PROFILE ↑"), "{}", screen(&by_name));
    assert_eq!(selected(&by_name.clone().press(Home)), "blog");
    let reversed = click(by_name, (120, 36), "PROFILE");
    assert!(screen(&reversed).contains("PROFILE ↓") && screen(&reversed).contains("by name"), "{}", screen(&reversed));
    assert_eq!(selected(&reversed.clone().press(Home)), "work");
    assert_eq!(selected(&reversed), "work", "the selection stays on its profile");
    // S reverses too; profiles without a value stay last.
    let latest_first = scene.keys("S");
    assert!(screen(&latest_first).contains("EXPIRES ↓"));
    assert_eq!(selected(&latest_first.clone().press(Home)), "work");
    assert_eq!(selected(&latest_first.press(End)), "torn");
    let by_member = click(scenes::list(), (120, 36), "MEMBER");
    assert_eq!(selected(&by_member.press(Home)), "shop", "Ada Lovelace is first");
}

#[test]
fn groups_fold_by_key_and_by_click() {
    let grouped = scenes::many_profiles(12).keys("b").press(Home);
    let shown = screen(&grouped);
    for heading in ["▾ acme-pages  4", "▾ legacy  4", "▾ my-poster  4"] {
        assert!(shown.contains(heading), "{heading}: {shown}");
    }
    let hints = |scene: &Scene| at(scene, 80, 24).lines().last().unwrap_or_default().to_owned();
    for fold in [Enter, Left] {
        let folded = grouped.clone().press(fold);
        assert!(screen(&folded).contains("▸ acme-pages  4") && !screen(&folded).contains("client-00"));
        assert!(at(&folded, 80, 24).contains("enter unfold"), "{}", hints(&folded));
        for unfold in [Enter, Right] {
            assert!(screen(&folded.clone().press(unfold)).contains("client-00"));
        }
        // A filter shows what it finds.
        assert!(screen(&folded.clone().keys("/client-00")).contains("▾ acme-pages  1"));
        // Down leads to the next group, and Left from a profile to its own.
        let next = folded.press(Down).press(Down);
        assert_eq!(selected(&next.clone().press(Left).press(Down)), selected(&next));
    }
    let clicked = click(grouped.clone(), (120, 36), "▾ legacy");
    assert!(screen(&clicked).contains("▸ legacy  4"), "{}", screen(&clicked));
    assert!(screen(&click(clicked, (120, 36), "▸ legacy")).contains("▾ legacy  4"));
    // A command needs a profile; space marks those of the group.
    assert!(notification(&grouped.clone().keys("d")).starts_with("Select a profile. Press space to mark all"));
    let marked = grouped.keys(" ");
    assert_eq!(marked.state.list.marked.len(), 4);
    assert!(marked.keys(" ").state.list.marked.is_empty());
}

#[test]
fn enter_and_tab_open_every_value_of_a_profile() {
    // Enter never changes which profile commands use.
    let other = scenes::list().press(Home);
    assert_eq!(effects(&other.clone().keys("U")), "use blog");
    assert_eq!(
        (other.clone().enter().state.key_context(), effects(&other.enter())),
        (KeyContext::Detail, String::new())
    );
    let page = scenes::list().press(Tab);
    assert_eq!(page.state.key_context(), KeyContext::Detail);
    let shown = screen(&page);
    for text in ["linkedin-tui › work", "● current", "Redirect URL", "linkedin-tui token work", "✓ w_member_social"]
    {
        assert!(shown.contains(text), "{text}: {shown}");
    }
    assert_keys(
        &page,
        &[
            (Char('r'), KeyContext::Reauthorize, "ReloadStore"),
            (Char('v'), KeyContext::Detail, "Check work"),
            (Char('c'), KeyContext::Detail, "copy the Access token of work"),
            (Char('d'), KeyContext::Delete, "ReloadStore"),
            (Esc, KeyContext::List, ""),
            (Tab, KeyContext::List, ""),
            (Char('q'), KeyContext::Detail, "Quit"),
        ],
    );
    // A dialog returns to the page; marks of the list do not apply to it.
    assert_eq!(page.keys("d").press(Esc).state.key_context(), KeyContext::Detail);
    let marked = scenes::list().press(Home).keys("  ").press(Tab);
    assert_eq!(marked.state.key_context(), KeyContext::List, "with marks the keys are for all of them");
    // The page scrolls, and closes where its profile was deleted.
    let small = scenes::list().send(Message::Resized(60, 20)).press(Tab);
    let end = (0..40).fold(small.clone(), |scene, _| scene.press(Down));
    assert!(!at(&small, 60, 20).contains("token work") && at(&end, 60, 20).contains("token work"));
    let deleted = scenes::list().press(Tab).send(Message::ProfilesDeleted(vec![name("work")]));
    assert_eq!(deleted.state.key_context(), KeyContext::List);
}

#[test]
fn a_whole_name_in_the_filter_selects_its_profile() {
    let mut scene = scenes::many_profiles(12);
    for row in &mut std::sync::Arc::make_mut(scene.state.store.as_mut().unwrap()).rows {
        if let Some(Ok(profile)) = &mut row.profile {
            profile.app = name("client-03");
            *row = Row::new(row.name.clone(), Ok(profile.clone()));
        }
    }
    let files = scene.state.store.as_deref().cloned().unwrap();
    let filtered = scene.send(Message::StoreReloaded(Box::new(files))).keys("/client-03").enter();
    assert_eq!(selected(&filtered), "client-03", "{}", screen(&filtered));
    assert_eq!(filtered.state.list.view.row_count(), 12, "the others have an app of this name");
}

#[test]
fn paths_are_shortened_in_the_middle() {
    for (columns, rows) in [(120, 36), (80, 24)] {
        let shown = at(&scenes::list(), columns, rows);
        assert!(shown.contains("…/") && shown.contains("/work.toml"), "{shown}");
    }
}

#[test]
fn key_hints_of_the_list_fit_in_one_row_at_120_columns() {
    let shown = at(&scenes::list().press(Home), 120, 36);
    let hints = shown.lines().last().unwrap_or_default();
    for hint in ["r re-authorize", "c copy token", "/ filter", ": actions", "? help", "q quit"] {
        assert!(hints.contains(hint), "{hint}: {shown}");
    }
}

#[test]
fn the_screen_stays_where_it_is_below_a_dialog() {
    let scene = scenes::list().press(Home);
    for (columns, rows) in [(60, 20), (80, 24), (120, 36)] {
        let last_row = |scene: &Scene| {
            at(scene, columns, rows)
                .lines()
                .enumerate()
                .filter(|(_, line)| line.contains("app my-app"))
                .last()
                .map(|found| found.0)
        };
        let below = scene.clone().keys("n");
        assert_eq!(below.state.key_context(), KeyContext::Rename);
        assert_eq!(last_row(&below), last_row(&scene), "{columns}x{rows}: {}", at(&below, columns, rows));
    }
}

#[test]
fn a_running_check_is_visible_in_the_detail() {
    let checking = scenes::list().press(Home).keys("v");
    let id = job(&checking);
    let detail = checking.send(Message::JobItemStarted { id, name: name("blog") }).press(Tab);
    assert_eq!(detail.state.key_context(), KeyContext::Detail);
    let shown = screen(&detail);
    assert!(shown.contains("Status        ✗ checking") && shown.contains("Checking 0/1"), "{shown}");
}

#[test]
fn a_valid_token_past_its_date_is_a_matter_of_the_clock() {
    let checking = scenes::list().press(Home).keys("v");
    let id = job(&checking);
    let after = super::finish_check(checking, id, "blog", Verdict::Active);
    assert_eq!(
        notification(&after),
        "blog: LinkedIn confirms that the token is valid, although its date has passed. Check this machine's clock."
    );
    assert!(screen(&after).contains("! blog: LinkedIn confirms"), "{}", screen(&after));
}

#[test]
fn numbers_in_names_are_sorted_by_value() {
    let row = |of: &str| Row::new(name(of), Ok(scenes::profile(of, "Ada Lovelace", 30)));
    let mut files = scenes::list().state.store.as_deref().cloned().unwrap();
    files.rows = ["demo-2", "demo-3", "demo-10"].map(row).to_vec();
    let shown = screen(&Scene::new().send(Message::StoreReloaded(Box::new(files))));
    let at = |what: &str| shown.find(what).unwrap_or_else(|| panic!("{what}: {shown}"));
    assert!(at("demo-2") < at("demo-3") && at("demo-3") < at("demo-10"), "{shown}");
}

#[test]
fn the_copy_dialog_copies_the_selected_value() {
    let menu = scenes::list().keys("y");
    assert_eq!(effects(&menu.clone().press(Enter)), "copy the Access token of work");
    assert_eq!(effects(&menu.clone().press(Down).press(Enter)), "copy the Header token of work");
    assert_eq!(effects(&menu.clone().press(Down).press(Down).press(Enter)), "copy the curl command");
    let shown = screen(&menu);
    assert!(shown.contains("Authorization: Bearer ••••"), "{shown}");
    assert!(shown.contains("curl -H \"Authorization: Bearer $(linkedin-tui token work)\" http"), "{shown}");
    assert_eq!(menu.press(Up).press(Esc).state.key_context(), KeyContext::List);
}

#[test]
fn the_timeline_has_dates_and_the_selected_day() {
    let shown = screen(&scenes::list());
    let dates = shown.lines().find(|line| line.contains("today")).unwrap_or_default();
    // In cells of one column every second week has a date, so that two dates do not touch.
    assert_eq!(
        dates.trim_matches([' ', '│']),
        "today         Mar 15        Mar 29        Apr 12        Apr 26",
        "{shown}"
    );
    let wide = at(&scenes::list(), 200, 50);
    let dates = wide.lines().find(|line| line.contains("today")).unwrap_or_default();
    assert!(["Mar 8", "Mar 15", "Apr 5", "Apr 26"].iter().all(|date| dates.contains(date)), "{wide}");
    assert!(shown.contains("work expires Apr 22"), "{shown}");
    let ruler = shown.lines().find(|line| line.contains('▲')).unwrap_or_default();
    let day = ruler.split('▲').next().unwrap_or_default().chars().filter(|c| matches!(c, '─' | '┴')).count();
    assert_eq!(day, 52, "{shown}");
    // A profile without a token has no day.
    assert!(!screen(&scenes::list().press(Down)).contains('▲'));
}

#[test]
fn an_empty_list_and_a_filter_without_matches_name_the_key() {
    let empty = scenes::empty_list();
    let shown = at(&empty, 80, 24);
    assert!(shown.contains("No profiles yet") && shown.contains("enter add a profile"), "{shown}");
    let marked = empty.clone().keys(" ");
    assert_eq!(notification(&marked), "No profiles yet. Press enter to add one.");
    assert!(at(&empty.clone().keys(":fold"), 80, 24).contains("No action matches."), "there is no group");
    assert_eq!(empty.press(Enter).state.key_context(), KeyContext::Guide);
    let none = at(&scenes::list().keys("/nobody").enter(), 80, 24);
    assert!(none.contains("No matching profiles. Press esc to clear the filter."), "{none}");
}

/// Returns the first line below the list that describes the selected profile.
fn summary(scene: &Scene) -> String {
    let shown = at(scene, 80, 24);
    let lines: Vec<&str> = shown.lines().collect();
    let title = lines.iter().rposition(|line| line.contains("by expiry")).unwrap();
    lines[title + 1].trim().to_owned()
}

#[test]
fn the_line_below_the_list_says_what_became_of_a_token() {
    let selected = |of: &str| scenes::list().keys(&format!("/{of}")).enter();
    assert_eq!(summary(&selected("blog")), "✗ expired Feb 26, 2026, 2 days ago · re-authorize");
    assert_eq!(summary(&selected("client-b")), "✗ revoked · expiry was Mar 21, 2026 · re-authorize");
    assert_eq!(summary(&selected("work")), "✓ active · expires Apr 22, 2026 (52 d) · re-authorize");
    let revoked = at(&selected("client-b"), 80, 24);
    assert!(revoked.contains("✗ revoked, checked 23 h ago"), "{revoked}");
    // LinkedIn has just issued it: nothing is to be checked.
    let new = scenes::many_profiles(1)
        .send(Message::ProfilesRead(vec![(name("client-00"), Ok(scenes::profile("client-00", "Ada Lovelace", 60)))]));
    let shown = at(&new.advance(600), 80, 24);
    assert!(shown.contains("✓ issued 5 min ago"), "{shown}");
    assert!(at(&selected("work"), 80, 24).contains("○ never checked"));
}

#[test]
fn without_a_browser_the_file_is_still_shown() {
    let mut scene = scenes::list();
    scene.state.config.browser =
        Some(Err("You are connected over SSH, so a browser here would open where you cannot see it.".to_owned()));
    scene.state.config.ssh = scenes::progress_over_ssh().state.config.ssh;
    let shown = at(&scene, 80, 24);
    assert!(shown.contains("app my-app · browser none (SSH) · file …/linkedin-tui/profiles/work.toml"), "{shown}");
    scene.state.config.ssh = None;
    scene.state.config.browser = Some(Err("This is a container without a display.".to_owned()));
    scene.state.config.has_display = false;
    let shown = at(&scene, 80, 24);
    assert!(shown.contains("app my-app · browser none (no display) · file …/profiles/work.toml"), "{shown}");
}

#[test]
fn a_filter_finds_no_hidden_words() {
    let found = scenes::list().keys("/ada");
    assert!(at(&found, 80, 24).contains("2/7") && !at(&found, 80, 24).contains("torn"), "{}", at(&found, 80, 24));
    assert_eq!(selected(&scenes::list().keys("/damaged").enter()), "torn");
}

#[test]
fn a_group_adds_up_statuses_with_the_same_mark() {
    let shown = at(&scenes::list().keys("b").press(Home), 80, 24);
    let heading = shown.lines().find(|line| line.contains("▾ my-app")).unwrap_or_default();
    assert!(heading.ends_with("my-app  6   ✗ 2   ! 1   ✓ 2   ○ 1"), "{shown}");
}

#[test]
fn deliveries_that_failed_are_named_first() {
    let shown = at(&scenes::list().keys("/shop").enter(), 80, 24);
    let (failed, tested) = (shown.find("vault failed").unwrap(), shown.find("staging has a test token").unwrap());
    assert!(failed < tested && !shown.contains("site secret,"), "{shown}");
}

#[test]
fn a_deletion_hints_at_its_undo() {
    assert!(!screen(&scenes::list()).contains("u undo"));
    let deleted = screen(&scenes::list().send(Message::ProfilesDeleted(vec![name("work")])));
    assert!(deleted.contains("u undo delete"), "{deleted}");
}

#[test]
fn reauthorizing_without_a_browser_shows_the_link() {
    let mut scene = scenes::list();
    scene.state.config.browser = Some(Err("there is no display".to_owned()));
    let shown = screen(&scene.keys("r"));
    assert!(shown.contains("enter show the link") && !shown.contains("open the browser"), "{shown}");
}

#[test]
fn an_available_action_of_the_list_is_not_refused() {
    const REFUSALS: [&str; 5] =
        ["No profiles yet.", "No matching profiles.", "Select a profile.", "works on one profile.", "cannot be read."];
    let states = [
        ("without profiles", scenes::empty_list()),
        ("on a group", scenes::many_profiles(40).keys("b").press(Home)),
        ("on a damaged file", scenes::list().press(End)),
        ("with marks", scenes::list().press(Home).keys("  ")),
    ];
    let mut refused = Vec::new();
    for (what, scene) in states {
        for bound in scene.state.config.keymap.bindings(KeyContext::List) {
            let Some(key) = bound.keys.first().filter(|_| bound.binding.current_label(&scene.state).is_some()) else {
                continue;
            };
            let after = scene.clone().send(Message::KeyPressed(key.to_event()));
            if REFUSALS.iter().any(|text| notification(&after).contains(text)) {
                refused.push(format!("{} {what}: {}", bound.binding.action.name(), notification(&after)));
            }
        }
    }
    assert!(
        refused.is_empty(),
        "add the action to `target` in src/tui/screens/profiles/availability.rs, or restrict its binding by `when`:\n{}",
        refused.join("\n")
    );
}
