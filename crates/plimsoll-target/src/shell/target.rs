//! A shell session as a target.

use std::pin::{Pin, pin};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::runtime::Handle;

use super::probe::ShellProcess;
use super::session::{Guard, Interrupted, ShellSession, StartError};
use super::{ShellFacts, ShellOptions, ShellStreams};
use crate::{Answer, Request, Target, TargetInfo, TransportError};

/// Starts a shell in the container and hands out its streams; called once at first and once for each session that ended.
pub type Connect =
    Box<dyn Fn() -> Pin<Box<dyn Future<Output = Result<ShellStreams, TransportError>> + Send>> + Send + Sync>;

/// A container that is asked over a shell session.
///
/// A session that is lost is replaced once and what it didn't answer is asked again, the request it was lost at included;
/// when that doesn't bring any further, the loss is the answer.
///
/// [`Target::ask`] blocks on the runtime this was connected on: call it from a thread that is not one of its workers.
pub struct ShellTarget {
    runtime: Handle,
    info: TargetInfo,
    options: ShellOptions,
    connect: Connect,
    facts: ShellFacts,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    session: Option<ShellSession>,
    /// A session that was given up while its shell was busy, kept until a new one has ended that shell: once its streams
    /// are gone, the shell may be gone too, and then nobody finds what it left.
    stray: Option<ShellSession>,
    /// Watches over the open session, once that has been busy for a while.
    guard: Option<Guard>,
    /// Sessions started so far.
    sessions: u64,
}

impl ShellTarget {
    /// Opens the first session. The runtime that this is awaited on serves the target from then on.
    pub async fn connect(info: TargetInfo, options: ShellOptions, connect: Connect) -> Result<Self, StartError> {
        let session = ShellSession::start(connect().await?, options.clone()).await?;
        let facts = session.facts().clone();
        let state = Mutex::new(State { session: Some(session), stray: None, guard: None, sessions: 1 });
        Ok(Self { runtime: Handle::current(), info, options, connect, facts, state })
    }

    /// Who the first session's shell was and what it could use.
    pub fn facts(&self) -> &ShellFacts {
        &self.facts
    }

    /// How many sessions it took so far.
    pub fn sessions(&self) -> u64 {
        self.state().sessions
    }

    /// Ends the shell, after what an abandoned one may have left running.
    pub async fn close(self) {
        let mut state = self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        if state.stray.is_some() && state.session.is_none() {
            let Ok(streams) = (self.connect)().await else { return };
            state.session = ShellSession::start(streams, self.options.clone()).await.ok();
        }
        let Some(mut session) = state.session else { return };
        if let Some(stray) = state.stray
            && session.reap(&stray).await.is_err()
        {
            return;
        }
        session.close().await;
    }

    /// A panic elsewhere can't have left a session half-asked: it is taken out while it is asked.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The open session, or a new one in which whatever the last one left running has been ended.
    async fn session(&self, state: &mut State) -> Result<ShellSession, TransportError> {
        if let Some(session) = state.session.take() {
            return Ok(session);
        }
        let streams = (self.connect)().await?;
        let mut session = ShellSession::start(streams, self.options.clone())
            .await
            .map_err(|error| TransportError::new(format!("no new shell session in {}: {error}", self.info.uri)))?;
        state.sessions += 1;
        if let Some(stray) = &state.stray {
            session.reap(stray).await?;
            state.stray = None;
        }
        Ok(session)
    }

    /// Waits for an answer, and has a guard watch over the shell that is to give it if that takes long.
    async fn guarded<A>(
        &self,
        guard: &mut Option<Guard>,
        shell: Option<ShellProcess>,
        asking: impl Future<Output = A>,
    ) -> A {
        let mut asking = pin!(asking);
        if guard.is_none() && shell.is_some() {
            let coming = async {
                tokio::time::sleep(self.options.guard_after).await;
                let session = ShellSession::start((self.connect)().await.ok()?, self.options.clone()).await.ok()?;
                session.guard(shell).await.ok()
            };
            tokio::select! {
                biased;
                answer = &mut asking => return answer,
                // Where there can't be one, the shell ends with its command.
                came = coming => *guard = came,
            }
        }
        asking.await
    }

    async fn answer(&self, state: &mut State, requests: &[Request]) -> Result<Vec<Answer>, TransportError> {
        let mut answers: Vec<Option<Answer>> = vec![None; requests.len()];
        let mut lost_with_open = None;
        loop {
            let open: Vec<usize> = (0..requests.len()).filter(|place| answers[*place].is_none()).collect();
            if open.is_empty() {
                return Ok(answers.into_iter().flatten().collect());
            }
            let asked: Vec<Request> = open.iter().map(|place| requests[*place].clone()).collect();
            let mut session = self.session(state).await?;
            let asking = self.guarded(&mut state.guard, session.process(), session.ask(&asked)).await;
            let (news, lost) = match asking {
                Ok(news) => (news.into_iter().map(Some).collect(), None),
                Err(Interrupted { answers, lost }) => (answers, lost),
            };
            for (place, answer) in open.iter().zip(news) {
                answers[*place] = answer;
            }
            if session.is_open() {
                state.session = Some(session);
            } else {
                state.stray = Some(session);
                state.guard = None;
            }
            if let Some(error) = lost {
                let still_open = answers.iter().filter(|answer| answer.is_none()).count();
                if lost_with_open == Some(still_open) {
                    return Err(TransportError::new(format!(
                        "{}: lost twice, with a new session in between: {error}",
                        self.info.uri
                    )));
                }
                lost_with_open = Some(still_open);
            }
        }
    }
}

impl Target for ShellTarget {
    fn ask(&self, requests: &[Request]) -> Result<Vec<Answer>, TransportError> {
        let mut state = self.state();
        self.runtime.block_on(self.answer(&mut state, requests))
    }

    fn info(&self) -> TargetInfo {
        self.info.clone()
    }

    fn is_distant(&self) -> bool {
        true
    }
}
