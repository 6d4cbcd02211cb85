//! The data that is built into the program. The build script compresses it: it is text, which few runs need.

use miniz_oxide::inflate::decompress_to_vec;

/// Returns the rules of what a resource of the API requires, as TOML.
pub(crate) fn access_rules() -> String {
    decompress(include_bytes!(concat!(env!("OUT_DIR"), "/access.toml.deflate")))
}

/// Returns those of LinkedIn's responses that the sandbox sends, as JSON.
pub(crate) fn linkedin_answers() -> String {
    decompress(include_bytes!(concat!(env!("OUT_DIR"), "/answers.json.deflate")))
}

/// Returns the table of what LinkedIn's responses mean, as TOML.
pub(crate) fn linkedin_meanings() -> String {
    decompress(include_bytes!(concat!(env!("OUT_DIR"), "/meanings.toml.deflate")))
}

/// Returns the schemas of the tools for assistants, as JSON.
#[cfg(feature = "mcp")]
pub(crate) fn mcp_schemas() -> String {
    decompress(include_bytes!(concat!(env!("OUT_DIR"), "/schemas.json.deflate")))
}

/// Returns the style sheet of the sandbox's pages.
pub(crate) fn sandbox_style() -> String {
    decompress(include_bytes!(concat!(env!("OUT_DIR"), "/style.css.deflate")))
}

/// Returns the text; an empty one for damaged data, which a test rules out.
fn decompress(data: &[u8]) -> String {
    decompress_to_vec(data).ok().and_then(|text| String::from_utf8(text).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_compressed_data_is_that_of_the_files() {
        assert_eq!(access_rules(), include_str!("../assets/linkedin/access.toml"));
        assert_eq!(sandbox_style(), include_str!("../assets/sandbox/style.css"));
        let parse = |text: &str| serde_json::from_str::<Vec<serde_json::Map<_, serde_json::Value>>>(text).unwrap();
        let all = parse(include_str!("../assets/linkedin/answers.json"));
        let sent = parse(&linkedin_answers());
        assert!(sent.len() > 100 && sent.len() < all.len());
        for entry in sent {
            let whole = all.iter().find(|whole| whole["id"] == entry["id"]).unwrap();
            assert!(entry.iter().all(|(key, value)| whole[key] == *value), "{}", entry["id"]);
            assert!(["status", "headers", "body"].iter().all(|key| entry.contains_key(*key)), "{}", entry["id"]);
        }
        assert_eq!(linkedin_meanings(), include_str!("../assets/linkedin/meanings.toml"));
        #[cfg(feature = "mcp")]
        assert_eq!(mcp_schemas(), include_str!("../assets/mcp/schemas.json"));
    }
}
