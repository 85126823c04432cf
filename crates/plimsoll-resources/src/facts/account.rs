//! `/etc/passwd`, `/etc/group` and `/etc/shadow`.

use std::rc::Rc;

use plimsoll_ruby::{Interp, Res};
use plimsoll_target::FileResult;

use crate::backend::Backend;
use crate::text;

/// A line of `/etc/passwd`; a field that the line does not have is `None`, an empty one at the end too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct User {
    pub fields: Vec<Vec<u8>>,
}

impl User {
    pub(crate) fn field(&self, at: usize) -> Option<&[u8]> {
        self.fields.get(at).map(Vec::as_slice)
    }

    pub(crate) fn name(&self) -> &[u8] {
        self.field(0).unwrap_or_default()
    }

    pub(crate) fn uid(&self) -> Option<u32> {
        number(self.field(2)?)
    }

    pub(crate) fn gid(&self) -> Option<u32> {
        number(self.field(3)?)
    }
}

/// A line of `/etc/group`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Group {
    pub name: Vec<u8>,
    pub gid: u32,
    /// The members as they are written, `None` when the field is missing or empty.
    pub members: Option<Vec<u8>>,
}

impl Group {
    fn has(&self, user: &[u8]) -> bool {
        self.members.as_deref().is_some_and(|members| members.split(|b| *b == b',').any(|member| member == user))
    }
}

fn number(text: &[u8]) -> Option<u32> {
    text::digits(text).and_then(|value| u32::try_from(value).ok())
}

/// The users and groups of a target's files.
pub(crate) struct Accounts {
    pub users: FileResult<Vec<User>>,
    pub groups: FileResult<Vec<Group>>,
}

impl Accounts {
    /// Read once per audit.
    pub(crate) fn of(backend: &Backend) -> Res<Rc<Self>> {
        backend.fact(|backend| {
            Ok(Self {
                users: backend.read(b"/etc/passwd")?.map(|content| parse_passwd(&content)),
                groups: backend.read(b"/etc/group")?.map(|content| parse_group(&content)),
            })
        })
    }

    /// The same; a file that is there and can't be read fails the resource. A number has no name, and a name no account, only
    /// where the files say so.
    pub(crate) fn told(vm: &Interp) -> Res<Rc<Self>> {
        let accounts = Self::of(&Backend::of(vm))?;
        super::present(vm, "/etc/passwd", accounts.users.as_ref().map_err(Clone::clone))?;
        super::present(vm, "/etc/group", accounts.groups.as_ref().map_err(Clone::clone))?;
        Ok(accounts)
    }

    pub(crate) fn users(&self) -> &[User] {
        self.users.as_deref().unwrap_or_default()
    }

    pub(crate) fn groups(&self) -> &[Group] {
        self.groups.as_deref().unwrap_or_default()
    }

    /// The first user of this number.
    pub(crate) fn user_name(&self, uid: u32) -> Option<&[u8]> {
        self.users().iter().find(|user| user.uid() == Some(uid)).map(User::name)
    }

    /// The first group of this number.
    pub(crate) fn group_name(&self, gid: u32) -> Option<&[u8]> {
        self.groups().iter().find(|group| group.gid == gid).map(|group| group.name.as_slice())
    }

    /// The user of this name, or of this number where no name is like it, as `id` finds it.
    pub(crate) fn user(&self, name: &[u8]) -> Option<&User> {
        let by_name = self.users().iter().find(|user| user.name() == name && user.uid().is_some());
        by_name.or_else(|| {
            let uid = number(name)?;
            self.users().iter().find(|user| user.uid() == Some(uid))
        })
    }

    /// The numbers of a user's groups, the primary one first.
    pub(crate) fn groups_of(&self, user: &User) -> Vec<u32> {
        let mut gids: Vec<u32> = user.gid().into_iter().collect();
        for group in self.groups().iter().filter(|group| group.has(user.name())) {
            if !gids.contains(&group.gid) {
                gids.push(group.gid);
            }
        }
        gids
    }
}

/// The lines of a passwd file, comments left out.
pub(crate) fn parse_passwd(content: &[u8]) -> Vec<User> {
    let lines = text::lines(content).into_iter().filter(|line| !line.starts_with(b"#"));
    lines.map(|line| User { fields: text::split(line, b':').into_iter().map(<[u8]>::to_vec).collect() }).collect()
}

/// The well-formed lines of a group file.
pub(crate) fn parse_group(content: &[u8]) -> Vec<Group> {
    let parse = |line: &[u8]| {
        let fields = text::split(line, b':');
        let gid = number(fields.get(2)?)?;
        let members = fields.get(3).map(|members| members.to_vec());
        Some(Group { name: fields[0].to_vec(), gid, members })
    };
    text::lines(content).into_iter().filter(|line| !line.starts_with(b"#")).filter_map(parse).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_accounts() {
        let users = parse_passwd(b"root:x:0:0:root:/root:/bin/bash\n# c\ndave:x:1003:100::/home/dave:\n");
        assert_eq!(users.len(), 2);
        assert_eq!(users[1].field(6), None);
        assert_eq!(users[1].field(4), Some(b"".as_slice()));
        let groups = parse_group(b"root:x:0:\nadm:x:4:a,b\nbad\n#x:x:1:\n");
        assert_eq!(groups.len(), 2);
        assert_eq!(groups[0].members, None);
        assert!(groups[1].has(b"b"));
    }

    #[test]
    fn finds_groups_of_a_user() {
        let accounts = Accounts {
            users: Ok(parse_passwd(b"a:x:1000:5:::\ntoor:x:0:0:::\n")),
            groups: Ok(parse_group(b"x:x:7:a\ny:x:5:a,b\nz:x:8:b\n")),
        };
        let user = accounts.user(b"a").unwrap();
        assert_eq!(accounts.groups_of(user), [5, 7]);
        assert_eq!(accounts.user(b"1000").unwrap().name(), b"a");
        assert_eq!(accounts.user_name(0), Some(b"toor".as_slice()));
        assert!(accounts.user(b"nobody").is_none());
    }
}
