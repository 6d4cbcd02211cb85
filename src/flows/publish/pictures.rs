//! Image files, read and known for what they are by their first bytes.

use std::io::Read;
use std::path::Path;

use bytes::Bytes;
use imagesize::ImageType;

use super::complete::is_complete;
use super::types::Picture;
use crate::text::clean;
use crate::{Error, Result};

/// LinkedIn takes images of fewer pixels ("Images API").
const PIXELS: usize = 36_152_320;
/// Largest file that is read; an image of so many pixels is smaller.
const MOST: u64 = 64 * 1024 * 1024;

/// An image in memory.
pub(super) struct Loaded {
    pub(super) bytes: Bytes,
    /// Its media type.
    pub(super) kind: &'static str,
    pub(super) alt: Option<String>,
}

/// Reads an image.
///
/// # Errors
/// `bad_input` for a file that cannot be read, is none of PNG, JPEG and GIF, or has too many pixels.
pub(super) fn load(picture: &Picture) -> Result<Loaded> {
    let shown = clean(&picture.path.to_string_lossy(), 120);
    let refused = |why: &str| {
        Error::bad_input(
            format!("The image {shown} cannot be used: {why}."),
            "LinkedIn takes PNG, JPEG and GIF files of fewer than 36,152,320 pixels.",
        )
    };
    let bytes = read(&picture.path).map_err(|error| refused(reason(error.kind())))?;
    if bytes.len() as u64 > MOST {
        return Err(refused("it is larger than 64 MiB"));
    }
    let format = imagesize::image_type(&bytes);
    let kind = match format {
        Ok(ImageType::Png) => "image/png",
        Ok(ImageType::Jpeg) => "image/jpeg",
        Ok(ImageType::Gif) => "image/gif",
        _ => return Err(refused("it is not a PNG, JPEG or GIF")),
    };
    let size = imagesize::blob_size(&bytes).map_err(|_| refused("it is damaged: its size cannot be read"))?;
    if size.width == 0 || size.height == 0 {
        return Err(refused(&format!("it is damaged: its size is {} x {} pixels", size.width, size.height)));
    }
    if !format.is_ok_and(|format| is_complete(format, &bytes)) {
        return Err(refused("it is not complete: the file was cut off, or is damaged"));
    }
    if size.width.saturating_mul(size.height) >= PIXELS {
        return Err(refused(&format!("it has {} x {} pixels", size.width, size.height)));
    }
    Ok(Loaded { bytes: bytes.into(), kind, alt: picture.alt.clone().filter(|alt| !alt.is_empty()) })
}

/// Returns why a file could not be read, in words.
fn reason(kind: std::io::ErrorKind) -> &'static str {
    match kind {
        std::io::ErrorKind::NotFound => "the file was not found",
        std::io::ErrorKind::PermissionDenied => "you do not have permission to read it",
        std::io::ErrorKind::InvalidInput | std::io::ErrorKind::IsADirectory => "it is not a file",
        _ => "the file could not be read",
    }
}

fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    // A pipe would be waited for, as long as nobody writes to it.
    if !std::fs::metadata(path)?.is_file() {
        return Err(std::io::ErrorKind::InvalidInput.into());
    }
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(MOST + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
