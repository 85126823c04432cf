//! `exec` over an image in an archive.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::program::{Files, plimsoll};

const CONTROLS: &str = r"
control 'platform' do
  describe os do
    it { should be_debian }
    its('release') { should match(/^12/) }
  end
end

control 'owners' do
  describe file('/etc/shadow') do
    its('mode') { should cmp '0640' }
    its('owner') { should eq 'root' }
    its('group') { should eq 'shadow' }
  end
end

control 'taken away' do
  describe file('/etc/motd') do
    it { should_not exist }
  end
end
";

const COMMAND: &str = "
control 'command' do
  describe command('id -u') do
    its('stdout') { should eq '' }
  end
end
";

/// A layer of these files: name, content, mode and group.
fn layer(files: &[(&str, &str, u32, u64)]) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for (name, content, mode, group) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(*mode);
        header.set_uid(0);
        header.set_gid(*group);
        header.set_mtime(0);
        tar.append_data(&mut header, name, content.as_bytes()).expect("it is written");
    }
    tar.into_inner().expect("it is written")
}

/// What `docker save` wrote before version 25.
fn archive(layers: &[Vec<u8>]) -> Vec<u8> {
    let digests: Vec<_> = layers.iter().map(|layer| format!("sha256:{:x}", Sha256::digest(layer))).collect();
    let names: Vec<_> = (0..layers.len()).map(|number| format!("{number}/layer.tar")).collect();
    let config = json!({"rootfs": {"type": "layers", "diff_ids": digests}}).to_string().into_bytes();
    let manifest = json!([{"Config": "config.json", "Layers": names}]).to_string().into_bytes();
    let mut tar = tar::Builder::new(Vec::new());
    let layers = names.iter().map(String::as_str).zip(layers);
    for (name, content) in layers.chain([("config.json", &config), ("manifest.json", &manifest)]) {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, name, content.as_slice()).expect("it is written");
    }
    tar.into_inner().expect("it is written")
}

#[test]
fn an_image_is_audited_from_its_archive() {
    let files = Files::new(&[("controls.rb", CONTROLS), ("command.rb", COMMAND)]);
    let lower = layer(&[
        ("etc/os-release", "ID=debian\nVERSION_ID=\"12\"\n", 0o644, 0),
        ("etc/debian_version", "12.11\n", 0o644, 0),
        ("etc/passwd", "root:x:0:0::/root:/bin/sh\n", 0o644, 0),
        ("etc/group", "root:x:0:\nshadow:x:42:\n", 0o644, 0),
        ("etc/shadow", "root:*:::::::\n", 0o640, 42),
        ("usr/bin/id", "a program", 0o755, 0),
        ("etc/motd", "Welcome\n", 0o644, 0),
    ]);
    let upper = layer(&[("etc/.wh.motd", "", 0o644, 0)]);
    let whole = archive(&[lower, upper]);
    std::fs::write(files.path("image.tar"), &whole).expect("a file");
    std::fs::write(files.path("cut.tar"), &whole[..whole.len() / 2]).expect("a file");
    let exec = |profile: &str, image: &str| {
        let target = format!("image:{}", files.arg(image));
        plimsoll(&["exec", &files.arg(profile), "-t", &target, "--reporter", "json"])
    };

    let ended = exec("controls.rb", "image.tar").code(0);
    let report: Value = serde_json::from_str(&ended.stdout).expect("a report");
    assert_eq!(report["platform"]["name"], "debian");
    assert_eq!(report["platform"]["release"], "12.11");
    exec("command.rb", "image.tar").code(100).prints(&["an image archive is not running"]);
    exec("controls.rb", "cut.tar").code(1).says(&["cut.tar"]);
    exec("controls.rb", "none.tar").code(1).says(&["none.tar"]);
}
