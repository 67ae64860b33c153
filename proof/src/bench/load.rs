//! Clients that ask as fast as they are answered, and clients that ask when a question is due.

use crate::http::Connection;
use crate::random::Random;
use axum::body::Body;
use axum::http::Request;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

pub(crate) const CLIENTS: usize = 64;

/// Makes the next question; `number` is never the same twice.
pub(crate) type Make = dyn Fn(u64, &mut Random) -> Request<Body> + Send + Sync;

/// What is asked, again and again.
#[derive(Clone)]
pub(crate) struct Asked {
    pub(crate) make: Arc<Make>,
    /// Numbers questions over all rounds.
    pub(crate) count: Arc<AtomicU64>,
}

/// A closed-loop round.
#[derive(Debug)]
pub(crate) struct Busy {
    pub(crate) per_second: f64,
    pub(crate) cpu_us: f64,
    pub(crate) failed: u64,
}

/// An open-loop round.
#[derive(Debug)]
pub(crate) struct Calm {
    /// Sorted.
    latencies: Vec<Duration>,
    pub(crate) failed: u64,
}

impl Calm {
    /// Nearest rank; none without an answer.
    pub(crate) fn percentile_ms(&self, percent: usize) -> f64 {
        let rank = (self.latencies.len() * percent).div_ceil(100).max(1);
        self.latencies.get(rank - 1).map_or(f64::NAN, |latency| latency.as_secs_f64() * 1_000.0)
    }
}

/// Each client asks again as soon as it is answered.
pub(crate) async fn closed(port: u16, process: u32, asked: &Asked, round: Duration) -> Result<Busy, String> {
    let begun = Instant::now();
    let cpu_before = cpu(process)?;
    let mut clients = JoinSet::new();
    for client in 0..CLIENTS {
        let asked = asked.clone();
        clients.spawn(async move {
            let (mut connection, mut random) = (Connection::new(port), Random::new(client as u64));
            let (mut answered, mut failed) = (0_u64, 0_u64);
            while begun.elapsed() < round {
                match ask(&mut connection, &asked, &mut random).await {
                    true => answered += 1,
                    false => failed += 1,
                }
            }
            (answered, failed)
        });
    }
    let (answered, failed) =
        clients.join_all().await.into_iter().fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    let (took, cpu) = (begun.elapsed(), cpu(process)?.saturating_sub(cpu_before));
    if answered == 0 {
        return Err(format!("none of {failed} requests succeeded"));
    }
    #[expect(clippy::cast_precision_loss, reason = "a count of some seconds is far from 2^53")]
    let answered = answered as f64;
    Ok(Busy { per_second: answered / took.as_secs_f64(), cpu_us: cpu.as_secs_f64() * 1e6 / answered, failed })
}

/// Questions are due at fixed moments; a client that is late asks at once, and the wait counts.
pub(crate) async fn open(port: u16, asked: &Asked, per_second: f64, round: Duration) -> Result<Calm, String> {
    let begun = tokio::time::Instant::now();
    let mut clients = JoinSet::new();
    for client in 0..CLIENTS {
        let asked = asked.clone();
        clients.spawn(async move {
            let (mut connection, mut random) = (Connection::new(port), Random::new(client as u64));
            let (mut latencies, mut failed) = (Vec::new(), 0);
            #[expect(clippy::cast_precision_loss, reason = "there are few clients")]
            let (pause, first) = (CLIENTS as f64 / per_second, client as f64 / per_second);
            for question in 0_u32.. {
                let due = begun + Duration::from_secs_f64(first + pause * f64::from(question));
                if due.duration_since(begun) >= round {
                    break;
                }
                tokio::time::sleep_until(due).await;
                match ask(&mut connection, &asked, &mut random).await {
                    true => latencies.push(due.elapsed()),
                    false => failed += 1,
                }
            }
            (latencies, failed)
        });
    }
    let mut calm = Calm { latencies: Vec::new(), failed: 0 };
    for (latencies, failed) in clients.join_all().await {
        calm.latencies.extend(latencies);
        calm.failed += failed;
    }
    calm.latencies.sort_unstable();
    Ok(calm)
}

async fn ask(connection: &mut Connection, asked: &Asked, random: &mut Random) -> bool {
    let number = asked.count.fetch_add(1, Ordering::Relaxed);
    let answer = connection.send((asked.make)(number, random)).await;
    answer.is_ok_and(|answer| answer.status.is_success())
}

/// Processor time a process has used, its kernel's included: fields 14 and 15 of /proc/PID/stat, in ticks of 10 ms (proc(5)).
pub(super) fn cpu(process: u32) -> Result<Duration, String> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).map_err(|error| error.to_string())?;
    let fields = stat.rsplit_once(')').map(|(_, rest)| rest.split_whitespace()).ok_or("no stat")?;
    let ticks: u64 = fields.skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum();
    Ok(Duration::from_millis(ticks * 10))
}
