-- Logos, brand versions, signing keys, releases and builds.

-- A logo is uploaded before there is an app, so it belongs to the partner; brands repeat its hash and hold the file.
-- root: partner
CREATE TABLE logos (
    partner uuid NOT NULL,
    logo bytea NOT NULL,
    format text NOT NULL,
    side_px bigint NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (partner, logo),
    FOREIGN KEY (partner) REFERENCES partners (partner) ON DELETE CASCADE
);

-- The ledger of everything that is numbered: a number is never given twice, whatever became of its owner.
-- root: app
CREATE TABLE numbers (
    app uuid NOT NULL,
    brand_version bigint NOT NULL CHECK (brand_version BETWEEN 0 AND 4294967295),
    release_number bigint NOT NULL CHECK (release_number BETWEEN 0 AND 4294967295),
    version_code bigint NOT NULL CHECK (version_code BETWEEN 0 AND 2100000000),
    PRIMARY KEY (app),
    FOREIGN KEY (app) REFERENCES apps (app) ON DELETE CASCADE
);

-- root: app
CREATE TABLE brand_versions (
    app uuid NOT NULL,
    brand uuid NOT NULL,
    version bigint NOT NULL CHECK (version BETWEEN 1 AND 4294967295),
    state text NOT NULL CHECK (state IN ('draft', 'approved', 'released')),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 60),
    tagline text NOT NULL CHECK (length(tagline) <= 120),
    logo bytea NOT NULL,
    colours jsonb NOT NULL,
    company text NOT NULL CHECK (length(company) BETWEEN 1 AND 120),
    email text NOT NULL CHECK (length(email) <= 254),
    jurisdiction text NOT NULL CHECK (length(jurisdiction) BETWEEN 1 AND 80),
    created_by uuid NOT NULL,
    created_at timestamptz NOT NULL,
    approved_by uuid,
    approved_at timestamptz,
    PRIMARY KEY (app, brand),
    CONSTRAINT brand_versions_version_key UNIQUE (app, version),
    FOREIGN KEY (app) REFERENCES apps (app) ON DELETE CASCADE
);

-- What the app's origin wears now: the brand of its newest finished release, or before that the one it was launched with.
-- root: app
CREATE TABLE sites (
    app uuid NOT NULL,
    brand uuid NOT NULL,
    release_number bigint NOT NULL,
    PRIMARY KEY (app),
    FOREIGN KEY (app, brand) REFERENCES brand_versions (app, brand) ON DELETE CASCADE,
    FOREIGN KEY (app) REFERENCES apps (app) ON DELETE CASCADE
);

-- root: app
CREATE TABLE signing_keys (
    app uuid NOT NULL,
    -- Encrypted under the installation's secret and bound to the app.
    sealed bytea NOT NULL,
    certificate bytea NOT NULL,
    created_at timestamptz NOT NULL,
    play_fingerprint text CHECK (length(play_fingerprint) = 95),
    PRIMARY KEY (app),
    FOREIGN KEY (app) REFERENCES apps (app) ON DELETE CASCADE
);

-- root: app
CREATE TABLE releases (
    app uuid NOT NULL,
    release uuid NOT NULL,
    number bigint NOT NULL CHECK (number BETWEEN 1 AND 4294967295),
    version_code bigint NOT NULL CHECK (version_code BETWEEN 1 AND 2100000000),
    version_name text NOT NULL,
    brand uuid NOT NULL,
    start_url text NOT NULL,
    rollback_of uuid,
    state text NOT NULL CHECK (state IN ('building', 'ready', 'failed', 'cancelled')),
    artefacts jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (app, release),
    CONSTRAINT releases_number_key UNIQUE (app, number),
    CONSTRAINT releases_version_code_key UNIQUE (app, version_code),
    FOREIGN KEY (app, brand) REFERENCES brand_versions (app, brand) ON DELETE CASCADE
);

-- root: app
CREATE TABLE builds (
    app uuid NOT NULL,
    build uuid NOT NULL,
    release uuid NOT NULL,
    job uuid NOT NULL,
    state text NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled')),
    stages jsonb NOT NULL,
    -- The highest sequence among the build's events, and the one before its present run.
    last_sequence bigint NOT NULL,
    run_began_after bigint NOT NULL,
    request uuid NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (app, build),
    CONSTRAINT builds_release_key UNIQUE (app, release),
    FOREIGN KEY (app, release) REFERENCES releases (app, release) ON DELETE CASCADE
);

-- root: app
CREATE TABLE build_events (
    app uuid NOT NULL,
    build uuid NOT NULL,
    sequence bigint NOT NULL,
    kind text NOT NULL CHECK (kind IN ('stage', 'done', 'failed', 'cancelled')),
    payload jsonb NOT NULL,
    PRIMARY KEY (app, build, sequence),
    FOREIGN KEY (app, build) REFERENCES builds (app, build) ON DELETE CASCADE
);
