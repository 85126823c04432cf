//! The owned form of a program, lowered once from Prism's tree and shared by threads.

/// The body of a block or lambda.
#[derive(Debug)]
pub struct Block {}

/// A `def`.
#[derive(Debug)]
pub struct MethodDef {}
