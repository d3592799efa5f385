-- Guarded rollouts: where each stands, what was seen of it, who has looked at it. What was decided, and by which numbers,
-- is in the audit log.

CREATE TABLE rollouts (
    id TEXT NOT NULL PRIMARY KEY,
    flag_key TEXT NOT NULL,
    environment TEXT NOT NULL,
    policy TEXT NOT NULL,
    policy_hash TEXT NOT NULL,
    latency_baseline TEXT,
    state TEXT NOT NULL,
    -- How the arms of the present entry come about, or none where nothing is observed.
    observes TEXT NOT NULL CHECK (observes IN ('none', 'everyone', 'hashed', 'opt-in')),
    entry BIGINT NOT NULL,
    -- Whether every replica is to say what it has of the flag.
    reads_back BIGINT NOT NULL,
    -- The flag as it was before the start, as it is to be after a rollback, and the hash of what the rollout wrote last.
    baseline TEXT,
    rollback_target TEXT,
    written_hash TEXT,
    -- The revision of the flags that has it: who says what they have of an earlier one says nothing about it.
    written_revision BIGINT NOT NULL,
    -- End of the last tick that was decided about. Evidence that comes later counts in a later tick.
    closed_tick BIGINT,
    rollback_times TEXT,
    approved_by TEXT,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    updated_at BIGINT NOT NULL,
    ended_at BIGINT
) {{strict}};
CREATE UNIQUE INDEX rollouts_one_at_a_time ON rollouts (flag_key) WHERE ended_at IS NULL;
CREATE INDEX rollouts_by_flag ON rollouts (flag_key, id);
CREATE INDEX rollouts_observing ON rollouts (id) WHERE observes <> 'none' OR reads_back = 1;

-- Counts of 15 seconds, by replica until the tick is decided about, then as one row without one.
CREATE TABLE rollout_ticks (
    rollout_id TEXT NOT NULL REFERENCES rollouts (id),
    tick_at BIGINT NOT NULL,
    replica TEXT NOT NULL,
    entry BIGINT NOT NULL,
    counts TEXT NOT NULL,
    PRIMARY KEY (rollout_id, tick_at, replica)
) {{clustered}};
CREATE INDEX rollout_ticks_by_time ON rollout_ticks (tick_at);

-- The same by the hour, for ticks that are too old to be kept one by one.
CREATE TABLE rollout_hours (
    rollout_id TEXT NOT NULL REFERENCES rollouts (id),
    hour_at BIGINT NOT NULL,
    entry BIGINT NOT NULL,
    counts TEXT NOT NULL,
    PRIMARY KEY (rollout_id, hour_at, entry)
) {{clustered}};

-- Users of an entry, by a hash of their key: each counts once.
CREATE TABLE rollout_users (
    rollout_id TEXT NOT NULL REFERENCES rollouts (id),
    entry BIGINT NOT NULL,
    user_hash TEXT NOT NULL,
    in_treatment BIGINT NOT NULL,
    failed BIGINT NOT NULL,
    PRIMARY KEY (rollout_id, entry, user_hash)
) {{clustered}};

-- Who was asked about before the start, and what they are to get after a rollback.
CREATE TABLE rollout_contexts (
    rollout_id TEXT NOT NULL REFERENCES rollouts (id),
    context TEXT NOT NULL,
    variant TEXT,
    PRIMARY KEY (rollout_id, context)
) {{clustered}};

-- What each replica says it has of a rollout's flag.
CREATE TABLE rollout_readings (
    rollout_id TEXT NOT NULL REFERENCES rollouts (id),
    replica TEXT NOT NULL,
    reading TEXT NOT NULL,
    read_at BIGINT NOT NULL,
    PRIMARY KEY (rollout_id, replica)
) {{clustered}};

-- Records of phases that other environments have done, signed there.
CREATE TABLE rollout_records (
    id TEXT NOT NULL PRIMARY KEY,
    flag_key TEXT NOT NULL,
    environment TEXT NOT NULL,
    record TEXT NOT NULL,
    imported_at BIGINT NOT NULL,
    imported_by TEXT NOT NULL
) {{strict}};
CREATE INDEX rollout_records_by_flag ON rollout_records (flag_key, id);
{{append_only:rollout_records}}

-- Processes that serve. One that stops says so; one that was killed is not seen any more.
CREATE TABLE replicas (
    id TEXT NOT NULL PRIMARY KEY,
    started_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL
) {{strict}};
CREATE INDEX replicas_by_time ON replicas (seen_at);

-- What only one process does at a time. The token is raised with every change of hands and checked by every write.
CREATE TABLE leases (
    name TEXT NOT NULL PRIMARY KEY,
    holder TEXT NOT NULL,
    token BIGINT NOT NULL,
    held_until BIGINT NOT NULL
) {{strict}};

-- Who used a flag's feature, by month and a hash of their key: adoption.
CREATE TABLE flag_users (
    flag_key TEXT NOT NULL,
    month TEXT NOT NULL,
    user_hash TEXT NOT NULL,
    enabled BIGINT NOT NULL,
    PRIMARY KEY (flag_key, month, user_hash, enabled)
) {{clustered}};

-- What users say, and what they complain about.
CREATE TABLE feedback (
    id TEXT NOT NULL PRIMARY KEY,
    flag_key TEXT NOT NULL,
    useful BIGINT NOT NULL,
    comment TEXT,
    given_at BIGINT NOT NULL,
    given_by TEXT NOT NULL
) {{clustered}};
CREATE INDEX feedback_by_flag ON feedback (flag_key, id);
CREATE INDEX feedback_by_time ON feedback (flag_key, given_at);

CREATE TABLE support_tickets (
    id TEXT NOT NULL PRIMARY KEY,
    flag_key TEXT NOT NULL,
    summary TEXT NOT NULL,
    severity TEXT NOT NULL CHECK (severity IN ('low', 'normal', 'high', 'critical')),
    link TEXT,
    reported_at BIGINT NOT NULL,
    reported_by TEXT NOT NULL
) {{clustered}};
CREATE INDEX support_tickets_by_flag ON support_tickets (flag_key, id);
CREATE INDEX support_tickets_by_time ON support_tickets (flag_key, reported_at);
