//! Opening a browser, and detecting when it fails.

use std::collections::VecDeque;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use tokio::process::Child;
use tokio::task::JoinHandle;
use url::Url;

use super::{HostEnvironment, PRIVATE_VARIABLES, is_in_path};
use crate::{Code, Error, Result};

/// Browsers that run in the terminal.
const TEXT_BROWSERS: &[&str] = &["lynx", "w3m", "links", "links2", "elinks", "browsh", "www-browser"];

const EMPTY_COMMAND: &str = "The browser command is empty.";

/// How the default browser is named if one of [`OPENERS`] opens it, because users do not know the name of that program.
pub(crate) const DEFAULT_BROWSER: &str = "your browser";

/// Programs of Windows, Wine and macOS that open the default browser.
const OPENERS: &[&str] = &["powershell", "explorer", "winebrowser", "open"];

/// How long a started browser is watched for a failure. PowerShell, which opens pages on Windows and in WSL, takes seconds to start.
const WATCH_TIME: Duration = Duration::from_secs(10);

pub trait Browser: Send + Sync {
    /// Opens `url` with `command`, else with the default browser. Neither an error nor its source contains the URL.
    fn start(&self, command: Option<&str>, url: &Url) -> Result<Started>;
}

/// A browser that was started.
#[derive(Debug)]
pub struct Started {
    /// Its command without the URL, the name of a program such as `xdg-open`, or [`DEFAULT_BROWSER`]: to show to the user.
    pub command: String,
    /// The outcome after [`WATCH_TIME`].
    pub watch: JoinHandle<BrowserExit>,
}

/// The outcome of starting a browser, after [`WATCH_TIME`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BrowserExit {
    /// It is running or has succeeded.
    Opened,
    /// It failed; this command was started instead and is running or has succeeded.
    StartedOther(String),
    /// It failed, and so did every fallback.
    Failed(Error),
}

/// Starts the configured command, else `BROWSER`, else the system's default browser.
#[derive(Clone, Debug)]
pub(crate) struct SystemBrowser {
    host_environment: HostEnvironment,
    variable: Option<String>,
}

/// Where a browser command is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CommandSource {
    /// A setting or a flag.
    Configured,
    /// The variable `BROWSER`.
    Variable,
    System,
}

/// The browser that [`SystemBrowser`] would start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ResolvedBrowser {
    pub source: CommandSource,
    /// Its command, without the URL.
    pub command: String,
    /// Why it cannot be started, if that is known without trying.
    pub problem: Option<&'static str>,
}

/// A command to open the URL with. It is started unchanged: the crate `open` passes the URL to PowerShell in the command's
/// environment, and hides its console by a flag.
#[derive(Debug)]
struct Candidate {
    command: Command,
    /// The command without the URL, the name of a program of the system, or [`DEFAULT_BROWSER`]: to show to the user.
    label: String,
    /// Whether an exit code other than 0 means that nothing was opened. Explorer always exits with 1.
    is_exit_code_reliable: bool,
}

impl Candidate {
    /// Parses a command that the user wrote; `%s` or a last argument is the URL.
    fn parse(text: &str, url: &str) -> Result<Self> {
        let mut words = split_command(text)?;
        let label = words.join(" ");
        let mut has_placeholder = false;
        for word in words.iter_mut().skip(1).filter(|word| word.contains("%s")) {
            *word = word.replace("%s", url);
            has_placeholder = true;
        }
        if !has_placeholder {
            words.push(url.to_owned());
        }
        let mut words = words.into_iter();
        let mut command = Command::new(resolve_program(&words.next().unwrap_or_default()));
        command.args(words);
        #[cfg(windows)]
        detach(&mut command);
        Ok(Self { command, label, is_exit_code_reliable: true })
    }

    fn system(command: Command) -> Self {
        let program = program_name(&command.get_program().to_string_lossy()).to_ascii_lowercase();
        let is_exit_code_reliable = program != "explorer";
        let label = if OPENERS.contains(&&*program) { DEFAULT_BROWSER.to_owned() } else { program };
        Self { command, label, is_exit_code_reliable }
    }

    fn program(&self) -> String {
        self.command.get_program().to_string_lossy().into_owned()
    }

    fn is_text_browser(&self) -> bool {
        TEXT_BROWSERS.contains(&program_name(&self.program()))
    }

    /// Starts it, silent and without [`PRIVATE_VARIABLES`].
    fn start(self) -> Result<RunningBrowser> {
        let program = self.program();
        if self.is_text_browser() {
            return Err(start_error(format!(
                "{} is a text browser, and LinkedIn's pages need a graphical one.",
                program_name(&program)
            )));
        }
        let mut command = tokio::process::Command::from(self.command);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        // In another process group, so that Ctrl-C in the terminal does not end it.
        #[cfg(unix)]
        command.process_group(0);
        for name in PRIVATE_VARIABLES {
            command.env_remove(name);
        }
        match command.spawn() {
            Ok(child) => Ok(RunningBrowser {
                child,
                program: program_name(&program).to_owned(),
                label: self.label,
                is_exit_code_reliable: self.is_exit_code_reliable,
            }),
            Err(error) => {
                let name = if self.label == DEFAULT_BROWSER {
                    "Your browser could not be opened".to_owned()
                } else {
                    format!("The browser command {program} could not be started")
                };
                Err(start_error(format!("{name}: {}.", describe_start_failure(&error))).with_io_source(&error))
            }
        }
    }
}

/// Puts a command that the user wrote in its own process group, so that Ctrl-C in the terminal does not end it. The system's own
/// have no console on Windows, by a flag that this one would replace.
#[cfg(windows)]
fn detach(command: &mut Command) {
    std::os::windows::process::CommandExt::creation_flags(command, super::NEW_PROCESS_GROUP);
}

struct RunningBrowser {
    child: Child,
    /// Its name without a directory.
    program: String,
    label: String,
    is_exit_code_reliable: bool,
}

impl RunningBrowser {
    /// Waits for it, and returns an error if it fails within [`WATCH_TIME`]. It is never killed: it may be the browser itself.
    async fn wait_for_failure(&mut self) -> Option<Error> {
        match tokio::time::timeout(WATCH_TIME, self.child.wait()).await {
            Ok(Ok(status)) if !status.success() && self.is_exit_code_reliable => {
                Some(start_error(match self.label.as_str() {
                    DEFAULT_BROWSER => format!("Your browser could not be opened ({status})."),
                    _ => format!("{} started and then failed ({status}).", self.program),
                }))
            }
            _ => None,
        }
    }
}

/// Starts the first candidate that can be started; if it fails within [`WATCH_TIME`], the next.
fn launch(candidates: Vec<Candidate>) -> Result<Started> {
    let mut candidates = VecDeque::from(candidates);
    let mut running = start_next(&mut candidates)?;
    let command = running.label.clone();
    let first_label = command.clone();
    let watch = tokio::spawn(async move {
        let Some(first) = running.wait_for_failure().await else { return BrowserExit::Opened };
        while let Ok(mut next) = start_next(&mut candidates) {
            if next.wait_for_failure().await.is_none() {
                // The system has two programs that open the same browser.
                let is_same = next.label == DEFAULT_BROWSER && first_label == DEFAULT_BROWSER;
                return if is_same { BrowserExit::Opened } else { BrowserExit::StartedOther(next.label) };
            }
        }
        BrowserExit::Failed(first)
    });
    Ok(Started { command, watch })
}

fn start_next(candidates: &mut VecDeque<Candidate>) -> Result<RunningBrowser> {
    let mut last_error = start_error(EMPTY_COMMAND);
    while let Some(candidate) = candidates.pop_front() {
        match candidate.start() {
            Ok(running) => return Ok(running),
            Err(error) => last_error = error,
        }
    }
    Err(last_error)
}

fn start_error(message: impl Into<String>) -> Error {
    Error::new(Code::Unexpected, message, "")
}

fn describe_start_failure(error: &std::io::Error) -> &'static str {
    match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such program",
        std::io::ErrorKind::PermissionDenied => "it is not executable",
        _ => "the system refused it",
    }
}

impl SystemBrowser {
    /// Creates a browser for this environment, with the value of `BROWSER`.
    pub(crate) fn new(host_environment: HostEnvironment, browser_variable: Option<String>) -> Self {
        Self { host_environment, variable: browser_variable.filter(|value| !value.trim().is_empty()) }
    }

    /// Returns the browser that would be started: of several the first that exists, else the first.
    pub(crate) fn resolve(&self, command: Option<&str>) -> Result<ResolvedBrowser> {
        let source = match (command.is_some_and(|text| !text.trim().is_empty()), &self.variable) {
            (true, _) => CommandSource::Configured,
            (false, Some(_)) => CommandSource::Variable,
            (false, None) => CommandSource::System,
        };
        let mut found = self.candidates(command, "")?.into_iter().map(|candidate| {
            let problem = if candidate.is_text_browser() {
                Some("it is a text browser, and LinkedIn's pages need a graphical one")
            } else if is_in_path(&candidate.program()) {
                None
            } else {
                Some("there is no such program")
            };
            ResolvedBrowser { source, command: candidate.label, problem }
        });
        let first = found.next().ok_or_else(|| start_error(EMPTY_COMMAND))?;
        if first.problem.is_none() {
            Ok(first)
        } else {
            Ok(found.find(|browser| browser.problem.is_none()).unwrap_or(first))
        }
    }

    /// Returns the commands to try in turn.
    fn candidates(&self, command: Option<&str>, url: &str) -> Result<Vec<Candidate>> {
        let configured = command.map(str::trim).filter(|text| !text.is_empty());
        if let Some(text) = configured {
            return Candidate::parse(text, url).map(|candidate| vec![candidate]);
        }
        if let Some(list) = &self.variable {
            // By convention BROWSER may name several browsers, separated by colons.
            let parts: Vec<&str> =
                if cfg!(unix) && !is_program(list) { list.split(':').collect() } else { vec![list.as_str()] };
            let parts = parts.into_iter().filter(|part| !part.trim().is_empty());
            return parts.map(|part| Candidate::parse(part, url)).collect();
        }
        if let Some(reason) = self.host_environment.headless_reason() {
            return Err(start_error(reason));
        }
        let found: Vec<Candidate> = open::commands(url).into_iter().map(Candidate::system).collect();
        if found.is_empty() { Err(start_error("This system has no program that opens web pages.")) } else { Ok(found) }
    }
}

impl Browser for SystemBrowser {
    fn start(&self, command: Option<&str>, url: &Url) -> Result<Started> {
        launch(self.candidates(command, url.as_str())?)
    }
}

/// Returns the name of a program without its directory and `.exe`. Other dots belong to the name: `org.mozilla.firefox`.
fn program_name(program: &str) -> &str {
    let name = Path::new(program).file_name().and_then(|name| name.to_str()).unwrap_or(program);
    match name.split_at_checked(name.len().saturating_sub(4)) {
        Some((stem, extension)) if extension.eq_ignore_ascii_case(".exe") => stem,
        _ => name,
    }
}

/// Returns whether the whole text is the path of a file, rather than a list or a command line.
fn is_program(text: &str) -> bool {
    text.contains(std::path::is_separator) && Path::new(text).is_file()
}

/// Splits a command as a shell does. The path of an existing file is not split, so that it needs no quotes:
/// `/mnt/c/Program Files/…/chrome.exe --incognito`.
fn split_command(text: &str) -> Result<Vec<String>> {
    let text = text.trim();
    let ends = std::iter::once(text.len()).chain(text.rmatch_indices(' ').map(|(at, _)| at));
    let program = ends.map(|end| &text[..end]).find(|path| is_program(path));
    let arguments = program.map_or(text, |program| &text[program.len()..]);
    // On Windows a backslash separates directories, and does not escape.
    let arguments = if cfg!(windows) { arguments.replace('\\', "\\\\") } else { arguments.to_owned() };
    let words = shlex::split(&arguments).ok_or_else(|| start_error("The browser command has an unclosed quote."))?;
    let words: Vec<String> = program.map(str::to_owned).into_iter().chain(words).collect();
    if words.is_empty() { Err(start_error(EMPTY_COMMAND)) } else { Ok(words) }
}

/// Finds a program by its registered "App Paths": on Windows browsers are not in `PATH`.
#[cfg(windows)]
fn resolve_program(program: &str) -> std::ffi::OsString {
    let has_directory = program.contains(std::path::is_separator);
    let name = if has_directory || Path::new(program).extension().is_some() {
        program.to_owned()
    } else {
        format!("{program}.exe")
    };
    open::with_command("", name).get_program().to_owned()
}

#[cfg(not(windows))]
fn resolve_program(program: &str) -> std::ffi::OsString {
    program.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn browser(variable: Option<&str>, has_display: bool) -> SystemBrowser {
        SystemBrowser::new(HostEnvironment { has_display, ..HostEnvironment::default() }, variable.map(str::to_owned))
    }

    /// Returns the program and the arguments of each command that would be tried.
    #[cfg(not(windows))]
    fn command_lines(browser: &SystemBrowser, command: Option<&str>, url: &str) -> Vec<Vec<String>> {
        let command_line = |candidate: Candidate| {
            let words = std::iter::once(candidate.command.get_program()).chain(candidate.command.get_args());
            words.map(|word| word.to_string_lossy().into_owned()).collect()
        };
        browser.candidates(command, url).unwrap().into_iter().map(command_line).collect()
    }

    #[test]
    #[cfg(not(windows))]
    fn l36_browser_is_split_and_never_evaluated() {
        let default = browser(None, true);
        let split = |text: &str, url: &str| command_lines(&default, Some(text), url).remove(0);
        assert_eq!(split("sh -c \"touch X\"", "https://a/?b&c"), ["sh", "-c", "touch X", "https://a/?b&c"]);
        assert_eq!(split("firefox -P work --url=%s", "u"), ["firefox", "-P", "work", "--url=u"]);
        assert!(default.candidates(Some("firefox \""), "u").is_err());
    }

    #[test]
    #[cfg(unix)]
    fn l36_path_of_a_file_is_not_split() {
        let dir = tempfile::tempdir().unwrap();
        let directory = dir.path().join("Program Files (x86)/it's");
        std::fs::create_dir_all(&directory).unwrap();
        let program = directory.join("a \"b\"\\c:d.exe").to_str().unwrap().to_owned();
        std::fs::write(&program, "").unwrap();
        let configured = |text: &str| command_lines(&browser(None, true), Some(text), "u").remove(0);
        let variable = |text: &str| command_lines(&browser(Some(text), true), None, "u");
        assert_eq!(configured(&program), [&program, "u"]);
        assert_eq!(configured(&format!("  {program} --new 'a b' %s ")), [&program, "--new", "a b", "u"]);
        assert_eq!(variable(&program), [[&program, "u"]]);
        let plain = directory.join("a browser").to_str().unwrap().to_owned();
        std::fs::write(&plain, "").unwrap();
        assert_eq!(variable(&format!("{plain}:firefox")), [[&plain, "u"], ["firefox", "u"]]);
        // A directory is not a program.
        assert_eq!(configured("/usr bin"), ["/usr", "bin", "u"]);
    }

    #[test]
    fn command_is_preferred_to_the_variable_without_a_display() {
        let from_variable = browser(Some("chromium"), false);
        assert_eq!(from_variable.resolve(Some("firefox -P work")).unwrap().command, "firefox -P work");
        assert_eq!(from_variable.resolve(None).unwrap().command, "chromium");
        assert!(browser(None, false).resolve(None).is_err() || cfg!(any(windows, target_os = "macos")));
    }

    #[test]
    #[cfg(unix)]
    fn resolve_returns_the_source_and_whether_it_exists() {
        let resolve = |variable, command| {
            browser(variable, false)
                .resolve(command)
                .map(|browser| (browser.source, browser.command, browser.problem.is_some()))
        };
        assert_eq!(resolve(None, Some("sh -P work")), Ok((CommandSource::Configured, "sh -P work".to_owned(), false)));
        assert_eq!(resolve(Some("/no/such:w3m:sh"), None), Ok((CommandSource::Variable, "sh".to_owned(), false)));
        assert_eq!(resolve(Some("w3m:/no/such"), None), Ok((CommandSource::Variable, "w3m".to_owned(), true)));
        assert!(resolve(None, None).is_err());
    }

    #[tokio::test]
    async fn l33_text_browsers_and_missing_programs_are_reported() {
        let url = Url::parse("http://localhost/?state=canary").unwrap();
        assert!(browser(Some("w3m"), true).start(None, &url).unwrap_err().message.contains("text browser"));
        let missing = browser(None, true).start(Some("/no/such/program"), &url).unwrap_err();
        assert!(missing.message.contains("/no/such/program"), "{missing}");
        assert!(missing.message.contains("there is no such program"), "{missing}");
        let sources = missing.sources();
        assert!(sources.len() == 1 && !sources.concat().contains("canary"), "{sources:?}");
        assert!(!missing.message.contains("canary"), "{missing}");
    }

    #[tokio::test]
    #[cfg(unix)]
    async fn l34_browser_that_fails_is_reported() {
        let url = Url::parse("http://localhost/").unwrap();
        let started = browser(None, true).start(Some("false"), &url).unwrap();
        assert_eq!(started.command, "false");
        assert!(
            matches!(started.watch.await.unwrap(), BrowserExit::Failed(error) if error.message.contains("false started and then failed"))
        );
        let started = browser(None, true).start(Some("true"), &url).unwrap();
        assert_eq!(started.watch.await.unwrap(), BrowserExit::Opened);
        let started = browser(Some("false:/no/such:w3m:true -x"), true).start(None, &url).unwrap();
        assert_eq!(started.command, "false");
        assert_eq!(started.watch.await.unwrap(), BrowserExit::StartedOther("true -x".to_owned()), "the next is tried");
    }

    #[tokio::test]
    #[cfg(unix)]
    async fn failed_browser_is_named_by_its_program() {
        for command in ["false --profile /home/me/work", "sh -c 'exit 1' /tmp/x.d"] {
            let program = command.split(' ').next().unwrap();
            let url = Url::parse("http://localhost/").unwrap();
            let exit = browser(None, true).start(Some(command), &url).unwrap().watch.await.unwrap();
            let BrowserExit::Failed(error) = exit else { panic!("{exit:?}") };
            assert_eq!(error.message, format!("{program} started and then failed (exit status: 1)."));
        }
    }

    #[test]
    fn program_name_lacks_directory_and_exe_only() {
        for (program, expected) in [
            ("/usr/bin/org.mozilla.firefox", "org.mozilla.firefox"),
            ("/opt/chrome/chrome.EXE", "chrome"),
            ("w3m", "w3m"),
            ("é.exe", "é"),
            ("…", "…"),
        ] {
            assert_eq!(program_name(program), expected);
        }
    }

    /// Creates a candidate like the crate `open`: the URL is in its environment, where PowerShell reads it.
    #[cfg(unix)]
    fn candidate_with_environment_url(script: &str, url: &str) -> Candidate {
        let mut command = Command::new("sh");
        command.args(["-c", script]).env("OPEN_RS_TARGET", url).env("WSLENV", "OPEN_RS_TARGET");
        Candidate::system(command)
    }

    #[tokio::test]
    #[cfg(unix)]
    async fn l34_system_opener_keeps_its_environment_and_has_a_fallback() {
        let dir = tempfile::tempdir().unwrap();
        let recorded = dir.path().join("recorded");
        let record = format!("printf %s \"$OPEN_RS_TARGET $WSLENV\" > '{}'; exit $CODE", recorded.display());
        for code in ["0", "1"] {
            let mut first = candidate_with_environment_url(&record, "http://localhost/?a&b");
            first.command.env("CODE", code);
            let next = candidate_with_environment_url("exit 0", "");
            let watched = launch(vec![first, next]).unwrap().watch.await.unwrap();
            assert_eq!(std::fs::read_to_string(&recorded).unwrap(), "http://localhost/?a&b OPEN_RS_TARGET");
            let expected = if code == "0" { BrowserExit::Opened } else { BrowserExit::StartedOther("sh".to_owned()) };
            assert_eq!(watched, expected, "exit code {code}");
        }
    }

    #[test]
    fn exit_code_of_explorer_is_ignored() {
        assert!(!Candidate::system(Command::new("explorer.exe")).is_exit_code_reliable);
        assert!(Candidate::system(Command::new("powershell.exe")).is_exit_code_reliable);
    }

    #[test]
    fn system_opener_is_shown_as_your_browser() {
        for program in ["powershell.exe", "explorer.exe", "winebrowser", "/usr/bin/open"] {
            assert_eq!(Candidate::system(Command::new(program)).label, "your browser", "{program}");
        }
        assert_eq!(Candidate::system(Command::new("/usr/bin/xdg-open")).label, "xdg-open");
    }

    #[tokio::test]
    #[cfg(unix)]
    async fn failed_system_opener_is_not_named() {
        let mut candidate = Candidate::system(Command::new("/usr/bin/open"));
        candidate.command = Command::new("false");
        let exit = launch(vec![candidate]).unwrap().watch.await.unwrap();
        let BrowserExit::Failed(error) = exit else { panic!("{exit:?}") };
        assert_eq!(error.message, "Your browser could not be opened (exit status: 1).");
        let opener =
            |program: &str| Candidate { command: Command::new(program), ..Candidate::system(Command::new("open")) };
        let exit = launch(vec![opener("false"), opener("true")]).unwrap().watch.await.unwrap();
        assert_eq!(exit, BrowserExit::Opened, "by the other one");
    }

    #[test]
    #[cfg(any(windows, target_os = "macos"))]
    fn system_command_gets_the_url() {
        let found = browser(None, true).candidates(None, "http://localhost/?a&b").unwrap();
        let has_url = |candidate: &Candidate| {
            let command = &candidate.command;
            let values = command.get_envs().filter_map(|(_, value)| value);
            command.get_args().chain(values).any(|word| word == "http://localhost/?a&b")
        };
        assert!(!found.is_empty() && found.iter().all(has_url), "{found:?}");
    }
}
