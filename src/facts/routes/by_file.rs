//! Routes of frameworks that serve files by their place.

use crate::evidence::{Blob, Span};

/// The path that a file serves by its own place: `app/api/ready/route.ts`, `pages/api/ready.ts`,
/// `server/routes/ready.get.ts`, `src/routes/ready/+server.ts`.
pub fn file_route(blob: &Blob) -> Option<(String, Span)> {
    let (path, _) = blob.path().rsplit_once('.')?;
    let route = match path.rsplit_once('/')? {
        (folder, "route") => folder.split_once("app/")?.1,
        (folder, "+server") => folder.split_once("routes/")?.1,
        _ if path.contains("pages/api/") => path.split_once("pages/")?.1,
        _ if path.contains("server/api/") => path.split_once("server/")?.1,
        _ if path.contains("server/routes/") => path.split_once("server/routes/")?.1,
        _ => return None,
    };
    let route = route.trim_end_matches("/index").trim_end_matches(".get");
    Some((format!("/{}", route.trim_matches('/')), blob.line(1)))
}
