//! `help` in the shell.

use std::io;

use plimsoll_resources::docs;

use crate::screen;

const OVERVIEW: &str = "\
You can use:
  RESOURCE            a resource, as in a profile: file('/etc/passwd').mode
  describe … do end   tests, which run at once
  help resources      the names of all resources
  help RESOURCE       what a resource reads and answers
  help matchers       the matchers that fit every resource
  Ctrl-C              ends what runs
  exit                ends the shell, as Ctrl-D does";

const MATCHERS: &str = "\
  eq x            equal: its('mode') { should eq 0o644 }
  cmp x           equal when read kindly: '2' is 2, 'RAW' is 'raw', ['x'] is 'x'; cmp >= 3 compares
  include x       a list or text holds it
  match /x/       a text matches
  be_in [x, y]    one of these
  be > 3          compares numbers
  exist           it is there
  be_x            the answer to `x?` is true: be_installed, be_running
should_not turns each around. `and` and `or` join them.";

/// Tells about a topic; with none, what there is.
pub(super) fn tell(topic: &str) -> io::Result<()> {
    match topic.trim().trim_matches(['\'', '"']) {
        "" => screen::say(OVERVIEW),
        "matchers" => screen::say(MATCHERS),
        "resources" => screen::say(docs::list().trim_end()),
        name => match docs::page(name) {
            Some(page) => screen::say(page),
            None => screen::say(format_args!("there is no resource `{name}`; `help resources` lists them")),
        },
    }
}
