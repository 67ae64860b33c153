-- Claiming reads the rows it takes and no others, in the order it takes them, however many wait.
DROP INDEX jobs_due;
DROP INDEX jobs_leased;
CREATE INDEX jobs_ready ON jobs (run_at, job) WHERE state = 'ready';
CREATE INDEX jobs_running ON jobs (lease_until) WHERE state = 'running';

-- A dead job of which nobody has been told yet holds a lease, and is finished when somebody has.
CREATE INDEX jobs_untold ON jobs (lease_until) WHERE state = 'dead' AND lease_until IS NOT NULL;
