-- Audit entries are sealed after their commit, in one chain for each root (ADR 0017).

-- append only: audit_entries but sequence, hash once by audit
ALTER TABLE audit_entries ADD COLUMN sequence bigint;
ALTER TABLE audit_entries ADD COLUMN hash bytea;
CREATE INDEX audit_entries_unsealed ON audit_entries (entry) WHERE sequence IS NULL;
CREATE UNIQUE INDEX audit_entries_by_sequence ON audit_entries (root, sequence) WHERE sequence IS NOT NULL;

-- Where each chain ends, signed: a tail that was cut off or a chain that was made anew does not end there.
-- root: system audit
CREATE TABLE audit_checkpoints (
    root uuid NOT NULL,
    sequence bigint NOT NULL,
    hash bytea NOT NULL,
    sealed_at timestamptz NOT NULL,
    signer bytea NOT NULL,
    signature bytea NOT NULL,
    PRIMARY KEY (root)
);

-- How many chains there are and how long they are together, signed: a chain that is gone with its checkpoint is missed here.
-- Its row is also what sealers of several processes queue up for, by turns.
-- root: system audit
CREATE TABLE audit_census (
    name text NOT NULL,
    turn bigint NOT NULL,
    chains bigint NOT NULL,
    entries bigint NOT NULL,
    sealed_at timestamptz,
    signer bytea,
    signature bytea,
    PRIMARY KEY (name)
);
INSERT INTO audit_census (name, turn, chains, entries) VALUES ('installation', 0, 0, 0);
