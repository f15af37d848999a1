use super::*;
use crate::settings::Settings;
use crate::snapshot::Snapshot;

fn read<T>(tree: &str, ask: impl Fn(&Workflows) -> T) -> T {
    let snapshot = Snapshot::from_text(tree);
    let settings = Settings::default();
    let facts = Facts::new(&snapshot, &settings, jiff::civil::date(2026, 11, 1));
    ask(facts.workflows())
}

/// Every act with a role: `job line roles`.
fn acts(tree: &str) -> Vec<String> {
    read(tree, |workflows| {
        let all = workflows.all().iter().flat_map(Workflow::acts).filter(|(_, _, act)| !act.roles.is_empty());
        all.map(|(job, _, act)| format!("{} {} {:?}", job.id, act.span.line(), act.roles)).collect()
    })
}

#[test]
fn a_github_workflow_knows_its_lines() {
    let tree = "-- .github/workflows/a.yml --\nname: a\non:\n  push:\n  schedule:\n    - cron: '0 3 * * *'\njobs:\n  one:\n    runs-on: x\n\
                \x20   steps:\n      - uses: actions/checkout@v4\n      - run: |\n          npm ci\n          npx eslint .\n\n\
                \x20         pytest\n      - name: Go\n        run: >-\n          helm upgrade\n          app .\n      - uses: ./act\n\
                -- act/action.yml --\nruns:\n  using: composite\n  steps:\n    - run: go test ./...\n      shell: bash\n";
    assert_eq!(acts(tree), ["one 13 [Lints]", "one 15 [Tests]", "one 18 [Deploys]", "one 20 [Tests]"]);
    read(tree, |workflows| {
        let workflow = &workflows.all()[0];
        assert_eq!(workflow.trigger("schedule").unwrap().crons[0].0, "0 3 * * *");
        assert_eq!(workflow.job("one").unwrap().span.line(), 7);
    });
}

#[test]
fn other_providers_are_read_into_the_same_model() {
    let gitlab = "-- .gitlab-ci.yml --\nstages: [test, deploy]\n.base:\n  stage: deploy\nunit:\n  stage: test\n  script:\n    - ruff check\n    - pytest\n\
                  ship:\n  extends: .base\n  script: kubectl apply -f k8s\n";
    assert_eq!(acts(gitlab), ["unit 7 [Lints]", "unit 8 [Tests]", "ship 11 [Deploys]"]);
    assert_eq!(read(gitlab, |all| all.all()[0].job("ship").unwrap().needs.clone()), ["unit"]);
    let circle = "-- .circleci/config.yml --\njobs:\n  test:\n    steps:\n      - checkout\n      - run: npm exec eslint .\n      - run:\n          command: |\n            npx jest\n\
                  \x20 ship:\n    steps:\n      - run: fly deploy\nworkflows:\n  main:\n    jobs:\n      - test\n      - ship:\n          requires: [test]\n";
    assert_eq!(acts(circle), ["test 5 [Lints]", "test 8 [Tests]", "ship 11 [Deploys]"]);
    let azure = "-- azure-pipelines.yml --\nstages:\n  - stage: test\n    jobs:\n      - job: a\n        steps:\n          - script: dotnet test\n  - stage: ship\n    jobs:\n      - deployment: d\n        strategy:\n          runOnce:\n            deploy:\n              steps:\n                - task: AzureWebApp@1\n";
    assert_eq!(acts(azure), ["test/a 6 [Tests]", "ship/d 14 [Deploys]"]);
    let jenkins = "-- Jenkinsfile --\npipeline {\n stages {\n  stage('t') { steps { sh 'mvn -B verify' } }\n  stage('d') { steps { sh \"\"\"\n    kubectl apply -f x\n  \"\"\" } }\n }\n}\n";
    assert_eq!(acts(jenkins), ["pipeline 3 [Tests]", "pipeline 4 [Deploys]"]);
}

#[test]
fn hooks_and_unknown_tools_deploy_by_their_names() {
    let tree = "-- .github/workflows/a.yml --\non: push\njobs:\n  a:\n    steps:\n      - run: curl -fsS -X POST \"$HOOK\"\n        env:\n          HOOK: ${{ secrets.RENDER_DEPLOY_HOOK }}\n\
                \x20     - run: curl -d 'deploy done' https://hooks.slack.com/x\n      - name: Deploy to somewhere\n        run: acme-cloud push --prod\n\
                \x20     - name: Deploy summary\n        run: echo done\n      - uses: someone/acme-deploy@v1\n      - uses: someone/publish-test-results@v1\n";
    assert_eq!(acts(tree), ["a 5 [Deploys]", "a 10 [Deploys]", "a 13 [Deploys]"]);
}
