-- People, tokens, browser sessions, idempotency keys. Of every secret only its SHA-256 is stored.

CREATE TABLE people (
    id {{integer_key}},
    name TEXT NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
) {{strict}};

CREATE TABLE tokens (
    id {{integer_key}},
    name TEXT NOT NULL,
    secret_hash TEXT NOT NULL UNIQUE,
    person_id BIGINT REFERENCES people (id),
    role TEXT NOT NULL CHECK (role IN ('viewer', 'analyst', 'approver', 'operator', 'admin')),
    funds TEXT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    revoked_at BIGINT
) {{strict}};

CREATE TABLE login_tokens (
    secret_hash TEXT NOT NULL PRIMARY KEY,
    person_id BIGINT NOT NULL REFERENCES people (id),
    role TEXT NOT NULL,
    funds TEXT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
) {{strict}};

CREATE TABLE sessions (
    secret_hash TEXT NOT NULL PRIMARY KEY,
    person_id BIGINT NOT NULL REFERENCES people (id),
    role TEXT NOT NULL,
    funds TEXT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
) {{strict}};
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

CREATE TABLE idempotency_keys (
    scope TEXT NOT NULL,
    key TEXT NOT NULL,
    request_hash TEXT NOT NULL,
    status BIGINT,
    location TEXT,
    body TEXT,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (scope, key)
) {{strict}};
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);
