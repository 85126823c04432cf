//! Conversions that native code asks for: implicit (`to_str`, `to_int`, `to_ary`, `to_hash`) and text.

use std::cmp::Ordering;
use std::rc::Rc;

use num_bigint::BigInt;
use num_traits::ToPrimitive;

use crate::class::RClass;
use crate::interp::Interp;
use crate::symbol::{Sym, known};
use crate::unwind::{Res, Unwind};
use crate::value::{Data, Encoding, RArray, RHash, RObject, RString, Value};

impl Interp {
    /// A String, or what `to_str` makes of it; else TypeError.
    pub fn to_str(&self, value: &Value) -> Res<Rc<RString>> {
        if let Value::Str(string) = value {
            return Ok(Rc::clone(string));
        }
        match self.call_if_responds(value, known::TO_STR, &[])? {
            Some(Value::Str(string)) => Ok(string),
            Some(other) => Err(self.bad_conversion(value, "String", "to_str", &other)),
            None => Err(self.no_conversion(value, "String")),
        }
    }

    /// An Integer that fits 64 bits, or what `to_int` makes of it; Floats are truncated; else TypeError or RangeError.
    pub fn to_int(&self, value: &Value) -> Res<i64> {
        match value {
            Value::Int(int) => Ok(*int),
            Value::Float(float) => {
                if float.is_nan() || float.is_infinite() {
                    return Err(self.error("FloatDomainError", crate::core::float_text(*float)));
                }
                if float.abs() < 9.3e18 { Ok(*float as i64) } else { Err(self.too_big(value)) }
            }
            Value::Obj(object) if matches!(object.data, Data::Big(_)) => Err(self.too_big(value)),
            _ => match self.call_if_responds(value, known::TO_INT, &[])? {
                Some(Value::Int(int)) => Ok(int),
                Some(Value::Obj(big)) if matches!(big.data, Data::Big(_)) => Err(self.too_big(&Value::Obj(big))),
                Some(other) => Err(self.bad_conversion(value, "Integer", "to_int", &other)),
                None if value.is_nil() => Err(self.type_error("no implicit conversion from nil to integer")),
                None => Err(self.no_conversion(value, "Integer")),
            },
        }
    }

    fn too_big(&self, value: &Value) -> Unwind {
        let kind = if matches!(value, Value::Float(_)) { "float" } else { "bignum" };
        match self.to_s(value) {
            Ok(text) if kind == "float" => {
                self.error("RangeError", format!("float {} out of range of integer", text.lossy()))
            }
            Ok(_) => self.error("RangeError", "bignum too big to convert into `long'"),
            Err(unwind) => unwind,
        }
    }

    /// An Array, or what `to_ary` makes of it; `None` when it is nothing of the kind.
    pub fn try_array(&self, value: &Value) -> Res<Option<Rc<RArray>>> {
        match value {
            Value::Array(array) => Ok(Some(Rc::clone(array))),
            Value::Obj(_) => match self.call_if_responds(value, known::TO_ARY, &[])? {
                Some(Value::Array(array)) => Ok(Some(array)),
                Some(Value::Nil) | None => Ok(None),
                Some(other) => Err(self.bad_conversion(value, "Array", "to_ary", &other)),
            },
            _ => Ok(None),
        }
    }

    /// An Array, or what `to_ary` makes of it; else TypeError.
    pub fn to_array(&self, value: &Value) -> Res<Rc<RArray>> {
        self.try_array(value)?.ok_or_else(|| self.no_conversion(value, "Array"))
    }

    /// A Hash, or what `to_hash` makes of it; `None` when it is nothing of the kind.
    pub fn try_hash(&self, value: &Value) -> Res<Option<Rc<RHash>>> {
        match value {
            Value::Hash(hash) => Ok(Some(Rc::clone(hash))),
            Value::Obj(_) => match self.call_if_responds(value, known::TO_HASH, &[])? {
                Some(Value::Hash(hash)) => Ok(Some(hash)),
                Some(Value::Nil) | None => Ok(None),
                Some(other) => Err(self.bad_conversion(value, "Hash", "to_hash", &other)),
            },
            _ => Ok(None),
        }
    }

    /// A Hash, or what `to_hash` makes of it; else TypeError.
    pub fn to_hash(&self, value: &Value) -> Res<Rc<RHash>> {
        self.try_hash(value)?.ok_or_else(|| self.no_conversion(value, "Hash"))
    }

    /// A name given as Symbol or String; else TypeError.
    pub fn to_name(&self, value: &Value) -> Res<Sym> {
        match value {
            Value::Sym(sym) => Ok(*sym),
            Value::Str(string) => Ok(Sym::from_bytes(&string.bytes())),
            _ => match self.call_if_responds(value, known::TO_STR, &[])? {
                Some(Value::Str(string)) => Ok(Sym::from_bytes(&string.bytes())),
                _ => {
                    let text = self.inspect(value)?.lossy();
                    Err(self.type_error(format!("{text} is not a symbol nor a string")))
                }
            },
        }
    }

    /// An Integer value of any size.
    pub fn integer(&self, big: BigInt) -> Value {
        match big.to_i64() {
            Some(small) => Value::Int(small),
            None => {
                let object = RObject::new(Rc::clone(&self.c.integer), Data::Big(big));
                object.head.freeze();
                Value::Obj(object)
            }
        }
    }

    /// TypeError: `no implicit conversion of X into Y`.
    pub fn no_conversion(&self, value: &Value, into: &str) -> Unwind {
        self.type_error(format!("no implicit conversion of {} into {into}", self.type_word(value)))
    }

    fn bad_conversion(&self, value: &Value, into: &str, method: &str, got: &Value) -> Unwind {
        let class = self.real_class_of(value).name();
        let got = self.real_class_of(got).name();
        self.type_error(format!("can't convert {class} to {into} ({class}#{method} gives {got})"))
    }

    /// A value as conversion errors name it: `nil`, `true`, or its class.
    pub fn type_word(&self, value: &Value) -> String {
        match value {
            Value::Nil => "nil".to_owned(),
            Value::Bool(b) => b.to_string(),
            _ => self.real_class_of(value).name(),
        }
    }

    /// Its text, as interpolation takes it: `to_s`, or the default text when `to_s` gives no String.
    pub fn to_s(&self, value: &Value) -> Res<Rc<RString>> {
        if let Value::Str(string) = value {
            return Ok(Rc::clone(string));
        }
        match self.call(value, known::TO_S, &[])? {
            Value::Str(string) => Ok(string),
            _ => Ok(RString::new(self.any_to_s(value).into_bytes(), Encoding::Utf8)),
        }
    }

    /// Its `inspect`.
    pub fn inspect(&self, value: &Value) -> Res<Rc<RString>> {
        let text = self.call(value, known::INSPECT, &[])?;
        self.to_s(&text)
    }

    /// `#<Class>` with the address CRuby would show, as `Object#to_s` gives it.
    pub fn any_to_s(&self, value: &Value) -> String {
        format!("#<{}:{}>", self.real_class_of(value).name(), self.address(value))
    }

    /// The made-up address of a value: `0x` and 16 digits, the same for the same object.
    pub fn address(&self, value: &Value) -> String {
        let id = value.head().map_or(8, |head| self.object_id(head));
        format!("0x{:016x}", 0x7f3a_0000_0000_u64 + u64::from(id) * 8)
    }

    /// `a == b`
    pub fn equal(&self, a: &Value, b: &Value) -> Res<bool> {
        match (a, b) {
            (Value::Int(a), Value::Int(b)) => Ok(a == b),
            (Value::Sym(a), Value::Sym(b)) => Ok(a == b),
            (Value::Nil, Value::Nil) => Ok(true),
            (Value::Nil | Value::Bool(_), Value::Nil | Value::Bool(_)) => Ok(a.same(b)),
            (Value::Str(x), Value::Str(y)) if x.head.class().is_none() => Ok(crate::core::strings_equal(x, y)),
            _ if a.same(b) && !matches!(a, Value::Float(_)) => Ok(true),
            _ => Ok(self.call(a, known::EQ, std::slice::from_ref(b))?.truthy()),
        }
    }

    /// `a === b`
    pub fn case_equal(&self, pattern: &Value, value: &Value) -> Res<bool> {
        Ok(self.call(pattern, known::CASE_EQ, std::slice::from_ref(value))?.truthy())
    }

    /// `a <=> b`; `None` when they can't be compared.
    pub fn compare(&self, a: &Value, b: &Value) -> Res<Option<Ordering>> {
        match (a, b) {
            (Value::Int(a), Value::Int(b)) => Ok(Some(a.cmp(b))),
            (Value::Float(a), Value::Float(b)) => Ok(a.partial_cmp(b)),
            (Value::Str(a), Value::Str(b)) => Ok(Some(a.bytes().cmp(&b.bytes()))),
            _ => match self.call(a, known::CMP, std::slice::from_ref(b))? {
                Value::Nil => Ok(None),
                Value::Int(order) => Ok(Some(order.cmp(&0))),
                other => {
                    let positive = self.call(&other, known::GT, &[Value::Int(0)])?.truthy();
                    if positive {
                        return Ok(Some(Ordering::Greater));
                    }
                    let negative = self.call(&other, known::LT, &[Value::Int(0)])?.truthy();
                    Ok(Some(if negative { Ordering::Less } else { Ordering::Equal }))
                }
            },
        }
    }

    /// `a <=> b`, or the ArgumentError `comparison of X with Y failed`.
    pub fn compare_strictly(&self, a: &Value, b: &Value) -> Res<Ordering> {
        match self.compare(a, b)? {
            Some(order) => Ok(order),
            None => Err(self.comparison_failed(a, b)),
        }
    }

    /// ArgumentError: `comparison of X with Y failed`.
    pub fn comparison_failed(&self, a: &Value, b: &Value) -> Unwind {
        let shown = match b {
            Value::Nil | Value::Bool(_) | Value::Int(_) | Value::Float(_) => self.inspect(b).map(|text| text.lossy()),
            _ => Ok(self.real_class_of(b).name()),
        };
        match shown {
            Ok(shown) => {
                let class = self.real_class_of(a).name();
                self.argument_error(format!("comparison of {class} with {shown} failed"))
            }
            Err(unwind) => unwind,
        }
    }

    /// The value as a Class or Module; else TypeError.
    pub fn to_class(&self, value: &Value) -> Res<Rc<RClass>> {
        match value {
            Value::Class(class) => Ok(Rc::clone(class)),
            other => Err(self.type_error(format!("{} is not a class/module", self.inspect(other)?.lossy()))),
        }
    }
}
