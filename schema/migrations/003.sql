-- From the tables of version 2 to those of version 3 (user_version); schema/system.sql is what a new database gets.
-- Tokens of public forms that were used, by their hash, until they would have expired: each is good for one entry.
CREATE TABLE form_token(
  hash     BLOB PRIMARY KEY,
  until_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX form_token_until ON form_token(until_at);
-- What became of the entries of a public form, by day (company's zone): outcome 'taken', or why they were turned away.
CREATE TABLE form_count(
  form    TEXT NOT NULL,
  day     TEXT NOT NULL,
  outcome TEXT NOT NULL,
  n       INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  PRIMARY KEY(form, day, outcome)
) STRICT, WITHOUT ROWID;
-- Whose turn it was last, of rules that give records to people in turn (lib/rules/assign.c). last: the number of the turn.
CREATE TABLE turn(
  rule TEXT NOT NULL,
  user INTEGER NOT NULL,
  last INTEGER NOT NULL,
  PRIMARY KEY(rule, user)
) STRICT, WITHOUT ROWID;
-- Calendars that programs subscribe to by a private address: only the hash of its secret is kept. view: whose records, as in
-- ?view=; NULL: the user's own activities.
CREATE TABLE feed(
  id         INTEGER PRIMARY KEY,
  hash       BLOB NOT NULL UNIQUE,
  user       INTEGER NOT NULL,
  epoch      INTEGER NOT NULL,
  entity     TEXT NOT NULL,
  view       TEXT,
  name       TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  used_at    INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX feed_user ON feed(user);
