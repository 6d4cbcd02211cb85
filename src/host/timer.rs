//! A daily run of this program, by the scheduler of the system: systemd, cron, launchd or Task Scheduler.
//!
//! docs/notifications.md has the same files, for writing them by hand.

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::PRIVATE_VARIABLES;
use crate::error::io_reason;
use crate::text::sanitize;
use crate::{Code, Error, Result};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheduler {
    Systemd,
    Cron,
    Launchd,
    Schtasks,
}

/// The command that the scheduler runs, with the full path of the program.
pub(crate) struct Job {
    pub(crate) program: PathBuf,
    pub(crate) arguments: Vec<String>,
}

/// The directories in which schedulers look for files.
pub(crate) struct Directories {
    pub(crate) home: PathBuf,
    /// `XDG_CONFIG_HOME`, or `.config` in the home directory.
    pub(crate) config: PathBuf,
}

/// A change of the system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Write { path: PathBuf, text: String },
    Delete { path: PathBuf },
    Run { command: Vec<String>, stdin: Option<String> },
}

const UNIT: &str = "linkedin-tui";
const LABEL: &str = "linkedin-tui.status";
/// The end of the line of this program in a crontab.
const CRON_MARKER: &str = "# linkedin-tui daily check";

impl Scheduler {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Systemd => "systemd",
            Self::Cron => "cron",
            Self::Launchd => "launchd",
            Self::Schtasks => "Task Scheduler",
        }
    }

    /// Returns the scheduler of this system: on Linux and the BSDs systemd if the user's instance runs, else cron.
    pub(crate) fn detect() -> Result<Self> {
        if cfg!(windows) {
            return Ok(Self::Schtasks);
        }
        if cfg!(target_os = "macos") {
            return Ok(Self::Launchd);
        }
        if succeeds(&split_words("systemctl --user show-environment")) {
            return Ok(Self::Systemd);
        }
        if super::is_in_path("crontab") {
            return Ok(Self::Cron);
        }
        Err(Error::bad_input(
            "No scheduler was found: systemd does not run for this user, and crontab is not installed.",
            "Run the daily check with the scheduler that you use.",
        ))
    }

    /// Returns the steps that install `job`, or replace an earlier one.
    pub(crate) fn install_steps(self, job: &Job, directories: &Directories) -> Result<Vec<Step>> {
        let write = |path: PathBuf, text: String| Step::Write { path, text };
        Ok(match self {
            Self::Systemd => {
                let [service, timer] = unit_paths(directories);
                vec![
                    write(service, job.systemd_service()),
                    write(timer, TIMER.to_owned()),
                    run_step("systemctl --user daemon-reload"),
                    run_step(&format!("systemctl --user enable --now {UNIT}.timer")),
                ]
            }
            Self::Launchd => {
                let plist = plist_path(directories);
                let mut steps = launchd_removal_steps(&plist);
                steps.retain(|step| matches!(step, Step::Run { .. }));
                let mut load = split_words(&format!("launchctl bootstrap {}", launchd_domain()));
                load.push(plist.display().to_string());
                steps.extend([write(plist, job.launchd_plist()), Step::Run { command: load, stdin: None }]);
                steps
            }
            Self::Schtasks => {
                let mut command = split_words(&format!("schtasks /Create /F /TN {UNIT} /SC DAILY /ST 09:00 /TR"));
                command.push(job.task_command());
                vec![Step::Run { command, stdin: None }]
            }
            Self::Cron => {
                let (others, _) = read_crontab()?;
                vec![set_crontab_step(format!("{others}{}\n", job.cron_line()))]
            }
        })
    }

    /// Returns the steps that remove what [`Self::install_steps`] installed; none if nothing is installed.
    pub(crate) fn uninstall_steps(self, directories: &Directories) -> Result<Vec<Step>> {
        Ok(match self {
            Self::Systemd => {
                let paths = unit_paths(directories);
                if !paths.iter().any(|path| path.exists()) {
                    return Ok(Vec::new());
                }
                let mut steps = vec![run_step(&format!("systemctl --user disable --now {UNIT}.timer"))];
                steps.extend(paths.into_iter().filter(|path| path.exists()).map(|path| Step::Delete { path }));
                steps.push(run_step("systemctl --user daemon-reload"));
                steps
            }
            Self::Launchd => launchd_removal_steps(&plist_path(directories)),
            Self::Schtasks if succeeds(&split_words(&format!("schtasks /Query /TN {UNIT}"))) => {
                vec![run_step(&format!("schtasks /Delete /F /TN {UNIT}"))]
            }
            Self::Schtasks => Vec::new(),
            Self::Cron => match read_crontab()? {
                (others, true) => vec![set_crontab_step(others)],
                (_, false) => Vec::new(),
            },
        })
    }

    /// Returns the schedulers that can have this program's timer: it may have been installed before systemd was.
    pub(crate) fn uninstall_candidates() -> Vec<Self> {
        match Self::detect() {
            Ok(scheduler @ (Self::Schtasks | Self::Launchd)) => vec![scheduler],
            _ if super::is_in_path("crontab") => vec![Self::Systemd, Self::Cron],
            _ => vec![Self::Systemd],
        }
    }
}

impl Job {
    fn systemd_service(&self) -> String {
        let quote = |word: &str| {
            let escaped = word.replace('\\', "\\\\").replace('"', "\\\"").replace('%', "%%").replace('$', "$$");
            if is_plain(word) { escaped } else { format!("\"{escaped}\"") }
        };
        format!(
            "# {UNIT}.service\n[Unit]\nDescription=Notify before a LinkedIn token expires\n\n[Service]\nType=oneshot\nExecStart={}\n\
             # Exit code 4: a sign-in is required, and the notification was sent.\nSuccessExitStatus=4\n",
            self.join_words(quote)
        )
    }

    fn launchd_plist(&self) -> String {
        let escape = |word: &str| word.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let strings: Vec<String> =
            self.words().iter().map(|word| format!("    <string>{}</string>\n", escape(word))).collect();
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \
             \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n<plist version=\"1.0\">\n<dict>\n  <key>Label</key>\n  \
             <string>{LABEL}</string>\n  <key>ProgramArguments</key>\n  <array>\n{}  </array>\n  \
             <key>StartCalendarInterval</key>\n  <dict>\n    <key>Hour</key>\n    <integer>9</integer>\n    \
             <key>Minute</key>\n    <integer>0</integer>\n  </dict>\n</dict>\n</plist>\n",
            strings.concat()
        )
    }

    fn task_command(&self) -> String {
        self.join_words(|word| if is_plain(word) { word.to_owned() } else { format!("\"{word}\"") })
    }

    fn cron_line(&self) -> String {
        // cron ends a command at a percent sign.
        let quote = |word: &str| {
            let quoted = shlex::try_quote(word).map_or_else(|_| word.to_owned(), std::borrow::Cow::into_owned);
            quoted.replace('%', "\\%")
        };
        format!("0 9 * * *  {} > /dev/null  {CRON_MARKER}", self.join_words(quote))
    }

    fn words(&self) -> Vec<String> {
        std::iter::once(self.program.display().to_string()).chain(self.arguments.iter().cloned()).collect()
    }

    fn join_words(&self, quote: impl Fn(&str) -> String) -> String {
        self.words().iter().map(|word| quote(word)).collect::<Vec<_>>().join(" ")
    }
}

const TIMER: &str = "\
# linkedin-tui.timer
[Unit]
Description=Notify before a LinkedIn token expires

[Timer]
OnCalendar=*-*-* 09:00:00
Persistent=true

[Install]
WantedBy=timers.target
";

fn is_plain(word: &str) -> bool {
    word.chars().all(|c| c.is_alphanumeric() || "/\\:._-+=@,".contains(c))
}

fn unit_paths(directories: &Directories) -> [PathBuf; 2] {
    ["service", "timer"].map(|kind| directories.config.join("systemd/user").join(format!("{UNIT}.{kind}")))
}

fn plist_path(directories: &Directories) -> PathBuf {
    directories.home.join("Library/LaunchAgents").join(format!("{LABEL}.plist"))
}

fn launchd_removal_steps(plist: &Path) -> Vec<Step> {
    let service = format!("{}/{LABEL}", launchd_domain());
    let mut steps = Vec::new();
    if succeeds(&split_words(&format!("launchctl print {service}"))) {
        steps.push(run_step(&format!("launchctl bootout {service}")));
    }
    if plist.exists() {
        steps.push(Step::Delete { path: plist.to_owned() });
    }
    steps
}

#[cfg(unix)]
fn launchd_domain() -> String {
    format!("gui/{}", rustix::process::getuid().as_raw())
}

#[cfg(not(unix))]
fn launchd_domain() -> String {
    "gui".to_owned()
}

/// Returns the user's crontab without this program's line, and whether it had one.
fn read_crontab() -> Result<(String, bool)> {
    let listing = split_words("crontab -l");
    let output = to_command(&listing).output().map_err(|error| command_error(&listing, &io_reason(&error)))?;
    let errors = String::from_utf8_lossy(&output.stderr);
    // Anything else than "there is none" must not replace the user's crontab by an empty one.
    if !output.status.success() && !errors.contains("no crontab") {
        return Err(command_error(&listing, &last_line(&output.stderr)));
    }
    let text = if output.status.success() { output.stdout } else { Vec::new() };
    let text = String::from_utf8(text).map_err(|_| command_error(&listing, "the crontab is not UTF-8"))?;
    let (job_lines, others): (Vec<&str>, Vec<&str>) =
        text.lines().partition(|line| line.trim_end().ends_with(CRON_MARKER));
    let mut crontab = others.join("\n");
    if !crontab.is_empty() {
        crontab.push('\n');
    }
    Ok((crontab, !job_lines.is_empty()))
}

fn set_crontab_step(text: String) -> Step {
    Step::Run { command: split_words("crontab -"), stdin: Some(text) }
}

fn split_words(line: &str) -> Vec<String> {
    line.split(' ').map(str::to_owned).collect()
}

fn run_step(line: &str) -> Step {
    Step::Run { command: split_words(line), stdin: None }
}

fn to_command(words: &[String]) -> Command {
    let mut command = Command::new(&words[0]);
    // "no crontab" is compared, so it must be English.
    command.args(&words[1..]).env("LC_ALL", "C").stdin(Stdio::null());
    for name in PRIVATE_VARIABLES {
        command.env_remove(name);
    }
    command
}

fn succeeds(words: &[String]) -> bool {
    to_command(words).output().is_ok_and(|output| output.status.success())
}

impl Step {
    /// Applies the change.
    pub(crate) fn apply(&self) -> Result<()> {
        match self {
            Self::Write { path, text } => {
                let directory = path.parent().map_or(Ok(()), std::fs::create_dir_all);
                directory.and_then(|()| std::fs::write(path, text)).map_err(|error| file_error("written", path, &error))
            }
            Self::Delete { path } => match std::fs::remove_file(path) {
                Err(error) if error.kind() != ErrorKind::NotFound => Err(file_error("deleted", path, &error)),
                _ => Ok(()),
            },
            Self::Run { command: words, stdin } => {
                let run = || {
                    let mut command = to_command(words);
                    command.stdout(Stdio::piped()).stderr(Stdio::piped());
                    if stdin.is_some() {
                        command.stdin(Stdio::piped());
                    }
                    let mut child = command.spawn()?;
                    if let (Some(mut input), Some(text)) = (child.stdin.take(), stdin) {
                        input.write_all(text.as_bytes())?;
                    }
                    child.wait_with_output()
                };
                let output = run().map_err(|error| command_error(words, &io_reason(&error)))?;
                if output.status.success() { Ok(()) } else { Err(command_error(words, &last_line(&output.stderr))) }
            }
        }
    }

    /// Returns the change as one line, with the verb in the past tense if it was applied.
    pub(crate) fn describe(&self, is_done: bool) -> String {
        let verb = |done: &'static str, planned: &'static str| if is_done { done } else { planned };
        match self {
            Self::Write { path, .. } => format!("{} {}", verb("Wrote", "Write"), path.display()),
            Self::Delete { path } => format!("{} {}", verb("Deleted", "Delete"), path.display()),
            Self::Run { command, stdin } => {
                let line = shlex::try_join(command.iter().map(String::as_str)).unwrap_or_else(|_| command.join(" "));
                let job_line = stdin.as_ref().and_then(|text| text.lines().find(|line| line.ends_with(CRON_MARKER)));
                let note = match (stdin, job_line) {
                    (None, _) => String::new(),
                    (Some(_), Some(job_line)) => format!(" with the line: {job_line}"),
                    (Some(_), None) => " without the line of this program".to_owned(),
                };
                format!("{} {line}{note}", verb("Ran", "Run"))
            }
        }
    }
}

fn last_line(output: &[u8]) -> String {
    let text = String::from_utf8_lossy(output);
    let line = text.lines().rev().find(|line| !line.trim().is_empty());
    line.map_or_else(|| "it failed without a message".to_owned(), |line| sanitize(line.trim_end_matches('.'), 200))
}

fn command_error(words: &[String], reason: &str) -> Error {
    Error::new(Code::Files, format!("{} failed: {reason}.", words.join(" ")), "Fix the problem, and run this again.")
}

fn file_error(verb: &str, path: &Path, error: &std::io::Error) -> Error {
    let message = format!("{} could not be {verb}: {}.", path.display(), io_reason(error));
    Error::new(Code::Files, message, "Check the directory and its mode.").with_io_source(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(program: &str) -> Job {
        let arguments = ["status", "--within", "7d", "--notify"].map(str::to_owned).into();
        Job { program: PathBuf::from(program), arguments }
    }

    fn directories() -> Directories {
        Directories { home: PathBuf::from("/Users/ada"), config: PathBuf::from("/home/ada/.config") }
    }

    /// Returns the documented file that starts with `start`.
    fn documented_file(start: &str) -> String {
        let blocks = include_str!("../../docs/notifications.md").split("\n```").skip(1).step_by(2);
        let text = blocks
            .filter_map(|block| block.split_once('\n'))
            .map(|(_, text)| text)
            .find(|text| text.starts_with(start));
        format!("{}\n", text.unwrap_or_else(|| panic!("no file {start}")))
    }

    #[test]
    fn files_are_those_of_the_documentation() {
        assert_eq!(
            job("%h/.cargo/bin/linkedin-tui").systemd_service().replace("%%", "%").replace('"', ""),
            documented_file("# linkedin-tui.service")
        );
        assert_eq!(TIMER, documented_file("# linkedin-tui.timer"));
        assert_eq!(job("/Users/ada/.cargo/bin/linkedin-tui").launchd_plist(), documented_file("<?xml"));
    }

    #[test]
    fn unusual_paths_are_quoted_for_each_scheduler() {
        let job = job("/opt/50% $HOME/a \"b\" & c/linkedin-tui");
        let line = |text: &str, start: &str| text.lines().find_map(|line| line.strip_prefix(start)).unwrap().to_owned();
        assert_eq!(
            line(&job.systemd_service(), "ExecStart="),
            "\"/opt/50%% $$HOME/a \\\"b\\\" & c/linkedin-tui\" status --within 7d --notify"
        );
        assert_eq!(line(&job.launchd_plist(), "    <string>"), "/opt/50% $HOME/a \"b\" &amp; c/linkedin-tui</string>");
        let cron = job.cron_line();
        assert!(!cron.replace("\\%", "").contains('%') && cron.ends_with(CRON_MARKER), "{cron}");
        let command = cron.strip_prefix("0 9 * * *  ").unwrap().split("  #").next().unwrap().replace("\\%", "%");
        assert_eq!(shlex::split(&command).unwrap()[0], job.words()[0]);
        let windows = Job { program: PathBuf::from("C:\\Program Files\\linkedin-tui.exe"), arguments: job.arguments };
        assert_eq!(windows.task_command(), "\"C:\\Program Files\\linkedin-tui.exe\" status --within 7d --notify");
    }

    #[test]
    fn launchd_and_task_scheduler_get_one_command() {
        let commands = |steps: Vec<Step>| -> Vec<String> { steps.iter().map(|step| step.describe(false)).collect() };
        let agent =
            commands(Scheduler::Launchd.install_steps(&job("/usr/local/bin/linkedin-tui"), &directories()).unwrap());
        let plist = "/Users/ada/Library/LaunchAgents/linkedin-tui.status.plist";
        let [.., write, load] = agent.as_slice() else { panic!("{agent:?}") };
        assert_eq!(write, &format!("Write {plist}"));
        assert!(load.starts_with("Run launchctl bootstrap gui") && load.ends_with(plist), "{load}");
        let task = commands(Scheduler::Schtasks.install_steps(&job("C:\\linkedin-tui.exe"), &directories()).unwrap());
        assert_eq!(task.len(), 1);
        assert!(task[0].starts_with("Run schtasks /Create /F /TN linkedin-tui /SC DAILY /ST 09:00 /TR "), "{task:?}");
    }
}
