//! The real randomness: the one place that asks the operating system for it.

use slipway_kernel::Entropy;

/// The operating system's random generator.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    /// # Panics
    /// When the operating system has no randomness to give: without it no token would be a secret, so nothing may go on.
    fn fill(&self, buffer: &mut [u8]) {
        #[expect(clippy::disallowed_methods, reason = "this is the home of randomness")]
        getrandom::fill(buffer).expect("the operating system gives randomness");
    }
}
