//! Why a threshold could not be read.

/// A threshold that cannot be used. Each names where it stands and what would be right there.
#[derive(Debug, thiserror::Error)]
pub enum ThresholdError {
    /// The file is missing or cannot be read.
    #[error("cannot read the threshold file {origin}")]
    Unreadable {
        /// Path of the file.
        origin: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// It sets no limit, so everything would pass it.
    #[error("{origin}: sets no limit; give at least one, e.g. `compliance: {{min: 70}}`")]
    Empty {
        /// The file, or what stands for it.
        origin: String,
    },
    /// It is neither YAML nor JSON, or of another form than a threshold's.
    #[error("{origin}:{line}: {problem}")]
    Form {
        /// The file, or what stands for it.
        origin: String,
        /// Line, counted from 1.
        line: usize,
        /// What is wrong, and what is expected.
        problem: String,
    },
    /// There is no preset of this name.
    #[error("there is no preset `{name}`; presets are development, staging, production and strict")]
    UnknownPreset {
        /// The name that was given.
        name: String,
    },
}
