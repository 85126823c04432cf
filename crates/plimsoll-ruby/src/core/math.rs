//! Math.

use super::arithmetic;
use crate::args::Args;
use crate::class::{Def, def};
use crate::interp::Interp;
use crate::symbol::Sym;
use crate::unwind::Res;
use crate::value::Value;

/// Defines the module.
pub(crate) fn init(vm: &Interp) {
    let module = vm.define_module(&vm.c.object, "Math");
    vm.define_class(&module, "DomainError", &vm.c.standard_error);
    for (name, value) in [("PI", std::f64::consts::PI), ("E", std::f64::consts::E)] {
        module.constants.borrow_mut().insert(Sym::new(name), Value::Float(value));
    }
    vm.define(&module, METHODS);
    vm.define_singleton(&module, METHODS);
}

/// Module functions.
pub(crate) const METHODS: &[Def] = &[
    def("sin", 1, 1, |vm, _, a| one(vm, a, f64::sin), "Sine"),
    def("cos", 1, 1, |vm, _, a| one(vm, a, f64::cos), "Cosine"),
    def("tan", 1, 1, |vm, _, a| one(vm, a, f64::tan), "Tangent"),
    def("asin", 1, 1, |vm, _, a| within(vm, a, "asin", -1.0, 1.0, f64::asin), "Arc sine"),
    def("acos", 1, 1, |vm, _, a| within(vm, a, "acos", -1.0, 1.0, f64::acos), "Arc cosine"),
    def("atan", 1, 1, |vm, _, a| one(vm, a, f64::atan), "Arc tangent"),
    def("atan2", 2, 2, |vm, _, a| two(vm, a, f64::atan2), "Angle of a point"),
    def("sinh", 1, 1, |vm, _, a| one(vm, a, f64::sinh), "Hyperbolic sine"),
    def("cosh", 1, 1, |vm, _, a| one(vm, a, f64::cosh), "Hyperbolic cosine"),
    def("tanh", 1, 1, |vm, _, a| one(vm, a, f64::tanh), "Hyperbolic tangent"),
    def("asinh", 1, 1, |vm, _, a| one(vm, a, f64::asinh), "Inverse hyperbolic sine"),
    def("acosh", 1, 1, |vm, _, a| within(vm, a, "acosh", 1.0, f64::INFINITY, f64::acosh), "Inverse hyperbolic cosine"),
    def("atanh", 1, 1, |vm, _, a| within(vm, a, "atanh", -1.0, 1.0, f64::atanh), "Inverse hyperbolic tangent"),
    def("exp", 1, 1, |vm, _, a| one(vm, a, f64::exp), "Power of e"),
    def("sqrt", 1, 1, |vm, _, a| within(vm, a, "sqrt", 0.0, f64::INFINITY, |x| x.sqrt() + 0.0), "Square root"),
    def("cbrt", 1, 1, |vm, _, a| one(vm, a, f64::cbrt), "Cube root"),
    def("hypot", 2, 2, |vm, _, a| two(vm, a, f64::hypot), "Length of a hypotenuse"),
    def("log", 1, 2, log, "Logarithm, natural or to a base"),
    def("log2", 1, 1, |vm, _, a| logarithm(vm, &a[0], "log2", f64::log2), "Logarithm to base two"),
    def("log10", 1, 1, |vm, _, a| logarithm(vm, &a[0], "log10", f64::log10), "Logarithm to base ten"),
    def("ldexp", 2, 2, ldexp, "A fraction times a power of two"),
    def("frexp", 1, 1, frexp, "A fraction and an exponent of two"),
    def("erf", 1, 1, |vm, _, a| one(vm, a, erf), "Error function"),
    def("erfc", 1, 1, |vm, _, a| one(vm, a, erfc), "Complementary error function"),
    def("gamma", 1, 1, gamma, "Gamma function"),
    def("lgamma", 1, 1, lgamma, "Logarithm of the gamma function, and its sign"),
];

/// A real number: texts are refused here.
fn real(vm: &Interp, value: &Value) -> Res<f64> {
    match value {
        Value::Str(_) => Err(vm.type_error("can't convert String into Float")),
        Value::Obj(_) if arithmetic::number(value).is_none() && !vm.is_a(value, &vm.c.numeric) => {
            Err(vm.type_error(format!("can't convert {} into Float", vm.type_word(value))))
        }
        other => super::float::convert(vm, other),
    }
}

fn one(vm: &Interp, args: Args<'_>, function: fn(f64) -> f64) -> Res {
    Ok(Value::Float(function(real(vm, &args[0])?)))
}

fn two(vm: &Interp, args: Args<'_>, function: fn(f64, f64) -> f64) -> Res {
    Ok(Value::Float(function(real(vm, &args[0])?, real(vm, &args[1])?)))
}

fn out_of_domain(vm: &Interp, name: &str) -> crate::unwind::Unwind {
    vm.error("Math::DomainError", format!("Numerical argument is out of domain - {name}"))
}

fn within(vm: &Interp, args: Args<'_>, name: &str, low: f64, high: f64, function: fn(f64) -> f64) -> Res {
    let x = real(vm, &args[0])?;
    if x < low || x > high {
        return Err(out_of_domain(vm, name));
    }
    Ok(Value::Float(function(x)))
}

fn logarithm(vm: &Interp, value: &Value, name: &str, function: fn(f64) -> f64) -> Res {
    // An Integer beyond the range of Floats is taken apart.
    if let Some(big) = arithmetic::big(value)
        && big.bits() > 1000
        && big.sign() == num_bigint::Sign::Plus
    {
        let shift = big.bits() - 100;
        let top: num_bigint::BigInt = big >> shift;
        let top = num_traits::ToPrimitive::to_f64(&top).unwrap_or(f64::NAN);
        return Ok(Value::Float(function(top) + shift as f64 * function(2.0)));
    }
    let x = real(vm, value)?;
    if x < 0.0 {
        return Err(out_of_domain(vm, name));
    }
    Ok(Value::Float(function(x)))
}

fn log(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let natural = logarithm(vm, &args[0], "log", f64::ln)?;
    let Some(base) = args.get(1) else { return Ok(natural) };
    match (natural, logarithm(vm, base, "log", f64::ln)?) {
        (Value::Float(x), Value::Float(base)) => Ok(Value::Float(x / base)),
        (other, _) => Ok(other),
    }
}

fn ldexp(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let (fraction, exponent) = (real(vm, &args[0])?, vm.to_int(&args[1])?);
    let exponent = exponent.clamp(-3000, 3000) as i32;
    let half = exponent / 2;
    Ok(Value::Float(fraction * 2.0_f64.powi(half) * 2.0_f64.powi(exponent - half)))
}

fn frexp(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let x = real(vm, &args[0])?;
    if x == 0.0 || !x.is_finite() {
        return Ok(Value::array(vec![Value::Float(x), Value::Int(0)]));
    }
    let (mantissa, exponent, negative) = arithmetic::parts(x);
    let bits = 64 - mantissa.leading_zeros() as i32;
    let fraction = mantissa as f64 / 2.0_f64.powi(bits);
    let fraction = if negative { -fraction } else { fraction };
    Ok(Value::array(vec![Value::Float(fraction), Value::Int(i64::from(exponent + bits))]))
}

/// By its series near zero, by the continued fraction of `erfc` elsewhere.
fn erf(x: f64) -> f64 {
    if x.abs() > 2.5 {
        return x.signum() * (1.0 - erfc(x.abs()));
    }
    let (mut term, mut sum, mut n) = (x, x, 0.0);
    while term.abs() > 1e-18 * sum.abs() {
        n += 1.0;
        term *= -x * x / n;
        sum += term / (2.0 * n + 1.0);
    }
    sum * std::f64::consts::FRAC_2_SQRT_PI
}

fn erfc(x: f64) -> f64 {
    if x < 2.5 {
        return 1.0 - erf(x);
    }
    let mut fraction = 0.0;
    for k in (1..=60).rev() {
        fraction = f64::from(k) / 2.0 / (x + fraction);
    }
    (-x * x).exp() / ((x + fraction) * std::f64::consts::PI.sqrt())
}

/// Lanczos' approximation of the logarithm of gamma, for arguments from one half on.
fn ln_gamma(x: f64) -> f64 {
    const COEFFICIENTS: [f64; 9] = [
        0.999_999_999_999_809_9,
        676.520_368_121_885_1,
        -1_259.139_216_722_402_8,
        771.323_428_777_653_1,
        -176.615_029_162_140_6,
        12.507_343_278_686_905,
        -0.138_571_095_265_720_12,
        9.984_369_578_019_572e-6,
        1.505_632_735_149_311_6e-7,
    ];
    let x = x - 1.0;
    let base = x + 7.5;
    let series =
        COEFFICIENTS.iter().skip(1).enumerate().fold(COEFFICIENTS[0], |sum, (i, c)| sum + c / (x + i as f64 + 1.0));
    0.5 * (2.0 * std::f64::consts::PI).ln() + (x + 0.5) * base.ln() - base + series.ln()
}

fn gamma(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let x = real(vm, &args[0])?;
    if x == f64::NEG_INFINITY || (x < 0.0 && x.fract() == 0.0) {
        return Err(out_of_domain(vm, "gamma"));
    }
    if x == f64::INFINITY {
        return Ok(Value::Float(x));
    }
    if x == 0.0 {
        return Ok(Value::Float(f64::INFINITY.copysign(x)));
    }
    // Factorials of small numbers are exact.
    if x.fract() == 0.0 && (1.0..=23.0).contains(&x) {
        return Ok(Value::Float((1..x as u64).map(|n| n as f64).product()));
    }
    let value = if x < 0.5 {
        let pi = std::f64::consts::PI;
        pi / ((pi * x).sin() * ln_gamma(1.0 - x).exp())
    } else {
        ln_gamma(x).exp()
    };
    Ok(Value::Float(value))
}

fn lgamma(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let x = real(vm, &args[0])?;
    if x == f64::NEG_INFINITY {
        return Err(out_of_domain(vm, "lgamma"));
    }
    if x == 0.0 || x.is_infinite() {
        let sign = if x.is_sign_negative() { -1 } else { 1 };
        return Ok(Value::array(vec![Value::Float(f64::INFINITY), Value::Int(sign)]));
    }
    if x < 0.0 && x.fract() == 0.0 {
        return Ok(Value::array(vec![Value::Float(f64::INFINITY), Value::Int(1)]));
    }
    if x == 1.0 || x == 2.0 {
        return Ok(Value::array(vec![Value::Float(0.0), Value::Int(1)]));
    }
    if x < 0.5 {
        let sine = (std::f64::consts::PI * x).sin();
        let value = (std::f64::consts::PI / sine.abs()).ln() - ln_gamma(1.0 - x);
        return Ok(Value::array(vec![Value::Float(value), Value::Int(if sine < 0.0 { -1 } else { 1 })]));
    }
    Ok(Value::array(vec![Value::Float(ln_gamma(x)), Value::Int(1)]))
}
