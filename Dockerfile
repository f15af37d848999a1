# syntax=docker/dockerfile:1
# The image of the action: one program, built here, on a small base.

FROM rust:1.95-slim-bookworm AS build
WORKDIR /src
# The manifests first: an edit of the source does not change what has to be fetched.
COPY Cargo.toml Cargo.lock ./
COPY src ./src
COPY schemas ./schemas
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    cargo build --release --locked --bin mx-prod-gate \
    && cp target/release/mx-prod-gate /usr/local/bin/mx-prod-gate

FROM debian:bookworm-slim
LABEL org.opencontainers.image.title="mx-prod-gate" \
      org.opencontainers.image.description="A go-live gate for integrations with MaintainX" \
      org.opencontainers.image.source="https://github.com/mx-prod-gate/mx-prod-gate" \
      org.opencontainers.image.licenses="MIT OR Apache-2.0"
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /usr/local/bin/mx-prod-gate /usr/local/bin/mx-prod-gate
# The step after the main one is the same program under another name.
RUN ln -s mx-prod-gate /usr/local/bin/mx-prod-gate-after
# No USER and no WORKDIR. The runner mounts the workspace and its command files with an owner of its own (uid 1001)
# and starts the container with its own working directory: any other user gets "permission denied" on
# $GITHUB_OUTPUT, and GitHub asks actions to run as root. What is written is given to the workspace's owner.
# Exec form: the program is the first process and hears the signals of a cancelled job.
ENTRYPOINT ["/usr/local/bin/mx-prod-gate"]
CMD ["action"]
