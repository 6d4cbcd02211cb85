//! Where the state is stored: in memory, or in `server.json` of the sandbox's folder. The file is
//! private, though its secrets are of no use outside of the sandbox.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard};

use super::state::{SCHEMA, SandboxState};
use crate::error::io_reason;
use crate::files::{flush_folder, read_text};
use crate::{Code, Error, NextStep, Result};

pub(super) struct StateStore {
    folder: Option<PathBuf>,
    /// The state where there is no folder. With one it only orders the threads of this process.
    memory: Mutex<SandboxState>,
}

impl StateStore {
    /// Opens the folder, creates it (0700) where it is missing, and checks that its file can be read.
    pub(super) fn open(folder: Option<PathBuf>) -> Result<Self> {
        if let Some(folder) = &folder {
            create_private_folder(folder)?;
            load(folder)?;
        }
        Ok(Self { folder, memory: Mutex::default() })
    }

    pub(super) fn read(&self) -> Result<SandboxState> {
        let memory = self.memory();
        self.folder.as_deref().map_or_else(|| Ok(memory.clone()), load)
    }

    /// Updates the state. Another process may use the same folder, so the file is read again
    /// under its lock. Nothing changes where `update` fails.
    pub(super) fn update<T, E: From<Error>>(
        &self,
        update: impl FnOnce(&mut SandboxState) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut memory = self.memory();
        let _lock = self.folder.as_deref().map(lock).transpose()?;
        let mut next = self.folder.as_deref().map_or_else(|| Ok(memory.clone()), load)?;
        let value = update(&mut next)?;
        next.prune();
        match &self.folder {
            Some(folder) => save(folder, &next)?,
            None => *memory = next,
        }
        Ok(value)
    }

    fn memory(&self) -> MutexGuard<'_, SandboxState> {
        crate::sync::lock(&self.memory)
    }
}

pub(super) fn failed(operation: &str, path: &Path, error: &std::io::Error) -> Error {
    Error::new(
        Code::Files,
        format!("The sandbox cannot {operation} {}: {}.", path.display(), io_reason(error)),
        "Make the folder writable.",
    )
    .with_next_step(NextStep::UseOtherFolder)
    .with_io_source(error)
}

pub(super) fn create_private_folder(folder: &Path) -> Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|error| failed("create the folder", folder, &error))
}

fn lock(folder: &Path) -> Result<File> {
    let path = folder.join("server.lock");
    let mut options = File::options();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(&path).map_err(|error| failed("open", &path, &error))?;
    match file.lock() {
        Ok(()) => Ok(file),
        // Some file systems have no locks; one sandbox at a time works there.
        Err(error) if error.kind() == std::io::ErrorKind::Unsupported => Ok(file),
        Err(error) => Err(failed("lock", &path, &error)),
    }
}

/// Largest `server.json` that is read: far more than the longest lists fill.
const MAX_STATE_BYTES: u64 = 256 * 1024 * 1024;

fn load(folder: &Path) -> Result<SandboxState> {
    let path = folder.join("server.json");
    let text = match read_text(&path, MAX_STATE_BYTES) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(SandboxState::default()),
        Err(error) => return Err(failed("read", &path, &error)),
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

fn save(folder: &Path, state: &SandboxState) -> Result<()> {
    let path = folder.join("server.json");
    let write = || -> std::io::Result<()> {
        // NamedTempFile is 0600 when it is created.
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        serde_json::to_writer(&mut file, state)?;
        file.write_all(b"\n")?;
        file.as_file().sync_all()?;
        file.persist(&path).map_err(|error| error.error)?;
        flush_folder(folder)
    };
    write().map_err(|error| failed("write", &path, &error))
}
