//! The core resources, one file each.

use crate::declare::ResourceDef;

/// Every core resource; one that inherits from another stands after it.
pub(crate) const ALL: &[&ResourceDef] = &[];
