-- How people sign in, and what they may do then; what is known of a session; attempts that failed. A password is stored as
-- its Argon2id hash, an attempt under the SHA-256 of who tried from where.

ALTER TABLE people ADD COLUMN sign_in_name TEXT;
ALTER TABLE people ADD COLUMN role TEXT;
ALTER TABLE people ADD COLUMN funds TEXT;
ALTER TABLE people ADD COLUMN password_hash TEXT;
ALTER TABLE people ADD COLUMN password_changed_at BIGINT;
CREATE UNIQUE INDEX people_by_sign_in_name ON people (sign_in_name);

CREATE TABLE person_identities (
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    person_id BIGINT NOT NULL REFERENCES people (id),
    created_at BIGINT NOT NULL,
    PRIMARY KEY (issuer, subject)
) {{clustered}};
CREATE INDEX person_identities_by_person ON person_identities (person_id);

ALTER TABLE sessions ADD COLUMN method TEXT;
ALTER TABLE sessions ADD COLUMN seen_at BIGINT;
CREATE INDEX sessions_by_person ON sessions (person_id, created_at);

CREATE TABLE sign_in_attempts (
    key TEXT NOT NULL PRIMARY KEY,
    failures BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    locked_until BIGINT NOT NULL
) {{clustered}};
CREATE INDEX sign_in_attempts_by_age ON sign_in_attempts (last_at);
