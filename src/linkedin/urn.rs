//! URNs, by which LinkedIn's API names members, Pages, posts and images ("URNs and IDs").

/// Longest kind or ID of a URN, in bytes.
const MAX_PART_BYTES: usize = 200;

/// Returns whether `text` is `urn:li:KIND:ID`, without a character that would change the meaning of a path.
pub(crate) fn is_urn(text: &str) -> bool {
    let is_part = |part: &str| {
        (1..=MAX_PART_BYTES).contains(&part.len())
            && part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
    };
    let parts = text.strip_prefix("urn:li:").and_then(|rest| rest.split_once(':'));
    parts.is_some_and(|(kind, id)| is_part(kind) && is_part(id))
}

/// Encodes a URN for a path or a query, as the API requires it.
pub(crate) fn encode(urn: &str) -> String {
    urn.replace(':', "%3A")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalid_urns_are_rejected() {
        for good in ["urn:li:share:7141138937766391808", "urn:li:person:-Xq_7", "urn:li:ugcPost:1"] {
            assert!(is_urn(good), "{good}");
        }
        for bad in ["", "urn:li:share:", "urn:li:share:1/../2", "urn:li:share:1 ", "share:1", "urn:li:a:b:c"] {
            assert!(!is_urn(bad), "{bad}");
        }
    }
}
