//! What the profile list shows: title, rows, hints and dialogs.

use crossterm::event::KeyCode::{Down, End, Home, Tab, Up};
use linkedin_tui::internal::store::{Check, Name, Profile, Verdict};
use linkedin_tui::internal::tui::message::Message;
use linkedin_tui::internal::tui::store_snapshot::{Row, StoreSnapshot};
use linkedin_tui::{Code, Error};

use super::{screen, selected};
use crate::screens::keys::{effects, notification};
use crate::screens::scenes::{self, COLOR_THEME, PLAIN_THEME, Scene, job, name, now, text};

#[test]
fn the_title_counts_all_and_keeps_the_badge_whole() {
    let Scene { state, .. } = Scene::new();
    let config = linkedin_tui::internal::tui::state::UiConfig { badge: Some("SANDBOX".to_owned()), ..state.config };
    let mut files = scenes::list().state.store.as_deref().cloned().unwrap();
    let mut unknown = scenes::profile("what", "Ada Lovelace", 30);
    unknown.check = Some(Check::new(now(), Verdict::Unknown));
    files.rows.push(Row::new(name("what"), Ok(unknown)));
    files.rows.sort_by(|one, other| one.name.cmp(&other.name));
    let title = |badge: bool, width, keys: &str| {
        let config = if badge {
            config.clone()
        } else {
            linkedin_tui::internal::tui::state::UiConfig { badge: None, ..config.clone() }
        };
        let scene = Scene::with(config).send(Message::StoreReloaded(Box::new(files.clone()))).keys(keys);
        text(&scene.draw(width, 24, COLOR_THEME)).lines().next().unwrap_or_default().trim().to_owned()
    };
    let all = "✗ 1 expired   ✗ 1 revoked   ✗ 1 damaged   ! 1 expiring   ? 1 unknown   ✓ 2 active   ○ 1 signed-out";
    let shown = title(true, 130, "");
    assert!(shown.ends_with(&format!("{all}   SANDBOX")), "{shown}");
    let shown = title(false, 120, "");
    assert!(shown.ends_with(all), "{shown}");
    let marks = "✗ 3   ! 1   ? 1   ✓ 2   ○ 1";
    let ends = [
        (title(false, 80, ""), marks.to_owned()),
        (title(true, 80, ""), format!("{marks}   SANDBOX")),
        (title(true, 60, ""), format!("{marks}   SANDBOX")),
        (title(true, 60, "V"), "Checking 0/6   ✗ 3   ! 1   ? 1   SANDBOX".to_owned()),
    ];
    for (shown, end) in ends {
        assert!(shown.starts_with("linkedin-tui  ") && shown.ends_with(&end), "{shown}");
    }
}

#[test]
fn arrows_show_that_there_are_more_rows() {
    let small = |scene: &Scene| text(&scene.draw(60, 20, COLOR_THEME));
    let many: Vec<Profile> =
        (10..40).map(|number| scenes::profile(&format!("p{number}"), "Ada Lovelace", number)).collect();
    let rows = many.into_iter().map(|profile| Row::new(profile.name.clone(), Ok(profile))).collect();
    let files = StoreSnapshot {
        rows,
        current: Some(name("p25")),
        apps: vec![scenes::app("my-app")],
        ..StoreSnapshot::default()
    };
    let middle = Scene::new().send(Message::StoreReloaded(Box::new(files)));
    let arrows = |scene: &Scene| {
        let screen = small(scene);
        (screen.contains(" d  ↑"), screen.contains(" d  ↓"))
    };
    let is_current_selected = |line: &str| line.contains('▌') && line.contains("p25");
    assert!(small(&middle).lines().any(is_current_selected), "{}", small(&middle));
    assert_eq!(arrows(&middle), (true, true), "{}", small(&middle));
    assert_eq!(arrows(&middle.clone().press(Home)), (false, true));
    assert_eq!(arrows(&middle.clone().press(End)), (true, false));
    assert_eq!(arrows(&middle.keys("/p25")), (false, false));
}

#[test]
fn esc_is_hinted_only_while_it_has_an_effect() {
    let small = |scene: &Scene| text(&scene.draw(60, 20, COLOR_THEME));
    let scene = scenes::list();
    assert!(!small(&scene).contains("esc "), "{}", small(&scene));
    assert!(small(&scene.clone().keys("V")).contains("esc cancel"));
    assert!(small(&scene.clone().keys(" ")).contains("esc clear marks"));
    assert!(small(&scene.clone().keys("/ada").enter()).contains("esc clear filter"));
}

#[test]
fn a_revoked_token_shows_no_remaining_time() {
    let scene = scenes::list().press(Home).press(Down);
    assert_eq!(selected(&scene), "client-b");
    let shown = screen(&scene);
    let row = shown.lines().find(|line| line.contains("▌ ✗ client-b")).unwrap_or_default();
    let row = row.split('│').nth(1).unwrap_or_default();
    assert!(row.trim_end().ends_with(" -") && !row.contains(['█', '░']) && !row.contains(" d"), "{row}");
    assert!(shown.contains("Expiry     was Mar 21, 2026"), "{shown}");
}

#[test]
fn a_new_token_is_in_the_timeline() {
    let timeline_position = |profile: Profile| {
        let rows = vec![Row::new(profile.name.clone(), Ok(profile))];
        let scene =
            Scene::new().send(Message::StoreReloaded(Box::new(StoreSnapshot { rows, ..StoreSnapshot::default() })));
        scene.state.list.view.expiring_by_day.iter().position(|count| *count > 0)
    };
    assert_eq!(timeline_position(scenes::profile("new", "Ada Lovelace", 60)), Some(59));
    assert_eq!(timeline_position(scenes::profile("old", "Ada Lovelace", 59)), Some(59));
    assert_eq!(timeline_position(scenes::profile("later", "Ada Lovelace", 61)), None);
}

/// Returns a list of profiles whose tokens expire at these times, in a time zone.
fn list_with_expiries(zone: &str, expiries: &[&str]) -> Scene {
    let row = |(number, expiry): (usize, &&str)| {
        let mut profile = scenes::profile(&format!("p{number}"), "Ada Lovelace", 60);
        profile.token.as_mut().unwrap().expires_at = Some(expiry.parse().unwrap());
        Row::new(profile.name.clone(), Ok(profile))
    };
    let rows = expiries.iter().enumerate().map(row).collect();
    let zone = jiff::tz::TimeZone::posix(zone).unwrap();
    let config = linkedin_tui::internal::tui::state::UiConfig { zone, ..Scene::new().state.config };
    Scene::with(config).send(Message::StoreReloaded(Box::new(StoreSnapshot { rows, ..StoreSnapshot::default() })))
}

#[test]
fn the_timeline_counts_days_by_their_dates() {
    // Today is March 1, and the clocks change on March 8: both are on March 21.
    let list = list_with_expiries("EST5EDT,M3.2.0,M11.1.0", &["2026-03-21T04:30:00Z", "2026-03-22T03:30:00Z"]);
    assert_eq!(list.state.list.view.expiring_by_day.iter().position(|count| *count == 2), Some(20));
    // And back in the south, on March 15.
    let list = list_with_expiries("AST0ADT,M10.1.0,M3.3.0", &["2026-03-20T23:30:00Z", "2026-03-21T00:30:00Z"]);
    let days = &list.state.list.view.expiring_by_day;
    assert_eq!((days[19], days[20]), (1, 1));
}

#[test]
fn bars_of_the_timeline_agree_with_the_statuses() {
    // The scene is at 10:00, with a warning seven days before.
    let list = list_with_expiries("UTC0", &["2026-03-08T09:00:00Z", "2026-03-08T11:00:00Z", "2026-03-09T09:00:00Z"]);
    let view = &list.state.list.view;
    assert_eq!((view.expiring_by_day[7], view.expiring_soon_by_day[7]), (2, 1));
    assert_eq!((view.expiring_by_day[8], view.expiring_soon_by_day[8]), (1, 0));
    let buffer = list_with_expiries("UTC0", &["2026-03-08T11:00:00Z"]).draw(120, 36, COLOR_THEME);
    let bar = buffer.content().iter().rfind(|cell| "▁▂▃▄▅▆▇█".contains(cell.symbol())).unwrap();
    assert_eq!(Some(bar.fg), COLOR_THEME.success_mark().fg);
}

#[test]
fn the_timeline_repeats_no_digit_in_wide_windows() {
    let shown = text(&list_with_expiries("UTC0", &["2026-03-21T12:00:00Z"; 3]).draw(280, 50, PLAIN_THEME));
    let timeline: Vec<&str> = shown.lines().skip_while(|line| !line.contains("Next 60 days")).skip(1).collect();
    let ruler = timeline.iter().position(|line| line.contains("+--")).unwrap();
    assert!(timeline[ruler - 1].contains("  3  ") && !timeline[ruler - 1].contains("33"), "{shown}");
}

#[test]
fn a_long_name_in_a_title_is_truncated() {
    let long = "a".repeat(64);
    let profile = scenes::profile(&long, "Ada Lovelace", 20);
    let rows = vec![Row::new(profile.name.clone(), Ok(profile))];
    let files = StoreSnapshot { rows, apps: vec![scenes::app("my-app")], ..StoreSnapshot::default() };
    let scene = Scene::new().send(Message::StoreReloaded(Box::new(files)));
    for (key, title) in [("d", "Delete"), ("x", "Revoke the token of"), ("r", "Re-authorize"), ("y", "Copy from")] {
        let shown = text(&scene.clone().keys(key).draw(60, 20, COLOR_THEME));
        let line = shown.lines().find(|line| line.contains(&format!("╭ {title}"))).unwrap_or_default();
        assert!(line.contains("a… ─"), "{key}: {shown}");
    }
}

#[test]
fn dialogs_scroll_in_a_small_window() {
    let small = scenes::list().send(Message::Resized(60, 20));
    let all = small.clone().keys("V");
    let id = job(&all);
    let all = ["work", "blog", "client-a", "client-b", "shop"].iter().fold(all, |scene, of| {
        let result = Err(Error::new(Code::Network, format!("{} end of {of}.", "Many words. ".repeat(12)), ""));
        scene.send(Message::JobItemFinished { id, name: name(of), result })
    });
    for (dialog, last) in [(all.keys("l"), "end of work."), (small.keys("?"), "shift-drag")] {
        let shown = |scene: &Scene| text(&scene.draw(60, 20, COLOR_THEME));
        assert!(!shown(&dialog).contains(last), "{}", shown(&dialog));
        let scrolled_down = (0..80).fold(dialog, |scene, _| scene.press(Down));
        assert!(shown(&scrolled_down).contains(last), "{}", shown(&scrolled_down));
        let scrolled_up = (0..80).fold(scrolled_down, |scene, _| scene.press(Up));
        assert!(!shown(&scrolled_up).contains(last), "steps beyond the end are not counted: {}", shown(&scrolled_up));
    }
}

#[test]
fn the_status_line_names_current_profile_problems() {
    let set_current = |of: &str| {
        let scene = scenes::list();
        let profile = scene.state.store.as_ref().unwrap().profile(&name(of)).unwrap().clone();
        let after = scene.send(scenes::current_profile_set(profile));
        assert_eq!(effects(&after), "ReloadStore");
        notification(&after).to_owned()
    };
    assert_eq!(set_current("old"), "old is now the current profile (was work). It has no token. Press r to sign in.");
    assert_eq!(
        set_current("blog"),
        "blog is now the current profile (was work). Its token has expired. Press r to re-authorize."
    );
    assert_eq!(
        set_current("client-b"),
        "client-b is now the current profile (was work). Its token was revoked. Press r to re-authorize."
    );
    assert_eq!(set_current("work"), "work is now the current profile.");
    let deleted = |names: &[&str]| {
        notification(&scenes::list().send(Message::ProfilesDeleted(names.iter().map(|one| name(one)).collect())))
            .to_owned()
    };
    assert_eq!(deleted(&["work"]), "Deleted profile work. No profile is current now. Press u to undo.");
    assert_eq!(deleted(&["blog"]), "Deleted profile blog. Press u to undo.");
    assert_eq!(deleted(&["blog", "work"]), "Deleted 2 profiles. No profile is current now. Press u to undo.");
}

#[test]
fn no_dialog_shows_a_secret() {
    let scene = scenes::list();
    let names: [Name; 1] = [name("work")];
    for keys in ["y", "E", "e", "n", "x", "d", "f", "r", "*E"] {
        for size in [(120, 36), (80, 24), (60, 20)] {
            let shown = text(&scene.clone().keys(keys).draw(size.0, size.1, COLOR_THEME));
            assert!(!shown.contains(scenes::SECRET_MARKER), "{keys} at {size:?}: {shown}");
            assert!(shown.contains(names[0].as_str()), "{keys} at {size:?}: {shown}");
        }
    }
}

#[test]
fn another_check_does_not_move_a_revoked_profile() {
    let order = |checked_again: Option<&str>| {
        let profiles = ["a-blog", "b-shop", "c-news", "d-team"].into_iter().zip([20, 10, 40, 30]);
        let rows = profiles.map(|(of, days)| {
            let mut profile = scenes::profile(of, "Ada Lovelace", days);
            let hours = if checked_again == Some(of) { 0 } else { days };
            let at = now() - jiff::SignedDuration::from_hours(hours);
            profile.check = Some(Check::new(at, Verdict::Revoked));
            Row::new(name(of), Ok(profile))
        });
        let files =
            StoreSnapshot { rows: rows.collect(), apps: vec![scenes::app("my-app")], ..StoreSnapshot::default() };
        let shown = text(&Scene::new().send(Message::StoreReloaded(Box::new(files))).draw(120, 36, COLOR_THEME));
        let names = shown.lines().filter_map(|line| line.split("✗ ").nth(1)?.split_whitespace().next());
        names.filter(|name| name.contains('-')).map(str::to_owned).collect::<Vec<_>>()
    };
    let before = order(None);
    assert_eq!(before, ["a-blog", "b-shop", "c-news", "d-team"]);
    for name in ["a-blog", "b-shop", "c-news", "d-team"] {
        assert_eq!(order(Some(name)), before, "{name}");
    }
}

#[test]
fn deleting_a_symbolic_link_keeps_the_token() {
    let mut files = scenes::list().state.store.as_deref().cloned().unwrap();
    files.links = vec![name("shop")];
    let list = Scene::new().send(Message::StoreReloaded(Box::new(files)));
    let words = |scene: &Scene| {
        let shown = text(&scene.draw(120, 36, COLOR_THEME));
        shown.replace('│', " ").split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let link = words(&list.clone().keys("/shop").press(crossterm::event::KeyCode::Enter).keys("d"));
    assert!(link.contains("The symbolic link to the profile is deleted from this machine."), "{link}");
    assert!(link.contains("The file that it refers to stays, with the token."), "{link}");
    assert!(!link.contains("its token are deleted"), "{link}");
    let many = words(&list.clone().keys("*d"));
    assert!(many.contains("1 of them is a symbolic link: its file stays, with the token."), "{many}");
    let usual = words(&list.keys("/work").press(crossterm::event::KeyCode::Enter).keys("d"));
    assert!(usual.contains("The profile and its token are deleted") && !usual.contains("symbolic"), "{usual}");
}

#[test]
fn a_long_status_is_below_the_panels() {
    let words = "One sentence that needs more than a line at this width, and another one after it. ".repeat(2);
    for (columns, rows) in [(60, 20), (80, 24), (120, 36), (200, 50)] {
        for scene in [scenes::list(), scenes::done(), scenes::posts()] {
            let shown = text(&scene.send(Message::Failed(Error::new(Code::Files, words.clone(), ""))).draw(
                columns,
                rows,
                COLOR_THEME,
            ));
            let count = |character| shown.matches(character).count();
            assert_eq!((count('╭'), count('╮')), (count('╰'), count('╯')), "{columns}\n{shown}");
            let status: Vec<&str> = shown.lines().skip_while(|line| !line.starts_with(" ✗ One")).collect();
            assert!(status.len() >= 3 || columns == 200, "{columns}\n{shown}");
            assert!(!status.iter().any(|line| line.contains('│')), "{columns}\n{shown}");
        }
    }
}

#[test]
fn a_long_browser_path_is_not_broken_in_a_name() {
    let mut files = scenes::list().state.store.as_deref().cloned().unwrap();
    let mut work = scenes::profile("work", "Ada Lovelace", 30);
    work.browser = Some(format!("/home/ada/{}/browser-launcher.py -P work", "directory/".repeat(6)));
    files.rows.retain(|row| row.name != work.name);
    files.rows.push(Row::new(name("work"), Ok(work)));
    let scene = scenes::list().send(Message::StoreReloaded(Box::new(files))).keys("/work").enter();
    for shown in [text(&scene.draw(120, 36, COLOR_THEME)), screen(&scene.clone().press(Tab))] {
        assert!(shown.contains("/browser-launcher.py"), "{shown}");
        assert!(!shown.contains("directory/directory/directory/directory/directory/directory"), "{shown}");
    }
}

#[test]
fn a_wide_window_has_its_key_hints_in_one_row() {
    let all = scenes::all();
    for listed in ["posts", "list-detail", "done-missing-scope", "compose-names", "compose-link", "progress-in-sandbox"]
    {
        let (_, scene) = all.iter().find(|(name, _)| *name == listed).unwrap();
        let shown = text(&scene.draw(120, 36, COLOR_THEME));
        let rows: Vec<&str> = shown.lines().rev().take(2).map(str::trim).collect();
        assert!(rows[0].contains(" help") && !rows[0].starts_with(['?', 'F']), "{listed}: {shown}");
        assert!(!rows[1].contains("  "), "{listed}: {shown}");
    }
    let fewer = text(&scenes::done_without("email").draw(120, 36, COLOR_THEME));
    assert!(fewer.contains("e change scopes"), "{fewer}");
}

#[test]
fn an_empty_list_has_a_titled_detail() {
    for (columns, rows) in [(60, 20), (120, 36)] {
        let shown = text(&scenes::list().keys("/zzz").draw(columns, rows, COLOR_THEME));
        assert!(shown.contains("─ Profile ─") || shown.contains("╭ Profile ─"), "{shown}");
        assert!(shown.contains("None selected"), "{shown}");
    }
}

#[test]
fn the_timeline_draws_an_unknown_status_in_its_own_color() {
    let mut unknown = scenes::profile("blog", "Ada Lovelace", 40);
    unknown.check = Some(Check::new(now(), Verdict::Unknown));
    let rows = [scenes::profile("work", "Ada Lovelace", 30), unknown];
    let rows = rows.map(|profile| Row::new(profile.name.clone(), Ok(profile))).to_vec();
    let files = StoreSnapshot { rows, ..StoreSnapshot::default() };
    let buffer = Scene::new().send(Message::StoreReloaded(Box::new(files))).draw(80, 24, COLOR_THEME);
    let title = text(&buffer).lines().position(|line| line.contains("Next 60 days")).unwrap();
    let area = (u16::try_from(title).unwrap()..24).flat_map(|y| (0..80).map(move |x| (x, y)));
    let bars: Vec<_> = area.filter(|at| buffer[*at].symbol() == "█").map(|at| buffer[at].fg).collect();
    assert_eq!(
        bars.iter().copied().map(Some).collect::<Vec<_>>(),
        [COLOR_THEME.success_mark().fg, COLOR_THEME.dim().fg]
    );
}

#[test]
fn the_group_without_an_app_counts_its_files() {
    for (columns, rows) in [(120, 36), (80, 24), (200, 50)] {
        let at = |scene: &Scene| text(&scene.draw(columns, rows, COLOR_THEME)).replace(['│', '╮', '╭'], " ");
        let words = |scene: &Scene| at(scene).split_whitespace().collect::<Vec<_>>().join(" ");
        let grouped = scenes::list().keys("b").press(Home);
        let group = (0..9).map(|steps| (0..steps).fold(grouped.clone(), |scene, _| scene.press(Down)));
        let group = group.into_iter().find(|scene| at(scene).contains("No app known")).expect("the group is selected");
        let shown = words(&group);
        assert!(shown.contains("The files of these profiles cannot"), "{shown}");
        assert!(shown.contains("Profiles 1") && !shown.contains("The app is missing"), "{shown}");
    }
}

#[test]
fn missing_scopes_are_first_where_lines_are_few() {
    let mut profile = scenes::profile("shop", "Ada Lovelace", 30);
    let names = ["one", "two", "three", "four", "five", "six"];
    profile.token.as_mut().unwrap().scopes = names.map(|name| format!("r_organization_{name}_statistics")).to_vec();
    profile.scopes = [profile.token.as_ref().unwrap().scopes.clone(), vec!["w_member_social".to_owned()]].concat();
    let read = Message::ProfilesRead(vec![(name("shop"), Ok(profile))]);
    let shown = text(&scenes::list().send(read).keys("/shop").enter().draw(60, 20, COLOR_THEME));
    assert!(shown.contains("! w_member_social (not in the token)"), "{shown}");
}
