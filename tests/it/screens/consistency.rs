//! Nothing untrue: titles, help and command lines of every screen.

use crossterm::event::KeyCode;
use linkedin_tui::internal::tui::keymap::KeyContext;
use linkedin_tui::internal::tui::state::Screen;
use ratatui::style::Modifier;
use strum::IntoEnumIterator;

use crate::docs::command_lines::{parse_error, shell_words};
use crate::screens::scenes::{self, COLOR_THEME, Scene, text};

/// A window that is large enough for the whole text of every screen.
const LARGE: (u16, u16) = (160, 90);

fn screen(scene: &Scene) -> String {
    text(&scene.draw(LARGE.0, LARGE.1, COLOR_THEME))
}

/// Returns the titles of panels and dialogs.
fn titles(screen: &str) -> Vec<String> {
    let parts = screen.lines().flat_map(|line| line.split('╭').skip(1).map(|part| part.split('╮').next().unwrap()));
    parts.map(|part| part.trim_matches(['─', ' ']).to_owned()).filter(|title| !title.is_empty()).collect()
}

/// What a body says about an outcome, and the marks that its title must not have then.
const OUTCOMES: &[(&str, &[&str])] = &[
    ("may have been published", &["✓", "✗", "Not published"]),
    ("first comment was not", &["✓"]),
    ("Requested but not granted", &["✓", "✗"]),
    ("Not granted", &["✓", "✗"]),
    ("could not be", &["✓"]),
    ("was not revoked", &["✓", "Revoked"]),
    ("did not confirm", &["✓"]),
    ("Nothing was saved", &["✓"]),
    ("is saved in", &["✗"]),
];

#[test]
fn no_title_contradicts_the_outcome_below_it() {
    let mut wrong = Vec::new();
    for (name, scene) in scenes::all() {
        let screen = screen(&scene);
        // The text is compared without its line breaks.
        let body: String = screen.replace('│', " ").split_whitespace().collect::<Vec<_>>().join(" ");
        let Some(title) = titles(&screen).into_iter().next() else { continue };
        for (says, marks) in OUTCOMES.iter().filter(|(says, _)| body.contains(says)) {
            if marks.iter().any(|mark| title.contains(mark)) {
                wrong.push(format!("{name}: \"{title}\" over \"{says}\""));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn failed_and_finished_sign_ins_have_a_title_with_their_mark() {
    for (name, scene) in scenes::all() {
        let mark = match scene.state.key_context() {
            KeyContext::SignInFailed | KeyContext::NotPublished => "✓",
            KeyContext::SignedIn | KeyContext::Published => "✗",
            _ => continue,
        };
        let screen = screen(&scene);
        let title = titles(&screen).into_iter().next().unwrap_or_default();
        assert!(!title.contains(mark), "{name}: {title}");
    }
}

#[test]
fn help_is_about_the_screen_below_it() {
    for (name, scene) in scenes::all() {
        let context = scene.state.key_context();
        if matches!(context, KeyContext::Help | KeyContext::FindHelp | KeyContext::Palette | KeyContext::PrintedUrl) {
            continue;
        }
        let help = scene.press(KeyCode::F(1));
        assert_eq!(help.state.key_context(), KeyContext::Help, "{name}: F1");
        let shown = screen(&help);
        let title = format!("Help: {}", context.title());
        // The form for a new post is also that for the text of a published one.
        let is_edit = context == KeyContext::Compose && titles(&shown).contains(&"Help: Edit a post".to_owned());
        assert!(is_edit || titles(&shown).contains(&title), "{name}: {title}\n{shown}");
    }
}

/// Returns the command lines of this program on a screen, each with its arguments.
fn commands(screen: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    // The first line is the title bar, which begins with the name of the program.
    for line in screen.lines().skip(1).flat_map(|line| line.split(['│', '─'])) {
        for (at, program) in line.match_indices("linkedin-tui ") {
            let is_in_path = line[..at].ends_with(['/', '.']);
            let rest = line[at + program.len()..].split("   ").next().unwrap_or_default();
            let words: Vec<String> =
                shell_words(rest).into_iter().map(|word| word.trim_end_matches(['.', ',', ':']).to_owned()).collect();
            if !is_in_path && !words.is_empty() {
                found.push(words);
            }
        }
    }
    found
}

/// Returns the command lines of a screen and of its help, without those that the help covers in part.
fn commands_of_scene(scene: &Scene) -> Vec<Vec<String>> {
    let mut found = commands(&screen(scene));
    let whole: Vec<String> = found.iter().map(|command| command.join(" ")).collect();
    let of_help = commands(&screen(&scene.clone().press(KeyCode::F(1))));
    let is_covered = |command: &Vec<String>| whole.iter().any(|whole| whole.starts_with(&command.join(" ")));
    found.extend(of_help.into_iter().filter(|command| !is_covered(command)));
    found
}

#[test]
fn every_command_on_a_screen_is_one_of_the_program() {
    let (mut count, mut errors) = (0, Vec::new());
    for (name, scene) in scenes::all() {
        for command in commands_of_scene(&scene) {
            count += 1;
            errors.extend(parse_error(&command).map(|error| format!("{name}: {error}")));
        }
    }
    assert!(count > 10, "only {count} command lines were found");
    assert!(errors.is_empty(), "{}", errors.join("\n"));
}

#[test]
fn commands_on_screens_have_the_flags_in_force() {
    let mut missing = Vec::new();
    for (name, mut scene) in scenes::all() {
        scene.state.config.program_command = "linkedin-tui --sandbox";
        for command in commands_of_scene(&scene) {
            if !command.iter().any(|word| word == "--sandbox") {
                missing.push(format!("{name}: {}", command.join(" ")));
            }
        }
    }
    missing.dedup();
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

/// Returns the keys that sentences on a screen name: `Press r to …`, `then t to …`.
fn keys_in_sentences(body: &str) -> Vec<String> {
    let mut keys = Vec::new();
    for start in ["Press ", ": press ", ", then ", ", then press "] {
        for (at, _) in body.match_indices(start) {
            let mut words = body[at + start.len()..].split(' ');
            if let (Some(key), Some("to")) = (words.next(), words.next()) {
                keys.push(key.to_owned());
            }
        }
    }
    keys
}

#[test]
fn no_sentence_names_a_key_that_the_screen_lacks() {
    let mut wrong = Vec::new();
    for (name, scene) in scenes::all() {
        let context = scene.state.key_context();
        // The help is about the screen below it, and the screen behind a dialog is dimmed.
        let is_over_screen = scene.state.dialog.is_some() || !scene.state.overlays.is_empty();
        if matches!(context, KeyContext::Help | KeyContext::FindHelp | KeyContext::Palette) {
            continue;
        }
        let screen = screen(&scene);
        let shown = if is_over_screen { dialog_text(&screen) } else { screen.replace('│', " ") };
        let body = shown.split_whitespace().collect::<Vec<_>>().join(" ");
        for key in keys_in_sentences(&body) {
            let mut bound = scene.state.config.keymap.bindings(context);
            if !bound.any(|bound| bound.keys.iter().any(|one| one.name() == key)) {
                wrong.push(format!("{name}: {key}"));
            }
            // The next steps show enter for the selected one: a sentence must not name a key that the page does not show.
            let has_steps = matches!(
                context,
                KeyContext::NotPublished
                    | KeyContext::MaybePublished
                    | KeyContext::Published
                    | KeyContext::CommentFailed
                    | KeyContext::SignInFailed
                    | KeyContext::SignedIn
            );
            if has_steps && body.split(' ').filter(|word| *word == key).count() < 2 {
                wrong.push(format!("{name}: {key} is not among the next steps"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Returns the lines inside the dialog with this title, which is so wide that nothing is beside it.
fn lines_of_dialog(screen: &str, title: &str) -> Vec<String> {
    let lines = screen.lines().skip_while(|line| !line.contains(title)).skip(1);
    let inside = lines.take_while(|line| !line.contains("╰──"));
    // The border of the screen behind the dialog may be left and right of it.
    let longest = |line: &str| line.split('│').max_by_key(|part| part.len()).unwrap_or_default().to_owned();
    inside.map(longest).collect()
}

/// Returns the text of the last dialog on a screen, which is the only thing there that is not dimmed.
fn dialog_text(screen: &str) -> String {
    let inside = |line: &str| {
        let parts: Vec<&str> = line.split(['│', '╭', '╰']).collect();
        parts.into_iter().max_by_key(|part| part.len()).unwrap_or_default().to_owned()
    };
    screen.lines().map(inside).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_damaged_profile_offers_only_keys_that_work() {
    let opened = scenes::list().press(KeyCode::End);
    for (scene, expected) in [(opened.clone(), "enter y d a / ? : q"), (opened.press(KeyCode::Tab), "enter d ? esc q")]
    {
        let hints: Vec<_> = scene
            .state
            .config
            .keymap
            .bindings(scene.state.key_context())
            .filter(|bound| bound.binding.is_hint(&scene.state) && bound.binding.current_label(&scene.state).is_some())
            .map(|bound| bound.keys[0])
            .collect();
        let mut names: Vec<String> = hints.iter().map(|key| key.name()).collect();
        let mut expected: Vec<&str> = expected.split(' ').collect();
        names.sort();
        expected.sort_unstable();
        assert_eq!(names, expected);
        for key in &names {
            let code = match key.as_str() {
                "enter" => KeyCode::Enter,
                "tab" => KeyCode::Tab,
                "esc" => KeyCode::Esc,
                letter => KeyCode::Char(letter.chars().next().unwrap()),
            };
            let after = scene.clone().press(code);
            let error = after.state.notification.as_ref().filter(|notification| notification.is_error);
            assert!(error.is_none(), "{key}: {error:?}");
            assert!(after.state.key_context() != scene.state.key_context() || !after.effects.is_empty(), "{key}");
        }
    }
}

#[test]
fn the_palette_lists_each_name_once() {
    let mut twice = Vec::new();
    for (name, scene) in scenes::all() {
        if matches!(scene.state.key_context(), KeyContext::Help | KeyContext::FindHelp | KeyContext::Palette) {
            continue;
        }
        let shown = text(&scene.press(KeyCode::F(2)).draw(80, 60, COLOR_THEME));
        let label = |line: &str| line.split("   ").next().unwrap_or_default().trim_matches(['▌', ' ']).to_owned();
        let lines = lines_of_dialog(&shown, "╭ Actions ");
        assert!(lines.len() > 3, "{name}: {shown}");
        let mut labels: Vec<String> = lines[2..].iter().map(|line| label(line)).collect();
        labels.retain(|label| !label.is_empty());
        labels.sort();
        twice.extend(labels.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| format!("{name}: {}", pair[0])));
    }
    assert!(twice.is_empty(), "{}", twice.join("\n"));
}

#[test]
fn the_help_cuts_no_label() {
    for context in KeyContext::iter() {
        let mut scene = scenes::list();
        scene.state.overlays.push(linkedin_tui::internal::tui::state::Overlay::help(context));
        for (columns, rows) in [(60, 90), (80, 90), (120, 90)] {
            let shown = text(&scene.draw(columns, rows, COLOR_THEME));
            let help = lines_of_dialog(&shown, "Help: ");
            assert!(help.len() > 5, "{context:?} at {columns}: {shown}");
            assert!(!help.iter().any(|line| line.contains('…')), "{context:?} at {columns}: {shown}");
        }
    }
}

#[test]
fn headings_of_the_help_fit_the_screen() {
    let rows = |scene: Scene, heading: &str| {
        let shown = dialog_text(&text(&scene.press(KeyCode::F(1)).draw(60, 90, COLOR_THEME)));
        let mut lines = shown.lines().map(str::trim).skip_while(|line| *line != heading).skip(1);
        let rows: Vec<String> = lines.by_ref().take_while(|line| !line.is_empty()).map(str::to_owned).collect();
        rows.iter().filter_map(|row| row.split("  ").next()).map(str::to_owned).collect::<Vec<_>>().join(" ")
    };
    let posts = scenes::all().into_iter().find(|(name, _)| *name == "posts").unwrap().1;
    assert_eq!(rows(posts, "Post"), "enter o p v # m + e d D >");
    assert_eq!(rows(scenes::compose(), "Text"), "ctrl-e ctrl-d alt-u ctrl-r");
    assert_eq!(rows(scenes::list(), "Posts"), "p h");
    let without_heading = rows(scenes::list(), "Actions");
    assert_eq!(without_heading, "", "name a heading for these keys in `Action::group`, src/tui/keymap/context.rs");
    let deliveries = scenes::all().into_iter().find(|(name, _)| *name == "deliveries").unwrap().1;
    assert_eq!(rows(deliveries, "Profile"), "", "a delivery is not a profile");
}

#[test]
fn the_status_line_is_hidden_below_help_and_palette() {
    let list = scenes::opened_list();
    assert!(text(&list.draw(80, 24, COLOR_THEME)).contains("need you"));
    for key in [KeyCode::F(1), KeyCode::F(2), KeyCode::Char('y')] {
        let shown = text(&list.clone().press(key).draw(80, 24, COLOR_THEME));
        assert!(!shown.contains("need you"), "{key:?}: {shown}");
    }
}

#[test]
fn a_shortened_path_is_no_home_directory_in_ascii() {
    for (name, scene) in scenes::all() {
        let shown = text(&scene.draw(60, 20, scenes::PLAIN_THEME));
        assert!(!shown.contains("~/"), "{name}: {shown}");
    }
    let shown = text(&scenes::list().draw(80, 24, scenes::PLAIN_THEME));
    assert!(shown.contains("file .../linkedin-tui/profiles/work.toml"), "{shown}");
}

#[test]
fn no_text_of_a_selected_row_is_dim_without_color() {
    for (name, scene) in scenes::all() {
        for cell in scene.draw(80, 24, scenes::PLAIN_THEME).content() {
            let is_dim = cell.modifier.contains(Modifier::REVERSED | Modifier::DIM) && cell.symbol() != " ";
            assert!(!is_dim, "{name}: {cell:?}");
        }
    }
}

#[test]
fn small_dialogs_cut_no_text() {
    let joined = |scene: &Scene| {
        let shown = text(&scene.draw(60, 20, COLOR_THEME));
        dialog_text(&shown).lines().map(str::trim).collect::<Vec<_>>().join("")
    };
    assert!(joined(&scenes::revoked(true)).contains("https://www.linkedin.com/psettings/permitted-services"));
    assert!(joined(&scenes::list().keys("E")).contains("calendar of expiry, no tokens"));
    // What is longer than its field begins with a mark.
    let browser = scenes::list().keys("e").press(KeyCode::Tab).keys("chromium --profile-directory=Work --incognito");
    let edited = text(&browser.draw(60, 20, COLOR_THEME));
    assert!(edited.contains("Browser        …") && edited.contains("--incognito"), "{edited}");
}

/// Every tick that a screen can show is drawn by the theme, or has an ASCII form that cannot be read as a failure.
#[test]
fn ticks_cannot_be_misread_in_ascii() {
    let mut directories = vec![std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src")];
    let mut found = Vec::new();
    while let Some(directory) = directories.pop() {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                directories.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                for (at, _) in text.match_indices("symbol(\"✓\", ") {
                    let ascii = text[at..].split('"').nth(3).unwrap();
                    if !["+", "ok"].contains(&ascii) {
                        found.push(format!("{}: {ascii}", path.display()));
                    }
                }
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// A sentence names only keys of its screen, or the screen that has the key.
#[test]
fn a_sentence_names_only_keys_that_work() {
    let (mut count, mut wrong) = (0, Vec::new());
    for (name, scene) in scenes::all() {
        let context = scene.state.key_context();
        if matches!(scene.state.screen, Screen::Profiles) || matches!(context, KeyContext::Help | KeyContext::Palette) {
            continue;
        }
        let body: String = screen(&scene).replace('│', " ").split_whitespace().collect::<Vec<_>>().join(" ");
        for (at, _) in body.match_indices("Press ") {
            let key = body[at..].split_whitespace().nth(1).unwrap();
            let keymap = &scene.state.config.keymap;
            let mut bound =
                keymap.bindings(context).filter(|bound| bound.binding.current_label(&scene.state).is_some());
            count += 1;
            if !bound.any(|bound| bound.keys.iter().any(|bound| bound.name() == key)) {
                wrong.push(format!("{name}: {}", body[at..].chars().take(60).collect::<String>()));
            }
        }
    }
    assert!(count > 5, "only {count} sentences name a key");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The name of a profile is never a bare word in a title: the first profile is called "default".
#[test]
fn titles_say_that_a_name_is_a_profile() {
    let mut wrong = Vec::new();
    for (name, scene) in scenes::all() {
        if matches!(scene.state.screen, Screen::Profiles) && scene.state.deliveries_panel().is_none() {
            continue;
        }
        for title in titles(&screen(&scene)) {
            let title = title.split("──").next().unwrap().trim();
            let words: Vec<&str> = title.split([' ', '?', ',']).collect();
            let is_bare =
                |at: usize| ["work", "default", "shop"].contains(&words[at]) && (at == 0 || words[at - 1] != "profile");
            if words.len() > 1 && (0..words.len()).any(is_bare) {
                wrong.push(format!("{name}: {title}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
