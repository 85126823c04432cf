//! Parsing and lowering: 450 control files of the size and shape that STIG baselines have (about 2.4 KB each).

use plimsoll_ruby::{Limits, ir::Program};

fn main() {
    divan::main();
}

#[divan::bench(sample_count = 20)]
fn parse_and_lower_450_control_files(bencher: divan::Bencher<'_, '_>) {
    let limits = Limits::default();
    let files: Vec<String> = (0..450).map(control).collect();
    let bytes: usize = files.iter().map(String::len).sum();
    bencher.counter(divan::counter::BytesCount::new(bytes)).bench(|| {
        for file in &files {
            let program = Program::parse(file.as_bytes(), "controls/control.rb", &[], &limits);
            divan::black_box(program.expect("a control of our own parses"));
        }
    });
}

/// The text of one control: most of it prose, then tags, a gate, locals, and one of three ways to describe.
fn control(number: usize) -> String {
    let prose = "The operating system must hold this setting at the value that the organisation has defined, because a \
                 weaker one lets a local user raise privileges or read what belongs to others. ";
    let body = match number % 3 {
        0 => "  path = '/var/tmp'\n  option = 'nosuid'\n\n  describe mount(path) do\n    its('options') { should include option }\n  \
              end\n\n  describe etc_fstab.where { mount_point == path } do\n    its('mount_options.flatten') { should include \
              option }\n  end\n"
            .to_owned(),
        1 => format!(
            "  if package('server-{number}').installed?\n    describe parse_config_file('/etc/server-{number}.conf') do\n      \
             its('Protocol') {{ should cmp input('protocol') }}\n    end\n  else\n    impact 0.0\n    describe 'The server' do\n      \
             skip 'is not installed.'\n    end\n  end\n"
        ),
        _ => "  findings = command('find / -xdev -perm -002 -type d').stdout.strip.split(\"\\n\")\n  allowed = input('world_writable') || \
              []\n  findings.reject! { |dir| allowed.any? { |a| dir =~ /^#{Regexp.escape(a)}/ } }\n\n  describe \"World-writable \
              directories\" do\n    it 'carry the sticky bit' do\n      failures = findings.reject { |dir| file(dir).sticky? }\n      \
              expect(failures).to be_empty, \"Without it:\\n\\t- #{failures.join(\"\\n\\t- \")}\"\n    end\n  end\n"
            .to_owned(),
    };
    format!(
        "control 'SV-{number}' do\n  title 'The system must keep setting {number}.'\n  desc '{}'\n  desc 'check', 'Verify with:\n\n$ grep -r \
         setting /etc\n\n{}'\n  desc 'fix', 'Edit the file. {}'\n  impact 0.5\n  tag severity: 'medium'\n  tag gtitle: \
         'SRG-OS-{number}'\n  tag gid: 'V-{number}'\n  tag rid: 'SV-{number}r1_rule'\n  tag stig_id: 'OS-{number}'\n  tag fix_id: \
         'F-{number}r2_fix'\n  tag cci: ['CCI-001764', 'CCI-00{number}']\n  tag nist: ['CM-7 (2)', 'AC-3']\n  tag 'host'\n\n  only_if('This \
         control is Not Applicable to containers', impact: 0.0) {{\n    !%w[docker podman lxc].include?(virtualization.system)\n  \
         }}\n\n{body}end\n",
        prose.repeat(3),
        prose.repeat(3),
        prose
    )
}
