//! `sys_info`: the system: its names and hardware.
