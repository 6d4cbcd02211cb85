//! A PDF of images, one a page (ISO 32000-1), and the number of pages of a PDF.
//!
//! A JPEG is embedded as it is, and so are the compressed rows of a PNG, which a PDF reader decodes by itself. Only the
//! rows of a PNG with transparency are rewritten: a PDF wants color and transparency apart.

use miniz_oxide::deflate::compress_to_vec_zlib;

use super::png::{DAMAGED, Png, on_white};

/// The longer side of a page, in points (1/72 inch).
const PAGE_POINTS: f64 = 1080.0;
/// Largest image after decompression, in bytes: 16 bits and four channels of the most pixels that LinkedIn accepts.
const MAX_ROWS_BYTES: usize = 36_152_320 * 8 + 100_000;

/// An image as an object of a PDF.
pub(super) struct Page {
    width: u32,
    height: u32,
    /// The entries of its dictionary but for the size.
    entries: String,
    data: Vec<u8>,
    /// How a photo has to be turned, as in the Exif tag of its orientation: 1 to 8.
    orientation: u8,
}

impl Page {
    /// Reads an image of a media type; an error is a clause such as "it is interlaced".
    pub(super) fn new(kind: &str, bytes: &[u8]) -> Result<Self, &'static str> {
        match kind {
            "image/jpeg" => embed_jpeg(bytes),
            "image/png" => embed_png(bytes),
            _ => Err("it is neither a JPEG nor a PNG"),
        }
    }

    /// Returns whether the photo lies on its side.
    const fn is_turned(&self) -> bool {
        self.orientation >= 5
    }
}

/// Writes the pages. Images with 16 bits a channel require PDF 1.5.
pub(super) fn write(pages: &[Page]) -> Vec<u8> {
    let mut out = b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n".to_vec();
    let mut offsets = Vec::new();
    let mut object = |out: &mut Vec<u8>, head: &str, data: Option<&[u8]>| {
        offsets.push(out.len());
        out.extend_from_slice(format!("{} 0 obj\n{head}\n", offsets.len()).as_bytes());
        if let Some(data) = data {
            out.extend_from_slice(b"stream\n");
            out.extend_from_slice(data);
            out.extend_from_slice(b"\nendstream\n");
        }
        out.extend_from_slice(b"endobj\n");
    };
    // Objects 1 and 2 are the catalog and the list of pages; each page has three more.
    let number = |index: usize| 3 + index * 3;
    object(&mut out, "<< /Type /Catalog /Pages 2 0 R >>", None);
    let kids: Vec<String> = (0..pages.len()).map(|index| format!("{} 0 R", number(index))).collect();
    let kids = kids.join(" ");
    object(&mut out, &format!("<< /Type /Pages /Count {} /Kids [{kids}] >>", pages.len()), None);
    for (index, page) in pages.iter().enumerate() {
        let (width, height) = (f64::from(page.width), f64::from(page.height));
        let scale = PAGE_POINTS / width.max(height).max(1.0);
        let (width, height) = (width * scale, height * scale);
        let (shown_width, shown_height) = if page.is_turned() { (height, width) } else { (width, height) };
        let number = number(index);
        let head = format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {shown_width:.2} {shown_height:.2}] /Contents {} 0 R \
             /Resources << /XObject << /I {} 0 R >> >> >>",
            number + 1,
            number + 2
        );
        object(&mut out, &head, None);
        let (w, h) = (shown_width, shown_height);
        // Maps the unit square of the image to the page, turned and mirrored.
        let matrix = match page.orientation {
            2 => [-w, 0.0, 0.0, h, w, 0.0],
            3 => [-w, 0.0, 0.0, -h, w, h],
            4 => [w, 0.0, 0.0, -h, 0.0, h],
            5 => [0.0, -h, -w, 0.0, w, h],
            6 => [0.0, -h, w, 0.0, 0.0, h],
            7 => [0.0, h, w, 0.0, 0.0, 0.0],
            8 => [0.0, h, -w, 0.0, w, 0.0],
            _ => [w, 0.0, 0.0, h, 0.0, 0.0],
        };
        let matrix = matrix.map(|value| format!("{value:.2}")).join(" ");
        let content = format!("q {matrix} cm /I Do Q");
        object(&mut out, &format!("<< /Length {} >>", content.len()), Some(content.as_bytes()));
        let head = format!(
            "<< /Type /XObject /Subtype /Image /Width {} /Height {} {} /Length {} >>",
            page.width,
            page.height,
            page.entries,
            page.data.len()
        );
        object(&mut out, &head, Some(&page.data));
    }
    let begin = out.len();
    let size = offsets.len() + 1;
    out.extend_from_slice(format!("xref\n0 {size}\n0000000000 65535 f \n").as_bytes());
    for offset in &offsets {
        out.extend_from_slice(format!("{offset:010} 00000 n \n").as_bytes());
    }
    let trailer = format!("trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{begin}\n%%EOF\n");
    out.extend_from_slice(trailer.as_bytes());
    out
}

/// Reads the header of a JPEG (ITU-T T.81) and embeds the whole file.
fn embed_jpeg(bytes: &[u8]) -> Result<Page, &'static str> {
    let mut rest = bytes.get(2..).ok_or(DAMAGED)?;
    let (mut orientation, mut has_adobe_segment) = (1, false);
    loop {
        let marker = rest.windows(2).position(|pair| pair[0] == 0xff && !matches!(pair[1], 0 | 0xff)).ok_or(DAMAGED)?;
        let kind = rest[marker + 1];
        rest = &rest[marker + 2..];
        if matches!(kind, 0x01 | 0xd0..=0xd8) {
            continue;
        }
        let length = usize::from(u16::from_be_bytes(*rest.first_chunk().ok_or(DAMAGED)?));
        let segment = rest.get(2..length.max(2)).ok_or(DAMAGED)?;
        match kind {
            0xe1 => orientation = read_orientation(segment).unwrap_or(orientation),
            0xee => has_adobe_segment |= segment.starts_with(b"Adobe"),
            // A frame header of any kind; C4, C8 and CC are none.
            0xc0..=0xcf if !matches!(kind, 0xc4 | 0xc8 | 0xcc) => {
                let [depth, h1, h2, w1, w2, channels, ..] = *segment else { return Err(DAMAGED) };
                // PDF readers decode baseline, extended and progressive JPEGs with 8 bits only (7.4.8).
                if kind > 0xc2 || depth != 8 {
                    return Err("it is an unusual kind of JPEG");
                }
                let color = match channels {
                    1 => "/ColorSpace /DeviceGray",
                    3 => "/ColorSpace /DeviceRGB",
                    // Adobe's programs store these inverted.
                    4 if has_adobe_segment => "/ColorSpace /DeviceCMYK /Decode [1 0 1 0 1 0 1 0]",
                    4 => "/ColorSpace /DeviceCMYK",
                    _ => return Err(DAMAGED),
                };
                return Ok(Page {
                    width: u32::from(u16::from_be_bytes([w1, w2])),
                    height: u32::from(u16::from_be_bytes([h1, h2])),
                    entries: format!("{color} /BitsPerComponent 8 /Filter /DCTDecode"),
                    data: bytes.to_vec(),
                    orientation,
                });
            }
            _ => {}
        }
        rest = rest.get(length.max(2)..).ok_or(DAMAGED)?;
    }
}

/// Reads the orientation from an Exif segment: a TIFF header, and the tag 0x0112 in its first directory.
fn read_orientation(segment: &[u8]) -> Option<u8> {
    let tiff = segment.strip_prefix(b"Exif\0\0")?;
    let is_big_endian = tiff.starts_with(b"MM");
    let short = |at: usize| {
        let bytes = *tiff.get(at..)?.first_chunk::<2>()?;
        Some(if is_big_endian { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) })
    };
    let long = |at: usize| {
        let bytes = *tiff.get(at..)?.first_chunk::<4>()?;
        Some(if is_big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) })
    };
    let directory = usize::try_from(long(4)?).ok()?;
    let entries = usize::from(short(directory)?);
    let entry =
        (0..entries).map(|index| directory.saturating_add(2 + index * 12)).find(|at| short(*at) == Some(0x0112))?;
    u8::try_from(short(entry + 8)?).ok().filter(|value| (1..=8).contains(value))
}

fn embed_png(bytes: &[u8]) -> Result<Page, &'static str> {
    let png = Png::read(bytes)?;
    // The page is white where the image is masked.
    let mask: Vec<String> = png.transparent_color().map(|sample| format!("{sample} {sample}")).collect();
    let mask = if mask.is_empty() { String::new() } else { format!(" /Mask [{}]", mask.join(" ")) };
    let (color, channels, data) = match png.color {
        0 => ("/DeviceGray".to_owned(), 1, png.rows),
        2 => ("/DeviceRGB".to_owned(), 3, png.rows),
        3 => {
            let opacities = png.transparency.iter().copied().chain(std::iter::repeat(255));
            let colors = png.palette.chunks_exact(3).zip(opacities);
            let values = colors.flat_map(|(color, opacity)| color.iter().map(move |value| on_white(*value, opacity)));
            let table = values.map(|value| format!("{value:02x}")).collect::<Vec<_>>().concat();
            let last = (png.palette.len() / 3).checked_sub(1).ok_or(DAMAGED)?;
            (format!("[/Indexed /DeviceRGB {last} <{table}>]"), 1, png.rows)
        }
        4 => ("/DeviceGray".to_owned(), 1, without_transparency(&png, 1)?),
        6 => ("/DeviceRGB".to_owned(), 3, without_transparency(&png, 3)?),
        _ => return Err(DAMAGED),
    };
    let entries = if matches!(png.color, 4 | 6) {
        format!("/ColorSpace {color} /BitsPerComponent 8 /Filter /FlateDecode")
    } else {
        format!(
            "/ColorSpace {color} /BitsPerComponent {depth}{mask} /Filter /FlateDecode /DecodeParms << /Predictor 15 \
             /Colors {channels} /BitsPerComponent {depth} /Columns {} >>",
            png.width,
            depth = png.depth
        )
    };
    Ok(Page { width: png.width, height: png.height, entries, data, orientation: 1 })
}

/// Returns the compressed rows of the colors on white, with 8 bits a channel.
fn without_transparency(png: &Png<'_>, colors: usize) -> Result<Vec<u8>, &'static str> {
    let sample_bytes = match png.depth {
        8 => 1,
        16 => 2,
        _ => return Err(DAMAGED),
    };
    let mut out = Vec::new();
    png.for_each_row(MAX_ROWS_BYTES, |row| {
        for pixel in row.chunks_exact((colors + 1) * sample_bytes) {
            // Of 16 bits the upper 8.
            let opacity = pixel[colors * sample_bytes];
            out.extend((0..colors).map(|channel| on_white(pixel[channel * sample_bytes], opacity)));
        }
    })?;
    Ok(compress_to_vec_zlib(&out, 6))
}

/// Returns the number of pages that a PDF states in plain text; `None` where its objects are compressed.
pub(super) fn count_pages(bytes: &[u8]) -> Option<usize> {
    if !bytes.starts_with(b"%PDF-") {
        return None;
    }
    let trailer = find_last(bytes, b"/Root")?;
    let catalog = find_object(bytes, read_number(trailer, b"/Root")?)?;
    let tree = find_object(bytes, read_number(catalog, b"/Pages")?)?;
    read_number(tree, b"/Count")
}

/// Returns an object: its last definition, because an incremental save appends the objects that it changes.
fn find_object(bytes: &[u8], number: usize) -> Option<&[u8]> {
    // A line may end with a carriage return alone.
    let heads = ['\n', '\r'].map(|line_end| format!("{line_end}{number} 0 obj"));
    let found = heads.iter().filter_map(|head| find_last(bytes, head.as_bytes()));
    let object = found.min_by_key(|object| object.len())?;
    let end = object.windows(b"endobj".len()).position(|window| window == b"endobj")?;
    Some(&object[..end])
}

/// Returns the bytes from the last occurrence of `text`.
fn find_last<'a>(bytes: &'a [u8], text: &[u8]) -> Option<&'a [u8]> {
    let at = bytes.windows(text.len()).rposition(|window| window == text)?;
    Some(&bytes[at..])
}

/// Reads the number after the first occurrence of `key`.
fn read_number(object: &[u8], key: &[u8]) -> Option<usize> {
    let at = object.windows(key.len()).position(|window| window == key)?;
    let digits = object[at + key.len()..].trim_ascii_start();
    let length = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
    std::str::from_utf8(&digits[..length]).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use miniz_oxide::inflate::decompress_to_vec_zlib_with_limit;
    use rstest::rstest;

    use super::super::png::tests::{png_of, with_transparency};
    use super::*;

    const PNG: &[u8] = include_bytes!("../../../tests/it/e2e/images/small.png");
    const JPEG: &[u8] = include_bytes!("../../../tests/it/e2e/images/small.jpg");

    #[test]
    fn pages_and_offsets_of_a_document_are_right() {
        let pages = [Page::new("image/png", PNG).unwrap(), Page::new("image/jpeg", JPEG).unwrap()];
        let pdf = write(&pages);
        assert_eq!(count_pages(&pdf), Some(2));
        assert!(pdf.starts_with(b"%PDF-1.5\n") && pdf.ends_with(b"%%EOF\n"));
        assert!(pdf.windows(JPEG.len()).any(|window| window == JPEG), "the JPEG is embedded as it is");
        let text = String::from_utf8_lossy(&pdf);
        let start: usize = text.split("startxref\n").nth(1).unwrap().lines().next().unwrap().parse().unwrap();
        let table = std::str::from_utf8(&pdf[start..]).unwrap();
        assert!(table.starts_with("xref\n0 9\n"), "{table}");
        for (index, line) in table.lines().skip(3).take(8).enumerate() {
            let offset: usize = line[..10].parse().unwrap();
            let object = format!("{} 0 obj\n", index + 1);
            assert!(pdf[offset..].starts_with(object.as_bytes()), "{line}");
            assert_eq!(line.len(), 19, "with its line end an entry has 20 bytes");
        }
    }

    #[test]
    fn rows_of_each_filter_are_shown_on_white() {
        // Two pixels of gray and opacity in a row.
        let rows =
            [&[0, 10, 255, 200, 0][..], &[1, 10, 255, 20, 0], &[2, 5, 0, 5, 0], &[3, 0, 128, 0, 0], &[4, 1, 0, 1, 0]];
        let bytes = png_of(2, 4, 8, 0, &rows.concat(), 5);
        let png = Png::read(&bytes).unwrap();
        let packed = without_transparency(&png, 1).unwrap();
        let shown = decompress_to_vec_zlib_with_limit(&packed, 1000).unwrap();
        // The raw rows: (10,255) (200,0) / (10,255) (30,255) / (15,255) (35,255) / (7,255) (21,255) / (8,255) (22,255).
        assert_eq!(shown, [10, 255, 10, 30, 15, 35, 7, 21, 8, 22]);
    }

    #[rstest]
    #[case::interlaced(png_of(1, 2, 8, 1, &[0; 4], 1), "it is interlaced")]
    #[case::too_few_rows(png_of(1, 6, 8, 0, &[0; 5], 2), DAMAGED)]
    #[case::unknown_filter(png_of(1, 6, 8, 0, &[9, 0, 0, 0, 0], 1), DAMAGED)]
    #[case::no_end(PNG[..PNG.len() - 12].to_vec(), DAMAGED)]
    fn unusable_images_are_refused(#[case] bytes: Vec<u8>, #[case] reason: &str) {
        assert_eq!(Page::new("image/png", &bytes).err(), Some(reason));
    }

    #[rstest]
    #[case::little_endian(b"Exif\0\0II\x2a\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0", Some(6))]
    #[case::big_endian(b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x08\0\0", Some(8))]
    #[case::invalid(b"Exif\0\0II\x2a\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x09\0\0\0", None)]
    #[case::cut_off(b"Exif\0\0II\x2a\0\x08\0\0\0\x01\0\x12", None)]
    #[case::beyond_the_end(b"Exif\0\0II\x2a\0\xff\xff\xff\xff", None)]
    fn orientation_is_read(#[case] segment: &[u8], #[case] expected: Option<u8>) {
        assert_eq!(read_orientation(segment), expected);
    }

    #[rstest]
    #[case::gray(0, 8, &[0, 200], " /Mask [200 200] ")]
    #[case::one_bit(0, 1, &[0, 1], " /Mask [1 1] ")]
    #[case::only_the_lower_bits_count(0, 2, &[0, 0xfe], " /Mask [2 2] ")]
    #[case::color(2, 8, &[0, 1, 0, 2, 0, 3], " /Mask [1 1 2 2 3 3] ")]
    #[case::color_of_16_bits(2, 16, &[1, 0, 0, 2, 0xff, 0xff], " /Mask [256 256 2 2 65535 65535] ")]
    fn a_transparent_color_is_masked(#[case] color: u8, #[case] depth: u8, #[case] chunk: &[u8], #[case] mask: &str) {
        let page = |bytes: &[u8]| Page::new("image/png", bytes).unwrap().entries;
        let plain = png_of(1, color, depth, 0, &[0; 7], 1);
        assert!(!page(&plain).contains("/Mask"));
        assert!(page(&with_transparency(&plain, chunk)).contains(mask), "{}", page(&with_transparency(&plain, chunk)));
        // A chunk of another length is damaged.
        assert!(!page(&with_transparency(&plain, &[0])).contains("/Mask"));
    }

    #[rstest]
    #[case::baseline(0xc0, 8, true)]
    #[case::extended(0xc1, 8, true)]
    #[case::progressive(0xc2, 8, true)]
    #[case::extended_of_12_bits(0xc1, 12, false)]
    #[case::lossless(0xc3, 8, false)]
    #[case::arithmetic(0xc9, 8, false)]
    fn only_jpegs_that_pdf_readers_decode_are_embedded(#[case] kind: u8, #[case] depth: u8, #[case] is_embedded: bool) {
        let bytes = [0xff, 0xd8, 0xff, kind, 0, 11, depth, 0, 1, 0, 1, 1, 1, 0x11, 0];
        let expected = (!is_embedded).then_some("it is an unusual kind of JPEG");
        assert_eq!(Page::new("image/jpeg", &bytes).err(), expected);
    }

    #[test]
    fn pages_are_counted_where_they_are_stated() {
        let original = "%PDF-1.4\n1 0 obj << /Type /Catalog /Pages 2 0 R >> endobj\n2 0 obj << /Type /Pages /Kids [3 0 R] \
                        /Count 400 >> endobj\n3 0 obj << /Type /Pages /Count 5 /Parent 2 0 R /Kids [] >> endobj\n4 0 obj << \
                        /Type /Outlines /Count 999 >> endobj\ntrailer << /Root 1 0 R >>\nstartxref\n";
        assert_eq!(count_pages(original.as_bytes()), Some(400));
        assert_eq!(count_pages(original.replace('\n', "\r").as_bytes()), Some(400));
        // An incremental save that deletes pages, in the same tree and in another one.
        let saved = format!("{original}2 0 obj << /Kids [3 0 R] /Count 12 >> endobj\ntrailer << /Root 1 0 R >>");
        assert_eq!(count_pages(saved.as_bytes()), Some(12));
        let saved = format!(
            "{original}1 0 obj << /Pages 12 0 R >> endobj\n12 0 obj << /Kids [] /Count 7 >> endobj\ntrailer << /Root 1 0 R >>"
        );
        assert_eq!(count_pages(saved.as_bytes()), Some(7));
        assert_eq!(count_pages(b"%PDF-1.5\n<< /Type /ObjStm >>"), None);
        assert_eq!(count_pages(b"PK\x03\x04 /Root /Pages /Count 999"), None);
    }
}
