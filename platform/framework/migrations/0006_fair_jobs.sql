-- Jobs are claimed root by root and by turns, so that one root's backlog keeps no other waiting (ADR 0019).

-- What a ready job still waits for: its time, or the end of another job with its key. Nothing: it is due.
-- Rows of before, and those of a process that runs beside this one and does not know the column, are looked at by their time.
ALTER TABLE jobs ADD COLUMN waits_for text DEFAULT 'time' CHECK (waits_for IN ('time', 'key'));
-- Of the jobs of a root with the same key one runs at a time.
ALTER TABLE jobs ADD COLUMN concurrency_key text;
-- A job that was wanted once is not wanted again until then.
ALTER TABLE jobs ADD COLUMN once_key text;
ALTER TABLE jobs ADD COLUMN once_until timestamptz;
ALTER TABLE jobs ADD COLUMN progress_percent bigint CHECK (progress_percent BETWEEN 0 AND 100);
ALTER TABLE jobs ADD COLUMN progress_note text;

DROP INDEX jobs_ready;
CREATE INDEX jobs_due ON jobs (root, run_at, job) WHERE state = 'ready' AND waits_for IS NULL;
CREATE INDEX jobs_due_at ON jobs (run_at) WHERE state = 'ready' AND waits_for IS NULL;
CREATE INDEX jobs_waiting ON jobs (run_at, job) WHERE state = 'ready' AND waits_for = 'time';
CREATE INDEX jobs_queued ON jobs (root, concurrency_key, run_at, job) WHERE state = 'ready' AND waits_for = 'key';
CREATE UNIQUE INDEX jobs_key_held ON jobs (root, concurrency_key) WHERE state = 'running' AND concurrency_key IS NOT NULL;
CREATE INDEX jobs_once ON jobs (root, kind, once_key) WHERE once_key IS NOT NULL;
CREATE INDEX jobs_by_state ON jobs (root, state, job);
