//! The welcome, the setup, the sign-in and its result: what they show and where their keys lead.

use crossterm::event::KeyCode::{self, Backspace, Char, Down, End, Enter, Esc, Left, PageDown, Right, Tab, Up};
use linkedin_tui::internal::flows::sign_in::Event;
use linkedin_tui::internal::host::Ssh;
use linkedin_tui::internal::linkedin::RedirectUrl;
use linkedin_tui::internal::linkedin::scopes::CATALOG;
use linkedin_tui::internal::store::App;
use linkedin_tui::internal::tui::keymap::KeyContext;
use linkedin_tui::internal::tui::message::{Effect, Message};
use linkedin_tui::internal::tui::state::Screen;
use linkedin_tui::internal::tui::store_snapshot::StoreSnapshot;
use linkedin_tui::{Code, Error};

use crate::screens::keys::{assert_keys, effects, notification};
use crate::screens::scenes::{self, COLOR_THEME, PLAIN_THEME, SECRET, Scene, text};

/// The sizes that every screen must work at.
const SIZES: [(u16, u16); 4] = [(60, 20), (80, 24), (120, 36), (200, 50)];

fn screen(scene: &Scene, (columns, rows): (u16, u16)) -> String {
    text(&scene.draw(columns, rows, COLOR_THEME))
}

/// Returns the words of a screen with one column of panels, joined over its lines.
fn words(scene: &Scene) -> String {
    screen(scene, (80, 24)).replace('│', " ").split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn warning_counts_the_profiles_that_it_does_not_name() {
    let url = "http://localhost:3000/callback".to_owned();
    let scopes = scenes::many_profiles(12).keys("a").enter().keys("3").enter();
    let review = screen(&scopes.send(Message::PortProbed { url, result: Ok(()) }).enter(), (80, 50)).replace('│', " ");
    let review = review.split_whitespace().collect::<Vec<_>>().join(" ");
    let named = "profiles client-00, client-01, client-02, client-03, client-04 and 7 more.";
    assert!(review.contains(named), "{review}");
}

fn press(scene: Scene, key: KeyCode, times: usize) -> Scene {
    (0..times).fold(scene, |scene, _| scene.press(key))
}

#[test]
fn the_sandbox_opens_on_a_welcome_without_portal_steps() {
    let scene = scenes::welcome();
    for size in SIZES {
        let shown = screen(&scene, size);
        for part in
            ["Get LinkedIn API tokens", "Sign in as a demo member", "Look around", "Open the guide", "What is real"]
        {
            assert!(shown.contains(part), "{part} at {size:?}:\n{shown}");
        }
        assert!(!shown.contains("Create a LinkedIn Page"), "{shown}");
        for part in ["and get a token.", "expired and", "of your own"] {
            assert!(shown.contains(part), "{part} at {size:?}:\n{shown}");
        }
    }
    assert_keys(
        &scene,
        &[
            (Enter, KeyContext::Review, "probe 3000"),
            (Char('a'), KeyContext::List, "add the samples"),
            (Char('o'), KeyContext::Guide, ""),
            (Char('?'), KeyContext::Help, ""),
            (Char('q'), KeyContext::Welcome, "Quit"),
            (Esc, KeyContext::Welcome, ""),
        ],
    );
    let guide = scene.clone().keys("o");
    assert!(screen(&guide, (60, 20)).contains("The pages that open here are LinkedIn's real ones."));
    assert_eq!(guide.press(Esc).state.key_context(), KeyContext::Welcome);
    assert_eq!(scene.enter().press(Esc).state.key_context(), KeyContext::Welcome);
}

#[test]
fn a_demo_sign_in_takes_three_keys() {
    let waiting = scenes::wait_for_callback(scenes::welcome().enter().enter());
    assert_eq!(effects(&waiting.keys("1")), "approve as ada");
}

#[test]
fn the_way_past_the_guide_is_always_in_view() {
    for size in SIZES {
        for scene in [scenes::guide(), press(scenes::guide(), Down, 5), scenes::guide().keys("t")] {
            let shown = screen(&scene, size);
            assert!(shown.contains("Already have an app? Press enter"), "{size:?}:\n{shown}");
            assert!(shown.contains("enter I have an app"), "{size:?}:\n{shown}");
            let at = |part: &str| shown.find(part).unwrap_or_else(|| panic!("{part} at {size:?}:\n{shown}"));
            assert!(at("Sign in with your own LinkedIn app") < at("1 Create a LinkedIn Page"), "{size:?}:\n{shown}");
            assert!(at("linkedin-tui --sandbox") > 0);
        }
    }
    // A longer command leaves no row for the introduction, which is less useful than it.
    let mut long = scenes::guide();
    long.state.config.program_command = "linkedin-tui --config-dir /home/ada/second";
    assert!(screen(&long, (60, 20)).contains("linkedin-tui --config-dir"), "{}", screen(&long, (60, 20)));
    // The detail is that of the selected step.
    let third = screen(&press(scenes::guide(), Down, 2), (80, 24));
    assert!(third.contains("3. Verify the app with the Page") && third.contains("Generate URL"), "{third}");
    assert!(screen(&scenes::done_guide(), (80, 24)).contains("6/6 done"));
    assert!(screen(&scenes::done_guide(), (80, 24)).contains("enter continue"));
}

#[test]
fn esc_in_the_setup_never_quits_and_loses_nothing() {
    let tutorials_shown = scenes::guide().keys("O").press(Esc);
    assert_eq!((tutorials_shown.state.key_context(), effects(&tutorials_shown).as_str()), (KeyContext::Guide, ""));
    let typed = scenes::credentials().keys("x").press(Esc);
    assert_eq!(typed.state.key_context(), KeyContext::Guide);
    let left = typed.press(Esc);
    assert_eq!((left.state.key_context(), effects(&left).as_str()), (KeyContext::List, ""));
    let opened = left.keys("a").enter();
    assert_eq!(opened.state.setup.client_id.text(), "86abcdefghijklx");
}

#[test]
fn quitting_the_setup_asks_when_something_was_typed() {
    let typed = scenes::credentials().keys("x").ctrl('c');
    assert_eq!(effects(&typed), "");
    assert_eq!(notification(&typed), "Quitting discards what you typed. Press the same key again to quit.");
    assert_eq!(effects(&typed.ctrl('c')), "Quit");
    assert_eq!(effects(&scenes::credentials().ctrl('c')), "Quit", "nothing was typed");
}

#[test]
fn a_saved_app_has_the_focus_first() {
    let scene = scenes::list().keys("a");
    let shown = screen(&scene, (80, 24));
    assert!(shown.contains("(●) my-app") && shown.contains("( ) Use another app…"), "{shown}");
    assert!(!shown.contains("Client secret"), "the fields are those of another app: {shown}");
    let other = scene.clone().press(Down);
    let shown = screen(&other, (80, 24));
    assert!(shown.contains("Client secret"), "{shown}");
    assert_eq!(scene.enter().state.key_context(), KeyContext::Scopes);
}

#[test]
fn whether_the_scopes_need_approval_is_always_in_view() {
    for size in SIZES {
        let shown = screen(&scenes::scopes(), size);
        assert!(shown.contains("No approval needed") && shown.contains("4 selected"), "{size:?}:\n{shown}");
        let at_end = scenes::scopes().keys("3").press(End);
        assert_eq!(at_end.state.setup.all_scopes().len(), 4);
        let shown = screen(&at_end, size);
        assert!(shown.contains("Requires LinkedIn's approval"), "{size:?}:\n{shown}");
        assert!(shown.contains("Custom scopes"), "{size:?}:\n{shown}");
    }
}

#[test]
fn products_of_the_scopes_fold() {
    let scene = scenes::scopes();
    let shown = screen(&scene, (80, 24));
    assert!(shown.contains("w_member_social") && !shown.contains("rw_ads"), "{shown}");
    // The products above are unfolded, because the preset selects their scopes.
    let is_on_folded = |scene: &Scene| screen(scene, (80, 24)).contains("space unfold");
    let product = (0..20).fold(scene, |scene, _| if is_on_folded(&scene) { scene } else { scene.press(Down) });
    assert!(is_on_folded(&product));
    let unfolded = product.press(Right);
    assert!(screen(&unfolded, (80, 24)).contains("r_organization_social"));
    let inside = unfolded.press(Down).keys(" ");
    assert!(inside.state.setup.all_scopes().contains(&"w_organization_social".to_owned()));
    let folded = inside.press(Left);
    let shown = screen(&folded, (80, 24));
    let count = CATALOG.iter().filter(|scope| scope.product == "Community Management API").count();
    assert!(!shown.contains("r_organization_social") && shown.contains(&format!("1/{count}")), "{shown}");
    assert!(screen(&folded.keys(" "), (80, 24)).contains("r_organization_social"));
}

#[test]
fn a_scope_is_found_by_its_id_or_text() {
    let found = scenes::scopes().keys("/report");
    assert_eq!(found.state.key_context(), KeyContext::FindScope);
    let shown = screen(&found, (80, 24));
    assert!(shown.contains("› report") && shown.contains("r_ads_reporting"), "{shown}");
    assert!(!shown.contains("w_member_social  "), "{shown}");
    let toggled = found.keys(" ").enter();
    assert_eq!(toggled.state.key_context(), KeyContext::Scopes);
    let selected = toggled.state.setup.all_scopes();
    assert_eq!(selected.len(), 5, "{selected:?}");
    assert!(screen(&toggled, (80, 24)).contains("[x]"), "the found scope is unfolded in the list");
    let none = scenes::scopes().keys("/zzz");
    assert!(screen(&none, (80, 24)).contains("No scope matches"));
    assert_eq!(none.press(Esc).state.key_context(), KeyContext::Scopes);
}

#[test]
fn the_scopes_move_by_pages_and_keep_the_text_field_usable() {
    let scene = scenes::scopes();
    let rows =
        [scene.clone().press(PageDown), scene.clone().keys("jj"), scene.clone().keys("G"), scene.clone().keys("Gg")];
    let selected: Vec<String> = rows.iter().map(|scene| format!("{:?}", scene.state.setup.scope_list.row)).collect();
    assert_eq!(selected[1], "Product(\"Sign In with LinkedIn using OpenID Connect\")");
    assert_eq!((selected[2].as_str(), selected[3].as_str()), ("Custom", "Custom"), "g is text in the field");
    assert_ne!(selected[0], selected[1]);
    let field = scene.clone().press(Tab);
    assert_eq!(field.state.key_context(), KeyContext::CustomScopes);
    let hints = text(&field.draw(120, 36, COLOR_THEME)).lines().last().unwrap().to_owned();
    assert!(
        !hints.contains("1 identify") && !hints.contains("/ find") && hints.contains("tab back to the list"),
        "{hints}"
    );
    assert_eq!(field.press(KeyCode::Up).state.key_context(), KeyContext::Scopes);
    let typed = scene.press(Tab).keys("ab").press(Left).keys("x").press(KeyCode::Home).keys("y").press(End);
    assert_eq!(typed.state.setup.custom_scopes.text(), "yaxb");
}

#[test]
fn a_wrong_redirect_url_has_one_reason_in_one_place() {
    for (url, reason) in [
        ("localhost:3000/callback", "it must start with http://"),
        ("http://localhost:99999/callback", "its port must be a number from 1 to 65535"),
    ] {
        let scene = scenes::redirect().ctrl('u').keys(url).enter();
        assert_eq!((scene.state.key_context(), notification(&scene)), (KeyContext::RedirectUrl, ""));
        let shown = words(&scene);
        assert_eq!(shown.matches("The redirect URL is not valid").count(), 1, "{shown}");
        assert!(shown.contains(reason), "{shown}");
    }
}

#[test]
fn the_review_changes_each_step_and_returns() {
    let review = scenes::review();
    for size in SIZES {
        let shown = screen(&review, size);
        for part in
            ["Profile name", "Browser", "Redirect URL", "Scopes", "What happens next", "Your browser opens LinkedIn"]
        {
            assert!(shown.contains(part), "{part} at {size:?}:\n{shown}");
        }
    }
    let scopes = review.clone().press(Up);
    assert!(screen(&scopes, (80, 24)).contains("enter change the scopes"));
    let changed = scopes.enter().keys("1").enter();
    assert_eq!(changed.state.key_context(), KeyContext::Review);
    assert_eq!(changed.state.setup.all_scopes(), ["openid", "profile", "email"]);
    let redirect = review.clone().press(Up).press(Up).enter();
    assert_eq!(redirect.state.key_context(), KeyContext::RedirectUrl);
    assert_eq!(redirect.press(Esc).state.key_context(), KeyContext::Review);
    let mut without_browser = review;
    without_browser.state.config.browser = Some(Err("there is no display".to_owned()));
    let shown = screen(&without_browser, (80, 24));
    assert!(shown.contains("enter sign in (shows a link)") && !shown.contains("Your browser opens"), "{shown}");
}

#[test]
fn re_authorizing_without_a_browser_does_not_promise_one() {
    let mut scene = scenes::list();
    scene.state.config.browser = Some(Err("You are connected over SSH.".to_owned()));
    scene.state.config.ssh = Some(Ssh { destination: "ada@build.example.com".to_owned(), port: None });
    let shown = screen(&scene.keys("r"), (80, 24));
    assert!(shown.contains("enter show the link") && !shown.contains("open the browser"), "{shown}");
}

#[test]
fn the_values_to_compare_with_the_auth_tab_are_shown_at_once() {
    for size in SIZES {
        for scene in [scenes::review().enter(), scenes::progress()] {
            let shown = screen(&scene, size);
            assert!(shown.contains("http://localhost:3000/callback   y copy"), "{size:?}:\n{shown}");
            assert!(shown.contains("86abcdefghijkl   i copy"), "{size:?}:\n{shown}");
        }
    }
}

#[test]
fn the_steps_of_a_sign_in_have_their_times() {
    let exchanging = scenes::progress().event(Event::CallbackAccepted);
    let shown = screen(&exchanging, (120, 36));
    let consent = shown.lines().find(|line| line.contains("Authorized by LinkedIn")).unwrap();
    assert!(consent.contains("0:14"), "{consent}");
    assert!(screen(&scenes::progress(), (80, 24)).contains("4:46 left"));
    let wide = screen(&scenes::progress(), (120, 36));
    assert!(wide.contains("What you will see in the browser") && wide.contains("Use your name and photo"), "{wide}");
    assert!(screen(&scenes::reauthorizing(), (80, 24)).contains("Sign in as Ada Lovelace"));
}

#[test]
fn the_sandbox_offers_its_members_and_its_control_page() {
    let scene = scenes::progress_in_sandbox();
    for size in SIZES {
        let shown = screen(&scene, size);
        for part in ["1 Ada Lovelace", "3 Grace Hopper", "B control page"] {
            assert!(shown.contains(part), "{part} at {size:?}:\n{shown}");
        }
    }
    // The help for LinkedIn's error page is shown where rows are left for it; elsewhere a line leads to it.
    for (size, has_help, has_preview) in
        [((60, 20), false, false), ((80, 24), true, false), ((100, 44), true, true), ((120, 36), true, true)]
    {
        let shown = screen(&scene, size);
        assert_eq!(shown.contains("LinkedIn shows \"Bummer"), has_help, "{size:?}:\n{shown}");
        assert_eq!(shown.contains("to see what a \"Bummer\" page means"), !has_help, "{size:?}:\n{shown}");
        assert_eq!(shown.contains("What you will see in the browser"), has_preview, "{size:?}:\n{shown}");
    }
    for key in [Char('B'), Char('0')] {
        let opened = scene.clone().press(key).effects;
        assert_eq!(opened, [Effect::OpenControlPage]);
    }
    assert_eq!(effects(&scenes::progress().keys("B")), "", "LinkedIn has no control page");
}

#[test]
fn the_fixes_of_a_failure_are_selected_with_the_arrow_keys() {
    for code in [
        Code::ScopeNotAuthorized,
        Code::ClientRefused,
        Code::CodeRefused,
        Code::RedirectMismatch,
        Code::PortInUse,
        Code::TimedOut,
    ] {
        let failed = scenes::progress().finish_sign_in(Err(Error::new(code, "It failed.", "Fix it.")));
        for size in SIZES {
            let shown = screen(&failed, size);
            let steps: Vec<String> = shown
                .lines()
                .skip_while(|line| !line.contains(" Next "))
                .skip(1)
                .map(|line| line.split("││").next().unwrap_or_default())
                .map(|line| line.replace('│', " ").split_whitespace().collect::<Vec<_>>().join(" "))
                .take_while(|line| !line.is_empty() && !line.starts_with('╰') && !line.starts_with("Nothing"))
                .collect();
            assert!(steps.len() > 2 && steps.last().unwrap().starts_with("esc back"), "{code:?} {size:?}: {steps:?}");
            for (number, step) in steps.iter().enumerate().take(steps.len() - 1) {
                let (_, label) = step.trim_start_matches("▌ ").split_once(' ').unwrap();
                let hint = format!("enter {label}");
                let moved = screen(&press(failed.clone(), Down, number), size);
                // The hints are below the page.
                let hints: Vec<&str> = moved.lines().rev().take(3).collect();
                assert!(hints.iter().any(|line| line.contains(&hint)), "{code:?} {size:?} {hint}:\n{moved}");
            }
        }
        assert!(screen(&failed, (200, 50)).contains("Nothing was saved, and nothing you typed is lost."));
    }
    let titles = [Code::RateLimited, Code::ServerError].map(|code| {
        let failed = scenes::progress().finish_sign_in(Err(Error::new(code, "It failed.", "Try again.")));
        screen(&failed, (80, 24)).lines().nth(1).unwrap().to_owned()
    });
    assert!(titles[0].contains("Rate limit reached") && titles[1].contains("LinkedIn is temporarily unavailable"));
}

#[test]
fn a_refused_secret_stays_until_another_is_typed() {
    let error = || Err(Error::new(Code::ClientRefused, "LinkedIn refused the client secret.", "Copy it again."));
    let fixing = scenes::progress().finish_sign_in(error()).enter();
    assert_eq!(fixing.state.key_context(), KeyContext::Credentials);
    assert_eq!(fixing.state.setup.secret.text(), SECRET, "nothing that was typed is lost");
    let shown = screen(&fixing, (80, 24));
    assert!(shown.contains("Typing or pasting replaces it.") && !shown.contains(SECRET), "{shown}");
    assert_eq!(fixing.clone().keys("n").keys("ew").state.setup.secret.text(), "new");
    let pasted = fixing.clone().send(Message::TextPasted("pasted==".to_owned()));
    assert_eq!(pasted.state.setup.secret.text(), "pasted==");
    assert_eq!(fixing.clone().press(Backspace).state.setup.secret.text(), "");
    assert_eq!(fixing.clone().ctrl('u').state.setup.secret.text(), "");
    for unchanged in [fixing.clone().ctrl('e'), fixing.clone().send(Message::TextPasted(" \n".to_owned()))] {
        assert_eq!(unchanged.state.setup.secret.text(), SECRET, "nothing was typed or pasted");
    }
    let moved = fixing.press(Left).keys("x");
    assert!(moved.state.setup.secret.text().len() == SECRET.len() + 1, "a moved cursor ends the selection");
}

/// Reloads the store with these apps only, each with the port of its redirect URL.
fn with_apps(scene: Scene, apps: &[(&str, u16)]) -> Scene {
    let mut store = StoreSnapshot::clone(scene.state.store.as_ref().unwrap());
    let app = |(name, port): &(&str, u16)| {
        let redirect_url = RedirectUrl::parse(&format!("http://localhost:{port}/callback")).unwrap();
        App { redirect_url, ..scenes::app(name) }
    };
    store.apps = apps.iter().map(app).collect();
    scene.send(Message::StoreReloaded(Box::new(store)))
}

#[test]
fn the_port_of_another_app_is_probed() {
    let redirect = with_apps(scenes::list(), &[("bar", 5000), ("foo", 4000)]).keys("a").enter().enter();
    let url = "http://localhost:5000/callback".to_owned();
    let review = redirect.send(Message::PortProbed { url: url.clone(), result: Ok(()) }).enter();
    assert_eq!((review.state.key_context(), effects(&review).as_str()), (KeyContext::Review, ""), "it is known");
    let other = press(review, Up, 3).enter().press(Down).enter();
    assert_eq!((other.state.key_context(), effects(&other).as_str()), (KeyContext::Review, "probe 4000"));
    assert!(words(&other).contains("Checking port 4000"), "{}", words(&other));
    let late = other.send(Message::PortProbed { url, result: Err(Error::new(Code::PortInUse, "In use.", "")) });
    assert!(words(&late).contains("Checking port 4000"), "the result of the other port is ignored");
}

#[test]
fn apps_changed_elsewhere_do_not_move_the_focus() {
    let opened = with_apps(scenes::list(), &[("foo", 4000)]).keys("a");
    let added = |scene: &Scene| with_apps(scene.clone(), &[("bar", 5000), ("foo", 4000)]);
    assert_eq!(added(&opened).state.setup.credentials_row, 1, "foo is still selected");
    let typing = opened.clone().press(Down).keys("86x");
    assert_eq!(added(&typing).keys("y").state.setup.client_id.text(), "86xy");
    assert_eq!(with_apps(added(&typing), &[]).keys("y").state.setup.client_id.text(), "86xy");
    assert_eq!(added(&typing.press(Down)).keys("s").state.setup.secret.text(), "s");
    let deleted = with_apps(opened, &[("bar", 5000)]);
    assert_eq!(deleted.state.setup.app, None);
    assert_eq!(deleted.keys("86").state.setup.client_id.text(), "86");
}

#[test]
fn a_new_app_keeps_its_own_redirect_url() {
    let other = with_apps(scenes::list(), &[("bar", 5000)]).keys("a").press(Down);
    assert_eq!(other.state.setup.redirect.text(), RedirectUrl::DEFAULT);
    let redirect = other.keys("86abcdefghijkm").press(Down).keys("secret").enter().enter().keys("/x");
    assert_eq!(redirect.state.key_context(), KeyContext::RedirectUrl);
    let saved = press(press(redirect, Esc, 2), Up, 2);
    assert_eq!(saved.state.setup.redirect.text(), "http://localhost:5000/callback");
    let own = "http://localhost:3000/callback/x";
    assert_eq!(saved.clone().press(Down).state.setup.redirect.text(), own);
    assert_eq!(saved.press(Esc).keys("a").press(Down).state.setup.redirect.text(), own, "also when it opens again");
}

#[test]
fn the_setup_opens_again_with_the_typed_name() {
    let typed = |name: &str| scenes::list().keys("a").enter().enter().enter().ctrl('u').keys(name);
    assert_eq!(typed("new").state.key_context(), KeyContext::Review);
    let again = press(typed("new"), Esc, 4).keys("a");
    assert!(again.state.setup.is_name_typed && again.state.setup.name.text() == "new", "{:?}", again.state.setup);
    let taken = press(typed("work"), Esc, 4).keys("a");
    assert!(!taken.state.setup.is_name_typed, "there is such a profile");
}

#[test]
fn presets_of_scopes_are_labels() {
    let shown = screen(&scenes::scopes(), (120, 36));
    for label in ["Identify member", "Post as member", "Post as Page"] {
        assert!(shown.contains(label), "{label}:\n{shown}");
    }
}

#[test]
fn the_right_value_replaces_a_wrong_one_when_pasted() {
    let paste = |scene: &Scene, text: &str| scene.clone().send(Message::TextPasted(text.to_owned()));
    let redirect = scenes::redirect().ctrl('u').keys("https://example.com/cb").enter();
    assert_eq!(redirect.state.key_context(), KeyContext::RedirectUrl);
    let url = "http://localhost:3117/callback";
    assert_eq!(paste(&redirect, url).state.setup.redirect.text(), url);
    assert_eq!(paste(&redirect, "/x").state.setup.redirect.text(), "https://example.com/cb/x", "it may be a part");
    let begun = scenes::redirect().ctrl('u').keys("http://localhost:3117/");
    assert_eq!(paste(&begun, "callback").state.setup.redirect.text(), url);
    let id = scenes::credentials().ctrl('u').keys("WPL_AP1.xx").enter();
    assert_eq!(paste(&id, "86abcdefghijkl").state.setup.client_id.text(), "86abcdefghijkl");
    let begun = scenes::credentials().ctrl('u').keys("86abcde");
    assert_eq!(paste(&begun, "fghijkl").state.setup.client_id.text(), "86abcdefghijkl");
}

#[test]
fn a_missing_scope_is_the_title_and_the_first_step() {
    let scene = scenes::done_without("w_member_social");
    for size in SIZES {
        let shown = screen(&scene, size);
        assert!(shown.contains("! Signed in, but w_member_social was not granted"), "{size:?}:\n{shown}");
        assert!(shown.contains("✗ w_member_social") && !shown.contains("p post"), "{size:?}:\n{shown}");
        assert!(
            shown.split_whitespace().collect::<Vec<_>>().join(" ").contains("then re-authorize."),
            "{size:?}:\n{shown}"
        );
    }
    let mut outcome = scenes::outcome();
    outcome.profile = scenes::profile("work", "Ada Lovelace", 60);
    outcome.missing_scopes = vec!["w_member_social".to_owned()];
    let scene = scenes::reauthorizing().finish_sign_in(Ok(outcome));
    assert_eq!(effects(&scene.clone().keys("r")), "sign in work by my-app");
    // The product comes first: before the app has it, another sign-in grants the same scopes.
    for key in [Enter, Char('o')] {
        assert_eq!(effects(&scene.clone().press(key)), "open https://www.linkedin.com/developers/apps");
    }
    assert_eq!(scene.keys("e").state.key_context(), KeyContext::Scopes);
}

#[test]
fn the_next_steps_are_selected_with_the_arrow_keys() {
    let scene = scenes::done();
    let labels = ["enter profile list", "enter publish a post", "enter deliveries", "enter add a profile"];
    for (number, label) in labels.into_iter().enumerate() {
        let shown = screen(&press(scene.clone(), Down, number), (60, 20));
        assert!(shown.contains(label), "{label}:\n{shown}");
    }
    assert!(matches!(press(scene.clone(), Down, 1).enter().state.screen, Screen::Compose(_)));
    assert_eq!(press(scene.clone(), Down, 2).enter().state.key_context(), KeyContext::Deliveries);
    assert_eq!(press(scene, Down, 3).enter().state.key_context(), KeyContext::Guide, "no app is saved here");
}

#[test]
fn a_new_token_has_sixty_days() {
    let mut scene = scenes::done();
    let Screen::SignedIn(done) = &mut scene.state.screen else { panic!() };
    let expires_at = scenes::now() + jiff::SignedDuration::from_secs(5_183_999);
    done.outcome.profile.token.as_mut().unwrap().expires_at = Some(expires_at);
    assert!(screen(&scene, (80, 24)).contains("in 60 days"));
}

#[test]
fn facts_of_a_token_come_before_the_commands() {
    let mut scene = scenes::done();
    scene.state.config.program_command = "linkedin-tui --config-dir /home/ada/a/directory/with/a/rather/long/path";
    for size in SIZES {
        let shown = screen(&scene, size);
        for fact in ["Member", "URN", "Token", "Expires", "Renewal", "Scopes", "Saved in"] {
            assert!(shown.contains(fact), "{fact} at {size:?}:\n{shown}");
        }
        assert!(!shown.contains('↓'), "{size:?}:\n{shown}");
    }
    assert!(
        screen(&scenes::done(), (80, 24)).contains("api GET /v2/userinfo"),
        "the commands are shown where they fit"
    );
}

#[test]
fn an_unknown_member_has_its_reason() {
    let shown = words(&scenes::done_without_member());
    assert!(shown.contains("Without openid or r_basicprofile, LinkedIn does not identify the member"), "{shown}");
}

#[test]
fn a_member_known_by_the_id_token_is_named_with_the_error() {
    for (code, title) in [
        (Code::ServerError, "! Signed in as Ada Lovelace"),
        (Code::MemberRestricted, "! Signed in; account restricted"),
    ] {
        let scene = scenes::progress().event(Event::MemberUnknown(Error::new(code, "It failed.", "Wait.")));
        let shown = words(&scene.finish_sign_in(Ok(scenes::outcome())));
        assert!(shown.contains(title) && shown.contains("It failed."), "{shown}");
        assert!(!shown.contains("not identified") && shown.contains("Member Ada Lovelace"), "{shown}");
    }
}

#[test]
fn a_failed_identification_changes_the_next_steps() {
    let signed_in = |code| {
        let mut outcome = scenes::outcome();
        outcome.profile.member = None;
        let error = Error::new(code, "It failed.", "Wait.").with_detail("No.");
        scenes::progress().event(Event::MemberUnknown(error)).finish_sign_in(Ok(outcome))
    };
    let restricted = signed_in(Code::MemberRestricted);
    let shown = words(&restricted);
    assert!(shown.contains("! Signed in; account restricted"), "{shown}");
    assert!(!shown.contains("Publish a post") && !shown.contains("p post"), "every call fails: {shown}");
    for (code, title) in [
        (Code::MemberRestricted, "! Signed in; account restricted"),
        (Code::ServerError, "! Signed in; member not identified"),
    ] {
        // The cause, LinkedIn's words, the fix, and then every fact of the token.
        let small = screen(&signed_in(code), (60, 20));
        assert!(small.contains(&format!("{title} ─")), "the title is not cut: {small}");
        let shown = screen(&signed_in(code), (80, 24));
        let rows: Vec<&str> = shown.lines().map(|line| line.trim_matches(['│', ' '])).collect();
        let at = |start: &str| {
            rows.iter().position(|row| row.starts_with(start)).unwrap_or_else(|| panic!("{start}: {shown}"))
        };
        let (words, fix, token) = (at("LinkedIn: No."), at("Wait."), at("Token"));
        assert!(words < fix && fix < token && rows[fix - 1].is_empty() && rows[token - 1].is_empty(), "{shown}");
        assert!(shown.contains("Saved in") && !shown.contains('↓'), "{shown}");
    }
    let unknown = signed_in(Code::ServerError);
    let shown = words(&unknown);
    assert!(shown.contains("! Signed in; member not identified"), "{shown}");
    assert!(shown.contains("enter try again to identify the member"), "the key of the selected step: {shown}");
    for retried in [unknown.clone().keys("v"), unknown.enter()] {
        assert_eq!(retried.state.key_context(), KeyContext::List);
        assert!(effects(&retried).contains("Check default"), "it is checked");
    }
}

#[test]
fn ascii_marks_show_what_is_done_and_what_failed() {
    let done = text(&scenes::done_without("w_member_social").draw(120, 36, PLAIN_THEME));
    assert!(done.contains("+ openid") && done.contains("x w_member_social"), "{done}");
    let progress = text(&scenes::progress().draw(120, 36, PLAIN_THEME));
    assert!(progress.contains("+ Browser opened"), "{progress}");
}

#[test]
fn the_first_key_hint_is_the_likeliest_fix() {
    let hints = |name: &str| {
        let (_, scene) = scenes::all().into_iter().find(|(listed, _)| *listed == name).unwrap();
        screen(&scene, (160, 50)).lines().last().unwrap().split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let product = hints("failure-scope-product");
    assert!(product.starts_with("enter open portal (Products tab)"), "{product}");
    let approval = hints("failure-scope");
    assert!(approval.starts_with("enter change scopes"), "{approval}");
    let expired = hints("compose-failed-sign-in");
    assert_eq!(expired, "enter re-authorize ? help esc back to the text");
}

#[test]
fn a_timeout_names_what_did_not_come_and_the_keys_of_its_causes() {
    let error = Error::new(Code::TimedOut, "Timed out waiting for the browser after 300 seconds.", "Sign in again.");
    let shown = words(&scenes::progress().finish_sign_in(Err(error)));
    assert!(shown.contains("No callback came to http://localhost:3000/callback within 5 minutes."), "{shown}");
    assert!(shown.contains("the redirect URL (A) or the client ID (I) differs from your app's Auth tab."), "{shown}");
    assert!(!shown.contains("300 seconds"), "{shown}");
}

#[test]
fn a_headless_sign_in_first_shows_the_way_without_a_tunnel() {
    for (scene, has_tunnel) in [(scenes::progress_over_ssh(), true), (scenes::progress_headless(), false)] {
        let shown = words(&scene);
        let copy = shown.find("c copy full URL then, after Allow, p paste callback URL").expect(&shown);
        let short_link = shown.find("http://localhost:3000/go/").expect(&shown);
        assert!(copy < short_link, "{shown}");
        let tunnel = shown.find("ssh -L 3000:localhost:3000");
        assert_eq!(tunnel.is_some(), has_tunnel, "{shown}");
        assert!(tunnel.is_none_or(|tunnel| copy < tunnel), "{shown}");
        assert!(!shown.contains("open browser") && !shown.contains("reopen"), "no browser can start: {shown}");
        for size in SIZES {
            assert!(screen(&scene, size).contains("copy full URL"), "{size:?}: {}", screen(&scene, size));
        }
    }
    // Where only this browser failed, it can be tried again.
    let failed = Event::BrowserNotOpened(Error::new(Code::Unexpected, "firefox started and then failed.", ""));
    let shown = words(&scenes::progress().event(failed));
    assert!(shown.contains("o open browser"), "{shown}");
}

#[test]
fn a_finished_guide_leads_to_the_credentials() {
    let shown = words(&scenes::done_guide());
    assert!(shown.contains("All steps are done. Press enter to enter the Client ID and Client Secret."), "{shown}");
    assert!(!shown.contains("Already have an app?") && !shown.contains("space mark done"), "{shown}");
    assert_eq!(shown.matches("space mark not done").count(), 2, "the panel and the key hints agree: {shown}");
    let first = words(&scenes::guide());
    assert!(first.contains("the token is saved as a profile: one member's token for one app."), "{first}");
    assert!(first.contains("linkedin-tui --sandbox"), "{first}");
}

#[test]
fn a_refused_saved_secret_is_named() {
    let error = Error::new(Code::ClientRefused, "LinkedIn refused the client secret.", "Copy both again.");
    let fixing = scenes::reauthorizing().finish_sign_in(Err(error)).keys("I");
    let shown = words(&fixing);
    assert!(shown.contains("( ) my-app"), "{shown}");
    assert!(shown.contains("(●) Enter a new client secret for my-app"), "{shown}");
    let reason = "LinkedIn refused the saved client secret. Copy the Primary Client Secret from the Auth tab.";
    assert!(shown.contains(reason), "{shown}");
    assert!(!words(&fixing.keys("new")).contains("refused the saved"), "another one was entered");
    let saved = words(&scenes::list().keys("a"));
    assert!(!saved.contains("Where to find them"), "a saved app has its credentials: {saved}");
}

#[test]
fn scripts_always_name_the_profile() {
    for current in [None, Some(scenes::name("default"))] {
        let mut scene = scenes::done();
        std::sync::Arc::make_mut(scene.state.store.as_mut().unwrap()).current = current;
        let shown = words(&scene);
        assert!(shown.contains("1 linkedin-tui token default"), "{shown}");
        assert!(shown.contains("linkedin-tui --profile default api GET /v2/userinfo"), "{shown}");
    }
}

#[test]
fn self_serve_scopes_name_the_products_that_the_app_must_have() {
    let both = "products \"Sign In with LinkedIn using OpenID Connect\" and \"Share on LinkedIn\" (Products tab";
    let more = words(&scenes::compose_without_scope().ctrl('g'));
    assert!(more.contains("The app's Products tab must list \"Share on LinkedIn\"."), "only what is new: {more}");
    let shown = words(&scenes::scopes());
    assert!(shown.contains("No approval needed. Your app must have the") && shown.contains(both), "{shown}");
    assert!(words(&scenes::review()).contains("The app's Products tab must list both products."));
    assert!(!words(&scenes::review_in_sandbox()).contains("Products tab"), "the demo app has them");
}

#[test]
fn the_browser_of_the_review_is_one_row() {
    let browser_row = |scene: &Scene| {
        let shown = text(&scene.draw(80, 24, COLOR_THEME));
        shown.lines().find(|line| line.contains("Browser ")).unwrap_or_else(|| panic!("{shown}")).to_owned()
    };
    let review = scenes::review();
    assert!(browser_row(&review).contains("firefox (default)"), "{}", browser_row(&review));
    let typed = review.press(Down).keys("chromium");
    assert!(browser_row(&typed).contains("chromium ") && !browser_row(&typed).contains("default"));
}
