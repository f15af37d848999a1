use super::*;
use crate::facts::code::read;
use crate::snapshot::Snapshot;

/// Where an import of a file leads: a path, or a library.
fn leads(tree: &str, from: &str, module: &str) -> String {
    let snapshot = Snapshot::from_text(tree);
    let mut sources: Vec<Source> =
        snapshot.blobs().filter_map(|blob| read::source(blob, Language::of(blob.path())?).ok()).collect();
    sources.iter_mut().enumerate().for_each(|(index, source)| source.index = index as u32);
    let modules = Modules::of(&snapshot, &sources);
    let source = sources.iter().find(|source| source.path() == from).unwrap();
    match modules.resolve(source, module) {
        Reached::Files(files) => files.iter().map(|file| sources[*file as usize].path()).collect::<Vec<_>>().join(" "),
        Reached::Library(name) => format!("library {name}"),
    }
}

#[test]
fn script_modules_lead_to_files() {
    let tree = "\
-- package.json --
{ \"name\": \"root\", \"imports\": { \"#db\": \"./apps/web/src/db.ts\" } }
-- tsconfig.json --
{ /* shared */ \"compilerOptions\": { \"paths\": { \"~lib/*\": [\"./packages/*/src\"], }, } }
-- packages/mx/package.json --
{ \"name\": \"@acme/mx\", \"main\": \"./dist/index.js\", \"exports\": { \".\": { \"import\": \"./dist/esm/index.js\" }, \"./http\": \"./dist/http.js\" } }
-- packages/mx/src/index.ts --
export * from './http.js'
-- packages/mx/src/http.ts --
export const x = 1
-- apps/web/src/db.ts --
export const y = 1
-- apps/web/src/a/index.ts --
export const z = 1
";
    let from = "apps/web/src/db.ts";
    assert_eq!(leads(tree, "packages/mx/src/index.ts", "./http.js"), "packages/mx/src/http.ts");
    assert_eq!(leads(tree, from, "./a"), "apps/web/src/a/index.ts");
    assert_eq!(leads(tree, from, "@acme/mx"), "packages/mx/src/index.ts");
    assert_eq!(leads(tree, from, "@acme/mx/http"), "packages/mx/src/http.ts");
    assert_eq!(leads(tree, from, "~lib/mx"), "packages/mx/src/index.ts");
    assert_eq!(leads(tree, from, "#db"), from);
    assert_eq!(leads(tree, from, "@/a"), "apps/web/src/a/index.ts");
    assert_eq!(leads(tree, from, "@acme/mxx"), "library @acme/mxx");
    assert_eq!(leads(tree, from, "npm:stripe@12.1"), "library stripe");
    assert_eq!(
        leads(tree, from, "https://esm.sh/@supabase/supabase-js@2?target=deno"),
        "library @supabase/supabase-js"
    );
    assert_eq!(leads(tree, from, "node:timers/promises"), "library timers/promises");
}

#[test]
fn python_and_go_modules_lead_to_files() {
    let tree = "\
-- src/app/__init__.py --
-- src/app/client.py --
-- src/app/sub/job.py --
-- tools/requests.py --
-- go.mod --
module example.com/relay

go 1.23
-- internal/mx/client.go --
-- internal/mx/retry.go --
-- main.go --
";
    assert_eq!(leads(tree, "src/app/sub/job.py", "app.client"), "src/app/client.py");
    assert_eq!(leads(tree, "src/app/sub/job.py", "..client"), "src/app/client.py");
    assert_eq!(leads(tree, "src/app/sub/job.py", ".."), "src/app/__init__.py");
    assert_eq!(leads(tree, "src/app/sub/job.py", "requests"), "library requests");
    assert_eq!(leads(tree, "main.go", "example.com/relay/internal/mx"), "internal/mx/client.go internal/mx/retry.go");
    assert_eq!(leads(tree, "main.go", "net/http"), "library net/http");
}
