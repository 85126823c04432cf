//! Numbers, strings, symbols, regular expressions, arrays, hashes, ranges.

use num_bigint::{BigInt, BigUint, Sign};
use num_traits::ToPrimitive;
use ruby_prism as prism;
use ruby_prism::Node as Prism;

use super::{Low, Lowerer, next_site, node};
use crate::ir::{self, Kind, Node, Pair};
use crate::symbol::Sym;
use crate::value::Encoding;

impl Lowerer<'_> {
    pub(super) fn literal(&mut self, node: &Prism<'_>, line: u32) -> Low<Kind> {
        Ok(match node {
            Prism::IntegerNode { .. } => integer(&big(&node!(node, as_integer_node).value())),
            Prism::FloatNode { .. } => Kind::Float(node!(node, as_float_node).value()),
            Prism::RationalNode { .. } => {
                let rational = node!(node, as_rational_node);
                Kind::Rational(Box::new((big(&rational.numerator()), big(&rational.denominator()))))
            }
            Prism::ImaginaryNode { .. } => {
                Kind::Imaginary(Box::new(self.node(&node!(node, as_imaginary_node).numeric())?))
            }
            Prism::StringNode { .. } => {
                let string = node!(node, as_string_node);
                let encoding = match (string.is_forced_utf8_encoding(), string.is_forced_binary_encoding()) {
                    (true, _) => Encoding::Utf8,
                    (_, true) => Encoding::Binary,
                    _ => self.encoding,
                };
                Kind::Str(string.unescaped().into(), encoding, string.is_frozen())
            }
            Prism::InterpolatedStringNode { .. } => {
                let parts = self.parts(&node!(node, as_interpolated_string_node).parts())?;
                self.joined(parts)
            }
            Prism::SymbolNode { .. } => Kind::Sym(Sym::from_bytes(node!(node, as_symbol_node).unescaped())),
            Prism::InterpolatedSymbolNode { .. } => {
                Kind::InterpolatedSym(self.parts(&node!(node, as_interpolated_symbol_node).parts())?.into())
            }
            Prism::XStringNode { .. } => {
                let text = node!(node, as_x_string_node).unescaped().into();
                Kind::Shell(Box::new([Node::new(line, Kind::Str(text, Encoding::Utf8, false))]))
            }
            Prism::InterpolatedXStringNode { .. } => {
                Kind::Shell(self.parts(&node!(node, as_interpolated_x_string_node).parts())?.into())
            }
            Prism::RegularExpressionNode { .. } => {
                let regex = node!(node, as_regular_expression_node);
                let flags = options(regex.is_ignore_case(), regex.is_extended(), regex.is_multi_line())
                    | encoding_options(regex.is_utf_8(), regex.is_ascii_8bit());
                let source = Node::new(line, Kind::Str(regex.unescaped().into(), Encoding::Utf8, false));
                Kind::Regex(Box::new(ir::Regex { parts: Box::new([source]), flags, site: Some(next_site()) }))
            }
            Prism::InterpolatedRegularExpressionNode { .. } => {
                let regex = node!(node, as_interpolated_regular_expression_node);
                let flags = options(regex.is_ignore_case(), regex.is_extended(), regex.is_multi_line())
                    | encoding_options(regex.is_utf_8(), regex.is_ascii_8bit());
                let parts: Box<[Node]> = self.parts(&regex.parts())?.into();
                let constant = regex.is_once() || parts.iter().all(|part| matches!(part.kind, Kind::Str(..)));
                Kind::Regex(Box::new(ir::Regex { parts, flags, site: constant.then(next_site) }))
            }
            Prism::MatchLastLineNode { .. } | Prism::InterpolatedMatchLastLineNode { .. } => {
                Kind::Refused("a regular expression as a condition")
            }
            Prism::ArrayNode { .. } => {
                let elements = node!(node, as_array_node).elements();
                Kind::Array(Box::new(self.elements(&elements)?))
            }
            Prism::HashNode { .. } => Kind::Hash(self.pairs(&node!(node, as_hash_node).elements())?),
            Prism::KeywordHashNode { .. } => Kind::Hash(self.pairs(&node!(node, as_keyword_hash_node).elements())?),
            Prism::RangeNode { .. } => {
                let range = node!(node, as_range_node);
                let begin = self.optional(range.left().as_ref(), line)?;
                let end = self.optional(range.right().as_ref(), line)?;
                Kind::Range(Box::new(ir::Range { begin, end, exclusive: range.is_exclude_end() }))
            }
            Prism::SourceFileNode { .. } => Kind::Str(self.file.bytes().into(), Encoding::Utf8, self.frozen_strings),
            Prism::SourceLineNode { .. } => Kind::Int(i64::from(line)),
            _ => {
                let encoding = Node::new(line, Kind::Const(Sym::new("Encoding")));
                Kind::ConstPath(Some(Box::new(encoding)), Sym::new("UTF_8"))
            }
        })
    }

    /// The parts of an interpolated literal, neighbouring texts joined.
    pub(super) fn parts(&mut self, list: &prism::NodeList<'_>) -> Low<Vec<Node>> {
        let mut parts = Vec::with_capacity(list.len());
        for part in list {
            if let Prism::InterpolatedStringNode { .. } = part {
                for inner in self.parts(&node!(part, as_interpolated_string_node).parts())? {
                    push_part(&mut parts, inner);
                }
            } else {
                let lowered = self.node(&part)?;
                push_part(&mut parts, lowered);
            }
        }
        Ok(parts)
    }

    /// A string of these parts.
    fn joined(&self, mut parts: Vec<Node>) -> Kind {
        match parts.as_slice() {
            [] => Kind::Str([].as_slice().into(), Encoding::Utf8, self.frozen_strings),
            [Node { kind: Kind::Str(..), .. }] => {
                let Some(Node { kind: Kind::Str(text, encoding, frozen), .. }) = parts.pop() else {
                    unreachable!("matched above")
                };
                Kind::Str(text, encoding, frozen || self.frozen_strings)
            }
            _ => Kind::Interpolated(parts.into()),
        }
    }

    /// The elements of a hash literal or of keywords.
    pub(super) fn pairs(&mut self, elements: &prism::NodeList<'_>) -> Low<Box<[Pair]>> {
        elements.iter().map(|element| self.pair(&element)).collect()
    }

    fn pair(&mut self, element: &Prism<'_>) -> Low<Pair> {
        if let Prism::AssocSplatNode { .. } = element {
            let splat = node!(element, as_assoc_splat_node);
            let value = match splat.value() {
                Some(value) => self.node(&value)?,
                None => {
                    let kind = self.read_local(Sym::new("**"));
                    Node::new(super::line_of(&element.location()), kind)
                }
            };
            return Ok(Pair::Splat(value));
        }
        let entry = node!(element, as_assoc_node);
        Ok(Pair::Entry(self.node(&entry.key())?, self.node(&entry.value())?))
    }
}

fn push_part(parts: &mut Vec<Node>, part: Node) {
    if let (Some(Node { kind: Kind::Str(before, ..), .. }), Kind::Str(text, ..)) = (parts.last_mut(), &part.kind) {
        *before = [&before[..], &text[..]].concat().into();
        return;
    }
    parts.push(part);
}

fn big(value: &prism::Integer<'_>) -> BigInt {
    let (negative, digits) = value.to_u32_digits();
    let magnitude = BigUint::new(digits.to_vec());
    BigInt::from_biguint(if negative { Sign::Minus } else { Sign::Plus }, magnitude)
}

fn integer(value: &BigInt) -> Kind {
    value.to_i64().map_or_else(|| Kind::Big(value.clone().into()), Kind::Int)
}

fn options(ignore_case: bool, extended: bool, multi_line: bool) -> u32 {
    u32::from(ignore_case) | u32::from(extended) << 1 | u32::from(multi_line) << 2
}

fn encoding_options(utf8: bool, binary: bool) -> u32 {
    u32::from(utf8) << 4 | u32::from(binary) << 5
}
