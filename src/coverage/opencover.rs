//! OpenCover's XML, as OpenCover and coverlet write it: sequence points and branch points by method.

use super::xml::{Format, Tag};
use super::{Draft, FileDraft, Format as Name, Report};
use std::collections::BTreeMap;

pub struct OpenCover {
    draft: Draft,
    /// The paths of the module that is open, by their numbers.
    paths: BTreeMap<String, String>,
    files: BTreeMap<String, FileDraft>,
    method: Option<Method>,
    is_in_name: bool,
}

#[derive(Default)]
struct Method {
    name: String,
    file: Option<String>,
    line: u32,
    hit: bool,
}

impl Default for OpenCover {
    fn default() -> Self {
        let draft = Draft::new(Name::OpenCover);
        Self { draft, paths: BTreeMap::new(), files: BTreeMap::new(), method: None, is_in_name: false }
    }
}

impl Format for OpenCover {
    fn open(&mut self, tag: &Tag) -> Result<(), String> {
        match tag.name {
            "File" => {
                if let (Some(number), Some(path)) = (tag.get("uid"), tag.get("fullPath")) {
                    self.paths.insert(number.to_owned(), path.to_owned());
                }
            }
            "Method" => self.method = Some(Method::default()),
            "Name" => self.is_in_name = true,
            "FileRef" => {
                if let Some(method) = &mut self.method {
                    method.file = tag.get("uid").map(str::to_owned);
                }
            }
            "SequencePoint" => {
                let (line, hit) = (tag.line("sl")?, tag.needed("vc")? > 0);
                if let Some(method) = &mut self.method {
                    method.line = if method.line == 0 { line } else { method.line };
                    method.hit |= hit;
                }
                if let Some(file) = self.file(tag) {
                    file.line(line, hit);
                }
            }
            "BranchPoint" => {
                let hit = tag.needed("vc")? > 0;
                let line = tag.line("sl").unwrap_or(0);
                let name = ["offset", "ordinal", "path"].map(|name| tag.get(name).unwrap_or_default()).join(".");
                if let Some(file) = self.file(tag) {
                    file.branch(line, super::key(&name).max(1), hit);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn close(&mut self, name: &str) -> Result<(), String> {
        match name {
            "Name" => self.is_in_name = false,
            "Method" => {
                let Some(method) = self.method.take().filter(|method| method.line > 0) else { return Ok(()) };
                let path = method.file.as_ref().and_then(|number| self.paths.get(number));
                if let Some(path) = path.cloned() {
                    self.files.entry(path).or_default().function(method.line, &method.name, method.hit);
                }
            }
            "Module" => {
                self.paths.clear();
                for (path, file) in std::mem::take(&mut self.files) {
                    self.draft.add(file.finish(path))?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn text(&mut self, text: &str) {
        if let (true, Some(method)) = (self.is_in_name, &mut self.method)
            && method.name.len() < 4096
        {
            method.name.push_str(text);
        }
    }

    fn finish(self: Box<Self>, line: u64) -> Result<Report, String> {
        Ok(self.draft.finish(line))
    }
}

impl OpenCover {
    /// The file of a point: its own, or that of its method.
    fn file(&mut self, tag: &Tag) -> Option<&mut FileDraft> {
        let of_method = self.method.as_ref().and_then(|method| method.file.as_deref());
        let path = self.paths.get(tag.get("fileid").or(of_method)?)?;
        if !self.files.contains_key(path) {
            self.files.insert(path.clone(), FileDraft::default());
        }
        self.files.get_mut(path)
    }
}
