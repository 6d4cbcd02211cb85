//! The answers of `api.linkedin.com`, as rows: the first that matches an answer counts. Sources: "Error Handling", the error tables of
//! the Posts, Images, Videos and Comments APIs (learn.microsoft.com/linkedin), and the collected answers in
//! `assets/linkedin/answers.json`, whose entries name their row as `means`.

use super::access::{self, MEDIA};
use super::row::{Meaning, Row, row};
use crate::Code;

/// Every answer of the API that is known: the API version first, then the token and its rights, then the request.
pub(super) const ROWS: &[&[Row]] = &[VERSION_ROWS, access::ROWS, REQUEST_ROWS];

const VERSION_ROWS: &[Row] = &[
    row(
        "version_portability",
        Meaning::VersionInactive,
        Code::Refused,
        "LinkedIn does not serve version {version} of this API: data portability has one version, 202312.",
        "Send the header LinkedIn-Version: 202312, which linkedin-tui does unless another one is given.",
    )
    .paths(&["/rest/memberSnapshotData", "/rest/memberChangeLogs", "/rest/memberAuthorizations"])
    .codes(&["NONEXISTENT_VERSION"])
    .texts(&["Requested version*is not active"]),
    row(
        "version_verified",
        Meaning::VersionInactive,
        Code::Refused,
        "LinkedIn does not serve version {version} of this API: Verified on LinkedIn has versions of its own.",
        "Send the header LinkedIn-Version: 202510.03, which linkedin-tui does unless another one is given.",
    )
    .paths(&["/rest/identityMe", "/rest/verificationReport"])
    .codes(&["NONEXISTENT_VERSION"])
    .texts(&["Requested version*is not active"]),
    // The text was seen without the status too.
    row(
        "version_inactive",
        Meaning::VersionInactive,
        Code::Refused,
        "LinkedIn does not serve version {version} of its API: it was retired, has not started, or was never released.",
        "Set linkedin.api_version in config.toml to \"auto\", or to an active version: {versions}.",
    )
    .codes(&["NONEXISTENT_VERSION"])
    .texts(&["Requested version*is not active"]),
    row(
        "version_inactive_wordless",
        Meaning::VersionInactive,
        Code::Refused,
        "LinkedIn does not serve the requested version of its API (426).",
        "Set linkedin.api_version in config.toml to \"auto\", or to an active version: {versions}.",
    )
    .status(426),
    row(
        "version_missing",
        Meaning::RequestMalformed,
        Code::Refused,
        "LinkedIn received no API version: the header LinkedIn-Version did not arrive.",
        "linkedin-tui sends the header to /rest paths: a proxy may have removed it. Check network.proxy in config.toml and the \
         system's proxy settings.",
    )
    .codes(&["VERSION_MISSING"])
    .texts(&["A version must be present"]),
];

const REQUEST_ROWS: &[Row] = &[
    // What is wrong with the request.
    row(
        "duplicate",
        Meaning::Duplicate,
        Code::Refused,
        "The same text is already published.",
        "Change the text to publish again. LinkedIn compares with the posts of the last 10 minutes.",
    )
    .codes(&["DUPLICATE_POST"])
    .texts(&["is a duplicate of", "Duplicate post"]),
    row(
        "body_not_json",
        Meaning::RequestMalformed,
        Code::Refused,
        "LinkedIn cannot read the body of the request as JSON.",
        "Check the JSON.",
    )
    .status(400)
    .texts(&["could not be converted to data map"]),
    row(
        "path_syntax",
        Meaning::RequestMalformed,
        Code::Refused,
        "LinkedIn cannot read the path of the request.",
        "Percent-encode every URN in the path (urn%3Ali%3Ashare%3A7) and check that the path is one of today's API.",
    )
    .status(400)
    .texts(&["Syntax exception in path"]),
    row(
        "query_syntax",
        Meaning::RequestMalformed,
        Code::Refused,
        "LinkedIn cannot read the query of the request.",
        "Percent-encode every URN in the query (urn%3Ali%3Aperson%3Ax); leave List(…), parentheses and commas bare.",
    )
    .status(400)
    .texts(&["Invalid query parameters"]),
    row(
        "query_fits_no_method",
        Meaning::RequestMalformed,
        Code::Refused,
        "The parameters of the query fit no method of this resource.",
        "Correct the query: each finder has a name (q=…) and parameters of its own.",
    )
    .status(400)
    .texts(&["Resource method could not be resolved"]),
    row(
        "projection",
        Meaning::RequestMalformed,
        Code::Refused,
        "The query parameter projection is not allowed under /rest.",
        "Leave projection out.",
    )
    .status(400)
    .texts(&["projection parameter is not allowed"]),
    row(
        "parameter",
        Meaning::RequestMalformed,
        Code::Refused,
        "LinkedIn does not accept the parameter {field}.",
        "Correct it or leave it out; LinkedIn's documentation of the resource lists its parameters.",
    )
    .codes(&["QUERY_PARAM_NOT_ALLOWED", "PARAM_INVALID"]),
    row(
        "too_long",
        Meaning::RequestInvalid,
        Code::Refused,
        "A text is too long for LinkedIn{in_field}: {lengths}.",
        "Shorten it.",
    )
    .codes(&["FIELD_LENGTH_TOO_LONG", "FIELD_ARRAY_SIZE_TOO_HIGH"])
    .texts(&["length*exceeded the maximum", "length*exceeded maximum"]),
    row(
        "missing_field",
        Meaning::RequestInvalid,
        Code::Refused,
        "The request lacks a field that LinkedIn requires{in_field}.",
        "Add the field that LinkedIn names.",
    )
    .codes(&["MISSING_FIELD"]),
    row(
        "media_waiting",
        Meaning::RequestInvalid,
        Code::Refused,
        "LinkedIn has not received the uploaded file yet.",
        "Wait some seconds, then publish again.",
    )
    .codes(&["MEDIA_ASSET_WAITING_UPLOAD"]),
    row(
        "media_unreadable",
        Meaning::RequestInvalid,
        Code::Refused,
        "LinkedIn cannot read the uploaded file.",
        "Use another file. Images: PNG, JPEG or GIF of fewer than 36,152,320 pixels.",
    )
    .codes(&["MEDIA_ASSET_PROCESSING_FAILED"]),
    row(
        "upload_expired",
        Meaning::RequestInvalid,
        Code::Refused,
        "The address for the upload has expired.",
        "Start the upload again.",
    )
    .codes(&["EXPIRED_UPLOAD_URL"]),
    row(
        "image_unknown",
        Meaning::RequestInvalid,
        Code::Refused,
        "LinkedIn does not know the image that the post names.",
        "Upload the image again.",
    )
    .codes(&["INVALID_IMAGE_ID"]),
    row(
        "content_owner",
        Meaning::RequestInvalid,
        Code::NotPermitted,
        "The post contains media of another owner than its author.",
        "Upload the media with the post's author as the owner. /v2/ugcPosts takes no urn:li:image.",
    )
    .codes(&["INVALID_CONTENT_OWNERSHIP"])
    .texts(&["not owned by the author"]),
    row(
        "urn_invalid",
        Meaning::RequestInvalid,
        Code::Refused,
        "A URN in the request is not valid.",
        "Check the URNs of the author, the mentions and the media.",
    )
    .codes(&["INVALID_URN_ID", "INVALID_URN_TYPE"]),
    row(
        "value_invalid",
        Meaning::RequestInvalid,
        Code::Refused,
        "LinkedIn does not accept a value in the request{in_field}.",
        "Correct the value that LinkedIn names.",
    )
    .codes(&["INVALID_VALUE_FOR_FIELD", "INVALID_VALUE_BLANK_FIELD", "FIELD_VALUE_INVALID"]),
    row(
        "schema",
        Meaning::RequestMalformed,
        Code::Refused,
        "The request does not fit LinkedIn's schema ({status}): {problems}.",
        "Correct these fields; if linkedin-tui wrote them, please report it.",
    )
    .texts(&["ERROR :: "]),
    row(
        "illegal_argument_read",
        Meaning::RequestMalformed,
        Code::Refused,
        "LinkedIn cannot use the path or the query of the request.",
        "Check both, and percent-encode every URN in them.",
    )
    .status(400)
    .methods(&["GET", "DELETE"])
    .codes(&["ILLEGAL_ARGUMENT"]),
    row(
        "illegal_argument",
        Meaning::RequestMalformed,
        Code::Refused,
        "LinkedIn cannot use an argument of the request.",
        "Check the path, the query and the body for what LinkedIn names.",
    )
    .status(400)
    .codes(&["ILLEGAL_ARGUMENT"]),
    row(
        "unprocessable",
        Meaning::RequestInvalid,
        Code::Refused,
        "LinkedIn cannot process the request (422).",
        "{correct}",
    )
    .status(422),
    row(
        "bad_request",
        Meaning::RequestInvalid,
        Code::Refused,
        "LinkedIn cannot use the request (400).",
        "{correct}",
    )
    .status(400),
    // 404
    row(
        "path_unknown",
        Meaning::PathUnknown,
        Code::Refused,
        "LinkedIn's API has no such path at this version: the path is wrong, or the version is older than the endpoint.",
        "Check the path and linkedin.api_version in config.toml.",
    )
    .status(404)
    .codes(&["RESOURCE_NOT_FOUND"])
    .texts(&["No virtual resource found"]),
    row(
        "api_unavailable",
        Meaning::ProductMissing,
        Code::NotPermitted,
        "That API does not exist for this app: the app has no product that brings it, or LinkedIn retired it.",
        "Check the app's Products tab. Posts need the product \"Share on LinkedIn\".",
    )
    .status(404)
    .texts(&["Resource*does not exist"]),
    row(
        "no_data",
        Meaning::EntityMissing,
        Code::Refused,
        "LinkedIn has no data, or no more data, for this member.",
        "Nothing is wrong with the request. A fresh snapshot takes up to two days.",
    )
    .status(404)
    .texts(&["No data found for this member"]),
    row(
        "entity_gone",
        Meaning::EntityMissing,
        Code::Refused,
        "LinkedIn finds no entity with that URN or ID: it does not exist, or no longer.",
        "Check the URN in the path.",
    )
    .status(404)
    .methods(&["GET", "DELETE", "PUT"])
    .codes(&["NOT_FOUND"])
    .texts(&["Could not find entity"]),
    row(
        "entity_missing",
        Meaning::EntityMissing,
        Code::Refused,
        "An entity that the request names does not exist.",
        "Check the URNs of the author, the mentions and the media.",
    )
    .status(404)
    .codes(&["NOT_FOUND"])
    .texts(&["Could not find entity"]),
    row(
        "not_found",
        Meaning::Unknown,
        Code::Refused,
        "LinkedIn found nothing for the request (404).",
        "Check the path, and the URNs and IDs in it.",
    )
    .status(404),
    // Other statuses of the request.
    row(
        "method",
        Meaning::RequestMalformed,
        Code::Refused,
        "The resource does not take the method {method} (405).",
        "Check the method. A change to a post is a POST with the header X-RestLi-Method: PARTIAL_UPDATE.",
    )
    .status(405),
    row(
        "conflict",
        Meaning::Conflict,
        Code::Refused,
        "LinkedIn met a conflict with another change (409).",
        "Try again in a moment.",
    )
    .status(409),
    row(
        "length_required",
        Meaning::RequestMalformed,
        Code::Refused,
        "LinkedIn received the request without a Content-Length (411).",
        "Send a body. If there was one, a proxy may have removed its length; otherwise please report it.",
    )
    .status(411),
    row(
        "too_large",
        Meaning::RequestInvalid,
        Code::Refused,
        "The request or the file is too large for LinkedIn (413).",
        "Send less in one request.",
    )
    .status(413),
    row(
        "media_type_upload",
        Meaning::RequestInvalid,
        Code::Refused,
        "LinkedIn does not take this kind of file (415).",
        "Images: PNG, JPEG or GIF. Documents: PDF, DOC, DOCX, PPT or PPTX. Videos: MP4.",
    )
    .status(415)
    .paths(MEDIA),
    row(
        "media_type",
        Meaning::RequestMalformed,
        Code::Refused,
        "LinkedIn does not take this kind of content (415).",
        "Send JSON with the header Content-Type: application/json.",
    )
    .status(415),
    // 429
    row(
        "limit_minute",
        Meaning::RateLimited,
        Code::RateLimited,
        "This member has created too much in a short time (429): the limit is per minute.",
        "Wait a minute, then try again.",
    )
    .status(429)
    .texts(&["creation rate limit exceeded", " MINUTE limit"]),
    row(
        "limit_app_and_member",
        Meaning::RateLimited,
        Code::RateLimited,
        "This member's daily limit with this app is reached for that resource (429).",
        "It resets at 00:00 UTC{midnight}. Other members can still use the app.",
    )
    .status(429)
    .texts(&["APPLICATION_AND_MEMBER DAY", "throttle MEMBER DAY"]),
    row(
        "limit_app",
        Meaning::RateLimited,
        Code::RateLimited,
        "The app's daily limit is reached for that resource (429).",
        "It resets at 00:00 UTC{midnight}. The app's Analytics tab in the developer portal shows its limits.",
    )
    .status(429)
    .texts(&["throttle APPLICATION DAY"]),
    row(
        "limit_day",
        Meaning::RateLimited,
        Code::RateLimited,
        "A daily limit of the app or of the member is reached for that resource (429).",
        "It resets at 00:00 UTC{midnight}.",
    )
    .status(429)
    .texts(&["Resource level throttle limit"]),
    row(
        "limit",
        Meaning::RateLimited,
        Code::RateLimited,
        "LinkedIn takes no more requests for now (429).",
        "Wait a few minutes, then try again.",
    )
    .status(429),
    row(
        "automated_traffic",
        Meaning::Unknown,
        Code::Refused,
        "LinkedIn denied the request (999), as its web pages do with traffic that they take for automated.",
        "Check linkedin.www and linkedin.api in config.toml, then try again later or from another network.",
    )
    .status(999),
    row(
        "server_error",
        Meaning::ServerError,
        Code::ServerError,
        "LinkedIn is temporarily unavailable ({status}).",
        "Wait a moment, then try again. LinkedIn's status: https://www.linkedin-apistatus.com/",
    )
    .statuses(500, 599),
    row(
        "refused",
        Meaning::Unknown,
        Code::Refused,
        "LinkedIn refused the request ({status}).",
        "Compare the request with LinkedIn's documentation of the resource.",
    )
    .statuses(400, 499),
    row(
        "unexpected",
        Meaning::Unknown,
        Code::UnexpectedResponse,
        "LinkedIn answered with the unexpected status {status}.",
        "Try again; if it happens again, check linkedin.api in config.toml and any proxy in between.",
    ),
];
