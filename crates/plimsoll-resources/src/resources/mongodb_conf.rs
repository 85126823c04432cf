//! `mongodb_conf`: `/etc/mongod.conf`, the configuration of MongoDB.
//!
//! ```ruby
//! describe mongodb_conf do
//!   its(['net', 'bindIp']) { should_not match(/0\.0\.0\.0/) }
//!   its(['security', 'authorization']) { should eq 'enabled' }
//! end
//! ```

use plimsoll_ruby::{Args, Interp, Res, Value, def};

use super::json;
use crate::base;
use crate::declare::ResourceDef;
use crate::yaml_text;

pub(crate) const MONGODB_CONF: ResourceDef = ResourceDef {
    name: "mongodb_conf",
    class: "MongodbConf",
    parent: Some("JsonConfig"),
    doc: "The configuration of MongoDB.",
    new: Some((0, 1, |vm, this, args| {
        let path = args.get(0).filter(|path| path.truthy()).cloned().unwrap_or_else(|| Value::str("/etc/mongod.conf"));
        json::open(vm, this, Args::new(&[path]), "MongoDB Configuration")
    })),
    methods: &[def("parse", 1, 1, parse, "Reads it.")],
    ..ResourceDef::EMPTY
};

fn parse(vm: &Interp, _: &Value, args: Args<'_>) -> Res {
    let unparsable = "Unable to parse `mongod.conf` or `mongod.cfg` file";
    yaml_text::parse(vm, &json::text_of(vm, args)?)?
        .map_err(|error| base::failed(vm, &format!("{unparsable}: {error}")))
}

#[cfg(test)]
mod tests {
    use plimsoll_ruby::Value;
    use plimsoll_target::MemoryTarget;

    use crate::testing::Audit;

    #[test]
    fn a_present_file_is_gone_down_by_keys_and_a_malformed_one_fails() {
        let audit =
            Audit::debian(MemoryTarget::new().file("/etc/mongod.conf", "net:\n  port: 27017\n").file("/bad", "a: [\n"));
        let mongodb = audit.the("mongodb_conf");
        assert_eq!(audit.ask(&mongodb, "[]", &[Value::str("net"), Value::str("port")]), "27017");
        assert_eq!(audit.get(&mongodb, "to_s"), r#""MongoDB Configuration /etc/mongod.conf""#);
        let bad = audit.why(&audit.on("mongodb_conf", "/bad"));
        assert!(bad.starts_with("failed: Unable to parse `mongod.conf` or `mongod.cfg` file: "), "{bad}");
    }

    #[test]
    fn an_absent_or_unreadable_file_skips() {
        let none = Audit::debian(MemoryTarget::new());
        assert_eq!(none.why(&none.the("mongodb_conf")), "skipped: Can't find file: /etc/mongod.conf");
        let denied = Audit::debian(MemoryTarget::new().file("/etc/mongod.conf", "a: 1").denied("/etc/mongod.conf"));
        assert_eq!(denied.why(&denied.the("mongodb_conf")), "skipped: Can't read file: /etc/mongod.conf");
    }
}
