//! The attachment of a post: a link or images, never both.

use std::path::PathBuf;

use crate::flows::publish::ImageInfo;
use crate::store::DraftImage;
use crate::tui::widgets::field::Field;

/// The kind of the attachment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Attachment {
    #[default]
    None,
    Images,
    Link,
}

impl Attachment {
    /// Every kind with its name, in the order of the form.
    pub(super) const ALL: &[(Self, &str)] = &[(Self::None, "None"), (Self::Images, "Images"), (Self::Link, "Link")];

    /// Returns the kind before or after this one; it wraps around.
    pub(super) fn next(self, forward: bool) -> Self {
        let at = Self::ALL.iter().position(|(kind, _)| *kind == self).unwrap_or_default();
        let step = if forward { 1 } else { Self::ALL.len() - 1 };
        Self::ALL[(at + step) % Self::ALL.len()].0
    }
}

/// The fields of an image.
#[derive(Clone, Debug, Default)]
pub(super) struct ImageFields {
    pub(super) path: Field,
    pub(super) alt: Field,
    /// The path that was read, and the image there, or why it cannot be used.
    pub(super) read: Option<(String, Result<ImageInfo, String>)>,
}

impl ImageFields {
    pub(super) fn new(image: &DraftImage) -> Self {
        Self {
            path: Field::new(image.path.to_string_lossy()),
            alt: Field::new(image.alt.clone().unwrap_or_default()),
            read: None,
        }
    }

    /// Returns the image at the path as it is now, or why it cannot be used; `None` until it was read.
    fn read_result(&self) -> Option<&Result<ImageInfo, String>> {
        self.read.as_ref().filter(|(path, _)| path == self.path.trimmed()).map(|(_, result)| result)
    }

    pub(super) fn info(&self) -> Option<ImageInfo> {
        self.read_result().and_then(|result| result.as_ref().ok()).copied()
    }

    pub(super) fn problem(&self) -> Option<&str> {
        self.read_result().and_then(|result| result.as_ref().err()).map(String::as_str)
    }

    /// Returns the path, where it was not read yet.
    pub(super) fn unread_path(&self) -> Option<String> {
        let path = self.path.trimmed();
        (!path.is_empty() && self.read_result().is_none()).then(|| path.to_owned())
    }

    pub(super) fn to_draft(&self) -> Option<DraftImage> {
        let (path, alt) = (self.path.trimmed(), self.alt.trimmed());
        let alt = Some(alt).filter(|alt| !alt.is_empty()).map(str::to_owned);
        (!path.is_empty()).then(|| DraftImage { path: PathBuf::from(path), alt })
    }
}

/// Returns the paths of a paste: a terminal quotes files that are dropped on it, or escapes their spaces.
pub(super) fn pasted_paths(line: &str) -> Vec<String> {
    let line = line.trim();
    let is_quoted = line.starts_with(['\'', '"']) || (!cfg!(windows) && line.contains("\\ "));
    let words = shlex::split(line).filter(|words| {
        let are_absolute = words.len() > 1 && words.iter().all(|word| word.starts_with('/'));
        !words.is_empty() && (is_quoted || are_absolute)
    });
    words.unwrap_or_else(|| vec![line.trim_matches(['"', '\'']).to_owned()])
}

/// Formats the size of a file: `184 kB`.
pub(super) fn format_bytes(bytes: u64) -> String {
    match bytes {
        0..1000 => format!("{bytes} B"),
        1000..1_000_000 => format!("{} kB", bytes.div_ceil(1000)),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pasted_files_are_unquoted_and_split() {
        for (pasted, paths) in [
            ("box.png", vec!["box.png"]),
            ("my box.png ", vec!["my box.png"]),
            ("'my box.png'", vec!["my box.png"]),
            ("'/a/b c.png' /d.png", vec!["/a/b c.png", "/d.png"]),
            ("/a.png /b.png", vec!["/a.png", "/b.png"]),
            ("\"unclosed.png", vec!["unclosed.png"]),
        ] {
            assert_eq!(pasted_paths(pasted), paths, "{pasted}");
        }
        #[cfg(unix)]
        assert_eq!(pasted_paths("my\\ box.png"), ["my box.png"]);
    }

    #[test]
    fn file_sizes_have_few_digits() {
        for (bytes, text) in [(70, "70 B"), (183_500, "184 kB"), (999_999, "1000 kB"), (2_340_000, "2.3 MB")] {
            assert_eq!(format_bytes(bytes), text);
        }
    }
}
