//! Diffie-Hellman parameters in PEM.

use num_bigint::BigUint;

use super::der;

/// A prime and a generator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DhParameters {
    pub prime: BigUint,
    pub generator: BigUint,
    /// The encoded parameters (PKCS #3).
    pub encoded: Vec<u8>,
}

/// Bytes of a number that a line of the listing holds.
const BYTES_A_LINE: usize = 15;
/// Rounds of the primality test: a composite number passes one of them with a probability of 1/4 at most.
const ROUNDS: u32 = 32;
/// What OpenSSL takes for a modulus, in bits.
const MODULUS_BITS: std::ops::RangeInclusive<u64> = 512..=10_000;

impl DhParameters {
    /// Reads `DH PARAMETERS`.
    pub(crate) fn parse(text: &[u8]) -> Option<Self> {
        let (_, _, encoded) = der::pem(text, |label| label == "DH PARAMETERS")?;
        let (sequence, _) = der::read(&encoded)?;
        let parts = sequence.parts();
        let number = |at: usize| parts.get(at).filter(|part| part.tag == 0x02).map(|part| part.unsigned().to_vec());
        let (prime, generator) = (number(0)?, number(1)?);
        let (prime, generator) = (BigUint::from_bytes_be(&prime), BigUint::from_bytes_be(&generator));
        Some(Self { prime, generator, encoded })
    }

    /// The parameters again as PEM.
    pub(crate) fn to_pem(&self) -> String {
        der::to_pem("DH PARAMETERS", &self.encoded)
    }

    /// The listing that OpenSSL 3 writes.
    pub(crate) fn to_text(&self) -> String {
        let bits = self.prime.bits();
        let generator = &self.generator;
        format!("DH Parameters: ({bits} bit)\nP:   \n{}G:    {generator} (0x{generator:x})\n", listed(&self.prime))
    }

    /// Whether the prime is a safe one and the generator lies between 1 and the prime less 1.
    pub(crate) fn is_valid(&self) -> bool {
        let one = BigUint::from(1u8);
        if !MODULUS_BITS.contains(&self.prime.bits()) || !self.prime.bit(0) {
            return false;
        }
        let below = &self.prime - &one;
        self.generator > one && self.generator < below && is_prime(&self.prime) && is_prime(&(&below >> 1u8))
    }
}

/// A number as lines of bytes, a zero before a first byte whose highest bit is set.
fn listed(number: &BigUint) -> String {
    let mut bytes = number.to_bytes_be();
    if bytes.first().is_some_and(|first| first & 0x80 != 0) {
        bytes.insert(0, 0);
    }
    let mut lines = String::new();
    for (at, line) in bytes.chunks(BYTES_A_LINE).enumerate() {
        let last = (at + 1) * BYTES_A_LINE >= bytes.len();
        let shown: Vec<String> = line.iter().map(|byte| format!("{byte:02x}")).collect();
        lines.push_str(&format!("    {}{}\n", shown.join(":"), if last { "" } else { ":" }));
    }
    lines
}

/// Miller and Rabin's test with the first primes as bases.
fn is_prime(number: &BigUint) -> bool {
    let (one, two) = (BigUint::from(1u8), BigUint::from(2u8));
    if *number < two {
        return false;
    }
    let below = number - &one;
    let Some(twos) = below.trailing_zeros() else { return false };
    let odd = &below >> twos;
    let mut base = two.clone();
    for _ in 0..ROUNDS {
        if base >= below {
            break;
        }
        if *number == base {
            return true;
        }
        let mut power = base.modpow(&odd, number);
        let mut passes = power == one || power == below;
        for _ in 1..twos {
            if passes {
                break;
            }
            power = power.modpow(&two, number);
            passes = power == below;
        }
        if !passes {
            return false;
        }
        base = next_prime(&base);
    }
    true
}

/// The next prime after a small one.
fn next_prime(after: &BigUint) -> BigUint {
    let mut candidate = u32::try_from(after).unwrap_or(2) + 1;
    while (2..candidate).any(|divisor| candidate % divisor == 0) {
        candidate += 1;
    }
    BigUint::from(candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_primes() {
        let is = |number: u64| is_prime(&BigUint::from(number));
        assert!([2, 3, 5, 7, 97, 7919, 2_147_483_647].into_iter().all(is));
        assert!(![0, 1, 4, 9, 561, 1105, 7917, 3_215_031_751].into_iter().any(is));
    }
}
