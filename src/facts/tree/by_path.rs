//! What a file is for, by its path alone.

use super::Role;
use super::words::{
    CLASS_ENDS, COMPILED_EXTENSIONS, FOLDER_ENDS, FOLDER_PAIRS, FOLDERS, JVM_EXTENSIONS, MODEL_FOLDERS, NAME_ENDS,
    NAME_INFIXES, NAME_STARTS, NAMES, PACKAGE_ROOTS, Reach, SOURCE_EXTENSIONS, SOURCE_FOLDERS,
};
use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::LazyLock;

static FOLDER_ROLES: LazyLock<HashMap<&str, (Role, Reach)>> =
    LazyLock::new(|| FOLDERS.iter().map(|(name, role, reach)| (*name, (*role, *reach))).collect());

static NAME_ROLES: LazyLock<HashMap<&str, Role>> = LazyLock::new(|| NAMES.iter().copied().collect());

/// The ends of names by the extension that they end in, each in the order of the table.
static NAME_ENDS_BY_EXTENSION: LazyLock<HashMap<&str, Vec<(&str, Role)>>> = LazyLock::new(|| {
    let mut ends: HashMap<&str, Vec<(&str, Role)>> = HashMap::new();
    for (end, role) in NAME_ENDS {
        ends.entry(extension(end).unwrap_or_default()).or_default().push((end, *role));
    }
    ends
});

/// A path and its role.
type Known = Option<(Box<str>, Role)>;

/// How many paths a thread keeps the role of.
const KEPT: usize = 1 << 14;

thread_local! {
    /// Every store asks for the role of every file: what was found for a path is kept, one path a place.
    static KNOWN: RefCell<Vec<Known>> = RefCell::new(vec![None; KEPT]);
}

/// The role of a path. The weightiest folder decides, then the name: a test in a vendored package is vendored.
pub fn role(path: &str) -> Role {
    let hash =
        path.bytes().rev().take(40).fold(path.len(), |hash, byte| hash.wrapping_mul(0x0100_0193) ^ usize::from(byte));
    KNOWN.with_borrow_mut(|known| match known.get_mut(hash % KEPT) {
        Some(Some((kept, role))) if **kept == *path => *role,
        Some(place) => place.insert((path.into(), found(path))).1,
        None => found(path),
    })
}

fn found(path: &str) -> Role {
    let has_capitals = path.bytes().any(|byte| byte.is_ascii_uppercase());
    let lower = if has_capitals { Cow::Owned(path.to_ascii_lowercase()) } else { Cow::Borrowed(path) };
    let (folders, name) = lower.rsplit_once('/').unwrap_or(("", &lower));
    let own_name = path.rsplit('/').next().unwrap_or(path);
    let by_folder = by_folders(folders, name);
    let by_name = by_name(name, own_name, folders);
    by_folder.into_iter().chain(by_name).min().unwrap_or(Role::Production)
}

/// Whether the file's extension is one of program text.
pub fn is_source(path: &str) -> bool {
    extension(path).is_some_and(|extension| SOURCE_EXTENSIONS.contains(&extension))
}

fn extension(path: &str) -> Option<&str> {
    path.rsplit('/').next()?.rsplit_once('.').map(|(_, extension)| extension)
}

fn by_folders(folders: &str, name: &str) -> Option<Role> {
    let mut decided = None::<Role>;
    let (mut in_source, mut parent) = (false, "");
    for folder in folders.split('/').filter(|folder| !folder.is_empty()) {
        // Maven and Gradle: below `src/main` every folder is a package or a resource.
        let is_main = parent == "src" && folder == "main";
        if is_main || is_package(parent, folder, name, in_source) {
            break;
        }
        if let Some(role) = folder_role(folder, parent, name, in_source) {
            decided = Some(decided.map_or(role, |so_far| so_far.min(role)));
        }
        in_source |= SOURCE_FOLDERS.contains(&folder);
        parent = folder;
    }
    decided
}

/// `src/com/example/demo`: from the reversed domain on, folders are package names.
fn is_package(previous: &str, folder: &str, name: &str, in_source: bool) -> bool {
    let is_jvm = extension(name).is_some_and(|extension| JVM_EXTENSIONS.contains(&extension));
    is_jvm && (in_source || previous == "java" || previous == "kotlin") && PACKAGE_ROOTS.contains(&folder)
}

fn folder_role(folder: &str, parent: &str, name: &str, in_source: bool) -> Option<Role> {
    let Some(&(role, reach)) = FOLDER_ROLES.get(folder) else { return by_shape(folder, parent) };
    let counts = match reach {
        Reach::Anywhere => true,
        Reach::Outside => !in_source,
        Reach::Unmodelled => !MODEL_FOLDERS.contains(&parent) && !name.starts_with(folder),
        Reach::Compiled => extension(name).is_some_and(|extension| COMPILED_EXTENSIONS.contains(&extension)),
        Reach::Sources => is_source(name),
    };
    // What is no program in a folder of scripts is whatever it would be elsewhere.
    let can_run = role != Role::Script || is_source(name) || !name.contains('.');
    (counts && can_run).then_some(role)
}

/// A folder's role by its parent or by the end of its name.
fn by_shape(folder: &str, parent: &str) -> Option<Role> {
    let by_pair = FOLDER_PAIRS.iter().find(|(outer, inner, _)| (*outer, *inner) == (parent, folder));
    let by_end = || {
        let (_, end) = folder.rsplit_once('.')?;
        FOLDER_ENDS.iter().find(|(known, _)| known.strip_prefix('.') == Some(end)).map(|(_, role)| *role)
    };
    by_pair.map(|(_, _, role)| *role).or_else(by_end)
}

fn is_in_source(folders: &str) -> bool {
    folders.split('/').any(|folder| SOURCE_FOLDERS.contains(&folder))
}

fn by_name(name: &str, own_name: &str, folders: &str) -> Option<Role> {
    let found = NAME_ROLES.get(name).copied().or_else(|| by_pattern(name, own_name))?;
    // `src/app.config.ts` configures the program, not a tool; `src/test-connection.ts` is a part of it.
    let is_program = matches!(found, Role::Config | Role::Script) && is_source(name) && is_in_source(folders);
    (!is_program).then_some(found)
}

fn by_pattern(name: &str, own_name: &str) -> Option<Role> {
    let ends = extension(name).and_then(|extension| NAME_ENDS_BY_EXTENSION.get(extension));
    let by_end = ends.into_iter().flatten().find(|(end, _)| name.ends_with(end)).map(|(_, role)| *role);
    let by_start = NAME_STARTS.iter().find(|(start, end, _)| name.starts_with(start) && name.ends_with(end));
    let is_test_class = CLASS_ENDS.iter().any(|end| own_name.len() > end.len() && own_name.ends_with(end));
    by_infix(name).or(by_start.map(|(_, _, role)| *role)).or(is_test_class.then_some(Role::Test)).or(by_end)
}

/// `orders.test.ts`: a word between dots, which is neither the stem nor the extension.
fn by_infix(name: &str) -> Option<Role> {
    let (stem, _) = name.rsplit_once('.')?;
    let mut infixes = stem.split('.').skip(1);
    infixes.find_map(|word| NAME_INFIXES.iter().find(|(infix, _)| *infix == word).map(|(_, role)| *role))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_the_field_have_the_roles_that_their_owners_mean() {
        let cases: &[(Role, &[&str])] = &[
            (
                Role::Production,
                &[
                    "index.js",
                    "src/client.ts",
                    "src/app.config.ts",
                    "src/config/database.config.ts",
                    "src/modules/vendor/vendor.service.ts",
                    "src/tools/create-work-order.ts",
                    "app/docs/page.tsx",
                    "src/test-connection.ts",
                    "src/main/java/com/example/demo/Client.java",
                    "app/src/com/example/test/Latest.kt",
                    "build/package/Dockerfile",
                    "k8s/overlays/dev/deployment.yaml",
                    "scripts/sync.service",
                    "spec/openapi.yaml",
                    "bin/worker",
                    "cmd/server/main.go",
                    "src/lib/latest.ts",
                    "Dockerfile",
                    "supabase/functions/sync/index.ts",
                ],
            ),
            (
                Role::Test,
                &[
                    "src/test/java/com/x/ClientIT.java",
                    "src/client.test.ts",
                    "src/login.e2e-spec.ts",
                    "tests/conftest.py",
                    "conftest.py",
                    "pkg/client_test.go",
                    "spec/client_spec.rb",
                    "src/test-utils/render.tsx",
                    "__tests__/a.js",
                    "cypress/support/commands.ts",
                    "src/Bridge.Tests/ClientTests.cs",
                    "app/test_client.py",
                    "src/OrdersTest.php",
                ],
            ),
            (
                Role::Fixture,
                &["src/__mocks__/axios.ts", "tests/fixtures/order.json", "pkg/testdata/a.json", "mocks/handlers.ts"],
            ),
            (Role::Example, &["examples/basic/index.ts", "src/Button.stories.tsx", ".env.example", "demo/main.py"]),
            (Role::Docs, &["README.md", "docs/conf.py", "CHANGELOG", "LICENSE.txt"]),
            (
                Role::Vendored,
                &[
                    "node_modules/a/test/index.js",
                    "vendor/github.com/x/y.go",
                    "public/jquery.min.js",
                    "wwwroot/lib/bootstrap/b.js",
                    ".yarn/releases/yarn-4.cjs",
                ],
            ),
            (Role::Build, &["dist/index.js", "build/static/js/main.js", "web/.next/server/a.js", "cdk.out/t.json"]),
            (Role::Generated, &["api/v1/orders.pb.go", "src/generated/client.ts", "package-lock.json"]),
            (Role::Script, &["scripts/seed-data.ts", "tools/release.py", "test-webhook.js", "prisma/seed.ts"]),
            (
                Role::Config,
                &["next.config.js", ".eslintrc.cjs", ".github/workflows/ci.yml", "jest.config.ts", "setup.py"],
            ),
        ];
        for (expected, paths) in cases {
            for path in *paths {
                assert_eq!(role(path), *expected, "{path}");
            }
        }
    }
}
