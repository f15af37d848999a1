//! What the commands of a `RUN` do to the image: build the program, install for development, leave a compiler.

use regex::Regex;
use std::sync::LazyLock;

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a fixed pattern")
}

/// Commands that compile or bundle, each at the start of a simple command.
static BUILDS: LazyLock<Regex> = LazyLock::new(|| {
    let start = r"(?m)(?:^|[;&|(]\s*|&&\s*|\bcd\s+\S+\s*&&\s*|\bexec\s+)(?:[A-Z_][A-Z0-9_]*=\S*\s+)*(?:time\s+|sudo\s+|corepack\s+|npx\s+(?:-y\s+)?|pnpx\s+|bunx\s+|(?:pnpm|yarn)\s+(?:(?:dlx|exec)\s+)?|poetry\s+run\s+|uv\s+run\s+|bundle\s+exec\s+|\./bin/|bin/|\./node_modules/\.bin/|\./)?";
    let node = r"(?:npm|pnpm|yarn|bun)\s+(?:(?:-\S+|--\S+(?:[ =]\S+)?|workspace\s+\S+|workspaces\s+foreach\s+\S+)\s+)*(?:run\s+)?(?:-\S+\s+)*(?:build|compile|bundle|dist|transpile|package)\b(?:[:\w-]*)|(?:tsc|tsup|vite\s+build|next\s+build|nest\s+build|nuxt\s+build|ng\s+build|webpack|rollup|esbuild|swc|turbo\s+(?:run\s+)?build|nx\s+(?:run\s+\S+:)?build|astro\s+build|remix\s+(?:vite:)?build|ncc\s+build|parcel\s+build|bun\s+build|deno\s+compile|encore\s)";
    let others = r"(?:go\s+(?:build|install)|cargo\s+(?:build|install|chef)|mvn|mvnw|gradle|gradlew|dotnet\s+(?:publish|build|restore)|msbuild|sbt|ant|lein\s+uberjar|swift\s+build|mix\s+(?:release|compile)|stack\s+(?:build|install)|cabal|make\b|cmake|meson|gcc|g\+\+|clang|zig\s+build|dart\s+compile|kotlinc|javac|native-image|pyinstaller|nuitka|python3?\s+(?:-m\s+build|setup\.py\s+(?:build|bdist|install))|poetry\s+build|rails\s+assets:precompile|rake\s+assets:precompile|hugo\b|jekyll\s+build|ghc)";
    pattern(&format!("{start}(?:{node}|{others})(?:\\s|$|;|&|\\))"))
});

/// Compilers and headers as package managers name them.
static COMPILERS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:apt-get|apt|apk|dnf|microdnf|yum|tdnf)\b[^;&|\n]*\s(?:install|add)\b[^;&\n]*\s(?:build-essential|build-base|gcc|g\+\+|musl-dev|make|cmake|clang|\.build-deps|--virtual|[\w.-]+-dev(?:el)?|cargo|rustc|golang|default-jdk|openjdk-\d+-jdk)(?:\s|$)",
    )
});
static REMOVES: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"apk\s+(?:--\S+\s+)*del\b|apt(?:-get)?\s+(?:-\S+\s+)*(?:purge|remove|autoremove)\b|(?:dnf|yum|microdnf)\s+(?:-\S+\s+)*(?:remove|erase)\b",
    )
});

/// True where the text builds the program.
pub fn builds(command: &str) -> bool {
    BUILDS.is_match(command)
}

/// True where a compiler is installed and not taken away by the same command.
pub fn leaves_compiler(command: &str) -> bool {
    COMPILERS.is_match(command) && !REMOVES.is_match(command)
}

/// What the project and the image say about dependencies of development.
#[derive(Debug, Clone, Copy, Default)]
pub struct Setting {
    /// `NODE_ENV=production` is in force.
    pub node_production: bool,
    /// `BUNDLE_WITHOUT` or a deployment setting leaves groups out.
    pub bundle_without: bool,
    /// `UV_NO_DEV`, `POETRY_WITHOUT` and the like.
    pub python_without: bool,
    /// `COMPOSER_NO_DEV` is in force.
    pub composer_without: bool,
    /// The manifest lists no dependencies of development at all.
    pub none_listed: bool,
}

/// True where an environment variable makes package managers leave out what only development needs.
pub fn leaves_out_development(name: &str, value: &str) -> bool {
    match name.to_uppercase().as_str() {
        "NODE_ENV" => value == "production",
        "NPM_CONFIG_OMIT" => value == "dev",
        "NPM_CONFIG_PRODUCTION" | "YARN_PRODUCTION" | "UV_NO_DEV" => matches!(value, "true" | "1"),
        "BUNDLE_WITHOUT" | "POETRY_WITHOUT" => !value.is_empty(),
        "COMPOSER_NO_DEV" => value == "1",
        _ => false,
    }
}

static NODE_INSTALL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?m)\b(?:npm\s+(?:ci|i|install|clean-install)|pnpm\s+(?:install|i)|yarn(?:\s+install)?|bun\s+(?:install|i))(?:\s+[^;&|\n]*|\s*$|\s*[;&|])",
    )
});
static PYTHON_DEVELOPMENT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"-r\s*\S*(?:dev|test)[\w.-]*\.txt|\[(?:[\w-]+,)*(?:dev|test|tests|testing|lint|all)(?:,[\w-]+)*\]|pip3?\s+install\b[^;&|\n]*\s(?:pytest|black|ruff|mypy|flake8|tox)\b|pipenv\s+(?:install|sync)\b[^;&|\n]*(?:--dev|\s-d\b)|--(?:with|group|extra)[= ](?:dev|test)",
    )
});
static POETRY_OR_UV: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?:poetry\s+install|uv\s+sync)\b[^;&|\n]*"));
static BUNDLE: LazyLock<Regex> = LazyLock::new(|| pattern(r"bundle\s+(?:install\b[^;&|\n]*|(?:[;&|\n]|$))"));
static COMPOSER: LazyLock<Regex> = LazyLock::new(|| pattern(r"composer(?:\.phar)?\s+(?:install|update)\b[^;&|\n]*"));

/// True where dependencies of development come into the image.
pub fn installs_development(command: &str, setting: Setting) -> bool {
    if setting.none_listed {
        return PYTHON_DEVELOPMENT.is_match(command);
    }
    let node = NODE_INSTALL.find_iter(command).any(|found| node_development(found.as_str(), setting));
    let pruned = ["npm prune", "pnpm prune", "yarn install --production", "yarn workspaces focus"];
    let node = node && !command.contains("NODE_ENV=production") && !pruned.iter().any(|word| command.contains(word));
    let locked = POETRY_OR_UV.find_iter(command).any(|found| {
        let leaves_out = ["--only", "--without", "--no-dev", "--no-group", "--no-default-groups"];
        !setting.python_without && !leaves_out.iter().any(|flag| found.as_str().contains(flag))
    });
    let ruby = BUNDLE.is_match(command)
        && !setting.bundle_without
        && !["without", "--deployment", "only"].iter().any(|word| command.contains(word));
    let php =
        !setting.composer_without && COMPOSER.find_iter(command).any(|found| !found.as_str().contains("--no-dev"));
    node || locked || ruby || php || PYTHON_DEVELOPMENT.is_match(command)
}

fn node_development(command: &str, setting: Setting) -> bool {
    let has = |flag: &str| command.contains(flag);
    if has("--production=false") || has("--include=dev") || has("--include dev") || has("--prod=false") {
        return true;
    }
    let global = command.split_whitespace().any(|word| matches!(word, "-g" | "--global" | "--location=global"));
    let names_package = command
        .split_whitespace()
        .skip(2)
        .any(|word| !word.starts_with('-') && !word.starts_with(['.', '/', '$', '"']));
    let leaves_out = [
        "--omit=dev",
        "--omit dev",
        "--production",
        "--only=prod",
        "--only prod",
        "--prod",
        " -P",
        "--only=production",
    ];
    let bare_yarn = command.trim_start().starts_with("yarn") && names_package && !has("install");
    // `npm install tini-like-package` adds one package; `npm ci --loglevel error` has a value, no package.
    let adds_one = names_package && (has("npm install ") || has("npm i ")) && !has("--loglevel");
    !(global || bare_yarn || adds_one || setting.node_production || leaves_out.iter().any(|flag| has(flag)))
}

impl Setting {
    /// Takes note of a variable that leaves out development.
    pub fn learn(&mut self, name: &str) {
        match name.to_uppercase().as_str() {
            "BUNDLE_WITHOUT" => self.bundle_without = true,
            "UV_NO_DEV" | "POETRY_WITHOUT" => self.python_without = true,
            "COMPOSER_NO_DEV" => self.composer_without = true,
            _ => self.node_production = true,
        }
    }
}

/// An interpreter that a package manager adds to a plain base.
static INTERPRETERS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:apt-get|apt|apk|dnf|microdnf|yum|tdnf)\b[^;&|\n]*\s(?:install|add)\b[^;&\n]*\s(?:nodejs(?:-current)?|npm|python3?(?:[.\d]+)?|py3-pip|php[\d.]*|ruby|perl|bash)(?:[\s=~]|$)",
    )
});

/// True where the command installs an interpreter.
pub fn installs_interpreter(command: &str) -> bool {
    INTERPRETERS.is_match(command)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn building_is_told_from_running_and_installing() {
        let building = [
            "npm ci && npm run build",
            "pnpm run -r build",
            "pnpm turbo build --filter=@x/y",
            "CGO_ENABLED=0 go build -o /x .",
            "gradle --no-daemon buildFatJar",
            "./mvnw package",
            "dotnet publish -c Release",
            "cd web && yarn build",
            "npx tsc",
            "SECRET_KEY_BASE_DUMMY=1 ./bin/rails assets:precompile",
            "npm run build:prod",
            "make",
            "--x=1\ncargo build --release",
        ];
        for command in building {
            assert!(builds(command), "{command}");
        }
        let others = [
            "npm ci --omit=dev",
            "apt-get install -y make-guile",
            "pip install -r requirements.txt",
            "mkdir build",
            "rm -rf build",
            "chown -R app /build",
            "npm cache clean --force",
            "echo building",
            "addgroup -S app && adduser -S app",
            "npm install -g pnpm",
        ];
        for command in others {
            assert!(!builds(command), "{command}");
        }
    }

    #[test]
    fn dependencies_of_development_are_noticed() {
        let none = Setting::default();
        for command in [
            "npm ci",
            "npm install",
            "yarn",
            "yarn install --frozen-lockfile",
            "pnpm i",
            "pip install .[dev]",
            "composer install",
            "bundle install",
            "poetry install",
            "uv sync --frozen",
            "npm ci --production=false",
        ] {
            assert!(installs_development(command, none), "{command}");
        }
        let fine = [
            "npm ci --omit=dev",
            "npm ci --only=production",
            "npm i -g pnpm",
            "pnpm install --prod",
            "pip install -r requirements.txt",
            "composer install --no-dev",
            "bundle config set without 'development test' && bundle install",
            "poetry install --only main",
            "uv sync --no-dev",
            "npm ci && npm prune --omit=dev",
        ];
        for command in fine {
            assert!(!installs_development(command, none), "{command}");
        }
        assert!(!installs_development("npm ci", Setting { node_production: true, ..none }));
        assert!(leaves_compiler("apt-get update && apt-get install -y --no-install-recommends gcc libpq-dev"));
        assert!(!leaves_compiler(
            "apk add --no-cache --virtual .build-deps gcc musl-dev && pip install x && apk del .build-deps"
        ));
        assert!(!leaves_compiler("apt-get install -y curl"));
    }
}
