//! Videos: `POST /rest/videos?action=initializeUpload`, a PUT of each part, then `?action=finalizeUpload` ("Videos API").

use std::time::Duration;

use reqwest::Body;
use serde_json::{Value, json};
use url::Url;

use super::api::Api;
use super::endpoints::VIDEOS;
use super::http::Response;
use super::posts::Refusal;
use super::uploads::{INITIALIZE, UPLOAD_TIMEOUT, post, to_refusal};
use super::urn::is_urn;
use crate::{Code, Error, Result};

/// The smallest and the largest file, in bytes.
pub(crate) const MIN_BYTES: u64 = 75_000;
pub(crate) const MAX_BYTES: u64 = 500 * 1024 * 1024;
/// The shortest and the longest video.
pub(crate) const MIN_DURATION: Duration = Duration::from_secs(3);
pub(crate) const MAX_DURATION: Duration = Duration::from_secs(30 * 60);
/// The query that ends an upload.
pub(crate) const FINALIZE: &str = "?action=finalizeUpload";
/// Parts of one upload: with LinkedIn's parts of 4 MiB, the largest file has 125.
const MAX_PARTS: usize = 10_000;

/// An upload that was started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct VideoUpload {
    /// `urn:li:video:…`
    pub urn: String,
    /// Repeated in the request that ends the upload; often empty.
    token: String,
    /// In the order of the file.
    pub parts: Vec<Part>,
    pub captions: Option<Url>,
    pub thumbnail: Option<Url>,
}

/// A part of the file, and where it is sent to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub url: Url,
    /// The offset of its first byte.
    pub offset: u64,
    /// Its length in bytes.
    pub length: u64,
}

/// Returns the request that starts the upload of a file of `size` bytes for `owner`.
pub(crate) fn initialize_body(owner: &str, size: u64, has_captions: bool, has_thumbnail: bool) -> Value {
    json!({ "initializeUploadRequest": {
        "owner": owner,
        "fileSizeBytes": size,
        "uploadCaptions": has_captions,
        "uploadThumbnail": has_thumbnail,
    } })
}

/// Returns the request that ends an upload, with the IDs of its parts in their order.
pub(crate) fn finalize_body(urn: &str, token: &str, ids: &[String]) -> Value {
    json!({ "finalizeUploadRequest": { "video": urn, "uploadToken": token, "uploadedPartIds": ids } })
}

/// Starts an upload for `owner` (the author's URN).
pub(crate) async fn initialize(
    api: Api<'_>,
    owner: &str,
    size: u64,
    has_captions: bool,
    has_thumbnail: bool,
) -> Result<VideoUpload, Refusal> {
    let body = initialize_body(owner, size, has_captions, has_thumbnail);
    let json = post(api, &format!("{VIDEOS}{INITIALIZE}"), &body).await?;
    parse_upload(&json["value"], size)
        .filter(|upload| upload.captions.is_some() >= has_captions && upload.thumbnail.is_some() >= has_thumbnail)
        .ok_or_else(|| {
            Refusal::Other(Error::new(
                Code::UnexpectedResponse,
                "LinkedIn's response does not name an upload URL for each part of the video.",
                "Try again; if it happens again, please report it.",
            ))
        })
}

/// Reads the instructions; `None` unless the parts cover the file without gaps.
fn parse_upload(value: &Value, size: u64) -> Option<VideoUpload> {
    let url = |value: &Value| Url::parse(value.as_str()?).ok();
    let instructions = value["uploadInstructions"].as_array().filter(|parts| parts.len() <= MAX_PARTS)?;
    let parts = instructions.iter().map(|part| {
        let (first, last) = (part["firstByte"].as_u64()?, part["lastByte"].as_u64()?);
        Some(Part { url: url(&part["uploadUrl"])?, offset: first, length: last.checked_sub(first)?.checked_add(1)? })
    });
    let mut parts: Vec<Part> = parts.collect::<Option<_>>()?;
    parts.sort_unstable_by_key(|part| part.offset);
    let mut next = 0;
    for part in &parts {
        if part.offset != next {
            return None;
        }
        next += part.length;
    }
    let urn = value["video"].as_str().filter(|urn| is_urn(urn))?.to_owned();
    (next == size && size > 0).then(|| VideoUpload {
        urn,
        token: value["uploadToken"].as_str().unwrap_or_default().to_owned(),
        parts,
        captions: url(&value["captionsUploadUrl"]),
        thumbnail: url(&value["thumbnailUploadUrl"]),
    })
}

/// Sends a part, the captions or the thumbnail, and returns the response's `ETag`. LinkedIn's pages contradict each other
/// about the token: none is sent at first, and once more with it if that is refused.
pub(crate) async fn put(
    api: Api<'_>,
    to: &Url,
    kind: &str,
    body: impl Fn() -> Body,
) -> Result<Option<String>, Refusal> {
    let send = async |has_token| api.put(to.clone(), kind, body(), UPLOAD_TIMEOUT, has_token).await;
    let mut response: Response = send(false).await.map_err(Refusal::Other)?;
    if matches!(response.status, 401 | 403) {
        response = send(true).await.map_err(Refusal::Other)?;
    }
    if response.is_success() { Ok(response.etag) } else { Err(to_refusal(&response)) }
}

/// Ends an upload.
pub(crate) async fn finalize(api: Api<'_>, upload: &VideoUpload, ids: &[String]) -> Result<(), Refusal> {
    let body = finalize_body(&upload.urn, &upload.token, ids);
    let response =
        api.post(&format!("{VIDEOS}{FINALIZE}"), &body).await.map_err(|failure| Refusal::Other(failure.error))?;
    if response.is_success() { Ok(()) } else { Err(to_refusal(&response)) }
}

/// Reads the duration in the fields of a movie header (ISO/IEC 14496-12, section 8.2.2): version and flags, two times, the
/// units of a second, and the duration in units. `None` if it states none.
pub(crate) fn parse_movie_header(fields: &[u8]) -> Option<Duration> {
    let short = |at: usize| Some(u32::from_be_bytes(*fields.get(at..)?.first_chunk()?));
    let (units_per_second, duration) = match fields.first()? {
        0 => (short(12)?, short(16).filter(|units| *units != u32::MAX).map(u64::from)?),
        1 => {
            let units = u64::from_be_bytes(*fields.get(24..)?.first_chunk()?);
            (short(20)?, Some(units).filter(|units| *units != u64::MAX)?)
        }
        _ => return None,
    };
    let units_per_second = u64::from(units_per_second);
    // A file in fragments has no duration here.
    if duration == 0 || units_per_second == 0 {
        return None;
    }
    let nanoseconds = duration % units_per_second * 1_000_000_000 / units_per_second;
    Some(Duration::new(duration / units_per_second, u32::try_from(nanoseconds).ok()?))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn header(units_per_second: u32, duration: u32) -> Vec<u8> {
        [&[0; 12][..], &units_per_second.to_be_bytes(), &duration.to_be_bytes()].concat()
    }

    fn long_header(units_per_second: u32, duration: u64) -> Vec<u8> {
        [&[1][..], &[0; 19], &units_per_second.to_be_bytes(), &duration.to_be_bytes()].concat()
    }

    #[rstest]
    #[case::short(&header(1000, 83_400), Some(Duration::from_millis(83_400)))]
    #[case::long(&long_header(600, 1799), Some(Duration::from_nanos(2_998_333_333)))]
    #[case::longest(&long_header(1, u64::MAX - 1), Some(Duration::from_secs(u64::MAX - 1)))]
    #[case::finest(&long_header(u32::MAX, u64::MAX - 1), Some(Duration::new(4_294_967_296, 999_999_999)))]
    #[case::in_fragments(&header(600, 0), None)]
    #[case::unknown(&header(600, u32::MAX), None)]
    #[case::long_unknown(&long_header(600, u64::MAX), None)]
    #[case::no_unit(&header(0, 600), None)]
    #[case::truncated(&header(600, 600)[..19], None)]
    #[case::other_version(&[9; 100], None)]
    #[case::empty(&[], None)]
    fn movie_header_states_the_exact_duration(#[case] fields: &[u8], #[case] expected: Option<Duration>) {
        assert_eq!(parse_movie_header(fields), expected);
    }

    fn instructions(ranges: &[(u64, u64)]) -> Value {
        let part = |(first, last): &(u64, u64)| json!({ "uploadUrl": format!("https://www.linkedin.com/{first}"), "firstByte": first, "lastByte": last });
        json!({
            "video": "urn:li:video:C5F10AQ", "uploadToken": "",
            "uploadInstructions": ranges.iter().map(part).collect::<Vec<_>>(),
        })
    }

    #[rstest]
    #[case::one(&[(0, 9)], Some(&[(0, 10)][..]))]
    #[case::two(&[(0, 3), (4, 9)], Some(&[(0, 4), (4, 6)][..]))]
    #[case::in_another_order(&[(4, 9), (0, 3)], Some(&[(0, 4), (4, 6)][..]))]
    #[case::none(&[], None)]
    #[case::gap(&[(0, 3), (5, 9)], None)]
    #[case::overlap(&[(0, 4), (4, 9)], None)]
    #[case::too_short(&[(0, 8)], None)]
    #[case::too_long(&[(0, 10)], None)]
    #[case::reversed(&[(9, 0)], None)]
    #[case::overflow(&[(0, u64::MAX)], None)]
    fn parts_cover_the_file(#[case] ranges: &[(u64, u64)], #[case] expected: Option<&[(u64, u64)]>) {
        let found = parse_upload(&instructions(ranges), 10);
        let parts = found.map(|upload| upload.parts.iter().map(|part| (part.offset, part.length)).collect::<Vec<_>>());
        assert_eq!(parts.as_deref(), expected);
    }

    #[test]
    fn requests_are_the_documented_ones() {
        let body = initialize_body("urn:li:person:x", 9_500_000, false, true).to_string();
        let expected = r#"{"initializeUploadRequest":{"owner":"urn:li:person:x","fileSizeBytes":9500000,"uploadCaptions":false,"uploadThumbnail":true}}"#;
        assert_eq!(body, expected);
        let body = finalize_body("urn:li:video:1", "", &["a".to_owned(), "b".to_owned()]).to_string();
        let expected =
            r#"{"finalizeUploadRequest":{"video":"urn:li:video:1","uploadToken":"","uploadedPartIds":["a","b"]}}"#;
        assert_eq!(body, expected);
    }
}
