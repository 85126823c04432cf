//! The image of debug containers and sidecars.

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, ValueEnum};
use plimsoll_cluster::{HelperImage, agent};

/// The image beside the container.
#[derive(Debug, Args)]
pub(crate) struct HelperArgs {
    /// Image of debug containers and sidecars: the agent's, or for debug containers any with a shell (busybox, alpine)
    #[arg(long, value_name = "IMAGE", value_parser = NonEmptyStringValueParser::new(), env = "PLIMSOLL_DEBUG_IMAGE", default_value = agent::IMAGE)]
    debug_image: String,
    /// When a node pulls it
    #[arg(long, value_name = "POLICY", default_value = "if-not-present")]
    image_pull_policy: PullPolicy,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum PullPolicy {
    IfNotPresent,
    Always,
    Never,
}

impl HelperArgs {
    /// The image.
    pub(crate) fn image(&self) -> HelperImage {
        let pull_policy = match self.image_pull_policy {
            PullPolicy::IfNotPresent => "IfNotPresent",
            PullPolicy::Always => "Always",
            PullPolicy::Never => "Never",
        };
        HelperImage { name: self.debug_image.clone(), pull_policy: pull_policy.into() }
    }
}
