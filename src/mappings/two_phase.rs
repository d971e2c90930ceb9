//! Two-phase commit: `proofmark_impl::two_phase` refines `proofmark_models::two_phase`, one transaction at a time.
//!
//! Node 0 is the coordinator; participant `p` of the model is node `p + 1`. The model is of one transaction: each that
//! the coordinator has asked votes for is one of its instances.
//!
//! | model         | implementation                                                                          |
//! |---------------|-----------------------------------------------------------------------------------------|
//! | `rm_state`    | what the participant holds; while it is down, and once it has forgotten, its records     |
//! | `tm_state`    | what the coordinator holds; while it is down, its records and what it has said           |
//! | `tm_prepared` | the votes that it has counted: in memory, so a crash empties them; all once it commits   |
//! | `msgs`        | the messages that were ever sent about the transaction, or may be as their record is on disk |
//! | `down`        | the nodes without a core, once the transaction has begun                                 |

mod mutants;

use proofmark_core::{NodeId, Wait};
use proofmark_harness::cluster::{Cluster, Envelope, Event, Member, State, System};
use proofmark_harness::history::Sequential;
use proofmark_harness::links::{self, CodeMutant, Linked};
use proofmark_harness::mapping::{Field, Mapping, Refines};
use proofmark_harness::sim::Dice;
use proofmark_impl::Planted;
use proofmark_impl::two_phase::{
    Bug, Config, CoordinatorConfig, Decision, Message, Node, Operation, ParticipantConfig, Record, Reply, Request,
    Timer, TransactionId, Work,
};
use proofmark_models::problems::transaction_commit::Phase;
use proofmark_models::two_phase::{self as model, Action};
use proofmark_vocabulary::{
    BitSet, Bound, Clause, Constant, ConstantError, Constants, Counts, Domain, Profile, PropertySet, Temporal, Value,
};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

/// One coordinator and its participants.
#[derive(Clone, Debug)]
pub(crate) struct TwoPhase {
    participants: u16,
    transactions: u16,
    crashes: u32,
    /// The seed by which the work of transactions is drawn. With 0, all want the same key of every participant.
    workload: u64,
    simulated: bool,
    bug: Option<Bug>,
    model_bug: Option<model::Bug>,
}

const COORDINATOR: NodeId = NodeId(0);

impl TwoPhase {
    fn planted(&self) -> Planted<Bug> {
        self.bug.map_or_else(Planted::none, Planted::some)
    }

    fn participants(&self) -> impl Iterator<Item = NodeId> + use<> {
        (1..=self.participants).map(NodeId)
    }

    /// The work of every transaction as the workload's seed decides. Who has no work votes all the same, since the
    /// model has as many participants in each transaction.
    fn drawn_work(&self) -> Vec<BTreeMap<NodeId, Work>> {
        let mut dice = Dice::of(self.workload, "workload");
        let mut transaction = |ticket: u16| {
            let works =
                |dice: &mut Dice| if dice.per_mille(850) { drawn_operations(ticket, dice) } else { Work::new() };
            self.participants().map(|participant| (participant, works(&mut dice))).collect()
        };
        (0..self.transactions).map(&mut transaction).collect()
    }
}

/// One operation or two, and now and then as many as four, on few keys, so that transactions meet. What is put says by
/// which transaction, and which of its operations, so that a read tells whose it is.
fn drawn_operations(ticket: u16, dice: &mut Dice) -> Work {
    let most = if dice.per_mille(300) { 4 } else { 2 };
    let count = 1 + dice.below(most);
    let operation = |place: u64| {
        let key = ["a", "b", "c"][dice.below(3) as usize].to_owned();
        if dice.per_mille(500) { Operation::Get(key) } else { Operation::Put(key, format!("{ticket}.{place}")) }
    };
    (0..count).map(operation).collect()
}

impl System for TwoPhase {
    type Core = Node;
    type Bug = Bug;

    const NAME: &'static str = "two-phase-commit";
    const ABOUT: &'static str = "Two-phase commit with presumed abort (Mohan, Lindsay and Obermarck, section 3): a \
                                 coordinator and participants that are small stores of keys.";
    const MUTANTS: &'static [CodeMutant<Bug>] = mutants::MUTANTS;

    fn constants() -> Vec<Constant> {
        let constant = |name, most, about| Constant { name, domain: Domain::Integer(0, most), about };
        vec![
            Constant { name: "participants", domain: Domain::Integer(1, 4), about: "how many participants there are" },
            constant("transactions", 1_000, "how many transactions clients ask for"),
            constant("crashes", 1_000, "how many crashes there may be"),
            constant("workload", WORKLOADS, "the seed that decides what transactions do; 0 if all want the same key"),
            Constant {
                name: "simulated",
                domain: Domain::Boolean,
                about: "whether disks may stop while they are written to, and clients leave transactions out",
            },
        ]
    }

    fn bounds() -> Vec<Bound> {
        let bound = |name, about, profile, [participants, transactions, crashes]: [i64; 3], found: [u64; 3]| Bound {
            name,
            about,
            profile,
            constants: vec![
                ("participants", participants.into()),
                ("transactions", transactions.into()),
                ("crashes", crashes.into()),
                ("workload", 0_i64.into()),
                ("simulated", false.into()),
            ],
            properties: PropertySet::All,
            expected: &[],
            counts: Some(Counts { generated: found[0], distinct: found[1], depth: found[2] }),
        };
        vec![
            bound("ci", "one transaction, and a crash of any node", Profile::Ci, [2, 1, 1], [10_482, 1_312, 16]),
            bound(
                "two-transactions",
                "two that want the same keys, and a crash",
                Profile::Ci,
                [1, 2, 1],
                [110_300, 13_361, 18],
            ),
            bound(
                "three-crashes",
                "one transaction, and crashes upon crashes",
                Profile::Ci,
                [1, 1, 3],
                [5_899, 1_368, 14],
            ),
            bound(
                "three-participants",
                "one transaction, where a majority is not all",
                Profile::Ci,
                [3, 1, 0],
                [13_029, 1_119, 20],
            ),
            bound("deep", "two transactions of two participants, and a crash", Profile::Deep, [2, 2, 1], [0; 3]),
        ]
    }

    fn new(constants: &Constants, bug: Option<Bug>) -> Result<Self, ConstantError> {
        let [participants, transactions, crashes, workload] =
            ["participants", "transactions", "crashes", "workload"].map(|name| constants.number(name));
        Ok(Self {
            participants: participants as u16,
            transactions: transactions as u16,
            crashes: crashes as u32,
            workload: workload as u64,
            simulated: constants.is("simulated"),
            bug,
            model_bug: None,
        })
    }

    fn configs(&self) -> Vec<Config> {
        let millis = |least, most| Wait { least: Duration::from_millis(least), most: Duration::from_millis(most) };
        let (votes, resend, planted) = (millis(800, 1_600), millis(300, 900), self.planted());
        let coordinator = CoordinatorConfig { id: COORDINATOR, votes, resend, planted };
        let participant = ParticipantConfig { inquire: millis(200, 600), planted };
        let participants = self.participants().map(|_| Config::Participant(participant.clone()));
        [Config::Coordinator(coordinator)].into_iter().chain(participants).collect()
    }

    fn requests(&self) -> Vec<(NodeId, Request)> {
        let work = if self.workload == 0 {
            // All want the same key of every participant, so one that comes too early is refused.
            let work = |ticket: u16| vec![Operation::Get("k".into()), Operation::Put("k".into(), ticket.to_string())];
            (0..self.transactions).map(|ticket| self.participants().map(|p| (p, work(ticket))).collect()).collect()
        } else {
            self.drawn_work()
        };
        (0..).zip(work).map(|(ticket, work)| (COORDINATOR, Request { ticket, work })).collect()
    }

    fn crashes(&self) -> u32 {
        self.crashes
    }

    fn is_simulated(&self) -> bool {
        self.simulated
    }

    fn simulated(seed: u64) -> Vec<(&'static str, Value)> {
        let mut dice = Dice::of(seed, "two-phase commit");
        let mut drawn = |most| (1 + dice.below(most)).cast_signed();
        vec![
            ("participants", drawn(3).into()),
            ("transactions", 10_i64.into()),
            ("crashes", 1_000_i64.into()),
            ("workload", drawn(WORKLOADS as u64).into()),
            ("simulated", true.into()),
        ]
    }

    fn claims(&self) -> Vec<Temporal<Cluster<Self>>> {
        let refines = (0..self.transactions.into()).zip(REFINES);
        let refines = refines.map(|(place, name)| Temporal::refinement(name, Refines::instance(self.mapping(), place)));
        let mut claims: Vec<_> = refines.collect();
        claims.push(Temporal::always("a client is told of durable commits", told_of_durable_commits));
        claims.push(Temporal::always(LOCKS, locks_are_held));
        claims.push(Temporal::always("a client is told once", told_once));
        claims.push(Temporal::always("who is decided about is told", told_when_decided));
        claims.push(Temporal::always(TIMERS, who_waits_has_a_timer));
        claims.push(Temporal::can("can tell of a commit", |_, s| told(s, true)));
        claims.push(Temporal::can("can tell of an abort", |_, s| told(s, false)));
        if self.simulated {
            claims.extend(links::claims(self));
        }
        claims
    }

    fn clauses(&self, claim: &str, s: &State<Node>) -> Vec<Clause> {
        let each = |what: &str, holds: fn(&Member<Node>) -> bool| {
            let part =
                |(node, member): (usize, &Arc<Member<Node>>)| Clause::new(format!("node {node} {what}"), holds(member));
            s.nodes.iter().enumerate().map(part).collect()
        };
        match claim {
            LOCKS => each("holds the locks of what it is in doubt about", holds_its_locks),
            TIMERS => each("has a timer for all that it waits for", waits_with_a_timer),
            _ => Vec::new(),
        }
    }

    fn file(&self) -> Option<&'static str> {
        Some(file!())
    }
}

/// How many workloads there are beside the one where all want the same key.
const WORKLOADS: i64 = u32::MAX as i64;

impl Linked for TwoPhase {
    type Mapping = Transactions;
    type Service = Store;

    fn mapping(&self) -> Transactions {
        let spec = model::TwoPhase { participants: self.participants.into(), crashes: true, bug: self.model_bug };
        Transactions { spec }
    }

    fn with_model_bug(self, bug: model::Bug) -> Self {
        Self { model_bug: Some(bug), ..self }
    }

    fn guards() -> Vec<(&'static str, [model::Bug; 2])> {
        let bugs = |&guard: &model::Guard| (guard.name(), [model::Bug::Drop(guard), model::Bug::Never(guard)]);
        model::Guard::ALL.iter().map(bugs).collect()
    }

    fn service(&self) -> Store {
        Store
    }

    fn answers(request: &Request, reply: &Reply) -> bool {
        request.ticket == reply.ticket
    }

    fn driven() -> Vec<(&'static str, Value)> {
        vec![("transactions", 2_i64.into()), ("crashes", 1_000_i64.into())]
    }

    fn sizes() -> &'static [&'static str] {
        &["participants", "transactions"]
    }
}

/// What clients take the cluster for: one store, where a transaction happens at once at all participants.
pub(crate) struct Store;

impl Sequential for Store {
    type State = BTreeMap<(NodeId, String), String>;
    type Operation = Request;
    type Response = Reply;

    fn initial(&self) -> Self::State {
        BTreeMap::new()
    }

    /// An aborted transaction changes nothing. One that was never answered has committed when it takes effect.
    fn after(&self, state: &Self::State, request: &Request, reply: Option<&Reply>) -> Option<Self::State> {
        let expected = match reply {
            Some(Reply { committed: None, .. }) => return Some(state.clone()),
            Some(Reply { committed: Some(reads), .. }) => Some(reads),
            None => None,
        };
        let mut after = state.clone();
        for (node, work) in &request.work {
            let mut reads = Vec::new();
            for operation in work {
                let at = (*node, operation.key().clone());
                match operation {
                    Operation::Get(_) => reads.push(after.get(&at).cloned()),
                    Operation::Put(_, value) => drop(after.insert(at, value.clone())),
                }
            }
            if expected.is_some_and(|expected| expected.get(node) != Some(&reads)) {
                return None;
            }
        }
        Some(after)
    }

    fn only_reads(&self, request: &Request, reply: Option<&Reply>) -> bool {
        let reads = |operation: &Operation| matches!(operation, Operation::Get(_));
        reply.is_some_and(|reply| reply.committed.is_none()) || request.work.values().flatten().all(reads)
    }
}

/// The names of the refinements, one for each transaction.
const REFINES: [&str; 3] = [
    "refines two-phase-commit",
    "refines two-phase-commit, second transaction",
    "refines two-phase-commit, third transaction",
];

const TIMERS: &str = "who waits has a timer";

/// The keys of what is prepared are locked, and no others.
const LOCKS: &str = "who is in doubt holds its locks, and nobody else";

fn told(s: &State<Node>, of_a_commit: bool) -> bool {
    s.replies.iter().any(|(_, reply)| reply.committed.is_some() == of_a_commit)
}

/// As many clients are told of a commit as there are commits on the coordinator's disk, at most.
fn told_of_durable_commits(_: &Cluster<TwoPhase>, s: &State<Node>) -> bool {
    let told = s.replies.iter().filter(|(_, reply)| reply.committed.is_some()).count();
    let durable = |record: &&Record| matches!(record, Record::Committed { .. });
    told <= s.node(COORDINATOR).disk.iter().filter(durable).count()
}

/// No client has two answers.
fn told_once(_: &Cluster<TwoPhase>, s: &State<Node>) -> bool {
    let tickets: BTreeSet<_> = s.replies.iter().map(|(_, reply)| reply.ticket).collect();
    tickets.len() == s.replies.len()
}

/// As long as nobody has crashed, a client waits for an answer only while its transaction is undecided.
fn told_when_decided(_: &Cluster<TwoPhase>, s: &State<Node>) -> bool {
    match &s.node(COORDINATOR).core {
        Some(Node::Coordinator(coordinator)) if s.crashes == 0 => {
            s.requested == coordinator.undecided().count() + s.replies.len()
        }
        _ => true,
    }
}

/// Whoever waits for a message, which may be lost, says again what it has said, or gives up: otherwise it may wait for
/// ever. In the model everything that was sent can still arrive, so no link sees that a message is not sent again.
fn who_waits_has_a_timer(_: &Cluster<TwoPhase>, s: &State<Node>) -> bool {
    s.nodes.iter().all(|member| waits_with_a_timer(member))
}

fn waits_with_a_timer(Member { core, timers, .. }: &Member<Node>) -> bool {
    match core {
        Some(Node::Participant(participant)) => participant.in_doubt().all(|id| timers.contains(&Timer::Inquire(id))),
        Some(Node::Coordinator(coordinator)) => {
            let resends = |id| timers.contains(&Timer::Resend(id));
            coordinator.undecided().all(|id| timers.contains(&Timer::Votes(id)) && resends(id))
                && coordinator.unacknowledged().all(resends)
        }
        None => true,
    }
}

fn locks_are_held(_: &Cluster<TwoPhase>, s: &State<Node>) -> bool {
    s.nodes.iter().all(|member| holds_its_locks(member))
}

fn holds_its_locks(member: &Member<Node>) -> bool {
    match &member.core {
        Some(Node::Participant(participant)) => participant.locks_are_those_of_the_prepared(),
        _ => true,
    }
}

/// How a cluster of any number of transactions is seen as the model of one.
pub(crate) struct Transactions {
    spec: model::TwoPhase,
}

/// The model's number of a node.
fn of_model(node: NodeId) -> usize {
    node.index().checked_sub(1).unwrap_or(model::COORDINATOR)
}

impl Mapping for Transactions {
    type Core = Node;
    type Spec = model::TwoPhase;
    type Instance = TransactionId;

    fn spec(&self) -> &model::TwoPhase {
        &self.spec
    }

    fn of_message(&self, message: &Message) -> Option<TransactionId> {
        match message {
            Message::Prepare { transaction, .. }
            | Message::Yes { transaction, .. }
            | Message::No { transaction }
            | Message::Outcome { transaction, .. }
            | Message::Acknowledged { transaction }
            | Message::Inquiry { transaction } => Some(*transaction),
        }
    }

    fn of_timer(&self, timer: &Timer) -> Option<TransactionId> {
        match timer {
            Timer::Votes(transaction) | Timer::Resend(transaction) | Timer::Inquire(transaction) => Some(*transaction),
        }
    }

    fn said(&self, state: &mut model::State, Envelope { from, message, .. }: &Envelope<Message>) {
        let said = match message {
            Message::Yes { .. } => of_model(*from),
            Message::Acknowledged { .. } => model::acknowledgement(of_model(*from)),
            Message::Outcome { decision: Decision::Commit, .. } => model::COMMIT,
            Message::Outcome { decision: Decision::Abort, .. } => model::ABORT,
            // The model has neither: a participant may prepare, and the coordinator answer, at any moment.
            Message::Prepare { .. } | Message::No { .. } | Message::Inquiry { .. } => return,
        };
        state.msgs.insert(said);
    }

    fn holds(&self, state: &mut model::State, &id: &TransactionId, node: NodeId, member: &Member<Node>) {
        if member.core.is_none() {
            state.down.insert(of_model(node));
        }
        if node == COORDINATOR {
            self.coordinator_holds(state, id, member);
        } else {
            participant_holds(state, id, of_model(node), member);
        }
    }

    fn fields(&self, node: NodeId) -> Vec<Field> {
        if node == COORDINATOR {
            vec![Field::Whole("tm_state"), Field::Whole("tm_prepared"), Field::Member("down", "coordinator".into())]
        } else {
            let p = of_model(node);
            vec![Field::Place("rm_state", p), Field::Member("down", p.into())]
        }
    }

    fn explanations(&self, event: &Event<Node>) -> Vec<Vec<Action>> {
        match event {
            Event::Receive(Envelope { from, to, message }) => {
                let (sender, receiver) = (of_model(*from), of_model(*to));
                match message {
                    Message::Prepare { .. } => {
                        vec![vec![Action::RmPrepare(receiver)], vec![Action::RmChooseToAbort(receiver)]]
                    }
                    Message::Outcome { decision: Decision::Commit, .. } => vec![vec![Action::RmRcvCommitMsg(receiver)]],
                    Message::Outcome { decision: Decision::Abort, .. } => vec![vec![Action::RmRcvAbortMsg(receiver)]],
                    // The last vote is counted and acted upon in one step.
                    Message::Yes { .. } => vec![
                        vec![Action::TmRcvPrepared(sender)],
                        vec![Action::TmRcvPrepared(sender), Action::TmCommit],
                        vec![Action::TmAnswer],
                    ],
                    Message::No { .. } => vec![vec![Action::TmAbort]],
                    Message::Inquiry { .. } => vec![vec![Action::TmAnswer]],
                    Message::Acknowledged { .. } => vec![vec![Action::TmEnd]],
                }
            }
            Event::Fire(_, Timer::Votes(_)) => vec![vec![Action::TmAbort]],
            // To ask changes nothing; whoever does more has decided alone.
            Event::Fire(node, Timer::Inquire(_)) => vec![vec![Action::RmChooseToAbort(of_model(*node))]],
            Event::Crash(node) => vec![vec![Action::Crash(of_model(*node))]],
            Event::Restart(node) => vec![vec![Action::Restart(of_model(*node))]],
            Event::Request(..) | Event::Fire(_, Timer::Resend(_)) | Event::Torn { .. } => Vec::new(),
        }
    }

    fn actor(&self, action: &Action) -> NodeId {
        match *action {
            Action::TmRcvPrepared(_)
            | Action::TmCommit
            | Action::TmAbort
            | Action::TmEnd
            | Action::TmAnswer
            | Action::Crash(model::COORDINATOR)
            | Action::Restart(model::COORDINATOR) => COORDINATOR,
            Action::RmPrepare(p)
            | Action::RmChooseToAbort(p)
            | Action::RmRcvCommitMsg(p)
            | Action::RmRcvAbortMsg(p)
            | Action::Crash(p)
            | Action::Restart(p) => NodeId(p as u16 + 1),
        }
    }

    fn leaves_out(&self, s: &model::State, action: &Action) -> Option<&'static str> {
        let all = BitSet::below(self.spec.participants);
        let counted_all = s.tm_state == model::Decision::Open && s.tm_prepared == all;
        let voted = (0..self.spec.participants).any(|p| s.msgs.contains(p));
        match action {
            _ if counted_all && *action != Action::TmCommit => {
                Some("the last vote is counted and acted upon in one step")
            }
            Action::TmAnswer if !voted => Some("who has not voted does not ask"),
            _ => None,
        }
    }
}

impl Transactions {
    /// What the coordinator believes; while it is down, what it will.
    fn coordinator_holds(&self, state: &mut model::State, id: TransactionId, Member { core, disk, .. }: &Member<Node>) {
        let committed = disk.iter().any(|r| matches!(r, Record::Committed { transaction, .. } if *transaction == id));
        let ended = disk.iter().any(|r| matches!(r, Record::Ended { transaction } if *transaction == id));
        let outlived =
            disk.iter().any(|r| matches!(r, Record::Started { incarnation } if *incarnation > id.incarnation));
        state.tm_state = match core {
            Some(Node::Coordinator(coordinator)) if coordinator.votes(id).is_some() => model::Decision::Open,
            Some(Node::Coordinator(coordinator)) if coordinator.remembers_commit(id) => model::Decision::Committed,
            _ if ended => model::Decision::Ended,
            Some(_) => model::Decision::Aborted,
            None if committed => model::Decision::Committed,
            None if outlived || state.msgs.contains(model::ABORT) => model::Decision::Aborted,
            None => model::Decision::Open,
        };
        state.tm_prepared = match (core, state.tm_state) {
            (_, model::Decision::Committed | model::Decision::Ended) => BitSet::below(self.spec.participants),
            (Some(Node::Coordinator(coordinator)), model::Decision::Open) => {
                coordinator.votes(id).into_iter().flatten().map(of_model).collect()
            }
            _ => BitSet::new(),
        };
        if committed {
            // What is durable may be said at any moment from there on.
            state.msgs.insert(model::COMMIT);
        }
    }
}

/// How far a participant is.
fn participant_holds(state: &mut model::State, id: TransactionId, p: usize, Member { core, disk, .. }: &Member<Node>) {
    let finished = |decision| match decision {
        Decision::Commit => Phase::Committed,
        Decision::Abort => Phase::Aborted,
    };
    let mut recorded = None;
    for record in disk {
        match record {
            Record::Prepared { transaction, .. } if *transaction == id => {
                recorded = Some(Phase::Prepared);
                state.msgs.insert(p);
            }
            Record::Finished { transaction, decision } if *transaction == id => {
                recorded = Some(finished(*decision));
                if *decision == Decision::Commit {
                    state.msgs.insert(model::acknowledgement(p));
                }
            }
            _ => {}
        }
    }
    let phase = match core {
        Some(Node::Participant(participant)) if participant.in_doubt().any(|other| other == id) => Phase::Prepared,
        Some(Node::Participant(participant)) => match participant.outcome_of(id) {
            Some(decision) => finished(decision),
            // It has forgotten what has ended.
            None => recorded.filter(|phase| phase.is_final()).unwrap_or(Phase::Working),
        },
        _ => recorded.unwrap_or(Phase::Working),
    };
    state.rm_state = state.rm_state.with(p, phase);
}
