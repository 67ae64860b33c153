//! What the database port costs beside the same statements written by hand, on PostgreSQL, without HTTP.
//!
//! Processor time is this process' and that of every process of the database server. It refuses to count an insert that failed.

use super::ROUNDS;
use super::load::{CLIENTS, cpu};
use crate::data::{Hand, Judge, Wish};
use crate::process::House;
use crate::records::insert_once;
use crate::workload::Village;
use slipway_framework::clock::SystemClock;
use slipway_framework::db::{Config, Db, IdempotencyKey, Location};
use slipway_framework::entropy::SystemEntropy;
use slipway_framework::module::Assembly;
use slipway_framework::scope::{Actor, AppScope, Cause};
use slipway_kernel::{AccountId, AppId, Clock, Id, RequestId, RequestMarker};
use std::fs;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

const ROUND: Duration = Duration::from_secs(5);

/// What one insert cost.
#[derive(Debug, Clone, Copy)]
struct Cost {
    per_second: f64,
    ours_us: f64,
    servers_us: f64,
}

impl Cost {
    fn whole_us(&self) -> f64 {
        self.ours_us + self.servers_us
    }
}

/// Measures both in turns, and tells the medians.
///
/// # Errors
/// When something could not be measured.
pub async fn measure(house: &House) -> Result<Vec<String>, String> {
    let url = house.postgres().ok_or("this is measured on PostgreSQL: give --postgres")?.to_owned();
    let running = house.start().await?;
    Village::settle(house.port).await?;
    running.stop().await?;
    let judge = Judge::postgres(&url).await.map_err(|error| error.to_string())?;
    let (app, account) = judge.anybody().await.map_err(|error| error.to_string())?;
    let postmaster = judge.postmaster().await.map_err(|error| error.to_string())?;
    drop(judge);
    let modules = slipway_server::modules().into_iter().chain([crate::records::module()]);
    let migrations = Assembly::of(modules).migrations();
    let config = Config::new(Location::Url(url.clone()));
    let connections = config.threads;
    let db = Db::open(config, &migrations, Arc::new(SystemClock), Arc::new(SystemEntropy));
    let db = db.map_err(|error| error.to_string())?;
    let mut hands = Vec::new();
    for _ in 0..connections {
        hands.push(Hand::connect(&url).await.map_err(|error| error.to_string())?);
    }
    let (hands, free) = (Arc::new(hands), Arc::new(tokio::sync::Semaphore::new(connections)));
    let idle = Arc::new(Mutex::new((0..connections).collect::<Vec<_>>()));
    let count = Arc::new(AtomicU64::new(0));

    let (mut port, mut hand) = (Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let through = db.clone();
        let ported = round_of(postmaster, &count, move |number| {
            let db = through.clone();
            async move { by_the_port(&db, app, account, number).await }
        });
        let ported = ported.await?;
        let pool = (hands.clone(), free.clone(), idle.clone());
        let handed = round_of(postmaster, &count, move |number| {
            let (hands, free, idle) = pool.clone();
            async move {
                let _turn = free.acquire_owned().await.map_err(|error| error.to_string())?;
                let lock = || idle.lock().unwrap_or_else(PoisonError::into_inner);
                let mine = lock().pop().ok_or("no connection is free")?;
                let done = hands[mine].insert(&wish(app, account, number)).await;
                lock().push(mine);
                done.map_err(|error| error.to_string())
            }
        });
        let handed = handed.await?;
        // The first round warms both up.
        if round > 0 {
            port.push(ported);
            hand.push(handed);
        }
    }
    let (port, hand) = (median(port), median(hand));
    let line = |name: &str, cost: &Cost| {
        format!(
            "{name}: {:.0}/s with {CLIENTS} clients and {connections} connections, {:.0} µs of processor each ({:.0} the program, {:.0} PostgreSQL)",
            cost.per_second,
            cost.whole_us(),
            cost.ours_us,
            cost.servers_us
        )
    };
    Ok(vec![
        line("insert by the port", &port),
        line("insert by hand", &hand),
        format!("the port / by hand: {:.2} of the processor time", port.whole_us() / hand.whole_us()),
    ])
}

async fn by_the_port(db: &Db, app: AppId, account: AccountId, number: u64) -> Result<(), String> {
    let request: RequestId = Id::mint(&SystemClock, &SystemEntropy);
    let scope = AppScope::new(app, Cause { actor: Actor::Account(account), request });
    let key = IdempotencyKey::parse(&format!("key-{number}")).ok_or("a key")?;
    insert_once(db, &scope, (key, [7; 32]), account, title(number)).await
}

fn title(number: u64) -> String {
    format!("row {number} of the bench")
}

fn wish(app: AppId, account: AccountId, number: u64) -> Wish {
    // The port mints its ids the same way.
    let mut ids = [0; 4];
    for id in &mut ids {
        *id = Id::<RequestMarker>::mint(&SystemClock, &SystemEntropy).bits();
    }
    Wish {
        app: app.bits(),
        account: account.bits(),
        ids,
        actor: Actor::Account(account).to_string(),
        key: format!("key-{number}"),
        title: title(number),
        amount: 5,
        now: SystemClock.now(),
    }
}

/// Everybody inserts as fast as they are answered.
async fn round_of<F>(
    postmaster: u32,
    count: &Arc<AtomicU64>,
    insert: impl Fn(u64) -> F + Clone + Send + 'static,
) -> Result<Cost, String>
where
    F: Future<Output = Result<(), String>> + Send,
{
    let begun = Instant::now();
    let before = (cpu(std::process::id())?, family(postmaster)?);
    let mut clients = JoinSet::new();
    for _ in 0..CLIENTS {
        let (insert, count) = (insert.clone(), count.clone());
        clients.spawn(async move {
            let mut done = 0_u32;
            while begun.elapsed() < ROUND {
                insert(count.fetch_add(1, Ordering::Relaxed)).await?;
                done += 1;
            }
            Ok::<_, String>(done)
        });
    }
    let done: Result<Vec<_>, _> = clients.join_all().await.into_iter().collect();
    let done = f64::from(done?.into_iter().sum::<u32>());
    let took = begun.elapsed();
    let each = |after: Duration, before: Duration| after.saturating_sub(before).as_secs_f64() * 1e6 / done;
    Ok(Cost {
        per_second: done / took.as_secs_f64(),
        ours_us: each(cpu(std::process::id())?, before.0),
        servers_us: each(family(postmaster)?, before.1),
    })
}

fn median(mut costs: Vec<Cost>) -> Cost {
    costs.sort_by(|left, right| left.whole_us().total_cmp(&right.whole_us()));
    costs[costs.len() / 2]
}

/// Processor time of a process and its living children; the database server keeps its connections' processes while they are open.
fn family(parent: u32) -> Result<Duration, String> {
    let mut sum = cpu(parent)?;
    for entry in fs::read_dir("/proc").map_err(|error| error.to_string())?.flatten() {
        let Some(process) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else {
            continue;
        };
        // Field 4 of proc(5); one that has just ended is not counted.
        let Ok(stat) = fs::read_to_string(entry.path().join("stat")) else { continue };
        let of =
            stat.rsplit_once(')').and_then(|(_, rest)| rest.split_whitespace().nth(1)?.parse::<u32>().ok());
        if of == Some(parent) {
            sum += cpu(process).unwrap_or_default();
        }
    }
    Ok(sum)
}
