//! `desktop`: browser, clipboard and terminal.

use super::check::Check;
use super::redactable::{private, profile, program, redactable};
use crate::host::browser::{CommandSource, DEFAULT_BROWSER, ResolvedBrowser};
use crate::host::clipboard::Clipboard;
use crate::host::environment::Multiplexer;
use crate::host::terminal::ColorDepth;
use crate::host::{HostEnvironment, SystemBrowser, TerminalCapabilities};
use crate::store::Profile;

/// The interface's minimum size in columns and rows.
const MIN_SIZE: (u16, u16) = (60, 20);

/// The terminal that the report is printed to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct OutputTerminal {
    /// Columns and rows; `None` if the output is not a terminal.
    pub size: Option<(u16, u16)>,
    /// Whether colors are disabled (`NO_COLOR`, `--no-color`).
    pub no_color: bool,
}

const BROWSER: &str = "desktop.browser";

/// Evaluates the browser for each command that is in use.
pub(super) fn evaluate_browsers(
    browser: &SystemBrowser,
    setting: &str,
    environment: &HostEnvironment,
    profiles: &[Profile],
) -> Vec<Check> {
    let mut checks = vec![evaluate_browser(&browser.resolve(Some(setting)), environment)];
    for (owner, command) in profiles.iter().filter_map(|profile| Some((profile, profile.browser.as_deref()?))) {
        let problem = match browser.resolve(Some(command)) {
            Ok(ResolvedBrowser { problem: None, .. }) => continue,
            Ok(ResolvedBrowser { problem: Some(problem), .. }) => problem.to_owned(),
            Err(error) => error.message.trim_end_matches('.').to_owned(),
        };
        checks.push(Check::warning(
            BROWSER,
            redactable![
                "The browser of the profile ",
                profile(&owner.name),
                " (",
                private(command, "a command"),
                format!(") cannot be started: {problem}."),
            ],
            redactable![
                "Install it, or name another one: ",
                program(),
                " login ",
                profile(&owner.name),
                " --browser COMMAND",
            ],
        ));
    }
    checks
}

fn evaluate_browser(choice: &crate::Result<ResolvedBrowser>, environment: &HostEnvironment) -> Check {
    let manual = redactable![
        program(),
        " login --no-browser prints the URL to open in any browser",
        match environment.tunnel_command(3000) {
            Some(command) => {
                redactable![", and over SSH this forwards the callback: ", private(&command, "ssh -L ...")]
            }
            None => "; with --manual you paste the callback URL.".into(),
        },
    ];
    match choice {
        Ok(ResolvedBrowser { source, command, problem: None }) => {
            let shown = private(command, "a command");
            let browser = match source {
                CommandSource::Configured => shown.and(" (browser.command in config.toml)"),
                CommandSource::Variable => shown.and(" (the variable BROWSER)"),
                CommandSource::System if command == DEFAULT_BROWSER => "your default browser".into(),
                CommandSource::System => format!("the system's own, by {command}").into(),
            };
            Check::ok(BROWSER, redactable!["The browser is ", browser, "."])
        }
        Ok(ResolvedBrowser { source, command, problem: Some(problem) }) => {
            let source = match source {
                CommandSource::Configured => "browser.command in config.toml",
                CommandSource::Variable => "the variable BROWSER",
                CommandSource::System => "the system",
            };
            Check::warning(
                BROWSER,
                redactable![
                    format!("The browser that {source} names ("),
                    private(command, "a command"),
                    format!(") cannot be started: {problem}."),
                ],
                redactable!["Install it or name another one. ", manual],
            )
        }
        Err(error) => {
            Check::warning(BROWSER, redactable!["No browser can be started here. ", error.message.as_str()], manual)
        }
    }
}

/// How to get a clipboard program.
const INSTALL_CLIPBOARD: &str = if cfg!(windows) {
    "clip.exe is part of Windows: add the System32 directory to PATH."
} else if cfg!(target_os = "macos") {
    "pbcopy is part of macOS: add /usr/bin to PATH."
} else {
    "Install wl-clipboard (Wayland), xclip or xsel (X11)."
};

/// Evaluates how text is copied to the clipboard.
pub(super) fn evaluate_clipboard(clipboard: Clipboard, environment: &HostEnvironment) -> Check {
    const ID: &str = "desktop.clipboard";
    match clipboard {
        Clipboard::Tool(tool) => Check::ok(ID, format!("Text is copied by {}.", tool.program)),
        Clipboard::Terminal(_) if environment.has_display => Check::warning(
            ID,
            "No clipboard tool is installed: copied text is sent to the terminal (OSC 52), which may block it.",
            INSTALL_CLIPBOARD,
        ),
        Clipboard::Terminal(Some(Multiplexer::Tmux)) => Check::ok(
            ID,
            "Copied text is sent to the terminal (OSC 52) through tmux, which must allow it: set -g allow-passthrough on",
        ),
        Clipboard::Terminal(_) => Check::ok(ID, "Copied text is sent to the terminal (OSC 52), which may block it."),
    }
}

pub(super) fn evaluate_terminal(
    capabilities: &TerminalCapabilities,
    environment: &HostEnvironment,
    terminal: OutputTerminal,
) -> Vec<Check> {
    const ID: &str = "desktop.terminal";
    let mut facts = vec![match &capabilities.term {
        Some(term) => format!("TERM is {term}"),
        None if cfg!(windows) => "Windows console".to_owned(),
        None => "TERM is not set".to_owned(),
    }];
    match terminal.size {
        Some((columns, rows)) => {
            facts.push(describe_colors(capabilities, terminal).to_owned());
            facts.push(format!("{columns} columns, {rows} rows"));
        }
        None => facts.push("the output is not a terminal".to_owned()),
    }
    let environment_facts = [
        (environment.multiplexer == Some(Multiplexer::Tmux), "in tmux"),
        (environment.multiplexer == Some(Multiplexer::Screen), "in screen"),
        (environment.ssh.is_some(), "over SSH"),
        (environment.is_wsl, "in WSL"),
        (environment.is_container, "in a container"),
    ];
    facts.extend(environment_facts.iter().filter(|(is_true, _)| *is_true).map(|(_, fact)| (*fact).to_owned()));
    let facts = format!("{}.", facts.join(", "));
    // The console of Windows sets no TERM.
    let is_dumb = capabilities.term.as_deref().map_or(!cfg!(windows), |term| term == "dumb");
    let size = match terminal.size {
        Some(_) if is_dumb => {
            Check::warning(ID, facts, "The interface needs a terminal that moves its cursor: set TERM to its type.")
        }
        Some((columns, rows)) if columns < MIN_SIZE.0 || rows < MIN_SIZE.1 => {
            let (columns, rows) = MIN_SIZE;
            Check::warning(ID, facts, format!("Use a terminal of at least {columns} columns and {rows} rows."))
        }
        _ => Check::ok(ID, facts),
    };
    vec![size, evaluate_locale(capabilities)]
}

fn describe_colors(capabilities: &TerminalCapabilities, terminal: OutputTerminal) -> &'static str {
    match (terminal.no_color, capabilities.color_depth) {
        (true, _) => "colors are turned off",
        (false, ColorDepth::None) => "no colors",
        (false, ColorDepth::Sixteen) => "16 colors",
        (false, ColorDepth::Indexed) => "256 colors",
        (false, ColorDepth::True) => "true color",
    }
}

fn evaluate_locale(capabilities: &TerminalCapabilities) -> Check {
    const ID: &str = "desktop.locale";
    if capabilities.is_utf8 {
        return Check::ok(ID, "The locale is UTF-8, or not set: characters beyond ASCII are shown.");
    }
    let fix = "Set LANG to one with UTF-8 (for example C.UTF-8) to see names as they are.";
    Check::warning(ID, "The locale is not UTF-8: only ASCII is shown.", fix)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::check::CheckState;
    use super::super::redactable::Aliases;
    use super::*;
    use crate::host::Ssh;
    use crate::host::clipboard::WAYLAND;
    use crate::{Code, Error};

    fn over_ssh() -> HostEnvironment {
        HostEnvironment { ssh: Some(Ssh::parse("1.2.3.4 5 10.0.0.5 22", Some("zoe"))), ..HostEnvironment::default() }
    }

    #[test]
    fn l33_the_browser_is_named_with_its_source() {
        let choice = |source, problem| Ok(ResolvedBrowser { source, command: "firefox -P anna".to_owned(), problem });
        let local = HostEnvironment::default();
        let check = evaluate_browser(&choice(CommandSource::Variable, None), &local);
        assert_eq!(
            check.message.plain(Path::new("/"), "linkedin-tui"),
            "The browser is firefox -P anna (the variable BROWSER)."
        );
        assert!(!check.message.redacted(&Aliases::default()).contains("anna"));
        assert_eq!(
            evaluate_browser(&choice(CommandSource::Configured, Some("there is no such program")), &local).state,
            CheckState::Warning
        );
        let system =
            ResolvedBrowser { source: CommandSource::System, command: DEFAULT_BROWSER.to_owned(), problem: None };
        let check = evaluate_browser(&Ok(system), &local);
        assert_eq!(check.message.plain(Path::new("/"), "linkedin-tui"), "The browser is your default browser.");
        let none = evaluate_browser(&Err(Error::new(Code::Unexpected, "You are connected over SSH.", "")), &over_ssh());
        let fix = none.fix.unwrap();
        assert!(
            none.state == CheckState::Warning
                && fix.plain(Path::new("/"), "linkedin-tui").contains("ssh -L 3000:localhost:3000 zoe@10.0.0.5")
        );
        assert!(!fix.redacted(&Aliases::default()).contains("zoe"));
    }

    #[test]
    #[cfg(unix)]
    fn a_profiles_missing_browser_is_reported() {
        use crate::store::Name;
        let mut profile = Profile::new(Name::parse("p").unwrap(), Name::parse("a").unwrap(), vec![]);
        let browser = SystemBrowser::new(HostEnvironment::default(), Some("sh".to_owned()));
        let states = |profile: &Profile| -> Vec<CheckState> {
            let found = evaluate_browsers(&browser, "", &HostEnvironment::default(), std::slice::from_ref(profile));
            found.iter().map(|check| check.state).collect()
        };
        assert_eq!(states(&profile), [CheckState::Ok]);
        profile.browser = Some("/no/such/browser -P x".to_owned());
        assert_eq!(states(&profile), [CheckState::Ok, CheckState::Warning]);
    }

    #[test]
    fn the_clipboard_is_a_tool_or_the_terminal() {
        let desktop = HostEnvironment { has_display: true, ..HostEnvironment::default() };
        assert_eq!(evaluate_clipboard(Clipboard::Tool(&WAYLAND[0]), &desktop).state, CheckState::Ok);
        assert_eq!(evaluate_clipboard(Clipboard::Terminal(None), &desktop).state, CheckState::Warning);
        assert_eq!(evaluate_clipboard(Clipboard::Terminal(None), &over_ssh()).state, CheckState::Ok);
        let tmux = evaluate_clipboard(Clipboard::Terminal(Some(Multiplexer::Tmux)), &over_ssh());
        assert!(tmux.message.plain(Path::new("/"), "linkedin-tui").contains("allow-passthrough"));
    }

    #[test]
    fn u12_a_dumb_small_or_ascii_terminal_is_reported() {
        let with = |term: Option<&str>, unicode, size| {
            let capabilities = TerminalCapabilities {
                term: term.map(str::to_owned),
                is_utf8: unicode,
                color_depth: ColorDepth::Sixteen,
            };
            let checks = evaluate_terminal(&capabilities, &over_ssh(), OutputTerminal { size, no_color: false });
            [checks[0].state, checks[1].state]
        };
        let (ok, warning) = (CheckState::Ok, CheckState::Warning);
        assert_eq!(with(Some("xterm"), true, Some((80, 24))), [ok, ok]);
        assert_eq!(with(Some("dumb"), false, Some((80, 24))), [warning, warning]);
        assert_eq!(with(None, true, Some((80, 24))), [if cfg!(windows) { ok } else { warning }, ok]);
        assert_eq!(with(Some("xterm"), true, Some((40, 24))), [warning, ok]);
        assert_eq!(with(None, true, None), [ok, ok], "a script needs no terminal");
    }
}
