//! Where a probe connects to, and where it does not: private addresses, rebinding names, redirects, proxies.
