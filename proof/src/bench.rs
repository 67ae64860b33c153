//! What a request costs: the server and a peer under the same load from the same clients.
//!
//! Throughput is closed-loop: so many clients, each asking again when it is answered. Latency is open-loop: questions are due at
//! fixed moments whether or not the last one was answered, and are measured from the moment they were due, so that a stall is paid
//! by everybody it kept waiting. Processor time is what the kernel has accounted to the server's process. It refuses to count an
//! answer that is not a success.

pub mod database;
pub(crate) mod load;
mod peer;
mod shop;

pub use peer::Sync as PeerSync;

use crate::process::House;
use load::{Asked, closed, open};
use peer::PocketBase;
use shop::Shop;
use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

/// Rounds of each measurement; the medians are told.
const ROUNDS: usize = 3;
const WARMUP: Duration = Duration::from_secs(2);
/// How long each closed-loop round takes, and each open-loop one.
const ROUND: Duration = Duration::from_secs(5);
/// The part of the throughput at which latency is measured.
const SHARE: f64 = 0.7;
/// Rows there are before reads are measured.
const ROWS: usize = 100_000;

/// Figures of one kind of question, for people and for ratios.
#[derive(Debug, Clone, Default)]
pub(crate) struct Figures {
    per_second: f64,
    /// Processor time of the server for each request, in microseconds.
    cpu_us: f64,
    /// Open loop, in milliseconds.
    p50_ms: f64,
    p99_ms: f64,
    failed: u64,
}

/// Measures inserts, reads and pages, beside the peer when its program is given; returns lines for people.
///
/// # Errors
/// When something could not be measured.
pub async fn measure(
    house: &House,
    folder: &Path,
    peer: Option<&Path>,
    say: impl Fn(&str),
) -> Result<Vec<String>, String> {
    let running = house.start().await?;
    let mut shop = Shop::open(house.port).await?;
    say("  the shop is open");
    let mut ours = Vec::new();
    for question in [shop::Question::Insert, shop::Question::Read, shop::Question::Page] {
        if question == shop::Question::Read {
            shop.fill(ROWS).await?;
        }
        let asked = shop.asked(question);
        ours.push(figures(house.port, running.id(), &asked).await?);
        say(&format!("  slipway {question:?}: {}", tell(ours.last())));
    }
    let tail = shop.tail().await?;
    say(&format!("  {tail}"));
    running.kill()?;
    let mut lines = Vec::new();
    let names = ["insert", "read of one row", "page of 20 rows"];
    for (name, figures) in names.iter().zip(&ours) {
        lines.push(format!("{name}: {}", tell(Some(figures))));
    }
    lines.push(tail);
    let Some(program) = peer else { return Ok(lines) };
    for sync in [peer::Sync::Normal, peer::Sync::Full] {
        let peer = PocketBase::start(program, &folder.join(format!("peer-{sync:?}")), sync, ROWS).await?;
        let questions = match sync {
            peer::Sync::Normal => {
                [peer::Question::Insert, peer::Question::Read, peer::Question::Page].as_slice()
            }
            peer::Sync::Full => &[peer::Question::Insert],
        };
        for (at, question) in questions.iter().enumerate() {
            let theirs = figures(peer.port(), peer.id(), &peer.asked(*question)).await?;
            let mut line =
                format!("{} by PocketBase, synchronous = {sync:?}: {}", names[at], tell(Some(&theirs)));
            let _ = write!(
                line,
                "; theirs / ours: processor {:.1}, throughput {:.2}",
                theirs.cpu_us / ours[at].cpu_us,
                theirs.per_second / ours[at].per_second
            );
            say(&format!("  {line}"));
            lines.push(line);
        }
    }
    Ok(lines)
}

async fn figures(port: u16, process: u32, asked: &Asked) -> Result<Figures, String> {
    closed(port, process, asked, WARMUP).await?;
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let busy = closed(port, process, asked, ROUND).await?;
        let calm = open(port, asked, busy.per_second * SHARE, ROUND).await?;
        rounds.push(Figures {
            per_second: busy.per_second,
            cpu_us: busy.cpu_us,
            p50_ms: calm.percentile_ms(50),
            p99_ms: calm.percentile_ms(99),
            failed: busy.failed + calm.failed,
        });
    }
    let median = |pick: fn(&Figures) -> f64| {
        let mut values: Vec<_> = rounds.iter().map(pick).collect();
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    Ok(Figures {
        per_second: median(|round| round.per_second),
        cpu_us: median(|round| round.cpu_us),
        p50_ms: median(|round| round.p50_ms),
        p99_ms: median(|round| round.p99_ms),
        failed: rounds.iter().map(|round| round.failed).sum(),
    })
}

fn tell(figures: Option<&Figures>) -> String {
    let Some(Figures { per_second, cpu_us, p50_ms, p99_ms, failed }) = figures else { return String::new() };
    format!(
        "{per_second:.0}/s with {} clients, {cpu_us:.0} µs of processor each; at 70 % of that p50 {p50_ms:.1} ms, p99 {p99_ms:.1} ms; {failed} failed",
        load::CLIENTS
    )
}
