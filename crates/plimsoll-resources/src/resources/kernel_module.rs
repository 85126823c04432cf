//! `kernel_module`: a module of the kernel.
