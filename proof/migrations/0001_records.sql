-- What the proofs write: rows whose every consequence can be counted afterwards.

-- root: app
CREATE TABLE records (
    app uuid NOT NULL,
    record uuid NOT NULL,
    account uuid NOT NULL,
    title text NOT NULL CHECK (length(title) BETWEEN 1 AND 200),
    amount bigint NOT NULL CHECK (amount BETWEEN 0 AND 1000000000),
    -- The stored file this row names, if it has one.
    content bytea,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (app, record),
    FOREIGN KEY (app, account) REFERENCES accounts (app, account) ON DELETE CASCADE
);
-- open: records to objects for select

-- What reactions and jobs did about a record, and how often it took effect.
-- root: app
CREATE TABLE record_effects (
    app uuid NOT NULL,
    record uuid NOT NULL,
    cause text NOT NULL CHECK (cause IN ('event', 'job')),
    times bigint NOT NULL,
    PRIMARY KEY (app, record, cause),
    FOREIGN KEY (app, record) REFERENCES records (app, record) ON DELETE CASCADE
);
