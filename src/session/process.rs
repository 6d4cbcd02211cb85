//! A program that a person named, run to its end: no shell, a process group of its own, a limit of
//! time, and of its output no more than the last line.

use std::io::ErrorKind;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, Command};

use crate::host::PRIVATE_VARIABLES;
use crate::secret::Secret;
use crate::store::CommandExit;
use crate::text::clean;

/// How long a program may take.
pub(crate) const LIMIT: Duration = Duration::from_secs(30);
/// How long its output is awaited after its end: something that it left behind may hold it open.
const AFTERWARDS: Duration = Duration::from_secs(1);
/// How long a killed program may take to be gone.
const DYING: Duration = Duration::from_secs(2);
/// Most bytes of a line that are kept.
const LINE: usize = 4096;

/// The environment variables that carry a token and its member to a child process, in this order.
pub const TOKEN_VARIABLES: [&str; 3] = ["LINKEDIN_ACCESS_TOKEN", "LINKEDIN_MEMBER_ID", "LINKEDIN_MEMBER_URN"];

/// Exposes a secret to a program that the user configured to receive it; the only place that does.
pub(crate) fn expose_to_child(secret: &Secret) -> &str {
    secret.expose()
}

/// What to run.
pub(crate) struct Task<'a> {
    /// The program and its arguments.
    pub(crate) command: &'a [String],
    /// What it reads.
    pub(crate) stdin: Secret,
    /// Variables on top of ours, less our own secrets.
    pub(crate) environment: Vec<(&'static str, Secret)>,
}

/// What came of it.
pub(crate) struct Ran {
    /// How it ended.
    pub(crate) ended: CommandExit,
    /// The last line with something on it, without escape codes: of its errors where it failed and
    /// said something there, else of its output.
    pub(crate) line: String,
}

/// Runs it for at most [`LIMIT`]; then it and its process group are killed, as they are when the
/// future is dropped.
pub(crate) async fn run(task: Task<'_>) -> Ran {
    let Some((name, arguments)) = task.command.split_first().filter(|(name, _)| !name.is_empty()) else {
        return Ran { ended: CommandExit::Failed("It has no command.".to_owned()), line: String::new() };
    };
    let mut command = Command::new(program(name));
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    #[cfg(unix)]
    command.process_group(0);
    for name in PRIVATE_VARIABLES.iter().chain(&TOKEN_VARIABLES) {
        command.env_remove(name);
    }
    for (name, value) in &task.environment {
        command.env(name, expose_to_child(value));
    }
    let child = match command.spawn() {
        Ok(child) => child,
        Err(error) => return Ran { ended: CommandExit::Failed(not_started(name, &error)), line: String::new() },
    };
    // The builder holds the values too.
    drop(command);
    to_its_end(child, &task.stdin).await
}

/// Our own name is this very program, wherever it is.
fn program(name: &str) -> PathBuf {
    let own = (name == env!("CARGO_PKG_NAME")).then(|| std::env::current_exe().ok()).flatten();
    own.unwrap_or_else(|| PathBuf::from(name))
}

fn not_started(name: &str, error: &std::io::Error) -> String {
    let name = clean(name, 80);
    match error.kind() {
        ErrorKind::NotFound => format!("The program {name} was not found: install it, or give its whole path."),
        ErrorKind::InvalidInput => format!("{name} could not be started: a value has a NUL character."),
        _ => format!("{name} could not be started: {}.", crate::error::io_reason(error)),
    }
}

async fn to_its_end(mut child: Child, stdin: &Secret) -> Ran {
    let mut group = Group::of(&child);
    let (mut out, mut err) = (Tail::default(), Tail::default());
    let (input, output, errors) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let status = {
        let reading = async { tokio::join!(drain(output, &mut out), drain(errors, &mut err)) };
        tokio::pin!(reading);
        let working = async {
            let writing = async {
                if let Some(mut input) = input {
                    // A program that needs no input ends without reading it.
                    drop(input.write_all(expose_to_child(stdin).as_bytes()).await);
                }
            };
            tokio::join!(writing, child.wait()).1
        };
        tokio::pin!(working);
        let whole = async {
            let mut read = false;
            loop {
                tokio::select! {
                    status = &mut working => {
                        if !read {
                            drop(tokio::time::timeout(AFTERWARDS, &mut reading).await);
                        }
                        return status;
                    }
                    _ = &mut reading, if !read => read = true,
                }
            }
        };
        tokio::time::timeout(LIMIT, whole).await
    };
    let ended = match status {
        Ok(Ok(status)) => {
            group.leave();
            ended(status)
        }
        Ok(Err(error)) => {
            CommandExit::Failed(format!("It could not be waited for: {}.", crate::error::io_reason(&error)))
        }
        Err(_) => {
            group.kill();
            drop(child.start_kill());
            if tokio::time::timeout(DYING, child.wait()).await.is_ok() {
                group.leave();
            }
            CommandExit::Failed(format!("It did not end within {} s and was stopped.", LIMIT.as_secs()))
        }
    };
    let (out, err) = (out.last(), err.last());
    let line = if (ended == CommandExit::Code(0) && !out.is_empty()) || err.is_empty() { out } else { err };
    Ran { ended, line }
}

fn ended(status: ExitStatus) -> CommandExit {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return CommandExit::Failed(format!("It was ended by signal {signal}."));
    }
    status.code().map_or_else(|| CommandExit::Failed("It ended without an exit code.".to_owned()), CommandExit::Code)
}

/// The child's process group, killed when dropped before the child's end.
struct Group(Option<u32>);

impl Group {
    fn of(child: &Child) -> Self {
        Self(child.id())
    }

    /// The child is gone, and its number may be another's soon.
    fn leave(&mut self) {
        self.0 = None;
    }

    fn kill(&self) {
        #[cfg(unix)]
        if let Some(pid) = self.0.and_then(|id| rustix::process::Pid::from_raw(id.cast_signed())) {
            // It may have ended in this very moment.
            let _ended = rustix::process::kill_process_group(pid, rustix::process::Signal::KILL);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
    }
}

async fn drain(from: Option<impl AsyncRead + Unpin>, into: &mut Tail) {
    let Some(mut from) = from else { return };
    let mut buffer = vec![0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut buffer).await {
        into.push(&buffer[..count]);
    }
}

/// The last line of a stream of any length.
#[derive(Default)]
struct Tail {
    line: Vec<u8>,
    last: String,
}

impl Tail {
    fn push(&mut self, bytes: &[u8]) {
        for byte in bytes {
            match byte {
                // A carriage return begins a line of progress anew.
                b'\n' | b'\r' => self.end_line(),
                // Of a longer line the beginning is kept.
                byte if self.line.len() < LINE => self.line.push(*byte),
                _ => {}
            }
        }
    }

    fn end_line(&mut self) {
        let plain = anstream::adapter::strip_bytes(&self.line).into_vec();
        let text = clean(&String::from_utf8_lossy(&plain), LINE);
        if !text.is_empty() {
            self.last = text;
        }
        self.line.clear();
    }

    fn last(mut self) -> String {
        self.end_line();
        self.last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn sh(script: &str) -> Ran {
        let command = ["sh", "-c", script].map(str::to_owned);
        run(Task { command: &command, stdin: Secret::new("in"), environment: Vec::new() }).await
    }

    #[tokio::test]
    async fn the_last_line_is_kept_without_escape_codes() {
        let ran = sh("printf 'one\\n\\033[31mtwo\\033[0m \\033]0;title\\007three\\n\\n\\033[0m'").await;
        assert_eq!((ran.ended, ran.line.as_str()), (CommandExit::Code(0), "two three"));
        assert_eq!(sh("printf '10%%\\r100%%\\r'; echo noise >&2").await.line, "100%");
        let ran = sh("echo out; echo why >&2; exit 3").await;
        assert_eq!((ran.ended, ran.line.as_str()), (CommandExit::Code(3), "why"));
        assert_eq!(sh("cat; exit 1").await.line, "in");
    }

    #[tokio::test]
    async fn megabytes_are_drained_and_not_kept() {
        let ran = sh("head -c 3000000 /dev/zero | tr '\\0' x; head -c 3000000 /dev/zero | tr '\\0' '\\n' >&2").await;
        assert_eq!(ran.ended, CommandExit::Code(0));
        assert_eq!(ran.line.chars().count(), LINE);
    }

    #[tokio::test]
    async fn ends_of_every_kind_are_told() {
        assert!(matches!(sh("kill -9 $$").await.ended, CommandExit::Failed(why) if why.contains("signal 9")));
        let missing = ["/no/such/program".to_owned()];
        let task = || Task { command: &missing, stdin: Secret::new(""), environment: Vec::new() };
        assert!(matches!(run(task()).await.ended, CommandExit::Failed(why) if why.contains("not found")));
        let none = run(Task { command: &[], ..task() }).await;
        assert!(matches!(none.ended, CommandExit::Failed(why) if why.contains("no command")));
    }

    #[tokio::test]
    async fn what_is_left_behind_does_not_hold_it_up() {
        // The sleeper keeps the pipe open; it is not ours to kill once its parent has ended well.
        let ran = sh("sleep 8 & echo done").await;
        assert_eq!((ran.ended, ran.line.as_str()), (CommandExit::Code(0), "done"));
    }

    #[cfg(target_os = "linux")]
    fn is_valid_for(pid: &str) -> bool {
        // A killed orphan may stay a zombie until somebody collects it.
        std::fs::read_to_string(format!("/proc/{}/stat", pid.trim())).is_ok_and(|stat| !stat.contains(") Z "))
    }

    #[cfg(target_os = "linux")]
    async fn appears(path: &std::path::Path) -> String {
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
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pid");
        let script = format!("trap '' TERM INT; sleep 1000 & echo $! > {}; echo half; wait", file.display());
        let running = tokio::spawn(async move { sh(&script).await });
        let pid = appears(&file).await;
        assert!(is_valid_for(&pid));
        tokio::time::pause();
        let ran = running.await.unwrap();
        assert!(matches!(ran.ended, CommandExit::Failed(why) if why.contains("30 s")));
        assert_eq!(ran.line, "half");
        tokio::time::resume();
        while is_valid_for(&pid) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn an_interrupted_program_is_killed_with_its_group() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pid");
        let script = format!("sleep 1000 & echo $! > {}; wait", file.display());
        let running = tokio::spawn(async move { sh(&script).await });
        let pid = appears(&file).await;
        running.abort();
        while is_valid_for(&pid) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}
