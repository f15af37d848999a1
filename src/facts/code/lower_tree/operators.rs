//! The operators of all languages, by the way they are written.

use super::super::model::Operator;

/// What a binary operator means; `=` and what is not known here is [`Operator::Other`].
pub fn binary(written: &str) -> Operator {
    match written {
        "+" | "." => Operator::Add,
        "-" => Operator::Subtract,
        "*" => Operator::Multiply,
        "/" | "//" => Operator::Divide,
        "%" => Operator::Remainder,
        "**" => Operator::Power,
        "<<" => Operator::ShiftLeft,
        ">>" | ">>>" => Operator::ShiftRight,
        "&" => Operator::BitAnd,
        "|" => Operator::BitOr,
        "^" => Operator::BitXor,
        "==" | "===" | "is" => Operator::Equal,
        "!=" | "!==" | "<>" | "is not" => Operator::NotEqual,
        "<" => Operator::Less,
        "<=" => Operator::LessOrEqual,
        ">" => Operator::Greater,
        ">=" => Operator::GreaterOrEqual,
        "&&" | "and" => Operator::And,
        "||" | "or" => Operator::Or,
        "??" | "?:" => Operator::Coalesce,
        "in" => Operator::In,
        "not in" | "!in" => Operator::NotIn,
        "instanceof" | "as" => Operator::InstanceOf,
        ".." | "..." | "..<" | "until" | "downTo" => Operator::Range,
        "=~" => Operator::Match,
        "<=>" => Operator::Compare,
        _ => Operator::Other,
    }
}

/// What a unary operator means; none where it changes nothing that matters here (`!!`, `&x`, `@f()`).
pub fn unary(written: &str) -> Option<Operator> {
    Some(match written {
        "!" | "not" => Operator::Not,
        "-" => Operator::Minus,
        "+" => Operator::Plus,
        "~" => Operator::BitNot,
        "<-" => Operator::Receive,
        "defined?" => Operator::TypeOf,
        _ => return None,
    })
}
