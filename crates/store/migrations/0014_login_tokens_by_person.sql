-- Links that nobody has opened end with the sessions of their person.
CREATE INDEX login_tokens_by_person ON login_tokens (person_id);
