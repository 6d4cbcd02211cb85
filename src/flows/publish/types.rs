//! What publishing takes, tells and gives.

use std::path::PathBuf;

use jiff::Timestamp;
use url::Url;

use crate::linkedin::posts::Visibility;

/// A post as a person wants it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    /// As readers shall see it.
    pub text: String,
    /// Who sees it.
    pub visibility: Visibility,
    /// The author's URN; `None` for the profile's own member.
    pub author: Option<String>,
    /// A link below the text.
    pub link: Option<Link>,
    /// Images below the text, at most twenty; not together with a link.
    pub images: Vec<Picture>,
    /// Whether `@[Name](urn:li:...)` in the text is a mention.
    pub mentions: bool,
}

/// A link below the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// http or https.
    pub url: Url,
    /// What the card says; `None` for the address itself.
    pub title: Option<String>,
}

/// An image's file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// PNG, JPEG or GIF.
    pub path: PathBuf,
    /// What it shows, for those who do not see it.
    pub alt: Option<String>,
}

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// An image is on its way.
    Uploading {
        /// Counted from one.
        number: usize,
        /// How many there are.
        of: usize,
        /// Bytes sent.
        sent: u64,
        /// Bytes in all.
        size: u64,
    },
    /// The post itself is sent: from now on it may be published.
    Publishing,
    /// The app may not use the versioned API; the older one is tried.
    FallingBack,
}

/// A post that is live.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// Absent in rare answers of LinkedIn.
    pub urn: Option<String>,
    /// Where people read it.
    pub url: Option<String>,
    /// Was the same text live already? Then this is that post.
    pub duplicate: bool,
    /// Was it published by `/v2/ugcPosts`?
    pub legacy: bool,
    /// Who sees it.
    pub visibility: Visibility,
    /// The author's URN.
    pub author: String,
    /// How many images it has.
    pub images: usize,
    /// When, by this machine's clock.
    pub at: Timestamp,
    /// Things worth a word.
    pub remarks: Vec<String>,
}
