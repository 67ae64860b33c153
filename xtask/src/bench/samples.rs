//! Durations of one kind and what is said about them.
//!
//! It refuses to give a mean: one slow run of a busy machine would speak for all.

use std::fmt;

/// Milliseconds, sorted, at least one.
#[derive(Debug)]
pub(super) struct Samples(Vec<f64>);

impl Samples {
    /// None without a single value.
    pub(super) fn new(mut values_ms: Vec<f64>) -> Option<Self> {
        values_ms.sort_unstable_by(f64::total_cmp);
        (!values_ms.is_empty()).then_some(Self(values_ms))
    }

    pub(super) fn median_ms(&self) -> f64 {
        self.percentile_ms(50)
    }

    /// Nearest rank: the smallest value that at least `percent` of all do not exceed.
    fn percentile_ms(&self, percent: usize) -> f64 {
        self.0[(self.0.len() * percent).div_ceil(100).max(1) - 1]
    }
}

impl fmt::Display for Samples {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (median, p95, count) = (self.median_ms(), self.percentile_ms(95), self.0.len());
        write!(formatter, "median {median:.1} ms, p95 {p95:.1} ms of {count}")
    }
}

/// What a figure should be.
#[derive(Debug, Clone, Copy)]
pub(super) enum Target {
    AtMost(f64),
    AtLeast(f64),
}

impl Target {
    /// The target and whether it was met, for people.
    pub(super) fn judge(self, value: f64) -> String {
        let (sign, bound, is_met) = match self {
            Self::AtMost(bound) => ('≤', bound, value <= bound),
            Self::AtLeast(bound) => ('≥', bound, value >= bound),
        };
        format!("target {sign} {bound}: {}", if is_met { "met" } else { "MISSED" })
    }
}

/// The first `<label> … <number> ms` in the lines a bench printed.
pub(super) fn milliseconds(lines: &[String], label: &str) -> Option<f64> {
    let tail = lines.iter().find_map(|line| Some(line.split_once(label)?.1))?;
    tail.split_once(" ms")?.0.split_whitespace().next_back()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_occurred() {
        let samples = Samples::new((1..=20).rev().map(f64::from).collect()).unwrap();
        assert_eq!((samples.median_ms(), samples.percentile_ms(95)), (10.0, 19.0));
        let one = Samples::new(vec![7.0]).unwrap();
        assert_eq!((one.median_ms(), one.percentile_ms(95)), (7.0, 7.0));
        assert!(Samples::new(Vec::new()).is_none());
    }

    #[test]
    fn a_target_is_met_at_its_bound_and_missed_beyond() {
        assert!(Target::AtMost(60.0).judge(60.0).ends_with("met"));
        assert!(Target::AtMost(60.0).judge(60.1).ends_with("MISSED"));
        assert!(Target::AtLeast(60.0).judge(60.0).ends_with("met"));
        assert!(Target::AtLeast(60.0).judge(59.9).ends_with("MISSED"));
    }

    #[test]
    fn a_number_is_found_after_its_label() {
        let lines =
            ["launch set      19.52 ms median,   20.1 ms worst", "7-day plan: p50 1.5 ms, p95 9.5 ms"];
        let lines = lines.map(str::to_owned);
        assert_eq!(milliseconds(&lines, "launch set"), Some(19.52));
        assert_eq!(milliseconds(&lines, "p95"), Some(9.5));
        assert_eq!(milliseconds(&lines, "decode"), None);
    }
}
