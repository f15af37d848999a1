//! TOML with positions, for the manifests that are written in it.

use crate::evidence::{Blob, Evidence, Span};
use toml_edit::{Document, Item, TableLike};

/// A whole file, or the place and reason why it cannot be read. The parser bounds the depth.
pub fn document(blob: &Blob) -> Result<Document<&str>, Evidence> {
    Document::parse(blob.text()).map_err(|error| {
        let place = blob.span(error.span().unwrap_or_default());
        Evidence::at(place, format!("no valid TOML: {}", error.message()))
    })
}

/// The table at the end of a path of keys.
pub fn table<'a>(top: &'a dyn TableLike, path: &[&str]) -> Option<&'a dyn TableLike> {
    path.iter().try_fold(top, |table, key| table.get(key)?.as_table_like())
}

/// The text at the end of a path of keys.
pub fn text<'a>(top: &'a dyn TableLike, path: &[&str]) -> Option<&'a str> {
    let (last, folders) = path.split_last()?;
    table(top, folders)?.get(last)?.as_str()
}

/// Where an item stands, with its key where that is known.
pub fn span(blob: &Blob, table: &dyn TableLike, key: &str, item: &Item) -> Span {
    let key = table.key(key).and_then(|key| key.span());
    let value = item.span();
    match (key, value) {
        (Some(key), Some(value)) if value.end >= key.start => blob.span(key.start..value.end),
        (Some(range), _) | (None, Some(range)) => blob.span(range),
        (None, None) => blob.line(1),
    }
}

/// The texts of a list with their places.
pub fn texts<'a>(blob: &Blob, item: Option<&'a Item>) -> Vec<(&'a str, Span)> {
    let values = item.and_then(|item| item.as_array()).into_iter().flat_map(|array| array.iter());
    values.filter_map(|value| Some((value.as_str()?, blob.span(value.span().unwrap_or_default())))).collect()
}
