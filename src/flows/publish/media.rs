//! The files of a post: read and checked before anything is sent.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::images::{self, LoadedImage};
use super::mp4;
use super::pdf;
use super::png::PixelPreview;
use super::types::{Attachment, Document, DocumentSource, FileInfo, FileRole, Link, Video};
use crate::error::io_reason;
use crate::files::{open_regular, read_at, read_open};
use crate::linkedin::{documents, videos};
use crate::store::{DraftImage, FileStamp};
use crate::text::sanitize;
use crate::{Error, Result};

/// Largest file with captions, in bytes: an hour of them has a tenth of it.
const MAX_CAPTIONS_BYTES: u64 = 1024 * 1024;
/// The accepted documents, for an error.
const DOCUMENT_RULES: &str = "LinkedIn accepts PDF, DOC, DOCX, PPT and PPTX files of at most 100 MB and 300 pages.";
/// The accepted videos, for an error.
const VIDEO_RULES: &str = "LinkedIn accepts MP4 files of 75 KB to 500 MB and 3 seconds to 30 minutes.";

/// The files of a post.
pub(super) enum LoadedMedia {
    None,
    Images(Vec<LoadedImage>),
    /// The image of a link's card.
    Thumbnail(LoadedImage),
    Document(LoadedDocument),
    Video(LoadedVideo),
}

pub(super) struct LoadedDocument {
    pub(super) bytes: Bytes,
    pub(super) media_type: &'static str,
    pub(super) title: String,
    /// The file, or those of the pages.
    pub(super) stamps: Vec<FileStamp>,
}

/// A video. Only its captions and its thumbnail are in memory.
pub(super) struct LoadedVideo {
    pub(super) file: Arc<File>,
    /// In bytes.
    pub(super) size: u64,
    pub(super) title: Option<String>,
    pub(super) captions: Option<Bytes>,
    pub(super) thumbnail: Option<LoadedImage>,
    /// The file, its captions and its thumbnail.
    pub(super) stamps: Vec<FileStamp>,
}

impl LoadedMedia {
    pub(super) fn load(attachment: &Attachment) -> Result<Self> {
        Ok(match attachment {
            Attachment::Images(images) => Self::Images(images.iter().map(images::load).collect::<Result<_>>()?),
            Attachment::Link(Link { thumbnail: Some(path), .. }) => Self::Thumbnail(load_image(path)?),
            Attachment::Document(document) => Self::Document(load_document(document)?),
            Attachment::Video(video) => Self::Video(load_video(video)?),
            Attachment::None | Attachment::Link(_) | Attachment::Poll(_) | Attachment::Reshare(_) => Self::None,
        })
    }
}

/// Checks a file as publishing does. Returns what is known about the file, and a small picture of a PNG that can be decoded.
///
/// # Errors
/// A sentence about why the file cannot be used.
pub(crate) fn inspect_file(role: FileRole, path: &Path) -> Result<(FileInfo, Option<PixelPreview>), String> {
    if matches!(role, FileRole::Image | FileRole::Thumbnail) {
        let image = images::read(&DraftImage { path: path.to_owned(), alt: None });
        let image = image.map_err(|unusable| format!("Cannot be used: {}.", unusable.reason))?;
        return Ok((
            FileInfo { dimensions: Some(image.size), ..of_size(image.bytes.len() as u64) },
            picture_of(&image),
        ));
    }
    inspect_other(role, path).map_err(|error| error.message)
}

fn inspect_other(role: FileRole, path: &Path) -> Result<(FileInfo, Option<PixelPreview>)> {
    let info = match role {
        FileRole::Document => {
            let document = load_document_file(path, None)?;
            FileInfo { pages: pdf::count_pages(&document.bytes), ..of_size(document.bytes.len() as u64) }
        }
        FileRole::Captions => of_size(load_captions(path)?.0.len() as u64),
        FileRole::Video => {
            of_size(load_video(&Video { path: path.to_owned(), title: None, captions: None, thumbnail: None })?.size)
        }
        FileRole::Image | FileRole::Thumbnail | FileRole::DocumentPage => {
            let image = load_image(path)?;
            let page_bytes = Some(pdf::write(&[page_of(&image, path)?]).len() as u64);
            let info = FileInfo { dimensions: Some(image.size), page_bytes, ..of_size(image.bytes.len() as u64) };
            return Ok((info, picture_of(&image)));
        }
    };
    Ok((info, None))
}

const fn of_size(bytes: u64) -> FileInfo {
    FileInfo { bytes, page_bytes: None, dimensions: None, pages: None }
}

fn picture_of(image: &LoadedImage) -> Option<PixelPreview> {
    PixelPreview::decode_png(&image.bytes)
}

fn load_image(path: &Path) -> Result<LoadedImage> {
    images::load(&DraftImage { path: path.to_owned(), alt: None })
}

fn unusable(what: &str, path: &Path, reason: &str, hint: &str) -> Error {
    Error::bad_input(format!("The {what} {} cannot be used: {reason}.", sanitize(&path.to_string_lossy(), 120)), hint)
}

fn unreadable(what: &str, path: &Path, error: &io::Error, hint: &str) -> Error {
    unusable(what, path, &io_reason(error), hint).with_io_source(error)
}

fn load_document(document: &Document) -> Result<LoadedDocument> {
    match &document.source {
        DocumentSource::File(path) => load_document_file(path, document.title.as_deref()),
        DocumentSource::Images(paths) => load_carousel(paths, document.title.as_deref()),
    }
}

/// Returns the title, or the name of the file.
fn title_of(title: Option<&str>, path: &Path) -> String {
    let given = title.map(str::trim).filter(|title| !title.is_empty());
    let name = || path.file_name().map(|name| sanitize(&name.to_string_lossy(), 200)).unwrap_or_default();
    given.map_or_else(name, str::to_owned)
}

fn load_document_file(path: &Path, title: Option<&str>) -> Result<LoadedDocument> {
    let unusable = |reason: &str| unusable("document", path, reason, DOCUMENT_RULES);
    let unreadable = |error: io::Error| unreadable("document", path, &error, DOCUMENT_RULES);
    let (file, metadata) = open_regular(path).map_err(unreadable)?;
    if metadata.len() > documents::MAX_BYTES {
        return Err(unusable(&format!("it has {} MB", metadata.len().div_ceil(1024 * 1024))));
    }
    let bytes = read_open(file, &metadata, documents::MAX_BYTES).map_err(unreadable)?;
    let kind = document_type(path, &bytes).ok_or_else(|| unusable("it is not a PDF, Word or PowerPoint file"))?;
    if let Some(pages) = pdf::count_pages(&bytes).filter(|pages| *pages > documents::MAX_DOCUMENT_PAGES) {
        return Err(unusable(&format!("it has {pages} pages")));
    }
    let stamps = vec![FileStamp::new(path, &metadata)];
    Ok(LoadedDocument { bytes: bytes.into(), media_type: kind, title: title_of(title, path), stamps })
}

/// Returns the media type of a document by its first bytes, and by its extension for the formats that share them.
fn document_type(path: &Path, bytes: &[u8]) -> Option<&'static str> {
    const OLE: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";
    let extension = path.extension().map(|text| text.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
    match (bytes, extension.as_str()) {
        (bytes, _) if bytes.starts_with(b"%PDF-") => Some("application/pdf"),
        (bytes, "doc") if bytes.starts_with(OLE) => Some("application/msword"),
        (bytes, "ppt") if bytes.starts_with(OLE) => Some("application/vnd.ms-powerpoint"),
        (bytes, "docx") if bytes.starts_with(b"PK\x03\x04") => {
            Some("application/vnd.openxmlformats-officedocument.wordprocessingml.document")
        }
        (bytes, "pptx") if bytes.starts_with(b"PK\x03\x04") => {
            Some("application/vnd.openxmlformats-officedocument.presentationml.presentation")
        }
        _ => None,
    }
}

/// Creates a PDF of images, one on each page.
fn load_carousel(paths: &[PathBuf], title: Option<&str>) -> Result<LoadedDocument> {
    let images = paths.iter().map(|path| load_image(path)).collect::<Result<Vec<_>>>()?;
    let pages = images.iter().zip(paths).map(|(image, path)| page_of(image, path)).collect::<Result<Vec<_>>>()?;
    let bytes = pdf::write(&pages);
    if let Some(problem) = carousel_problem(bytes.len() as u64) {
        return Err(Error::bad_input(problem, "Use smaller images."));
    }
    let first = paths.first().map_or_else(|| Path::new("carousel"), PathBuf::as_path);
    let title = title_of(title, &first.with_extension("pdf"));
    let stamps = images.into_iter().map(|image| image.stamp).collect();
    Ok(LoadedDocument { bytes: bytes.into(), media_type: "application/pdf", title, stamps })
}

fn page_of(image: &LoadedImage, path: &Path) -> Result<pdf::Page> {
    pdf::Page::new(image.media_type, &image.bytes).map_err(|reason| {
        unusable("image", path, reason, "A carousel takes JPEG files, and PNG files that are not interlaced.")
    })
}

/// Returns why LinkedIn would refuse a carousel of so many bytes.
pub(crate) fn carousel_problem(bytes: u64) -> Option<String> {
    let size = bytes.div_ceil(1024 * 1024);
    (bytes > documents::MAX_BYTES)
        .then(|| format!("The images of the carousel have {size} MB together; LinkedIn accepts 100."))
}

fn load_video(video: &Video) -> Result<LoadedVideo> {
    let path = &video.path;
    let unusable = |reason: &str| unusable("video", path, reason, VIDEO_RULES);
    let unreadable = |error: io::Error| unreadable("video", path, &error, VIDEO_RULES);
    let (file, metadata) = open_regular(path).map_err(unreadable)?;
    let size = metadata.len();
    if size < videos::MIN_BYTES {
        return Err(unusable(&format!("it has only {size} bytes")));
    }
    if size > videos::MAX_BYTES {
        return Err(unusable(&format!("it has {} MB", size.div_ceil(1024 * 1024))));
    }
    let mut start = [0; 12];
    read_at(&file, &mut start, 0).map_err(unreadable)?;
    // ISO base media files begin with a box of this type.
    if start[4..8] != *b"ftyp" {
        return Err(unusable("it is not an MP4 file"));
    }
    // LinkedIn decides about a file that does not state its duration.
    if let Some(problem) = mp4::duration(&file, size).map_err(unreadable)?.and_then(duration_problem) {
        return Err(unusable(&problem));
    }
    let mut stamps = vec![FileStamp::new(path, &metadata)];
    let captions = video.captions.as_deref().map(load_captions).transpose()?.map(|(bytes, stamp)| {
        stamps.push(stamp);
        bytes
    });
    let thumbnail = video.thumbnail.as_deref().map(load_image).transpose()?;
    stamps.extend(thumbnail.iter().map(|image| image.stamp.clone()));
    Ok(LoadedVideo { file: Arc::new(file), size, title: video.title.clone(), captions, thumbnail, stamps })
}

/// Returns why LinkedIn would refuse a video of this duration.
fn duration_problem(duration: Duration) -> Option<String> {
    if duration < videos::MIN_DURATION {
        return Some(format!("it is shorter than {} seconds", videos::MIN_DURATION.as_secs()));
    }
    // Rounded up, so that no duration reads like the longest one.
    let milliseconds = u64::try_from(duration.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX);
    let (minutes, rest) = (milliseconds / 60_000, Duration::from_millis(milliseconds % 60_000));
    (duration > videos::MAX_DURATION).then(|| format!("it is {minutes} min {} s long", rest.as_secs_f64()))
}

fn load_captions(path: &Path) -> Result<(Bytes, FileStamp)> {
    let hint = "The captions are a WebVTT file, which begins with the line WEBVTT.";
    let read = open_regular(path).and_then(|(file, metadata)| {
        Ok((read_open(file, &metadata, MAX_CAPTIONS_BYTES)?, FileStamp::new(path, &metadata)))
    });
    let (bytes, stamp) = read.map_err(|error| unreadable("file with captions", path, &error, hint))?;
    let text = bytes.strip_prefix(crate::files::UTF8_MARK).unwrap_or(&bytes);
    if !text.starts_with(b"WEBVTT") {
        return Err(unusable("file with captions", path, "it is not WebVTT", hint));
    }
    Ok((bytes.into(), stamp))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::pdf("a.PDF", b"%PDF-1.7", Some("application/pdf"))]
    #[case::pdf_of_another_name("a.bin", b"%PDF-1.7", Some("application/pdf"))]
    #[case::doc("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Some("application/msword"))]
    #[case::ppt("a.ppt", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Some("application/vnd.ms-powerpoint"))]
    #[case::excel("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", None)]
    #[case::zip("a.zip", b"PK\x03\x04", None)]
    #[case::renamed_text("a.docx", b"hello", None)]
    #[case::empty("a.pdf", b"", None)]
    fn documents_are_known_by_their_bytes(
        #[case] name: &str,
        #[case] bytes: &[u8],
        #[case] expected: Option<&'static str>,
    ) {
        assert_eq!(document_type(Path::new(name), bytes), expected);
    }

    #[rstest]
    #[case::too_short(2_999_000_000, Some("it is shorter than 3 seconds"))]
    #[case::shortest(3_000_000_000, None)]
    #[case::longest(1_800_000_000_000, None)]
    #[case::barely_too_long(1_800_000_000_001, Some("it is 30 min 0.001 s long"))]
    #[case::too_long(1_800_400_000_000, Some("it is 30 min 0.4 s long"))]
    #[case::a_minute_too_long(1_861_000_000_000, Some("it is 31 min 1 s long"))]
    fn duration_is_compared_exactly(#[case] nanoseconds: u64, #[case] problem: Option<&str>) {
        assert_eq!(duration_problem(Duration::from_nanos(nanoseconds)).as_deref(), problem);
    }

    #[rstest]
    #[case::too_small(74_999, b"\0\0\0\x18ftypmp42", Some("only 74999 bytes"))]
    #[case::smallest(75_000, b"\0\0\0\x18ftypmp42", None)]
    #[case::largest(500 * 1024 * 1024, b"\0\0\0\x18ftypmp42", None)]
    #[case::too_large(500 * 1024 * 1024 + 1, b"\0\0\0\x18ftypmp42", Some("501 MB"))]
    #[case::other_format(80_000, b"RIFF\0\0\0\0AVI ", Some("not an MP4"))]
    fn videos_are_checked_before_anything_is_sent(
        #[case] size: u64,
        #[case] start: &[u8],
        #[case] reason: Option<&str>,
    ) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.mp4");
        std::fs::write(&path, start).unwrap();
        File::options().write(true).open(&path).unwrap().set_len(size).unwrap();
        let loaded = load_video(&Video { path, title: None, captions: None, thumbnail: None });
        match (loaded, reason) {
            (Ok(video), None) => assert_eq!(video.size, size),
            (Err(error), Some(reason)) => assert!(error.message.contains(reason), "{error}"),
            (loaded, _) => panic!("{:?}", loaded.map(|video| video.size)),
        }
    }
}
