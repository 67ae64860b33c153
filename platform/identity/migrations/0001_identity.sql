-- Passwords and sessions of a partner's people, and the accounts of every app's users.

-- root: partner
CREATE TABLE member_credentials (
    partner uuid NOT NULL,
    member uuid NOT NULL,
    password_hash text NOT NULL CHECK (length(password_hash) <= 255),
    failures bigint NOT NULL DEFAULT 0 CHECK (failures BETWEEN 0 AND 4294967295),
    locked_until timestamptz,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (partner, member),
    FOREIGN KEY (partner, member) REFERENCES members (partner, member) ON DELETE CASCADE
);

-- A token is found before its partner is known.
-- root: partner, system members
CREATE TABLE member_sessions (
    partner uuid NOT NULL,
    session uuid NOT NULL,
    member uuid NOT NULL,
    token_hash bytea NOT NULL,
    created_at timestamptz NOT NULL,
    -- Moves with every use; the end does not.
    expires_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    PRIMARY KEY (partner, session),
    CONSTRAINT member_sessions_token_hash_key UNIQUE (token_hash),
    FOREIGN KEY (partner, member) REFERENCES members (partner, member) ON DELETE CASCADE
);
CREATE INDEX member_sessions_by_member ON member_sessions (partner, member);

-- root: app
CREATE TABLE accounts (
    app uuid NOT NULL,
    account uuid NOT NULL,
    email text NOT NULL CHECK (length(email) <= 255),
    -- The address folded in Rust. The same address in two apps is two accounts.
    email_key text NOT NULL,
    password_hash text NOT NULL CHECK (length(password_hash) <= 255),
    failures bigint NOT NULL DEFAULT 0 CHECK (failures BETWEEN 0 AND 4294967295),
    locked_until timestamptz,
    is_active boolean NOT NULL DEFAULT true,
    terms_accepted_at timestamptz,
    privacy_accepted_at timestamptz,
    legal_version text CHECK (length(legal_version) <= 10),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (app, account),
    CONSTRAINT accounts_email_key_key UNIQUE (app, email_key),
    FOREIGN KEY (app) REFERENCES apps (app) ON DELETE CASCADE
);

-- root: app
CREATE TABLE account_sessions (
    app uuid NOT NULL,
    session uuid NOT NULL,
    account uuid NOT NULL,
    token_hash bytea NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    PRIMARY KEY (app, session),
    CONSTRAINT account_sessions_token_hash_key UNIQUE (app, token_hash),
    FOREIGN KEY (app, account) REFERENCES accounts (app, account) ON DELETE CASCADE
);
CREATE INDEX account_sessions_by_account ON account_sessions (app, account);
