//! Detects image files that were cut off: they lack the end mark of their format. Nothing is decoded.

use imagesize::ImageType;

/// Returns whether the file reaches the end mark of its format. More bytes may follow: phones and editors append
/// their own.
pub(super) fn is_complete(kind: ImageType, bytes: &[u8]) -> bool {
    match kind {
        ImageType::Png => has_png_end(bytes),
        ImageType::Jpeg => has_jpeg_end(bytes).unwrap_or(false),
        ImageType::Gif => has_gif_end(bytes).unwrap_or(false),
        _ => false,
    }
}

/// Detects the end of a PNG (section 11.2.4): the last chunk is empty, so it has the same bytes in every file.
fn has_png_end(bytes: &[u8]) -> bool {
    const IEND: &[u8] = b"\0\0\0\0IEND\xae\x42\x60\x82";
    bytes.windows(IEND.len()).any(|window| window == IEND)
}

/// Detects the end of a JPEG (ITU-T T.81, annex B): segments with a length, scans whose bytes FF are followed by 00 or
/// a restart marker, and `EOI`.
fn has_jpeg_end(bytes: &[u8]) -> Option<bool> {
    let mut rest = bytes.get(2..)?;
    let mut has_scan = false;
    loop {
        let marker = rest.windows(2).position(|pair| pair[0] == 0xff && !matches!(pair[1], 0x00 | 0xff))?;
        let kind = rest[marker + 1];
        rest = &rest[marker + 2..];
        match kind {
            0xd9 => return Some(has_scan),
            // TEM, the restart markers (D0 to D7) and SOI (D8) have no length.
            0x01 | 0xd0..=0xd8 => continue,
            0xda => has_scan = true,
            _ => {}
        }
        let length = usize::from(u16::from_be_bytes(*rest.first_chunk()?));
        rest = rest.get(length.max(2)..)?;
    }
}

/// Detects the end of a GIF (version 89a): header, color tables, blocks of sub-blocks, and the trailer 3B.
fn has_gif_end(bytes: &[u8]) -> Option<bool> {
    /// Bytes of the color table that the flags announce.
    const fn color_table_bytes(flags: u8) -> usize {
        if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) }
    }
    let mut rest = bytes.get(13 + color_table_bytes(*bytes.get(10)?)..)?;
    let mut has_image = false;
    loop {
        let (kind, after) = rest.split_first()?;
        rest = match kind {
            0x3b => return Some(has_image),
            // An extension: its label, then sub-blocks.
            0x21 => after.get(1..)?,
            // An image: position, size and flags, colors, the code size, then sub-blocks.
            0x2c => {
                has_image = true;
                after.get(10 + color_table_bytes(*after.get(8)?)..)?
            }
            _ => return Some(false),
        };
        loop {
            let (length, data) = rest.split_first()?;
            rest = data.get(usize::from(*length)..)?;
            if *length == 0 {
                break;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const IMAGES: [(ImageType, &[u8]); 3] = [
        (ImageType::Png, include_bytes!("../../../tests/it/e2e/images/small.png")),
        (ImageType::Jpeg, include_bytes!("../../../tests/it/e2e/images/small.jpg")),
        (ImageType::Gif, include_bytes!("../../../tests/it/e2e/images/small.gif")),
    ];

    #[test]
    fn an_image_that_was_cut_off_is_incomplete() {
        for (kind, bytes) in IMAGES {
            assert!(is_complete(kind, bytes), "{kind:?}");
            assert!(is_complete(kind, &[bytes, b"\0more".as_slice()].concat()), "{kind:?} with more after its end");
            for length in 0..bytes.len() {
                assert!(!is_complete(kind, &bytes[..length]), "{kind:?} cut at {length} of {}", bytes.len());
            }
        }
    }

    #[test]
    fn the_end_of_a_thumbnail_is_not_the_end_of_the_image() {
        let thumbnail = IMAGES[1].1;
        let length = u16::try_from(thumbnail.len() + 2).unwrap().to_be_bytes();
        let with = [b"\xff\xd8\xff\xe1", length.as_slice(), thumbnail, &thumbnail[2..]].concat();
        assert!(is_complete(ImageType::Jpeg, &with));
        assert!(!is_complete(ImageType::Jpeg, &with[..with.len() - 2]));
    }
}
