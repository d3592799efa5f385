-- Those that have expired are forgotten.
CREATE INDEX login_tokens_by_expiry ON login_tokens (expires_at);
