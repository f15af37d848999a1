//! Each language's table is whole, and small programs become the trees that they should.

use super::*;
use proptest::prelude::*;

fn outline(path: &str, text: &str) -> String {
    let blob = Arc::new(Blob::new(path, text));
    let language = Language::of(path).expect("a known ending");
    // As when a repository is read: on a thread with a large stack.
    let read = move || lower(&blob, language).map_or_else(str::to_owned, |source| source.outline());
    let thread = std::thread::Builder::new().stack_size(256 << 20).spawn(read);
    thread.expect("a thread").join().expect("no panic")
}

#[test]
fn every_table_fits_its_grammar() {
    for grammar in &GRAMMARS {
        if let Err(error) = Table::new(grammar.nodes, &grammar.grammar.into()) {
            panic!("{:?}: {error}", grammar.language);
        }
    }
}

/// The same small client in every language: a path with a hole, a loop, a delay that doubles.
const CLIENTS: [(&str, &str, &[&str]); 7] = [
    (
        "a.py",
        "class A(B):\n    def get(self, i):\n        for n in range(5):\n            r = self.http.get(f'/w/{i}', timeout=30)\n            if r.status == 429 or 500 <= r.status < 600: time.sleep(2 ** n)\n        raise E('x') from None\n",
        &[
            "(call (member get (member http (this))) (template (str \"/w/\") (name i)) (named timeout (30)))",
            "(power (2) (name n))",
            "(and (less-or-equal (500) (member status (name r))) (less (member status (name r)) (600)))",
            "(throw (call (name E) (str \"x\")))",
        ],
    ),
    (
        "a.go",
        "package a\nfunc (c *C) Get(i int) error {\n\tfor n := 0; n < 5; n++ {\n\t\tr, err := c.http.Get(base + \"/w\")\n\t\ttime.Sleep(time.Duration(1<<n) * time.Second)\n\t}\n\treturn &http.Client{Timeout: 30 * time.Second}\n}\n",
        &[
            "(let (list (name r) (name err)) (call (member Get (member http (this))) (add (name base) (str \"/w\"))))",
            "(shift-left (1) (name n))",
            "(new (member Client (name http)) (object (pair (str \"Timeout\") (multiply (30) (member Second (name time))))))",
        ],
    ),
    (
        "A.java",
        "class A { @Get(\"/x\") B get(long i) throws E { while (true) { delay *= 2; r = http.send(q.timeout(Duration.ofSeconds(30L))); if (r.code() >= 500) continue; } } }",
        &[
            "(call (name Get) (str \"/x\"))",
            "(assign-multiply (name delay) (2))",
            "(call (member ofSeconds (name Duration)) (30))",
            "(while (true)",
        ],
    ),
    (
        "a.kt",
        "class A(private val t: String) : B() { suspend fun get(i: Long) = http.get(\"w/$i?x=${n + 1}\") { timeout { requestTimeoutMillis = 30_000 } } }",
        &[
            "(field-parameter (name t) (type String))",
            "(template (str \"w/\") (name i) (str \"?x=\") (add (name n) (1)))",
            "(assign (name requestTimeoutMillis) (30000))",
        ],
    ),
    (
        "A.cs",
        "class A(HttpClient http) : B { public async Task<int> Get(long i) { var r = await http.GetAsync($\"w/{i}\"); if (r.StatusCode is 429 or >= 500) return 1; var o = new { a = 1, b.C }; return x switch { >= 500 => 1, _ => 2 }; } }",
        &[
            "(let (name r) (type var) (await (call (member GetAsync (name http)) (template (str \"w/\") (name i)))))",
            "(or (equal (member StatusCode (name r)) (429)) (greater-or-equal (member StatusCode (name r)) (500)))",
            "(object (pair (str \"a\") (1)) (pair (str \"C\") (member C (name b))))",
            "(case (greater-or-equal (name x) (500)) (block (1)))",
        ],
    ),
    (
        "a.rb",
        "class A < B\n  def get(i)\n    begin\n      @http.get(\"/w/#{i}\", limit: 100, 'q' => 1) { |r| r.x }\n    rescue E => e\n      sleep 2**n\n      retry if (n += 1) < 5\n    end\n  end\nend\n",
        &[
            "(call (member get (member http (this))) (template (str \"/w/\") (name i)) (named limit (100)) (object (pair (str \"q\") (1)))",
            "(forever (block (try",
            "(catch (name e) (name E)",
        ],
    ),
    (
        "a.php",
        "<?php\nclass A extends B { public function __construct(private Client $http) {} function get(int $i): array { $r = $this->http->get(\"w/$i\", ['query' => ['limit' => 100]]); sleep(2 ** $n); return json_decode($r->getBody(), flags: 1); } }",
        &[
            "(field-parameter (name http) (type Client))",
            "(call (member get (member http (this))) (template (str \"w/\") (name i)) (object (pair (str \"query\") (object (pair (str \"limit\") (100))))))",
            "(named flags (1))",
        ],
    ),
];

#[test]
fn the_same_program_reads_alike_in_every_language() {
    for (path, text, wanted) in CLIENTS {
        let outline = outline(path, text);
        for wanted in wanted {
            assert!(outline.contains(wanted), "{path}: no {wanted}\nin {outline}");
        }
    }
}

#[test]
fn deep_nesting_ends_in_a_message() {
    let sum = format!("class A {{ int a = {}1; }}", "a + ".repeat(5_000));
    assert_eq!(outline("A.java", &sum), "nested too deeply to be read");
    let deep: String = (0..2_000)
        .map(|n| {
            format!(
                "{}if x:
",
                " ".repeat(n)
            )
        })
        .collect();
    assert!(outline("deep.py", &deep).len() < 10_000_000);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_piece_of_a_program_can_be_read(which in 0..CLIENTS.len(), cut in 0..300_usize, length in 0..300_usize, mess in "[(){}\\[\\]\"'`:$#{}\\n é]{0,12}") {
        let (path, text, _) = CLIENTS[which];
        let piece: String = text.chars().skip(cut).take(length).collect();
        let _ = outline(path, &format!("{piece}{mess}{text}"));
    }
}
