//! Expressions: names, literals, operators.

use super::super::model::{Language, LoopKind, LoopParts, NodeId, Operator, Shape};
use super::lower::Lowering;
use super::operators;
use super::table::{Construct, Part, Rule, named};
use tree_sitter::Node;

impl<'s> Lowering<'s> {
    pub(super) fn expression(&mut self, node: Node, rule: &Rule) -> NodeId {
        match rule.construct {
            Construct::Name => self.name(node, rule),
            Construct::Own => self.own(node, rule),
            Construct::Typed => self.type_path(node),
            Construct::Type => self.type_text(node),
            Construct::Symbol => {
                let text = self.text(node).trim_start_matches([':', '\'', '"']).trim_end_matches([':', '\'', '"']);
                self.builder.string(node.byte_range(), text)
            }
            Construct::Number => self.number(node),
            Construct::Boolean => {
                let is_true = self.text(node).eq_ignore_ascii_case("true");
                self.push(node, Shape::Bool(is_true))
            }
            Construct::True => self.push(node, Shape::Bool(true)),
            Construct::False => self.push(node, Shape::Bool(false)),
            Construct::Null => self.push(node, Shape::Null),
            Construct::This => self.push(node, Shape::This),
            Construct::Super => self.push(node, Shape::Super),
            Construct::String => self.string(node),
            Construct::Heredoc => self.heredoc(node, rule),
            Construct::Joined => self.joined_strings(node, rule),
            Construct::Words => self.words(node),
            Construct::Member => {
                let made = self.member(node, rule);
                self.sign_outside(node, made)
            }
            Construct::Index => self.index(node, rule),
            Construct::Call => {
                let made = self.call(node, rule);
                self.sign_outside(node, made)
            }
            Construct::New => self.new_object(node, rule),
            Construct::Literal => self.typed_literal(node, rule),
            Construct::Argument => self.argument(node, rule),
            Construct::Named => self.named_argument(node, rule),
            Construct::Spread => self.wrap(node, rule, Shape::Spread),
            Construct::Await => self.wrap(node, rule, Shape::Await),
            Construct::Yield => self.wrap(node, rule, Shape::Yield),
            Construct::Spawn => self.prefixed(node, rule, Operator::Spawn),
            Construct::Defer => self.prefixed(node, rule, Operator::Defer),
            Construct::Object => self.object(node, rule),
            Construct::LooseObject => self.loose_object(node),
            Construct::Pair => self.pair(node, rule),
            Construct::List => self.list(node, rule),
            Construct::Array => self.array(node, rule),
            Construct::Initializer => self.initializer(node, rule),
            Construct::Lambda => self.function(node, rule),
            Construct::Binary => self.binary(node, rule),
            Construct::Compare => self.compare(node),
            Construct::Infix => self.infix(node),
            Construct::Pattern => self.pattern_match(node, rule),
            Construct::Unary => self.unary(node, rule),
            Construct::Assign => self.assign(node, rule),
            Construct::Conditional => self.conditional(node, rule),
            Construct::Comprehension => self.comprehension(node, rule),
            _ => NodeId::NONE,
        }
    }

    fn name(&mut self, node: Node, rule: &Rule) -> NodeId {
        let written = self.text(node);
        let text = written.trim_start_matches(['$', '`']).trim_end_matches('`');
        let shape = if rule.option("plain").is_some() {
            None
        } else if self.table.has("this", written) || self.receivers.last() == Some(&text) {
            Some(Shape::This)
        } else if self.table.has("super", written) {
            Some(Shape::Super)
        } else {
            match text {
                "true" | "false" => self.table.has("keywords", text).then_some(Shape::Bool(text == "true")),
                "null" => self.table.has("keywords", text).then_some(Shape::Null),
                "break" => self.table.has("keywords", text).then_some(Shape::Break),
                "continue" => self.table.has("keywords", text).then_some(Shape::Continue),
                _ => None,
            }
        };
        match shape {
            Some(shape) => self.push(node, shape),
            None => self.builder.name(node.byte_range(), text),
        }
    }

    /// Ruby's `@x`: a member of the object itself.
    fn own(&mut self, node: Node, _: &Rule) -> NodeId {
        let object = self.push(node, Shape::This);
        let name = self.text(node).trim_start_matches('@');
        let property = self.builder.text(name);
        self.push(node, Shape::Member { object, property })
    }

    /// A dotted name or the name of a type, as names and members, without what is generic about it.
    pub(super) fn type_path(&mut self, node: Node) -> NodeId {
        let written = self.text(node);
        let plain = written.split(['<', '(', '[', '?', '{']).next().unwrap_or_default().trim();
        let plain = plain.trim_start_matches(['*', '&', '\\', '@']);
        let mut made = NodeId::NONE;
        for name in plain.split(['.', ':', '\\']).filter(|name| !name.trim().is_empty()) {
            let name = name.trim();
            made = if made == NodeId::NONE {
                self.builder.name(node.byte_range(), name)
            } else {
                let property = self.builder.text(name);
                self.push(node, Shape::Member { object: made, property })
            };
        }
        made
    }

    pub(super) fn type_text(&mut self, node: Node) -> NodeId {
        let text = self.text(node).trim_start_matches(['*', ':', ' ']);
        let text = self.builder.text(text);
        self.push(node, Shape::Type(text))
    }

    /// A number in any of the languages' spellings; one that cannot be read is its text.
    fn number(&mut self, node: Node) -> NodeId {
        let plain = self.text(node).replace('_', "").to_ascii_lowercase();
        let radix = [("0x", 16), ("0b", 2), ("0o", 8)].iter().find_map(|(prefix, radix)| {
            plain.strip_prefix(prefix).map(|digits| i64::from_str_radix(digits.trim_end_matches(['l', 'u']), *radix))
        });
        let number = match radix {
            Some(number) => number.ok().map(|number| number as f64),
            None => plain.trim_end_matches(['l', 'f', 'd', 'u', 'm', 'j', 'n', 'r']).parse().ok(),
        };
        match number {
            Some(number) => self.builder.number(node.byte_range(), number),
            None => self.builder.string(node.byte_range(), &plain),
        }
    }

    /// Ruby's `%w[a b]`.
    fn words(&mut self, node: Node) -> NodeId {
        let mut items = Vec::new();
        for word in named(node) {
            let text = self.text(word);
            items.push(self.builder.string(word.byte_range(), text));
        }
        let items = self.builder.children(&items);
        self.push(node, Shape::List(items))
    }

    fn member(&mut self, node: Node, rule: &Rule) -> NodeId {
        let object = self.part(node, rule, Part::Object);
        let name = rule.one(node, Part::Name).map(|name| self.text(name)).unwrap_or_default();
        let plain = name.trim_start_matches(['$', '.', '?', ' ']).split('<').next().unwrap_or_default();
        if object == NodeId::NONE {
            return self.builder.name(node.byte_range(), plain);
        }
        let property = self.builder.text(plain);
        self.push(node, Shape::Member { object, property })
    }

    /// Kotlin's grammar reads `!a.b()` as `(!a).b()`: the sign goes to where the language has it.
    fn sign_outside(&mut self, node: Node, made: NodeId) -> NodeId {
        if self.language != Language::Kotlin || !self.text(node).starts_with(['!', '-']) {
            return made;
        }
        let inner = match self.builder.shape(made) {
            Shape::Member { object, .. } => object,
            Shape::Call { callee, .. } => callee,
            _ => return made,
        };
        let Shape::Unary { operator, operand } = self.builder.shape(inner) else { return made };
        let bare = match self.builder.shape(made) {
            Shape::Member { property, .. } => Shape::Member { object: operand, property },
            Shape::Call { arguments, is_new, .. } => Shape::Call { callee: operand, arguments, is_new },
            other => other,
        };
        let range = self.builder.range(operand).start..node.end_byte();
        let bare = self.builder.push(range, bare);
        self.push(node, Shape::Unary { operator, operand: bare })
    }

    fn index(&mut self, node: Node, rule: &Rule) -> NodeId {
        let object = self.part(node, rule, Part::Object);
        let index = match self.part(node, rule, Part::Index) {
            NodeId::NONE => self.push(node, Shape::Null),
            index => index,
        };
        self.push(node, Shape::Index { object, index })
    }

    fn wrap(&mut self, node: Node, rule: &Rule, shape: fn(NodeId) -> Shape) -> NodeId {
        let value = self.part(node, rule, Part::Value);
        if value == NodeId::NONE && rule.construct != Construct::Yield {
            return NodeId::NONE;
        }
        self.push(node, shape(value))
    }

    fn prefixed(&mut self, node: Node, rule: &Rule, operator: Operator) -> NodeId {
        let operand = self.part(node, rule, Part::Value);
        self.push(node, Shape::Unary { operator, operand })
    }

    fn binary(&mut self, node: Node, rule: &Rule) -> NodeId {
        let left = self.part(node, rule, Part::Left);
        let right = self.part(node, rule, Part::Right);
        let written = match rule.option("word") {
            Some(word) => word,
            None => rule.one(node, Part::Operator).map(|operator| self.text(operator)).unwrap_or_default(),
        };
        self.push(node, Shape::Binary { operator: operators::binary(written), left, right })
    }

    /// Python's `a <= b < c`: each pair of neighbours, all of them.
    fn compare(&mut self, node: Node) -> NodeId {
        let operands = named(node);
        let mut signs = Vec::new();
        let mut cursor = node.walk();
        signs.extend(node.children_by_field_name("operators", &mut cursor).map(|sign| self.text(sign)));
        let mut made = NodeId::NONE;
        for (pair, sign) in operands.windows(2).zip(signs) {
            let (left, right) = (self.lower(pair[0]), self.lower(pair[1]));
            let operator = operators::binary(sign);
            let range = pair[0].start_byte()..pair[1].end_byte();
            let one = self.builder.push(range.clone(), Shape::Binary { operator, left, right });
            made = match made {
                NodeId::NONE => one,
                before => self.push(node, Shape::Binary { operator: Operator::And, left: before, right: one }),
            };
        }
        made
    }

    /// Kotlin's `a to b`, `0 until n`, `x shl 1` and other calls that look like operators.
    fn infix(&mut self, node: Node) -> NodeId {
        let [left, word, right] = named(node)[..] else { return NodeId::NONE };
        let (object, value) = (self.lower(left), self.lower(right));
        match self.text(word) {
            "to" => self.push(node, Shape::Pair { key: object, value }),
            "shl" => self.push(node, Shape::Binary { operator: Operator::ShiftLeft, left: object, right: value }),
            word @ ("until" | "downTo") => {
                self.push(node, Shape::Binary { operator: operators::binary(word), left: object, right: value })
            }
            word => {
                let property = self.builder.text(word);
                let callee = self.push(node, Shape::Member { object, property });
                let arguments = self.builder.children(&[value]);
                self.push(node, Shape::Call { callee, arguments, is_new: false })
            }
        }
    }

    /// A sign before or after its operand. `i++` is `i += 1`.
    fn unary(&mut self, node: Node, rule: &Rule) -> NodeId {
        let sign = (0..node.child_count()).filter_map(|at| node.child(at)).find(|child| !child.is_named());
        let sign = sign.map(|sign| self.text(sign)).unwrap_or_default();
        let operand = self.part(node, rule, Part::Value);
        let step = match sign {
            "++" => Some(Operator::Add),
            "--" => Some(Operator::Subtract),
            _ => None,
        };
        if let Some(operator) = step {
            let value = self.builder.number(node.byte_range(), 1.0);
            return self.push(node, Shape::Assign { operator: Some(operator), target: operand, value });
        }
        match operators::unary(sign) {
            Some(operator) => self.push(node, Shape::Unary { operator, operand }),
            None => operand,
        }
    }

    fn assign(&mut self, node: Node, rule: &Rule) -> NodeId {
        let nodes = rule.all(node, Part::Target);
        let declares =
            rule.option("declares").is_some() && nodes.first().is_some_and(|target| self.declares_in(*target));
        let value = self.part(node, rule, Part::Value);
        let annotation = self.part(node, rule, Part::Type);
        let target = self.part(node, rule, Part::Target);
        let written = rule.one(node, Part::Operator).map(|operator| self.text(operator)).unwrap_or("=");
        let operator = match written.strip_suffix('=').unwrap_or(written) {
            "" | ":" => None,
            sign => Some(operators::binary(sign)),
        };
        if declares || (rule.option("declares").is_some() && value == NodeId::NONE) {
            return self.push(node, Shape::Let { target, annotation, value, is_static: false });
        }
        self.push(node, Shape::Assign { operator, target, value })
    }

    /// Whether a target is a name, or a list with a name, that its function has not had before.
    fn declares_in(&mut self, target: Node) -> bool {
        let Some(rule) = self.table.rule(target) else { return false };
        match rule.construct {
            Construct::Name => {
                let name = self.text(target).trim_start_matches('$');
                !self.table.has("this", self.text(target)) && self.declares(name)
            }
            Construct::List | Construct::Array => {
                let new: Vec<bool> = named(target).into_iter().map(|item| self.declares_in(item)).collect();
                new.contains(&true)
            }
            _ => false,
        }
    }

    fn conditional(&mut self, node: Node, rule: &Rule) -> NodeId {
        let test = self.part(node, rule, Part::Condition);
        let then = match self.part(node, rule, Part::Then) {
            // PHP's `a ?: b`.
            NodeId::NONE => {
                let otherwise = self.part(node, rule, Part::Otherwise);
                return self.push(node, Shape::Binary { operator: Operator::Coalesce, left: test, right: otherwise });
            }
            then => then,
        };
        let otherwise = self.part(node, rule, Part::Otherwise);
        self.push(node, Shape::Conditional { test, then, otherwise })
    }

    /// `[f(x) for x in xs if p(x)]` as the loop that it is.
    fn comprehension(&mut self, node: Node, rule: &Rule) -> NodeId {
        let clauses = rule.all(node, Part::Items);
        let mut body = self.part(node, rule, Part::Body);
        let test = self.part(node, rule, Part::Condition);
        if test != NodeId::NONE {
            body = self.push(node, Shape::If { test, then: body, otherwise: NodeId::NONE });
        }
        for clause in clauses.into_iter().rev() {
            let Some(rule) = self.table.rule(clause) else { continue };
            let (target, iterable) = (self.part(clause, rule, Part::Target), self.part(clause, rule, Part::Iterable));
            let parts = LoopParts { target, iterable, ..LoopParts::new(LoopKind::ForEach, body) };
            body = self.builder.repeat(node.byte_range(), parts);
        }
        body
    }

    /// C#'s `x is 429 or >= 500`: the comparisons that it stands for.
    fn pattern_match(&mut self, node: Node, rule: &Rule) -> NodeId {
        let (Some(subject), Some(pattern)) = (rule.one(node, Part::Value), rule.one(node, Part::Right)) else {
            return NodeId::NONE;
        };
        self.against(subject, pattern)
    }

    pub(super) fn against(&mut self, subject: Node, pattern: Node) -> NodeId {
        let children = named(pattern);
        match (pattern.kind(), &children[..]) {
            ("or_pattern" | "and_pattern", [left, right]) => {
                let operator = if pattern.kind() == "or_pattern" { Operator::Or } else { Operator::And };
                let (left, right) = (self.against(subject, *left), self.against(subject, *right));
                self.push(pattern, Shape::Binary { operator, left, right })
            }
            ("negated_pattern", [inner]) => {
                let operand = self.against(subject, *inner);
                self.push(pattern, Shape::Unary { operator: Operator::Not, operand })
            }
            ("parenthesized_pattern", [inner]) => self.against(subject, *inner),
            ("relational_pattern", [bound]) => {
                let sign = pattern.child(0).map(|sign| self.text(sign)).unwrap_or_default();
                let (left, right) = (self.lower(subject), self.lower(*bound));
                self.push(pattern, Shape::Binary { operator: operators::binary(sign), left, right })
            }
            ("constant_pattern", [value]) => {
                let (left, right) = (self.lower(subject), self.lower(*value));
                self.push(pattern, Shape::Binary { operator: Operator::Equal, left, right })
            }
            _ => {
                let (left, right) = (self.lower(subject), self.type_text(pattern));
                self.push(pattern, Shape::Binary { operator: Operator::InstanceOf, left, right })
            }
        }
    }
}
