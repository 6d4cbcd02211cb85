//! Reading image files, whose type is detected from their first bytes.

use bytes::Bytes;
use imagesize::ImageType;

use super::image_completeness::is_complete;
use crate::error::io_reason;
use crate::files::{open_regular, read_open};
use crate::store::{DraftImage, FileStamp};
use crate::text::sanitize;
use crate::{Error, Result};

/// An image must have fewer pixels than this ("Images API").
const PIXEL_LIMIT: usize = 36_152_320;
/// Largest file that is read into memory; few images with fewer than [`PIXEL_LIMIT`] pixels are larger.
const MAX_IMAGE_BYTES: u64 = 64 * 1024 * 1024;

pub(super) struct LoadedImage {
    pub(super) bytes: Bytes,
    /// Width and height in pixels.
    pub(super) size: (usize, usize),
    pub(super) media_type: &'static str,
    pub(super) alt: Option<String>,
    pub(super) stamp: FileStamp,
}

pub(super) fn load(image: &DraftImage) -> Result<LoadedImage> {
    read(image).map_err(|UnusableImage { reason, source }| {
        let path = sanitize(&image.path.to_string_lossy(), 120);
        let error = Error::bad_input(
            format!("The image {path} cannot be used: {reason}."),
            "LinkedIn accepts PNG, JPEG and GIF files of fewer than 36,152,320 pixels.",
        );
        source.iter().fold(error, Error::with_io_source)
    })
}

/// Why a file cannot be used as an image.
pub(super) struct UnusableImage {
    /// Without the name of the file: "it is not a PNG, JPEG or GIF".
    pub(super) reason: String,
    source: Option<std::io::Error>,
}

fn unusable(reason: impl Into<String>) -> UnusableImage {
    UnusableImage { reason: reason.into(), source: None }
}

/// Reads and checks an image.
pub(super) fn read(image: &DraftImage) -> Result<LoadedImage, UnusableImage> {
    let (bytes, stamp) = open_regular(&image.path)
        .and_then(|(file, metadata)| {
            Ok((read_open(file, &metadata, MAX_IMAGE_BYTES)?, FileStamp::new(&image.path, &metadata)))
        })
        .map_err(|error| UnusableImage { reason: io_reason(&error).into_owned(), source: Some(error) })?;
    let (media_type, size) = check(&bytes)?;
    let alt = image.alt.clone().filter(|alt| !alt.is_empty());
    Ok(LoadedImage { bytes: bytes.into(), size, media_type, alt, stamp })
}

/// Checks the content of an image file, and returns its media type, and its width and height in pixels.
pub(super) fn check(bytes: &[u8]) -> Result<(&'static str, (usize, usize)), UnusableImage> {
    let format = imagesize::image_type(bytes);
    let media_type = match format {
        Ok(ImageType::Png) => "image/png",
        Ok(ImageType::Jpeg) => "image/jpeg",
        Ok(ImageType::Gif) => "image/gif",
        _ => return Err(unusable("it is not a PNG, JPEG or GIF")),
    };
    let size = imagesize::blob_size(bytes).map_err(|_| unusable("it is damaged: its size cannot be read"))?;
    if size.width == 0 || size.height == 0 {
        return Err(unusable(format!("it is damaged: its size is {} x {} pixels", size.width, size.height)));
    }
    if !format.is_ok_and(|format| is_complete(format, bytes)) {
        return Err(unusable("it is not complete: the file was cut off, or is damaged"));
    }
    if size.width.saturating_mul(size.height) >= PIXEL_LIMIT {
        return Err(unusable(format!("it has {} x {} pixels", size.width, size.height)));
    }
    Ok((media_type, (size.width, size.height)))
}
