//! The verdict as text, one module a format. Reports know nothing but the verdict.
