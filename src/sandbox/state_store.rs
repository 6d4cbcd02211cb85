//! Where the state is stored: in memory, or in `server.json` of the sandbox's directory. The file has
//! mode 0600, although its secrets are useless outside of the sandbox.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard};

use super::state::{SCHEMA, SandboxState};
use crate::error::io_reason;
use crate::files::{MAX_TRIES_WHILE_OPEN, flush, flush_directory, read_text, retry_while_open};
use crate::{Code, Error, NextStep, Result};

pub(super) struct StateStore {
    directory: Option<PathBuf>,
    /// The state if there is no directory. With one, its lock only serializes the threads of this process.
    memory: Mutex<SandboxState>,
}

impl StateStore {
    /// Opens the directory, creates it (0700) if it is missing, and checks that its file can be read.
    pub(super) fn open(directory: Option<PathBuf>) -> Result<Self> {
        if let Some(directory) = &directory {
            create_private_directory(directory)?;
            load(directory)?;
        }
        Ok(Self { directory, memory: Mutex::default() })
    }

    pub(super) fn read(&self) -> Result<SandboxState> {
        let memory = self.memory();
        self.directory.as_deref().map_or_else(|| Ok(memory.clone()), load)
    }

    /// Updates the state. Another process may use the same directory, so the file is read again
    /// under its lock. Nothing changes if `update` fails.
    pub(super) fn update<T, E: From<Error>>(
        &self,
        update: impl FnOnce(&mut SandboxState) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut memory = self.memory();
        let _lock = self.directory.as_deref().map(lock).transpose()?;
        let mut state = self.directory.as_deref().map_or_else(|| Ok(memory.clone()), load)?;
        let value = update(&mut state)?;
        state.prune();
        match &self.directory {
            Some(directory) => save(directory, &state)?,
            None => *memory = state,
        }
        Ok(value)
    }

    fn memory(&self) -> MutexGuard<'_, SandboxState> {
        crate::sync::lock(&self.memory)
    }
}

pub(super) fn storage_error(operation: &str, path: &Path, error: &std::io::Error) -> Error {
    Error::new(
        Code::Files,
        format!("The sandbox cannot {operation} {}: {}.", path.display(), io_reason(error)),
        "Make the directory writable.",
    )
    .with_next_step(NextStep::UseOtherDirectory)
    .with_io_source(error)
}

pub(super) fn create_private_directory(directory: &Path) -> Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory).map_err(|error| storage_error("create the directory", directory, &error))
}

fn lock(directory: &Path) -> Result<File> {
    let path = directory.join("server.lock");
    let mut options = File::options();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(&path).map_err(|error| storage_error("open", &path, &error))?;
    match file.lock() {
        Ok(()) => Ok(file),
        // Some file systems have no locks; one sandbox at a time works there.
        Err(error) if error.kind() == std::io::ErrorKind::Unsupported => Ok(file),
        Err(error) => Err(storage_error("lock", &path, &error)),
    }
}

/// Largest `server.json` that is read: far more than the longest lists fill.
const MAX_STATE_BYTES: u64 = 256 * 1024 * 1024;

fn load(directory: &Path) -> Result<SandboxState> {
    let path = directory.join("server.json");
    let text = match read_text(&path, MAX_STATE_BYTES) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(SandboxState::default()),
        Err(error) => return Err(storage_error("read", &path, &error)),
    };
    // The parser's own message may quote a token, so only line and column are reported.
    let state: SandboxState = serde_json::from_str(&text).map_err(|error| {
        Error::new(
            Code::FileDamaged,
            format!("{} is damaged at line {}, column {}.", path.display(), error.line(), error.column()),
            "Delete the file to reset the sandbox.",
        )
    })?;
    if state.schema > SCHEMA {
        return Err(Error::new(
            Code::FileNewer,
            format!("{} was written by a newer version of this program.", path.display()),
            "Use that version, or delete the file to reset the sandbox.",
        ));
    }
    Ok(state)
}

fn save(directory: &Path, state: &SandboxState) -> Result<()> {
    let path = directory.join("server.json");
    let write = || -> std::io::Result<()> {
        // NamedTempFile is 0600 when it is created.
        let mut file = tempfile::NamedTempFile::new_in(directory)?;
        serde_json::to_writer(&mut file, state)?;
        file.write_all(b"\n")?;
        flush(file.as_file())?;
        let persist =
            |file: tempfile::NamedTempFile| file.persist(&path).map(drop).map_err(|error| (error.error, error.file));
        retry_while_open(file, MAX_TRIES_WHILE_OPEN, persist)?;
        flush_directory(directory)
    };
    write().map_err(|error| storage_error("write", &path, &error))
}
