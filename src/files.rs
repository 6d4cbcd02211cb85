//! Reading files and streams that a user names or that the program finds: never waits for a pipe,
//! never reads more than the caller's limit, and decodes UTF-8 and UTF-16 by their byte order marks.
//!
//! The errors are [`std::io::Error`]s that [`crate::error::io_reason`] describes.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, ErrorKind, Read};
use std::path::Path;

use crate::error::Reason;

#[cfg(any(windows, test))]
pub(crate) mod acl;
pub(crate) mod leftovers;
mod replacement;
mod retry;

pub(crate) use replacement::{create_temporary, directory_of, flush, flush_directory, replace, unlock};
pub(crate) use retry::{MAX_TRIES_WHILE_OPEN, retry_while_open};

/// How texts describe who can read the files with secrets. On Windows only `doctor` reads who has access.
pub(crate) const WHO_CAN_READ: &str = if cfg!(windows) { "in your config directory" } else { "that only you can read" };

/// Opens a regular file for reading, without waiting for the writer of a named pipe.
///
/// What the user's shell opened for this program (`<(command)`, `/dev/stdin`) is read like stdin, so it is
/// accepted, even if it is a pipe; every other pipe, device and directory is refused.
pub(crate) fn open_regular(path: &Path) -> io::Result<(File, Metadata)> {
    let is_inherited = is_inherited_stream(path);
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    if !is_inherited {
        use rustix::fs::OFlags;
        use std::os::unix::fs::OpenOptionsExt;
        options.custom_flags((OFlags::NONBLOCK | OFlags::NOCTTY).bits().cast_signed());
    }
    let not_regular = || Reason::error(ErrorKind::InvalidInput, "it is not a regular file");
    let file = open_once_replaced(&options, path).map_err(|error| {
        // A socket cannot be opened at all (ENXIO), and on Windows neither can a directory.
        let is_directory = |metadata: &Metadata| metadata.is_dir() && !cfg!(windows);
        if std::fs::metadata(path).is_ok_and(|metadata| !metadata.is_file() && !is_directory(&metadata))
            && !is_inherited
        {
            not_regular()
        } else {
            error
        }
    })?;
    let metadata = file.metadata()?;
    if metadata.is_dir() {
        return Err(Reason::error(ErrorKind::InvalidInput, "it is a directory"));
    }
    if !metadata.is_file() && !is_inherited {
        return Err(not_regular());
    }
    Ok((file, metadata))
}

/// Opens a file that another process may be replacing: Windows refuses it for that moment.
fn open_once_replaced(options: &OpenOptions, path: &Path) -> io::Result<File> {
    let max_tries = if cfg!(windows) && !path.is_dir() { MAX_TRIES_WHILE_OPEN } else { 1 };
    retry_while_open((), max_tries, |()| options.open(path).map_err(|error| (error, ())))
}

/// Returns whether `path` names a file descriptor that the shell opened for this process.
fn is_inherited_stream(path: &Path) -> bool {
    cfg!(unix)
        && (path == Path::new("/dev/stdin")
            || path
                .parent()
                .is_some_and(|directory| directory == Path::new("/dev/fd") || directory == Path::new("/proc/self/fd")))
}

/// Reads a regular file of at most `max_bytes`; see [`open_regular`].
pub(crate) fn read_bounded(path: &Path, max_bytes: u64) -> io::Result<Vec<u8>> {
    let (file, metadata) = open_regular(path)?;
    read_open(file, &metadata, max_bytes)
}

/// Reads an open file of at most `max_bytes` to its end.
pub(crate) fn read_open(file: File, metadata: &Metadata, max_bytes: u64) -> io::Result<Vec<u8>> {
    read_to_limit(file, metadata.len(), max_bytes)
}

/// Reads an open stream of at most `max_bytes` to its end.
pub(crate) fn read_stream(stream: impl Read, max_bytes: u64) -> io::Result<Vec<u8>> {
    read_to_limit(stream, 0, max_bytes)
}

fn read_to_limit(stream: impl Read, expected_bytes: u64, max_bytes: u64) -> io::Result<Vec<u8>> {
    // Room for the whole file: a small one takes two reads, and no secret is copied while the buffer grows.
    let mut bytes = Vec::with_capacity(usize::try_from(expected_bytes.min(max_bytes)).unwrap_or_default() + 1);
    stream.take(max_bytes.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > max_bytes {
        return Err(Reason::error(ErrorKind::FileTooLarge, format!("it is larger than {}", format_size(max_bytes))));
    }
    Ok(bytes)
}

fn format_size(bytes: u64) -> String {
    match bytes {
        0..1024 => format!("{bytes} bytes"),
        1024..1_048_576 => format!("{} KiB", bytes / 1024),
        _ => format!("{} MiB", bytes / 1_048_576),
    }
}

/// Reads a text file of at most `max_bytes`; see [`decode`].
pub(crate) fn read_text(path: &Path, max_bytes: u64) -> io::Result<String> {
    read_bounded(path, max_bytes).and_then(decode)
}

/// Decodes UTF-8, or UTF-16 as PowerShell 5 writes it, and removes the byte order mark.
pub(crate) fn decode(mut bytes: Vec<u8>) -> io::Result<String> {
    if let Some(text) = decode_utf16(&bytes) {
        return text;
    }
    if bytes.starts_with(UTF8_MARK) {
        bytes.drain(..UTF8_MARK.len());
    }
    String::from_utf8(bytes).map_err(|error| {
        let line = error.as_bytes()[..error.utf8_error().valid_up_to()].split(|byte| *byte == b'\n').count();
        Reason::error(ErrorKind::InvalidData, format!("line {line} is not UTF-8; save it as UTF-8"))
    })
}

pub(crate) const UTF8_MARK: &[u8] = b"\xef\xbb\xbf";

/// Decodes bytes with a UTF-16 byte order mark; `None` without one.
fn decode_utf16(bytes: &[u8]) -> Option<io::Result<String>> {
    let to_unit: fn([u8; 2]) -> u16 = match bytes {
        [0xff, 0xfe, ..] => u16::from_le_bytes,
        [0xfe, 0xff, ..] => u16::from_be_bytes,
        _ => return None,
    };
    let pairs = bytes[2..].chunks_exact(2);
    let is_complete = pairs.remainder().is_empty();
    let units: Vec<u16> = pairs.map(|pair| to_unit([pair[0], pair[1]])).collect();
    let text = String::from_utf16(&units).ok().filter(|_| is_complete);
    Some(text.ok_or_else(|| Reason::error(ErrorKind::InvalidData, "it is damaged UTF-16; save it as UTF-8")))
}

/// Opens a file for reading, without following a symbolic link or waiting for the writer of a named pipe.
pub(crate) fn open_without_following(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        use std::os::unix::fs::OpenOptionsExt;
        options.custom_flags((OFlags::NONBLOCK | OFlags::NOFOLLOW).bits().cast_signed());
    }
    options.open(path)
}

/// Returns a file's mode if users other than its owner can read it.
#[cfg(unix)]
pub(crate) fn mode_open_to_others(path: &Path) -> io::Result<Option<u32>> {
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(path)?.permissions()) & 0o777;
    Ok(Some(mode).filter(|mode| mode & 0o044 != 0))
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "it can fail on Unix")]
pub(crate) fn mode_open_to_others(_: &Path) -> io::Result<Option<u32>> {
    Ok(None)
}

/// Fills `buffer` from `offset`. Parts are read at the same time, so that no position is shared.
pub(crate) fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<()> {
    #[cfg(unix)]
    return std::os::unix::fs::FileExt::read_exact_at(file, buffer, offset);
    #[cfg(windows)]
    {
        let (mut done, length) = (0, buffer.len());
        while done < length {
            let position = offset + done as u64;
            match std::os::windows::fs::FileExt::seek_read(file, &mut buffer[done..], position)? {
                0 => return Err(ErrorKind::UnexpectedEof.into()),
                read => done += read,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::io_reason;

    #[cfg(target_os = "linux")]
    #[test]
    fn named_pipe_is_refused_at_once() {
        let directory = tempfile::tempdir().unwrap();
        let pipe = directory.path().join("pipe");
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, rustix::fs::Mode::RWXU, 0).unwrap();
        let irregular = "it is not a regular file";
        for (path, reason) in
            [(pipe.as_path(), irregular), (Path::new("/dev/zero"), irregular), (directory.path(), "it is a directory")]
        {
            let error = read_bounded(path, 10).unwrap_err();
            assert_eq!(io_reason(&error), reason, "{}", path.display());
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn pipe_that_the_shell_opened_is_read() {
        use std::io::Write;
        use std::os::fd::AsRawFd;
        let (reader, mut writer) = io::pipe().unwrap();
        writer.write_all(b"secret").unwrap();
        drop(writer);
        assert_eq!(read_bounded(Path::new(&format!("/dev/fd/{}", reader.as_raw_fd())), 10).unwrap(), b"secret");
    }

    #[test]
    fn no_more_than_the_limit_is_read() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("file");
        File::create(&path).unwrap().set_len(3 << 30).unwrap();
        assert_eq!(io_reason(&read_bounded(&path, 4096).unwrap_err()), "it is larger than 4 KiB");
        std::fs::write(&path, "12345").unwrap();
        assert_eq!(read_bounded(&path, 5).unwrap(), b"12345");
        assert!(read_bounded(&path, 4).is_err());
        assert!(read_stream(io::repeat(0), 100).is_err());
    }

    #[test]
    fn text_is_decoded_by_its_byte_order_mark() {
        let utf16 = |mark: [u8; 2], bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
            mark.into_iter().chain("Zoë=1\r\n".encode_utf16().flat_map(bytes)).collect()
        };
        for bytes in [
            "Zoë=1\r\n".as_bytes().to_vec(),
            "\u{feff}Zoë=1\r\n".as_bytes().to_vec(),
            utf16([0xff, 0xfe], u16::to_le_bytes),
            utf16([0xfe, 0xff], u16::to_be_bytes),
        ] {
            assert_eq!(decode(bytes.clone()).unwrap(), "Zoë=1\r\n", "{bytes:?}");
        }
        assert_eq!(
            io_reason(&decode(b"a\n# Schl\xfcssel\n".to_vec()).unwrap_err()),
            "line 2 is not UTF-8; save it as UTF-8"
        );
        assert!(io_reason(&decode(b"\xff\xfea".to_vec()).unwrap_err()).contains("UTF-16"));
    }
}
