//! `service`: services and their managers.
