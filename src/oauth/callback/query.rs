//! The strict parser of a callback's query.

/// Longest authorization code that is accepted; LinkedIn's have up to 350 characters.
const MAX_CODE_BYTES: usize = 4096;

/// The parameters of a callback; others are ignored.
#[derive(Default)]
pub(super) struct Query {
    pub(super) state: Option<String>,
    pub(super) code: Option<String>,
    pub(super) error: Option<String>,
    pub(super) description: String,
    pub(super) issuer: Option<String>,
}

impl Query {
    /// Parses a query.
    ///
    /// # Errors
    /// A reason without any of the content: invalid encoding, a repeated parameter.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        let mut query = Self::default();
        let mut description = None;
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let invalid = "Its encoding is invalid.";
            let (name, value) = (decode(name).ok_or(invalid)?, decode(value).ok_or(invalid)?);
            let slot = match name.as_str() {
                "state" => &mut query.state,
                "code" => &mut query.code,
                "error" => &mut query.error,
                "error_description" => &mut description,
                "iss" => &mut query.issuer,
                _ => continue,
            };
            if slot.replace(value).is_some() {
                return Err("It repeats a parameter.");
            }
        }
        query.description = description.unwrap_or_default();
        Ok(query)
    }

    /// Returns the code, unless no authorization code has its form.
    pub(super) fn usable_code(&self) -> Option<&str> {
        self.code.as_deref().filter(|code| {
            !code.is_empty() && code.len() <= MAX_CODE_BYTES && code.bytes().all(|byte| byte.is_ascii_graphic())
        })
    }
}

/// Decodes `application/x-www-form-urlencoded`; `None` for an invalid escape, invalid UTF-8 or NUL.
fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut encoded = text.bytes();
    while let Some(byte) = encoded.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
                u8::try_from(digit(encoded.next())? * 16 + digit(encoded.next())?).ok()?
            }
            byte => byte,
        });
    }
    String::from_utf8(bytes).ok().filter(|text| !text.contains('\0'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn l05_l21_duplicates_and_bad_encoding_are_rejected() {
        for bad in [
            "state=a&state=a",
            "code=1&code=2",
            "error=x&state=a&error=y",
            "state=%zz",
            "state=%f",
            "code=%ff",
            "state=a%00",
            "x=%zz",
            "%zz=x",
        ] {
            assert!(Query::parse(bad).is_err(), "{bad}");
        }
        let good = Query::parse("code=AQ%2B1&state=a+b&x=y&x=z").ok().unwrap();
        assert_eq!((good.usable_code(), good.state.as_deref()), (Some("AQ+1"), Some("a b")));
    }

    #[test]
    fn every_parameter_is_read_and_others_are_ignored() {
        let query = Query::parse("&code&state=&error=e&error_description=a+b%21&iss=i=j&x").ok().unwrap();
        assert_eq!((query.code.as_deref(), query.state.as_deref()), (Some(""), Some("")));
        assert_eq!((query.error.as_deref(), query.description.as_str()), (Some("e"), "a b!"));
        assert_eq!(query.issuer.as_deref(), Some("i=j"));
        assert_eq!(Query::parse("").ok().unwrap().state, None);
    }

    #[test]
    fn only_a_graphic_code_of_usual_length_is_usable() {
        let is_usable = |code: &str| Query { code: Some(code.to_owned()), ..Query::default() }.usable_code().is_some();
        assert!(is_usable("A") && is_usable(&"A".repeat(MAX_CODE_BYTES)));
        for code in ["", "a b", "a\n", "ä", &"A".repeat(MAX_CODE_BYTES + 1)] {
            assert!(!is_usable(code), "{code:?}");
        }
        assert_eq!(Query::default().usable_code(), None);
    }

    proptest! {
        #[test]
        fn l21_no_text_panics(text in ".{0,300}") {
            drop(Query::parse(&text));
        }
    }
}
