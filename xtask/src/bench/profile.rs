//! The profile that is measured: 400 controls that look at what real profiles look at, in like proportions.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::Result;

/// How many controls there are.
const CONTROLS: usize = 400;

/// Writes what the control of a number checks.
type Body = fn(usize) -> String;

/// Of twenty controls, how many look at what: what 10,000 controls of public profiles use most, rounded.
const MIX: [(Body, usize); 7] =
    [(file, 7), (command, 5), (package, 3), (kernel_parameter, 2), (service, 1), (login_defs, 1), (account, 1)];

const FILES: [&str; 12] = [
    "/etc/passwd",
    "/etc/shadow",
    "/etc/group",
    "/etc/gshadow",
    "/etc/login.defs",
    "/etc/fstab",
    "/etc/hosts",
    "/etc/issue",
    "/etc/profile",
    "/etc/securetty",
    "/etc/ssh/sshd_config",
    "/etc/crontab",
];

const DIRECTORIES: [&str; 8] =
    ["/etc/cron.d", "/etc/ssh", "/etc/pam.d", "/etc/sudoers.d", "/var/log", "/usr/bin", "/usr/sbin", "/tmp"];

const PACKAGES: [&str; 10] =
    ["bash", "coreutils", "dpkg", "telnet", "openssh-server", "rsh-client", "libc6", "nis", "sudo", "passwd"];

const PARAMETERS: [&str; 8] = [
    "net.ipv4.ip_forward",
    "net.ipv4.conf.all.rp_filter",
    "net.ipv4.conf.all.accept_redirects",
    "kernel.randomize_va_space",
    "fs.suid_dumpable",
    "net.ipv4.tcp_syncookies",
    "kernel.dmesg_restrict",
    "fs.protected_hardlinks",
];

const SETTINGS: [&str; 5] = ["UMASK", "PASS_MAX_DAYS", "PASS_MIN_DAYS", "ENCRYPT_METHOD", "UID_MIN"];

/// Writes the profile into an empty directory.
pub(super) fn write(directory: &Path) -> Result<()> {
    fs::write(directory.join("inspec.yml"), "name: generated\ntitle: What real profiles look at\nversion: 1.0.0\n")?;
    fs::create_dir(directory.join("controls"))?;
    let mix: Vec<_> = MIX.iter().flat_map(|(kind, share)| std::iter::repeat_n(*kind, *share)).collect();
    for (place, numbers) in (0..CONTROLS).collect::<Vec<_>>().chunks(20).enumerate() {
        let mut text = String::new();
        for number in numbers {
            let body = mix[number % mix.len()](*number);
            write!(
                text,
                "control 'generated-{number:03}' do\n  impact 0.5\n  title 'Control {number}'\n  desc 'One of many.'\n  \
                 tag group: 'g{place}'\n{body}end\n\n"
            )?;
        }
        fs::write(directory.join("controls").join(format!("{place:02}.rb")), text)?;
    }
    Ok(())
}

fn file(number: usize) -> String {
    if number.is_multiple_of(3) {
        let path = DIRECTORIES[number % DIRECTORIES.len()];
        return format!(
            "  describe file('{path}/item-{number}') do\n    it {{ should_not exist }}\n  end\n  describe directory('{path}') do\n    \
             it {{ should_not be_more_permissive_than('1777') }}\n  end\n"
        );
    }
    let path = FILES[number % FILES.len()];
    format!(
        "  describe file('{path}') do\n    it {{ should be_owned_by 'root' }}\n    its('group') {{ should be_in %w(root shadow) }}\n    \
         its('content') {{ should_not match(/^item-{number}$/) }}\n  end\n"
    )
}

/// A quarter of the commands is a search, most of the rest a filter.
fn command(number: usize) -> String {
    let line = match number % 4 {
        0 => format!("find {} -xdev -name item-{number} -type f", DIRECTORIES[number % DIRECTORIES.len()]),
        1 => format!("grep -E '^item-{number}' /etc/login.defs | head -n 1"),
        2 => format!("grep -i 'item-{number}' /etc/passwd /etc/group"),
        _ => format!("awk -F: '$3 == {} {{ print $1 }}' /etc/passwd", 10_000 + number),
    };
    format!(
        "  describe command(%q({line})) do\n    its('stdout') {{ should be_empty }}\n    its('stderr') {{ should eq '' }}\n  end\n"
    )
}

fn package(number: usize) -> String {
    let name = PACKAGES[number % PACKAGES.len()];
    format!("  describe package('{name}') do\n    it {{ should be_installed }}\n  end\n")
}

fn kernel_parameter(number: usize) -> String {
    let name = PARAMETERS[number % PARAMETERS.len()];
    format!("  describe kernel_parameter('{name}') do\n    its('value') {{ should cmp 1 }}\n  end\n")
}

fn service(number: usize) -> String {
    format!(
        "  describe service('daemon-{number}') do\n    it {{ should_not be_enabled }}\n    it {{ should_not be_running }}\n  end\n"
    )
}

fn login_defs(number: usize) -> String {
    let setting = SETTINGS[number % SETTINGS.len()];
    format!("  describe login_defs do\n    its('{setting}') {{ should_not be_nil }}\n  end\n")
}

fn account(number: usize) -> String {
    format!("  describe user('user-{number}') do\n    it {{ should_not exist }}\n  end\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_as_many_controls_as_said() {
        let directory = tempfile::tempdir().unwrap();
        write(directory.path()).unwrap();
        let files = fs::read_dir(directory.path().join("controls")).unwrap();
        let texts = files.map(|file| fs::read_to_string(file.unwrap().path()).unwrap());
        assert_eq!(texts.map(|text| text.matches("\ncontrol ").count() + 1).sum::<usize>(), CONTROLS);
        assert_eq!(MIX.iter().map(|(_, share)| share).sum::<usize>(), 20);
    }
}
