//! Where the warning begins and where the stop.

use super::{Standing, Usage};

#[test]
fn a_quota_warns_at_four_fifths_and_stops_at_its_end() {
    let table = [
        (0, None, Standing::Free),
        (u32::MAX, None, Standing::Free),
        (0, Some(0), Standing::Reached),
        (0, Some(1), Standing::Free),
        (1, Some(1), Standing::Reached),
        (3, Some(5), Standing::Free),
        (4, Some(5), Standing::Near),
        (5, Some(5), Standing::Reached),
        (79, Some(100), Standing::Free),
        (80, Some(100), Standing::Near),
        (99, Some(100), Standing::Near),
        (101, Some(100), Standing::Reached),
        (u32::MAX - 1, Some(u32::MAX), Standing::Near),
    ];
    for (used, maximum, expected) in table {
        let usage = Usage { used, maximum, is_override: false };
        assert_eq!(usage.standing(), expected, "{used} of {maximum:?}");
    }
}
