-- A consumer that cannot act on an event holds its line up for a while, and then the line moves on.

-- The event a consumer is stuck at. Kept, so that a restart neither forgets the tries nor hurries the next one.
-- root: system outbox
CREATE TABLE held_lines (
    consumer text NOT NULL,
    event uuid NOT NULL,
    attempts bigint NOT NULL,
    failure text NOT NULL,
    resting_until timestamptz NOT NULL,
    PRIMARY KEY (consumer)
);

-- What a consumer was never able to act on, whole, because the outbox forgets the event itself.
-- root: either, system outbox
CREATE TABLE dead_events (
    root uuid NOT NULL,
    consumer text NOT NULL,
    event uuid NOT NULL,
    of_app boolean NOT NULL,
    kind text NOT NULL,
    payload jsonb NOT NULL,
    request uuid NOT NULL,
    created_at timestamptz NOT NULL,
    position bigint NOT NULL,
    attempts bigint NOT NULL,
    failure text NOT NULL,
    died_at timestamptz NOT NULL,
    PRIMARY KEY (root, consumer, event)
);
CREATE INDEX dead_events_by_time ON dead_events (died_at);
-- open: dead_events to housekeeping for select, delete
