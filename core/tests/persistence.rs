//! That a record is durable before anything is sent is a matter of types.

use proofmark_core::{Core, Effects, Input, Log, NodeId, Output, Time};
use std::io;

/// Outputs cannot be read, taken apart or forgotten: each way to them does not compile.
#[test]
fn there_is_no_way_to_the_outputs_but_release() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Echo;

impl Core for Echo {
    type Config = ();
    type Message = u8;
    type Record = u8;
    type Request = u8;
    type Reply = u8;
    type Timer = ();

    fn recover((): &(), _: &[u8]) -> (Self, Effects<Self>) {
        (Self, Effects::none())
    }

    fn step(&mut self, _: Time, input: Input<Self>) -> Effects<Self> {
        match input {
            Input::Receive { from, message } => Effects::none().write(message).send(from, message),
            Input::Request(request) => Effects::none().reply(request),
            Input::Fired(()) => Effects::none(),
        }
    }
}

/// What a log was asked to do; it fails from that request on.
#[derive(Default)]
struct Observed {
    asked: Vec<String>,
    fails_at: Option<usize>,
}

impl Observed {
    fn ask(&mut self, what: String) -> io::Result<()> {
        self.asked.push(what);
        if self.fails_at.is_some_and(|at| self.asked.len() > at) { Err(io::Error::other("full")) } else { Ok(()) }
    }
}

impl Log<u8> for Observed {
    fn append(&mut self, records: &[u8]) -> io::Result<()> {
        self.ask(format!("append {records:?}"))
    }

    fn sync(&mut self) -> io::Result<()> {
        self.ask("sync".to_owned())
    }
}

fn receive(message: u8) -> Effects<Echo> {
    Echo.step(Time::default(), Input::Receive { from: NodeId(7), message })
}

#[test]
fn steps_that_are_joined_share_one_sync_and_keep_their_order() {
    let mut log = Observed::default();
    let outputs = receive(1).then(receive(2)).release(&mut log).unwrap();
    assert_eq!(log.asked, ["append [1, 2]", "sync"]);
    assert_eq!(outputs, [1, 2].map(|message| Output::Send { to: NodeId(7), message }));
}

#[test]
fn nothing_is_synced_where_nothing_is_written() {
    let mut log = Observed::default();
    assert_eq!(Echo.step(Time::default(), Input::Request(3)).release(&mut log).unwrap(), [Output::Reply(3)]);
    assert!(log.asked.is_empty());
}

#[test]
fn a_log_that_fails_gives_no_output() {
    for fails_at in [0, 1] {
        let mut log = Observed { fails_at: Some(fails_at), ..Observed::default() };
        assert!(receive(1).release(&mut log).is_err());
    }
}
