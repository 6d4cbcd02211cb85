//! The schemas of the tools' arguments and results. A test derives them from the types: the code that derives them would be in
//! the program for no other purpose.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use rmcp::model::JsonObject;
use serde::Deserialize;
#[cfg(test)]
use serde::Serialize;

use crate::assets;

/// The schemas of one tool.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(test, derive(PartialEq, Serialize))]
struct Schemas {
    /// Schema of its arguments; absent for a tool without arguments
    input: Option<Arc<JsonObject>>,
    /// Schema of its result
    output: Arc<JsonObject>,
}

/// The schemas by the name of the tool.
static SCHEMAS: LazyLock<BTreeMap<String, Schemas>> =
    LazyLock::new(|| serde_json::from_str(&assets::mcp_schemas()).unwrap_or_default());

/// Returns the schema of the arguments of `tool`.
pub(super) fn input(tool: &str) -> Arc<JsonObject> {
    SCHEMAS.get(tool).and_then(|schemas| schemas.input.clone()).unwrap_or_default()
}

/// Returns the schema of the result of `tool`.
pub(super) fn output(tool: &str) -> Arc<JsonObject> {
    SCHEMAS.get(tool).map(|schemas| schemas.output.clone()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use rmcp::handler::server::tool::{schema_for_input, schema_for_output};
    use schemars::JsonSchema;

    use super::super::Server;
    use super::super::calls::{
        CommentCall, DeletePostCall, EditPostCall, NewPostCall, ProfileCall, ReactionCall, StatsCall, TokenStatusCall,
    };
    use super::super::results::{self, CheckedProfile, Pages, Posts, Profiles, ReauthorizeHint, WriteResult};
    use super::*;
    use crate::cli::commands::comment::CommentResult;
    use crate::cli::commands::react::ReactResult;
    use crate::cli::commands::{permissions as permissions_command, post};
    use crate::cli::output::json;

    /// A result or an error: an SDK checks the content of an error by the same schema.
    #[expect(dead_code, reason = "only its schema is used")]
    #[derive(JsonSchema)]
    #[schemars(untagged)]
    enum Output<T> {
        Result(T),
        Error(json::ErrorReport),
    }

    fn without_arguments<R: JsonSchema + 'static>() -> Schemas {
        let mut output = schema_for_output::<Output<R>>().as_ref().clone();
        // The protocol requires it, beside the alternatives.
        output.insert("type".to_owned(), "object".into());
        Schemas { input: None, output: Arc::new(output) }
    }

    fn derive<A: JsonSchema + 'static, R: JsonSchema + 'static>() -> Schemas {
        Schemas { input: Some(schema_for_input::<A>().unwrap()), ..without_arguments::<R>() }
    }

    /// `UPDATE_DOCS=1` writes the file.
    #[test]
    fn the_schemas_are_those_of_the_types() {
        let derived = BTreeMap::from(
            [
                ("create_post", derive::<NewPostCall, WriteResult<post::sending::PublishResult<'static>>>()),
                ("edit_post", derive::<EditPostCall, WriteResult<post::Edited<'static>>>()),
                ("delete_post", derive::<DeletePostCall, WriteResult<post::Deleted<'static>>>()),
                ("comment", derive::<CommentCall, WriteResult<CommentResult<'static>>>()),
                ("react", derive::<ReactionCall, WriteResult<ReactResult<'static>>>()),
                ("list_profiles", without_arguments::<Profiles>()),
                ("token_status", derive::<TokenStatusCall, CheckedProfile>()),
                ("reauthorize_hint", derive::<ProfileCall, ReauthorizeHint>()),
                ("whoami", derive::<ProfileCall, json::Profile>()),
                ("permissions", derive::<ProfileCall, permissions_command::Report<'static>>()),
                ("list_posts", derive::<ProfileCall, Posts>()),
                ("pages", derive::<ProfileCall, Pages<'static>>()),
                ("stats", derive::<StatsCall, results::Stats>()),
            ]
            .map(|(tool, schemas)| (tool.to_owned(), schemas)),
        );
        let tools = Server::read_tools() + Server::write_tools();
        let names: Vec<String> = tools.list_all().iter().map(|tool| tool.name.to_string()).collect();
        assert!(names.iter().eq(derived.keys()), "{names:?}");
        if std::env::var_os("UPDATE_DOCS").is_some() {
            let path = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/mcp/schemas.json");
            std::fs::write(path, serde_json::to_string(&derived).unwrap() + "\n").unwrap();
            return;
        }
        assert_eq!(*SCHEMAS, derived, "update with UPDATE_DOCS=1 cargo test --lib mcp::schemas");
    }
}
