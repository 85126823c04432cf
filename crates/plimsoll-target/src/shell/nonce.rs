//! Random marks that tell where an answer ends.

use crate::TransportError;

/// 128 random bits in hexadecimal. A container can't guess one, so nothing it writes is taken for the end of an answer.
///
/// It reaches the container over the shell's stdin alone: neither arguments nor environment of any process hold it.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Nonce(String);

impl Nonce {
    pub(super) fn new() -> Result<Self, TransportError> {
        let mut random = [0_u8; 16];
        getrandom::fill(&mut random)
            .map_err(|error| TransportError::new(format!("this machine gives no random numbers: {error}")))?;
        Ok(Self(format!("{:032x}", u128::from_ne_bytes(random))))
    }

    pub(super) fn text(&self) -> &str {
        &self.0
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nonces_are_long_and_differ() {
        let (one, other) = (Nonce::new().unwrap(), Nonce::new().unwrap());
        assert_eq!(one.text().len(), 32);
        assert!(one != other);
    }
}
