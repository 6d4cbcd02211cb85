//! The effects of the compose screen and of the posts, besides drafts: images, paths, and posts that are published.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;

use super::{Services, interrupted_error};
use crate::flows::permissions::accepted_writes;
use crate::flows::publish::{self, Attachment, DocumentSource, Draft, FileRole, Link, Mentions};
use crate::flows::statistics::FURTHER_METRICS;
use crate::flows::{social, statistics};
use crate::linkedin::social::Reaction;
use crate::linkedin::statistics::Metric;
use crate::store::{Name, PublishedPost};
use crate::sync::lock;
use crate::tui::message::{LinkMetadata, Message, PathCompletion, PostRow, PostStatistics};

/// The most entries of a directory that are read to complete a path.
const MAX_ENTRIES: usize = 10_000;

impl Services {
    /// Returns a path with the home directory for `~`.
    pub(super) fn expand_home(&self, path: &Path) -> PathBuf {
        let home = self.session.env.get("HOME").filter(|_| path.starts_with("~"));
        match (home, path.strip_prefix("~")) {
            (Some(home), Ok(relative)) => Path::new(&home).join(relative),
            _ => path.to_owned(),
        }
    }

    /// Returns a draft with the home directory for `~` in the paths of its files.
    pub(super) fn with_expanded_paths(&self, mut draft: Draft) -> Draft {
        for path in file_paths(&mut draft.attachment) {
            *path = self.expand_home(path);
        }
        draft
    }

    pub(super) fn inspect_file(&self, id: u64, role: FileRole, path: String) {
        let file = self.expand_home(Path::new(&path));
        self.spawn_blocking(move || {
            let (result, picture) = match publish::inspect_file(role, &file) {
                Ok((info, picture)) => (Ok(info), picture.map(Arc::new)),
                Err(problem) => (Err(problem), None),
            };
            Ok(Message::FileInspected { id, role, path, result, picture })
        });
    }

    /// Reads a linked page, and saves its picture to a file that is deleted with the draft.
    pub(super) fn preview_link(&mut self, id: u64, url: String, needs_picture: bool) {
        self.cancel_link_preview();
        let (ctx, drafts) = (self.context.clone(), Arc::clone(&self.drafts));
        let task = self.spawn_abortable(async move {
            let result = async {
                let link = Link::parse(&url, None)?;
                let mut preview = publish::preview_link(&ctx.get().await?, &link.url, needs_picture).await?;
                let saved = tokio::task::spawn_blocking(move || {
                    let file = preview.save_picture()?;
                    // A file that cannot be persisted is deleted, and the link has no picture.
                    let path = file.and_then(|file| file.keep().ok()).map(|(_, path)| path);
                    lock(&drafts).entry(id).or_default().pictures.extend(path.clone());
                    Ok(LinkMetadata {
                        title: preview.title,
                        description: preview.description,
                        picture: path.map(|path| path.to_string_lossy().into_owned()),
                        warning: preview.warning,
                    })
                });
                saved.await.map_err(|_| interrupted_error())?
            };
            let result = Box::pin(result).await;
            Message::LinkMetadataFetched { id, url, result }
        });
        self.link_preview = Some(task);
    }

    pub(super) fn cancel_link_preview(&mut self) {
        if let Some(task) = self.link_preview.take() {
            task.abort();
        }
    }

    pub(super) fn complete_path(&self, id: u64, role: FileRole, text: String) {
        let full = self.expand_home(Path::new(&text));
        // Joining paths drops a slash at the end.
        let is_directory = text.ends_with(std::path::is_separator);
        self.spawn_blocking(move || {
            let completion = complete(&text, &full, is_directory, extensions(role));
            Ok(Message::PathCompleted { id, text, completion })
        });
    }

    pub(super) fn read_posts(&self, id: u64, name: Name) {
        let ctx = self.context.clone();
        self.spawn(async move {
            let store = ctx.session.store.without_secrets();
            let read = tokio::task::spawn_blocking(move || {
                // The posts are shown even if it is not known what LinkedIn accepted.
                let accepted = store.profile(&name).and_then(|profile| accepted_writes(&store, &profile));
                Ok((store.all_posts(&name)?, accepted.unwrap_or_default()))
            });
            let (posts, accepted) = match read.await.map_err(|_| interrupted_error()) {
                Ok(Ok(read)) => read,
                Ok(Err(error)) | Err(error) => return Message::PostsRead { id, result: Err(error) },
            };
            // The posts are shown even if their URLs are not known.
            let endpoints = ctx.get().await.ok().map(|ctx| ctx.endpoints);
            let url = |urn: &String| Some(endpoints.as_ref()?.permalink(urn).into());
            let by =
                |author: &str| accepted.iter().filter(|one| one.author == author).map(|one| one.capability).collect();
            let rows = posts.into_iter().map(|post| PostRow {
                url: post.urn.as_ref().and_then(url),
                accepted: by(&post.author),
                post,
            });
            Message::PostsRead { id, result: Ok(rows.collect()) }
        });
    }

    pub(super) fn delete_record(&self, id: u64, name: Name, post: PublishedPost) {
        let store = self.session.store.clone();
        self.spawn_blocking(move || {
            store.delete_maybe_published(&name, &post)?;
            Ok(Message::RecordDeleted { id })
        });
    }

    pub(super) fn edit_post(&self, id: u64, name: Name, urn: String, (text, edited_at): (String, Option<Timestamp>)) {
        let ctx = self.context.clone();
        self.spawn(async move {
            let (store, owned_name) = (ctx.session.store.without_secrets(), name.clone());
            // Without the list of posts nothing is known of another change.
            let posts = tokio::task::spawn_blocking(move || store.posts(&owned_name)).await.ok().and_then(Result::ok);
            let saved = posts.into_iter().flatten().find(|post| post.urn.as_ref() == Some(&urn));
            if let Some(post) = saved.filter(|post| post.edited_at != edited_at && post.text != text) {
                return Message::PostChangedMeanwhile { id, post: Box::new(post) };
            }
            let result =
                async { publish::edit(&ctx.get_for(&name).await?, &name, &urn, &text, Mentions::IfKnown).await };
            Message::PostEdited { id, result: Box::pin(result).await }
        });
    }

    pub(super) fn search_recorded_post(&self, id: u64, name: Name, post: PublishedPost) {
        let ctx = self.context.clone();
        self.spawn(async move {
            let result = async { publish::find_published_record(&ctx.get_for(&name).await?, &name, &post).await };
            let result = Box::pin(result).await;
            Message::RecordedPostSearched { id, author: post.author, result }
        });
    }

    pub(super) fn find_post(&self, id: u64, name: Name, draft: Draft) {
        let ctx = self.context.clone();
        self.spawn(async move {
            let result = async { Box::pin(publish::find_published(&ctx.get_for(&name).await?, &name, &draft)).await };
            Message::PostSearched { id, result: result.await.map(|found| found.map(Box::new)) }
        });
    }

    pub(super) fn fetch_statistics(&self, id: u64, name: Name, urn: String) {
        let ctx = self.context.clone();
        self.spawn(async move {
            let result = async { statistics::fetch(&ctx.get_for(&name).await?, &name, Some(&urn)).await };
            let result = Box::pin(result).await.map(|found| {
                let number = |metric: Metric| Some((metric.label(), *found.metrics.get(&metric)?));
                let unread = Metric::ALL.into_iter().filter(|metric| !found.metrics.contains_key(metric));
                let unread: Vec<String> = unread.map(|metric| metric.label().to_lowercase()).collect();
                let name = |what| if what == FURTHER_METRICS { unread.join(", ") } else { what };
                let missing = found.missing.iter().map(|(what, error)| (name(what.clone()), error.clone())).collect();
                PostStatistics { metrics: Metric::ALL.into_iter().filter_map(number).collect(), missing }
            });
            Message::StatisticsFetched { id, result }
        });
    }

    pub(super) fn comment(&self, id: u64, name: Name, (urn, text): (String, String), actor: Option<String>) {
        let ctx = self.context.clone();
        self.spawn(async move {
            let result = async {
                let ctx = ctx.get_for(&name).await?;
                Box::pin(social::comment(&ctx, &name, &urn, &text, actor.as_deref(), &|_| ())).await
            };
            Message::CommentFinished { id, result: result.await.map(|commented| commented.warnings) }
        });
    }

    pub(super) fn react(
        &self,
        id: u64,
        name: Name,
        urn: String,
        (reaction, actor): (Option<Reaction>, Option<String>),
    ) {
        let ctx = self.context.clone();
        self.spawn(async move {
            let result = async {
                let ctx = ctx.get_for(&name).await?;
                Box::pin(social::react(&ctx, &name, &urn, reaction, actor.as_deref())).await
            };
            Message::ReactionFinished { id, result: result.await.map(|reacted| reacted.warnings) }
        });
    }

    pub(super) fn open_recent_activity(&self, author: Option<String>) {
        self.open_url(move |endpoints| Ok(endpoints.recent_activity(author.as_deref())));
    }
}

/// Returns the paths of the files that an attachment names.
fn file_paths(attachment: &mut Attachment) -> Vec<&mut PathBuf> {
    match attachment {
        Attachment::None | Attachment::Poll(_) | Attachment::Reshare(_) => Vec::new(),
        Attachment::Link(link) => link.thumbnail.iter_mut().collect(),
        Attachment::Images(images) => images.iter_mut().map(|image| &mut image.path).collect(),
        Attachment::Document(document) => match &mut document.source {
            DocumentSource::File(path) => vec![path],
            DocumentSource::Images(paths) => paths.iter_mut().collect(),
        },
        Attachment::Video(video) => {
            std::iter::once(&mut video.path).chain(&mut video.captions).chain(&mut video.thumbnail).collect()
        }
    }
}

/// Returns the extensions of the files that a path is completed to.
const fn extensions(role: FileRole) -> &'static [&'static str] {
    match role {
        FileRole::Image | FileRole::Thumbnail => &["png", "jpg", "jpeg", "gif"],
        FileRole::Document => &["pdf", "doc", "docx", "ppt", "pptx"],
        FileRole::Video => &["mp4", "m4v"],
        FileRole::Captions => &["vtt"],
        FileRole::DocumentPage => &["png", "jpg", "jpeg"],
    }
}

/// Completes `text`, which is at `full`, to a directory or a file with one of these extensions.
fn complete(text: &str, full: &Path, is_directory: bool, extensions: &[&str]) -> PathCompletion {
    let unchanged = || PathCompletion { text: text.to_owned(), matches: Vec::new() };
    let last = text.rsplit(std::path::is_separator).next().unwrap_or_default();
    if text == "~" || matches!(last, "." | "..") {
        // They name a directory, whose entries are listed after a slash.
        return PathCompletion { text: format!("{text}/"), matches: vec![format!("{last}/")] };
    }
    let (directory, prefix) = if is_directory {
        (Some(full), String::new())
    } else {
        (full.parent(), full.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default())
    };
    let directory = directory.filter(|directory| !directory.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let Ok(entries) = std::fs::read_dir(directory) else { return unchanged() };
    let mut matches: Vec<String> = entries
        .take(MAX_ENTRIES)
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let name = entry.file_name().into_string().ok()?;
            let is_wanted = name.starts_with(&prefix) && (prefix.starts_with('.') || !name.starts_with('.'));
            if !is_wanted || name.contains(char::is_control) {
                return None;
            }
            // `is_dir` follows symbolic links.
            if entry.path().is_dir() {
                return Some(format!("{name}/"));
            }
            let extension = Path::new(&name).extension()?.to_str()?.to_ascii_lowercase();
            extensions.contains(&extension.as_str()).then_some(name)
        })
        .collect();
    matches.sort_unstable();
    let Some(first) = matches.first() else { return unchanged() };
    let common = matches.iter().skip(1).fold(first.as_str(), |common, name| common_prefix(common, name));
    let unchanged_part = text.strip_suffix(prefix.as_str()).unwrap_or_default();
    PathCompletion { text: format!("{unchanged_part}{common}"), matches }
}

fn common_prefix<'a>(left: &'a str, right: &str) -> &'a str {
    let end = left.char_indices().zip(right.chars()).find(|((_, a), b)| a != b).map(|((at, _), _)| at);
    &left[..end.unwrap_or_else(|| left.len().min(right.len()))]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_completed_to_directories_and_usable_files() {
        let directory = tempfile::tempdir().unwrap();
        for file in [
            "box one.png",
            "box two.JPG",
            "notes.txt",
            ".hidden.png",
            "über.gif",
            "report.pdf",
            "demo.mp4",
            "captions.vtt",
        ] {
            std::fs::write(directory.path().join(file), "").unwrap();
        }
        std::fs::create_dir(directory.path().join("pictures")).unwrap();
        let complete_to = |text: &str, role| {
            let is_directory = text.is_empty() || text.ends_with('/');
            let done = complete(text, &directory.path().join(text), is_directory, extensions(role));
            (done.text, done.matches.join(","))
        };
        let complete = |text: &str| complete_to(text, FileRole::Image);
        let pair = |text: &str, matches: &str| (text.to_owned(), matches.to_owned());
        assert_eq!(complete("b"), pair("box ", "box one.png,box two.JPG"));
        assert_eq!(complete("box o"), pair("box one.png", "box one.png"));
        assert_eq!(complete("pic"), pair("pictures/", "pictures/"));
        assert_eq!(complete("pictures/"), pair("pictures/", ""));
        assert_eq!(complete("ü"), pair("über.gif", "über.gif"));
        assert_eq!(complete(".h"), pair(".hidden.png", ".hidden.png"));
        assert_eq!(complete("notes"), pair("notes", ""), "only images");
        assert_eq!(complete("missing/x"), pair("missing/x", ""));
        for (typed, last) in [("~", "~/"), (".", "./"), ("..", "../"), ("pictures/..", "../")] {
            assert_eq!(complete(typed), pair(&format!("{typed}/"), last));
        }
        assert_eq!(complete_to("", FileRole::Document), pair("", "pictures/,report.pdf"));
        assert_eq!(complete_to("", FileRole::Video), pair("", "demo.mp4,pictures/"));
        assert_eq!(complete_to("c", FileRole::Captions), pair("captions.vtt", "captions.vtt"));
    }
}
