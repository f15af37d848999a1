//! What published actions are for, by tables of their names.

use crate::facts::shell::role::Role::{
    self, Deploys, Gates, Lints, PublishesImage, PublishesPackage, PublishesSite, StartsCluster, Tests,
};

/// Actions by owner and name (a path below may follow), in lower case. Sources: the actions' own pages.
const ACTIONS: &[(Role, &str)] = &[
    (Gates, "mx-prod-gate/mx-prod-gate"),
    // Deploy to a platform
    (Deploys, "aws-actions/amazon-ecs-deploy-task-definition"),
    (Deploys, "aws-actions/amazon-ecs-deploy-express-service"),
    (Deploys, "aws-actions/aws-cloudformation-github-deploy"),
    (Deploys, "aws-actions/aws-lambda-deploy"),
    (Deploys, "appleboy/lambda-action"),
    (Deploys, "einaregilsson/beanstalk-deploy"),
    (Deploys, "awslabs/amazon-app-runner-deploy"),
    (Deploys, "jakejarvis/s3-sync-action"),
    (Deploys, "reggionick/s3-deploy"),
    (Deploys, "google-github-actions/deploy-cloudrun"),
    (Deploys, "google-github-actions/deploy-appengine"),
    (Deploys, "google-github-actions/deploy-cloud-functions"),
    (Deploys, "google-github-actions/create-cloud-deploy-release"),
    (Deploys, "firebaseextended/action-hosting-deploy"),
    (Deploys, "azure/webapps-deploy"),
    (Deploys, "azure/functions-action"),
    (Deploys, "azure/functions-container-action"),
    (Deploys, "azure/k8s-deploy"),
    (Deploys, "azure/container-apps-deploy-action"),
    (Deploys, "azure/static-web-apps-deploy"),
    (Deploys, "azure/aci-deploy"),
    (Deploys, "azure/arm-deploy"),
    (Deploys, "azure/bicep-deploy"),
    (Deploys, "azure/spring-apps-deploy"),
    (Deploys, "cloudflare/pages-action"),
    (Deploys, "amondnet/vercel-action"),
    (Deploys, "betahuhn/deploy-to-vercel-action"),
    (Deploys, "nwtgck/actions-netlify"),
    (Deploys, "netlify/actions"),
    (Deploys, "akhileshns/heroku-deploy"),
    (Deploys, "dokku/github-action"),
    (Deploys, "digitalocean/app_action"),
    (Deploys, "johnbeynon/render-deploy-action"),
    (Deploys, "jorgelnjunior/render-deploy"),
    (Deploys, "bervproject/railway-deploy"),
    (Deploys, "koyeb/action-git-deploy"),
    (Deploys, "denoland/deployctl"),
    (Deploys, "dawidd6/action-ansible-playbook"),
    (Deploys, "easingthemes/ssh-deploy"),
    (Deploys, "burnett01/rsync-deployments"),
    (Deploys, "appleboy/scp-action"),
    (Deploys, "samkirkland/ftp-deploy-action"),
    (Deploys, "deliverybot/helm"),
    (Deploys, "bitovi/github-actions-deploy-docker-to-ec2"),
    (Deploys, "hashicorp/tfc-workflows-github/actions/apply-run"),
    (Deploys, "dflook/terraform-apply"),
    (Deploys, "cloudfoundry/cf-push"),
    // Images
    (PublishesImage, "elgohr/publish-docker-github-action"),
    (PublishesImage, "home-assistant/builder"),
    (PublishesImage, "redhat-actions/push-to-registry"),
    (PublishesImage, "mr-smithers-excellent/docker-build-push"),
    (PublishesImage, "helm/chart-releaser-action"),
    (PublishesImage, "canonical/charming-actions/upload-charm"),
    // Packages and releases
    (PublishesPackage, "pypa/gh-action-pypi-publish"),
    (PublishesPackage, "js-devtools/npm-publish"),
    (PublishesPackage, "cycjimmy/semantic-release-action"),
    (PublishesPackage, "codfish/semantic-release-action"),
    (PublishesPackage, "python-semantic-release/python-semantic-release"),
    (PublishesPackage, "go-semantic-release/action"),
    (PublishesPackage, "softprops/action-gh-release"),
    (PublishesPackage, "ncipollo/release-action"),
    (PublishesPackage, "svenstaro/upload-release-action"),
    (PublishesPackage, "marvinpinto/action-automatic-releases"),
    (PublishesPackage, "actions/create-release"),
    (PublishesPackage, "goreleaser/goreleaser-action"),
    (PublishesPackage, "jreleaser/release-action"),
    (PublishesPackage, "rubygems/release-gem"),
    (PublishesPackage, "katyo/publish-crates"),
    (PublishesPackage, "haaleo/publish-vscode-extension"),
    (PublishesPackage, "snapcore/action-publish"),
    (PublishesPackage, "r0adkll/upload-google-play"),
    (PublishesPackage, "apple-actions/upload-testflight-build"),
    // Sites
    (PublishesSite, "jamesives/github-pages-deploy-action"),
    (PublishesSite, "peaceiris/actions-gh-pages"),
    (PublishesSite, "actions/deploy-pages"),
    // Linters
    (Lints, "golangci/golangci-lint-action"),
    (Lints, "astral-sh/ruff-action"),
    (Lints, "chartboost/ruff-action"),
    (Lints, "super-linter/super-linter"),
    (Lints, "github/super-linter"),
    (Lints, "oxsecurity/megalinter"),
    (Lints, "actions-rs/clippy-check"),
    (Lints, "giraffate/clippy-action"),
    (Lints, "py-actions/flake8"),
    (Lints, "dominikh/staticcheck-action"),
    (Lints, "norio-nomura/action-swiftlint"),
    (Lints, "ministryofjustice/github-actions/code-formatter"),
    (Lints, "trunk-io/trunk-action"),
    (Lints, "dbelyaev/action-checkstyle"),
    // Tests
    (Tests, "cypress-io/github-action"),
    (Tests, "robherley/go-test-action"),
    (Tests, "home-assistant/actions/hassfest"),
    (Tests, "pavelzw/pytest-action"),
    // Clusters of the job's own
    (StartsCluster, "helm/kind-action"),
    (StartsCluster, "engineerd/setup-kind"),
    (StartsCluster, "medyagh/setup-minikube"),
    (StartsCluster, "absaoss/k3d-action"),
    (StartsCluster, "nolar/setup-k3d-k3s"),
    (StartsCluster, "jupyterhub/action-k3s-helm"),
    (StartsCluster, "balchua/microk8s-actions"),
];

/// Actions that run the command an input holds: the program, the input, and the command where the input is absent.
const RUNNERS: &[(&str, &str, &str, &str)] = &[
    ("cloudflare/wrangler-action", "wrangler", "command", "deploy"),
    ("superfly/flyctl-actions", "flyctl", "args", ""),
    ("serverless/github-action", "serverless", "args", ""),
    ("pulumi/actions", "pulumi", "command", ""),
    ("w9jds/firebase-action", "firebase", "args", ""),
    ("steebchen/kubectl", "kubectl", "args", ""),
    ("actions-hub/kubectl", "kubectl", "args", ""),
    ("pre-commit/action", "pre-commit run", "extra_args", "--all-files"),
    ("j178/prek-action", "prek run", "extra-args", "--all-files"),
    ("borales/actions-yarn", "yarn", "cmd", ""),
    ("gradle/gradle-build-action", "gradle", "arguments", ""),
    ("gradle/actions/setup-gradle", "gradle", "arguments", ""),
    ("docker://hashicorp/terraform", "terraform", "args", ""),
    ("dagger/dagger-for-github", "dagger", "args", ""),
    ("nick-fields/retry", "", "command", ""),
    ("nick-invision/retry", "", "command", ""),
    ("wandalen/wretry.action", "", "command", ""),
    ("gabrielbb/xvfb-action", "", "run", ""),
    ("coactions/setup-xvfb", "", "run", ""),
    ("devcontainers/ci", "", "runcmd", ""),
    ("reactivecircus/android-emulator-runner", "", "script", ""),
    ("azure/cli", "", "inlinescript", ""),
    ("addnab/docker-run-action", "", "run", ""),
    ("cachix/install-nix-action", "", "", ""),
    ("actions-rs/cargo", "cargo", "command", ""),
    ("tox-dev/action-pre-commit-uv", "pre-commit run", "extra_args", "--all-files"),
];

/// What an action is for, given its lower-case name and its inputs.
pub(super) fn roles(action: &str, input: &dyn Fn(&str) -> Option<String>) -> Vec<Role> {
    let set = |name: &str| input(name).is_some_and(|value| !matches!(value.trim(), "" | "false" | "never"));
    match action {
        "docker/build-push-action"
        | "depot/build-push-action"
        | "useblacksmith/build-push-action"
        | "docker/bake-action" => {
            let output = input("outputs")
                .is_some_and(|outputs| outputs.contains("type=registry") || outputs.contains("push=true"));
            return if set("push") || output { vec![PublishesImage] } else { Vec::new() };
        }
        // It opens a pull request unless it is told how to publish.
        "changesets/action" => return if set("publish") { vec![PublishesPackage] } else { Vec::new() },
        "goreleaser/goreleaser-action" => {
            let args = input("args").unwrap_or_default();
            let releases = args.contains("release") && !args.contains("--snapshot") && !args.contains("--skip=publish");
            return if releases { vec![PublishesPackage] } else { Vec::new() };
        }
        // What runs on another machine; what it runs there is the operator's.
        "appleboy/ssh-action" | "fifsky/ssh-action" | "garygrossgarten/github-action-ssh" => return vec![Deploys],
        "golangci/golangci-lint-action" if input("only-new-issues").is_some_and(|value| value == "true") => {
            return vec![Lints];
        }
        "wearerequired/lint-action" if input("continue_on_error").is_none_or(|value| value != "false") => {
            return Vec::new();
        }
        _ => {}
    }
    let reviewdog = action.starts_with("reviewdog/action-")
        && ["eslint", "golangci-lint", "rubocop", "flake8", "pylint", "ruff"].iter().any(|tool| action.ends_with(tool));
    if reviewdog {
        return if set("fail_on_error") || set("fail_level") { vec![Lints] } else { Vec::new() };
    }
    let known = ACTIONS.iter().filter(|(_, name)| is_below(action, name)).map(|(role, _)| *role).collect::<Vec<_>>();
    if known.is_empty() { by_name(action).into_iter().collect() } else { known }
}

fn is_below(action: &str, name: &str) -> bool {
    action.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The script that an action runs by one of its inputs.
pub(super) fn script(action: &str, input: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let (_, program, name, default) = RUNNERS.iter().find(|(name, ..)| *name == action)?;
    let given = input(name).unwrap_or_else(|| (*default).to_owned());
    Some(format!("{program} {given}").trim().to_owned()).filter(|script| !script.is_empty())
}

/// The command that an action for building images stands for, without the push.
pub(super) fn image_build(action: &str, input: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let builds =
        matches!(action, "docker/build-push-action" | "depot/build-push-action" | "useblacksmith/build-push-action");
    // Without a context the action builds the commit itself, from its root.
    let context = input("context").filter(|context| !context.contains("${{")).unwrap_or_else(|| ".".to_owned());
    let option = |name: &str| {
        input(name).filter(|value| !value.trim().is_empty()).map(|value| format!("--{name} {} ", value.trim()))
    };
    let options = [option("file"), option("target")].into_iter().flatten().collect::<String>();
    builds.then(|| format!("docker build {options}{context}"))
}

/// Words beside `deploy` or `publish` in an action's name that make it something else.
const BESIDE: &[&str] = &[
    "test",
    "tests",
    "result",
    "results",
    "report",
    "reports",
    "coverage",
    "status",
    "wait",
    "setup",
    "configure",
    "comment",
    "preview",
    "notify",
    "slack",
    "deployments",
    "deployment",
    "check",
    "keys",
    "key",
    "junit",
];

/// An action that no table knows may still say what it is for.
fn by_name(action: &str) -> Option<Role> {
    let words: Vec<&str> = action.split(|letter: char| !letter.is_ascii_alphanumeric()).skip(1).collect();
    if words.iter().any(|word| BESIDE.contains(word)) || action.starts_with("actions/") {
        return None;
    }
    let has = |wanted: &str| words.contains(&wanted);
    if has("deploy") || has("deployer") {
        return Some(Deploys);
    }
    has("publish").then_some(PublishesPackage)
}
