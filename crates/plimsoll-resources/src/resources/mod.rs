//! The core resources, one file each.

pub(crate) mod bash;
pub(crate) mod command;
mod etc_group;
mod file;
mod group;
mod json;
mod kernel_parameter;
mod login_defs;
mod mount;
mod noop;
mod os;
mod os_env;
mod package;
mod packages;
mod parse_config;
mod passwd;
mod port;
mod processes;
mod shadow;
mod toml;
mod user;

use crate::declare::ResourceDef;

/// Every core resource; one that inherits from another stands after it.
pub(crate) const ALL: &[&ResourceDef] = &[
    &command::COMMAND,
    &bash::BASH,
    &bash::KSH,
    &etc_group::ETC_GROUP,
    &file::FILE,
    &file::DIRECTORY,
    &group::GROUP,
    &group::GROUPS,
    &json::JSON,
    &json::INI,
    &json::TOML,
    &json::YAML,
    &kernel_parameter::KERNEL_PARAMETER,
    &login_defs::LOGIN_DEFS,
    &mount::MOUNT,
    &noop::NOOP,
    &os::PLATFORM,
    &os::OS,
    &os_env::OS_ENV,
    &package::PACKAGE,
    &packages::PACKAGES,
    &parse_config::PARSE_CONFIG,
    &parse_config::PARSE_CONFIG_FILE,
    &passwd::PASSWD,
    &port::PORT,
    &processes::PROCESSES,
    &shadow::SHADOW,
    &user::USER,
    &user::USERS,
];
