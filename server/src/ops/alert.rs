//! Alerts: what wakes somebody or waits for the morning, each with the runbook of whoever answers it.
//!
//! It refuses an alert that nobody can act on: the last line of each says what to do.

/// One rule of Prometheus with its runbook.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Alert {
    pub(crate) name: &'static str,
    /// `page` wakes somebody, `ticket` waits for the morning.
    pub(crate) severity: &'static str,
    /// In PromQL, without single quotes.
    pub(crate) expression: &'static str,
    /// For how long it must be so, as Prometheus writes durations.
    pub(crate) lasting: &'static str,
    pub(crate) summary: &'static str,
    pub(crate) meaning: &'static str,
    pub(crate) look: &'static [&'static str],
    pub(crate) act: &'static [&'static str],
}

macro_rules! alerts {
    ($($name:literal $severity:literal for $lasting:literal: $expression:literal
        $summary:literal means $meaning:literal look [$($look:literal),+] act [$($act:literal),+];)+) => {
        &[$(Alert {
            name: $name, severity: $severity, expression: $expression, lasting: $lasting, summary: $summary,
            meaning: $meaning, look: &[$($look),+], act: &[$($act),+],
        }),+]
    };
}

/// Looking that nearly every runbook begins with.
pub(crate) const FIRST_LOOK: &str =
    "`curl http://OPERATORS_ADDRESS/health` tells how each part is, with what was measured.";

pub(crate) const ALERTS: &[Alert] = alerts! {
    "ServerDown" "page" for "1m": "up{job=\"slipway\"} == 0"
        "A server does not answer Prometheus." means
        "The process is gone, hangs, or the operators' listener cannot be reached. Users see errors where there is no other process."
        look ["The process manager says whether it runs and how it ended last.", "The last lines of the log: what a server refuses to start with is said there in one sentence."]
        act ["Mend what the log names, or start the former version: `slipway doctor` checks settings, database and files without serving.", "Where it runs and answers users, mend the way from Prometheus to SLIPWAY_OPS_LISTEN."];
    "RequestsFail" "page" for "5m": "sum(rate(http_requests_total{status=\"5xx\"}[5m])) / sum(rate(http_requests_total[5m])) > 0.01"
        "More than one request in a hundred fails by our fault." means
        "Answers with status 5xx. The error budget of 99.9 % a month is used up in seven hours at this rate or sooner."
        look ["Which class fails: `sum by (class) (rate(http_requests_total{status=\"5xx\"}[5m]))`.", "The log lines `a request failed` carry the code and the reason; 503 is a busy or unreachable database, 507 a full disk."]
        act ["If it began with a release, go back to the former version.", "Follow the runbook of whatever else fires; failing requests are mostly its effect."];
    "AnswersSlow" "ticket" for "10m": "histogram_quantile(0.99, sum by (le) (rate(http_request_duration_seconds_bucket{class=~\"page|static|api-read|api-write\"}[10m]))) > 0.2"
        "One answer in a hundred takes longer than 200 ms." means
        "The target of everything interactive is missed (X-54)."
        look ["Which class: the same by `class`.", "Whether the time is spent waiting or running: `database_queue_wait_seconds`, `database_run_seconds`, `database_commit_seconds`."]
        act ["Waiting: more database threads (SLIPWAY_DATABASE_THREADS), or less work at once.", "Slow commits: the disk is slow; look at what else writes to it."];
    "SignInsSlow" "ticket" for "10m": "histogram_quantile(0.99, sum by (le) (rate(http_request_duration_seconds_bucket{class=\"login\"}[10m]))) > 0.5"
        "One sign-in in a hundred takes longer than 500 ms." means
        "Passwords are hashed by two threads on purpose; more people sign in than these can serve, or the processors are taken by something else."
        look ["`password_queue_waiting` and `password_hash_seconds`: long queue, or slow hashes.", "`http_requests_total{class=\"login\",status=\"4xx\"}`: somebody tries passwords."]
        act ["An attack: refuse its addresses at the proxy.", "An honest rush: another process, or more processors."];
    "PlansSlow" "ticket" for "10m": "histogram_quantile(0.99, sum by (le) (rate(http_request_duration_seconds_bucket{class=\"generate\"}[10m]))) > 5"
        "One computed answer in a hundred takes longer than 5 s." means
        "What is computed before the answer, a plan or a picture, misses its target."
        look ["`meal_plan_generation_duration_seconds` beside the processors' use."]
        act ["More processors, or another process."];
    "ConnectionsNearLimit" "ticket" for "5m": "http_connections / http_connections_limit > 0.9"
        "Nearly all connections that are served at a time are open." means
        "The next ones wait in the system's queue and look to their users like a server that is gone."
        look ["How many requests they make: many idle connections come from a proxy that keeps too many."]
        act ["Bound the proxy's idle connections, or run another process."];
    "DatabaseQueueLong" "ticket" for "2m": "database_queue_waiting / database_queue_limit > 0.5"
        "A queue in front of the database is half full." means
        "Work arrives faster than it is done. At the limit it is refused as busy."
        look ["`database_run_seconds` and `database_commit_seconds`: slow closures, or slow commits.", "`job_slots_busy`: whether jobs are what writes."]
        act ["Fewer jobs at once (SLIPWAY_JOB_CONCURRENCY), a faster disk, or PostgreSQL instead of SQLite."];
    "DatabaseRefuses" "page" for "2m": "sum by (queue) (rate(database_refused_total[2m])) > 0"
        "The database refuses work as busy." means
        "A queue was full, or work waited for longer than 5 s. Users are answered 503."
        look ["As for DatabaseQueueLong.", "PostgreSQL: its server's view `pg_stat_activity` tells who waits for whose lock."]
        act ["Take load away: pause what floods it, lower SLIPWAY_JOB_CONCURRENCY and restart.", "A hanging disk or database server: mend or fail over."];
    "CommitsSlow" "ticket" for "10m": "histogram_quantile(0.99, sum by (le) (rate(database_commit_seconds_bucket[10m]))) > 0.5"
        "One commit in a hundred takes longer than 500 ms." means
        "Each commit waits for the disk; that is what makes an answered write safe."
        look ["The disk's latency and what else writes to it.", "`database_batch_closures`: large batches mean that many share the wait."]
        act ["Move the data folder, or PostgreSQL's, to a disk of its own. Never lower SLIPWAY_DATABASE_SYNC: production refuses it."];
    "DatabaseLogLarge" "ticket" for "10m": "database_log_bytes > 268435456"
        "SQLite's write-ahead log is larger than 256 MiB." means
        "The log is copied into the database when no reader needs its past; something holds on to it."
        look ["A backup program or a shell that keeps the file open: `lsof` on the data folder.", "`database_run_seconds{queue=\"read\"}`: reads are ended after 5 s."]
        act ["End whoever holds it. A restart copies the log and empties it."];
    "JobsLate" "ticket" for "5m": "job_oldest_due_seconds > 300"
        "A job has been due for more than five minutes." means
        "Builds, erasures and other background work are late."
        look ["`jobs_due`, `job_slots_busy`, `job_duration_seconds` by kind.", "The log: `jobs cannot be claimed`."]
        act ["Slots all busy with honest work: raise SLIPWAY_JOB_CONCURRENCY, or run another process.", "Slots free: restart, and report it."];
    "JobsDie" "ticket" for "0m": "sum by (kind) (increase(job_attempts_total{outcome=\"dead\"}[15m])) > 0"
        "A job was given up." means
        "It failed for good or used up its tries. Whoever waited for it has been told."
        look ["The log line `a job is dead` with kind, attempt and reason."]
        act ["Mend the cause the reason names; whoever asked for the work can ask again."];
    "JobSlotsFull" "ticket" for "30m": "job_slots_busy / job_slots >= 1"
        "Every place for jobs has been taken for half an hour." means
        "Background work has no room left; what comes next waits."
        look ["`job_duration_seconds` by kind: many jobs, or long ones."]
        act ["Raise SLIPWAY_JOB_CONCURRENCY where processors are free, or run another process."];
    "EventsLate" "ticket" for "5m": "event_lag_seconds > 60"
        "A consumer has not acted on an event for more than a minute." means
        "What follows from what happened does not follow. Nothing is lost; it waits."
        look ["`slipway events status`, with the server stopped or from a copy; `event_lag_events` by consumer.", "The log: `a consumer failed and will be tried again` with the reason."]
        act ["Mend the reason. After ten tries the event is put aside by itself and the line goes on."];
    "EventsDie" "ticket" for "0m": "sum by (consumer) (increase(events_dead_total[15m])) > 0"
        "An event was put aside." means
        "A consumer was never able to act on it. The others have."
        look ["`slipway events dead` with the reason of each."]
        act ["Mend the cause, then `slipway events retry CONSUMER`."];
    "AuditSealsLate" "ticket" for "5m": "audit_seal_lag_seconds > 60"
        "An audit entry has waited for its seal for more than a minute." means
        "Entries are sealed within a second. Until then nobody could tell that one was changed."
        look ["The log: `audit entries cannot be sealed` with the reason; `audit_seal_failures_total`."]
        act ["Mend the database; sealing goes on by itself.", "If the census is named, follow AuditChainBroken."];
    "AuditChainBroken" "page" for "0m": "audit_chains_broken > 0"
        "Somebody other than the server has changed the audit trail." means
        "The end of a chain does not carry this installation's signature. Nothing is sealed onto it, because that would cover up what was done."
        look ["`slipway audit verify` names every entry that was changed, moved, added or taken away."]
        act ["Keep a copy of the database as it is. Treat it as an intrusion until it is explained."];
    "PasswordsRefused" "ticket" for "5m": "rate(password_refused_total[5m]) > 0"
        "Sign-ins are refused because too many wait." means
        "The queue of passwords to hash is full; users are told to come back in a second."
        look ["As for SignInsSlow."]
        act ["As for SignInsSlow."];
    "FilesFail" "page" for "5m": "sum by (operation) (rate(object_failures_total[5m])) > 0"
        "Stored files cannot be written, read or deleted." means
        "The store does not answer or is full. Logos, builds and downloads fail; nothing half-written is named by a row."
        look ["The part `files` of `/health`; the log's reason; room and permissions of `objects` in the data folder."]
        act ["Make room or mend the store; jobs try again by themselves."];
    "DiskLow" "page" for "5m": "disk_free_bytes / disk_size_bytes < 0.1"
        "The disk of the data folder is 90 % full." means
        "When it is full, writes are refused with status 507. What was answered stays."
        look ["What grew: `du -sh` in the data folder; the write-ahead log; other programs on the same disk."]
        act ["Make room or enlarge the disk. Deleted apps give back their files with the next round of housekeeping, within 15 minutes after a day."];
    "OpenFilesNearLimit" "ticket" for "10m": "process_open_fds / process_max_fds > 0.8"
        "The process has opened 80 % of the files it may." means
        "At the limit no connection is accepted for a second at a time."
        look ["`http_connections` beside `process_open_fds`: connections, or something that does not close."]
        act ["Raise the limit (`LimitNOFILE`, `ulimit -n`) to 8192. If it grows without connections, restart and report it."];
    "MemoryHigh" "ticket" for "30m": "process_resident_memory_bytes > 1073741824"
        "The process has taken more than 1 GiB for half an hour." means
        "At rest it takes about 100 MiB; builds and plans take more for as long as they run."
        look ["Whether it goes on growing while `job_slots_busy` is 0."]
        act ["If it does, keep the figures, restart, and report it."];
    "ClockBehind" "ticket" for "1m": "clock_behind_seconds > 0"
        "The machine's clock was set back." means
        "What is due waits until the clock has caught up; times that people see are not right."
        look ["The machine's time service."]
        act ["Put the clock right; if it is right now, restart the server."];
};

/// The names of metrics in an expression of PromQL, without what a histogram adds to its own.
pub(crate) fn metrics_of(expression: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let mut inside = 0_u32;
    let mut rest = expression;
    while let Some(first) = rest.chars().next() {
        let end = rest.find(|next: char| !next.is_ascii_alphanumeric() && next != '_').unwrap_or(rest.len());
        if end == 0 {
            match first {
                '{' | '[' => inside += 1,
                '}' | ']' => inside = inside.saturating_sub(1),
                _ => {}
            }
            rest = &rest[first.len_utf8()..];
            continue;
        }
        let (word, behind) = rest.split_at(end);
        // Names of metrics have an underscore, and a function or an aggregation is followed by a parenthesis.
        let is_function = behind.trim_start().starts_with('(');
        if inside == 0 && word.contains('_') && !is_function {
            names.push(word.strip_suffix("_bucket").unwrap_or(word));
        }
        rest = behind;
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_are_found_in_expressions() {
        let expression = "histogram_quantile(0.99, sum by (le) (rate(a_b_seconds_bucket{class=~\"x_y\"}[5m]))) / c_total > 0.5";
        assert_eq!(metrics_of(expression), ["a_b_seconds", "c_total"]);
        assert_eq!(metrics_of("up{job=\"slipway\"} == 0"), Vec::<&str>::new());
    }
}
