//! The two doors to the outside world that every use case is handed: time and randomness.

use crate::Ts;
use std::time::Duration;

/// Tells the time. The real one is `framework::clock`, the one tests turn is in the testkit.
pub trait Clock: Send + Sync + 'static {
    /// The present instant, UTC. Whoever keeps the machine's time may set it, also backwards.
    fn now(&self) -> Ts;
    /// The time since some fixed moment of this process. It only grows, whatever happens to the machine's time, so it measures how
    /// long something took or is still to last; it means nothing to another process.
    fn steady(&self) -> Duration;
}

/// Gives unpredictable bytes. The real one is `framework::entropy`, the seeded one is in the testkit.
pub trait Entropy: Send + Sync + 'static {
    /// Fills the whole buffer.
    fn fill(&self, buffer: &mut [u8]);
}

/// `N` unpredictable bytes.
impl dyn Entropy {
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }
}
