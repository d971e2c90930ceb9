//! A node: one of the two roles.

use super::{Coordinator, CoordinatorConfig, Message, Participant, ParticipantConfig, Record, Reply, Request, Timer};
use proofmark_core::{Core, Effects, Input, Time};

/// What a node is told when it is built.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Config {
    /// That it coordinates.
    Coordinator(CoordinatorConfig),
    /// That it takes part.
    Participant(ParticipantConfig),
}

/// A coordinator or a participant.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Node {
    /// Who decides.
    Coordinator(Coordinator),
    /// Who votes, and does the work.
    Participant(Participant),
}

impl Core for Node {
    type Config = Config;
    type Message = Message;
    type Record = Record;
    type Request = Request;
    type Reply = Reply;
    type Timer = Timer;

    fn recover(config: &Config, records: &[Record]) -> (Self, Effects<Self>) {
        match config {
            Config::Coordinator(config) => {
                let (coordinator, effects) = Coordinator::recover(config, records);
                (Node::Coordinator(coordinator), effects)
            }
            Config::Participant(config) => {
                let (participant, effects) = Participant::recover(config, records);
                (Node::Participant(participant), effects)
            }
        }
    }

    /// Sends every input to the function that it is for. What is for the other role changes nothing.
    fn step(&mut self, _: Time, input: Input<Self>) -> Effects<Self> {
        match (self, input) {
            (Node::Coordinator(node), Input::Receive { from, message }) => node.receive(from, message),
            (Node::Coordinator(node), Input::Request(request)) => node.begin(request),
            (Node::Coordinator(node), Input::Fired(Timer::Votes(transaction))) => node.votes_are_late(transaction),
            (Node::Coordinator(node), Input::Fired(Timer::Resend(transaction))) => node.resend(transaction),
            (Node::Participant(node), Input::Receive { message, .. }) => node.receive(message),
            (Node::Participant(node), Input::Fired(Timer::Inquire(transaction))) => node.inquire(transaction),
            (Node::Coordinator(_), Input::Fired(Timer::Inquire(_)))
            | (Node::Participant(_), Input::Request(_) | Input::Fired(Timer::Votes(_) | Timer::Resend(_))) => {
                Effects::none()
            }
        }
    }
}
