//! What production source does with API credentials: reads them, fetches them, shows them.

use super::exposure::{Tainted, literals, logs, tainted};
use super::{Credentials, Fault, Name, Supply, Use};
use crate::evidence::Blob;
use crate::facts::Facts;
use crate::facts::tree::is_source;
use aho_corasick::AhoCorasick;
use rayon::prelude::*;
use regex::Regex;
use std::sync::{Arc, LazyLock};

pub(super) fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a fixed pattern")
}

/// What a line must hold to be of interest: everything else is not looked at twice.
pub(super) static SIGNS: LazyLock<AhoCorasick> = LazyLock::new(|| {
    let words = [
        "key",
        "token",
        "secret",
        "maintainx",
        "bearer",
        "authorization",
        "credential",
        "_pat",
        "eyj",
        "vault",
        "parameter",
        "systemsmanager",
        "op://",
        "sm://",
        "keyring",
        "infisical",
    ];
    AhoCorasick::builder().ascii_case_insensitive(true).build(words).expect("fixed words")
});

pub(super) fn read(facts: &Facts, into: &mut Credentials) {
    let tree = facts.tree();
    let blobs: Vec<_> = (facts.snapshot.blobs())
        .filter(|blob| blob.text().len() < 1 << 20 && is_source(blob.path()) && tree.is_production(blob.path()))
        .collect();
    let found: Vec<Credentials> = blobs.par_iter().map(|blob| of_file(blob)).collect();
    for file in found {
        into.uses.extend(file.uses.into_iter().take(MAX_USES.saturating_sub(into.uses.len())));
        into.supplies.extend(file.supplies);
        into.faults.extend(file.faults);
    }
}

/// More places of use than these tell nothing new.
const MAX_USES: usize = 500;

fn of_file(blob: &Arc<Blob>) -> Credentials {
    let mut found = Credentials::default();
    if !SIGNS.is_match(blob.text()) {
        return found;
    }
    let infrastructure = is_infrastructure(blob.text());
    let tainted = tainted(blob);
    for (number, line) in lines_of_interest(blob, &tainted) {
        if !infrastructure {
            reads(blob, number, line, &mut found);
        }
        literals(blob, number, line, &mut found);
        logs(blob, number, line, &tainted, &mut found);
        fetches(blob, number, line, &mut found);
    }
    if !infrastructure {
        header(blob, &mut found);
    }
    found
}

/// Lines of code that hold a sign, or a name that a credential was given.
fn lines_of_interest<'a>(blob: &'a Arc<Blob>, tainted: &[Tainted]) -> Vec<(u32, &'a str)> {
    let text = blob.text();
    let names = |line: &str| tainted.iter().any(|one| line.contains(one.name.as_str()));
    // Whether a line stands in a block of comment is known from all lines before it.
    if !tainted.is_empty() || memchr::memmem::find(text.as_bytes(), b"/*").is_some() {
        return code_lines(blob).filter(|(_, line)| SIGNS.is_match(*line) || names(line)).collect();
    }
    let mut found: Vec<(u32, &str)> = Vec::new();
    let (mut number, mut start) = (1, 0);
    for sign in SIGNS.find_iter(text) {
        let between = text.as_bytes().get(start..sign.start()).unwrap_or_default();
        let Some(newline) = memchr::memrchr(b'\n', between) else {
            // The first line of all, or one more sign on the same line.
            if number == 1 && found.is_empty() {
                found.extend(text.lines().next().map(|line| (1, line)));
            }
            continue;
        };
        number += memchr::memchr_iter(b'\n', between).count() as u32;
        start += newline + 1;
        found.extend(text.get(start..).and_then(|rest| rest.lines().next()).map(|line| (number, line)));
    }
    found.retain(|(_, line)| is_code(line.trim_start()));
    found
}

/// Lines that are no comment, by the marks of the languages that are read.
pub(super) fn code_lines(blob: &Arc<Blob>) -> impl Iterator<Item = (u32, &str)> {
    let mut block = false;
    blob.lines().filter(move |(_, line)| {
        let line = line.trim_start();
        let starts = line.starts_with("/*") || line.starts_with("/**");
        let was = block;
        block = (block || starts) && !line.contains("*/");
        !was && !starts && is_code(line) || line.starts_with("#[")
    })
}

fn is_code(line: &str) -> bool {
    !["//", "#", "* ", "--", "<!--", "'''", "\"\"\""].iter().any(|mark| line.starts_with(mark))
        || line.starts_with("#[")
}

/// CDK and Pulumi programs describe what runs; what they name is no use of a credential.
fn is_infrastructure(text: &str) -> bool {
    [
        "aws-cdk-lib",
        "aws_cdk",
        "Amazon.CDK",
        "software.amazon.awscdk",
        "@pulumi/",
        "import pulumi",
        "github.com/pulumi/",
        "cdktf",
        "aws-cdk-go",
    ]
    .iter()
    .any(|word| text.contains(word))
}

static ENVIRONMENT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"(?:env(?:iron(?:ment)?)?|ENV|Env|getenv|Getenv|GetEnvironmentVariable|LookupEnv|fetch|get|getOrThrow|GetValue|GetString|GetSection|getString|getProperty|required|require[A-Z]\w*|Required\w*|mustEnv|must\w*|config\w*|Config\w*|cfg|settings|secrets|Value|Optional|optional|str|getEnv|readEnv|env_var|default|defineSecret|alias|Field|validation_alias)\s*(?:\.get)?\s*[\(\[<][^()\[\]'"`]{0,30}["'`](?:\$\{)?([A-Za-z_][\w.:-]*)|\benv(?:config)?:\s*"([A-Za-z_]\w*)|mapstructure:"(\w+)"|(?:\benv\.|\bprocess\.env\??\.|\bimport\.meta\.env\.|\bBun\.env\.|\bbindings?\.|\bc\.env\.)([A-Za-z_]\w*)"#,
    )
});
/// `maintainx_api_key: str` in a settings class, `MAINTAINX_API_KEY: z.string()` in a schema, `const { MX_TOKEN } = process.env`.
static FIELD: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^\s*(?:(?:public|private|readonly|export)\s+)*([A-Za-z_]\w*)\??\s*:\s*(?:(?:Optional\[)?(?:str|SecretStr)\b|z\.|string\b|Joi\.|yup\.|str\(|cleanEnv|t\.|Type\.)",
    )
});
static DESTRUCTURED: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\{([^{}]*)\}\s*=\s*(?:process\.env|import\.meta\.env|env)\b"));

fn reads(blob: &Arc<Blob>, number: u32, line: &str, into: &mut Credentials) {
    let direct = ENVIRONMENT
        .captures_iter(line)
        .filter_map(|found| found.iter().skip(1).flatten().next().map(|name| name.as_str().to_owned()));
    let fields = FIELD.captures(line).map(|found| found[1].to_owned());
    let destructured = DESTRUCTURED.captures_iter(line).flat_map(|found| {
        let names = found[1].split(',').map(|name| name.split([':', '=']).next().unwrap_or_default().trim().to_owned());
        names.collect::<Vec<_>>()
    });
    for name in direct.chain(fields).chain(destructured).map(|name| Name::new(&name)).filter(Name::is_api_credential) {
        let span = blob.line(number);
        if name.is_shipped_to_browser() && !name.is_public_by_design() {
            into.faults.push(Fault { span: span.clone(), note: format!("{} is shipped to the browser", name.shown()) });
        }
        into.uses.push(Use { name, span });
    }
}

static HEADER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"(?i)authorization["']?\s*[\],:=)]|bearer_?auth|["'`]bearer |x-api-key|setBearer|WithToken|AuthenticationHeaderValue|:authorization"#,
    )
});

/// A header that carries a credential, where no name was seen in the file.
fn header(blob: &Arc<Blob>, into: &mut Credentials) {
    let calls_out = ["http", "fetch", "axios", "request", "client", "Faraday", "curl"]
        .iter()
        .any(|word| blob.text().contains(word));
    let inbound =
        ["req.headers", "request.headers", "req.header(", "r.Header.Get"].iter().any(|word| blob.text().contains(word));
    if !calls_out || inbound {
        return;
    }
    let first = code_lines(blob).find(|(_, line)| HEADER.is_match(line));
    into.uses.extend(first.map(|(number, _)| Use { name: Name::default(), span: blob.line(number) }));
}

/// Calls that fetch from a secret manager, by the SDKs' own names.
static FETCHES: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"\b(?:access_?[sS]ecret_?[vV]ersion|AccessSecretVersion)\w*\s*\(|\bGetSecretValue(?:Command|Request|Async)?\b|\bget_?[sS]ecret_?[vV]alue\s*\(|\bGetParameters?(?:Command|ByPathCommand)\s*\(|\bget_parameters?(?:_by_path)?\s*\(|\.AddAzureKeyVault\s*\(|\bget_?[sS]ecret(?:Async)?\s*\(|\bGetSecret(?:Async)?\s*\(|\bAddSecretsManager\s*\(|\bAddSystemsManager\s*\(|\bsecrets\.kv\.|\bread_secret(?:_version)?\s*\(|\bvault\w*\.read\s*\(|\.logical\(\)\.read|\.Logical\(\)\.Read|\.KVv2\(|\bRails\.application\.credentials\b|\bcredentials\.(?:dig|maintainx)|\bst\.secrets\b|\bdefineSecret\s*\(|\bkeyring\.get_password\s*\(|\bop://|\bsm://|\bsecretmanager\.\w*[aA]ccess|\bsecretKeyRef\b|@AzureKeyVault|\bInfisical\w*\(|\bSecretCache\b|\bget_secret_string\s*\(|\bgetSecretString\s*\("#,
    )
});

fn fetches(blob: &Arc<Blob>, number: u32, line: &str, into: &mut Credentials) {
    let Some(found) = FETCHES.find(line) else { return };
    let trimmed = line.trim_start();
    let before = line.get(..found.start()).unwrap_or_default().trim_end();
    let defines =
        ["def", "function", "func", "fun"].iter().any(|word| before.ends_with(word)) || before.starts_with("func (");
    if defines
        || ["import ", "from ", "use ", "using "].iter().any(|word| trimmed.starts_with(word))
            && !found.as_str().contains("://")
    {
        return;
    }
    // A method of that name may be anyone's: the file or its project must know a manager.
    let generic = ["getSecret", "get_secret", "GetSecret", "get_parameter", "vault"]
        .iter()
        .any(|name| found.as_str().trim_end_matches([' ', '(']).starts_with(name));
    let managers = [
        "secretsmanager",
        "SecretsManager",
        "secret-manager",
        "secretmanager",
        "SecretManager",
        "keyvault",
        "KeyVault",
        "KeyVault",
        "ssm",
        "SSM",
        "vault",
        "Vault",
        "parameters",
        "infisical",
        "doppler",
        "1password",
        "onepassword",
        "Secrets.Get",
        "boto3",
    ];
    if generic && !managers.iter().any(|word| blob.text().contains(word)) {
        return;
    }
    if is_for_another(blob, number) {
        return;
    }
    into.supplies.push(Supply {
        span: blob.line(number),
        note: "reads from a secret manager".to_owned(),
        names: Vec::new(),
        partial: false,
    });
}

/// What is fetched there is named, and is the secret of a database or the like.
fn is_for_another(blob: &Arc<Blob>, number: u32) -> bool {
    let near: String = blob
        .lines()
        .filter(|(at, _)| at.abs_diff(number) <= 3)
        .map(|(_, line)| line.to_lowercase())
        .collect::<Vec<_>>()
        .join("\n");
    let others = [
        "database",
        "db_pass",
        "db-pass",
        "dbpass",
        "postgres",
        "mysql",
        "redis",
        "mongo",
        "rds",
        "db-cred",
        "db_cred",
        "connection_string",
        "connectionstring",
    ];
    let api = ["api", "maintainx", "token", "key", "mx_", "mx-"];
    others.iter().any(|word| near.contains(word))
        && !api.iter().any(|word| near.replace("keyvault", "").replace("secretsmanager", "").contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Settings;
    use crate::snapshot::Snapshot;

    fn found(text: &str) -> (Vec<String>, usize, usize) {
        let (snapshot, settings) = (Snapshot::from_text(text), Settings::default());
        let facts = Facts::new(&snapshot, &settings, "2026-11-01".parse().unwrap());
        let all = facts.credentials();
        (all.uses.iter().map(|used| used.name.shown().to_owned()).collect(), all.supplies.len(), all.faults.len())
    }

    #[test]
    fn names_are_read_in_every_language() {
        let lines = [
            ("a.ts", "const k = process.env.MX_TOKEN;"),
            ("a.ts", "const { MX_TOKEN, PORT } = process.env;"),
            ("a.py", "k = os.environ[\"MX_TOKEN\"]"),
            ("a.py", "k = os.getenv('MX_TOKEN')"),
            ("a.go", "k := os.Getenv(\"MX_TOKEN\")"),
            ("a.kt", "val k = System.getenv(\"MX_TOKEN\")"),
            ("a.rb", "k = ENV.fetch('MX_TOKEN')"),
            ("a.cs", "var k = config[\"MX_TOKEN\"];"),
            ("a.php", "$k = getenv('MX_TOKEN');"),
            ("A.java", "@Value(\"${MX_TOKEN}\") String k;"),
            ("a.ts", "headers(c.env.MX_TOKEN)"),
            ("a.py", "mx_token: str"),
            ("a.ts", "const k = required('MX_TOKEN');"),
            ("a.cs", "Environment.GetEnvironmentVariable(\"MX_TOKEN\")"),
        ];
        for (path, line) in lines {
            let (names, _, faults) = found(&format!("-- src/{path} --\n{line}\n"));
            assert_eq!(
                (names.first().map(|name| name.to_uppercase()), faults),
                (Some("MX_TOKEN".to_owned()), 0),
                "{line}"
            );
        }
    }

    #[test]
    fn literals_and_logs_are_faults_and_prose_is_none() {
        let bad = [
            "const apiKey = 'a8F3kq09Zx71LmN2pQ';",
            "const k = process.env.MX_TOKEN || 'a8F3kq09Zx71LmN2pQ';",
            "console.log(`key ${apiKey}`);",
            "console.log('key', process.env.MX_TOKEN);",
            "h = { Authorization: 'Bearer a8F3kq09Zx71LmN2pQ77' };",
            "const k = import.meta.env.VITE_MAINTAINX_API_KEY;",
        ];
        for line in bad {
            assert!(found(&format!("-- src/a.ts --\n{line}\n")).2 > 0, "{line}");
        }
        let fine = [
            "const apiKey = 'your-api-key-goes-here';",
            "console.log('MX_TOKEN is missing');",
            "log.info('loaded api key', apiKey.slice(0, 4));",
            "// console.log(apiKey)",
            "throw new Error('apiKey missing');",
            "const tokenUrl = '/oauth2/token/v2/path12345';",
            "console.error(`no ${name} api key`);",
        ];
        for line in fine {
            assert_eq!(found(&format!("-- src/a.ts --\n{line}\n")).2, 0, "{line}");
        }
    }
}
