//! The two doors to the outside world that every use case is handed: time and randomness.

use crate::Ts;

/// Tells the time. The real one is `framework::clock`, the one tests turn is in the testkit.
pub trait Clock: Send + Sync + 'static {
    /// The present instant, UTC.
    fn now(&self) -> Ts;
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
