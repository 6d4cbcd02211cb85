//! Uploading the files of a post, and waiting until LinkedIn has processed them.

use std::fs::File;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use reqwest::Body;
use tokio::sync::mpsc::{Receiver, channel};
use tokio::time::{Instant, sleep};
use url::Url;

use super::attempt::Attempt;
use super::images::LoadedImage;
use super::media::{LoadedDocument, LoadedMedia, LoadedVideo};
use super::types::{Event, EventSink, FileRole};
use crate::files::read_at;
use crate::linkedin::api::Api;
use crate::linkedin::endpoints::{ASSETS, DOCUMENTS, IMAGES, VIDEOS};
use crate::linkedin::posts::{self, Article, Content, Image, Refusal};
use crate::linkedin::uploads::{MediaStatus, OnProgress, StreamBody, Upload, status, upload};
use crate::linkedin::videos::{Part, VideoUpload};
use crate::linkedin::{documents, images, videos};
use crate::session::retry::{RetryPolicy, with_retry};
use crate::store::FileStamp;
use crate::{Code, Error, Result};

/// How many times a part or a file is sent before the upload fails.
const MAX_TRIES: u32 = 4;
/// The pause before it is sent again; it doubles.
const RETRY_PAUSE: Duration = Duration::from_millis(500);
/// How long LinkedIn may process a file. A long video takes minutes.
const PROCESSING_TIMEOUT: Duration = Duration::from_secs(20 * 60);
/// The first and the longest pause between two requests for the status of a file.
const POLL_INTERVALS: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(5));
/// How long LinkedIn may take for a file whose status the token may not read.
const SETTLE_TIME: Duration = Duration::from_secs(2);
/// Bytes of a video that are read at once. At most [`READ_AHEAD_BLOCKS`] of these blocks wait in memory.
const BLOCK_BYTES: usize = 256 * 1024;
const READ_AHEAD_BLOCKS: usize = 4;

/// Uploads files for posts of one author.
pub(super) struct Uploader<'a> {
    pub(super) api: Api<'a>,
    /// The author's URN, which owns the files.
    pub(super) author: &'a str,
    pub(super) on_event: &'a EventSink,
    pub(super) attempt: &'a Attempt<'a>,
}

/// The API that images are uploaded to. A post can name only images of the API that it is sent to.
#[derive(Clone, Copy)]
pub(super) enum ImageApi {
    /// `/rest/images`
    Versioned,
    /// `/v2/assets`
    Legacy,
}

impl Uploader<'_> {
    /// Uploads the files of a post and returns its content; `content` is what needs no file.
    pub(super) async fn upload(
        &self,
        media: &LoadedMedia,
        content: Option<&Content>,
    ) -> Result<Option<Content>, Refusal> {
        Ok(match media {
            LoadedMedia::None => content.cloned(),
            LoadedMedia::Images(images) => Content::from_images(self.upload_images(images, ImageApi::Versioned).await?),
            LoadedMedia::Thumbnail(image) => {
                let urn = self.upload_image(image, FileRole::Thumbnail, (1, 1), ImageApi::Versioned).await?;
                match content {
                    Some(Content::Article(article)) => {
                        Some(Content::Article(Article { thumbnail: Some(urn), ..article.clone() }))
                    }
                    other => other.cloned(),
                }
            }
            LoadedMedia::Document(document) => {
                let id = self.upload_document(document).await?;
                Some(Content::Media(posts::Media { id, title: Some(document.title.clone()), alt_text: None }))
            }
            LoadedMedia::Video(video) => {
                let id = self.upload_video(video).await?;
                Some(Content::Media(posts::Media { id, title: video.title.clone(), alt_text: None }))
            }
        })
    }

    pub(super) async fn upload_images(
        &self,
        images: &[LoadedImage],
        image_api: ImageApi,
    ) -> Result<Vec<Image>, Refusal> {
        let mut uploaded = Vec::new();
        for (index, image) in images.iter().enumerate() {
            let id = self.upload_image(image, FileRole::Image, (index + 1, images.len()), image_api).await?;
            uploaded.push(Image { id, alt_text: image.alt.clone() });
        }
        Ok(uploaded)
    }

    async fn upload_image(
        &self,
        image: &LoadedImage,
        role: FileRole,
        number: (usize, usize),
        image_api: ImageApi,
    ) -> Result<String, Refusal> {
        let collection = match image_api {
            ImageApi::Versioned => IMAGES,
            ImageApi::Legacy => ASSETS,
        };
        let stamps = std::slice::from_ref(&image.stamp);
        if let Some(urn) = self.find(collection, stamps, role) {
            return Ok(urn);
        }
        let Upload { url, urn } = match image_api {
            ImageApi::Versioned => images::initialize(self.api, self.author).await,
            ImageApi::Legacy => images::register(self.api, self.author).await,
        }
        .map_err(|refusal| name_file(role, refusal))?;
        let on_progress = self.progress_reporter(role, number, 0, image.bytes.len() as u64);
        let sent = upload(self.api, url, image.media_type, image.bytes.clone(), on_progress).await;
        sent.map_err(|refusal| name_file(role, refusal))?;
        self.attempt.save_upload(collection, stamps, &urn).await;
        Ok(urn)
    }

    async fn upload_document(&self, document: &LoadedDocument) -> Result<String, Refusal> {
        let role = FileRole::Document;
        let urn = if let Some(urn) = self.find(DOCUMENTS, &document.stamps, role) {
            urn
        } else {
            let started = documents::initialize(self.api, self.author).await;
            let Upload { url, urn } = started.map_err(|refusal| name_file(role, refusal))?;
            let on_progress = self.progress_reporter(role, (1, 1), 0, document.bytes.len() as u64);
            let sent = upload(self.api, url, document.media_type, document.bytes.clone(), on_progress).await;
            sent.map_err(|refusal| name_file(role, refusal))?;
            self.attempt.save_upload(DOCUMENTS, &document.stamps, &urn).await;
            urn
        };
        self.wait_until_processed(DOCUMENTS, &urn, role).await?;
        Ok(urn)
    }

    async fn upload_video(&self, video: &LoadedVideo) -> Result<String, Refusal> {
        let role = FileRole::Video;
        let urn = if let Some(urn) = self.find(VIDEOS, &video.stamps, role) {
            urn
        } else {
            let urn = self.send_video(video).await?;
            self.attempt.save_upload(VIDEOS, &video.stamps, &urn).await;
            urn
        };
        self.wait_until_processed(VIDEOS, &urn, role).await?;
        Ok(urn)
    }

    /// Sends the parts, the captions and the thumbnail of a video, and returns its URN.
    async fn send_video(&self, video: &LoadedVideo) -> Result<String, Refusal> {
        let name_video = |refusal| name_file(FileRole::Video, refusal);
        let (has_captions, has_thumbnail) = (video.captions.is_some(), video.thumbnail.is_some());
        let started = videos::initialize(self.api, self.author, video.size, has_captions, has_thumbnail).await;
        let started = started.map_err(name_video)?;
        let mut ids = Vec::with_capacity(started.parts.len());
        for part in &started.parts {
            ids.push(self.send_part(video, part).await.map_err(name_video)?);
        }
        // The same handle: whatever was written to the file since it was opened is seen here.
        let metadata = video.file.metadata().ok();
        let path = std::path::Path::new(video.stamps.first().map_or("", |stamp| stamp.path.as_str()));
        if metadata.map(|metadata| FileStamp::new(path, &metadata)).as_ref() != video.stamps.first() {
            return Err(name_video(Refusal::Other(Error::bad_input(
                "The file was changed while it was uploaded.",
                "Wait until it is written completely, then publish again.",
            ))));
        }
        if let Some((bytes, url)) = video.captions.as_ref().zip(started.captions.as_ref()) {
            let sent = self.put(url, "text/vtt", || bytes.clone().into()).await;
            sent.map_err(|refusal| name_file(FileRole::Captions, refusal))?;
        }
        if let Some((image, url)) = video.thumbnail.as_ref().zip(started.thumbnail.as_ref()) {
            let sent = self.put(url, image.media_type, || image.bytes.clone().into()).await;
            sent.map_err(|refusal| name_file(FileRole::Thumbnail, refusal))?;
        }
        self.finalize(&started, &ids).await.map_err(name_video)?;
        Ok(started.urn)
    }

    /// Sends a part and returns its ID.
    async fn send_part(&self, video: &LoadedVideo, part: &Part) -> Result<String, Refusal> {
        let body = || {
            let on_progress = self.progress_reporter(FileRole::Video, (1, 1), part.offset, video.size);
            let chunks = read_blocks(Arc::clone(&video.file), part.offset, part.length);
            Body::wrap(StreamBody { chunks, remaining: part.length, sent: 0, on_progress })
        };
        self.put(&part.url, "application/octet-stream", body).await?.ok_or_else(|| {
            Refusal::Other(Error::new(
                Code::UnexpectedResponse,
                "LinkedIn's response to a part of the video has no ETag.",
                "A proxy may have removed it. Try again; if it happens again, please report it.",
            ))
        })
    }

    /// Sends what belongs to a video, again after a lost connection: everything that was sent before is kept.
    async fn put(&self, to: &Url, media_type: &str, body: impl Fn() -> Body) -> Result<Option<String>, Refusal> {
        let mut tries = 1;
        loop {
            let error = match videos::put(self.api, to, media_type, &body).await {
                Err(Refusal::Other(error)) if is_transient(&error) && tries < MAX_TRIES => error,
                sent => return sent,
            };
            tracing::info!("a file of the video is sent again: {}", error.code.as_str());
            sleep(RETRY_PAUSE * 2_u32.pow(tries - 1)).await;
            tries += 1;
        }
    }

    /// Finalizes the upload of a video. Without a response LinkedIn may have finalized it: the video's status shows that.
    async fn finalize(&self, started: &VideoUpload, ids: &[String]) -> Result<(), Refusal> {
        let error = match videos::finalize(self.api, started, ids).await {
            Err(Refusal::Other(error)) if is_transient(&error) => error,
            result => return result,
        };
        tracing::info!("the video's upload was not confirmed, its status is read: {}", error.code.as_str());
        sleep(RETRY_PAUSE).await;
        match self.read_status(VIDEOS, &started.urn).await {
            Ok(None | Some(MediaStatus::WaitingUpload)) => videos::finalize(self.api, started, ids).await,
            Ok(Some(_)) => Ok(()),
            Err(_) => Err(Refusal::Other(error)),
        }
    }

    /// Waits until LinkedIn has processed a file. If the token may not read its status, only a short time is waited for:
    /// LinkedIn refuses a post with a file that is not ready.
    async fn wait_until_processed(&self, collection: &str, urn: &str, role: FileRole) -> Result<(), Refusal> {
        let deadline = Instant::now() + PROCESSING_TIMEOUT;
        let (mut pause, longest) = POLL_INTERVALS;
        loop {
            match self.read_status(collection, urn).await {
                Ok(Some(MediaStatus::Available)) => return Ok(()),
                Ok(Some(MediaStatus::Failed(reason))) => {
                    self.attempt.delete_uploads(vec![urn.to_owned()]).await;
                    return Err(Refusal::Other(processing_error(role, reason.as_deref())));
                }
                Ok(Some(MediaStatus::WaitingUpload | MediaStatus::Processing)) => {
                    (self.on_event)(Event::Processing(role));
                }
                Ok(None) => {
                    (self.on_event)(Event::Processing(role));
                    sleep(SETTLE_TIME).await;
                    return Ok(());
                }
                Err(mut error) => {
                    let name = role.name();
                    error.message =
                        format!("The status of the {name} could not be read; nothing is published. {}", error.message);
                    return Err(Refusal::Other(error));
                }
            }
            if Instant::now() + pause > deadline {
                return Err(Refusal::Other(Error::new(
                    Code::Refused,
                    format!("LinkedIn is still processing the {}; nothing is published.", role.name()),
                    "Publish again later: the file is not uploaded again within a day.",
                )));
            }
            sleep(pause).await;
            pause = (pause * 2).min(longest);
        }
    }

    async fn read_status(&self, collection: &str, urn: &str) -> Result<Option<MediaStatus>> {
        let read = async || status(self.api, collection, urn).await;
        with_retry(RetryPolicy::UpToThreeTimes, || self.attempt.now(), &|_| {}, read).await
    }

    fn find(&self, collection: &str, stamps: &[FileStamp], role: FileRole) -> Option<String> {
        let urn = self.attempt.find_upload(collection, stamps)?;
        (self.on_event)(Event::Reusing(role));
        Some(urn)
    }

    /// Returns a callback that reports the bytes sent, after `bytes_before` others.
    fn progress_reporter(
        &self,
        role: FileRole,
        (number, of): (usize, usize),
        bytes_before: u64,
        size: u64,
    ) -> OnProgress {
        let on_event = Arc::clone(self.on_event);
        Arc::new(move |sent| on_event(Event::Uploading { role, number, of, sent: bytes_before + sent, size }))
    }
}

/// Reads a part of a file block by block, in a thread that waits until the blocks before are sent.
fn read_blocks(file: Arc<File>, offset: u64, length: u64) -> Receiver<io::Result<Bytes>> {
    let (blocks, receiver) = channel(READ_AHEAD_BLOCKS);
    tokio::task::spawn_blocking(move || {
        let mut done = 0;
        while done < length {
            let size = usize::try_from(length - done).map_or(BLOCK_BYTES, |rest| rest.min(BLOCK_BYTES));
            let mut block = vec![0; size];
            let read = read_at(&file, &mut block, offset + done).map(|()| Bytes::from(block));
            let is_error = read.is_err();
            // Sending fails once the request that reads the blocks has ended.
            if blocks.blocking_send(read).is_err() || is_error {
                return;
            }
            done += size as u64;
        }
    });
    receiver
}

/// Returns whether the same request may succeed now.
const fn is_transient(error: &Error) -> bool {
    matches!(error.code, Code::Network | Code::ServerError)
}

fn processing_error(role: FileRole, reason: Option<&str>) -> Error {
    let name = role.name();
    let hint = match role {
        FileRole::Video => {
            "Convert it to MP4 with H.264 and AAC, 3 seconds to 30 minutes long, then publish again. \
             With ffmpeg: ffmpeg -i IN -c:v libx264 -c:a aac -movflags +faststart OUT.mp4"
        }
        _ => "Save it again, without a password, then publish again.",
    };
    Error::new(Code::Refused, format!("LinkedIn could not process the {name}; nothing is published."), hint)
        .with_detail(reason.unwrap_or_default())
}

/// Names the file in the error: nothing is published yet.
fn name_file(role: FileRole, refusal: Refusal) -> Refusal {
    let verb = if role == FileRole::Captions { "were" } else { "was" };
    let prefixed = |mut error: Error| {
        error.message = format!("The {} {verb} not uploaded. {}", role.name(), error.message);
        error
    };
    match refusal {
        Refusal::NoApiAccess(error) => Refusal::NoApiAccess(prefixed(error)),
        Refusal::Other(error) => Refusal::Other(prefixed(error)),
        other => other,
    }
}
