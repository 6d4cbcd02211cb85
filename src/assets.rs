//! The data that is built into the program. The build script compresses it: it is text, which few runs need.

use miniz_oxide::inflate::decompress_to_vec;

/// Returns the rules of what a resource of the API requires, as TOML.
pub(crate) fn access_rules() -> String {
    decompress(include_bytes!(concat!(env!("OUT_DIR"), "/access.toml.deflate")))
}

/// Returns LinkedIn's responses, which the sandbox sends, as JSON.
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
        assert_eq!(linkedin_answers(), include_str!("../assets/linkedin/answers.json"));
        assert_eq!(linkedin_meanings(), include_str!("../assets/linkedin/meanings.toml"));
        #[cfg(feature = "mcp")]
        assert_eq!(mcp_schemas(), include_str!("../assets/mcp/schemas.json"));
    }
}
