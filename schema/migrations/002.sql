-- From the tables of version 1 to those of version 2 (user_version); schema/system.sql is what a new database gets.

-- Tags: which records have them.
CREATE TABLE tagged(
  record INTEGER NOT NULL,
  field  INTEGER NOT NULL,
  tag    TEXT NOT NULL,
  PRIMARY KEY(record, field, tag)
) STRICT, WITHOUT ROWID;
CREATE INDEX tagged_tag ON tagged(tag, field);
