//! Several re-authorizations one after the other, where one of them may revoke the token of another: LinkedIn keeps only
//! one scope set for each member of an app.

use std::collections::BTreeMap;

use crate::linkedin::scopes;
use crate::store::{Name, Profile};
use crate::tui::store_snapshot::StoreSnapshot;

/// Returns the profiles of each member of an app, with their positions in `names`, where their scopes differ.
fn conflicts<'a>(store: &'a StoreSnapshot, names: &[Name]) -> Vec<Vec<(usize, &'a Profile)>> {
    let mut groups: BTreeMap<(&str, &str), Vec<(usize, &Profile)>> = BTreeMap::new();
    for (at, name) in names.iter().enumerate() {
        let Some(profile) = store.profile(name).filter(|profile| !profile.client_credentials) else { continue };
        let Some(member) = &profile.member else { continue };
        // An app may be saved under several names.
        let app = store.apps.iter().find(|app| app.name == profile.app);
        let client = app.map_or(profile.app.as_str(), |app| app.client_id.as_str());
        groups.entry((client, member.id.as_str())).or_default().push((at, profile));
    }
    let has_conflict = |group: &Vec<(usize, &Profile)>| {
        group.iter().any(|(_, profile)| !scopes::are_same(&profile.scopes, &group[0].1.scopes))
    };
    groups.into_values().filter(has_conflict).collect()
}

/// Returns the names of the profiles that cannot all keep their tokens, for each member of an app.
pub(super) fn conflicting_names(store: &StoreSnapshot, names: &[Name]) -> Vec<Vec<Name>> {
    let to_names = |group: Vec<(usize, &Profile)>| group.into_iter().map(|(_, profile)| profile.name.clone()).collect();
    conflicts(store, names).into_iter().map(to_names).collect()
}

/// Sorts the profiles that cannot all keep their tokens so that as many as possible do: those with the same scopes follow
/// each other, and the scopes of most of them are last. All others stay where they are.
pub(super) fn sort_by_scopes(store: &StoreSnapshot, names: &mut [Name]) {
    for group in conflicts(store, names) {
        let key = |(_, profile): &(usize, &Profile)| {
            let mut same = group.iter().filter(|(_, other)| scopes::are_same(&other.scopes, &profile.scopes));
            let first = same.next().map(|(at, _)| *at);
            (same.count(), first)
        };
        let mut sorted = group.clone();
        sorted.sort_by_key(key);
        for ((at, _), (_, profile)) in group.iter().zip(sorted) {
            names[*at] = profile.name.clone();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Member;
    use crate::tui::store_snapshot::Row;

    /// Returns the files with profiles `NAME:MEMBER:SCOPES`.
    fn store(profiles: &[&str]) -> (StoreSnapshot, Vec<Name>) {
        let profile = |text: &&str| {
            let [name, member, scopes] = text.split(':').collect::<Vec<_>>().try_into().unwrap();
            let scopes = scopes.chars().map(String::from).collect();
            let mut profile = Profile::new(Name::parse(name).unwrap(), Name::parse("app").unwrap(), scopes);
            profile.member = Some(Member { id: member.to_owned(), name: None, email: None });
            profile
        };
        let profiles: Vec<Profile> = profiles.iter().map(profile).collect();
        let names = profiles.iter().map(|profile| profile.name.clone()).collect();
        let mut rows: Vec<Row> =
            profiles.into_iter().map(|profile| Row::new(profile.name.clone(), Ok(profile))).collect();
        rows.sort_by(|one, other| one.name.cmp(&other.name));
        (StoreSnapshot { rows, ..StoreSnapshot::default() }, names)
    }

    fn sorted(profiles: &[&str]) -> String {
        let (store, mut names) = store(profiles);
        sort_by_scopes(&store, &mut names);
        names.iter().map(Name::as_str).collect()
    }

    #[test]
    fn most_tokens_of_one_member_survive() {
        assert_eq!(sorted(&["a:ada:x", "x:bob:y", "b:ada:y", "z:eve:x", "c:ada:x"]), "bxazc");
        assert_eq!(sorted(&["a:ada:x", "b:ada:y"]), "ab", "the order stays where it makes no difference");
        assert_eq!(sorted(&["d:ada:x", "b:bob:y", "c:ada:x"]), "dbc", "the same scopes revoke nothing");
        assert_eq!(sorted(&["a:ada:xy", "b:ada:z", "c:ada:yx"]), "bac", "in any order of the scopes");
    }

    #[test]
    fn profiles_that_cannot_all_keep_their_tokens_are_found() {
        let (store, names) = store(&["a:ada:x", "b:bob:y", "c:ada:y", "d:bob:y"]);
        let conflicting = conflicting_names(&store, &names);
        assert_eq!(conflicting, [vec![Name::parse("a").unwrap(), Name::parse("c").unwrap()]]);
        assert!(conflicting_names(&store, &names[1..]).is_empty());
    }
}
