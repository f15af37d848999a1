//! The settings file: where it is, and its text.

use crate::settings::PATHS;
use anyhow::{Context, Result, bail};
use std::io::ErrorKind;
use std::path::Path;

/// A larger file is something else.
const LARGEST: u64 = 1_048_576;

/// The path and text of the settings below a root, or of a file that was named. Two of them are a mistake: nobody
/// could say which one counts.
pub fn find(root: &Path, named: Option<&Path>) -> Result<Option<(String, String)>> {
    if let Some(file) = named {
        return Ok(Some((file.display().to_string(), read(file)?)));
    }
    for path in PATHS.map(|path| path.replace(".yml", ".yaml")) {
        if root.join(&path).symlink_metadata().is_ok() {
            bail!("{path} is not read: name it {}", path.replace(".yaml", ".yml"));
        }
    }
    let found: Vec<&str> = PATHS.into_iter().filter(|path| root.join(path).symlink_metadata().is_ok()).collect();
    match found[..] {
        [] => Ok(None),
        [path] => Ok(Some((path.to_owned(), read(&root.join(path))?))),
        _ => bail!("{} both exist: keep one of them", found.join(" and ")),
    }
}

fn read(file: &Path) -> Result<String> {
    let shown = file.display();
    let size = match std::fs::metadata(file) {
        Ok(found) if found.is_file() => found.len(),
        Ok(_) => bail!("{shown} is no file"),
        Err(error) if error.kind() == ErrorKind::NotFound => bail!("{shown} does not exist"),
        Err(error) => return Err(error).with_context(|| format!("{shown} cannot be read")),
    };
    if size > LARGEST {
        bail!("{shown} has {size} bytes: settings have at most {LARGEST}");
    }
    let bytes = std::fs::read(file).with_context(|| format!("{shown} cannot be read"))?;
    String::from_utf8(bytes).map_err(|_| anyhow::anyhow!("{shown} is not written in UTF-8"))
}
