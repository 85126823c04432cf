//! The core resources, one file each.

mod aide_conf;
mod apache_conf;
mod apt;
mod auditd;
mod auditd_conf;
pub(crate) mod bash;
mod bond;
mod bridge;
mod cassandra;
mod cgroup;
mod chrony_conf;
pub(crate) mod command;
mod crontab;
mod csv;
mod dh_params;
mod docker;
mod docker_object;
mod elasticsearch;
mod etc_fstab;
mod etc_group;
mod etc_hosts;
mod etc_hosts_allow;
mod file;
mod filesystem;
mod firewalld;
mod group;
mod grub_conf;
mod host;
mod http;
mod ibmdb2;
mod inetd_conf;
mod interface;
mod iptables;
pub(crate) mod json;
mod kernel_module;
mod kernel_parameter;
mod kernel_parameters;
mod language_package;
mod limits_conf;
mod linux_audit_system;
mod login_defs;
mod lxc;
mod mail_alias;
mod mongodb;
mod mongodb_conf;
mod mount;
mod mssql;
mod mysql;
mod nftables;
mod nginx_conf;
mod noop;
mod ntp_conf;
mod opa;
mod oracledb;
mod os;
mod os_env;
mod package;
mod packages;
#[cfg(test)]
mod parity;
pub(crate) mod parse_config;
mod passwd;
mod php_config;
mod podman;
mod podman_object;
mod port;
mod postfix_conf;
mod postgres;
mod powershell;
mod processes;
mod rabbitmq_config;
pub(crate) mod removed;
mod routing_table;
mod selinux;
mod service;
mod settings;
mod shadow;
mod sql_lines;
mod sql_result;
mod ssh_config;
mod ssl;
#[cfg(test)]
mod states;
mod sybase;
mod sys_info;
mod timezone;
mod toml;
pub(crate) mod unsupported;
mod user;
mod virtualization;
mod x509;
mod xinetd_conf;
mod xml;
mod yum;
mod zfs;

use crate::declare::ResourceDef;
use crate::docs;

pub(crate) use sql_lines::is_query_result;

/// A resource and its page.
pub(crate) struct Listed {
    pub def: &'static ResourceDef,
    /// The doc comment of the file that it stands in, each line with its `//!`.
    pub page: &'static [u8],
    /// The file itself.
    #[cfg(test)]
    pub source: &'static str,
}

/// Resources by the files that they stand in: `file::FILE`.
macro_rules! listed {
    ($($file:ident::$def:ident),+ $(,)?) => {
        &[$(Listed {
            def: &$file::$def,
            page: {
                const SOURCE: &str = include_str!(concat!(stringify!($file), ".rs"));
                // The comment alone is copied: what stands below it is no part of the program's data.
                static PAGE: [u8; docs::length(SOURCE)] = docs::comment(SOURCE);
                &PAGE
            },
            #[cfg(test)]
            source: include_str!(concat!(stringify!($file), ".rs")),
        }),+]
    };
}

/// Every core resource; one that inherits from another stands after it.
pub(crate) const ALL: &[Listed] = listed![
    command::COMMAND,
    aide_conf::AIDE_CONF,
    auditd::AUDITD,
    auditd_conf::AUDITD_CONF,
    bash::BASH,
    bash::KSH,
    chrony_conf::CHRONY_CONF,
    crontab::CRONTAB,
    crontab::CRON,
    etc_fstab::ETC_FSTAB,
    etc_group::ETC_GROUP,
    etc_hosts::ETC_HOSTS,
    etc_hosts_allow::ETC_HOSTS_ALLOW,
    etc_hosts_allow::ETC_HOSTS_DENY,
    file::FILE,
    file::DIRECTORY,
    filesystem::FILESYSTEM,
    firewalld::FIREWALLD,
    group::GROUP,
    group::GROUPS,
    host::HOST,
    inetd_conf::INETD_CONF,
    interface::INTERFACE,
    interface::INTERFACES,
    iptables::IPTABLES,
    iptables::IP6TABLES,
    json::JSON,
    json::INI,
    toml::TOML,
    json::YAML,
    csv::CSV,
    mongodb_conf::MONGODB_CONF,
    kernel_module::KERNEL_MODULE,
    kernel_parameter::KERNEL_PARAMETER,
    limits_conf::LIMITS_CONF,
    login_defs::LOGIN_DEFS,
    mount::MOUNT,
    apache_conf::APACHE_CONF,
    nginx_conf::NGINX,
    nginx_conf::NGINX_CONF,
    mysql::MYSQL,
    mysql::MYSQL_CONF,
    mysql::MYSQL_SESSION,
    postgres::POSTGRES,
    postgres::POSTGRES_CONF,
    postgres::POSTGRES_HBA_CONF,
    postgres::POSTGRES_IDENT_CONF,
    postgres::POSTGRES_SESSION,
    x509::X509_CERTIFICATE,
    x509::X509_PRIVATE_KEY,
    x509::KEY_RSA,
    http::HTTP,
    grub_conf::GRUB_CONF,
    timezone::TIMEZONE,
    noop::NOOP,
    ntp_conf::NTP_CONF,
    os::PLATFORM,
    os::OS,
    os_env::OS_ENV,
    package::PACKAGE,
    packages::PACKAGES,
    parse_config::PARSE_CONFIG,
    parse_config::PARSE_CONFIG_FILE,
    passwd::PASSWD,
    port::PORT,
    processes::PROCESSES,
    selinux::SELINUX,
    service::SERVICE,
    service::SYSTEMD_SERVICE,
    service::UPSTART_SERVICE,
    service::SYSV_SERVICE,
    service::BSD_SERVICE,
    service::LAUNCHD_SERVICE,
    service::RUNIT_SERVICE,
    shadow::SHADOW,
    ssh_config::SSH_CONFIG,
    ssh_config::SSHD_CONFIG,
    sys_info::SYS_INFO,
    user::USER,
    user::USERS,
    virtualization::VIRTUALIZATION,
    xml::XML,
    yum::YUM,
    apt::APT,
    apt::PPA,
    docker::DOCKER,
    docker_object::CONTAINER,
    docker_object::IMAGE,
    docker_object::PLUGIN,
    docker_object::SERVICE,
    language_package::GEM,
    language_package::PIP,
    language_package::NPM,
    language_package::CPAN,
    language_package::CRAN,
    mail_alias::MAIL_ALIAS,
    php_config::PHP_CONFIG,
    postfix_conf::POSTFIX_CONF,
    powershell::POWERSHELL,
    routing_table::ROUTING_TABLE,
    routing_table::DEFAULT_GATEWAY,
    xinetd_conf::XINETD_CONF,
    bond::BOND,
    bridge::BRIDGE,
    cgroup::CGROUP,
    dh_params::DH_PARAMS,
    kernel_parameters::KERNEL_PARAMETERS,
    linux_audit_system::LINUX_AUDIT_SYSTEM,
    lxc::LXC,
    nftables::NFTABLES,
    ssl::SSL,
    cassandra::CASSANDRA,
    cassandra::CASSANDRADB_CONF,
    cassandra::CASSANDRADB_SESSION,
    elasticsearch::ELASTICSEARCH,
    ibmdb2::IBMDB2_CONF,
    ibmdb2::IBMDB2_SESSION,
    mongodb::MONGODB,
    mongodb::MONGODB_SESSION,
    mssql::MSSQL_SESSION,
    mssql::MSSQL_SYS_CONF,
    opa::OPA,
    opa::OPA_CLI,
    opa::OPA_API,
    rabbitmq_config::RABBITMQ_CONFIG,
    sybase::SYBASE_SESSION,
    sybase::SYBASE_CONF,
    oracledb::ORACLEDB_SESSION,
    oracledb::ORACLEDB_CONF,
    oracledb::ORACLE,
    oracledb::ORACLEDB_LISTENER_CONF,
    podman::PODMAN,
    podman_object::CONTAINER,
    podman_object::IMAGE,
    podman_object::NETWORK,
    podman_object::POD,
    podman_object::VOLUME,
    zfs::ZFS_POOL,
    zfs::ZFS,
    zfs::ZFS_DATASET,
];
