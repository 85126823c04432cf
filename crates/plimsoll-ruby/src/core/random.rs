//! Random: the Mersenne Twister, so that the same seed gives the same numbers as CRuby.

use std::cell::RefCell;
use std::rc::Rc;

use num_bigint::BigInt;
use num_traits::{Signed, ToPrimitive, Zero};

use super::arithmetic;
use crate::args::Args;
use crate::class::{Def, def, private_def};
use crate::interp::Interp;
use crate::symbol::Sym;
use crate::unwind::{Res, Unwind};
use crate::value::{Encoding, RObject, RString, Value};

/// Defines the class.
pub(crate) fn init(vm: &Interp) {
    let base = vm.new_class(&vm.c.object, Some("Random::Base"));
    let class = vm.define_class(&vm.c.object, "Random", &base);
    class.constants.borrow_mut().insert(Sym::new("Base"), Value::Class(Rc::clone(&base)));
    let formatter = vm.define_module(&class, "Formatter");
    vm.define(&formatter, FORMATTER);
    vm.include(&base, &formatter);
    vm.set_alloc(&class, |_, class| {
        Ok(Value::Obj(RObject::with_native(Rc::clone(class), Generator::new(BigInt::zero()))))
    });
    vm.define(&base, METHODS);
    vm.define_singleton(&class, SINGLETON);
    let default = Value::Obj(RObject::with_native(Rc::clone(&class), Generator::new(BigInt::from(DEFAULT_SEED))));
    vm.globals.borrow_mut().insert(Sym::new(DEFAULT), default);
}

/// Where the default generator is kept: no program can write such a name.
const DEFAULT: &str = "$ default random";

/// Runs are reproducible: without `srand` every interpreter begins with this seed.
const DEFAULT_SEED: u32 = 0x504c_494d;

/// Instance methods.
pub(crate) const METHODS: &[Def] = &[
    private_def("initialize", 0, 1, initialize, "Takes a seed"),
    def("rand", 0, 1, rand_method, "A number below a limit or in a range"),
    def("bytes", 1, 1, bytes, "Random bytes"),
    def("seed", 0, 0, |vm, r, _| Ok(vm.integer(this(r).state.borrow().seed.clone())), "Its seed"),
    def("==", 1, 1, equal, "Whether both give the same numbers from here on"),
];

/// What makes numbers of random bytes.
const FORMATTER: &[Def] = &[
    def("rand", 0, 1, formatted, "A number below a limit or in a range"),
    def("random_number", 0, 1, formatted, "A number below a limit or in a range"),
];

fn formatted(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let Some(generator) = receiver.native::<Generator>() else {
        return Err(vm.unsupported("Random::Formatter for bytes of another source"));
    };
    number_of(vm, generator, args)
}

const SINGLETON: &[Def] = &[
    def("rand", 0, 1, |vm, _, a| rand_method(vm, &default(vm), a), "A number below a limit or in a range"),
    def("random_number", 0, 1, |vm, _, a| kernel_rand(vm, a), "A number below a limit or in a range"),
    def("bytes", 1, 1, |vm, _, a| bytes(vm, &default(vm), a), "Random bytes"),
    def("urandom", 1, 1, |vm, _, a| bytes(vm, &default(vm), a), "Random bytes; reproducible like all others here"),
    def("seed", 0, 0, |vm, _, _| Ok(vm.integer(this(&default(vm)).state.borrow().seed.clone())), "The default seed"),
    def("new_seed", 0, 0, |vm, _, _| Ok(new_seed(vm)), "A seed"),
    def("srand", 0, 1, |vm, _, a| srand(vm, a), "Sets the seed of the default generator"),
];

/// A Random object's generator.
pub(crate) struct Generator {
    state: RefCell<Twister>,
}

#[derive(Clone, PartialEq)]
struct Twister {
    seed: BigInt,
    words: Vec<u32>,
    next: usize,
}

const N: usize = 624;
const M: usize = 397;

impl Generator {
    fn new(seed: BigInt) -> Self {
        Self { state: RefCell::new(Twister::new(seed)) }
    }

    /// 32 random bits.
    pub(crate) fn word(&self) -> u32 {
        self.state.borrow_mut().word()
    }

    /// A Float from 0 to below 1.
    pub(crate) fn float(&self) -> f64 {
        let (a, b) = (self.word() >> 5, self.word() >> 6);
        (f64::from(a) * 67_108_864.0 + f64::from(b)) / 9_007_199_254_740_992.0
    }

    /// A number from 0 to `most`, both included, as CRuby takes it: bits under a mask until they fit.
    pub(crate) fn limited(&self, most: u64) -> u64 {
        if most == 0 {
            return 0;
        }
        let mask = u64::MAX >> most.leading_zeros();
        'again: loop {
            let mut value = 0;
            for shift in [32, 0] {
                if mask >> shift & 0xffff_ffff != 0 {
                    value |= u64::from(self.word()) << shift;
                    value &= mask;
                    if most < value {
                        continue 'again;
                    }
                }
            }
            return value;
        }
    }

    fn limited_big(&self, most: &BigInt) -> BigInt {
        let (_, words) = most.to_u32_digits();
        'again: loop {
            let mut mask = 0_u32;
            let mut on_edge = true;
            let mut drawn = vec![0_u32; words.len()];
            for at in (0..words.len()).rev() {
                let word = words[at];
                mask = if mask == 0 && word != 0 {
                    u32::MAX >> word.leading_zeros()
                } else if mask == 0 {
                    0
                } else {
                    u32::MAX
                };
                if mask == 0 {
                    continue;
                }
                let value = self.word() & mask;
                if on_edge {
                    if value > word {
                        continue 'again;
                    }
                    on_edge = value == word;
                }
                drawn[at] = value;
            }
            return BigInt::from(num_bigint::BigUint::new(drawn));
        }
    }
}

impl Twister {
    fn new(seed: BigInt) -> Self {
        let (_, mut key) = seed.to_u32_digits();
        if key.is_empty() {
            key.push(0);
        }
        let mut twister = Self { seed, words: vec![0; N], next: N };
        if key.len() > 1 && key.last() == Some(&1) {
            // CRuby takes a highest word of 1 for a guard.
            key.pop();
        }
        match key[..] {
            [word] => twister.init(word),
            _ => twister.init_by_array(&key),
        }
        twister
    }

    fn init(&mut self, seed: u32) {
        self.words[0] = seed;
        for i in 1..N {
            let before = self.words[i - 1];
            self.words[i] = 1_812_433_253_u32.wrapping_mul(before ^ before >> 30).wrapping_add(i as u32);
        }
    }

    fn init_by_array(&mut self, key: &[u32]) {
        self.init(19_650_218);
        let (mut i, mut j) = (1, 0);
        for _ in 0..N.max(key.len()) {
            let before = self.words[i - 1];
            self.words[i] = (self.words[i] ^ (before ^ before >> 30).wrapping_mul(1_664_525))
                .wrapping_add(key[j])
                .wrapping_add(j as u32);
            i += 1;
            j += 1;
            if i >= N {
                self.words[0] = self.words[N - 1];
                i = 1;
            }
            if j >= key.len() {
                j = 0;
            }
        }
        for _ in 0..N - 1 {
            let before = self.words[i - 1];
            self.words[i] =
                (self.words[i] ^ (before ^ before >> 30).wrapping_mul(1_566_083_941)).wrapping_sub(i as u32);
            i += 1;
            if i >= N {
                self.words[0] = self.words[N - 1];
                i = 1;
            }
        }
        self.words[0] = 0x8000_0000;
        self.next = N;
    }

    fn word(&mut self) -> u32 {
        if self.next >= N {
            for i in 0..N {
                let mixed = self.words[i] & 0x8000_0000 | self.words[(i + 1) % N] & 0x7fff_ffff;
                let twist = if mixed & 1 == 1 { 0x9908_b0df } else { 0 };
                self.words[i] = self.words[(i + M) % N] ^ mixed >> 1 ^ twist;
            }
            self.next = 0;
        }
        let mut word = self.words[self.next];
        self.next += 1;
        word ^= word >> 11;
        word ^= word << 7 & 0x9d2c_5680;
        word ^= word << 15 & 0xefc6_0000;
        word ^ word >> 18
    }
}

fn this(receiver: &Value) -> &Generator {
    receiver.native().expect("a method of Random runs on generators alone")
}

fn default(vm: &Interp) -> Value {
    vm.globals.borrow().get(&Sym::new(DEFAULT)).cloned().unwrap_or_default()
}

/// What `shuffle` and `sample` draw from: their `random:`, or the default generator.
pub(crate) struct Source(Option<Value>);

impl Source {
    /// The source that the arguments of `shuffle` or `sample` name.
    pub(crate) fn of(_: &Interp, args: Args<'_>) -> Res<Self> {
        Ok(Self(args.keyword("random").filter(|value| !matches!(value, Value::Class(_) | Value::Nil))))
    }

    /// A number from 0 to below `limit`, which is above zero.
    pub(crate) fn below(&self, vm: &Interp, limit: usize) -> Res<usize> {
        let most = limit.saturating_sub(1) as u64;
        let Some(value) = &self.0 else { return Ok(this(&default(vm)).limited(most) as usize) };
        if let Some(generator) = value.native::<Generator>() {
            return Ok(generator.limited(most) as usize);
        }
        let drawn = vm.send(value, "rand", &[Value::from(limit)])?;
        let drawn = vm.to_int(&drawn)?;
        let within = usize::try_from(drawn).ok().filter(|drawn| *drawn < limit);
        within.ok_or_else(|| {
            let which = if drawn < 0 { "small" } else { "big" };
            vm.error("RangeError", format!("random number too {which} {drawn}"))
        })
    }
}

fn new_seed(vm: &Interp) -> Value {
    let default = default(vm);
    let generator = this(&default);
    let words: Vec<u32> = (0..4).map(|_| generator.word()).collect();
    vm.integer(BigInt::from(num_bigint::BigUint::new(words)))
}

fn initialize(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let seed = match args.get(0) {
        Some(value) => super::integer::to_big(vm, value)?,
        None => arithmetic::big(&new_seed(vm)).unwrap_or_default(),
    };
    *this(receiver).state.borrow_mut() = Twister::new(seed);
    Ok(Value::Nil)
}

fn equal(_: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    Ok(args[0]
        .native::<Generator>()
        .is_some_and(|other| *other.state.borrow() == *this(receiver).state.borrow())
        .into())
}

fn bytes(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let count = vm.to_int(&args[0])?;
    let Ok(count) = usize::try_from(count) else {
        return Err(vm.argument_error("negative string size (or size too big)"));
    };
    vm.reserve_string(count)?;
    let mut out = Vec::with_capacity(count + 4);
    while out.len() < count {
        out.extend(this(receiver).word().to_le_bytes());
    }
    out.truncate(count);
    Ok(Value::Str(RString::new(out, Encoding::Binary)))
}

fn below(vm: &Interp, generator: &Generator, limit: &BigInt) -> Value {
    let most = limit - 1_i32;
    match most.to_u64() {
        Some(most) => vm.integer(BigInt::from(generator.limited(most))),
        None => vm.integer(generator.limited_big(&most)),
    }
}

fn invalid(vm: &Interp, value: &Value) -> Unwind {
    match vm.to_s(value) {
        Ok(shown) => vm.argument_error(format!("invalid argument - {}", shown.lossy())),
        Err(unwind) => unwind,
    }
}

fn rand_method(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let generator = this(receiver);
    let Some(limit) = args.get(0) else { return Ok(Value::Float(generator.float())) };
    match limit {
        Value::Float(limit_float) => {
            if *limit_float < 0.0 || !limit_float.is_finite() {
                return Err(invalid(vm, limit));
            }
            Ok(Value::Float(generator.float() * limit_float))
        }
        Value::Range(range) => in_range(vm, generator, limit, range)?.ok_or_else(|| invalid(vm, limit)),
        Value::Nil => Err(invalid(vm, limit)),
        other => {
            let limit = super::integer::to_big(vm, other)?;
            if limit.is_positive() { Ok(below(vm, generator, &limit)) } else { Err(invalid(vm, other)) }
        }
    }
}

/// A number in a range; `None` for an empty one.
fn in_range(vm: &Interp, generator: &Generator, shown: &Value, range: &crate::value::RRange) -> Res<Option<Value>> {
    if range.begin.is_nil() || range.end.is_nil() {
        return Err(vm.error("Errno::EDOM", "Numerical argument out of domain"));
    }
    if let (Some(begin), Some(end)) = (arithmetic::big(&range.begin), arithmetic::big(&range.end)) {
        let size = end - &begin + i32::from(!range.exclusive);
        if !size.is_positive() {
            return Ok(None);
        }
        let drawn = below(vm, generator, &size);
        return Ok(Some(vm.integer(begin + arithmetic::big(&drawn).unwrap_or_default())));
    }
    let (Some(begin), Some(end)) = (arithmetic::number(&range.begin), arithmetic::number(&range.end)) else {
        return Err(invalid(vm, shown));
    };
    let (begin, end) = (begin.to_f(), end.to_f());
    if begin > end || !(end - begin).is_finite() {
        return Ok(None);
    }
    let fraction = if range.exclusive { generator.float() } else { inclusive_float(generator) };
    Ok(Some(Value::Float(begin + fraction * (end - begin))))
}

/// A Float from 0 to 1, both included.
fn inclusive_float(generator: &Generator) -> f64 {
    let (a, b) = (generator.word(), generator.word());
    let bits = u128::from(a) << 32 | u128::from(b);
    let product = bits * ((1 << 53) | 1);
    (product >> 64) as u64 as f64 * 2.0_f64.powi(-53)
}

/// `Kernel#rand`: a Float for nil and zero, below the absolute value for others.
pub(crate) fn kernel_rand(vm: &Interp, args: Args<'_>) -> Res {
    number_of(vm, this(&default(vm)), args)
}

fn number_of(vm: &Interp, generator: &Generator, args: Args<'_>) -> Res {
    match args.get(0) {
        None | Some(Value::Nil) => Ok(Value::Float(generator.float())),
        Some(value @ Value::Range(range)) => Ok(in_range(vm, generator, value, range)?.unwrap_or_default()),
        Some(other) => {
            let limit = super::integer::to_big(vm, other)?.abs();
            if limit.is_zero() { Ok(Value::Float(generator.float())) } else { Ok(below(vm, generator, &limit)) }
        }
    }
}

/// `Kernel#srand`: sets the seed, gives the one before.
pub(crate) fn srand(vm: &Interp, args: Args<'_>) -> Res {
    let seed = match args.get(0) {
        Some(value) => super::integer::to_big(vm, value)?,
        None => arithmetic::big(&new_seed(vm)).unwrap_or_default(),
    };
    let default = default(vm);
    let old = std::mem::replace(&mut *this(&default).state.borrow_mut(), Twister::new(seed));
    Ok(vm.integer(old.seed))
}
