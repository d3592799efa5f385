-- Tells every process that listens on `lotwise_flags` that flags answer differently, once the write is committed.
-- PostgreSQL only: a SQLite file has one process.

CREATE FUNCTION lotwise_tell_of_flags() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN PERFORM pg_notify('lotwise_flags', NEW.revision::text); RETURN NULL; END $$;

CREATE TRIGGER flag_revision_notice AFTER UPDATE ON flag_revision
FOR EACH ROW WHEN (OLD.revision <> NEW.revision) EXECUTE FUNCTION lotwise_tell_of_flags();
