//! Running a configured program: without a shell, in its own process group, with a time limit; of its output only the
//! last line is returned.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use futures_util::future::{Either, select};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, Command};

use crate::host::PRIVATE_VARIABLES;
use crate::secret::Secret;
use crate::store::CommandExit;
use crate::text::sanitize;

const TIME_LIMIT: Duration = Duration::from_secs(30);
/// How long the output is read after the exit of the program: a process that it left behind may hold the pipe open.
const OUTPUT_GRACE: Duration = Duration::from_secs(1);
/// How long a killed program may take to exit.
const KILL_GRACE: Duration = Duration::from_secs(2);
/// Longest line that is returned; longer than any token, so that a token in it can be redacted as a whole.
const MAX_LINE_BYTES: usize = 32 * 1024;

/// The environment variables that carry a token and its member to a child process, in this order.
pub(crate) const TOKEN_VARIABLES: [&str; 3] = ["LINKEDIN_ACCESS_TOKEN", "LINKEDIN_MEMBER_ID", "LINKEDIN_MEMBER_URN"];

/// Exposes a secret to a program that the user configured to receive it, or in the text of an export that the user requested.
pub(crate) fn expose_as_requested(secret: &Secret) -> &str {
    secret.expose()
}

/// A program to run, and what it gets on stdin and in its environment.
pub(crate) struct ChildCommand<'a> {
    pub(crate) command: &'a [String],
    pub(crate) stdin: Secret,
    /// Variables in addition to the inherited ones; secrets of this program are not inherited.
    pub(crate) environment: Vec<(&'static str, Secret)>,
}

pub(crate) struct ChildOutput {
    pub(crate) exit: CommandExit,
    /// The last non-empty line, without escape codes: of stdout if the program succeeded, else of stderr; of the other one if that is
    /// empty.
    pub(crate) last_line: String,
}

impl ChildOutput {
    fn not_run(reason: String) -> Self {
        Self { exit: CommandExit::Failed(reason), last_line: String::new() }
    }
}

/// Runs a program for at most [`TIME_LIMIT`]; then it and its process group are killed, as they are when the future is
/// dropped.
pub(crate) async fn run(child_command: ChildCommand<'_>) -> ChildOutput {
    let Some((name, arguments)) = child_command.command.split_first().filter(|(name, _)| !name.is_empty()) else {
        return ChildOutput::not_run("It has no command.".to_owned());
    };
    let mut command = Command::new(resolve_program(name));
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    #[cfg(unix)]
    command.process_group(0);
    #[cfg(windows)]
    command.creation_flags(crate::host::NEW_PROCESS_GROUP);
    for name in PRIVATE_VARIABLES.iter().chain(&TOKEN_VARIABLES) {
        command.env_remove(name);
    }
    for (name, value) in &child_command.environment {
        command.env(name, expose_as_requested(value));
    }
    let child = match command.spawn() {
        Ok(child) => child,
        Err(error) => return ChildOutput::not_run(start_error(name, &error)),
    };
    // The builder holds the secret variables too.
    drop(command);
    wait_for_exit(child, &child_command.stdin).await
}

/// Resolves this program's own name to its running executable, which need not be in `PATH`.
fn resolve_program(name: &str) -> PathBuf {
    let this_program = (name == env!("CARGO_PKG_NAME")).then(|| std::env::current_exe().ok()).flatten();
    this_program.unwrap_or_else(|| crate::host::resolve_program(name.as_ref()).into())
}

fn start_error(name: &str, error: &std::io::Error) -> String {
    let path = Path::new(name);
    let name = sanitize(name, 80);
    match error.kind() {
        // The system reports the same for the interpreter that a script names.
        ErrorKind::NotFound if path.components().count() > 1 && path.exists() => {
            format!("{name} could not be started: the interpreter in its first line was not found.")
        }
        ErrorKind::NotFound => format!("The program {name} was not found: install it, or use its full path."),
        ErrorKind::InvalidInput => format!("{name} could not be started: a value has a NUL character."),
        _ => format!("{name} could not be started: {}.", crate::error::io_reason(error)),
    }
}

async fn wait_for_exit(mut child: Child, stdin: &Secret) -> ChildOutput {
    let mut group = ProcessGroup::from_child(&child);
    let (mut out, mut err) = (LastLine::default(), LastLine::default());
    let (input, output, errors) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let status = {
        let reading = async { tokio::join!(read_last_line(output, &mut out), read_last_line(errors, &mut err)) };
        let writing = async {
            if let Some(mut input) = input {
                // A program that needs no input ends without reading it.
                drop(input.write_all(expose_as_requested(stdin).as_bytes()).await);
            }
        };
        let exit = tokio::time::timeout(TIME_LIMIT, async { tokio::join!(writing, child.wait()).1 });
        match select(pin!(exit), pin!(reading)).await {
            // The grace is no part of the limit: the program has exited.
            Either::Left((status @ Ok(_), reading)) => {
                drop(tokio::time::timeout(OUTPUT_GRACE, reading).await);
                status
            }
            Either::Left((status, _)) => status,
            Either::Right((_, exit)) => exit.await,
        }
    };
    let exit = match status {
        Ok(Ok(status)) => {
            group.disarm();
            to_command_exit(status)
        }
        Ok(Err(error)) => {
            CommandExit::Failed(format!("It could not be waited for: {}.", crate::error::io_reason(&error)))
        }
        Err(_) => {
            group.kill();
            drop(child.start_kill());
            if tokio::time::timeout(KILL_GRACE, child.wait()).await.is_ok() {
                group.disarm();
            }
            CommandExit::Failed(format!("It did not exit within {} s and was stopped.", TIME_LIMIT.as_secs()))
        }
    };
    let (out, err) = (out.into_last(), err.into_last());
    let last_line = if (exit == CommandExit::Code(0) && !out.is_empty()) || err.is_empty() { out } else { err };
    ChildOutput { exit, last_line }
}

fn to_command_exit(status: ExitStatus) -> CommandExit {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return CommandExit::Failed(format!("It was stopped by signal {signal}."));
    }
    status.code().map_or_else(|| CommandExit::Failed("It exited without an exit code.".to_owned()), CommandExit::Code)
}

/// The child and the processes that it started, killed when dropped before the child exited. On Unix they are a process group.
struct ProcessGroup(Option<u32>);

impl ProcessGroup {
    fn from_child(child: &Child) -> Self {
        Self(child.id())
    }

    /// Keeps the group from being killed once the child exited: its ID may be reused.
    fn disarm(&mut self) {
        self.0 = None;
    }

    fn kill(&self) {
        #[cfg(unix)]
        if let Some(pid) = self.0.and_then(|id| rustix::process::Pid::from_raw(id.cast_signed())) {
            // A program that exited just now has no group to kill.
            let _ = rustix::process::kill_process_group(pid, rustix::process::Signal::KILL);
        }
        // By the processes' parents: a process group of Windows cannot be killed.
        #[cfg(windows)]
        if let (Some(pid), Some(root)) = (self.0, std::env::var_os("SystemRoot")) {
            let taskkill = PathBuf::from(root).join("System32").join("taskkill.exe");
            let mut command = std::process::Command::new(taskkill);
            command.args(["/T", "/F", "/PID", &pid.to_string()]).stdin(Stdio::null());
            drop(command.stdout(Stdio::null()).stderr(Stdio::null()).status());
        }
    }
}

impl Drop for ProcessGroup {
    fn drop(&mut self) {
        self.kill();
    }
}

async fn read_last_line(from: Option<impl AsyncRead + Unpin>, into: &mut LastLine) {
    let Some(mut from) = from else { return };
    let mut buffer = vec![0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut buffer).await {
        into.push(&buffer[..count]);
    }
}

/// The last line of a stream of any length.
#[derive(Default)]
struct LastLine {
    current: Vec<u8>,
    last: String,
}

impl LastLine {
    fn push(&mut self, bytes: &[u8]) {
        for byte in bytes {
            match byte {
                // A carriage return redraws a progress line.
                b'\n' | b'\r' => self.end_line(),
                // A longer line is cut.
                byte if self.current.len() < MAX_LINE_BYTES => self.current.push(*byte),
                _ => {}
            }
        }
    }

    fn end_line(&mut self) {
        let plain = anstream::adapter::strip_bytes(&self.current).into_vec();
        let text = sanitize(&String::from_utf8_lossy(&plain), MAX_LINE_BYTES);
        if !text.is_empty() {
            self.last = text;
        }
        self.current.clear();
    }

    fn into_last(mut self) -> String {
        self.end_line();
        self.last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn sh(script: &str) -> ChildOutput {
        let command = ["sh", "-c", script].map(str::to_owned);
        run(ChildCommand { command: &command, stdin: Secret::new("in"), environment: Vec::new() }).await
    }

    #[tokio::test]
    async fn the_last_line_is_returned_without_escape_codes() {
        let output = sh("printf 'one\\n\\033[31mtwo\\033[0m \\033]0;title\\007three\\n\\n\\033[0m'").await;
        assert_eq!((output.exit, output.last_line.as_str()), (CommandExit::Code(0), "two three"));
        assert_eq!(sh("printf '10%%\\r100%%\\r'; echo noise >&2").await.last_line, "100%");
        let output = sh("echo out; echo why >&2; exit 3").await;
        assert_eq!((output.exit, output.last_line.as_str()), (CommandExit::Code(3), "why"));
        assert_eq!(sh("cat; exit 1").await.last_line, "in");
    }

    #[tokio::test]
    async fn megabytes_of_output_are_read_but_not_stored() {
        let output = sh("head -c 3000000 /dev/zero | tr '\\0' x; head -c 3000000 /dev/zero | tr '\\0' '\\n' >&2").await;
        assert_eq!(output.exit, CommandExit::Code(0));
        assert_eq!(output.last_line.chars().count(), MAX_LINE_BYTES);
    }

    #[tokio::test]
    async fn every_kind_of_exit_is_reported() {
        assert!(matches!(sh("kill -9 $$").await.exit, CommandExit::Failed(why) if why.contains("signal 9")));
        let missing = ["/no/such/program".to_owned()];
        let missing_program = || ChildCommand { command: &missing, stdin: Secret::new(""), environment: Vec::new() };
        assert!(matches!(run(missing_program()).await.exit, CommandExit::Failed(why) if why.contains("install it")));
        let nul = ["true".to_owned(), "a\0b".to_owned()];
        let argument_with_nul = ChildCommand { command: &nul, stdin: Secret::new(""), environment: Vec::new() };
        assert!(matches!(run(argument_with_nul).await.exit, CommandExit::Failed(why) if why.contains("NUL character")));
        let no_command = run(ChildCommand { command: &[], ..missing_program() }).await;
        assert!(matches!(no_command.exit, CommandExit::Failed(why) if why.contains("no command")));
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_script_without_its_interpreter_is_not_missing() {
        let directory = tempfile::tempdir().unwrap();
        let command = [directory.path().join("script").to_string_lossy().into_owned()];
        std::fs::write(&command[0], "#!/no/such/interpreter\n").unwrap();
        std::fs::set_permissions(&command[0], std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
        let output = run(ChildCommand { command: &command, stdin: Secret::new(""), environment: Vec::new() }).await;
        assert!(matches!(output.exit, CommandExit::Failed(why) if why.contains("the interpreter in its first line")));
    }

    #[tokio::test]
    async fn a_background_process_does_not_delay_the_result() {
        // The background process holds the pipe open; it is not killed once its parent has succeeded.
        let output = sh("sleep 8 & echo done").await;
        assert_eq!((output.exit, output.last_line.as_str()), (CommandExit::Code(0), "done"));
    }

    #[cfg(target_os = "linux")]
    fn is_running(pid: &str) -> bool {
        // A killed orphan stays a zombie until it is reaped.
        std::fs::read_to_string(format!("/proc/{}/stat", pid.trim())).is_ok_and(|stat| !stat.contains(") Z "))
    }

    #[cfg(target_os = "linux")]
    async fn wait_for_line(path: &std::path::Path) -> String {
        loop {
            match std::fs::read_to_string(path) {
                Ok(text) if text.ends_with('\n') => return text,
                _ => tokio::time::sleep(Duration::from_millis(5)).await,
            }
        }
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn a_program_that_hangs_is_killed_with_its_group() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("pid");
        let script = format!("trap '' TERM INT; sleep 1000 & echo $! > {}; echo half; wait", file.display());
        let running = tokio::spawn(async move { sh(&script).await });
        let pid = wait_for_line(&file).await;
        assert!(is_running(&pid));
        tokio::time::pause();
        let output = running.await.unwrap();
        assert!(matches!(output.exit, CommandExit::Failed(why) if why.contains("30 s")));
        assert_eq!(output.last_line, "half");
        tokio::time::resume();
        while is_running(&pid) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn an_interrupted_program_is_killed_with_its_group() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("pid");
        let script = format!("sleep 1000 & echo $! > {}; wait", file.display());
        let running = tokio::spawn(async move { sh(&script).await });
        let pid = wait_for_line(&file).await;
        running.abort();
        while is_running(&pid) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn only_a_disarmed_group_outlives_its_drop() {
        use std::os::unix::process::ExitStatusExt;
        for (is_disarmed, code, signal) in [(true, Some(7), None), (false, None, Some(9))] {
            let mut command = Command::new("sh");
            // It exits by itself once its stdin is closed.
            command.args(["-c", "read line; exit 7"]).stdin(Stdio::piped()).kill_on_drop(true).process_group(0);
            let mut child = command.spawn().unwrap();
            let mut group = ProcessGroup::from_child(&child);
            if is_disarmed {
                group.disarm();
            }
            drop(group);
            drop(child.stdin.take());
            let status = child.wait().await.unwrap();
            assert_eq!((status.code(), status.signal()), (code, signal));
        }
    }
}
