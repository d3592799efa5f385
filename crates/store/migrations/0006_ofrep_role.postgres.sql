-- The role `ofrep`.

ALTER TABLE tokens DROP CONSTRAINT tokens_role_check;
ALTER TABLE tokens ADD CONSTRAINT tokens_role_check
    CHECK (role IN ('ofrep', 'viewer', 'analyst', 'approver', 'operator', 'admin'));
