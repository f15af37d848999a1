//! What the frameworks of each language call the registering of a route.

/// The kind of request that a route answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verb {
    /// `GET` and `HEAD`.
    Read,
    /// `POST`, `PUT`, `PATCH`, `DELETE`.
    Write,
    /// Whatever comes, or it is not said here.
    Any,
}

use Verb::{Any, Read, Write};

/// Calls that register a handler beside a path. Source: each framework's documentation on routing.
pub const REGISTERS: [(&str, Verb); 58] = [
    ("get", Read),
    ("head", Read),
    ("Get", Read),
    ("GET", Read),
    ("Head", Read),
    ("HEAD", Read),
    ("MapGet", Read),
    ("add_get", Read),
    ("post", Write),
    ("put", Write),
    ("patch", Write),
    ("delete", Write),
    ("del", Write),
    ("Post", Write),
    ("Put", Write),
    ("Patch", Write),
    ("Delete", Write),
    ("POST", Write),
    ("PUT", Write),
    ("PATCH", Write),
    ("DELETE", Write),
    ("MapPost", Write),
    ("MapPut", Write),
    ("MapPatch", Write),
    ("MapDelete", Write),
    ("add_post", Write),
    ("add_put", Write),
    ("add_patch", Write),
    ("add_delete", Write),
    ("all", Any),
    ("All", Any),
    ("any", Any),
    ("Any", Any),
    ("match", Any),
    ("map", Any),
    ("on", Any),
    ("add", Any),
    ("route", Any),
    ("Route", Any),
    ("Handle", Any),
    ("HandleFunc", Any),
    ("handle", Any),
    ("Method", Any),
    ("MethodFunc", Any),
    ("Map", Any),
    ("MapMethods", Any),
    ("path", Any),
    ("re_path", Any),
    ("url", Any),
    ("add_route", Any),
    ("add_api_route", Any),
    ("add_url_rule", Any),
    ("add_resource", Any),
    ("createContext", Any),
    ("http", Any),
    ("onRequest", Any),
    ("onCall", Any),
    ("use", Any),
];
/// Calls that are handed the one function which answers everything.
pub const SERVERS: [&str; 7] = ["serve", "createServer", "http", "onRequest", "Start", "cloudEvent", "HTTP"];
/// Decorators, annotations and attributes that make a function answer.
pub const MARKS: [(&str, Verb); 31] = [
    ("get", Read),
    ("head", Read),
    ("Get", Read),
    ("GET", Read),
    ("Head", Read),
    ("GetMapping", Read),
    ("HttpGet", Read),
    ("post", Write),
    ("put", Write),
    ("patch", Write),
    ("delete", Write),
    ("Post", Write),
    ("Put", Write),
    ("Patch", Write),
    ("Delete", Write),
    ("POST", Write),
    ("PUT", Write),
    ("PATCH", Write),
    ("DELETE", Write),
    ("PostMapping", Write),
    ("PutMapping", Write),
    ("PatchMapping", Write),
    ("DeleteMapping", Write),
    ("HttpPost", Write),
    ("HttpPut", Write),
    ("HttpPatch", Write),
    ("HttpDelete", Write),
    ("route", Any),
    ("api_view", Any),
    ("RequestMapping", Any),
    ("Route", Any),
];
/// Marks of a class whose path stands before those of its methods.
pub const PREFIXES: [&str; 6] = ["Controller", "RequestMapping", "Route", "Path", "RestController", "JsonController"];

/// The verb by which a call registers, if it does.
pub fn registers(method: &str) -> Option<Verb> {
    REGISTERS.iter().find(|(name, _)| *name == method).map(|(_, verb)| *verb)
}

/// The verb of a decorator, annotation or attribute.
pub fn mark(name: &str) -> Option<Verb> {
    MARKS.iter().find(|(known, _)| *known == name).map(|(_, verb)| *verb)
}

/// The verb that a word of HTTP names.
pub fn verb(word: &str) -> Verb {
    match word.to_ascii_uppercase().as_str() {
        "GET" | "HEAD" | "OPTIONS" => Read,
        "POST" | "PUT" | "PATCH" | "DELETE" => Write,
        _ => Any,
    }
}
