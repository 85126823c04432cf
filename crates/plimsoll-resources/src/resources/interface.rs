//! `interface`: network interfaces.
