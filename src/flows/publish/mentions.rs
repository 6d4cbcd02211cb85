//! Mentions without a URN: names that this program knows, and Pages that LinkedIn finds by the name in their link.

use std::collections::{BTreeSet, HashMap, HashSet};

use jiff::SignedDuration;

use super::types::{Draft, Mentions};
use crate::flows::refresh::valid_token;
use crate::flows::token_retry::{error_code, retry_if_token_refused};
use crate::linkedin::little_text::{Mention, MentionTarget, TextPart, parse_text_parts, replace_mentions};
use crate::linkedin::organizations;
use crate::linkedin::urn::is_page_urn;
use crate::session::Context;
use crate::store::{Member, Name, Profile, ProfileStore};
use crate::text::{is_hostile, sanitize};
use crate::{Code, Error, Result};

/// The names that an error lists.
const MAX_LISTED_NAMES: usize = 8;

/// A member or a Page that can be mentioned by name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct KnownName {
    /// As LinkedIn returned it, or as it was typed in a post: sanitize it before showing.
    pub name: String,
    pub urn: String,
}

/// The profiles whose names are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NameSource {
    AllProfiles,
    #[cfg_attr(not(feature = "mcp"), expect(dead_code, reason = "only assistants are restricted to one profile"))]
    ThisProfile,
}

/// Gives each mention in the text its URN. Returns the names that stay text too, as warnings.
///
/// # Errors
/// `bad_input` if a required name is unknown or ambiguous, or if there is no such Page; `not_permitted` if the token may not search
/// Pages; errors of the token and the network if there is a Page to be found.
pub(crate) async fn resolve_mentions(
    ctx: &Context,
    name: &Name,
    draft: Draft,
    name_source: NameSource,
) -> Result<(Draft, Vec<String>)> {
    if matches!(draft.mentions, Mentions::None | Mentions::Resolved) {
        return Ok((draft, Vec::new()));
    }
    let owned_name = name.clone();
    let resolve = move |store: &ProfileStore| {
        let (text, warnings) = resolve_names(store, &owned_name, &draft, name_source)?;
        Ok((Draft { text, mentions: Mentions::Resolved, ..draft }, warnings))
    };
    let (draft, warnings) = ctx.with_store(resolve).await?;
    let pages = find_mentioned_pages(&draft.text)?;
    if pages.is_empty() {
        return Ok((draft, warnings));
    }
    let profile = Box::pin(valid_token(ctx, name, SignedDuration::ZERO)).await?;
    let mut page_ids = HashMap::new();
    for (vanity_name, typed_name) in pages {
        let page_id = find_page_id(ctx, &profile, &vanity_name, &typed_name).await?;
        page_ids.insert(vanity_name, page_id);
    }
    let text = replace_page_mentions(&draft.text, |vanity_name| page_ids.get(vanity_name).map(u64::to_string));
    Ok((Draft { text, ..draft }, warnings))
}

/// Gives each mention of a known name its URN. Returns the names that stay text too, as warnings.
pub(super) fn resolve_names(
    store: &ProfileStore,
    name: &Name,
    draft: &Draft,
    name_source: NameSource,
) -> Result<(String, Vec<String>)> {
    let (mut known, mut warnings) = (None, Vec::new());
    let text = replace_mentions(&draft.text, |mention| {
        if mention.target != MentionTarget::Name {
            return Ok(None);
        }
        let known = match &mut known {
            Some(known) => known,
            None => known.insert(load_known_names(store, name, name_source)?),
        };
        match find_name(known, mention.name) {
            Ok(found) => Ok(Some(format!("@[{}]({})", found.name.trim(), found.urn))),
            Err(error) if draft.mentions == Mentions::IfKnown => {
                warnings.push(format!("{} It is published as text.", error.message));
                Ok(None)
            }
            Err(error) => Err(error),
        }
    })?;
    Ok((text, warnings))
}

/// Returns the members and Pages that can be mentioned by name: the members of the profiles, their Pages, and who was
/// mentioned in their posts.
pub(crate) fn load_known_names(store: &ProfileStore, name: &Name, name_source: NameSource) -> Result<Vec<KnownName>> {
    let store = store.without_secrets();
    let own = store.profile(name)?;
    let profiles = match name_source {
        NameSource::ThisProfile => vec![own.clone()],
        NameSource::AllProfiles => store.profiles()?.into_iter().filter_map(|entry| entry.profile.ok()).collect(),
    };
    let mut known = Vec::new();
    for profile in profiles {
        // Each app sees another ID of a member, but the same ID of a Page.
        let is_usable = |urn: &str| profile.app == own.app || is_page_urn(urn);
        let mut add = |name: &str, urn: String| {
            if is_usable(&urn) {
                known.push(KnownName { name: name.to_owned(), urn });
            }
        };
        if let Some(Member { name: Some(name), .. }) = &profile.member {
            add(name, profile.member.as_ref().map(Member::urn).unwrap_or_default());
        }
        for page in profile.stored_permissions.iter().flat_map(|found| &found.pages) {
            if let Some(name) = &page.name {
                add(name, page.urn.clone());
            }
        }
        // If a list of posts can't be read, only its names are missing.
        for post in store.posts(&profile.name).unwrap_or_default() {
            let _: Result<String> = replace_mentions(&post.text, |mention| {
                if let MentionTarget::Urn(urn) = mention.target {
                    add(mention.name, urn.to_owned());
                }
                Ok(None)
            });
        }
    }
    known.sort_unstable();
    known.dedup();
    Ok(known)
}

/// A member or a Page, and the text that mentions it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MentionName {
    /// As LinkedIn returned it: sanitize it before showing.
    pub name: String,
    pub urn: String,
    /// `@[Name]`, with the URN where the name alone is not known or not unique.
    pub mention: String,
}

/// Returns who can be mentioned, by name: the known names, and Pages that no profile has saved yet.
pub(crate) fn list_mention_names(known: &[KnownName], pages: &[KnownName]) -> Vec<MentionName> {
    let mut urns: HashMap<String, BTreeSet<&str>> = HashMap::new();
    for one in known {
        urns.entry(name_key(&one.name)).or_default().insert(&one.urn);
    }
    let mut listed = HashSet::new();
    let unlisted = known.iter().chain(pages).filter(|one| listed.insert((name_key(&one.name), &one.urn)));
    let mut names: Vec<MentionName> = unlisted
        .filter_map(|KnownName { name, urn }| {
            let name = name.trim();
            let is_unique =
                urns.get(&name_key(name)).is_some_and(|urns| urns.len() == 1 && urns.contains(urn.as_str()));
            let mention = if is_unique { format!("@[{name}]") } else { format!("@[{name}]({urn})") };
            // LinkedIn has no mention of a name with a reserved character, and what is invisible is not inserted unseen.
            let is_mention = matches!(parse_text_parts(&mention)[..], [TextPart::Mention(_) | TextPart::Name { .. }])
                && !name.contains(is_hostile);
            is_mention.then(|| MentionName { name: name.to_owned(), urn: urn.clone(), mention })
        })
        .collect();
    names.sort_by_key(|one| name_key(&one.name));
    names
}

/// Returns a name without differences that do not matter.
fn name_key(name: &str) -> String {
    name.trim().to_lowercase()
}

fn find_name<'a>(known: &'a [KnownName], typed: &str) -> Result<&'a KnownName> {
    let key = name_key;
    let typed_key = key(typed);
    let mut found: Vec<&KnownName> = known.iter().filter(|known| key(&known.name) == typed_key).collect();
    found.sort_by_key(|known| &known.urn);
    found.dedup_by_key(|known| &known.urn);
    let typed = sanitize(typed, 80);
    let list = |known: &[&KnownName]| {
        let mentions = known.iter().take(MAX_LISTED_NAMES);
        mentions.map(|known| format!("@[{}]({})", sanitize(&known.name, 80), known.urn)).collect::<Vec<_>>().join(", ")
    };
    match found.as_slice() {
        [one] => Ok(one),
        [] => {
            let mut similar: Vec<&KnownName> = known.iter().collect();
            let is_similar = |known: &KnownName| typed_key.split(' ').any(|word| key(&known.name).contains(word));
            similar.sort_by_key(|known| !is_similar(known));
            let names = if similar.is_empty() { "none".to_owned() } else { list(&similar) };
            Err(Error::bad_input(
                format!(
                    "The mention @[{typed}] has no URN, and the name is not known from a profile, a Page or a post."
                ),
                format!(
                    "Add the URN, as in @[{typed}](urn:li:person:ID), or write \"@ [\" if it is not a mention. Known: {names}."
                ),
            ))
        }
        several => Err(Error::bad_input(
            format!("The mention @[{typed}] has no URN, and the name is that of {} members or Pages.", several.len()),
            format!("Write one of these: {}.", list(several)),
        )),
    }
}

/// Returns the vanity names of the Pages that are mentioned by their link, with the name that was typed, each once.
pub(super) fn find_mentioned_pages(text: &str) -> Result<Vec<(String, String)>> {
    let mut found: Vec<(String, String)> = Vec::new();
    replace_mentions(text, |Mention { name, target, .. }| {
        let MentionTarget::Page(vanity_name) = target else { return Ok(None) };
        let is_valid = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '%');
        if vanity_name.is_empty() || !vanity_name.chars().all(is_valid) {
            return Err(Error::bad_input(
                format!("\"{}\" is not the name in the link of a Page.", sanitize(vanity_name, 80)),
                "It is what follows linkedin.com/company/, such as company:analytical-engines.",
            ));
        }
        if found.iter().all(|(known, _)| known != vanity_name) {
            found.push((vanity_name.to_owned(), name.to_owned()));
        }
        Ok(None)
    })?;
    Ok(found)
}

/// Gives the mention of each Page the URN with the ID that `page_id` returns for its vanity name.
pub(super) fn replace_page_mentions(text: &str, page_id: impl Fn(&str) -> Option<String>) -> String {
    let replaced: Result<String> = replace_mentions(text, |Mention { name, target, .. }| {
        let MentionTarget::Page(vanity_name) = target else { return Ok(None) };
        Ok(page_id(vanity_name).map(|page_id| format!("@[{name}](urn:li:organization:{page_id})")))
    });
    replaced.unwrap_or_default()
}

/// Returns the ID of a Page whose link has it instead of a vanity name.
pub(super) fn parse_page_id(vanity_name: &str) -> Option<u64> {
    vanity_name.bytes().all(|byte| byte.is_ascii_digit()).then(|| vanity_name.parse().ok())?
}

/// Returns the ID of a Page, which is requested once.
async fn find_page_id(ctx: &Context, profile: &Profile, vanity_name: &str, typed_name: &str) -> Result<u64> {
    if let Some(page_id) = parse_page_id(vanity_name).or_else(|| ctx.page_ids.get(vanity_name)) {
        return Ok(page_id);
    }
    let find = async |profile: &Profile| {
        organizations::find_by_vanity_name(ctx.api(profile.require_token()?), vanity_name).await
    };
    // The ID is in the URL that administrators see ("How can I make my organisation visible on badges shared on
    // LinkedIn?", support.openbadgefactory.com).
    let (name, link_name) = (sanitize(typed_name, 80), sanitize(vanity_name, 80));
    let hint = format!(
        "Write the number of the Page: @[{name}](urn:li:organization:NUMBER). Its administrators see it in the URL: \
         linkedin.com/company/NUMBER/admin."
    );
    match Box::pin(retry_if_token_refused(ctx, profile.clone(), error_code, find)).await {
        Ok(Some(page_id)) => {
            ctx.page_ids.insert(vanity_name, page_id);
            Ok(page_id)
        }
        Ok(None) => Err(Error::bad_input(
            format!("LinkedIn has no Page linkedin.com/company/{link_name}."),
            format!("Check the name. {hint}"),
        )),
        Err(mut error) if error.code == Code::NotPermitted => {
            error.message = format!(
                "The token of profile {} may not look up the Page {link_name}: that needs the scope \
                 rw_organization_admin.",
                profile.name
            );
            error.replace_hint(hint, None);
            Err(error)
        }
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(names: &[(&str, &str)]) -> Vec<KnownName> {
        names.iter().map(|(name, urn)| KnownName { name: (*name).to_owned(), urn: (*urn).to_owned() }).collect()
    }

    #[test]
    fn names_are_found_in_any_case() {
        let known = known(&[("ada lovelace", "urn:li:person:1"), ("Ada Lovelace", "urn:li:person:1")]);
        assert_eq!(find_name(&known, " ADA Lovelace").unwrap().urn, "urn:li:person:1");
    }

    #[test]
    fn unknown_and_ambiguous_names_list_candidates() {
        let names = known(&[
            ("Grace Hopper", "urn:li:person:3"),
            ("Ada Byron", "urn:li:person:1"),
            ("Ada Byron", "urn:li:organization:2"),
        ]);
        let error = find_name(&names, "Byron").unwrap_err();
        assert!(error.message.contains("@[Byron]"), "{error}");
        assert!(error.hint.contains("Known: @[Ada Byron](urn:li:person:1)"), "similar ones first: {}", error.hint);
        let error = find_name(&names, "Ada Byron").unwrap_err();
        assert!(error.message.contains("2 members or Pages"), "{error}");
        assert!(error.hint.ends_with("@[Ada Byron](urn:li:organization:2), @[Ada Byron](urn:li:person:1)."));
        assert!(!error.hint.contains("Grace"));
        assert!(find_name(&[], "x").unwrap_err().hint.ends_with("Known: none."));
    }

    #[test]
    fn a_mention_has_the_urn_where_the_name_is_not_enough() {
        let saved = known(&[
            ("Ada Byron", "urn:li:organization:2"),
            ("Ada Byron", "urn:li:person:1"),
            ("grace hopper", "urn:li:person:3"),
            ("Grace Hopper", "urn:li:person:3"),
            ("Acme (old)", "urn:li:organization:4"),
            ("Ada\u{202e}Byron", "urn:li:person:6"),
        ]);
        let pages = known(&[("Engines", "urn:li:organization:5"), ("Ada Byron", "urn:li:organization:2")]);
        let mentions: Vec<String> = list_mention_names(&saved, &pages).into_iter().map(|name| name.mention).collect();
        let expected = [
            "@[Ada Byron](urn:li:organization:2)",
            "@[Ada Byron](urn:li:person:1)",
            "@[Engines](urn:li:organization:5)",
            "@[grace hopper]",
        ];
        assert_eq!(mentions, expected);
        // What is inserted without a URN is resolved when the post is published.
        assert_eq!(find_name(&saved, "grace hopper").unwrap().urn, "urn:li:person:3");
    }

    #[test]
    fn mentioned_pages_are_listed_once_and_checked() {
        let text = "@[A](company:a) @[B](https://www.linkedin.com/company/a/) @[C](company:7) @[D](urn:li:person:x)";
        let expected = [("a".to_owned(), "A".to_owned()), ("7".to_owned(), "C".to_owned())];
        assert_eq!(find_mentioned_pages(text).unwrap(), expected);
        assert_eq!(
            (parse_page_id("7"), parse_page_id("7a"), parse_page_id("99999999999999999999")),
            (Some(7), None, None)
        );
        for bad in ["@[A](company:)", "@[A](company:a b)", "@[A](company:a&b=c)"] {
            assert!(find_mentioned_pages(bad).is_err(), "{bad}");
        }
        let replaced = replace_page_mentions(text, |vanity_name| (vanity_name == "a").then(|| "1".to_owned()));
        let expected = "@[A](urn:li:organization:1) @[B](urn:li:organization:1) @[C](company:7) @[D](urn:li:person:x)";
        assert_eq!(replaced, expected);
    }
}
