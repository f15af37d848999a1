fn priority(overdue: bool, critical: bool) -> &'static str {
    if overdue && critical {
        return "high";
    }
    match overdue {
        true => "medium",
        false => "low",
    }
}

fn generic<T: PartialOrd>(a: T, b: T) -> bool {
    if a < b {
        return true;
    }
    false
}

fn never() -> u32 {
    7
}

fn main() {
    assert_eq!(priority(true, true), "high");
    assert_eq!(priority(false, true), "low");
    assert!(generic(1, 2));
    assert!(generic("a", "b"));
    if std::env::args().count() > 5 {
        never();
    }
}
