//! The words that names and values are made of, and what each says.

/// Texts that show that a value is filled in, or looked up, somewhere else.
pub const REFERENCES: &[&str] = &[
    "${", "{{", "}}", "<%", "%>", "#{", "$(", "%(", "{%", "[]", "{$", "$.", "?.", "[[", "process.env",
    "os.environ", "getenv", "environ[", "env[", "ENV[", "env.", "secrets.", "secrets[", "vault:", "ssm:",
    "op://", "arn:aws", "ref+", "!Ref", "!Sub", "Fn::", "secretsmanager", "keyvault", "config.", "settings.",
    "self.", "this.", "import.meta", "System.get", "Environment.Get", "data.terraform", "var.", "local.",
    "module.", "random_password", "::", "params.", "request.", "options.", "props.", "args.", "\\n", "...",
    "___", "***", "\u{2022}", "$env:", "base64encode", " == ", " && ", " || ", "projects/", "keychain",
];

/// Words that make a value a stand-in.
pub const STANDINS: &[&str] = &[
    "your", "example", "sample", "dummy", "fake", "placeholder", "changeme", "change", "changeit", "replace",
    "replaced", "insert", "enter", "redacted", "todo", "fixme", "foo", "bar", "foobar", "baz", "none", "null",
    "nil", "true", "false", "undefined", "empty", "unset", "xxx", "xxxx", "xxxxx", "xxxxxx", "xxxxxxxx", "here",
    "masked", "hidden", "removed", "deleted", "sanitized", "obfuscated", "secret_key_here", "lorem", "ipsum",
    "asdf", "qwerty", "blah", "notset", "unknown", "invalid", "incorrect", "wrong", "bad", "mock", "mocked",
    "stub", "testing", "optional", "required", "string", "str", "varchar", "text", "whatever", "something",
    "anything", "yourpassword", "yoursecret", "yourtoken", "yourkey", "yourapikey", "mysecret", "example1",
    "censored", "omitted", "generated", "generate", "disabled", "enabled", "encrypted", "bogus", "demo", "tbd",
    "na", "not", "is", "the", "should", "must", "please", "provided", "provide", "configured", "specified",
    "missing", "expired", "dont", "cannot", "put", "paste", "fill",
];

/// Words that say what a value is for, and so are none themselves.
pub const VOCABULARY: &[&str] = &[
    "password", "passwd", "pwd", "pass", "secret", "token", "key", "api", "apikey", "auth", "access", "client",
    "private", "public", "my", "user", "username", "db", "database", "test", "the", "a", "some", "app",
    "refresh", "bearer", "id", "name", "value", "login", "admin", "new", "old", "current", "confirm", "default",
    "super", "login", "email", "account", "service", "server", "session", "credentials", "credential", "basic",
    "oauth", "jwt", "aws", "github", "webhook", "this", "that", "very", "strong", "long", "secure", "safe",
    "random", "root", "guest", "in", "for", "from", "of", "to", "and", "or", "with", "valid", "type", "field",
    "input", "reset", "hash", "hashed", "plain",
];

/// Endings of file names.
pub const FILES: &[&str] = &[
    ".pem", ".key", ".json", ".yaml", ".yml", ".txt", ".js", ".ts", ".py", ".go", ".rb", ".crt", ".cer", ".p12",
    ".jks", ".html", ".xml", ".md", ".com", ".org", ".net", ".io", ".svc", ".sh", ".env", ".conf", ".cfg",
    ".ini", ".properties", ".toml", ".gpg", ".asc", ".pub", ".png", ".svg", ".css", ".java", ".cs", ".php",
];

/// Words after the noun that leave it a secret: `password_prod`, `TOKEN_2`, `secretValue`.
pub const TAILS: &[&str] = &[
    "dev", "devel", "development", "prod", "production", "staging", "stage", "stg", "test", "testing", "live",
    "sandbox", "qa", "uat", "local", "default", "value", "val", "str", "string", "text", "plain", "plaintext",
    "raw", "base", "64", "b64", "hex", "encoded", "new", "old", "current", "primary", "secondary", "v",
    "override", "const", "constant", "env", "var", "admin", "root", "user", "db", "ro", "rw", "eu", "us",
    "cleartext", "data", "content", "literal", "confirmation", "confirm", "again", "repeat", "parameter", "param",
];

pub const PASSWORDS: &[&str] = &[
    "password", "passwd", "passwort", "pwd", "pass", "passphrase", "passcode", "pw", "psw", "pswd", "passw",
    "senha", "contrasena", "mdp", "passwords", "wachtwoord", "haslo", "parola", "userpw", "dbpw", "rootpw",
    "storepass", "keypass", "psk", "passkey",
];

pub const SECRETS: &[&str] =
    &[
    "secret", "secrets", "credential", "credentials", "creds", "cred", "masterkey", "privkey", "seckey",
];

pub const TOKENS: &[&str] = &[
    "token", "tokens", "jwt", "bearer", "pat", "authtoken", "cookie", "sessionid",
];

pub const KEYS: &[&str] = &[
    "skey", "apikey", "apikeys", "secretkey", "accesskey", "authkey", "privatekey", "appkey", "signingkey",
    "encryptionkey", "licensekey", "accountkey", "sharedaccesskey", "sharedkey", "deploykey",
];

pub const WEAK: &[&str] = &[
    "key", "keys", "auth", "authorization", "seed", "login", "dsn", "license", "api",
];

/// What before `key` makes it a secret one.
pub const KEY_KINDS: &[&str] = &[
    "api", "secret", "access", "private", "priv", "auth", "encryption", "encrypt", "signing", "sign", "master",
    "license", "licence", "app", "account", "storage", "shared", "service", "server", "admin", "deploy",
    "client", "consumer", "subscription", "hmac", "crypto", "jwt", "cookie", "session", "webhook", "aes",
    "security", "application", "developer", "dev", "sdk", "write", "user", "ssh", "rsa", "integration",
    "activation", "authentication", "authorization", "csrf", "bot", "oauth", "project", "wif", "unseal", "sso",
    "recovery", "preshared", "stream", "function", "host",
];

/// What before a noun makes it none.
pub const NOT_KEYS: &[&str] = &[
    "dedupe", "dedup", "routing", "job", "task", "gpg", "fingerprint", "host", "public", "pub", "publishable",
    "primary", "foreign", "partition", "sort", "cache", "translation", "i18n", "object", "map", "dict", "hot",
    "shortcut", "row", "group", "unique", "index", "lookup", "query", "keyboard", "column", "registry", "site",
    "sitekey", "react", "message", "metric", "label", "issue", "idempotency", "recaptcha", "pgp", "gpg",
    "signing_pub",
];

pub const NOT_TOKENS: &[&str] = &[
    "csrf", "xsrf", "version", "invalid", "next", "page", "pagination", "continuation", "cancel",
    "cancellation", "pad", "eos", "bos", "unk", "sep", "mask", "start", "stop", "end", "cls", "syntax",
    "parser", "lexer", "sync", "design", "color", "semantic", "max", "min", "num", "total", "erc", "nft",
    "line", "delimiter", "punctuation", "public", "publishable", "image", "special", "contract",
];
