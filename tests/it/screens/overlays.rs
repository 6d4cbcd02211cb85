//! What opens over every screen: palette, help, request log and settings.

use std::time::Duration;

use crossterm::event::KeyCode::{Backspace, Char, Down, End, Esc, F, Home, Left, PageDown, Right, Tab};
use linkedin_tui::internal::config::Settings;
use linkedin_tui::internal::linkedin::http::SentRequest;
use linkedin_tui::internal::tui::keymap::KeyContext;
use linkedin_tui::internal::tui::message::Message;
use linkedin_tui::internal::tui::store_snapshot::{Row, StoreSnapshot};

use crate::screens::keys::{effects, notification};
use crate::screens::scenes::{self, COLOR_THEME, PLAIN_THEME, Scene, TOKEN, text};

fn screen(scene: &Scene) -> String {
    text(&scene.draw(100, 32, COLOR_THEME))
}

#[test]
fn palette_finds_and_runs_an_action_by_name() {
    let palette = scenes::list().keys(":");
    assert_eq!(palette.state.key_context(), KeyContext::Palette);
    let shown = screen(&palette);
    assert!(shown.contains("check all") && shown.contains("Profile list"), "{shown}");
    let found = palette.clone().keys("expo");
    let shown = screen(&found);
    assert!(shown.contains("export") && !shown.contains("check all"), "{shown}");
    let run = found.enter();
    assert_eq!(run.state.key_context(), KeyContext::Export);
    // What was run last is listed first.
    let again = run.press(Esc).keys(":").enter();
    assert_eq!(again.state.key_context(), KeyContext::Export);
    for (typed, label) in [("add", "add a profile"), ("write", "write a post"), ("check", "check the token")] {
        let shown = screen(&palette.clone().keys(typed));
        assert!(shown.contains(label), "the entry has its object: {shown}");
    }
    let none = palette.clone().keys("no such action").enter();
    assert_eq!(none.state.key_context(), KeyContext::Palette);
    assert!(screen(&none).contains("No action matches."));
    assert_eq!(palette.keys("quit").enter().effects.len(), 1, "it quits like its key");
}

#[test]
fn the_palette_lists_the_typed_profile_first() {
    let files = profile_list(&["acme-pages", "pages", "pages-old"]);
    let shown = screen(&Scene::new().send(files).keys(":pages"));
    let position = |name: &str| shown.find(&format!("select {name} ")).unwrap_or_else(|| panic!("{name}\n{shown}"));
    assert!(position("pages") < position("acme-pages") && position("pages") < position("pages-old"), "{shown}");
}

#[test]
fn the_profile_of_the_option_is_selected_at_the_start() {
    let mut scene = Scene::new();
    scene.state.config.selected_profile = Some(scenes::name("pages"));
    let started = scene.send(profile_list(&["acme-pages", "pages", "pages-old"]));
    assert_eq!(started.state.list.selected, Some(scenes::name("pages")));
}

#[test]
fn an_unknown_profile_of_the_option_is_an_error() {
    let mut scene = Scene::new();
    scene.state.config.selected_profile = Some(scenes::name("nosuch"));
    let Message::StoreReloaded(mut store) = profile_list(&["acme-pages", "pages", "pages-old"]) else { unreachable!() };
    store.current = Some(scenes::name("pages"));
    let started = scene.send(Message::StoreReloaded(store));
    assert!(started.state.notification.as_ref().is_some_and(|shown| shown.is_error));
    assert!(screen(&started).contains("✗ The profile nosuch was not found."), "{}", screen(&started));
    assert_eq!(started.state.list.selected, Some(scenes::name("pages")), "as without the option");
}

fn profile_list(names: &[&str]) -> Message {
    let rows = names.iter().map(|name| Row::new(scenes::name(name), Ok(scenes::profile(name, "Ada", 30)))).collect();
    Message::StoreReloaded(Box::new(StoreSnapshot { rows, ..StoreSnapshot::default() }))
}

#[test]
fn palette_finds_letters_in_their_order() {
    let run = scenes::list().keys(":").keys("prmi").enter();
    assert_eq!(run.state.key_context(), KeyContext::Permissions);
}

#[test]
fn palette_keeps_its_height_and_runs_nothing_without_a_match() {
    let palette = scenes::list().keys(":");
    let edges = |scene: &Scene| {
        let shown = screen(scene);
        let rows = shown.lines().enumerate().filter(|(_, line)| line.contains("╭ Actions ") || line.contains('›'));
        rows.map(|(row, _)| row).collect::<Vec<_>>()
    };
    let none = palette.clone().keys("no such action");
    for typed in [palette.clone().keys("del"), none.clone()] {
        assert_eq!(edges(&typed), edges(&palette), "{}", screen(&typed));
    }
    assert!(screen(&palette).contains("enter run") && !screen(&none).contains("enter run"), "{}", screen(&none));
}

#[test]
fn palette_finds_words_and_profiles() {
    let stat = scenes::list().keys(":stat");
    assert!(!screen(&stat).contains("same app, another account"), "{}", screen(&stat));
    let found = scenes::list().keys(":client-a");
    assert!(screen(&found).contains("select client-a"), "{}", screen(&found));
    let run = found.enter();
    assert_eq!(run.state.key_context(), KeyContext::List);
    assert_eq!(run.state.list.selected.as_ref().map(ToString::to_string).as_deref(), Some("client-a"));
    assert!(!screen(&scenes::compose().press(F(2)).keys("client")).contains("select client-a"), "in the list only");
}

#[test]
fn palette_over_a_dialog_and_a_form_keeps_them() {
    let dialog = scenes::list().keys("d:");
    assert_eq!(dialog.state.key_context(), KeyContext::Palette);
    assert!(screen(&dialog).contains("revoke at LinkedIn, then delete"), "{}", screen(&dialog));
    assert_eq!(dialog.clone().press(Esc).state.key_context(), KeyContext::Delete);
    assert_eq!(effects(&dialog.keys("revoke").enter()), "delete work after revoking");
    let typed = scenes::list().keys("n-x");
    let palette = typed.press(F(2));
    assert_eq!(palette.state.key_context(), KeyContext::Palette);
    assert_eq!(effects(&palette.press(Esc).enter()), "rename work to work-x", "what was typed stays");
    let colon = scenes::list().keys("n:");
    assert_eq!(colon.state.key_context(), KeyContext::Rename, "a character is text in a field");
}

#[test]
fn palette_lists_only_what_does_something() {
    let list = scenes::list().keys(":control");
    assert!(screen(&list).contains("No action matches."), "only the sandbox has a control page");
    let sandbox = scenes::progress_over_ssh();
    let mut sandbox = Scene { state: sandbox.state, effects: Vec::new() };
    sandbox.state.open_screen(linkedin_tui::internal::tui::state::Screen::Profiles);
    assert!(effects(&sandbox.clone().keys("B")).starts_with("open the control page"));
    assert!(effects(&sandbox.keys(":control").enter()).starts_with("open the control page"));
}

#[test]
fn help_is_grouped_searched_and_scrolled() {
    let help = scenes::list().keys("?");
    let shown = text(&help.draw(100, 60, COLOR_THEME));
    for group in ["Token", "Profile", "View", "Move", "Program", "Everywhere", "Mouse"] {
        assert!(shown.contains(group), "{group}: {shown}");
    }
    assert!(shown.contains("shift-drag  select text"), "{shown}");
    let rows = |scene: &Scene| screen(scene).lines().filter(|line| line.contains("copy a value")).count();
    let found = help.clone().keys("/").keys("revoke");
    assert_eq!(found.state.key_context(), KeyContext::FindHelp);
    assert!(screen(&found).contains("x  revoke") && rows(&found) == 0, "{}", screen(&found));
    assert_eq!(found.clone().press(Esc).state.key_context(), KeyContext::Help);
    assert_eq!(found.enter().press(Esc).press(Esc).state.key_context(), KeyContext::List);
    // Every way of scrolling, in a window that is too small for all of it.
    let small = |scene: &Scene| text(&scene.draw(60, 20, COLOR_THEME));
    let mut help = help.send(Message::Resized(60, 20));
    let top = small(&help);
    for (forward, back) in [(Down, Home), (Char('j'), Char('g')), (PageDown, Home), (End, Home), (Char('G'), Char('g'))]
    {
        let scrolled = help.press(forward);
        assert_ne!(small(&scrolled), top, "{forward:?}");
        help = scrolled.press(back);
        assert_eq!(small(&help), top, "{back:?}");
    }
}

#[test]
fn help_dims_what_does_nothing_now() {
    let style_of_skip = |scene: Scene| {
        let help = scene.keys("r").press(F(1)).draw(100, 40, COLOR_THEME);
        let rows: Vec<String> = text(&help).lines().map(str::to_owned).collect();
        let row = rows.iter().position(|row| row.contains("skip to the next profile")).unwrap();
        let column = rows[row].chars().position(|c| c == 'N').unwrap();
        help[(u16::try_from(column).unwrap(), u16::try_from(row).unwrap())].style()
    };
    let several = style_of_skip(scenes::list().keys("*"));
    assert_ne!(style_of_skip(scenes::list()), several, "one profile has no next one");
}

#[test]
fn help_explains_every_context_in_its_own_words() {
    use strum::IntoEnumIterator as _;
    let mut seen = std::collections::BTreeMap::new();
    for context in KeyContext::iter().filter(|context| !matches!(context, KeyContext::Help | KeyContext::FindHelp)) {
        let mut scene = scenes::list();
        scene.state.overlays.push(linkedin_tui::internal::tui::state::Overlay::help(context));
        let shown = screen(&scene);
        assert!(shown.contains(&format!("Help: {}", context.title())), "{context:?}: {shown}");
        let lines: Vec<&str> = shown.lines().skip_while(|line| !line.contains("Help: ")).skip(2).collect();
        let first = lines[0].to_owned();
        assert!(first.trim_matches([' ', '│']).len() > 20, "{context:?} has no explanation: {shown}");
        if let Some(other) = seen.insert(first, context) {
            panic!("{other:?} and {context:?} have the same explanation");
        }
    }
}

#[test]
fn help_of_a_reauthorization_names_the_link_without_a_browser() {
    let help = |scene: Scene| screen(&scene.keys("r").press(F(1)));
    let with_browser = help(scenes::list());
    assert!(with_browser.contains("Opens LinkedIn in the browser."), "{with_browser}");
    let mut headless = scenes::list();
    headless.state.config.browser = Some(Err("there is no display".to_owned()));
    let shown = help(headless);
    assert!(shown.contains("Shows a link to LinkedIn.") && !shown.contains("Opens LinkedIn"), "{shown}");
}

fn request(path: &str, outcome: Result<u16, &str>) -> Message {
    Message::RequestSent(Box::new(SentRequest {
        method: "GET".to_owned(),
        origin: "https://api.linkedin.com".to_owned(),
        path: path.to_owned(),
        profile: Some("work".to_owned()),
        has_token: true,
        api_version: None,
        detail: matches!(outcome, Ok(403)).then(|| "Not enough permissions (100)".to_owned()),
        outcome: outcome.map_err(str::to_owned),
        request_id: Some("AAYx".to_owned()),
        duration: Duration::from_millis(184),
    }))
}

pub(crate) fn requests() -> Scene {
    scenes::list()
        .send(request("/v2/userinfo", Ok(200)))
        .advance(3)
        .send(request("/rest/organizationAcls", Ok(403)))
        .advance(31)
        .send(request("/rest/posts/urn%3Ali%3Ashare%3A7012345678901234567", Err("No connection to api.linkedin.com.")))
        .keys("L")
}

#[test]
fn request_log_shows_long_names_beside_a_long_path() {
    let long = "recruiting-universal-launch-2027";
    let path = format!("/rest/organizationAcls/{}", "x".repeat(140));
    let Message::RequestSent(mut sent) = request("/v2/userinfo", Ok(200)) else { panic!() };
    sent.profile = Some(long.to_owned());
    let scene = scenes::list().send(request(&path, Ok(200))).send(Message::RequestSent(sent)).keys("L");
    for columns in [120, 200] {
        let shown = text(&scene.draw(columns, 36, COLOR_THEME));
        assert!(shown.contains(long) && shown.contains("/rest/organizationAcls/xxx"), "{columns}: {shown}");
    }
}

#[test]
fn request_log_lists_the_newest_first_and_copies_curl() {
    let scene = requests();
    assert_eq!(scene.state.key_context(), KeyContext::Requests);
    let shown = screen(&scene);
    let at = |text: &str| shown.find(text).unwrap_or_else(|| panic!("{text}: {shown}"));
    assert!(at("failed") < at("403") && at("403") < at("/v2/userinfo"), "{shown}");
    let details = scene.clone().enter();
    let shown = screen(&details);
    assert!(shown.contains("No connection to api.linkedin.com.") && shown.contains("184 ms"), "{shown}");
    // The start of a path is the resource, and there is room for it.
    for columns in [80, 120, 200] {
        let shown = text(&scene.draw(columns, 36, COLOR_THEME));
        let path =
            if columns == 80 { "/rest/posts/urn:li:sha" } else { "/rest/posts/urn:li:share:7012345678901234567" };
        assert!(shown.contains(path), "{columns}: {shown}");
    }
    let refused = screen(&scene.clone().press(Down).enter());
    assert!(refused.contains("Status        403 Forbidden"), "{refused}");
    assert!(refused.contains("Message       Not enough permissions (100)"), "{refused}");
    let oldest = scene.clone().press(End).enter();
    let shown = screen(&oldest);
    assert!(shown.contains("Request ID    AAYx") && shown.contains("$(linkedin-tui token work)"), "{shown}");
    assert!(!shown.contains(&TOKEN[..12]));
    assert_eq!(effects(&oldest.clone().keys("y")), "copy the curl command");
    assert_eq!(oldest.press(Esc).press(Esc).state.key_context(), KeyContext::List);
    // The arrows lead to the requests before and after it.
    let newest = scene.clone().enter();
    assert!(
        screen(&newest).contains("Request log › Request") && screen(&newest).contains("1/3"),
        "{}",
        screen(&newest)
    );
    let second = newest.clone().press(Right);
    assert!(screen(&second).contains("403 Forbidden") && screen(&second).contains("2/3"), "{}", screen(&second));
    assert_eq!(screen(&second.press(Left)), screen(&newest));
    assert_eq!(screen(&newest.clone().press(Left)), screen(&newest), "there is no newer one");
    // The selected row keeps the color of its status.
    let color = |scene: &Scene, row: &str| {
        let buffer = scene.draw(100, 32, COLOR_THEME);
        let shown = text(&buffer);
        let y = shown.lines().position(|line| line.contains(row)).unwrap();
        let line = shown.lines().nth(y).unwrap();
        let x = line.chars().take(line.find("403").map(|at| line[..at].chars().count()).unwrap()).count();
        buffer[(u16::try_from(x).unwrap(), u16::try_from(y).unwrap())].fg
    };
    let row = "organizationAcls";
    assert_eq!(color(&scene.clone().press(Down), row), color(&scene, row));
    // It is reached from every screen, and closed again without a trace.
    let failed = scenes::progress().keys(":request").enter();
    assert_eq!(failed.state.key_context(), KeyContext::Requests);
    assert!(screen(&failed).contains("No requests yet"));
    assert_eq!(failed.press(Esc).state.key_context(), KeyContext::SignIn);
}

pub(crate) fn settings() -> Scene {
    let mut read = Settings::default();
    "dark".clone_into(&mut read.ui.theme);
    scenes::list().keys(",").send(Message::SettingsRead { settings: Box::new(read), saved: None })
}

#[test]
fn settings_are_changed_applied_and_reset() {
    let scene = settings();
    assert_eq!(effects(&scenes::list().keys(",")), "read the settings");
    let shown = screen(&scene);
    assert!(shown.contains("default: auto") && shown.contains("config.toml"), "{shown}");
    assert!(shown.contains("set to light"), "the hint names what Enter does: {shown}");
    assert_eq!(effects(&scene.clone().enter()), "save ui.theme: Some(Text(\"light\"))");
    assert_eq!(effects(&scene.clone().press(Backspace)), "save ui.theme: None");
    let unchanged = scene.clone().send(Message::SettingsRead { settings: Box::default(), saved: None });
    assert_eq!(effects(&unchanged.press(Backspace)), "", "the default is in force already");
    let mut saved = Settings::default();
    saved.ui.theme = "light".to_owned();
    saved.ui.mouse = false;
    let after = scene.clone().send(Message::SettingsRead { settings: Box::new(saved), saved: Some(("ui", "theme")) });
    assert_eq!(effects(&after), "draw for light");
    assert_eq!(notification(&after), "Theme: light. Saved.");
    assert!(!after.state.config.mouse);
    // A number is typed, and checked before it is saved.
    let days = scene.clone().press(Down).press(Down).press(Down).press(Down).press(Down).enter();
    assert_eq!(days.state.key_context(), KeyContext::EditSetting);
    // It is typed in its row, with the unit behind it.
    let row = |shown: &str| shown.lines().find(|line| line.contains("Expiring within")).map(str::to_owned).unwrap();
    let (before, edited) = (row(&screen(&scene)), row(&screen(&days)));
    let column = |row: &str| row.split('7').next().map(|start| start.chars().count());
    assert_eq!(column(&edited), column(&before), "{before}{edited}");
    assert!(edited.contains("days") && screen(&days).contains("From 0 to 365 days."), "{}", screen(&days));
    let wrong = days.clone().keys("x").enter();
    assert!(screen(&wrong).contains("Enter a number from 0 to 365."), "{}", screen(&wrong));
    assert_eq!(effects(&wrong), "");
    let typed = days.press(Backspace).keys("14").enter();
    assert_eq!(effects(&typed), "save status.expiring_days: Some(Number(14))");
    assert_eq!(typed.press(Esc).press(Esc).state.key_context(), KeyContext::List);
    // What another program changed is applied as it is read, keys included.
    let keys = |text: &str| {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("config.toml"), text).unwrap();
        let read = Box::new(Settings::read(directory.path()).unwrap());
        scenes::list().send(Message::SettingsRead { settings: read, saved: None })
    };
    let changed = keys("[ui]\ntheme = \"light\"\n[keys.list]\nsettings = \"w\"\n");
    assert_eq!(effects(&changed), "draw for light");
    assert_eq!(changed.keys("w").state.key_context(), KeyContext::Settings);
    let wrong = keys("[keys.list]\nfly = \"w\"\n");
    assert!(notification(&wrong).contains("[keys.list] has no action fly."), "{}", notification(&wrong));
    assert_eq!(wrong.keys(",").state.key_context(), KeyContext::Settings, "the keys stay");
    // A setting that the running interface cannot follow says so.
    let browser = scene
        .press(End)
        .send(Message::SettingsRead { settings: Box::new(Settings::default()), saved: Some(("browser", "command")) });
    assert!(notification(&browser).ends_with("It applies when the program starts again."));
}

#[test]
fn overlays_leave_no_trace_in_a_form() {
    let form = scenes::credentials().press(Tab).keys("abc");
    let before = screen(&form);
    let after = form.press(F(2)).keys("sett").enter().press(Esc);
    assert_eq!(screen(&after), before);
    assert!(text(&after.draw(80, 24, PLAIN_THEME)).is_ascii());
}

#[test]
fn the_palette_shows_that_its_list_continues() {
    let shown = |scene: &Scene| text(&scene.draw(80, 24, COLOR_THEME));
    let top = scenes::list().keys(":");
    assert!(shown(&top).contains("Profile list · 1/"), "{}", shown(&top));
    assert!(shown(&top).contains('↓') && !shown(&top).contains('↑'), "{}", shown(&top));
    let below = (0..20).fold(top, |scene, _| scene.press(Down));
    assert!(shown(&below).contains("Profile list · 21/") && shown(&below).contains('↑'), "{}", shown(&below));
    let few = scenes::list().keys(":quit");
    assert!(!shown(&few).contains('↓'), "{}", shown(&few));
}

#[test]
fn a_dialog_leaves_the_border_of_the_screen() {
    for name in ["compose-discard", "posts-delete", "different-member-replace"] {
        let (_, scene) = scenes::all().into_iter().find(|(listed, _)| *listed == name).unwrap();
        let buffer = scene.draw(80, 24, COLOR_THEME);
        let frame = |x: u16, y: u16| matches!(buffer[(x, y)].symbol(), "│" | "╭" | "╮" | "╰" | "╯");
        let rows: Vec<u16> = (0..24).filter(|y| frame(0, *y)).collect();
        let (first, last) = (rows[0], rows[rows.len() - 1]);
        for y in first..=last {
            assert!(frame(0, y) && frame(79, y), "{name}, row {y}: {}", text(&buffer));
        }
    }
}
