//! The project's own settings: `.mx-prod-gate.yml` in the root or in `.github/`.

/// What a project decides about its gate. The default is what applies without a file.
#[derive(Debug, Clone, Default)]
pub struct Settings {}
