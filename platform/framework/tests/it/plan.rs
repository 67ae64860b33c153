//! A claim costs what it takes, however many jobs wait: the plans of its statements walk an index in order and stop.

use crate::note;
use slipway_framework::db::{EngineKind, Location, Statement};
use slipway_testkit::{TestPlatform, on_both_engines};

on_both_engines!(claiming_walks_an_index_of_just_the_rows_it_may_take);

const CLAIMS: [(&str, &str); 3] =
    [("CLAIM_UNTOLD", "jobs_untold"), ("CLAIM_SILENT", "jobs_running"), ("CLAIM_READY", "jobs_ready")];

async fn claiming_walks_an_index_of_just_the_rows_it_may_take(engine: EngineKind) {
    let platform = note::start(engine);
    for (name, index) in CLAIMS {
        let name = format!("slipway_framework::job::store::{name}");
        let statement = Statement::all().find(|statement| statement.name() == name).unwrap();
        let plan = plan(&platform, statement.text_for(engine));
        let shown = plan.join("\n");
        assert!(shown.contains(index), "{name}:\n{shown}");
        for word in ["Sort", "Seq Scan", "TEMP B-TREE", "SCAN jobs\n"] {
            assert!(!shown.contains(word), "{name} has a {word}:\n{shown}");
        }
    }
}

fn plan(platform: &TestPlatform, text: &str) -> Vec<String> {
    match platform.database().location() {
        Location::File(path) => {
            let connection = rusqlite::Connection::open(path).unwrap();
            let mut explained = connection.prepare(&format!("EXPLAIN QUERY PLAN {text}")).unwrap();
            let values = (1, 2, 3, 10);
            let lines = explained.query_map(values, |row| row.get::<_, String>(3)).unwrap();
            lines.map(Result::unwrap).collect()
        }
        Location::Url(_) => {
            // As many rows as a backlog may have, because what the planner chooses depends on it.
            let zero = "'00000000-0000-0000-0000-000000000000'";
            let filled = platform.database().as_owner(&format!(
                "INSERT INTO jobs (root, job, kind, payload, state, attempts, run_at, cancel_requested, request, created_at)
                 SELECT gen_random_uuid(), gen_random_uuid(), 'k', '{{}}', 'ready', 0, now() - n * interval '1 s', false, {zero}, now()
                 FROM generate_series(1, 20000) AS n"
            ));
            assert!(filled.is_empty());
            let _ = platform.database().as_owner("ANALYZE jobs");
            let values = [("$1", "now()"), ("$2", "now()"), ("$3", zero), ("$4", "10")];
            let text = values.iter().fold(text.to_owned(), |text, (name, value)| text.replace(name, value));
            platform.database().as_owner(&format!("SET enable_seqscan = off; EXPLAIN {text}"))
        }
    }
}
