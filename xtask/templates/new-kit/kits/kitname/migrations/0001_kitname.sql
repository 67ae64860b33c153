-- The notes of an app's users.

-- root: app
CREATE TABLE kitname_notes (
    app uuid NOT NULL,
    note uuid NOT NULL,
    account uuid NOT NULL,
    content text NOT NULL CHECK (length(content) <= 2000),
    -- Empty until the job has counted.
    word_count bigint CHECK (word_count BETWEEN 0 AND 2000),
    created_at timestamptz NOT NULL,
    PRIMARY KEY (app, note),
    FOREIGN KEY (app) REFERENCES apps (app) ON DELETE CASCADE,
    FOREIGN KEY (app, account) REFERENCES accounts (app, account) ON DELETE CASCADE
);
CREATE INDEX kitname_notes_by_account ON kitname_notes (app, account, note);
