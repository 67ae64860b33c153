-- Housekeeping finds what has had its time by age, whoever's it is, and may do nothing but look and delete.

-- open: idempotency_keys to housekeeping for select, delete
CREATE INDEX idempotency_keys_by_time ON idempotency_keys (created_at);

-- open: jobs to housekeeping for select, delete
CREATE INDEX jobs_over ON jobs (finished_at) WHERE state IN ('done', 'cancelled');
CREATE INDEX jobs_dead ON jobs (finished_at) WHERE state = 'dead';

-- open: outbox_cursors to housekeeping for select
-- open: outbox_events to housekeeping for select, delete
-- open: consumed_events to housekeeping for select, delete
CREATE INDEX consumed_events_by_time ON consumed_events (consumed_at);
