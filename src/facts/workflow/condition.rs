//! Conditions of jobs and steps (`if:`), read so that "this holds only if that does" can be asked.

/// A condition in GitHub's expression language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    All(Box<Condition>, Box<Condition>),
    Any(Box<Condition>, Box<Condition>),
    Not(Box<Condition>),
    /// `left == right`; `!=` is a [`Condition::Not`] of it.
    Equals(String, String),
    /// A call by its name, in lower case, with its arguments as written.
    Call(String, Vec<String>),
    /// A value, by its path or literal, in lower case.
    Value(String),
}

/// Deeper nesting is not read.
const MAX_DEPTH: usize = 40;
const STATUS_CALLS: [&str; 4] = ["success", "always", "failure", "cancelled"];

impl Condition {
    /// Reads `${{ … }}` or the bare expression. What cannot be read becomes a value that nothing is known of.
    pub fn read(text: &str) -> Self {
        let bare = text.trim();
        let bare = bare
            .strip_prefix("${{")
            .and_then(|rest| rest.strip_suffix("}}"))
            .filter(|rest| !rest.contains("${{"))
            .unwrap_or(bare);
        let bare = bare.replace("${{", "(").replace("}}", ")");
        let mut reader = Reader { tokens: tokens(&bare), at: 0 };
        let read = reader.any(0);
        read.unwrap_or_else(|| Self::Value(bare.trim().to_ascii_lowercase()))
    }

    /// It can never hold.
    pub fn is_never(&self) -> bool {
        match self {
            Self::Value(value) => matches!(value.as_str(), "false" | "0" | "''" | "null"),
            Self::Not(inner) => matches!(&**inner, Self::Value(value) if value == "true"),
            Self::All(left, right) => left.is_never() || right.is_never(),
            Self::Any(left, right) => left.is_never() && right.is_never(),
            _ => false,
        }
    }

    /// It holds whenever nothing failed before: `success()`, `true`, `always()`.
    pub fn is_always_true_when_green(&self) -> bool {
        match self {
            Self::Value(value) => value == "true",
            Self::Call(name, _) => matches!(name.as_str(), "success" | "always"),
            Self::Not(inner) => matches!(&**inner, Self::Call(name, _) if name == "cancelled" || name == "failure"),
            Self::All(left, right) => left.is_always_true_when_green() && right.is_always_true_when_green(),
            Self::Any(left, right) => left.is_always_true_when_green() || right.is_always_true_when_green(),
            Self::Equals(..) => false,
        }
    }

    /// Without a call of a status function, GitHub adds `success() &&`.
    fn asks_status(&self) -> bool {
        match self {
            Self::All(left, right) | Self::Any(left, right) => left.asks_status() || right.asks_status(),
            Self::Not(inner) => inner.asks_status(),
            Self::Call(name, _) => STATUS_CALLS.contains(&name.as_str()),
            _ => false,
        }
    }

    /// It holds only if everything before succeeded.
    pub fn demands_success(&self) -> bool {
        !self.asks_status() || self.demands(&|part| matches!(part, Self::Call(name, _) if name == "success"))
    }

    /// It holds only if a needed job succeeded.
    pub fn demands_success_of(&self, job: &str) -> bool {
        let result = format!("needs.{}.result", job.to_ascii_lowercase());
        self.demands_success() || self.demands(&|part| part.is_equal(&result, "success"))
    }

    /// It does not hold when a needed job failed, though it may when that was skipped.
    pub fn demands_no_failure_of(&self, job: &str) -> bool {
        let result = format!("needs.{}.result", job.to_ascii_lowercase());
        self.demands(&|part| match part {
            Self::Not(inner) => {
                matches!(&**inner, Self::Call(name, _) if name == "failure") || inner.is_equal(&result, "failure")
            }
            _ => false,
        })
    }

    /// It holds in every run in which these hold: nothing but what the run itself computes is asked.
    pub fn holds_whenever(&self, given: &[Option<&Self>]) -> bool {
        match self {
            _ if self.is_always_true_when_green() => true,
            _ if given.iter().flatten().any(|given| given.demands(&|part| part == self)) => true,
            Self::All(left, right) => left.holds_whenever(given) && right.holds_whenever(given),
            Self::Any(left, right) => left.holds_whenever(given) || right.holds_whenever(given),
            Self::Not(inner) => inner.asks_run_only(),
            other => other.asks_run_only(),
        }
    }

    /// It asks the matrix, or what earlier steps and jobs have found out, and nothing a person can set.
    fn asks_run_only(&self) -> bool {
        let of_run =
            |path: &str| ["matrix.", "steps.", "needs.", "runner.", "job."].iter().any(|head| path.starts_with(head));
        match self {
            Self::Value(path) => of_run(path),
            Self::Equals(left, right) => of_run(left) || of_run(right),
            Self::Call(name, arguments) => {
                matches!(name.as_str(), "contains" | "startswith" | "endswith" | "hashfiles")
                    && (name == "hashfiles" || arguments.iter().any(|argument| of_run(argument)))
            }
            _ => false,
        }
    }

    /// It holds only if the workflow that started this one succeeded.
    pub fn demands_conclusion(&self) -> bool {
        self.demands(&|part| {
            part.is_equal("github.event.workflow_run.conclusion", "success")
                || part.is_equal("workflow_run.conclusion", "success")
        })
    }

    fn is_equal(&self, path: &str, value: &str) -> bool {
        let Self::Equals(left, right) = self else { return false };
        let literal = format!("'{value}'");
        (left == path && *right == literal) || (right == path && *left == literal)
    }

    /// Whenever this holds, a part that `is` describes holds as well.
    fn demands(&self, is: &dyn Fn(&Self) -> bool) -> bool {
        is(self)
            || match self {
                Self::All(left, right) => left.demands(is) || right.demands(is),
                Self::Any(left, right) => left.demands(is) && right.demands(is),
                Self::Not(inner) => match &**inner {
                    // not (a or b): neither; not not a: a.
                    Self::Not(inner) => inner.demands(is),
                    Self::Any(left, right) => {
                        Self::Not(left.clone()).demands(is) || Self::Not(right.clone()).demands(is)
                    }
                    _ => false,
                },
                _ => false,
            }
    }
}

fn tokens(text: &str) -> Vec<String> {
    let letters: Vec<char> = text.chars().take(10_000).collect();
    let (mut all, mut at) = (Vec::new(), 0);
    while at < letters.len() {
        let two: String = letters[at..letters.len().min(at + 2)].iter().collect();
        let letter = letters[at];
        if letter.is_whitespace() {
            at += 1;
        } else if ["&&", "||", "==", "!=", "<=", ">="].contains(&two.as_str()) {
            all.push(two);
            at += 2;
        } else if "()!,<>".contains(letter) {
            all.push(letter.to_string());
            at += 1;
        } else if letter == '\'' {
            let end = letters[at + 1..].iter().position(|next| *next == '\'').map_or(letters.len(), |end| at + end + 2);
            all.push(letters[at..end].iter().collect());
            at = end;
        } else {
            let word = letters[at..].iter().take_while(|next| !next.is_whitespace() && !"()!,<>='&|".contains(**next));
            let word: String = word.collect();
            at += word.chars().count().max(1);
            all.push(word.to_ascii_lowercase());
        }
    }
    all
}

struct Reader {
    tokens: Vec<String>,
    at: usize,
}

impl Reader {
    fn peek(&self) -> &str {
        self.tokens.get(self.at).map_or("", String::as_str)
    }

    fn accept(&mut self, token: &str) -> bool {
        let is = self.peek() == token;
        self.at += usize::from(is);
        is
    }

    fn any(&mut self, depth: usize) -> Option<Condition> {
        let mut left = self.all(depth)?;
        while self.accept("||") {
            left = Condition::Any(Box::new(left), Box::new(self.all(depth)?));
        }
        Some(left)
    }

    fn all(&mut self, depth: usize) -> Option<Condition> {
        let mut left = self.comparison(depth)?;
        while self.accept("&&") {
            left = Condition::All(Box::new(left), Box::new(self.comparison(depth)?));
        }
        Some(left)
    }

    fn comparison(&mut self, depth: usize) -> Option<Condition> {
        let left = self.unary(depth)?;
        for sign in ["==", "!="] {
            if self.accept(sign) {
                let right = self.unary(depth)?;
                let equal = match (&left, right) {
                    // `x == true` is x itself.
                    (left, Condition::Value(right)) if right == "true" && sign == "==" => return Some(left.clone()),
                    (Condition::Value(left), Condition::Value(right)) => Condition::Equals(left.clone(), right),
                    (left, _) => left.clone(),
                };
                return Some(if sign == "==" { equal } else { Condition::Not(Box::new(equal)) });
            }
        }
        for sign in ["<=", ">=", "<", ">"] {
            if self.accept(sign) {
                self.unary(depth)?;
                return Some(Condition::Value("a comparison".to_owned()));
            }
        }
        Some(left)
    }

    fn unary(&mut self, depth: usize) -> Option<Condition> {
        if depth > MAX_DEPTH {
            return None;
        }
        if self.accept("!") {
            return Some(Condition::Not(Box::new(self.unary(depth + 1)?)));
        }
        if self.accept("(") {
            let inner = self.any(depth + 1)?;
            self.accept(")");
            return Some(inner);
        }
        let word = self.tokens.get(self.at)?.clone();
        self.at += 1;
        if !self.accept("(") {
            return Some(Condition::Value(word));
        }
        let (mut arguments, mut open) = (Vec::new(), 1);
        while let Some(token) = self.tokens.get(self.at) {
            self.at += 1;
            match token.as_str() {
                "(" => open += 1,
                ")" => open -= 1,
                _ => arguments.push(token.clone()),
            }
            if open == 0 {
                break;
            }
        }
        Some(Condition::Call(word, arguments))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn success_is_demanded_unless_a_status_function_says_otherwise() {
        let demands = |text: &str| Condition::read(text).demands_success();
        assert!(demands("github.ref == 'refs/heads/main'"));
        assert!(demands("${{ success() && inputs.deploy }}"));
        assert!(!demands("always()"));
        assert!(!demands("${{ !cancelled() && github.ref == 'x' }}"));
        assert!(!demands("success() || failure()"));
        assert!(Condition::read("always() && needs.test.result == 'success'").demands_success_of("test"));
        assert!(Condition::read("${{ always() && (needs.Test.result == 'success') }}").demands_success_of("Test"));
        let unless_failed = Condition::read("always() && needs.test.result != 'failure'");
        assert!(!unless_failed.demands_success_of("test") && unless_failed.demands_no_failure_of("test"));
        assert!(Condition::read("!failure() && !cancelled()").demands_no_failure_of("test"));
    }

    #[test]
    fn the_conclusion_must_hold_on_every_way() {
        let demands = |text: &str| Condition::read(text).demands_conclusion();
        assert!(demands("${{ github.event.workflow_run.conclusion == 'success' && github.ref == 'x' }}"));
        assert!(!demands(
            "github.event.workflow_run.conclusion == 'success' || github.event_name == 'workflow_dispatch'"
        ));
        assert!(!demands("github.event.workflow_run.conclusion != 'success'"));
        assert!(!demands("github.event.workflow_run.conclusion != 'failure'"));
        assert!(demands("!(github.event.workflow_run.conclusion != 'success')"));
    }

    #[test]
    fn never_and_green() {
        assert!(Condition::read("false").is_never());
        assert!(Condition::read("${{ false && github.ref }}").is_never());
        assert!(Condition::read("success()").is_always_true_when_green());
        assert!(!Condition::read("inputs.skip != true").is_always_true_when_green());
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(text in "[ -~é]{0,80}") {
            let condition = Condition::read(&text);
            let _ = (condition.demands_success(), condition.demands_conclusion(), condition.is_never());
        }
    }
}
