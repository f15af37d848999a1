//! The registry: one line a check, in the order of the checklist.

use crate::check::Check;

macro_rules! registry {
    ($($area:ident { $($check:ident,)* })*) => {
        $(pub mod $area { $(pub mod $check;)* })*

        /// Every check that exists, in the order of the checklist.
        pub static CHECKS: &[&Check] = &[$($(&$area::$check::CHECK,)*)*];
    };
}

registry! {
    auth {
        no_secrets,
        ignored_key_files,
        secret_commit_hook,
        key_rotation,
        secret_manager,
    }
    security {
        webhook_signature,
    }
    errors {
        retries,
        retry_after,
        circuit_breaker,
        graceful_degradation,
        request_timeouts,
    }
    data {
        pagination,
        webhook_idempotency,
        status_transitions,
        sync_state,
        api_contract,
    }
    recovery {
        reconciliation,
        rollback,
    }
    observability {
        structured_logs,
        api_metrics,
        health_endpoint,
        readiness_endpoint,
        alerts,
    }
    performance {
        connection_reuse,
        response_caching,
        page_size,
        webhooks_over_polling,
        client_rate_limit,
    }
    deployment {
        multi_stage_build,
        non_root_user,
        resource_limits,
        autoscaling,
    }
    quality {
        coverage,
        lint,
        types,
        gated_deploys,
    }
    live {
        service_health,
        api_access,
        work_order_create,
        work_order_read,
        work_order_cleanup,
        service_metrics,
    }
}

/// The check of that name.
pub fn find(id: &str) -> Option<&'static Check> {
    CHECKS.iter().copied().find(|check| check.id == id)
}

/// The names of all checks.
pub fn ids() -> Vec<&'static str> {
    CHECKS.iter().map(|check| check.id).collect()
}
