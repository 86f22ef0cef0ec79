-- From the tables of version 1 to those of version 2 (user_version); schema/system.sql is what a new database gets.

-- Tags: which records have them.
CREATE TABLE tagged(
  record INTEGER NOT NULL,
  field  INTEGER NOT NULL,
  tag    TEXT NOT NULL,
  PRIMARY KEY(record, field, tag)
) STRICT, WITHOUT ROWID;
CREATE INDEX tagged_tag ON tagged(tag, field);

-- What users are told in the program (the bell). Of (user, kind, record, key) one row ever comes to be; old ones are tidied.
-- record: what it is about; entry: the note that says it; actor: who caused it; 0 each: none. params: JSON, by kind.
CREATE TABLE notification(
  id      INTEGER PRIMARY KEY,
  user    INTEGER NOT NULL,
  kind    TEXT NOT NULL,
  record  INTEGER NOT NULL,
  entry   INTEGER NOT NULL,
  key     TEXT NOT NULL,
  actor   INTEGER NOT NULL,
  params  TEXT NOT NULL,
  made_at INTEGER NOT NULL,
  seen_at INTEGER NOT NULL,
  UNIQUE(user, kind, record, key)
) STRICT;
CREATE INDEX notification_user ON notification(user, id);
CREATE INDEX notification_unseen ON notification(user, id) WHERE seen_at = 0;
CREATE INDEX notification_made ON notification(made_at);
CREATE INDEX notification_record ON notification(record, kind);

-- Attachments.
INSERT INTO counter(name, value) VALUES ('stored_bytes', 0);
CREATE TABLE stored_file(
  hash         TEXT PRIMARY KEY,
  size         INTEGER NOT NULL,
  at           INTEGER NOT NULL,
  unused_since INTEGER
) STRICT, WITHOUT ROWID;
-- Records that were merged into another one (survivor) by the set cs. undone: an undo brought it back.
CREATE TABLE merged(
  record   INTEGER NOT NULL,
  cs       INTEGER NOT NULL,
  survivor INTEGER NOT NULL,
  undone   INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY(record, cs)
) STRICT, WITHOUT ROWID;
CREATE INDEX merged_survivor ON merged(survivor);
CREATE INDEX merged_cs ON merged(cs);

-- Saved mappings of imports (YAML): one's own, or for all.
CREATE TABLE import_recipe(
  id         INTEGER PRIMARY KEY,
  user       INTEGER NOT NULL,
  name       TEXT NOT NULL,
  entity     TEXT NOT NULL,
  map        TEXT NOT NULL,
  shared     INTEGER NOT NULL DEFAULT 0,
  updated_at INTEGER NOT NULL,
  UNIQUE(user, name)
) STRICT;
-- Who took which records out: one row an export, written before its first byte leaves. entity '': everything; user 0: the
-- system, then actor says who.
CREATE TABLE export_log(
  id      INTEGER PRIMARY KEY,
  at      INTEGER NOT NULL,
  user    INTEGER NOT NULL,
  actor   TEXT NOT NULL,
  entity  TEXT NOT NULL,
  format  TEXT NOT NULL,
  filter  TEXT NOT NULL,
  records INTEGER NOT NULL
) STRICT;
-- Ids that records had in other systems: a second file finds them by it. One of these is good while the change-set that
-- noted it is not undone (gone = 0). Several records may have one: in the bin, or seen by different people.
CREATE TABLE external(
  system TEXT NOT NULL,
  kind   TEXT NOT NULL,
  key    TEXT NOT NULL,
  record INTEGER NOT NULL,
  cs     INTEGER NOT NULL,
  gone   INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY(system, kind, key, record)
) STRICT, WITHOUT ROWID;
CREATE INDEX external_record ON external(record);
CREATE INDEX external_cs ON external(cs);
-- Possible doubles: kind 100 the words of a name, 101 its sounds and the place; key: 64 bits of a hash. Of living records.
CREATE TABLE twin(
  entity INTEGER NOT NULL,
  kind   INTEGER NOT NULL,
  key    INTEGER NOT NULL,
  record INTEGER NOT NULL,
  PRIMARY KEY(entity, kind, key, record)
) STRICT, WITHOUT ROWID;
-- Records that somebody said are not the same; one < other.
CREATE TABLE apart(
  one   INTEGER NOT NULL,
  other INTEGER NOT NULL,
  user  INTEGER NOT NULL,
  at    INTEGER NOT NULL,
  PRIMARY KEY(one, other)
) STRICT, WITHOUT ROWID;

-- The search has titles and texts apart; the start that follows fills the tables anew (search_definition differs).
DROP TABLE search_words;
DROP TABLE search_parts;
-- search_words: records that stand for themselves; search_texts: those whose rights follow from others (notes, activities).
-- title, words: the other searchable fields; digits: phone numbers, see put_digits in search_match.c;
-- access: tokens of entity, owner, team and each record it points to (search_text.h).
CREATE VIRTUAL TABLE search_words USING fts5(
  title, words, digits, access,
  content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2', prefix='2 3');
CREATE VIRTUAL TABLE search_texts USING fts5(
  words, access,
  content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2', prefix='2 3');
-- Any three letters: title, e-mails, phone digits of what stands in search_words.
CREATE VIRTUAL TABLE search_parts USING fts5(
  text, content='', contentless_delete=1, tokenize='trigram', detail='none');
-- The words of titles, one row for each place: suggestions seek in it.
CREATE VIRTUAL TABLE search_known USING fts5vocab(search_words, instance);
-- Eight parts of a level are merged at once instead of four: a large import merges each word less often.
INSERT INTO search_words(search_words, rank) VALUES('automerge', 8);
INSERT INTO search_texts(search_texts, rank) VALUES('automerge', 8);
INSERT INTO search_parts(search_parts, rank) VALUES('automerge', 8);

-- Phone numbers are known by their digits within their country (kind 2 of handle).
UPDATE OR REPLACE handle SET value = kphone(value) WHERE kind = 2 AND kphone(value) <> value;
DELETE FROM handle WHERE kind = 2 AND kphone(value) IS NULL;
