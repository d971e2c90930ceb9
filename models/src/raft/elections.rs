//! How a leader is elected (thesis, sections 3.4 and 9.6), and how it steps down (section 6.2).

use super::{Bug, Command, Entry, Guard, Kind, Message, Progress, Raft, Role, Servers, State};

impl Raft {
    /// A server that hears from no leader stands, or first asks whether it would be elected.
    pub(super) fn timeout(&self, s: &mut State, i: usize) -> Result<(), Guard> {
        self.stands(s, i)?;
        self.expire(s, i);
        if self.pre_vote.contains(i) {
            Self::become_idle(s, i, Role::PreCandidate);
            s.votes.set(i, self.own_vote(s, i));
        } else {
            self.campaign(s, i);
        }
        Ok(())
    }

    /// Who stands of itself or because it is told to may be elected, and knows its configuration.
    pub(super) fn stands(&self, s: &State, i: usize) -> Result<(), Guard> {
        self.require(self.may_stand(s, i), Guard::IsVoter)?;
        self.require(!self.has_unapplied_change(s, i), Guard::NoUnappliedChange)
    }

    /// It increments its term and votes for itself (section 3.4).
    pub(super) fn campaign(&self, s: &mut State, i: usize) {
        Self::see_term(s, i, s.current_term.get(i) + 1);
        s.role.set(i, Role::Candidate);
        s.voted_for.set(i, Some(i as u8));
        s.votes.set(i, self.own_vote(s, i));
    }

    /// Its own vote counts if it is a voter of its latest configuration (section 4.2.2).
    fn own_vote(&self, s: &State, i: usize) -> Servers {
        self.voters(s, i).intersection(Servers::one(i))
    }

    pub(super) fn become_candidate(&self, s: &mut State, i: usize) -> Result<(), Guard> {
        self.require(self.is_quorum(s, i, s.votes.get(i)), Guard::QuorumPreVoted)?;
        self.campaign(s, i);
        Ok(())
    }

    /// A candidate that says that it is one has voted for itself: it must know that after a crash.
    pub(super) fn request_vote(&self, s: &mut State, i: usize, j: usize) -> Result<(), Guard> {
        let (kind, term) = match s.role.get(i) {
            Role::PreCandidate => (Kind::PreVote, s.current_term.get(i) + 1),
            _ => (Kind::RequestVote, s.current_term.get(i)),
        };
        self.require(kind == Kind::PreVote || self.is_vote_synced(s, i), Guard::OwnVoteSynced)?;
        let request = Message::new(kind, i, j, term).entry(s.log[i].last_index(), s.log[i].last_term());
        s.network.insert(request.saying(s.ordered.contains(i)));
        Ok(())
    }

    /// A pre-vote changes nothing at who gives it.
    pub(super) fn handle_pre_vote(&self, s: &mut State, request: Message) {
        let (i, term) = (request.to(), s.current_term.get(request.to()));
        if self.keeps_to_leader(s, i) && request.term() > term {
            return;
        }
        let granted = request.term() > term && self.is_up_to_date(s, request);
        if self.bug == Some(Bug::PreVoteIsVote) && granted {
            Self::see_term(s, i, request.term());
            s.voted_for.set(i, Some(request.from() as u8));
        }
        let answer =
            Message::new(Kind::PreVoteResponse, i, request.from(), if granted { request.term() } else { term });
        self.answer(s, answer.saying(granted));
    }

    pub(super) fn handle_pre_vote_response(&self, s: &mut State, answer: Message) {
        let (i, term) = (answer.to(), s.current_term.get(answer.to()));
        if answer.says_yes() {
            if s.role.get(i) == Role::PreCandidate && answer.term() == term + 1 {
                s.votes.set(i, s.votes.get(i).with(answer.from()));
            }
        } else if answer.term() > term && self.bug != Some(Bug::RefusedTermIgnored) {
            Self::see_term(s, i, answer.term());
        }
    }

    /// One vote a term, and only for a candidate whose log is up to date (section 3.6.1).
    pub(super) fn handle_request_vote(&self, s: &mut State, request: Message) {
        let (i, term) = (request.to(), s.current_term.get(request.to()));
        if self.keeps_to_leader(s, i) && request.term() > term && !request.says_yes() {
            return;
        }
        if request.term() > term {
            Self::see_term(s, i, request.term());
        }
        let free = match (self.bug, s.voted_for.get(i)) {
            (_, None) | (Some(Bug::VotesAgain), _) => true,
            (_, Some(candidate)) => usize::from(candidate) == request.from(),
        };
        let same_vote = s.voted_for.get(i) == Some(request.from() as u8);
        let up_to_date = match self.bug {
            Some(Bug::LogsNotCompared) => true,
            Some(Bug::SeenVoteGranted) if same_vote => true,
            _ => self.is_up_to_date(s, request),
        };
        let entitled = self.bug != Some(Bug::LearnerRefuses) || self.voters(s, i).contains(i);
        let granted = request.term() >= term && free && up_to_date && entitled;
        if granted || self.bug == Some(Bug::SeenVoteGranted) && request.term() > term {
            s.voted_for.set(i, Some(request.from() as u8));
        }
        let answer = Message::new(Kind::RequestVoteResponse, i, request.from(), s.current_term.get(i));
        self.answer(s, answer.saying(granted));
    }

    pub(super) fn handle_vote_response(&self, s: &mut State, answer: Message) {
        let (i, term) = (answer.to(), s.current_term.get(answer.to()));
        if answer.term() > term {
            return Self::see_term(s, i, answer.term());
        }
        let counts = answer.term() == term || self.bug == Some(Bug::StaleVoteCounted);
        if s.role.get(i) != Role::Candidate || !counts || !answer.says_yes() {
            return;
        }
        let votes = s.votes.get(i);
        let counted = match self.bug {
            // Answers are counted and not those who answer, so that one more is as good as another server's.
            Some(Bug::RepeatedVoteCounted) if votes.contains(answer.from()) => {
                self.all().find(|&j| !votes.contains(j)).unwrap_or(i)
            }
            _ => answer.from(),
        };
        s.votes.set(i, votes.with(counted));
    }

    pub(super) fn become_leader(&self, s: &mut State, i: usize) -> Result<(), Guard> {
        self.require(self.is_quorum(s, i, s.votes.get(i)), Guard::QuorumVoted)?;
        let term = s.current_term.get(i);
        Self::become_idle(s, i, Role::Leader);
        s.progress[i] = Progress::new(self.servers, s.log[i].last_index() + 1);
        s.leaders.set(term.into(), s.leaders.get(term.into()).with(i));
        // There is room for it, unless a bug has appended more than the constants count.
        if self.blank && s.log[i].has_room() {
            s.log[i] = s.log[i].with(Entry::new(term, Command::Blank));
        }
        if self.bug == Some(Bug::LeaderIgnoresUncommitted) {
            let committed = s.log[i].configuration(0, s.commit_index.get(i)).map_or(0, |(_, number)| number);
            s.configuration.set(i, committed);
        }
        Ok(())
    }

    /// A leader that has heard from no quorum since it looked last steps down.
    pub(super) fn check_quorum(&self, s: &mut State, i: usize) {
        if self.is_quorum(s, i, s.active.get(i).with(i)) || self.bug == Some(Bug::LeadsUnheard) {
            s.active.set(i, Servers::NONE);
        } else {
            Self::become_idle(s, i, Role::Follower);
        }
    }

    /// Whether the candidate's log is as up-to-date as the server's own: its last entry is of a later term, or of the
    /// same and has no lesser index (section 3.6.1).
    fn is_up_to_date(&self, s: &State, request: Message) -> bool {
        let log = s.log[request.to()];
        match self.bug {
            Some(Bug::ComparesCommitIndex) => request.index() >= s.commit_index.get(request.to()),
            _ => (request.log_term(), request.index()) >= (log.last_term(), log.last_index()),
        }
    }

    /// Check-quorum: whoever has heard from a leader within the least election timeout, or is the leader, takes no part
    /// in an election (section 4.2.3).
    pub(super) fn keeps_to_leader(&self, s: &State, i: usize) -> bool {
        self.check_quorum && (s.fresh.contains(i) || s.role.get(i) == Role::Leader)
    }
}
