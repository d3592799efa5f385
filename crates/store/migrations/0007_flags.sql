-- What flags are, who gets them and how often they were asked for. Every edit keeps what was there before, in tables that
-- nobody can change or delete from.

-- Raised by every write that changes what flags answer.
CREATE TABLE flag_revision (
    singleton BIGINT NOT NULL PRIMARY KEY CHECK (singleton = 1),
    revision BIGINT NOT NULL
) {{strict}};
INSERT INTO flag_revision (singleton, revision) VALUES (1, 0);

INSERT INTO settings (key, value, version, updated_at) VALUES ('database_id', '"' || {{random_uuid}} || '"', 1, {{now}});

CREATE TABLE flag_definitions (
    key TEXT NOT NULL PRIMARY KEY,
    definition TEXT NOT NULL,
    version BIGINT NOT NULL,
    archived_at BIGINT,
    created_at BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    updated_at BIGINT NOT NULL,
    updated_by TEXT NOT NULL
) {{strict}};

CREATE TABLE flag_definition_versions (
    key TEXT NOT NULL REFERENCES flag_definitions (key),
    version BIGINT NOT NULL,
    definition TEXT NOT NULL,
    archived BIGINT NOT NULL,
    comment TEXT,
    changed_at BIGINT NOT NULL,
    changed_by TEXT NOT NULL,
    PRIMARY KEY (key, version)
) {{strict}};
{{append_only:flag_definition_versions}}

-- What all definitions share; no row until it is first changed.
CREATE TABLE flag_set (
    singleton BIGINT NOT NULL PRIMARY KEY CHECK (singleton = 1),
    evaluators TEXT,
    metadata TEXT,
    bucketing TEXT NOT NULL CHECK (bucketing IN ('v2', 'v3')),
    version BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    updated_by TEXT NOT NULL
) {{strict}};

CREATE TABLE flag_set_versions (
    version BIGINT NOT NULL PRIMARY KEY,
    evaluators TEXT,
    metadata TEXT,
    bucketing TEXT NOT NULL,
    comment TEXT,
    changed_at BIGINT NOT NULL,
    changed_by TEXT NOT NULL
) {{strict}};
{{append_only:flag_set_versions}}

CREATE TABLE segments (
    key TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    updated_at BIGINT NOT NULL,
    updated_by TEXT NOT NULL
) {{strict}};
INSERT INTO segments (key, name, version, created_at, created_by, updated_at, updated_by)
    VALUES ('early-adopters', 'Early adopters', 1, {{now}}, 'lotwise', {{now}}, 'lotwise');

CREATE TABLE segment_members (
    segment_key TEXT NOT NULL REFERENCES segments (key),
    targeting_key TEXT NOT NULL,
    source TEXT NOT NULL CHECK (source IN ('operator', 'invitation')),
    added_at BIGINT NOT NULL,
    added_by TEXT NOT NULL,
    PRIMARY KEY (segment_key, targeting_key)
) {{clustered}};

CREATE TABLE flag_invitations (
    id TEXT NOT NULL PRIMARY KEY,
    flag_key TEXT NOT NULL,
    environment TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    max_uses BIGINT NOT NULL CHECK (max_uses > 0),
    uses BIGINT NOT NULL CHECK (uses <= max_uses),
    created_at BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    revoked_at BIGINT,
    revoked_by TEXT
) {{clustered}};
CREATE INDEX flag_invitations_by_flag ON flag_invitations (flag_key, id);

CREATE TABLE flag_invitation_redemptions (
    invitation_id TEXT NOT NULL REFERENCES flag_invitations (id),
    targeting_key TEXT NOT NULL,
    redeemed_at BIGINT NOT NULL,
    PRIMARY KEY (invitation_id, targeting_key)
) {{clustered}};

CREATE TABLE flag_changes (
    id TEXT NOT NULL PRIMARY KEY,
    flag_key TEXT,
    action TEXT NOT NULL,
    base_version BIGINT NOT NULL,
    body TEXT NOT NULL,
    comment TEXT,
    status TEXT NOT NULL CHECK (status IN ('pending', 'approved', 'rejected', 'withdrawn', 'outdated')),
    requested_at BIGINT NOT NULL,
    requested_by TEXT NOT NULL,
    decided_at BIGINT,
    decided_by TEXT,
    reason TEXT
) {{clustered}};
CREATE INDEX flag_changes_by_status ON flag_changes (status, id);

CREATE TABLE flag_usage (
    flag_key TEXT NOT NULL,
    variant TEXT NOT NULL,
    first_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    evaluations BIGINT NOT NULL,
    PRIMARY KEY (flag_key, variant)
) {{clustered}};

CREATE TABLE flag_opt_outs (
    flag_key TEXT NOT NULL,
    targeting_key TEXT NOT NULL,
    opted_out_at BIGINT NOT NULL,
    returned_at BIGINT,
    PRIMARY KEY (flag_key, targeting_key)
) {{clustered}};
CREATE INDEX flag_opt_outs_by_time ON flag_opt_outs (flag_key, opted_out_at);
