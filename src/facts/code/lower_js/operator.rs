//! The operators of JavaScript in the neutral tree's words.

use crate::facts::code::model::Operator;
use oxc_syntax::operator::{AssignmentOperator, BinaryOperator, LogicalOperator, UnaryOperator};

pub(super) fn binary(operator: BinaryOperator) -> Operator {
    match operator {
        BinaryOperator::Equality | BinaryOperator::StrictEquality => Operator::Equal,
        BinaryOperator::Inequality | BinaryOperator::StrictInequality => Operator::NotEqual,
        BinaryOperator::LessThan => Operator::Less,
        BinaryOperator::LessEqualThan => Operator::LessOrEqual,
        BinaryOperator::GreaterThan => Operator::Greater,
        BinaryOperator::GreaterEqualThan => Operator::GreaterOrEqual,
        BinaryOperator::Addition => Operator::Add,
        BinaryOperator::Subtraction => Operator::Subtract,
        BinaryOperator::Multiplication => Operator::Multiply,
        BinaryOperator::Division => Operator::Divide,
        BinaryOperator::Remainder => Operator::Remainder,
        BinaryOperator::Exponential => Operator::Power,
        BinaryOperator::ShiftLeft => Operator::ShiftLeft,
        BinaryOperator::ShiftRight | BinaryOperator::ShiftRightZeroFill => Operator::ShiftRight,
        BinaryOperator::BitwiseOR => Operator::BitOr,
        BinaryOperator::BitwiseXOR => Operator::BitXor,
        BinaryOperator::BitwiseAnd => Operator::BitAnd,
        BinaryOperator::In => Operator::In,
        BinaryOperator::Instanceof => Operator::InstanceOf,
    }
}

pub(super) fn logical(operator: LogicalOperator) -> Operator {
    match operator {
        LogicalOperator::Or => Operator::Or,
        LogicalOperator::And => Operator::And,
        LogicalOperator::Coalesce => Operator::Coalesce,
    }
}

/// `void` has no word of its own: its operand is what matters.
pub(super) fn unary(operator: UnaryOperator) -> Operator {
    match operator {
        UnaryOperator::UnaryPlus => Operator::Plus,
        UnaryOperator::UnaryNegation => Operator::Minus,
        UnaryOperator::LogicalNot => Operator::Not,
        UnaryOperator::BitwiseNot => Operator::BitNot,
        UnaryOperator::Typeof => Operator::TypeOf,
        UnaryOperator::Delete => Operator::Delete,
        UnaryOperator::Void => Operator::Other,
    }
}

pub(super) fn assignment(operator: AssignmentOperator) -> Option<Operator> {
    if let Some(operator) = operator.to_binary_operator() {
        return Some(binary(operator));
    }
    operator.to_logical_operator().map(logical)
}
