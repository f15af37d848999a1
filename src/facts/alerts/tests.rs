//! Rules of every system, as they are understood.

use super::*;
use crate::settings::Settings;
use crate::snapshot::Snapshot;

/// Each rule as its line, topic, bound and whether it is on.
fn read(text: &str) -> Vec<String> {
    let snapshot = Snapshot::from_text(text);
    let settings = Settings::default();
    let facts = Facts::new(&snapshot, &settings, jiff::civil::date(2026, 11, 1));
    let shown = |rule: &AlertRule| {
        let off = if rule.enabled { "" } else { " off" };
        format!("{} {:?} {:?}{off}", rule.span.line(), rule.topic, rule.bound)
    };
    facts.alerts().rules.iter().map(shown).collect()
}

fn prometheus(expression: &str) -> String {
    let indented = expression.replace('\n', "\n        ");
    let text = format!("-- rules.yml --\ngroups:\n- rules:\n  - alert: A\n    expr: >-\n        {indented}\n");
    read(&text).join("; ").replacen("4 ", "", 1).replacen("5 ", "", 1)
}

#[test]
fn expressions_of_prometheus_tell_topic_and_bound() {
    let cases = [
        ("sum(rate(a_total{code=~\"5..\"}[5m])) / sum(rate(a_total[5m])) > 0.05", "Errors Share(0.05)"),
        ("100 * sum(rate(a_errors_total[5m])) / sum(rate(a_total[5m])) > 5", "Errors Share(0.05)"),
        ("sum(rate(a_errors_total[5m])) / sum(rate(a_total[5m])) > 5", "Errors Share(5.0)"),
        ("rate(a_errors_total[5m]) > 0.05", "Errors Count(0.05)"),
        ("increase(a_errors_total[5m]) > 0", "Errors Share(0.0)"),
        ("job:mx_error:ratio5m > 0.03", "Errors Share(0.03)"),
        ("sum(rate(a_success_total[5m])) / sum(rate(a_total[5m])) < 0.97", "Errors Share(0.030000000000000027)"),
        ("histogram_quantile(0.95, sum(rate(a_seconds_bucket[5m])) by (le)) > 3", "Latency Seconds(3.0)"),
        ("histogram_quantile(0.95, rate(a_duration_ms_bucket[5m])) > 6000", "Latency Seconds(6.0)"),
        ("rate(a_seconds_sum[5m]) / rate(a_seconds_count[5m]) > 2", "Latency Seconds(2.0)"),
        (
            "rate(a_duration_seconds_count{status=~\"5..\"}[5m]) / rate(a_duration_seconds_count[5m]) > 0.02",
            "Errors Share(0.02)",
        ),
        ("time() - mx_last_success_timestamp_seconds > 15 * 60", "Lag Seconds(900.0)"),
        ("(time() - mx_last_sync) / 60 > 15", "Lag Seconds(900.0)"),
        ("mx_sync_lag_seconds > 1800", "Lag Seconds(1800.0)"),
        ("mx_sync_lag_minutes > 15", "Lag Seconds(900.0)"),
        ("kafka_consumergroup_lag > 1000", "Lag Count(1000.0)"),
        ("nodejs_eventloop_lag_p99_seconds > 0.2", "Other Unknown"),
        ("rate(process_cpu_seconds_total[5m]) > 0.9", "Other Unknown"),
        ("absent(up == 1)", "Other Unknown"),
        ("(a_errors / a_calls > 0.05) and (a_calls > 10)", "Errors Share(0.05)"),
    ];
    for (expression, expected) in cases {
        assert_eq!(prometheus(expression), expected, "{expression}");
    }
}

#[test]
fn rules_in_objects_templates_and_texts_are_found_at_their_lines() {
    let object = "-- k8s/rule.yaml --\nkind: PrometheusRule\nspec:\n  groups:\n    - rules:\n        - alert: Lag\n          expr: sync_lag_seconds > 600\n          for: 15m\n";
    assert_eq!(read(object), ["6 Lag Seconds(600.0)"]);
    let map = "-- k8s/map.yaml --\nkind: ConfigMap\ndata:\n  rules.yml: |\n    groups:\n      - rules:\n          - alert: Lag\n            expr: sync_lag_seconds > 600\n";
    assert_eq!(read(map), ["7 Lag Seconds(600.0)"]);
    let staging = object.replace("k8s/rule", "k8s/staging/rule");
    assert!(read(&staging).is_empty());
}

#[test]
fn rules_of_grafana_are_understood() {
    let yaml = "-- grafana/alerts.yaml --\napiVersion: 1\ngroups:\n  - rules:\n      - title: Errors\n        condition: C\n        isPaused: true\n        data:\n          - refId: A\n            datasourceUid: prom\n            model: { expr: 'sum(rate(a_errors[5m])) / sum(rate(a[5m]))' }\n          - refId: C\n            datasourceUid: __expr__\n            model:\n              type: threshold\n              expression: A\n              conditions:\n                - evaluator:\n                    type: gt\n                    params: [0.1]\n";
    assert_eq!(read(yaml), ["19 Errors Share(0.1) off"]);
    let panel = "-- board.json --\n{\"panels\": [{\"title\": \"p95\", \"targets\": [{\"expr\": \"histogram_quantile(0.95, a_seconds_bucket)\"}],\n\"alert\": {\"name\": \"slow\", \"conditions\": [{\"evaluator\": {\"type\": \"gt\",\n\"params\": [4]}}]}}]}\n";
    assert_eq!(read(panel), ["3 Latency Seconds(4.0)"]);
}

#[test]
fn alarms_of_the_clouds_are_understood() {
    let template = "-- template.yaml --\nResources:\n  A:\n    Type: AWS::CloudWatch::Alarm\n    Properties:\n      Namespace: AWS/Lambda\n      MetricName: Duration\n      ExtendedStatistic: p95\n      Threshold: 4000\n      ComparisonOperator: GreaterThanThreshold\n  B:\n    Type: AWS::CloudWatch::Alarm\n    Properties:\n      Namespace: AWS/Lambda\n      MetricName: Errors\n      Statistic: Sum\n      ActionsEnabled: false\n      Threshold: 5\n      ComparisonOperator: GreaterThanThreshold\n  C:\n    Type: AWS::CloudWatch::Alarm\n    Properties:\n      Namespace: AWS/SQS\n      MetricName: ApproximateAgeOfOldestMessage\n      Statistic: Maximum\n      Threshold: 900\n      ComparisonOperator: GreaterThanThreshold\n";
    assert_eq!(read(template), ["8 Latency Seconds(4.0)", "17 Errors Count(5.0) off", "25 Lag Seconds(900.0)"]);
    let math = "-- a.tf --\nresource \"aws_cloudwatch_metric_alarm\" \"e\" {\n  alarm_name = \"errors\"\n  comparison_operator = \"GreaterThanThreshold\"\n  threshold = 5\n  metric_query {\n    id = \"e1\"\n    expression = \"m2/m1*100\"\n    return_data = true\n  }\n  metric_query {\n    id = \"m1\"\n    metric {\n      metric_name = \"RequestCount\"\n      namespace = \"AWS/ApplicationELB\"\n      stat = \"Sum\"\n    }\n  }\n  metric_query {\n    id = \"m2\"\n    metric {\n      metric_name = \"HTTPCode_Target_5XX_Count\"\n      namespace = \"AWS/ApplicationELB\"\n      stat = \"Sum\"\n    }\n  }\n}\n";
    assert_eq!(read(math), ["4 Errors Share(0.05)"]);
}

#[test]
fn monitors_of_terraform_are_understood() {
    let google = "-- a.tf --\nresource \"google_monitoring_alert_policy\" \"p\" {\n  conditions {\n    display_name = \"x\"\n    condition_threshold {\n      filter = \"metric.type=\\\"run.googleapis.com/request_latencies\\\"\"\n      comparison = \"COMPARISON_GT\"\n      threshold_value = 8000\n    }\n  }\n}\n";
    assert_eq!(read(google), ["7 Latency Seconds(8.0)"]);
    let relic = "-- a.tf --\nresource \"newrelic_nrql_alert_condition\" \"p\" {\n  name = \"x\"\n  nrql {\n    query = \"SELECT percentage(count(*), WHERE error IS true) FROM Transaction\"\n  }\n  critical {\n    operator = \"above\"\n    threshold = 5\n  }\n}\n";
    assert_eq!(read(relic), ["8 Errors Share(0.05)"]);
    let azure = "-- a.tf --\nresource \"azurerm_monitor_metric_alert\" \"p\" {\n  name = \"x\"\n  criteria {\n    metric_name = \"HttpResponseTime\"\n    operator = \"GreaterThan\"\n    threshold = 5\n  }\n}\n";
    assert_eq!(read(azure), ["6 Latency Seconds(5.0)"]);
    let datadog = "-- m.json --\n{\"name\": \"lag\", \"type\": \"query alert\",\n\"query\": \"max(last_5m):max:mx.sync.lag.seconds{*} > 900\", \"message\": \"@ops\"}\n";
    assert_eq!(read(datadog), ["2 Lag Seconds(900.0)"]);
}
