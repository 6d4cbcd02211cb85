//! Reading image files, whose type is detected from their first bytes.

use bytes::Bytes;
use imagesize::ImageType;

use super::complete::is_complete;
use crate::error::io_reason;
use crate::files::read_bounded;
use crate::store::DraftImage;
use crate::text::clean;
use crate::{Error, Result};

/// LinkedIn accepts images with fewer pixels ("Images API").
const PIXEL_LIMIT: usize = 36_152_320;
/// Largest file that is read; an image of so many pixels is smaller.
const MAX_IMAGE_BYTES: u64 = 64 * 1024 * 1024;

pub(super) struct LoadedImage {
    pub(super) bytes: Bytes,
    pub(super) kind: &'static str,
    pub(super) alt: Option<String>,
}

pub(super) fn load(image: &DraftImage) -> Result<LoadedImage> {
    let shown = clean(&image.path.to_string_lossy(), 120);
    let refused = |why: &str| {
        Error::bad_input(
            format!("The image {shown} cannot be used: {why}."),
            "LinkedIn accepts PNG, JPEG and GIF files of fewer than 36,152,320 pixels.",
        )
    };
    let bytes = read_bounded(&image.path, MAX_IMAGE_BYTES)
        .map_err(|error| refused(&io_reason(&error)).with_io_source(&error))?;
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
    if size.width.saturating_mul(size.height) >= PIXEL_LIMIT {
        return Err(refused(&format!("it has {} x {} pixels", size.width, size.height)));
    }
    Ok(LoadedImage { bytes: bytes.into(), kind, alt: image.alt.clone().filter(|alt| !alt.is_empty()) })
}
