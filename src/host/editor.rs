//! The user's text editor, on a private temporary file.

use std::io::Write;
use std::path::Path;

use tokio::process::Command;

use super::{PRIVATE_VARIABLES, resolve_program};
use crate::error::io_reason;
use crate::files::read_text;
use crate::text::sanitize;

/// The editor where no variable names one.
const DEFAULT_EDITOR: &str = if cfg!(windows) { "notepad" } else { "vi" };
/// The largest text that is read back.
const MAX_BYTES: u64 = 1024 * 1024;
const FILE_NAME: &str = "post.txt";

/// The command of an editor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Editor {
    command: String,
}

impl Editor {
    /// Selects the editor that `VISUAL` or `EDITOR` names.
    pub(crate) fn from_variables(get: impl Fn(&str) -> Option<String>) -> Self {
        let non_blank = |name| get(name).filter(|command| !command.trim().is_empty());
        Self {
            command: non_blank("VISUAL").or_else(|| non_blank("EDITOR")).unwrap_or_else(|| DEFAULT_EDITOR.to_owned()),
        }
    }

    /// Opens the editor on a text, and returns the text once it is closed, or why that failed, as sentences.
    ///
    /// The file is in a new directory that only the user can enter, so that what the editor saves beside it is private
    /// too and is deleted with it.
    pub(crate) async fn edit(&self, text: &str) -> Result<String, String> {
        let describe = |error: std::io::Error| format!("The draft could not be written: {}.", io_reason(&error));
        let mut builder = tempfile::Builder::new();
        builder.prefix("linkedin-tui-");
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
        let directory = builder.tempdir().map_err(describe)?;
        let path = directory.path().join(FILE_NAME);
        write_private(&path, text).map_err(describe)?;
        let editor_name = sanitize(&self.command, 60);
        let words = if cfg!(windows) { split_windows(&self.command, Path::is_file) } else { split_unix(&self.command) };
        let (program, arguments) = words.split_first().ok_or("The editor has no name.")?;
        let mut command = Command::new(resolve_program(program.as_ref()));
        command.args(arguments).arg(&path);
        for name in PRIVATE_VARIABLES {
            command.env_remove(name);
        }
        let status = command.status().await.map_err(|error| {
            format!(
                "Could not start the editor {editor_name}: {}. Set VISUAL or EDITOR to another one.",
                io_reason(&error)
            )
        })?;
        if !status.success() {
            return Err(format!("The editor {editor_name} failed ({status}), so the text is unchanged."));
        }
        let edited = read_text(&path, MAX_BYTES).map_err(|error| {
            // The text exists nowhere else.
            let path = directory.keep().join(FILE_NAME);
            let path = sanitize(&path.to_string_lossy(), 300);
            format!("The edited text could not be read: {}. It is kept in {path}.", io_reason(&error))
        })?;
        let edited = edited.replace("\r\n", "\n");
        // Editors end the last line.
        Ok(edited.strip_suffix('\n').unwrap_or(&edited).to_owned())
    }
}

fn split_unix(command: &str) -> Vec<String> {
    shlex::split(command).unwrap_or_else(|| command.split_whitespace().map(str::to_owned).collect())
}

/// Splits a command at spaces outside double quotes. A path with spaces needs none if it is the whole command.
fn split_windows(command: &str, is_file: impl Fn(&Path) -> bool) -> Vec<String> {
    let command = command.trim();
    if is_file(Path::new(command)) {
        return vec![command.to_owned()];
    }
    let mut is_quoted = false;
    let words = command.split(|c: char| {
        is_quoted ^= c == '"';
        c.is_whitespace() && !is_quoted
    });
    words.map(|word| word.replace('"', "")).filter(|word| !word.is_empty()).collect()
}

/// Creates a file that only the user can read.
fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.write_all(b"\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_command_is_split_outside_quotes() {
        let split = |command: &str| split_windows(command, |path| path == Path::new(r"C:\Program Files\Edit\edit.exe"));
        assert_eq!(split("code --wait"), ["code", "--wait"]);
        assert_eq!(split(r" C:\Program Files\Edit\edit.exe "), [r"C:\Program Files\Edit\edit.exe"]);
        let quoted = split(r#""C:\Program Files\Notepad++\notepad++.exe"  -multiInst"#);
        assert_eq!(quoted, [r"C:\Program Files\Notepad++\notepad++.exe", "-multiInst"]);
        assert!(split(" ").is_empty());
    }
}

#[cfg(all(test, unix))]
mod unix_tests {
    use super::*;

    fn editor(command: &str) -> Editor {
        Editor::from_variables(|name| (name == "EDITOR").then(|| command.to_owned()))
    }

    #[test]
    fn visual_is_preferred_and_blank_variables_are_ignored() {
        let with = |visual: &str, other: &str| {
            let get = |name: &str| Some(if name == "VISUAL" { visual } else { other }.to_owned());
            Editor::from_variables(get).command
        };
        assert_eq!(with("code --wait", "vi"), "code --wait");
        assert_eq!(with(" ", "nano"), "nano");
        assert_eq!(with("", ""), DEFAULT_EDITOR);
    }

    #[tokio::test]
    async fn edited_text_is_read_and_the_private_file_deleted() {
        let directory = tempfile::tempdir().unwrap();
        let record = directory.path().join("record");
        let script = format!(
            "sh -c 'ls -ld \"$(dirname \"$0\")\" \"$0\" > {0}; echo \"$0\" >> {0}; echo two >> \"$0\"'",
            record.display()
        );
        assert_eq!(editor(&script).edit("one").await.unwrap(), "one\ntwo");
        let record = std::fs::read_to_string(record).unwrap();
        // Other lines begin with the mode; ls sorts the directory before what is in it.
        let lines: Vec<&str> = record.lines().collect();
        assert!(lines[0].starts_with("drwx------") && lines[1].starts_with("-rw-------"), "{record}");
        assert!(!Path::new(lines[2]).parent().unwrap().exists());
    }

    #[tokio::test]
    async fn text_that_cannot_be_read_is_kept() {
        let error = editor("sh -c 'printf \"caf\\351\" > \"$0\"'").edit("one").await.unwrap_err();
        let path = Path::new(error.split_once("It is kept in ").expect(&error).1.trim_end_matches('.'));
        assert_eq!(std::fs::read(path).unwrap(), b"caf\xe9", "{error}");
        std::fs::remove_dir_all(path.parent().unwrap()).unwrap();
    }

    #[tokio::test]
    async fn failing_editor_is_reported() {
        let failed = editor("false").edit("one").await.unwrap_err();
        assert!(failed.contains("The editor false failed (exit status: 1)"), "{failed}");
        let missing = editor("no-such-editor-here").edit("one").await.unwrap_err();
        assert!(missing.starts_with("Could not start the editor no-such-editor-here: "), "{missing}");
    }
}
