//! The environment of a command: an allow list, and a home of its own.

use std::ffi::OsString;
use std::path::Path;

/// Variables that a tool chain needs and that hold no secret. Everything else stays behind: tokens, inputs, the
/// runner's own variables and the files through which a step speaks to it.
const ALLOWED: [&str; 25] = [
    "PATH",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "TZ",
    "JAVA_HOME",
    "GOROOT",
    "DOTNET_ROOT",
    "NVM_DIR",
    "PYENV_ROOT",
    "PYENV_VERSION",
    "VIRTUAL_ENV",
    "CONDA_PREFIX",
    "RUSTUP_HOME",
    "RUSTUP_TOOLCHAIN",
    "GEM_PATH",
    "RBENV_ROOT",
    "ANDROID_HOME",
    "ANDROID_SDK_ROOT",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "NODE_EXTRA_CA_CERTS",
    "LD_LIBRARY_PATH",
    "MAVEN_HOME",
    "GRADLE_HOME",
];

/// The variables of a command whose home is that folder.
pub fn scrubbed(all: impl Iterator<Item = (OsString, OsString)>, home: &Path) -> Vec<(OsString, OsString)> {
    let is_allowed = |name: &OsString| name.to_str().is_some_and(|name| ALLOWED.contains(&name));
    let mut kept: Vec<(OsString, OsString)> = all.filter(|(name, _)| is_allowed(name)).collect();
    let own = [("CI", "true"), ("NO_COLOR", "1"), ("FORCE_COLOR", "0"), ("TERM", "dumb"), ("GIT_TERMINAL_PROMPT", "0")];
    kept.extend(own.map(|(name, value)| (name.into(), value.into())));
    // Corepack asks before it fetches a package manager.
    kept.push(("COREPACK_ENABLE_DOWNLOAD_PROMPT".into(), "0".into()));
    for name in ["HOME", "TMPDIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"] {
        kept.push((name.into(), home.into()));
    }
    if !kept.iter().any(|(name, _)| name == "PATH") {
        kept.push(("PATH".into(), "/usr/local/bin:/usr/bin:/bin".into()));
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_the_list_is_handed_on() {
        let names = [
            "GITHUB_TOKEN",
            "INPUT_TOKEN",
            "ACTIONS_RUNTIME_TOKEN",
            "GITHUB_OUTPUT",
            "MAINTAINX_API_KEY",
            "HTTPS_PROXY",
            "NODE_OPTIONS",
            "HOME",
            "PATH",
        ];
        let all = names.map(|name| (OsString::from(name), OsString::from("secret")));
        let kept = scrubbed(all.into_iter(), Path::new("/tmp/home"));
        let with_secret: Vec<_> = kept.iter().filter(|(_, value)| value == "secret").map(|(name, _)| name).collect();
        assert_eq!(with_secret, ["PATH"]);
        assert!(kept.iter().any(|(name, value)| name == "HOME" && value == "/tmp/home"));
    }
}
