use super::*;

fn outline(text: &str) -> String {
    let blob = Arc::new(Blob::new("a.ts", text));
    lower(&blob, Language::TypeScript).unwrap().outline()
}

#[test]
fn calls_members_and_literals() {
    assert_eq!(
        outline("const http = axios.create({ timeout: 30_000, ...rest });"),
        "(let (name http) (call (member create (name axios)) (object (pair (str \"timeout\") (number 30000)) (spread (name rest)))))"
            .replace("(number 30000)", "(30000)")
    );
    assert_eq!(
        outline("await this.http?.get<Foo>(`/workorders/${id}/status`)!.data as X"),
        "(await (member data (call (member get (member http (this))) (template (str \"/workorders/\") (name id) (str \"/status\")))))"
    );
}

#[test]
fn functions_classes_and_what_they_hold() {
    assert_eq!(
        outline(
            "class A extends B { constructor(private readonly x: C) { super(); } @Get('/') async m(@Body() b: D) { return 1 } y = 2 }"
        ),
        "(class A (name B) (constructor constructor (field-parameter (name x) (type C)) (block (call (super)))) \
         (async function m (call (name Get) (str \"/\")) (parameter (call (name Body)) (name b) (type D)) (block (return (1)))) \
         (let (name y) (2)))"
    );
    assert_eq!(
        outline("for (let i = 0; i < 3; i++) { try { f() } catch (e) { throw e } finally { g() } }"),
        "(for (let (name i) (0)) (less (name i) (3)) (assign-add (name i) (1)) \
         (block (try (block (call (name f))) (catch (name e) (block (throw (name e)))) (block (call (name g))))))"
    );
}

#[test]
fn imports_and_exports_of_both_systems() {
    assert_eq!(
        outline(
            "import a, { b as c, d } from './x'; import * as e from 'y'; const { f: g } = require('z'); const h = require('w').i;"
        ),
        "(import \"./x\" default=a b=c d)\n(import \"y\" *=e)\n(import \"z\" f=g)\n(import \"w\" i=h)"
    );
    let blob = Arc::new(Blob::new("a.js", "const k = 1\nmodule.exports = { k, run() {} }\nexports.z = 2\n"));
    let source = lower(&blob, Language::JavaScript).unwrap();
    let names: Vec<&str> = source.exports().map(|export| export.exported).collect();
    assert_eq!(names, ["default", "k", "run", "z"]);
    let blob = Arc::new(Blob::new(
        "a.ts",
        "export const { a, b: [c] } = x; export * from './y'; export { d as e } from './z'; export default class {}",
    ));
    let source = lower(&blob, Language::TypeScript).unwrap();
    let names: Vec<(&str, &str)> = source.exports().map(|export| (export.exported, export.module)).collect();
    assert_eq!(names, [("a", ""), ("c", ""), ("*", "./y"), ("e", "./z"), ("default", "")]);
}

#[test]
fn every_node_knows_its_parent() {
    let blob =
        Arc::new(Blob::new("a.ts", "function f(a = g()) { if (a) return [a, { b: () => a }]; else while (1) h(a) }"));
    let source = lower(&blob, Language::TypeScript).unwrap();
    for node in source.nodes().filter(|node| *node != source.root()) {
        assert!(node.parent().is_some_and(|parent| parent.parts().contains(&node)), "{}", node.outline());
    }
}
