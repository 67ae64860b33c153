-- What every module leans on: replies stored for retries, the audit trail, the outbox and the jobs.

-- root: either
CREATE TABLE idempotency_keys (
    root uuid NOT NULL,
    actor text NOT NULL,
    idempotency_key text NOT NULL,
    request_hash bytea NOT NULL,
    status bigint NOT NULL,
    body text NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (root, actor, idempotency_key)
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (root, created_at);

-- root: either
CREATE TABLE audit_entries (
    root uuid NOT NULL,
    entry uuid NOT NULL,
    actor text NOT NULL,
    action text NOT NULL CHECK (length(action) <= 100),
    resource_type text NOT NULL CHECK (length(resource_type) <= 50),
    resource_id text NOT NULL CHECK (length(resource_id) <= 100),
    details jsonb NOT NULL,
    request uuid NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (root, entry)
);
CREATE INDEX audit_entries_by_request ON audit_entries (root, request);

-- root: either, system outbox
CREATE TABLE outbox_events (
    root uuid NOT NULL,
    event uuid NOT NULL,
    of_app boolean NOT NULL,
    kind text NOT NULL,
    payload jsonb NOT NULL,
    actor text NOT NULL,
    request uuid NOT NULL,
    created_at timestamptz NOT NULL,
    -- Stamped by the sequencer after commit: dense, and never reused.
    position bigint,
    PRIMARY KEY (root, event),
    CONSTRAINT outbox_events_position_key UNIQUE (position)
);
CREATE INDEX outbox_events_unstamped ON outbox_events (event) WHERE position IS NULL;

-- root: system outbox
CREATE TABLE outbox_cursors (
    consumer text NOT NULL,
    position bigint NOT NULL,
    PRIMARY KEY (consumer)
);
INSERT INTO outbox_cursors (consumer, position) VALUES ('sequencer', 0);

-- The inbox: which events a consumer has already acted on.
-- root: either
CREATE TABLE consumed_events (
    root uuid NOT NULL,
    consumer text NOT NULL,
    event uuid NOT NULL,
    consumed_at timestamptz NOT NULL,
    PRIMARY KEY (root, consumer, event)
);

-- root: either, system jobs
CREATE TABLE jobs (
    root uuid NOT NULL,
    job uuid NOT NULL,
    kind text NOT NULL,
    payload jsonb NOT NULL,
    state text NOT NULL CHECK (state IN ('ready', 'running', 'done', 'dead', 'cancelled')),
    attempts bigint NOT NULL,
    run_at timestamptz NOT NULL,
    lease_until timestamptz,
    worker uuid,
    cancel_requested boolean NOT NULL,
    failure text,
    request uuid NOT NULL,
    created_at timestamptz NOT NULL,
    finished_at timestamptz,
    PRIMARY KEY (root, job)
);
CREATE INDEX jobs_due ON jobs (state, run_at);
CREATE INDEX jobs_leased ON jobs (state, lease_until);

-- root: system leases
CREATE TABLE leases (
    name text NOT NULL,
    holder uuid NOT NULL,
    until timestamptz NOT NULL,
    PRIMARY KEY (name)
);
