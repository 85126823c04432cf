//! What existing transports get wrong, over exec.

use plimsoll_target::{Answer, Command, Request, Target};
use plimsoll_testkit::{ExecProtocol, FidelityCase, ServerConfig, Written, fidelity_cases};

use crate::channel::{on_a_thread, open};
use crate::stage::{Stage, say};

/// What is wrong with the answers to these cases, all asked at once.
fn wrong(target: &dyn Target, cases: &[FidelityCase]) -> Vec<String> {
    let requests: Vec<Request> = cases.iter().map(|case| Request::Run(Command::new(case.line.as_slice()))).collect();
    let answers = target.ask(&requests).expect("the way is open");
    let check = |(case, answer): (&FidelityCase, &Answer)| match answer {
        Answer::Run(Ok(output)) => case.check(&output.stdout, &output.stderr, output.exit_status).err(),
        other => Some(format!("{}: {other:?}", case.why)),
    };
    cases.iter().zip(&answers).filter_map(check).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_protocols_answer_every_command_as_it_answered() {
    for protocol in [ExecProtocol::V4, ExecProtocol::V5] {
        let stage = Stage::with(ServerConfig { exec_protocols: vec![protocol], ..Default::default() }).await;
        let target = open(&stage).await.expect("a shell");
        let target = on_a_thread(move || {
            assert_eq!(wrong(&target, &fidelity_cases()), [""; 0], "{protocol:?}");
            // Cargo gives it to this process, nobody to the container.
            assert!(std::env::var_os("CARGO_MANIFEST_DIR").is_some());
            assert_eq!(say(&target, "echo \"<$CARGO_MANIFEST_DIR>\""), "<>\n");
            target
        })
        .await;
        target.close().await;
    }
}

/// Frames of any size, down to one byte each.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn how_a_server_cuts_output_changes_nothing() {
    let small = |case: &FidelityCase| case.line.len() < 1000 && !matches!(case.stdout, Written::Zeros(_));
    let cases: Vec<FidelityCase> = fidelity_cases().into_iter().filter(small).collect();
    for exec_frame_bytes in [1, 7, 33] {
        let stage = Stage::with(ServerConfig { exec_frame_bytes, ..Default::default() }).await;
        let target = open(&stage).await.expect("a shell");
        let cases = cases.clone();
        let target = on_a_thread(move || {
            assert_eq!(wrong(&target, &cases), [""; 0], "frames of {exec_frame_bytes} bytes");
            target
        })
        .await;
        target.close().await;
    }
}
