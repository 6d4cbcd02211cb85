//! Reads the rows of a PNG (Portable Network Graphics, third edition), and a small picture of it for the terminal.

use miniz_oxide::inflate::decompress_to_vec_zlib_with_limit;

/// Why a damaged image cannot be used.
pub(super) const DAMAGED: &str = "it is damaged";
/// Pixels of a small picture: as many columns, and two for each row of a terminal.
const MAX_PICTURE: (usize, usize) = (32, 16);
/// Largest image after decompression that a small picture is made of, in bytes: decompressing more takes seconds.
const MAX_PICTURE_BYTES: usize = 64 * 1024 * 1024;

/// The parts of a PNG that its pixels need (Portable Network Graphics, third edition).
pub(super) struct Png<'a> {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) depth: u8,
    pub(super) color: u8,
    pub(super) palette: &'a [u8],
    /// The opacity of each color of the palette; without a palette, the one color that is transparent.
    pub(super) transparency: &'a [u8],
    /// The compressed rows.
    pub(super) rows: Vec<u8>,
}

/// An image in few pixels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PixelPreview {
    /// Pixels of a row.
    pub width: usize,
    /// The pixels, row by row: red, green and blue.
    pub pixels: Vec<[u8; 3]>,
}

impl<'a> Png<'a> {
    /// Reads a PNG; an error is a clause such as "it is interlaced".
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, &'static str> {
        let mut rest = bytes.get(8..).ok_or(DAMAGED)?;
        let mut png =
            Self { width: 0, height: 0, depth: 0, color: 0, palette: &[], transparency: &[], rows: Vec::new() };
        while let Some(length) = rest.first_chunk().map(|length| u32::from_be_bytes(*length) as usize) {
            let (kind, data) = (rest.get(4..8).ok_or(DAMAGED)?, rest.get(8..length.saturating_add(8)).ok_or(DAMAGED)?);
            match kind {
                b"IHDR" => {
                    let [w1, w2, w3, w4, h1, h2, h3, h4, depth, color, _, _, interlace, ..] = *data else {
                        return Err(DAMAGED);
                    };
                    if interlace != 0 {
                        return Err("it is interlaced");
                    }
                    png.width = u32::from_be_bytes([w1, w2, w3, w4]);
                    png.height = u32::from_be_bytes([h1, h2, h3, h4]);
                    (png.depth, png.color) = (depth, color);
                }
                b"PLTE" => png.palette = data,
                b"tRNS" => png.transparency = data,
                b"IDAT" => png.rows.extend_from_slice(data),
                b"IEND" => return Ok(png),
                _ => {}
            }
            // The length, the type and the checksum are around the data.
            rest = rest.get(length.saturating_add(12)..).unwrap_or_default();
        }
        Err(DAMAGED)
    }

    /// Returns the samples of a pixel.
    const fn channels(&self) -> Option<usize> {
        Some(match self.color {
            0 | 3 => 1,
            2 => 3,
            4 => 2,
            6 => 4,
            _ => return None,
        })
    }

    /// Returns the samples of the one color that is transparent; nothing without such a color.
    pub(super) fn transparent_color(&self) -> impl Iterator<Item = u16> {
        let is_color = matches!(self.color, 0 | 2) && self.channels() == Some(self.transparency.len() / 2);
        let samples = if is_color { self.transparency } else { &[] };
        // Only the bits of the depth count (section 11.3.1.1).
        let unused_bits = 16_u32.saturating_sub(u32::from(self.depth));
        let mask = u16::MAX.checked_shr(unused_bits).unwrap_or_default();
        samples.chunks_exact(2).map(move |sample| u16::from_be_bytes([sample[0], sample[1]]) & mask)
    }

    /// Decompresses the rows to at most `max_bytes`, and passes on each.
    pub(super) fn for_each_row(&self, max_bytes: usize, mut use_row: impl FnMut(&[u8])) -> Result<(), &'static str> {
        let channels = self.channels().ok_or(DAMAGED)?;
        if !(matches!(self.depth, 8 | 16) || channels == 1 && matches!(self.depth, 1 | 2 | 4)) {
            return Err(DAMAGED);
        }
        let pixel_bits = channels * usize::from(self.depth);
        let pixel_bytes = pixel_bits.div_ceil(8);
        let row_bytes = usize::try_from(self.width).map_err(|_| DAMAGED)?.saturating_mul(pixel_bits).div_ceil(8);
        let mut rows = decompress_to_vec_zlib_with_limit(&self.rows, max_bytes).map_err(|_| DAMAGED)?;
        if row_bytes >= rows.len() {
            return Err(DAMAGED);
        }
        let mut above = vec![0; row_bytes];
        let mut lines = rows.chunks_exact_mut(row_bytes + 1);
        for _ in 0..self.height {
            let (filter, row) = lines.next().and_then(<[u8]>::split_first_mut).ok_or(DAMAGED)?;
            unfilter(*filter, row, &above, pixel_bytes)?;
            use_row(row);
            above.copy_from_slice(row);
        }
        Ok(())
    }

    /// Returns the color of a pixel on white.
    fn color_at(&self, row: &[u8], x: usize) -> Option<[u8; 3]> {
        let (channels, depth) = (self.channels()?, usize::from(self.depth));
        let full_sample = |channel: usize| match depth {
            8 => row.get(x * channels + channel).copied().map(u16::from),
            16 => Some(u16::from_be_bytes(*row.get((x * channels + channel) * 2..)?.first_chunk()?)),
            1 | 2 | 4 => {
                let bit = x * depth;
                Some(u16::from(row.get(bit / 8)? >> (8 - depth - bit % 8) & (u8::MAX >> (8 - depth))))
            }
            _ => None,
        };
        // Of 16 bits the upper 8.
        let sample = |channel: usize| {
            let value = full_sample(channel)?;
            u8::try_from(if depth == 16 { value >> 8 } else { value }).ok()
        };
        if self.color == 3 {
            let index = usize::from(sample(0)?);
            let color: [u8; 3] = *self.palette.get(index * 3..)?.first_chunk()?;
            let opacity = self.transparency.get(index).copied().unwrap_or(u8::MAX);
            return Some(color.map(|value| on_white(value, opacity)));
        }
        let mut transparent = self.transparent_color().enumerate().peekable();
        if transparent.peek().is_some() && transparent.all(|(channel, value)| full_sample(channel) == Some(value)) {
            return Some([u8::MAX; 3]);
        }
        let scale = if depth < 8 { u8::MAX / (u8::MAX >> (8 - depth)) } else { 1 };
        let color = if channels < 3 { [sample(0)? * scale; 3] } else { [sample(0)?, sample(1)?, sample(2)?] };
        let opacity = if channels % 2 == 0 { sample(channels - 1)? } else { u8::MAX };
        Some(color.map(|value| on_white(value, opacity)))
    }
}

impl PixelPreview {
    /// Creates a small picture of a PNG: each of its pixels is the mean of those that it stands for. `None` for other
    /// formats, and for a PNG that is interlaced, damaged or very large.
    pub(crate) fn decode_png(bytes: &[u8]) -> Option<Self> {
        let png = bytes.starts_with(b"\x89PNG").then(|| Png::read(bytes).ok())??;
        let (columns, rows) = (usize::try_from(png.width).ok()?, usize::try_from(png.height).ok()?);
        if columns == 0 || rows == 0 {
            return None;
        }
        let (max_width, max_height) = MAX_PICTURE;
        // The largest size with the same proportions, and never larger than the image.
        let width = max_width.min(columns).min((max_height.min(rows) * columns).div_ceil(rows));
        let height = (width * rows).div_ceil(columns).clamp(1, max_height.min(rows));
        let mut sums = vec![[0_u64; 4]; width * height];
        let mut y = 0;
        png.for_each_row(MAX_PICTURE_BYTES, |row| {
            for x in 0..columns {
                if let (Some(color), Some(sum)) =
                    (png.color_at(row, x), sums.get_mut(y * height / rows * width + x * width / columns))
                {
                    let [red, green, blue] = color.map(u64::from);
                    *sum = [sum[0] + red, sum[1] + green, sum[2] + blue, sum[3] + 1];
                }
            }
            y += 1;
        })
        .ok()?;
        let mean = |sum: u64, count: u64| u8::try_from(sum / count.max(1)).unwrap_or(u8::MAX);
        let pixels = sums.iter().map(|[red, green, blue, count]| [red, green, blue].map(|sum| mean(*sum, *count)));
        Some(Self { width, pixels: pixels.collect() })
    }
}

/// Returns a color on white.
pub(super) fn on_white(value: u8, opacity: u8) -> u8 {
    let (value, opacity) = (u32::from(value), u32::from(opacity));
    let mixed = (value * opacity + 255 * (255 - opacity) + 127) / 255;
    u8::try_from(mixed).unwrap_or(u8::MAX)
}

/// Reverses the filter of a row (section 9).
fn unfilter(filter: u8, row: &mut [u8], above: &[u8], pixel_bytes: usize) -> Result<(), &'static str> {
    for at in 0..row.len() {
        let left = at.checked_sub(pixel_bytes).map_or(0, |at| row[at]);
        let up = above[at];
        let up_left = at.checked_sub(pixel_bytes).map_or(0, |at| above[at]);
        let predicted = match filter {
            0 => 0,
            1 => left,
            2 => up,
            3 => u8::midpoint(left, up),
            4 => paeth(left, up, up_left),
            _ => return Err(DAMAGED),
        };
        row[at] = row[at].wrapping_add(predicted);
    }
    Ok(())
}

/// Returns the neighbor that is nearest to the sum of the slopes (section 9.4).
fn paeth(left: u8, up: u8, up_left: u8) -> u8 {
    let estimate = i16::from(left) + i16::from(up) - i16::from(up_left);
    let distance = |value: u8| (estimate - i16::from(value)).abs();
    if distance(left) <= distance(up) && distance(left) <= distance(up_left) {
        left
    } else if distance(up) <= distance(up_left) {
        up
    } else {
        up_left
    }
}

#[cfg(test)]
pub(super) mod tests {
    use miniz_oxide::deflate::compress_to_vec_zlib;
    use rstest::rstest;

    use super::*;

    fn chunk(kind: &[u8], data: &[u8]) -> Vec<u8> {
        let length = u32::try_from(data.len()).unwrap().to_be_bytes();
        [&length, kind, data, &[0; 4]].concat()
    }

    /// Builds a PNG of rows, each after its filter.
    pub(in super::super) fn png_of(
        width: u32,
        color: u8,
        depth: u8,
        interlace: u8,
        rows: &[u8],
        height: u32,
    ) -> Vec<u8> {
        let head = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[depth, color, 0, 0, interlace]].concat();
        let data = compress_to_vec_zlib(rows, 6);
        [b"\x89PNG\r\n\x1a\n".as_slice(), &chunk(b"IHDR", &head), &chunk(b"IDAT", &data), &chunk(b"IEND", &[])].concat()
    }

    /// Adds a chunk `tRNS` to a PNG.
    pub(in super::super) fn with_transparency(png: &[u8], data: &[u8]) -> Vec<u8> {
        // After the signature and the chunk of the size.
        [&png[..33], &chunk(b"tRNS", data), &png[33..]].concat()
    }

    #[rstest]
    #[case::gray(0, 8, &[0, 7, 9], &[0, 9], &[[7; 3], [255; 3]])]
    #[case::one_bit(0, 1, &[0, 0], &[0, 0], &[[255; 3], [255; 3]])]
    #[case::color(2, 8, &[0, 1, 2, 3, 1, 2, 4], &[0, 1, 0, 2, 0, 3], &[[255; 3], [1, 2, 4]])]
    #[case::color_of_16_bits(2, 16, &[0, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 2], &[0, 1, 0, 1, 0, 1], &[[255; 3], [0; 3]])]
    #[case::damaged(0, 8, &[0, 0, 9], &[0], &[[0; 3], [9; 3]])]
    fn a_transparent_color_is_white(
        #[case] color: u8,
        #[case] depth: u8,
        #[case] rows: &[u8],
        #[case] transparency: &[u8],
        #[case] expected: &[[u8; 3]],
    ) {
        let png = with_transparency(&png_of(2, color, depth, 0, rows, 1), transparency);
        assert_eq!(PixelPreview::decode_png(&png).unwrap().pixels, expected);
    }

    #[test]
    fn colors_are_mixed_with_white() {
        assert_eq!((on_white(0, 255), on_white(0, 0), on_white(0, 128), on_white(255, 7)), (0, 255, 127, 255));
    }

    #[rstest]
    #[case::gray(0, 8, &[0, 0, 200], &[[0; 3], [200; 3]])]
    #[case::gray_with_opacity(4, 8, &[0, 10, 255, 0, 0], &[[10; 3], [255; 3]])]
    #[case::color(2, 8, &[0, 1, 2, 3, 4, 5, 6], &[[1, 2, 3], [4, 5, 6]])]
    #[case::color_of_16_bits(2, 16, &[0, 1, 9, 2, 9, 3, 9, 4, 9, 5, 9, 6, 9], &[[1, 2, 3], [4, 5, 6]])]
    #[case::color_with_opacity(6, 8, &[1, 1, 2, 3, 255, 0, 0, 0, 1], &[[1, 2, 3], [255; 3]])]
    #[case::one_bit(0, 1, &[0, 0b1000_0000], &[[255; 3], [0; 3]])]
    #[case::two_bits(0, 2, &[0, 0b0110_0000], &[[85; 3], [170; 3]])]
    #[case::no_palette(3, 4, &[0, 0x12], &[[0; 3], [0; 3]])]
    fn pixels_of_every_kind_are_read(
        #[case] color: u8,
        #[case] depth: u8,
        #[case] rows: &[u8],
        #[case] expected: &[[u8; 3]],
    ) {
        let picture = PixelPreview::decode_png(&png_of(2, color, depth, 0, rows, 1)).unwrap();
        assert_eq!((picture.width, picture.pixels.as_slice()), (2, expected));
    }

    #[test]
    fn a_picture_is_small_and_has_the_means_of_its_pixels() {
        // Columns of 0 and 100 by turns, 64 wide and 64 high: each pixel of the picture has both.
        let row = [vec![0], [0, 100].repeat(32)].concat();
        let picture = PixelPreview::decode_png(&png_of(64, 0, 8, 0, &row.repeat(64), 64)).unwrap();
        assert_eq!((picture.width, picture.pixels), (16, vec![[50; 3]; 16 * 16]));
        for (width, height, expected) in [(300, 10, (32, 2)), (10, 300, (1, 16)), (3, 2, (3, 2)), (1, 40, (1, 16))] {
            let row = vec![0; usize::try_from(width).unwrap() + 1];
            let rows = row.repeat(usize::try_from(height).unwrap());
            let picture = PixelPreview::decode_png(&png_of(width, 0, 8, 0, &rows, height)).unwrap();
            assert_eq!((picture.width, picture.pixels.len() / picture.width), expected, "{width}x{height}");
        }
    }

    #[rstest]
    #[case::interlaced(&png_of(1, 2, 8, 1, &[0; 4], 1))]
    #[case::too_few_rows(&png_of(1, 6, 8, 0, &[0; 5], 2))]
    #[case::no_pixels(&png_of(0, 6, 8, 0, &[0; 5], 0))]
    #[case::huge_width(&png_of(u32::MAX, 6, 16, 0, &[0; 5], 1))]
    #[case::unknown_color(&png_of(1, 7, 8, 0, &[0; 5], 1))]
    #[case::unknown_depth(&png_of(1, 0, 0, 0, &[0; 5], 1))]
    #[case::depth_of_another_kind(&png_of(2, 2, 4, 0, &[0; 5], 1))]
    #[case::jpeg(include_bytes!("../../../tests/it/e2e/images/small.jpg"))]
    fn an_image_that_cannot_be_decoded_has_no_picture(#[case] bytes: &[u8]) {
        assert_eq!(PixelPreview::decode_png(bytes).map(|picture| picture.pixels.concat()), None);
    }
}
