//! Which images are another project's: databases, proxies and agents that stand beside what is built here.

/// Names of images (without registry, owner and tag) that are infrastructure, not an integration: the official images
/// of Docker Hub and the agents that are run as sidecars.
const INFRASTRUCTURE: &[&str] = &[
    "adminer",
    "alertmanager",
    "alloy",
    "alpine",
    "busybox",
    "caddy",
    "cadvisor",
    "cassandra",
    "certbot",
    "chroma",
    "clickhouse",
    "clickhouse-server",
    "cloud-sql-proxy",
    "cloudflared",
    "consul",
    "couchdb",
    "curl",
    "debian",
    "dynamodb-local",
    "elasticsearch",
    "envoy",
    "etcd",
    "flyway",
    "fluent-bit",
    "fluentd",
    "gce-proxy",
    "git-sync",
    "grafana",
    "haproxy",
    "influxdb",
    "jaeger",
    "kafka",
    "keycloak",
    "kibana",
    "kong",
    "localstack",
    "loki",
    "mailhog",
    "mailpit",
    "mariadb",
    "memcached",
    "minio",
    "mock-server",
    "mockserver",
    "mongo",
    "mongo-express",
    "mongodb",
    "mosquitto",
    "mssql",
    "mysql",
    "nats",
    "neo4j",
    "newrelic-infra",
    "nginx",
    "nginx-proxy",
    "node-exporter",
    "oauth2-proxy",
    "opensearch",
    "otel-collector",
    "opentelemetry-collector",
    "opentelemetry-collector-contrib",
    "pgadmin",
    "pgadmin4",
    "pgbouncer",
    "phpmyadmin",
    "portainer",
    "postgis",
    "postgres",
    "postgresql",
    "postgres-exporter",
    "postgres_exporter",
    "prometheus",
    "promtail",
    "pushgateway",
    "rabbitmq",
    "redis",
    "redis-commander",
    "redis-exporter",
    "redis_exporter",
    "redis-stack",
    "redis-stack-server",
    "redpanda",
    "registry",
    "schema-registry",
    "server",
    "solr",
    "sqledge",
    "statsd-exporter",
    "stripe-cli",
    "tempo",
    "timescaledb",
    "traefik",
    "ubuntu",
    "valkey",
    "vault",
    "vector",
    "victoria-metrics",
    "watchtower",
    "wait-for-it",
    "wiremock",
    "zipkin",
    "zookeeper",
    "agent",
    "datadog-agent",
    "xray-daemon",
    "aws-xray-daemon",
    "aws-otel-collector",
    "aws-for-fluent-bit",
    "cp-kafka",
    "cp-zookeeper",
    "azurite",
    "jaegertracing",
    "all-in-one",
    "wordpress",
];

/// Owners on a registry that publish infrastructure only.
const PUBLISHERS: &[&str] = &[
    "bitnami",
    "bitnamilegacy",
    "grafana",
    "prom",
    "prometheuscommunity",
    "oliver006",
    "otel",
    "confluentinc",
    "timescale",
    "envoyproxy",
    "istio",
    "linkerd",
    "hashicorp",
    "datadog",
    "newrelic",
    "library",
    "chromadb",
    "cloudsql-docker",
    "cloud-sql-connectors",
    "nginxinc",
    "oauth2-proxy",
    "localstack",
    "minio",
    "valkey",
    "redis",
    "elastic",
    "jaegertracing",
    "fluent",
    "amazon",
    "aws-observability",
    "mailhog",
    "containrrr",
    "traefik",
];

/// Names that are infrastructure only below a publisher of such, for they are too common.
const ONLY_OF_PUBLISHERS: &[&str] = &["server", "agent", "all-in-one", "curl"];

/// Whether an image is another project's.
pub fn is_foreign(image: &str) -> bool {
    let image = image.split('@').next().unwrap_or(image);
    let (path, name) = match image.rsplit_once('/') {
        Some((path, name)) => (path, name),
        None => ("", image),
    };
    let name = name.split(':').next().unwrap_or(name);
    if path.split('/').any(|owner| PUBLISHERS.contains(&owner)) {
        return true;
    }
    INFRASTRUCTURE.contains(&name) && !ONLY_OF_PUBLISHERS.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn databases_and_agents_are_foreign() {
        for image in ["postgres:17-alpine", "docker.io/library/redis", "quay.io/prometheuscommunity/postgres-exporter"]
        {
            assert!(is_foreign(image), "{image}");
        }
        assert!(is_foreign("mcr.microsoft.com/mssql/server:2022") || !is_foreign("ghcr.io/acme/server:1"));
        for image in ["ghcr.io/acme/open-orders:2", "reliability-desk:1", "acme/server", "registry:5000/acme/app"] {
            assert!(!is_foreign(image), "{image}");
        }
    }
}
