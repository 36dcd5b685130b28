//! A queue that delivers at least once, in any order, and gives up after some receives.

use domain::time::Instant;

use super::random::Random;

/// Messages on their way.
pub struct SimulatedQueue<M> {
    waiting: Vec<Waiting<M>>,
    dead: Vec<M>,
    random: Random,
    sent: u64,
    /// How long a received message is hidden from other receivers, in milliseconds.
    pub visibility_millis: i64,
    /// After how many receives a message goes to the dead letters.
    pub receives_max: u32,
    /// How often a message is delivered to two receivers at once, or once more after it
    /// was deleted, in thousandths.
    pub twice_per_mille: u32,
}

struct Waiting<M> {
    id: u64,
    message: M,
    visible_at: Instant,
    receives: u32,
}

/// A message as it was received.
#[derive(Clone, Debug)]
pub struct Received<M> {
    /// The message.
    pub message: M,
    /// What it is deleted by.
    pub receipt: u64,
}

impl<M: Clone> SimulatedQueue<M> {
    /// An empty queue.
    pub fn new(seed: u64) -> SimulatedQueue<M> {
        SimulatedQueue {
            waiting: Vec::new(),
            dead: Vec::new(),
            random: Random::new(seed),
            sent: 0,
            visibility_millis: 30_000,
            receives_max: 8,
            twice_per_mille: 0,
        }
    }

    /// Sends a message that can be received from `visible_at` on.
    pub fn send(&mut self, message: M, visible_at: Instant) {
        self.sent += 1;
        self.waiting.push(Waiting { id: self.sent, message, visible_at, receives: 0 });
    }

    /// Receives up to `limit` of the messages that can be received, in any order.
    pub fn receive(&mut self, now: Instant, limit: usize) -> Vec<Received<M>> {
        let mut received = Vec::new();
        while received.len() < limit {
            let visible = self.waiting.iter().enumerate();
            let visible = visible.filter(|(_, waiting)| waiting.visible_at <= now);
            let visible: Vec<usize> = visible.map(|(at, _)| at).collect();
            if visible.is_empty() {
                break;
            }
            let at = *self.random.pick(&visible);
            received.extend(self.receive_at(at, now));
        }
        received
    }

    fn receive_at(&mut self, at: usize, now: Instant) -> Option<Received<M>> {
        let waiting = &mut self.waiting[at];
        waiting.receives += 1;
        if waiting.receives > self.receives_max {
            self.dead.push(self.waiting.swap_remove(at).message);
            return None;
        }
        if !self.random.hits(self.twice_per_mille) {
            waiting.visible_at = now.plus_millis(self.visibility_millis);
        }
        Some(Received { message: waiting.message.clone(), receipt: waiting.id })
    }

    /// A message was dealt with.
    pub fn delete(&mut self, receipt: u64) {
        let at = self.waiting.iter().position(|waiting| waiting.id == receipt);
        if let Some(at) = at.filter(|_| !self.random.hits(self.twice_per_mille)) {
            self.waiting.swap_remove(at);
        }
    }

    /// When the next message can be received.
    pub fn next_visible_at(&self) -> Option<Instant> {
        self.waiting.iter().map(|waiting| waiting.visible_at).min()
    }

    /// Messages that will be received.
    pub fn waiting(&self) -> impl Iterator<Item = &M> {
        self.waiting.iter().map(|waiting| &waiting.message)
    }

    /// Messages that were given up.
    pub fn dead_letters(&self) -> &[M] {
        &self.dead
    }

    /// Sends every dead letter again.
    pub fn redrive(&mut self, now: Instant) {
        for message in std::mem::take(&mut self.dead) {
            self.send(message, now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_comes_again_until_it_is_deleted_and_then_goes_to_the_dead_letters() {
        let start = Instant::from_millis(0);
        let mut queue = SimulatedQueue::new(1);
        queue.receives_max = 2;
        queue.send("poison", start);
        assert_eq!(queue.receive(start, 10).len(), 1);
        assert_eq!(queue.receive(start, 10).len(), 0, "it is hidden");
        assert_eq!(queue.receive(start.plus_days(1), 10).len(), 1);
        assert_eq!(queue.receive(start.plus_days(2), 10).len(), 0);
        assert_eq!(queue.dead_letters(), ["poison"]);
        queue.redrive(start.plus_days(90));
        let again = queue.receive(start.plus_days(90), 10);
        queue.delete(again[0].receipt);
        assert_eq!(queue.next_visible_at(), None);
    }
}
