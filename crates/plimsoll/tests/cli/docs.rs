//! The pages for writers of profiles.

use crate::program::plimsoll;

#[test]
fn a_resource_has_a_page() {
    plimsoll(&["docs", "resources", "file"]).code(0).prints(&[
        "# file\n",
        "describe file('/etc/shadow') do",
        "| `be_owned_by(…)` |",
    ]);
    plimsoll(&["docs", "resources", "fiel"]).code(1).says(&["there is no resource `fiel`", "--list"]);
}

#[test]
fn all_resources_have_one_document() {
    plimsoll(&["docs", "resources"]).code(0).prints(&["# Resources\n", "- `aide_conf`: ", "\n## zfs_pool\n"]);
    plimsoll(&["docs", "resources", "--list"]).code(0).prints(&["nftables ", "windows_task "]);
}
