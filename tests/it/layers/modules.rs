//! Parses the modules of a crate and the paths in them.

use std::collections::{BTreeMap, BTreeSet};

/// The segments of a Rust path.
pub(super) type Path = Vec<String>;

/// A module: a file, or inline in one.
#[derive(Default)]
pub(super) struct Module {
    /// Path of its file from the repository root.
    pub(super) file: String,
    pub(super) children: BTreeSet<String>,
    /// The imported paths by their local names.
    pub(super) uses: BTreeMap<String, Path>,
    /// The local names that are not re-exported.
    pub(super) private_uses: BTreeSet<String>,
    /// The paths in its code, including single names.
    pub(super) paths: BTreeSet<Path>,
}

/// Parses every module outside tests, starting at the crate root `root`.
pub(super) fn read_crate(directory: &std::path::Path, root: &str) -> BTreeMap<Path, Module> {
    let mut modules = BTreeMap::new();
    let mut pending = vec![(Path::new(), root.to_owned())];
    while let Some((own, file)) = pending.pop() {
        let text = std::fs::read_to_string(directory.join(&file)).unwrap();
        let mut parser = Parser { tokens: remove_tests(&tokenize(&text)), at: 0, file: &file, modules: &mut modules };
        let declared = parser.parse_module(own);
        let base = file.strip_suffix("mod.rs").or(file.strip_suffix("lib.rs")).map(str::to_owned);
        let base = base.unwrap_or_else(|| format!("{}/", file.trim_end_matches(".rs")));
        for path in declared {
            let name = path.last().unwrap();
            let mod_file = format!("{base}{name}/mod.rs");
            let file = if directory.join(&mod_file).exists() { mod_file } else { format!("{base}{name}.rs") };
            pending.push((path, file));
        }
    }
    modules
}

/// Splits source text into identifiers and punctuation, without comments and literals.
fn tokenize(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if c == '"' {
            let length = string_length(rest);
            // `#[serde(with = "module")]` names a path in a string.
            let content = rest[..length].trim_matches('"');
            let is_path =
                content.split("::").all(|part| is_name(part) && part.chars().all(|c| c.is_alphanumeric() || c == '_'));
            if is_path && found.last().is_some_and(|token| token == "=") {
                found.extend(tokenize(content));
            }
            length
        } else if c == '\'' {
            char_length(rest)
        } else if let Some(length) = raw_string_length(rest) {
            length
        } else if c.is_alphabetic() || c == '_' {
            let length = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            found.push(rest[..length].to_owned());
            length
        } else if c.is_ascii_digit() {
            rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len())
        } else {
            let length = if rest.starts_with("::") { 2 } else { c.len_utf8() };
            if !c.is_whitespace() {
                found.push(rest[..length].to_owned());
            }
            length
        };
        rest = &rest[length..];
    }
    found
}

fn string_length(text: &str) -> usize {
    let mut is_escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// Returns the length of a character literal, or of the quote that starts a lifetime.
fn char_length(text: &str) -> usize {
    let after = &text[1..];
    if let Some(escape) = after.strip_prefix('\\') {
        return 2 + escape.char_indices().skip(1).find(|(_, c)| *c == '\'').map_or(escape.len(), |(at, _)| at + 1);
    }
    let first = after.chars().next().map_or(0, char::len_utf8);
    if after[first..].starts_with('\'') { first + 2 } else { 1 }
}

fn raw_string_length(text: &str) -> Option<usize> {
    let after = text.strip_prefix("br").or_else(|| text.strip_prefix('r'))?;
    let hashes = after.len() - after.trim_start_matches('#').len();
    after[hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let begin = text.len() - after.len() + hashes + 1;
    Some(text[begin..].find(&end).map_or(text.len(), |at| begin + at + end.len()))
}

/// Removes the items that only tests compile.
fn remove_tests(tokens: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let length = attribute_length(&tokens[at..]);
        let attribute = &tokens[at..at + length];
        let has_token = |word: &str| attribute.iter().any(|token| token == word);
        if length > 0 && has_token("cfg") && has_token("test") && !has_token("not") {
            at += length + item_length(&tokens[at + length..]);
        } else {
            found.push(tokens[at].clone());
            at += 1;
        }
    }
    found
}

/// Returns how many tokens the attribute at the start of `tokens` has; 0 without one.
fn attribute_length(tokens: &[String]) -> usize {
    if tokens[0] != "#" || tokens.get(1).is_none_or(|token| token != "[") {
        return 0;
    }
    group_length(&tokens[1..]) + 1
}

/// Returns how many tokens there are from a bracket to its closing bracket.
fn group_length(tokens: &[String]) -> usize {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate() {
        match token.as_str() {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at + 1;
        }
    }
    tokens.len()
}

/// Returns how many tokens an item, field or match arm has, including further attributes.
fn item_length(tokens: &[String]) -> usize {
    let mut at = 0;
    while at < tokens.len() && attribute_length(&tokens[at..]) > 0 {
        at += attribute_length(&tokens[at..]);
    }
    let head: Vec<&str> = tokens[at..].iter().take(8).map(String::as_str).collect();
    let is_item =
        head.iter().any(|word| ["fn", "mod", "impl", "struct", "enum", "trait", "macro_rules"].contains(word));
    let ends_at_semicolon = !is_item && head.iter().any(|word| ["use", "const", "static", "let"].contains(word));
    while at < tokens.len() {
        match tokens[at].as_str() {
            ";" => return at + 1,
            "," if !is_item && !ends_at_semicolon => return at + 1,
            ")" | "]" | "}" => return at,
            "{" if !ends_at_semicolon => return at + group_length(&tokens[at..]),
            "(" | "[" | "{" => at += group_length(&tokens[at..]),
            _ => at += 1,
        }
    }
    at
}

/// Parses the tokens of a file into modules.
struct Parser<'a> {
    tokens: Vec<String>,
    at: usize,
    file: &'a str,
    modules: &'a mut BTreeMap<Path, Module>,
}

impl Parser<'_> {
    fn token(&self, ahead: usize) -> &str {
        self.tokens.get(self.at + ahead).map_or("", String::as_str)
    }

    /// Parses a module to its closing brace, and returns the child modules that have their own files.
    fn parse_module(&mut self, own: Path) -> Vec<Path> {
        let mut module = self.modules.remove(&own).unwrap_or_default();
        self.file.clone_into(&mut module.file);
        let (mut declared, mut depth) = (Vec::new(), 0_usize);
        let mut before = String::new();
        while self.at < self.tokens.len() {
            let token = self.token(0).to_owned();
            match token.as_str() {
                "{" => depth += 1,
                "}" if depth == 0 => break,
                "}" => depth -= 1,
                "mod" if is_name(self.token(1)) => {
                    let child: Path = own.iter().cloned().chain([self.token(1).to_owned()]).collect();
                    module.children.insert(self.token(1).to_owned());
                    self.at += 2;
                    if self.token(0) == "{" {
                        self.at += 1;
                        declared.extend(self.parse_module(child));
                    } else {
                        declared.push(child);
                    }
                }
                "use" => {
                    self.at += 1;
                    let is_private = before != "pub" && before != ")";
                    self.parse_use_tree(&Path::new(), &mut |name, path| {
                        if is_private {
                            module.private_uses.insert(name.clone());
                        }
                        module.uses.insert(name, path);
                    });
                }
                name if is_name(name) && before != "::" && before != "." => {
                    let path = self.parse_path();
                    module.paths.insert(path);
                }
                _ => {}
            }
            self.token(0).clone_into(&mut before);
            self.at += 1;
        }
        self.modules.insert(own, module);
        declared
    }

    /// Parses a path, up to its last segment.
    fn parse_path(&mut self) -> Path {
        let mut path = vec![self.token(0).to_owned()];
        while self.token(1) == "::" && is_name(self.token(2)) {
            path.push(self.token(2).to_owned());
            self.at += 2;
        }
        path
    }

    /// Parses a `use` tree up to the token after it.
    fn parse_use_tree(&mut self, prefix: &Path, add: &mut impl FnMut(String, Path)) {
        let mut path = prefix.clone();
        loop {
            match self.token(0) {
                "{" => {
                    while self.token(0) != "}" {
                        self.at += 1;
                        if self.token(0) != "}" {
                            self.parse_use_tree(&path, add);
                        }
                    }
                    self.at += 1;
                    return;
                }
                "*" => panic!("{}: list the imported names instead of {}::*", self.file, path.join("::")),
                "::" => {}
                "as" => {
                    add(self.token(1).to_owned(), path);
                    self.at += 2;
                    return;
                }
                name if is_name(name) => path.push(name.to_owned()),
                _ => break,
            }
            self.at += 1;
        }
        if path.last().is_some_and(|last| last == "self") {
            path.pop();
        }
        if let Some(name) = path.last().cloned() {
            add(name, path);
        }
    }
}

fn is_name(token: &str) -> bool {
    token.starts_with(|c: char| c.is_alphabetic() || c == '_')
}
