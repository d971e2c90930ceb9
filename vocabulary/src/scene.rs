//! Who does what in a step: what a diagram of processes and messages draws.

/// What a step is to a diagram. Processes are told by their index among [`Describe::processes`].
///
/// [`Describe::processes`]: crate::Describe::processes
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scene {
    /// Where it happens; `None` where it is nowhere in particular.
    pub process: Option<usize>,
    /// The messages that are sent.
    pub sent: Vec<Message>,
    /// The messages that arrive, or that the process reads where messages are kept.
    pub received: Vec<Message>,
    /// The messages that the network loses.
    pub lost: Vec<Message>,
    /// The fault that it is, if it is one.
    pub fault: Option<Fault>,
}

/// A message. It is received where an equal one was sent: whatever tells two messages apart is in the text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Message {
    /// Who sends it.
    pub from: usize,
    /// To whom; `None` where it is for everybody.
    pub to: Option<usize>,
    /// What it says, in a few words.
    pub text: String,
}

/// What can go wrong, and be mended again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fault {
    /// A process stops, and loses what is not durable.
    Crash,
    /// A process comes back.
    Restart,
    /// A message is lost.
    Drop,
    /// A message arrives once more.
    Duplicate,
    /// Processes can no longer reach each other.
    Partition,
    /// They can again.
    Heal,
}

/// A part of a property's predicate, and whether it is true.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clause {
    /// What it says.
    pub name: String,
    /// Whether it is true.
    pub holds: bool,
}

impl Scene {
    /// A step of one process that neither sends nor receives.
    pub fn at(process: usize) -> Self {
        Self { process: Some(process), ..Self::default() }
    }

    /// The same, which is this fault.
    #[must_use]
    pub fn fault(mut self, fault: Fault) -> Self {
        self.fault = Some(fault);
        self
    }

    /// The same, which also sends `text` to a process, or to everybody.
    #[must_use]
    pub fn sends(mut self, to: impl Into<Option<usize>>, text: impl Into<String>) -> Self {
        if let Some(from) = self.process {
            self.sent.push(Message { from, to: to.into(), text: text.into() });
        }
        self
    }

    /// The same, which also receives `text` from a process, sent to it alone.
    #[must_use]
    pub fn receives(mut self, from: usize, text: impl Into<String>) -> Self {
        self.received.push(Message { from, to: self.process, text: text.into() });
        self
    }

    /// The same, which also receives `text` from a process, sent to everybody.
    #[must_use]
    pub fn hears(mut self, from: usize, text: impl Into<String>) -> Self {
        self.received.push(Message { from, to: None, text: text.into() });
        self
    }

    /// The same, in which the network also loses this message.
    #[must_use]
    pub fn loses(mut self, message: Message) -> Self {
        self.lost.push(message);
        self
    }
}

impl Clause {
    /// A clause with its truth.
    pub fn new(name: impl Into<String>, holds: bool) -> Self {
        Self { name: name.into(), holds }
    }
}
