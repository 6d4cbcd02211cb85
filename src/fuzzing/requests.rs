//! The URLs that the token is sent to.

use super::{check_displayed_error, split_line};
use crate::flows::api_request::{ApiRequest, NextPage, next_page};
use crate::linkedin::Endpoints;
use crate::linkedin::endpoints::{API, WWW};
use crate::linkedin::http::Response;

/// Checks that a path, and the link to the next page, are URLs of the API only.
///
/// Input: a line with the path, then the body of a response.
pub fn api_path(input: &[u8]) {
    let (path, body) = split_line(input);
    for api in [API, "http://127.0.0.1:8080/prefix"] {
        let Ok(endpoints) = Endpoints::new(WWW, api) else { continue };
        check_path(&endpoints, &path);
        let response = Response::from_parts("GET", "/", 200, body);
        let Ok(request) = ApiRequest::new("GET", &path, &[], None) else { continue };
        match next_page(&endpoints, &request, &response) {
            Ok(NextPage::Other(next)) => {
                check_path(&endpoints, &next.path);
                assert!(ApiRequest::new("GET", &next.path, &[], None).is_ok(), "{:?}", next.path);
                assert_ne!(next.path, path, "the pages would never end");
            }
            Ok(NextPage::End | NextPage::Same) => {}
            Err(error) => check_displayed_error(&error),
        }
    }
}

/// Checks that an accepted path stays below the base URL of the API, with the same number of segments.
fn check_path(endpoints: &Endpoints, path: &str) {
    if let Err(error) = ApiRequest::new("GET", path, &[], None) {
        check_displayed_error(&error);
        return;
    }
    let (base, url) = (endpoints.api("/"), endpoints.api(path));
    assert_eq!(url.origin(), base.origin(), "{path:?} leads to a different host");
    assert!(url.username().is_empty() && url.password().is_none() && url.fragment().is_none());
    let path_below_base = url.path().strip_prefix(base.path().trim_end_matches('/'));
    let path_without_query = path.split('?').next().unwrap_or_default();
    let count_parts = |text: &str| text.split('/').count();
    assert_eq!(
        path_below_base.map(count_parts),
        Some(count_parts(path_without_query)),
        "{path:?} leads to a different path: {url}"
    );
    assert_eq!(url.query().is_some(), path.contains('?'));
}
