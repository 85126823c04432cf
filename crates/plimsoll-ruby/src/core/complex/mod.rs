//! Complex: two real numbers, of any classes of numbers.

mod parse;

use std::cmp::Ordering;
use std::rc::Rc;

use num_bigint::BigInt;
use num_integer::Integer;

use super::arithmetic::{self, Number, Op};
use crate::args::Args;
use crate::class::{Def, MethodBody, Visibility, def};
use crate::interp::Interp;
use crate::symbol::{Sym, known};
use crate::unwind::Res;
use crate::value::{Encoding, RObject, RString, Value};

pub(crate) use parse::leading;

/// Defines the class.
pub(crate) fn init(vm: &Interp) {
    let class = vm.define_class(&vm.c.object, "Complex", &vm.c.numeric);
    vm.define(&class, METHODS);
    vm.define_singleton(&class, SINGLETON);
    super::without_new(vm, &class);
    super::without_allocate(vm, &class);
    for name in UNORDERED {
        vm.add_method(&class, Sym::new(name), Visibility::Public, MethodBody::Undefined);
    }
    let unit = make(vm, Value::Int(0), Value::Int(1));
    class.constants.borrow_mut().insert(Sym::new("I"), unit);
}

/// What other numbers can and these can't, having no order.
const UNORDERED: &[&str] = &[
    "%",
    "<",
    "<=",
    ">",
    ">=",
    "between?",
    "clamp",
    "div",
    "divmod",
    "floor",
    "ceil",
    "modulo",
    "remainder",
    "round",
    "step",
    "truncate",
    "i",
    "positive?",
    "negative?",
];

const SINGLETON: &[Def] = &[
    def("rect", 1, 2, |vm, _, a| rect(vm, a), "Of a real and an imaginary part"),
    def("rectangular", 1, 2, |vm, _, a| rect(vm, a), "Of a real and an imaginary part"),
    def("polar", 1, 2, |vm, _, a| from_polar(vm, a), "Of an absolute value and an angle"),
];

/// Instance methods.
pub(crate) const METHODS: &[Def] = &[
    def("real", 0, 0, |_, r, _| Ok(this(r).real.clone()), "The real part"),
    def("imaginary", 0, 0, |_, r, _| Ok(this(r).imag.clone()), "The imaginary part"),
    def("imag", 0, 0, |_, r, _| Ok(this(r).imag.clone()), "The imaginary part"),
    def("rect", 0, 0, parts, "Both parts"),
    def("rectangular", 0, 0, parts, "Both parts"),
    def("+", 1, 1, |vm, r, a| sum(vm, r, &a[0], Op::Add), "Sum"),
    def("-", 1, 1, |vm, r, a| sum(vm, r, &a[0], Op::Sub), "Difference"),
    def("*", 1, 1, multiply, "Product"),
    def("/", 1, 1, |vm, r, a| divide(vm, r, &a[0], known::DIV), "Quotient, exact for exact parts"),
    def("quo", 1, 1, |vm, r, a| divide(vm, r, &a[0], known::DIV), "Quotient, exact for exact parts"),
    def("fdiv", 1, 1, |vm, r, a| divide(vm, r, &a[0], Sym::new("fdiv")), "Quotient of Floats"),
    def("**", 1, 1, power, "Power"),
    def("-@", 0, 0, |vm, r, _| each_part(vm, r, |part| vm.call(part, known::NEG, &[])), "Negated"),
    def("==", 1, 1, equal, "Same value"),
    def("<=>", 1, 1, spaceship, "-1, 0 or 1 where both are real, else nil"),
    def("coerce", 1, 1, coerce, "Both as Complex numbers"),
    def("abs", 0, 0, |vm, r, _| abs(vm, this(r)), "Distance from zero"),
    def("magnitude", 0, 0, |vm, r, _| abs(vm, this(r)), "Distance from zero"),
    def("abs2", 0, 0, abs2, "Square of the distance from zero"),
    def("arg", 0, 0, |vm, r, _| angle(vm, this(r)).map(Value::Float), "Angle"),
    def("angle", 0, 0, |vm, r, _| angle(vm, this(r)).map(Value::Float), "Angle"),
    def("phase", 0, 0, |vm, r, _| angle(vm, this(r)).map(Value::Float), "Angle"),
    def("polar", 0, 0, polar, "Distance from zero, and angle"),
    def("conj", 0, 0, conjugate, "With the imaginary part negated"),
    def("conjugate", 0, 0, conjugate, "With the imaginary part negated"),
    def("real?", 0, 0, |_, _, _| Ok(false.into()), "false"),
    def("finite?", 0, 0, |vm, r, _| both(vm, r, "finite?").map(Value::Bool), "Whether both parts are finite"),
    def("infinite?", 0, 0, infinite, "1 where a part is infinite, else nil"),
    def("denominator", 0, 0, |vm, r, _| Ok(vm.integer(denominator(vm, this(r))?)), "Of both parts"),
    def("numerator", 0, 0, numerator, "Times its denominator"),
    def("hash", 0, 0, hash, "A hash code"),
    def("eql?", 1, 1, eql, "Same value of parts of the same classes"),
    def("to_c", 0, 0, |_, r, _| Ok(r.clone()), "Itself"),
    def("to_i", 0, 0, |vm, r, a| as_real(vm, r, a, "to_i", "Integer"), "The real part, where that is all"),
    def("to_f", 0, 0, |vm, r, a| as_real(vm, r, a, "to_f", "Float"), "The real part, where that is all"),
    def("to_r", 0, 0, |vm, r, a| as_real(vm, r, a, "to_r", "Rational"), "The real part, where that is all"),
    def("rationalize", 0, 1, |vm, r, a| as_real(vm, r, a, "rationalize", "Rational"), "A simple fraction near it"),
    def("to_s", 0, 0, |vm, r, _| Ok(ascii(text(vm, r, known::TO_S)?)), "`1+2i`"),
    def("inspect", 0, 0, inspect, "`(1+2i)`"),
];

/// The payload.
pub(crate) struct Complex {
    real: Value,
    imag: Value,
}

fn this(receiver: &Value) -> &Complex {
    receiver.native().expect("a method of Complex runs on Complex numbers alone")
}

/// A Complex value of two real ones.
pub(crate) fn make(vm: &Interp, real: Value, imag: Value) -> Value {
    let object = RObject::with_native(vm.class_named("Complex"), Complex { real, imag });
    object.head.freeze();
    Value::Obj(object)
}

/// Both parts, of which either may itself be Complex.
fn combine(vm: &Interp, real: Value, imag: Value) -> Res {
    let (a, b) = (real.native::<Complex>(), imag.native::<Complex>());
    let (a_real, a_imag) = a.map_or((&real, &Value::Int(0)), |a| (&a.real, &a.imag));
    match b {
        Some(b) => Ok(make(vm, operate(vm, Op::Sub, a_real, &b.imag)?, operate(vm, Op::Add, a_imag, &b.real)?)),
        None if a.is_some() => Ok(make(vm, a_real.clone(), operate(vm, Op::Add, a_imag, &imag)?)),
        None => Ok(make(vm, real, imag)),
    }
}

/// A real number to any power that has no real result: `(-8) ** (1.0 / 3)`.
pub(crate) fn root_of_negative(vm: &Interp, base: f64, exponent: f64) -> Value {
    let abs = (-base).powf(exponent);
    let fraction = exponent.fract();
    if fraction.abs() == 0.5 {
        // A right angle exactly, to one side or the other.
        let up = exponent.rem_euclid(2.0) == 0.5;
        return make(vm, Value::Float(0.0), Value::Float(if up { abs } else { -abs }));
    }
    let (sine, cosine) = (std::f64::consts::PI * exponent.rem_euclid(2.0)).sin_cos();
    make(vm, Value::Float(abs * cosine), Value::Float(abs * sine))
}

fn operate(vm: &Interp, op: Op, a: &Value, b: &Value) -> Res {
    let zero = |value: &Value| matches!(value, Value::Int(0));
    let one = |value: &Value| matches!(value, Value::Int(1));
    // An exact zero or one leaves the other as it is, negative zeros and all.
    match op {
        Op::Add if zero(a) => return Ok(b.clone()),
        Op::Add | Op::Sub if zero(b) => return Ok(a.clone()),
        Op::Mul if one(a) => return Ok(b.clone()),
        Op::Mul if one(b) => return Ok(a.clone()),
        _ => {}
    }
    if arithmetic::number(a).is_some() {
        return arithmetic::binary(vm, op, a, b);
    }
    vm.call(a, op.name(), std::slice::from_ref(b))
}

fn is_zero(vm: &Interp, value: &Value) -> Res<bool> {
    match value {
        Value::Int(int) => Ok(*int == 0),
        Value::Float(float) => Ok(*float == 0.0),
        other => vm.equal(other, &Value::Int(0)),
    }
}

fn is_real_number(vm: &Interp, value: &Value) -> Res<bool> {
    if arithmetic::number(value).is_some() {
        return Ok(true);
    }
    Ok(vm.is_a(value, &vm.c.numeric) && vm.send(value, "real?", &[])?.truthy())
}

fn need_real(vm: &Interp, value: &Value) -> Res<()> {
    if is_real_number(vm, value)? { Ok(()) } else { Err(vm.type_error("not a real")) }
}

/// A Complex number with an exact zero for its imaginary part as the real one it is.
fn simplified(value: &Value) -> Value {
    match value.native::<Complex>() {
        Some(complex) if matches!(complex.imag, Value::Int(0)) => complex.real.clone(),
        _ => value.clone(),
    }
}

fn rect(vm: &Interp, args: Args<'_>) -> Res {
    for part in args.values {
        need_real(vm, part)?;
    }
    Ok(make(vm, args[0].clone(), args.get(1).cloned().unwrap_or(Value::Int(0))))
}

fn from_polar(vm: &Interp, args: Args<'_>) -> Res {
    let abs = simplified(&args[0]);
    need_real(vm, &abs)?;
    let Some(angle) = args.get(1) else { return Ok(make(vm, abs, Value::Int(0))) };
    let angle = simplified(angle);
    need_real(vm, &angle)?;
    at_angle(vm, abs, &angle)
}

/// Of an absolute value and an angle; right angles are exact.
fn at_angle(vm: &Interp, abs: Value, angle: &Value) -> Res {
    use std::f64::consts::{FRAC_PI_2, PI};
    if is_zero(vm, &abs)? || is_zero(vm, angle)? {
        return Ok(make(vm, abs, Value::Float(0.0)));
    }
    let radians = super::float::convert(vm, angle)?;
    if radians == PI {
        return Ok(make(vm, vm.call(&abs, known::NEG, &[])?, Value::Float(0.0)));
    }
    if radians == FRAC_PI_2 {
        return Ok(make(vm, Value::Float(0.0), abs));
    }
    let (sine, cosine) = radians.sin_cos();
    let real = operate(vm, Op::Mul, &abs, &Value::Float(cosine))?;
    Ok(make(vm, real, operate(vm, Op::Mul, &abs, &Value::Float(sine))?))
}

fn parts(_: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let this = this(receiver);
    Ok(Value::array(vec![this.real.clone(), this.imag.clone()]))
}

fn polar(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let this = this(receiver);
    Ok(Value::array(vec![abs(vm, this)?, Value::Float(angle(vm, this)?)]))
}

fn each_part(vm: &Interp, receiver: &Value, run: impl Fn(&Value) -> Res) -> Res {
    let this = this(receiver);
    Ok(make(vm, run(&this.real)?, run(&this.imag)?))
}

fn conjugate(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let this = this(receiver);
    Ok(make(vm, this.real.clone(), vm.call(&this.imag, known::NEG, &[])?))
}

fn sum(vm: &Interp, receiver: &Value, other: &Value, op: Op) -> Res {
    let this = this(receiver);
    if let Some(other) = other.native::<Complex>() {
        let real = operate(vm, op, &this.real, &other.real)?;
        return Ok(make(vm, real, operate(vm, op, &this.imag, &other.imag)?));
    }
    if is_real_number(vm, other)? {
        return Ok(make(vm, operate(vm, op, &this.real, other)?, this.imag.clone()));
    }
    arithmetic::coerced(vm, op.name(), receiver, other)
}

fn multiply(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let (this, other) = (this(receiver), &args[0]);
    if let Some(other) = other.native::<Complex>() {
        return product(vm, this, other).map(|product| make(vm, product.real, product.imag));
    }
    if is_real_number(vm, other)? {
        return each_part(vm, receiver, |part| operate(vm, Op::Mul, part, other));
    }
    arithmetic::coerced(vm, known::MUL, receiver, other)
}

fn product(vm: &Interp, a: &Complex, b: &Complex) -> Res<Complex> {
    let cross = |x: &Value, y: &Value| zero_safe(vm, x, y);
    let real = operate(vm, Op::Sub, &cross(&a.real, &b.real)?, &cross(&a.imag, &b.imag)?)?;
    let imag = operate(vm, Op::Add, &cross(&a.real, &b.imag)?, &cross(&a.imag, &b.real)?)?;
    Ok(Complex { real, imag })
}

/// A product in which zero times infinity is zero.
fn zero_safe(vm: &Interp, a: &Value, b: &Value) -> Res {
    let unit = |value: &Value| match value {
        Value::Float(float) if !float.is_nan() => Value::Float(1.0_f64.copysign(*float)),
        other => other.clone(),
    };
    match (is_zero(vm, a)?, is_zero(vm, b)?) {
        (false, true) => operate(vm, Op::Mul, &unit(a), b),
        (true, false) => operate(vm, Op::Mul, a, &unit(b)),
        _ => operate(vm, Op::Mul, a, b),
    }
}

/// A quotient of two real numbers: exact for exact ones, as an Integer where it is one.
fn quotient(vm: &Interp, a: &Value, b: &Value, how: Sym) -> Res {
    let how = if how == known::DIV { Sym::new("quo") } else { how };
    vm.call(a, how, std::slice::from_ref(b)).map(|value| whole(vm, value))
}

/// A fraction of denominator one as an Integer.
fn whole(vm: &Interp, value: Value) -> Value {
    match arithmetic::number(&value) {
        Some(Number::Ratio(ratio)) if *ratio.denom() == BigInt::from(1) => vm.integer(ratio.numer().clone()),
        _ => value,
    }
}

fn divide(vm: &Interp, receiver: &Value, other: &Value, how: Sym) -> Res {
    let a = this(receiver);
    if let Some(b) = other.native::<Complex>() {
        let size = |part: &Value| vm.send(part, "abs", &[]);
        let one = Value::Int(1);
        let by_real = vm.call(&size(&b.real)?, known::GT, &[size(&b.imag)?])?.truthy();
        let (major, minor) = if by_real { (&b.real, &b.imag) } else { (&b.imag, &b.real) };
        let ratio =
            vm.call(minor, if how == known::DIV { Sym::new("quo") } else { how }, std::slice::from_ref(major))?;
        let square = operate(vm, Op::Mul, &ratio, &ratio)?;
        let scale = operate(vm, Op::Mul, major, &operate(vm, Op::Add, &one, &square)?)?;
        let scaled = |part: &Value| operate(vm, Op::Mul, part, &ratio);
        let (real, imag) = if by_real {
            let real = operate(vm, Op::Add, &a.real, &scaled(&a.imag)?)?;
            (real, operate(vm, Op::Sub, &a.imag, &scaled(&a.real)?)?)
        } else {
            let real = operate(vm, Op::Add, &scaled(&a.real)?, &a.imag)?;
            (real, operate(vm, Op::Sub, &scaled(&a.imag)?, &a.real)?)
        };
        return Ok(make(vm, quotient(vm, &real, &scale, how)?, quotient(vm, &imag, &scale, how)?));
    }
    if is_real_number(vm, other)? {
        return each_part(vm, receiver, |part| quotient(vm, part, other, how));
    }
    arithmetic::coerced(vm, how, receiver, other)
}

fn power(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let base = this(receiver);
    let exponent = whole(vm, simplified(&args[0]));
    match (&exponent, exponent.native::<Complex>()) {
        (Value::Int(0), _) => Ok(make(vm, Value::Int(1), Value::Int(0))),
        (Value::Int(1), _) => Ok(make(vm, base.real.clone(), base.imag.clone())),
        (_, Some(exponent)) => {
            if is_zero(vm, &base.real)? && is_zero(vm, &base.imag)? {
                return Ok(make(vm, Value::Int(0), Value::Int(0)));
            }
            let number = |value: &Value| super::float::convert(vm, value);
            let (log, theta) = (number(&abs(vm, base)?)?.ln(), angle(vm, base)?);
            let (real, imag) = (number(&exponent.real)?, number(&exponent.imag)?);
            let size = (real * log - imag * theta).exp();
            at_angle(vm, Value::Float(size), &Value::Float(theta * real + imag * log))
        }
        (Value::Int(times), _) => integer_power(vm, base, *times),
        _ if is_real_number(vm, &exponent)? => {
            let size = operate(vm, Op::Pow, &abs(vm, base)?, &exponent)?;
            let theta = operate(vm, Op::Mul, &Value::Float(angle(vm, base)?), &exponent)?;
            at_angle(vm, size, &theta)
        }
        _ => arithmetic::coerced(vm, known::POW, receiver, &exponent),
    }
}

/// To a power that is an Integer: exact for exact parts.
fn integer_power(vm: &Interp, base: &Complex, times: i64) -> Res {
    let mut square = Complex { real: base.real.clone(), imag: base.imag.clone() };
    if times < 0 {
        let one = make(vm, Value::Int(1), Value::Int(0));
        let inverse = divide(vm, &one, &make(vm, square.real, square.imag), known::DIV)?;
        square = Complex { real: this(&inverse).real.clone(), imag: this(&inverse).imag.clone() };
    }
    let mut rest = times.unsigned_abs();
    let exponent = vm.integer(BigInt::from(rest));
    if is_zero(vm, &square.imag)? {
        return Ok(make(vm, operate(vm, Op::Pow, &square.real, &exponent)?, square.imag));
    }
    if is_zero(vm, &square.real)? {
        let size = operate(vm, Op::Pow, &square.imag, &exponent)?;
        let size = if rest & 2 == 0 { size } else { vm.call(&size, known::NEG, &[])? };
        let zero = square.real;
        return Ok(if rest & 1 == 0 { make(vm, size, zero) } else { make(vm, zero, size) });
    }
    let mut result = Complex { real: square.real.clone(), imag: square.imag.clone() };
    rest -= 1;
    while rest > 0 {
        vm.tick()?;
        if rest & 1 == 1 {
            result = product(vm, &result, &square)?;
        }
        rest >>= 1;
        let real = operate(vm, Op::Mul, &square.real, &square.real)?;
        let real = operate(vm, Op::Sub, &real, &operate(vm, Op::Mul, &square.imag, &square.imag)?)?;
        let imag = operate(vm, Op::Mul, &operate(vm, Op::Mul, &Value::Int(2), &square.real)?, &square.imag)?;
        square = Complex { real, imag };
    }
    Ok(make(vm, result.real, result.imag))
}

fn abs(vm: &Interp, this: &Complex) -> Res {
    let float = |value: &Value| matches!(value, Value::Float(_));
    for (part, other) in [(&this.imag, &this.real), (&this.real, &this.imag)] {
        if is_zero(vm, other)? {
            let size = vm.send(part, "abs", &[])?;
            return if float(other) && !float(&size) { vm.call(&size, known::TO_F, &[]) } else { Ok(size) };
        }
    }
    let (real, imag) = (super::float::convert(vm, &this.real)?, super::float::convert(vm, &this.imag)?);
    Ok(Value::Float(real.hypot(imag)))
}

fn abs2(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let this = this(receiver);
    let square = |part: &Value| operate(vm, Op::Mul, part, part);
    operate(vm, Op::Add, &square(&this.real)?, &square(&this.imag)?)
}

fn angle(vm: &Interp, this: &Complex) -> Res<f64> {
    Ok(super::float::convert(vm, &this.imag)?.atan2(super::float::convert(vm, &this.real)?))
}

fn both(vm: &Interp, receiver: &Value, question: &str) -> Res<bool> {
    let this = this(receiver);
    Ok(vm.send(&this.real, question, &[])?.truthy() && vm.send(&this.imag, question, &[])?.truthy())
}

fn infinite(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let this = this(receiver);
    let infinite = |part: &Value| -> Res<bool> { Ok(vm.send(part, "infinite?", &[])?.truthy()) };
    Ok(if infinite(&this.real)? || infinite(&this.imag)? { Value::Int(1) } else { Value::Nil })
}

fn equal(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let (this, other) = (this(receiver), &args[0]);
    if let Some(other) = other.native::<Complex>() {
        return Ok((vm.equal(&this.real, &other.real)? && vm.equal(&this.imag, &other.imag)?).into());
    }
    if is_real_number(vm, other)? {
        return Ok((vm.equal(&this.real, other)? && is_zero(vm, &this.imag)?).into());
    }
    Ok(vm.equal(other, receiver)?.into())
}

fn eql(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let Some(other) = args[0].native::<Complex>() else { return Ok(false.into()) };
    let this = this(receiver);
    let same_class = |a: &Value, b: &Value| Rc::ptr_eq(&vm.real_class_of(a), &vm.real_class_of(b));
    let same_classes = same_class(&this.real, &other.real) && same_class(&this.imag, &other.imag);
    Ok((same_classes && vm.equal(&this.real, &other.real)? && vm.equal(&this.imag, &other.imag)?).into())
}

fn spaceship(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let (this, other) = (this(receiver), &args[0]);
    if !vm.is_a(other, &vm.c.numeric) {
        return match arithmetic::coerce_pair(vm, receiver, other) {
            Ok(Some((a, b))) => vm.call(&a, known::CMP, &[b]),
            Ok(None) => Ok(Value::Nil),
            Err(unwind) => Err(unwind),
        };
    }
    if !is_zero(vm, &this.imag)? {
        return Ok(Value::Nil);
    }
    match other.native::<Complex>() {
        Some(other) if is_zero(vm, &other.imag)? => vm.call(&this.real, known::CMP, std::slice::from_ref(&other.real)),
        None if is_real_number(vm, other)? => vm.call(&this.real, known::CMP, args.values),
        _ => Ok(Value::Nil),
    }
}

fn coerce(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let other = &args[0];
    if other.native::<Complex>().is_some() {
        return Ok(Value::array(vec![other.clone(), receiver.clone()]));
    }
    if is_real_number(vm, other)? {
        return Ok(Value::array(vec![make(vm, other.clone(), Value::Int(0)), receiver.clone()]));
    }
    let class = vm.real_class_of(other).name();
    Err(vm.type_error(format!("{class} can't be coerced into Complex")))
}

fn denominator(vm: &Interp, this: &Complex) -> Res<BigInt> {
    let of = |part: &Value| -> Res<BigInt> {
        Ok(arithmetic::big(&vm.send(part, "denominator", &[])?).unwrap_or_else(|| BigInt::from(1)))
    };
    Ok(of(&this.real)?.lcm(&of(&this.imag)?))
}

fn numerator(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let common = denominator(vm, this(receiver))?;
    each_part(vm, receiver, |part| {
        let own = arithmetic::big(&vm.send(part, "denominator", &[])?).unwrap_or_else(|| BigInt::from(1));
        operate(vm, Op::Mul, &vm.send(part, "numerator", &[])?, &vm.integer(&common / own))
    })
}

fn hash(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let this = this(receiver);
    let code = vm.hash_code(&this.real)? ^ vm.hash_code(&this.imag)?.rotate_left(31);
    Ok(Value::Int(code as i64 >> 1))
}

fn as_real(vm: &Interp, receiver: &Value, args: Args<'_>, conversion: &str, class: &str) -> Res {
    let this = this(receiver);
    if matches!(this.imag, Value::Int(0)) {
        return vm.send(&this.real, conversion, args.values);
    }
    let shown = String::from_utf8_lossy(&text(vm, receiver, known::TO_S)?).into_owned();
    Err(vm.error("RangeError", format!("can't convert {shown} into {class}")))
}

fn ascii(text: Vec<u8>) -> Value {
    Value::Str(RString::new(text, Encoding::UsAscii))
}

fn inspect(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    Ok(ascii([b"(", &text(vm, receiver, known::INSPECT)?[..], b")"].concat()))
}

/// `1+2i`, each part as one of its own methods writes it.
fn text(vm: &Interp, receiver: &Value, how: Sym) -> Res<Vec<u8>> {
    let this = this(receiver);
    let write = |part: &Value| -> Res<Vec<u8>> { Ok(vm.to_s(&vm.call(part, how, &[])?)?.to_vec()) };
    let negative = match &this.imag {
        Value::Float(float) => float.is_sign_negative() && !float.is_nan(),
        other => match arithmetic::number(other) {
            Some(number) => arithmetic::compare(&number, &Number::Int(0)) == Some(Ordering::Less),
            None => vm.send(other, "negative?", &[])?.truthy(),
        },
    };
    let mut text = write(&this.real)?;
    text.push(if negative { b'-' } else { b'+' });
    text.extend(write(&vm.send(&this.imag, "abs", &[])?)?);
    if !text.last().is_some_and(u8::is_ascii_digit) {
        text.push(b'*');
    }
    text.push(b'i');
    Ok(text)
}

/// `Complex(…)`: of numbers, of text, of what has `to_c`. `strict` is false where anything else is nil.
pub(crate) fn convert(vm: &Interp, args: &[Value], strict: bool) -> Res {
    if args.iter().any(Value::is_nil) {
        return if strict { Err(vm.type_error("can't convert nil into Complex")) } else { Ok(Value::Nil) };
    }
    let mut parts = Vec::with_capacity(2);
    for argument in args {
        let part = match argument {
            Value::Str(text) => parse::whole(vm, text)?,
            other => other.clone(),
        };
        parts.push(simplified(&part));
    }
    let unchanged = |part: &Value| part.native::<Complex>().is_some();
    match &parts[..] {
        [real] | [real, Value::Int(0)] if unchanged(real) => Ok(real.clone()),
        [real] if !vm.is_a(real, &vm.c.numeric) => match vm.call_if_responds(real, Sym::new("to_c"), &[])? {
            Some(converted) if unchanged(&converted) => Ok(converted),
            _ => Err(vm.type_error(format!("can't convert {} into Complex", vm.type_word(real)))),
        },
        [real, imag]
            if [real, imag].iter().all(|part| vm.is_a(part, &vm.c.numeric)) && (unchanged(real) || unchanged(imag)) =>
        {
            combine(vm, real.clone(), imag.clone())
        }
        [real, imag] => {
            if !strict && arithmetic::number(imag).is_none() {
                return Ok(Value::Nil);
            }
            rect(vm, Args::new(&[real.clone(), imag.clone()]))
        }
        all => rect(vm, Args::new(all)),
    }
}
