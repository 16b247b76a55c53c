//! Path templates of `google.api.http`: literals, variables `{a.b}`, and a custom verb `:verb`.

use anyhow::Context as _;
use percent_encoding::percent_decode_str;

/// One part between slashes.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Segment {
    Literal(String),
    Variable(String),
}

/// A path template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Template {
    segments: Vec<Segment>,
    verb: Option<String>,
}

impl Template {
    /// Reads a template; wildcards beyond one segment are not supported.
    pub(crate) fn parse(text: &str) -> anyhow::Result<Self> {
        let rest = text.strip_prefix('/').context("a path begins with a slash")?;
        let (rest, verb) = match rest.rsplit_once(':') {
            Some((rest, verb)) if !verb.contains(['/', '}']) => (rest, Some(verb.to_owned())),
            _ => (rest, None),
        };
        let segments = rest.split('/').map(|part| {
            let variable = part.strip_prefix('{').and_then(|it| it.strip_suffix('}'));
            let variable = variable.map(|it| it.strip_suffix("=*").unwrap_or(it));
            match variable {
                Some(name) if !name.is_empty() && !name.contains(['=', '*', '{']) => Ok(Segment::Variable(name.into())),
                None if !part.is_empty() && !part.contains(['{', '}', '*']) => Ok(Segment::Literal(part.into())),
                _ => anyhow::bail!("path template {text} is not supported"),
            }
        });
        Ok(Self {
            segments: segments.collect::<anyhow::Result<_>>()?,
            verb,
        })
    }

    /// Names of the fields that the path gives.
    pub(crate) fn variables(&self) -> impl Iterator<Item = &str> {
        self.segments.iter().filter_map(|segment| match segment {
            Segment::Variable(name) => Some(name.as_str()),
            Segment::Literal(_) => None,
        })
    }

    /// How many parts are literal: the more, the rather it is meant.
    pub(crate) fn literals(&self) -> usize {
        self.segments.len() - self.variables().count()
    }

    /// The variables' values where the path fits.
    pub(crate) fn matches(&self, path: &str) -> Option<Vec<(&str, String)>> {
        let path = path.strip_prefix('/')?;
        let (path, verb) = match path.rsplit_once(':') {
            Some((rest, verb)) if !verb.contains('/') => (rest, Some(verb)),
            _ => (path, None),
        };
        if verb != self.verb.as_deref() || path.split('/').count() != self.segments.len() {
            return None;
        }
        let mut values = Vec::new();
        for (segment, part) in self.segments.iter().zip(path.split('/')) {
            match segment {
                Segment::Literal(literal) if literal == part => {}
                Segment::Variable(name) if !part.is_empty() => {
                    let value = percent_decode_str(part).decode_utf8().ok()?;
                    values.push((name.as_str(), value.into_owned()));
                }
                _ => return None,
            }
        }
        Some(values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matched(template: &str, path: &str) -> Option<Vec<(String, String)>> {
        let template = Template::parse(template).unwrap();
        let values = template.matches(path)?;
        Some(
            values
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
        )
    }

    #[test]
    fn variables_and_verbs_are_matched() {
        let one = |name: &str, value: &str| Some(vec![(name.to_owned(), value.to_owned())]);
        assert_eq!(
            matched("/v1/devices/{device.device_id}", "/v1/devices/7"),
            one("device.device_id", "7")
        );
        assert_eq!(
            matched("/v1/users/{user_id}:disable", "/v1/users/7:disable"),
            one("user_id", "7")
        );
        assert_eq!(matched("/v1/users/{user_id}", "/v1/users/a%2Fb"), one("user_id", "a/b"));
        assert_eq!(matched("/v1/users/{user_id=*}", "/v1/users/a"), one("user_id", "a"));
        assert_eq!(matched("/v1/me:delete", "/v1/me:delete"), Some(vec![]));
    }

    #[test]
    fn what_does_not_fit_is_not_matched() {
        for (template, path) in [
            ("/v1/users/{user_id}", "/v1/users/7:disable"),
            ("/v1/users/{user_id}:disable", "/v1/users/7"),
            ("/v1/users/{user_id}", "/v1/users/"),
            ("/v1/users/{user_id}", "/v1/users/7/"),
            ("/v1/users/{user_id}", "/v1/users/%ff"),
            ("/v1/users", "/v1//users"),
            ("/v1/users", "/V1/users"),
        ] {
            assert_eq!(matched(template, path), None, "{template} {path}");
        }
    }

    #[test]
    fn what_is_not_supported_is_said_at_start() {
        for bad in ["v1", "/v1/{name=shelves/*}", "/v1/**", "/v1//x", "/{}"] {
            assert!(Template::parse(bad).is_err(), "{bad}");
        }
    }
}
