//! `plimsoll docs`: the pages for writers of profiles, in Markdown.

use anyhow::anyhow;
use clap::{Args, Subcommand};
use plimsoll_resources::docs;

use crate::exit::Ending;
use crate::screen;

/// Show what profiles can use, in Markdown
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct DocsArgs {
    #[command(subcommand)]
    topic: Topic,
}

const EXAMPLES: &str = "\
Examples:
  plimsoll docs resources file          one page
  plimsoll docs resources > resources.md
  plimsoll docs resources --list        the names, with a line on each";

#[derive(Debug, Subcommand)]
enum Topic {
    /// What resources read and answer: one of them, or all
    Resources {
        /// The resource; without a name all of them
        name: Option<String>,
        /// The names alone, with a line on each
        #[arg(long, conflicts_with = "name")]
        list: bool,
    },
}

pub(crate) fn run(args: &DocsArgs) -> anyhow::Result<Ending> {
    let Topic::Resources { name, list } = &args.topic;
    let text = match name {
        Some(name) => docs::page(name)
            .ok_or_else(|| anyhow!("there is no resource `{name}`; `plimsoll docs resources --list` names them all"))?,
        None if *list => docs::list(),
        None => docs::reference(),
    };
    screen::print(text.as_bytes())?;
    Ok(Ending::Passed)
}
