//! Which names are those of API credentials: `MAINTAINX_API_KEY`, `mx.token`, `HubSpot:ApiKey`.

/// A name in lower case without its separators' differences: `MAINTAINX_API_KEY`, `maintainx.api-key` and
/// `MaintainX:ApiKey` are one.
#[derive(Debug, Clone, Default)]
pub struct Name {
    folded: String,
    shown: String,
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        self.folded == other.folded
    }
}

impl Eq for Name {}

impl PartialOrd for Name {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Name {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.folded.cmp(&other.folded)
    }
}

/// Ends of names that stand for a credential, folded.
const ENDS: [&str; 17] = [
    "apikey",
    "token",
    "apitoken",
    "accesstoken",
    "authtoken",
    "bearertoken",
    "clientsecret",
    "apisecret",
    "secretkey",
    "accesskey",
    "secret",
    "pat",
    "bearer",
    "credentials",
    "credential",
    "privatekey",
    "appkey",
];

/// Parts of names whose secrets open something other than a remote API, folded: the program's own sessions and
/// signatures, its database, and what belongs to its telemetry or its cloud.
const OTHERS: [&str; 44] = [
    "webhook",
    "session",
    "cookie",
    "jwt",
    "csrf",
    "xsrf",
    "database",
    "postgres",
    "mysql",
    "mongo",
    "redis",
    "rabbit",
    "amqp",
    "dbpass",
    "sql",
    "nextauth",
    "encryption",
    "signing",
    "signature",
    "secretkeybase",
    "djangosecret",
    "flasksecret",
    "appsecret",
    "hmac",
    "sentry",
    "newrelic",
    "datadog",
    "ddapikey",
    "logz",
    "logtail",
    "honeycomb",
    "posthog",
    "codecov",
    "sonar",
    "npmtoken",
    "nodeauth",
    "githubtoken",
    "ghtoken",
    "awssecret",
    "awsaccess",
    "awssession",
    "masterkey",
    "refreshtokencookie",
    "idempotency",
];

/// Words around `token` that have nothing to do with credentials.
const NO_CREDENTIAL: [&str; 18] = [
    "nexttoken",
    "pagetoken",
    "maxtoken",
    "tokenlimit",
    "tokenbudget",
    "tokenurl",
    "csrftoken",
    "canceltoken",
    "cancellationtoken",
    "synctoken",
    "continuationtoken",
    "tokenexpiry",
    "tokencount",
    "devicetoken",
    "nextpagetoken",
    "stoptoken",
    "fencingtoken",
    "pushtoken",
];

impl Name {
    pub fn new(text: &str) -> Self {
        let folded =
            text.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect();
        Self { folded, shown: text.to_owned() }
    }

    pub fn is_empty(&self) -> bool {
        self.folded.is_empty()
    }

    /// As it was written.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// It says that the credential is one of MaintainX.
    pub fn is_maintainx(&self) -> bool {
        let upper = self.shown.to_ascii_uppercase();
        self.folded.contains("maintainx")
            || upper.starts_with("MX_")
            || upper.starts_with("MX.")
            || upper.starts_with("MX:")
            || upper.starts_with("MX-")
            || upper.contains("_MX_")
    }

    /// It stands for a credential of a remote API.
    pub fn is_api_credential(&self) -> bool {
        let ends = ENDS.iter().any(|end| self.folded.ends_with(end)) && self.is_whole_word();
        let other = OTHERS.iter().any(|word| self.folded.contains(word))
            || NO_CREDENTIAL.iter().any(|word| self.folded.contains(word));
        (ends || self.folded == "maintainx") && !other
    }

    /// `pat` and `secret` only as words of their own: `PATH_COMPAT` is none.
    fn is_whole_word(&self) -> bool {
        if !self.folded.ends_with("pat") || self.folded == "pat" {
            return true;
        }
        let lower = self.shown.to_ascii_lowercase();
        ["_pat", ".pat", "-pat", ":pat"].iter().any(|end| lower.ends_with(end))
    }

    /// Credentials that are made to be public in a browser.
    pub fn is_public_by_design(&self) -> bool {
        [
            "anon",
            "publishable",
            "maps",
            "mapbox",
            "firebase",
            "analytics",
            "recaptcha",
            "search",
            "publickey",
            "clientid",
            "turnstile",
            "site",
        ]
        .iter()
        .any(|word| self.folded.contains(word))
    }

    /// Build tools put variables with these beginnings into what a browser loads.
    pub fn is_shipped_to_browser(&self) -> bool {
        let upper = self.shown.to_ascii_uppercase();
        ["NEXT_PUBLIC_", "VITE_", "REACT_APP_", "EXPO_PUBLIC_", "NUXT_PUBLIC_", "GATSBY_", "PUBLIC_", "VUE_APP_"]
            .iter()
            .any(|start| upper.starts_with(start))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_api_credentials_are_told_from_others() {
        for name in [
            "MAINTAINX_API_KEY",
            "MX_TOKEN",
            "MaintainX:ApiKey",
            "maintainx_api_token",
            "JIRA_TOKEN",
            "HUBSPOT_API_KEY",
            "COUPA_CLIENT_SECRET",
            "API_KEY",
            "MAINTAINX",
            "GITHUB_PAT",
            "STRIPE_SECRET_KEY",
        ] {
            assert!(Name::new(name).is_api_credential(), "{name}");
        }
        for name in [
            "MAINTAINX_BASE_URL",
            "MAINTAINX_WEBHOOK_SECRET",
            "DATABASE_PASSWORD",
            "JWT_SECRET",
            "SESSION_SECRET",
            "AGENT_DAILY_TOKEN_BUDGET",
            "NEXT_TOKEN",
            "SENTRY_AUTH_TOKEN",
            "PATH_COMPAT",
            "COUPA_TOKEN_URL",
        ] {
            assert!(!Name::new(name).is_api_credential(), "{name}");
        }
        assert_eq!(Name::new("MAINTAINX_API_KEY").folded, Name::new("MaintainX:ApiKey").folded);
        assert!(Name::new("MX_API_KEY").is_maintainx() && !Name::new("AMX_API_KEY").is_maintainx());
    }
}
