//! An audit that an agent makes: what is sent to it, and what it answers.

use plimsoll_auditor::{AuditError, Event};
use plimsoll_cluster::channel::AgentSession;
use plimsoll_report::Report;
use plimsoll_target::{CacheCounts, TransportError};
use serde::{Deserialize, Serialize};

use crate::audit::{Audited, Prepared};

/// What comes with the audit's archive.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Order {
    /// How long one command may take that doesn't say so itself, in milliseconds.
    pub(crate) command_timeout: Option<u64>,
    /// Whether every request that reaches the container is told.
    pub(crate) record: bool,
}

/// What an agent tells, a frame each.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Word {
    /// How the audit goes.
    Event(Event),
    /// Requests that were made, in lines.
    Record(String),
    /// The end, with the report.
    Report {
        /// The report.
        report: Box<Report>,
        /// How much was asked: of the cache, of the container, and in how many calls.
        counts: [u64; 3],
    },
    /// The end, without one.
    Failed {
        /// Whether the way to the container is lost.
        lost: bool,
        /// Why.
        why: String,
    },
}

impl Prepared {
    /// Has an agent run it. Blocks.
    pub(crate) fn run_by(mut self, mut agent: AgentSession) -> Result<Audited, AuditError> {
        let lost = |error: TransportError| AuditError::Transport(error.message);
        let order = Order {
            command_timeout: self.command_timeout.map(|time| u64::try_from(time.as_millis()).unwrap_or(u64::MAX)),
            record: self.record.is_some(),
        };
        let order = serde_json::to_vec(&order).map_err(|error| AuditError::Internal(error.to_string()))?;
        agent.send(&order).map_err(lost)?;
        agent.send(&self.audit.pack()?).map_err(lost)?;
        let audited = loop {
            let frame = agent.receive().map_err(lost)?;
            let word = serde_json::from_slice(&frame)
                .map_err(|error| lost(agent.lose(&format!("it said what can't be understood: {error}"))))?;
            match word {
                Word::Event(event) => self.progress.control(&event),
                Word::Record(lines) => self.note(&lines).map_err(|why| lost(agent.lose(&why)))?,
                Word::Report { report, counts: [asked, forwarded, round_trips] } => {
                    break Ok(Audited { report: *report, counts: CacheCounts { asked, forwarded, round_trips } });
                }
                Word::Failed { lost: true, why } => break Err(lost(agent.lose(&why))),
                Word::Failed { lost: false, why } => break Err(AuditError::Usage(why)),
            }
        };
        self.progress.clear();
        audited
    }
}
