-- The role `ofrep`. SQLite cannot change the words a column allows, so the table is made anew.

CREATE TABLE tokens_with_ofrep (
    id {{integer_key}},
    name TEXT NOT NULL,
    secret_hash TEXT NOT NULL UNIQUE,
    person_id BIGINT REFERENCES people (id),
    role TEXT NOT NULL CHECK (role IN ('ofrep', 'viewer', 'analyst', 'approver', 'operator', 'admin')),
    funds TEXT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    revoked_at BIGINT
) {{strict}};
INSERT INTO tokens_with_ofrep (id, name, secret_hash, person_id, role, funds, created_at, expires_at, revoked_at)
    SELECT id, name, secret_hash, person_id, role, funds, created_at, expires_at, revoked_at FROM tokens;
DROP TABLE tokens;
ALTER TABLE tokens_with_ofrep RENAME TO tokens;
