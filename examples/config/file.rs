//! Reading the file, and telling a person what is wrong with it.

use std::{
    collections::BTreeMap,
    error, fmt, fs, io,
    path::{Path, PathBuf},
};

use axum_subprotocol::SubprotocolLayer;
use serde::Deserialize;

/// A layer for each path.
pub(crate) type Routes = BTreeMap<RoutePath, SubprotocolLayer>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    routes: Routes,
}

/// A path that a router takes, without a panic and without captures.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct RoutePath(String);

impl RoutePath {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for RoutePath {
    type Error = String;

    fn try_from(path: String) -> Result<Self, String> {
        let unreserved = |c: char| c.is_ascii_alphanumeric() || "-._~/".contains(c);
        if path.starts_with('/') && path.len() > 1 && path.chars().all(unreserved) {
            return Ok(Self(path));
        }
        Err(format!(
            "{path:?} can't be the path of a route: write one like \"/chat\", of letters, digits \
             and -._~/"
        ))
    }
}

pub(crate) fn read(path: &Path) -> Result<Routes, FileError> {
    let fail = |cause| FileError {
        path: path.to_owned(),
        cause,
    };
    let text = fs::read_to_string(path).map_err(|error| fail(Cause::Unreadable(error)))?;
    let File { routes } = toml::from_str(&text).map_err(|error| fail(Cause::Faulty(error)))?;
    Ok(routes)
}

/// Why there are no routes.
#[derive(Debug)]
pub(crate) struct FileError {
    path: PathBuf,
    cause: Cause,
}

#[derive(Debug)]
enum Cause {
    Unreadable(io::Error),
    Faulty(toml::de::Error),
}

/// For the person at the terminal: which file, which line, what is wrong, and what
/// to do.
impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match &self.cause {
            Cause::Unreadable(error) => write!(
                f,
                "{path} can't be read: {error}\nGive a file like examples/config/routes.toml."
            ),
            // The library's text shows the line, and names what is allowed there.
            Cause::Faulty(error) => write!(
                f,
                "{path} has a mistake. Correct it, and start again.\n\n{}",
                error.to_string().trim_end()
            ),
        }
    }
}

impl error::Error for FileError {}
