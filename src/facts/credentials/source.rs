//! What production source does with API credentials: reads them, fetches them, shows them.

use super::{Credentials, Fault, Name, Supply, Use};
use crate::evidence::Blob;
use crate::facts::tree::is_source;
use crate::facts::{Facts, secret_value};
use base64::Engine;
use regex::Regex;
use std::sync::{Arc, LazyLock};

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a fixed pattern")
}

pub(super) fn read(facts: &Facts, into: &mut Credentials) {
    let tree = facts.tree();
    let blobs = facts.snapshot.blobs().filter(|blob| is_source(blob.path()) && tree.is_production(blob.path()));
    for blob in blobs.filter(|blob| blob.text().len() < 1 << 20) {
        let infrastructure = is_infrastructure(blob.text());
        for (number, line) in code_lines(blob) {
            if !infrastructure {
                reads(blob, number, line, into);
            }
            literals(blob, number, line, into);
            logs(blob, number, line, into);
            fetches(blob, number, line, into);
        }
        if !infrastructure {
            header(blob, into);
        }
    }
}

/// Lines that are no comment, by the marks of the languages that are read.
fn code_lines(blob: &Arc<Blob>) -> impl Iterator<Item = (u32, &str)> {
    let mut block = false;
    blob.lines().filter(move |(_, line)| {
        let line = line.trim_start();
        let starts = line.starts_with("/*") || line.starts_with("/**");
        let was = block;
        block = (block || starts) && !line.contains("*/");
        !was && !starts && !["//", "#", "* ", "--", "<!--", "'''", "\"\"\""].iter().any(|mark| line.starts_with(mark))
            || line.starts_with("#[")
    })
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
        if into.uses.len() < 500 {
            into.uses.push(Use { name, span });
        }
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

static JWT: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"eyJ[A-Za-z0-9_-]{8,}\.(eyJ[A-Za-z0-9_-]{8,})\.[A-Za-z0-9_-]{8,}"));
/// A name of a credential that is given a literal: `apiKey: "…"`, `API_KEY = '…'`, `process.env.X || "…"`.
static LITERAL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"([A-Za-z_][\w.:-]*)["'\]\)]{0,3}\s*(?:[:=]{1,2}|:=|=>|\|\||\?\?|,|\bor\b)\s*["'`]([A-Za-z0-9_\-+/=.]{16,})["'`]"#,
    )
});
/// A literal behind `Bearer`.
static BEARER: LazyLock<Regex> = LazyLock::new(|| pattern(r#"["'`](?:Bearer|Token) ([A-Za-z0-9_\-+/=.]{20,})["'`]"#));

fn literals(blob: &Arc<Blob>, number: u32, line: &str, into: &mut Credentials) {
    let named =
        LITERAL.captures_iter(line).any(|found| Name::new(&found[1]).is_api_credential() && looks_real(&found[2]));
    let bearer = BEARER.captures_iter(line).any(|found| looks_real(&found[1]));
    if named || bearer || is_maintainx_key(line) {
        into.faults
            .push(Fault { span: blob.line(number), note: "an API credential is a literal in the source".to_owned() });
    }
}

/// A JWT whose payload says that MaintainX made it for its API.
pub(super) fn is_maintainx_key(line: &str) -> bool {
    JWT.captures_iter(line).any(|found| {
        let payload = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(found[1].trim_end_matches('='));
        payload.is_ok_and(|bytes| String::from_utf8_lossy(&bytes).contains("REST_API_AUTH"))
    })
}

/// Letters and digits mixed as keys mix them, and none of the marks of an example, a name or an address.
fn looks_real(value: &str) -> bool {
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let letters = value.bytes().filter(u8::is_ascii_alphabetic).count();
    let words = value
        .split(['-', '_', '.', '/'])
        .filter(|word| word.len() > 2 && word.bytes().all(|byte| byte.is_ascii_lowercase()))
        .count();
    digits >= 3 && letters >= 4 && words < 3 && !secret_value::is_placeholder(value) && !value.starts_with('/')
}

static LOG: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:\bconsole\.\w+|\bprint|\bpprint|\b\w*[lL]og(?:ger|ging)?\.\w+|\blog\.\w+|fmt\.Print\w*|System\.out\.print\w*|\bputs|Console\.Write\w*|\bSlog\w*|\bdd|var_dump|print_r)\s*\((.*)$",
    )
});
static STRINGS: LazyLock<Regex> = LazyLock::new(|| pattern(r#""(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'"#));
static INTERPOLATED: LazyLock<Regex> = LazyLock::new(|| pattern(r"\$?\{([^{}]*)\}|#\{([^{}]*)\}"));
static WORD: LazyLock<Regex> = LazyLock::new(|| pattern(r"[A-Za-z_][\w.]*"));
/// What shows that only a part or the presence of it is written.
static MASKED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)mask|redact|\.length|\blen\(|slice\(|substr|\[:?-?\d+:?-?\d*\]|!!|boolean\(|bool\(|\bis None|=== ?undefined|fingerprint|hash|\? ?['\x22]|if .* else|\.(?:id|kid|expires\w*|iat|exp|used\w*|usage|count|name|type|scope)\b",
    )
});

fn logs(blob: &Arc<Blob>, number: u32, line: &str, into: &mut Credentials) {
    let Some(arguments) = LOG.captures(line).map(|found| found[1].to_owned()) else { return };
    if MASKED.is_match(&arguments) {
        return;
    }
    // Words in a message are prose; what is put into it, or stands beside it, is written.
    let mut code: String = INTERPOLATED
        .captures_iter(&arguments)
        .flat_map(|found| found.iter().skip(1).flatten().map(|part| format!(" {} ", part.as_str())).collect::<Vec<_>>())
        .collect();
    let plain = STRINGS.replace_all(&arguments, " ");
    code.push_str(&plain.split('`').step_by(2).collect::<Vec<_>>().join(" "));
    let shown = WORD.find_iter(&code).any(|word| {
        let last = word.as_str().rsplit('.').next().unwrap_or_default();
        let name = Name::new(last);
        name.is_api_credential()
            && last.len() > 5
            && !matches!(last, "maintainx" | "credentials" | "Credentials" | "secret")
    });
    if shown {
        into.faults.push(Fault { span: blob.line(number), note: "an API credential is written to a log".to_owned() });
    }
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
