//! The user's text editor, on a private temporary file.

use std::io::Write;
use std::path::Path;

use tokio::process::Command;

use super::PRIVATE_VARIABLES;
use crate::error::io_reason;
use crate::files::read_text;
use crate::text::sanitize;

/// The editor where no variable names one.
const DEFAULT: &str = if cfg!(windows) { "notepad" } else { "vi" };
/// The largest text that is read back.
const MAX_BYTES: u64 = 1024 * 1024;

/// The command of an editor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Editor {
    command: String,
}

impl Editor {
    /// Selects the editor that `VISUAL` or `EDITOR` names.
    pub(crate) fn from_variables(get: impl Fn(&str) -> Option<String>) -> Self {
        let non_blank = |name| get(name).filter(|command| !command.trim().is_empty());
        Self { command: non_blank("VISUAL").or_else(|| non_blank("EDITOR")).unwrap_or_else(|| DEFAULT.to_owned()) }
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
        let path = directory.path().join("post.txt");
        write_private(&path, text).map_err(describe)?;
        let editor_name = sanitize(&self.command, 60);
        let words = if cfg!(windows) { None } else { shlex::split(&self.command) };
        let words = words.unwrap_or_else(|| self.command.split_whitespace().map(str::to_owned).collect());
        let (program, arguments) = words.split_first().ok_or("The editor has no name.")?;
        let mut command = Command::new(program);
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
        let edited = read_text(&path, MAX_BYTES)
            .map_err(|error| format!("The edited text could not be read: {}.", io_reason(&error)))?;
        let edited = edited.replace("\r\n", "\n");
        // Editors end the last line.
        Ok(edited.strip_suffix('\n').unwrap_or(&edited).to_owned())
    }
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

#[cfg(all(test, unix))]
mod tests {
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
        assert_eq!(with("", ""), DEFAULT);
    }

    #[tokio::test]
    async fn edited_text_is_read_and_the_private_file_deleted() {
        let directory = tempfile::tempdir().unwrap();
        let record = directory.path().join("record");
        let script = format!(
            "sh -c 'stat -c \"%a %n\" \"$(dirname \"$0\")\" \"$0\" > {}; echo two >> \"$0\"'",
            record.display()
        );
        assert_eq!(editor(&script).edit("one").await.unwrap(), "one\ntwo");
        let record = std::fs::read_to_string(record).unwrap();
        let mut lines = record.lines().map(|line| line.split_once(' ').unwrap());
        let (directory_mode, directory) = lines.next().unwrap();
        assert_eq!((directory_mode, lines.next().unwrap().0), ("700", "600"));
        assert!(!Path::new(directory).exists());
    }

    #[tokio::test]
    async fn failing_editor_is_reported() {
        let failed = editor("false").edit("one").await.unwrap_err();
        assert!(failed.contains("The editor false failed (exit status: 1)"), "{failed}");
        let missing = editor("no-such-editor-here").edit("one").await.unwrap_err();
        assert!(missing.starts_with("Could not start the editor no-such-editor-here: "), "{missing}");
    }
}
