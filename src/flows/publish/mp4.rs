//! The duration of an MP4 file: finds its movie header among its boxes (ISO/IEC 14496-12, section 4.2).

use std::fs::File;
use std::io;
use std::ops::Range;
use std::time::Duration;

use crate::files::read_at;
use crate::linkedin::videos::parse_movie_header;

/// The boxes of one level that are read: a file has a handful before the end of its header.
const MAX_BOXES: usize = 1000;

/// Returns the duration of a file of `size` bytes; `None` if the file does not state it.
pub(super) fn duration(file: &File, size: u64) -> io::Result<Option<Duration>> {
    let Some(movie) = find_box(file, 0..size, *b"moov")? else { return Ok(None) };
    let Some(header) = find_box(file, movie, *b"mvhd")? else { return Ok(None) };
    let mut fields = [0; 32];
    let length = fields.len().min(usize::try_from(header.end - header.start).unwrap_or(usize::MAX));
    read_at(file, &mut fields[..length], header.start)?;
    Ok(parse_movie_header(&fields[..length]))
}

/// Finds the first box of a kind in a part of the file, and returns where its content is.
fn find_box(file: &File, part: Range<u64>, kind: [u8; 4]) -> io::Result<Option<Range<u64>>> {
    let Range { mut start, end } = part;
    for _ in 0..MAX_BOXES {
        let left = end.saturating_sub(start);
        let mut head = [0; 16];
        let length = usize::try_from(left.min(16)).unwrap_or_default();
        if length < 8 {
            return Ok(None);
        }
        read_at(file, &mut head[..length], start)?;
        let [s0, s1, s2, s3, k0, k1, k2, k3, long @ ..] = head;
        let (size, head_size) = match u32::from_be_bytes([s0, s1, s2, s3]) {
            // The last box, to the end of the file.
            0 => (left, 8),
            1 => (u64::from_be_bytes(long), 16),
            size => (u64::from(size), 8),
        };
        if size < head_size || size > left {
            return Ok(None);
        }
        if [k0, k1, k2, k3] == kind {
            return Ok(Some(start + head_size..start + size));
        }
        start += size;
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use proptest::prelude::*;

    use super::*;

    fn read(bytes: &[u8]) -> Option<Duration> {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        duration(&file, bytes.len() as u64).unwrap()
    }

    fn new_box(kind: &str, content: &[u8]) -> Vec<u8> {
        let size = u32::try_from(content.len() + 8).unwrap();
        [&size.to_be_bytes()[..], kind.as_bytes(), content].concat()
    }

    fn long_box(kind: &str, content: &[u8]) -> Vec<u8> {
        let size = content.len() as u64 + 16;
        [&1_u32.to_be_bytes()[..], kind.as_bytes(), &size.to_be_bytes(), content].concat()
    }

    fn header(units_per_second: u32, duration: u32) -> Vec<u8> {
        new_box("mvhd", &[&[0; 12][..], &units_per_second.to_be_bytes(), &duration.to_be_bytes(), &[0; 80]].concat())
    }

    fn long_header(units_per_second: u32, duration: u64) -> Vec<u8> {
        let fields = [&[1][..], &[0; 19], &units_per_second.to_be_bytes(), &duration.to_be_bytes(), &[0; 80]];
        new_box("mvhd", &fields.concat())
    }

    #[test]
    fn the_duration_is_found_before_and_after_the_media() {
        let start = new_box("ftyp", b"mp42\0\0\0\0");
        let media = long_box("mdat", &[7; 100]);
        let expected = Some(Duration::from_millis(61_500));
        for header in [header(600, 600 * 61 + 300), long_header(90_000, 90_000 * 61 + 45_000)] {
            let movie = new_box("moov", &[new_box("free", b"x"), header].concat());
            assert_eq!(read(&[&start[..], &movie, &media].concat()), expected);
            assert_eq!(read(&[&start[..], &media, &movie].concat()), expected);
            let to_the_end = [&0_u32.to_be_bytes()[..], &movie[4..]].concat();
            assert_eq!(read(&[&start[..], &media, &to_the_end].concat()), expected);
        }
    }

    #[test]
    fn a_file_without_a_duration_has_none() {
        let movie = |content: &[u8]| new_box("moov", content);
        for bytes in [
            vec![],
            b"\0\0\0\x18ftypmp42".to_vec(),
            vec![0; 100],
            movie(&[]),
            movie(&header(600, 0)),
            movie(&header(600, 600)[..20]),
            movie(&new_box("mvhd", &[0; 18])),
            // Sizes that are too small, and too large.
            [&7_u32.to_be_bytes()[..], b"free", &movie(&header(600, 600))].concat(),
            [&u32::MAX.to_be_bytes()[..], b"free", &movie(&header(600, 600))].concat(),
            [&1_u32.to_be_bytes()[..], b"free", &u64::MAX.to_be_bytes(), &movie(&header(600, 600))].concat(),
            [&1_u32.to_be_bytes()[..], b"free"].concat(),
            // More boxes than are read.
            [new_box("free", &[]).repeat(MAX_BOXES), movie(&header(600, 600))].concat(),
        ] {
            assert_eq!(read(&bytes), None, "{:?}", bytes.get(..40));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn no_file_panics_or_loops(
            parts in proptest::collection::vec(
                (0_u32..64, prop_oneof![Just(*b"moov"), Just(*b"mvhd"), any::<[u8; 4]>()], any::<Vec<u8>>()),
                0..8,
            ),
        ) {
            let bytes: Vec<u8> = parts
                .into_iter()
                .flat_map(|(size, kind, content)| [&size.to_be_bytes()[..], &kind, &content].concat())
                .collect();
            read(&bytes);
        }
    }
}
