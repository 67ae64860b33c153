//! A claim costs what it takes, however many jobs wait: the plans of its statements walk an index in order and stop.

use crate::note;
use slipway_framework::db::{EngineKind, Location, Statement};
use slipway_testkit::{TestPlatform, on_both_engines};

on_both_engines!(claiming_walks_an_index_of_just_the_rows_it_may_take);

/// Each statement of a claim, and the look at the backlog, with the values they are explained with; a nil id stands for `id` and an
/// instant for `at`.
const CLAIMS: [(&str, &str, &[&str]); 10] = [
    ("CLAIM_UNTOLD", "jobs_untold", &["at", "at", "id", "10"]),
    ("CLAIM_SILENT", "jobs_running", &["at", "at", "id", "10"]),
    ("RIPEN", "jobs_waiting", &["at", "10"]),
    ("DUE_ROOTS", "jobs_due", &["id", "10"]),
    ("FRONT", "jobs_due", &["id", "10"]),
    ("KEY_IS_HELD", "jobs_key_held", &["id", "'k'"]),
    ("LEAVE_QUEUE", "jobs_queued", &["id", "'k'"]),
    ("CLAIM_READY", "jobs_due", &["id", "at", "id", "10"]),
    ("LIST_DUE", "jobs_due_at", &["10"]),
    ("QUEUE_FOR_KEY", "jobs_due", &["id", "'k'", "10"]),
];

async fn claiming_walks_an_index_of_just_the_rows_it_may_take(engine: EngineKind) {
    let platform = note::start(engine);
    fill(&platform);
    for (name, index, values) in CLAIMS {
        let name = format!("slipway_framework::job::store::{name}");
        let statement = Statement::all().find(|statement| statement.name() == name).unwrap();
        let plan = plan(&platform, statement.text_for(engine), values);
        let shown = plan.join("\n");
        assert!(shown.contains(index), "{name}:\n{shown}");
        for word in ["Sort", "Seq Scan", "TEMP B-TREE", "SCAN jobs\n"] {
            assert!(!shown.contains(word), "{name} has a {word}:\n{shown}");
        }
    }
}

/// As many rows as a backlog may have, because what PostgreSQL's planner chooses depends on it.
fn fill(platform: &TestPlatform) {
    if platform.db().engine() == EngineKind::Postgres {
        let filled = platform.database().as_owner(
            "INSERT INTO jobs (root, job, kind, payload, state, attempts, run_at, cancel_requested, request, created_at, waits_for,
                concurrency_key)
             SELECT ('00000000-0000-0000-0000-' || lpad((n % 100)::text, 12, '0'))::uuid, gen_random_uuid(), 'k', '{}', 'ready', 0,
                now() - n * interval '1 s', false, gen_random_uuid(), now(), CASE n % 3 WHEN 0 THEN 'time' WHEN 1 THEN 'key' END,
                CASE n % 3 WHEN 1 THEN 'k' || n % 7 END
             FROM generate_series(1, 20000) AS n",
        );
        assert!(filled.is_empty());
        let _ = platform.database().as_owner("ANALYZE jobs");
    }
}

fn plan(platform: &TestPlatform, text: &str, values: &[&str]) -> Vec<String> {
    match platform.database().location() {
        Location::File(path) => {
            let connection = rusqlite::Connection::open(path).unwrap();
            let mut explained = connection.prepare(&format!("EXPLAIN QUERY PLAN {text}")).unwrap();
            let values = rusqlite::params_from_iter(values.iter().enumerate().map(|(index, _)| index as i64));
            let lines = explained.query_map(values, |row| row.get::<_, String>(3)).unwrap();
            lines.map(Result::unwrap).collect()
        }
        Location::Url(_) => {
            let bound = |text: String, (index, value): (usize, &&str)| {
                let value = match *value {
                    "at" => "now()",
                    "id" => "'00000000-0000-0000-0000-000000000000'",
                    plain => plain,
                };
                text.replace(&format!("${}", index + 1), value)
            };
            let text = values.iter().enumerate().fold(text.to_owned(), bound);
            platform.database().as_owner(&format!("SET enable_seqscan = off; EXPLAIN {text}"))
        }
    }
}
