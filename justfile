# `just ready` before a change is handed in.

# List the recipes.
default:
    @just --list

# Format, lint and test, as CI does.
ready:
    cargo fmt
    cargo clippy --all-targets --locked -- -D warnings
    cargo test --locked

# Run the tests; `just test pages` runs one file of them.
test *FILE:
    cargo test --locked {{ if FILE == "" { "" } else { "--test " + FILE } }}

# Rewrite what the pages and the snapshots expect. Read the difference before you commit it.
bless:
    UPDATE_EXPECT=1 cargo test --test pages
    INSTA_UPDATE=always cargo test
    git diff --stat

# Make the two files of a check, and its line in the registry: `just new-check recovery failover P2 "A spare takes over"`.
new-check AREA ID PRIORITY TITLE:
    scripts/new-check {{ quote(AREA) }} {{ quote(ID) }} {{ quote(PRIORITY) }} {{ quote(TITLE) }}

# Draw the picture in the README from a real run.
picture:
    scripts/picture
