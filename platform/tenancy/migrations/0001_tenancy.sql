-- Partners with their people, and apps with the names they answer at.

-- root: partner
CREATE TABLE partners (
    partner uuid NOT NULL,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
    created_at timestamptz NOT NULL,
    PRIMARY KEY (partner)
);

-- root: partner, system members
CREATE TABLE members (
    partner uuid NOT NULL,
    member uuid NOT NULL,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
    email text NOT NULL CHECK (length(email) <= 254),
    -- The address folded in Rust. One address is one person of one partner, so that signing in needs no partner's name.
    email_key text NOT NULL,
    role text NOT NULL CHECK (role IN ('owner', 'admin', 'builder', 'viewer')),
    created_at timestamptz NOT NULL,
    PRIMARY KEY (partner, member),
    CONSTRAINT members_email_key_key UNIQUE (email_key),
    FOREIGN KEY (partner) REFERENCES partners (partner) ON DELETE CASCADE
);

-- What an app answers at, below the base domain; the one place that keeps slugs unique.
-- root: app, system hosts
CREATE TABLE slugs (
    app uuid NOT NULL,
    slug text NOT NULL CHECK (length(slug) BETWEEN 3 AND 40),
    PRIMARY KEY (app, slug),
    CONSTRAINT slugs_slug_key UNIQUE (slug)
);

-- The partner is a value and no foreign key here: an app's rows can move without their partner's.
-- root: app
CREATE TABLE apps (
    app uuid NOT NULL,
    partner uuid NOT NULL,
    slug text NOT NULL,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 60),
    kit text NOT NULL,
    state text NOT NULL CHECK (state IN ('live', 'suspended')),
    package_id text NOT NULL CHECK (length(package_id) <= 150),
    created_at timestamptz NOT NULL,
    PRIMARY KEY (app),
    CONSTRAINT apps_package_id_key UNIQUE (package_id),
    FOREIGN KEY (app, slug) REFERENCES slugs (app, slug)
);

-- The partner's own list, because a partner's scope does not open its apps' rows.
-- root: partner
CREATE TABLE partner_apps (
    partner uuid NOT NULL,
    app uuid NOT NULL,
    slug text NOT NULL,
    PRIMARY KEY (partner, app),
    FOREIGN KEY (partner) REFERENCES partners (partner)
);
