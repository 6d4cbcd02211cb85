//! The paths of the sandbox that LinkedIn does not have, or documents nowhere.

/// Where the bytes of an image are uploaded to.
pub(super) const UPLOADS: &str = "/dms-uploads/";
/// Where the pages load an uploaded image from.
pub(super) const IMAGE_FILES: &str = "/sandbox/image/";
/// The style sheet of the pages.
pub(super) const STYLE: &str = "/sandbox/style.css";
/// Where the sign-in form is sent to.
pub(super) const SIGN_IN: &str = "/uas/login-submit";
/// Where the consent form is sent to.
pub(super) const CONSENT: &str = "/oauth/v2/login-success";
