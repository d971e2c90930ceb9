//! Histories of real threads.

use super::{History, OperationId};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A history in the making, which real threads record at the same time.
///
/// Each thread has a [`Client`] with a buffer of its own. What they share is one counter, which every invocation and
/// every response takes a number from: the invocation before the call, the response after it. So an operation lies
/// within the time that the history tells, and one that the history puts before another was over when that began.
///
/// The counter orders what it numbers, and the calls between (acquire and release). That is what *before* means here,
/// and it hides what shows only between threads that have no other order: a wrong memory ordering is a matter for a
/// checker of interleavings, such as loom.
///
/// ```
/// use proofmark_harness::history::{Linearizability, Recording, Sequential, linearize};
/// use std::sync::Mutex;
/// use std::thread;
///
/// /// What the threads should believe they talk to: a number that is read or written.
/// struct Register;
///
/// #[derive(Clone, Copy, Debug)]
/// enum Access {
///     Read,
///     Write(u32),
/// }
///
/// impl Sequential for Register {
///     type State = u32;
///     type Operation = Access;
///     /// What was there before.
///     type Response = u32;
///
///     fn initial(&self) -> u32 {
///         0
///     }
///
///     fn after(&self, state: &u32, access: &Access, seen: Option<&u32>) -> Option<u32> {
///         let after = if let Access::Write(value) = access { *value } else { *state };
///         seen.is_none_or(|seen| seen == state).then_some(after)
///     }
/// }
///
/// let register = Mutex::new(0);
/// let recording = Recording::new();
/// thread::scope(|scope| {
///     for thread in 0..4 {
///         let (mut client, register) = (recording.client(), &register);
///         scope.spawn(move || {
///             for value in 0..100 {
///                 let access = if value % 2 == 0 { Access::Read } else { Access::Write(1000 * thread + value) };
///                 client.call(access, || {
///                     let mut held = register.lock().unwrap();
///                     let before = *held;
///                     if let Access::Write(value) = access {
///                         *held = value;
///                     }
///                     before
///                 });
///             }
///         });
///     }
/// });
/// let history = recording.finish();
/// assert_eq!(history.len(), 400);
/// assert!(matches!(linearize(&Register, &history, 100_000), Linearizability::Linearizable(_)));
/// ```
#[derive(Debug)]
pub struct Recording<O, R> {
    clock: Arc<AtomicUsize>,
    buffers: Mutex<Vec<Shared<O, R>>>,
}

/// Records what one thread asks and is answered. When the recording is over, nothing more is kept.
#[derive(Debug)]
pub struct Client<O, R> {
    clock: Arc<AtomicUsize>,
    buffer: Shared<O, R>,
}

/// A client's buffer, which the recording empties in the end.
type Shared<O, R> = Arc<Mutex<Buffer<O, R>>>;

/// What a client has recorded, in its order.
#[derive(Debug)]
struct Buffer<O, R> {
    calls: Vec<Call<O, R>>,
    is_closed: bool,
}

#[derive(Debug)]
struct Call<O, R> {
    asked: O,
    invoked: usize,
    answer: Option<(usize, R)>,
}

/// An end of a call, to be put in the order of time.
enum Event<O, R> {
    Invoked { client: usize, asked: O },
    Answered { client: usize, call: usize, response: R },
}

impl<O, R> Recording<O, R> {
    /// A recording of nothing yet.
    pub fn new() -> Self {
        Self { clock: Arc::default(), buffers: Mutex::default() }
    }

    /// A client more; they are numbered from 0.
    pub fn client(&self) -> Client<O, R> {
        let buffer = Arc::new(Mutex::new(Buffer { calls: Vec::new(), is_closed: false }));
        lock(&self.buffers).push(Arc::clone(&buffer));
        Client { clock: Arc::clone(&self.clock), buffer }
    }

    /// What was recorded until now. Whoever is not answered by now is pending, also if its thread waits for ever, has
    /// panicked or goes on: what it does from here on is no part of the history.
    pub fn finish(self) -> History<O, R> {
        // A client takes a number only with its buffer locked. So what has a lower number than this is in its buffer
        // once that can be locked, and what comes later is left out everywhere.
        let end = self.clock.fetch_add(1, Ordering::AcqRel);
        let buffers = self.buffers.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut events = Vec::new();
        for (client, buffer) in buffers.iter().enumerate() {
            let mut buffer = lock(buffer);
            buffer.is_closed = true;
            for (call, Call { asked, invoked, answer }) in std::mem::take(&mut buffer.calls).into_iter().enumerate() {
                events.push((invoked, Event::Invoked { client, asked }));
                events.extend(answer.map(|(at, response)| (at, Event::Answered { client, call, response })));
            }
        }
        events.retain(|&(at, _)| at < end);
        events.sort_unstable_by_key(|&(at, _)| at);
        in_order(buffers.len(), events)
    }
}

/// The history of events that are in the order of time.
fn in_order<O, R>(clients: usize, events: Vec<(usize, Event<O, R>)>) -> History<O, R> {
    let mut history = History::new();
    let mut calls: Vec<Vec<OperationId>> = vec![Vec::new(); clients];
    for (_, event) in events {
        match event {
            // A client's calls are in its order, so this is the next one.
            Event::Invoked { client, asked } => calls[client].push(history.invoke_by(client, asked)),
            Event::Answered { client, call, response } => {
                history.respond(calls[client][call], response);
            }
        }
    }
    history
}

impl<O, R> Default for Recording<O, R> {
    fn default() -> Self {
        Self::new()
    }
}

impl<O, R> Client<O, R> {
    /// Makes a call and records it: the operation before, what it returns after. A call that does not return, or
    /// panics, stays pending.
    pub fn call(&mut self, operation: O, call: impl FnOnce() -> R) -> R
    where
        R: Clone,
    {
        self.invoke(operation);
        let response = call();
        self.respond(response.clone());
        response
    }

    /// Records an invocation. An earlier call that was not answered, such as one that has timed out, stays pending.
    pub fn invoke(&mut self, operation: O) {
        let mut buffer = lock(&self.buffer);
        if !buffer.is_closed {
            let invoked = self.clock.fetch_add(1, Ordering::AcqRel);
            buffer.calls.push(Call { asked: operation, invoked, answer: None });
        }
    }

    /// Records the response to the last invocation. Only the first one counts: of a second one, or of one without an
    /// invocation, nothing is kept, and false returned.
    pub fn respond(&mut self, response: R) -> bool {
        let mut buffer = lock(&self.buffer);
        match buffer.calls.last_mut() {
            Some(call) if call.answer.is_none() => {
                call.answer = Some((self.clock.fetch_add(1, Ordering::AcqRel), response));
                true
            }
            _ => false,
        }
    }
}

/// A buffer is whole whenever it is unlocked, so that another thread has panicked is no harm to it.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
