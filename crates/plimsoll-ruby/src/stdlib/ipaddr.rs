//! IPAddr.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::rc::Rc;

use num_bigint::BigInt;
use num_traits::ToPrimitive;

use super::{ivar, set_ivar};
use crate::args::Args;
use crate::class::{Def, def, private_def};
use crate::core::arithmetic;
use crate::interp::Interp;
use crate::symbol::{Sym, known};
use crate::unwind::{Res, Unwind};
use crate::value::{Encoding, RRange, RString, Value};

/// Defines the class.
pub(super) fn init(vm: &Interp) {
    let class = vm.define_class(&vm.c.object, "IPAddr", &vm.c.object);
    vm.include(&class, &vm.c.comparable);
    vm.define(&class, METHODS);
    let argument_error = vm.class_named("ArgumentError");
    let error = vm.define_class(&class, "Error", &argument_error);
    let invalid = vm.define_class(&class, "InvalidAddressError", &error);
    vm.define_class(&class, "AddressFamilyError", &error);
    vm.define_class(&class, "InvalidPrefixError", &invalid);
    for (name, value) in [("IN4MASK", BigInt::from(u32::MAX)), ("IN6MASK", BigInt::from(u128::MAX))] {
        class.constants.borrow_mut().insert(Sym::new(name), vm.integer(value));
    }
}

/// Instance methods.
const METHODS: &[Def] = &[
    private_def("initialize", 0, 2, initialize, "Takes an address, perhaps with a mask"),
    def("family", 0, 0, |_, r, _| Ok(Value::Int(if this(r).v6 { 10 } else { 2 })), "The address family"),
    def("ipv4?", 0, 0, |_, r, _| Ok((!this(r).v6).into()), "Whether it is an IPv4 address"),
    def("ipv6?", 0, 0, |_, r, _| Ok(this(r).v6.into()), "Whether it is an IPv6 address"),
    def("to_i", 0, 0, |vm, r, _| Ok(vm.integer(BigInt::from(this(r).address))), "The address as a number"),
    def("to_s", 0, 0, |_, r, _| Ok(Value::from(this(r).short())), "The address, short"),
    def("to_string", 0, 0, |_, r, _| Ok(Value::from(this(r).long())), "The address in full"),
    def("inspect", 0, 0, inspect, "Its family, address and mask"),
    def("prefix", 0, 0, |_, r, _| Ok(Value::Int(i64::from(this(r).prefix()))), "Bits of the mask"),
    def("netmask", 0, 0, netmask, "The mask as an address"),
    def("mask", 1, 1, mask, "The network of this mask"),
    def("include?", 1, 1, includes, "Whether an address or network lies within"),
    def("===", 1, 1, includes, "Whether an address or network lies within"),
    def("to_range", 0, 0, to_range, "From the first to the last address"),
    def("==", 1, 1, equals, "Whether family and address are equal"),
    def("eql?", 1, 1, eql, "Whether class, address and mask are equal"),
    def("hash", 0, 0, hash, "A hash code"),
    def("<=>", 1, 1, compare, "Compares addresses of a family"),
    def("succ", 0, 0, |vm, r, _| derived(vm, r, |ip| ip.address.wrapping_add(1)), "The next address"),
    def("&", 1, 1, |vm, r, a| combined(vm, r, &a[0], |a, b| a & b), "Bits that are in both"),
    def("|", 1, 1, |vm, r, a| combined(vm, r, &a[0], |a, b| a | b), "Bits that are in one of both"),
    def("<<", 1, 1, |vm, r, a| shifted(vm, r, &a[0], |n, by| n.checked_shl(by).unwrap_or(0)), "Bits to the left"),
    def(">>", 1, 1, |vm, r, a| shifted(vm, r, &a[0], |n, by| n.checked_shr(by).unwrap_or(0)), "Bits to the right"),
    def("~", 0, 0, |vm, r, _| derived(vm, r, |ip| !ip.address), "All bits the other way"),
    def("hton", 0, 0, hton, "The address in network byte order"),
    def("reverse", 0, 0, reverse, "The name of its reverse look-up"),
    def("ip6_arpa", 0, 0, |vm, r, _| arpa(vm, r, "ip6.arpa"), "The name of its reverse look-up"),
    def("ip6_int", 0, 0, |vm, r, _| arpa(vm, r, "ip6.int"), "The name of its old reverse look-up"),
    def("private?", 0, 0, |_, r, _| Ok(this(r).is_private().into()), "Whether it is for private networks"),
    def("loopback?", 0, 0, |_, r, _| Ok(this(r).is_loopback().into()), "Whether it is this machine"),
    def("link_local?", 0, 0, |_, r, _| Ok(this(r).is_link_local().into()), "Whether it is for one link"),
    def("ipv4_mapped?", 0, 0, |_, r, _| Ok(this(r).is_mapped().into()), "Whether it is an IPv4 address in IPv6"),
    def("ipv4_compat?", 0, 0, |_, r, _| Ok(this(r).is_compat().into()), "Whether it is an old IPv4 address in IPv6"),
    def("ipv4_mapped", 0, 0, |vm, r, _| in_v6(vm, r, 0xffff_0000_0000), "The IPv4 address in IPv6"),
    def("ipv4_compat", 0, 0, |vm, r, _| in_v6(vm, r, 0), "The old IPv4 address in IPv6"),
    def("native", 0, 0, native, "The IPv4 address, where it is one in IPv6"),
];

/// An address with its mask.
#[derive(Debug, Clone, PartialEq)]
struct Ip {
    v6: bool,
    address: u128,
    mask: u128,
    /// `%eth0`
    zone: String,
}

impl Ip {
    fn all(v6: bool) -> u128 {
        if v6 { u128::MAX } else { u128::from(u32::MAX) }
    }

    fn bits(&self) -> u32 {
        if self.v6 { 128 } else { 32 }
    }

    fn prefix(&self) -> u32 {
        self.mask.count_ones()
    }

    fn first(&self) -> u128 {
        self.address & self.mask
    }

    fn last(&self) -> u128 {
        self.address | (!self.mask & Self::all(self.v6))
    }

    fn v4(&self) -> u32 {
        self.address as u32
    }

    fn long(&self) -> String {
        if self.v6 { format!("{}{}", long_v6(self.address), self.zone) } else { Ipv4Addr::from(self.v4()).to_string() }
    }

    fn short(&self) -> String {
        if !self.v6 {
            return self.long();
        }
        if self.is_mapped() || (self.is_compat() && self.address > 0xffff) {
            let prefix = if self.is_mapped() { "::ffff:" } else { "::" };
            return format!("{prefix}{}", Ipv4Addr::from(self.v4()));
        }
        format!("{}{}", short_v6(self.address), self.zone)
    }

    fn within(&self, network: u128, bits: u32) -> bool {
        self.address >> (self.bits() - bits) == network
    }

    fn is_private(&self) -> bool {
        if self.v6 { self.within(0xfc >> 1, 7) } else { Ipv4Addr::from(self.v4()).is_private() }
    }

    fn is_loopback(&self) -> bool {
        if self.v6 { self.address == 1 } else { self.within(127, 8) }
    }

    fn is_link_local(&self) -> bool {
        if self.v6 { self.within(0xfe80 >> 6, 10) } else { self.within(0xa9fe, 16) }
    }

    fn is_mapped(&self) -> bool {
        self.v6 && self.address >> 32 == 0xffff
    }

    fn is_compat(&self) -> bool {
        self.v6 && self.address >> 32 == 0 && self.address > 1
    }
}

fn long_v6(address: u128) -> String {
    let parts = Ipv6Addr::from(address).segments();
    parts.map(|part| format!("{part:04x}")).join(":")
}

/// The longest run of zeros as `::`; Ruby leaves a run of one out too.
fn short_v6(address: u128) -> String {
    let parts = Ipv6Addr::from(address).segments();
    let (mut best, mut length) = (0, 0);
    let mut at = 0;
    while at < parts.len() {
        let run = parts[at..].iter().take_while(|part| **part == 0).count();
        if run > length {
            (best, length) = (at, run);
        }
        at += run.max(1);
    }
    let text = |parts: &[u16]| parts.iter().map(|part| format!("{part:x}")).collect::<Vec<_>>().join(":");
    if length < 2 {
        return text(&parts);
    }
    format!("{}::{}", text(&parts[..best]), text(&parts[best + length..]))
}

fn this(receiver: &Value) -> Ip {
    let number = |name: &str| arithmetic::big(&ivar(receiver, name)).and_then(|big| big.to_u128()).unwrap_or(0);
    let zone = match ivar(receiver, "@zone_id") {
        Value::Str(zone) => zone.lossy(),
        _ => String::new(),
    };
    Ip {
        v6: matches!(ivar(receiver, "@family"), Value::Int(10)),
        address: number("@addr"),
        mask: number("@mask_addr"),
        zone,
    }
}

fn store(vm: &Interp, receiver: &Value, ip: &Ip) {
    set_ivar(receiver, "@family", Value::Int(if ip.v6 { 10 } else { 2 }));
    set_ivar(receiver, "@addr", vm.integer(BigInt::from(ip.address)));
    set_ivar(receiver, "@mask_addr", vm.integer(BigInt::from(ip.mask)));
    if !ip.zone.is_empty() {
        set_ivar(receiver, "@zone_id", Value::str(&ip.zone));
    }
}

fn made(vm: &Interp, receiver: &Value, ip: &Ip) -> Value {
    let object: Value = vm.object(&vm.real_class_of(receiver)).into();
    store(vm, &object, ip);
    object
}

fn invalid(vm: &Interp) -> Unwind {
    // The library names an address here that it does not know yet.
    vm.error("IPAddr::InvalidAddressError", "invalid address: ")
}

/// An address without a mask.
fn parse_address(vm: &Interp, text: &str) -> Res<Ip> {
    let inner = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    if inner.is_empty() {
        return Err(invalid(vm));
    }
    let parts: Vec<&str> = inner.split('.').collect();
    let numeric = |part: &&str| !part.is_empty() && part.len() <= 3 && part.bytes().all(|b| b.is_ascii_digit());
    if parts.len() == 4 && parts.iter().all(numeric) {
        let mut address = 0_u128;
        for part in parts {
            let value: u128 = part.parse().unwrap_or(256);
            if part.len() > 1 && part.starts_with('0') {
                let text = "zero-filled number in IPv4 address is ambiguous: ";
                return Err(vm.error("IPAddr::InvalidAddressError", text));
            }
            if value > 255 {
                return Err(invalid(vm));
            }
            address = address << 8 | value;
        }
        return Ok(Ip { v6: false, address, mask: Ip::all(false), zone: String::new() });
    }
    let (address, zone) = match inner.split_once('%') {
        Some((address, zone)) => (address, format!("%{zone}")),
        None => (inner, String::new()),
    };
    match address.parse::<Ipv6Addr>() {
        Ok(parsed) => Ok(Ip { v6: true, address: u128::from(parsed), mask: Ip::all(true), zone }),
        Err(_) => Err(invalid(vm)),
    }
}

fn parse(vm: &Interp, text: &str) -> Res<Ip> {
    let (address, mask) = match text.split_once('/') {
        Some((address, mask)) => (address, Some(mask)),
        None => (text, None),
    };
    let ip = parse_address(vm, address)?;
    match mask {
        None => Ok(ip),
        Some(mask) => masked(vm, ip, mask),
    }
}

fn masked(vm: &Interp, mut ip: Ip, mask: &str) -> Res<Ip> {
    let bad = |text: String| vm.error("IPAddr::InvalidPrefixError", text);
    let shown = ip.address;
    if !mask.is_empty() && mask.bytes().all(|b| b.is_ascii_digit()) {
        let length: u32 = mask.parse().unwrap_or(u32::MAX);
        if length > ip.bits() {
            return Err(bad(format!("invalid length: {shown}")));
        }
        let host_bits = ip.bits() - length;
        let all = Ip::all(ip.v6);
        ip.mask = if host_bits == 128 { 0 } else { all >> host_bits << host_bits & all };
    } else {
        let other = parse_address(vm, mask)?;
        if other.v6 != ip.v6 {
            return Err(bad(format!("address family is not same: {shown}")));
        }
        let inverse = !other.address & Ip::all(ip.v6);
        if inverse & inverse.wrapping_add(1) != 0 {
            return Err(bad(format!("invalid mask {mask}: {shown}")));
        }
        ip.mask = other.address;
    }
    ip.address &= ip.mask;
    Ok(ip)
}

fn initialize(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let ip = match args.get(0) {
        None => Ip { v6: true, address: 0, mask: Ip::all(true), zone: String::new() },
        Some(Value::Str(text)) => parse(vm, &text.lossy())?,
        Some(number) => {
            let family = match args.get(1) {
                Some(Value::Int(2)) => false,
                Some(Value::Int(10)) => true,
                _ => return Err(vm.error("IPAddr::AddressFamilyError", "address family must be specified")),
            };
            let address = arithmetic::big(number).and_then(|big| big.to_u128()).filter(|n| *n <= Ip::all(family));
            let Some(address) = address else { return Err(invalid(vm)) };
            Ip { v6: family, address, mask: Ip::all(family), zone: String::new() }
        }
    };
    store(vm, receiver, &ip);
    Ok(Value::Nil)
}

/// The address that a value is, or that its text or number means.
fn coerce(vm: &Interp, receiver: &Value, other: &Value) -> Res<Ip> {
    match other {
        Value::Str(text) => parse(vm, &text.lossy()),
        Value::Obj(_) if vm.is_a(other, &vm.class_named("IPAddr")) => Ok(this(other)),
        number => match arithmetic::big(number).and_then(|big| big.to_u128()) {
            Some(address) => {
                let v6 = this(receiver).v6;
                Ok(Ip { v6, address: address & Ip::all(v6), mask: Ip::all(v6), zone: String::new() })
            }
            None => {
                let text = vm.to_s(number)?.lossy();
                parse(vm, &text)
            }
        },
    }
}

fn derived(vm: &Interp, receiver: &Value, change: fn(&Ip) -> u128) -> Res {
    let mut ip = this(receiver);
    ip.address = change(&ip) & Ip::all(ip.v6);
    Ok(made(vm, receiver, &ip))
}

fn combined(vm: &Interp, receiver: &Value, other: &Value, combine: fn(u128, u128) -> u128) -> Res {
    let mut ip = this(receiver);
    let other = coerce(vm, receiver, other)?;
    ip.address = combine(ip.address, other.address) & Ip::all(ip.v6);
    Ok(made(vm, receiver, &ip))
}

fn shifted(vm: &Interp, receiver: &Value, by: &Value, shift: fn(u128, u32) -> u128) -> Res {
    let mut ip = this(receiver);
    let by = vm.to_int(by)?.clamp(0, 128) as u32;
    ip.address = shift(ip.address, by) & Ip::all(ip.v6);
    Ok(made(vm, receiver, &ip))
}

fn inspect(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let ip = this(receiver);
    let class = vm.real_class_of(receiver).name();
    let mask = Ip { address: ip.mask, zone: String::new(), ..ip.clone() };
    let family = if ip.v6 { "IPv6" } else { "IPv4" };
    Ok(Value::from(format!("#<{class}: {family}:{}/{}>", ip.long(), mask.long())))
}

fn netmask(_: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let ip = this(receiver);
    let mask = Ip { address: ip.mask, zone: String::new(), ..ip };
    Ok(Value::from(mask.long()))
}

fn mask(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let text = vm.to_s(&args[0])?.lossy();
    let ip = masked(vm, this(receiver), &text)?;
    Ok(made(vm, receiver, &ip))
}

fn includes(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let (ip, other) = (this(receiver), coerce(vm, receiver, &args[0])?);
    Ok((ip.v6 == other.v6 && ip.first() <= other.first() && other.last() <= ip.last()).into())
}

fn to_range(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let ip = this(receiver);
    let end = |address: u128| made(vm, receiver, &Ip { v6: ip.v6, address, mask: Ip::all(ip.v6), zone: String::new() });
    Ok(Value::Range(RRange::new(end(ip.first()), end(ip.last()), false)))
}

fn equals(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    match coerce(vm, receiver, &args[0]) {
        Ok(other) => {
            let ip = this(receiver);
            Ok((ip.v6 == other.v6 && ip.address == other.address).into())
        }
        Err(unwind) if unwind.exception().is_some() => Ok(false.into()),
        Err(unwind) => Err(unwind),
    }
}

fn eql(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    let same = Rc::ptr_eq(&vm.real_class_of(receiver), &vm.real_class_of(&args[0]));
    Ok((same && this(receiver) == this(&args[0])).into())
}

fn hash(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let ip = this(receiver);
    vm.call(&Value::from(format!("{}/{}/{}", ip.v6, ip.address, ip.mask)), known::HASH, &[])
}

fn compare(vm: &Interp, receiver: &Value, args: Args<'_>) -> Res {
    match coerce(vm, receiver, &args[0]) {
        Ok(other) => {
            let ip = this(receiver);
            if ip.v6 == other.v6 { Ok(Value::Int(ip.address.cmp(&other.address) as i64)) } else { Ok(Value::Nil) }
        }
        Err(unwind) if unwind.exception().is_some() => Ok(Value::Nil),
        Err(unwind) => Err(unwind),
    }
}

fn hton(_: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let ip = this(receiver);
    let bytes = if ip.v6 { ip.address.to_be_bytes().to_vec() } else { ip.v4().to_be_bytes().to_vec() };
    Ok(Value::Str(RString::new(bytes, Encoding::Binary)))
}

fn reverse(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let ip = this(receiver);
    if ip.v6 {
        return arpa(vm, receiver, "ip6.arpa");
    }
    let parts = Ipv4Addr::from(ip.v4()).octets().map(|part| part.to_string());
    let backwards: Vec<String> = parts.into_iter().rev().collect();
    Ok(Value::from(format!("{}.in-addr.arpa", backwards.join("."))))
}

fn arpa(vm: &Interp, receiver: &Value, domain: &str) -> Res {
    let ip = this(receiver);
    if !ip.v6 {
        return Err(vm.error("IPAddr::InvalidAddressError", format!("not an IPv6 address: {}", ip.address)));
    }
    let digits: Vec<String> = (0..32).map(|place| format!("{:x}", ip.address >> (place * 4) & 0xf)).collect();
    Ok(Value::from(format!("{}.{domain}", digits.join("."))))
}

fn in_v6(vm: &Interp, receiver: &Value, prefix: u128) -> Res {
    let ip = this(receiver);
    if ip.v6 {
        return Err(vm.error("IPAddr::InvalidAddressError", format!("not an IPv4 address: {}", ip.address)));
    }
    let mask = ip.mask | (u128::MAX << 32);
    Ok(made(vm, receiver, &Ip { v6: true, address: ip.address | prefix, mask, zone: String::new() }))
}

fn native(vm: &Interp, receiver: &Value, _: Args<'_>) -> Res {
    let ip = this(receiver);
    if !ip.is_mapped() && !ip.is_compat() {
        return Ok(receiver.clone());
    }
    let low = u128::from(u32::MAX);
    Ok(made(vm, receiver, &Ip { v6: false, address: ip.address & low, mask: ip.mask & low, zone: String::new() }))
}
