-- An import that is taken back tells the earlier ones of the same records.
CREATE INDEX import_changes_by_record ON import_changes (record_id, kind);
