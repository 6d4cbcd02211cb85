//! Nothing untrue: titles, help and command lines of every screen.

use crossterm::event::KeyCode;
use linkedin_tui::internal::tui::keymap::KeyContext;

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
        if matches!(
            context,
            KeyContext::Help | KeyContext::FindHelp | KeyContext::Palette | KeyContext::UrlOutsideScreen
        ) {
            continue;
        }
        let help = scene.press(KeyCode::F(1));
        assert_eq!(help.state.key_context(), KeyContext::Help, "{name}: F1");
        let shown = screen(&help);
        let title = format!("Help: {}", context.title());
        assert!(titles(&shown).contains(&title), "{name}: {title}\n{shown}");
    }
}

/// Returns the command lines of this program on a screen, each with its arguments.
fn commands(screen: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    // The first line is the title bar, which begins with the name of the program.
    for line in screen.lines().skip(1).flat_map(|line| line.split('│')) {
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

#[test]
fn every_command_on_a_screen_is_one_of_the_program() {
    let (mut count, mut errors) = (0, Vec::new());
    for (name, scene) in scenes::all() {
        for scene in [scene.clone(), scene.press(KeyCode::F(1))] {
            for command in commands(&screen(&scene)) {
                count += 1;
                errors.extend(parse_error(&command).map(|error| format!("{name}: {error}")));
            }
        }
    }
    assert!(count > 10, "only {count} command lines were found");
    assert!(errors.is_empty(), "{}", errors.join("\n"));
}

#[test]
fn commands_on_screens_have_the_flags_in_force() {
    let mut missing = Vec::new();
    for (name, mut scene) in scenes::all() {
        scene.state.config.program = "linkedin-tui --sandbox";
        for scene in [scene.clone(), scene.press(KeyCode::F(1))] {
            for command in commands(&screen(&scene)) {
                if !command.iter().any(|word| word == "--sandbox") {
                    missing.push(format!("{name}: {}", command.join(" ")));
                }
            }
        }
    }
    missing.dedup();
    assert!(missing.is_empty(), "{}", missing.join("\n"));
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
