-- The fixed tables of kontor.db. Tables of entities ("e_<entity>") are made from the model by
-- lib/store/schema_plan*.c. A change here is a numbered file in schema/migrations/ as well.

-- Next values of our own ids: record (one sequence for the records of all entities), change_set, field, entity, ...
CREATE TABLE counter(
  name  TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO counter(name, value) VALUES
  ('record', 0), ('change_set', 0), ('field', 0), ('entity', 0), ('job', 0), ('timer', 0),
  ('session', 0), ('token', 0), ('stored_bytes', 0);

-- Entities and their columns. Ids are never reused; gone = 1: no longer in the model, table or column kept.
-- definition: what titles, keys and search rows are made of; when it changes they are made anew.
CREATE TABLE entity(
  id         INTEGER PRIMARY KEY,
  name       TEXT NOT NULL UNIQUE,
  gone       INTEGER NOT NULL DEFAULT 0,
  definition TEXT NOT NULL DEFAULT ''
) STRICT;
-- Pseudo columns of each entity: "created", "deleted_at", "title" with ids -(4 * entity + 1 .. 3) and type ''.
-- type: "text", "decimal:2", "link:company"; definition: digest of a computed field's expression.
CREATE TABLE field(
  id         INTEGER PRIMARY KEY,
  entity     INTEGER NOT NULL,
  name       TEXT NOT NULL,
  "column"   TEXT NOT NULL,
  part       INTEGER NOT NULL,
  derived    INTEGER NOT NULL DEFAULT 0,
  gone       INTEGER NOT NULL DEFAULT 0,
  type       TEXT NOT NULL,
  definition TEXT NOT NULL DEFAULT '',
  UNIQUE(entity, name, part)
) STRICT;
-- The applied configuration: serve starts with it. Names that begin with schema/: the built-in files it was applied with.
CREATE TABLE config(
  name       TEXT PRIMARY KEY,
  text       TEXT NOT NULL,
  applied_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Change-sets: who, when, from where, why; one narrow row per changed column with its before-image.
-- The value a set left is the next before-image of that column and record, else the current value.
CREATE TABLE change_set(
  id      INTEGER PRIMARY KEY,
  at      INTEGER NOT NULL,
  actor   INTEGER NOT NULL,
  source  INTEGER NOT NULL,
  reason  TEXT,
  parent  INTEGER,
  undo_of INTEGER,
  n       INTEGER NOT NULL,
  hash    BLOB NOT NULL
) STRICT;
CREATE INDEX change_set_parent ON change_set(parent) WHERE parent IS NOT NULL;
CREATE INDEX change_set_undo ON change_set(undo_of) WHERE undo_of IS NOT NULL;
CREATE TABLE change(
  field  INTEGER NOT NULL,
  record INTEGER NOT NULL,
  cs     INTEGER NOT NULL,
  before ANY,
  salt   BLOB,
  PRIMARY KEY(field, record, cs)
) STRICT, WITHOUT ROWID;
CREATE INDEX change_cs ON change(cs);

-- Entity of every record id ever given.
CREATE TABLE doc(
  id     INTEGER PRIMARY KEY,
  entity INTEGER NOT NULL
) STRICT;
-- Index rows of fields of type records (links to records of any entity).
CREATE TABLE ref(
  record        INTEGER NOT NULL,
  field         INTEGER NOT NULL,
  target        INTEGER NOT NULL,
  target_entity INTEGER NOT NULL,
  PRIMARY KEY(record, field, target)
) STRICT, WITHOUT ROWID;
CREATE INDEX ref_target ON ref(target, field);
-- Index rows of fields of type tags. tag: folded, without blanks and punctuation: by it tags are told apart.
CREATE TABLE tagged(
  record INTEGER NOT NULL,
  field  INTEGER NOT NULL,
  tag    TEXT NOT NULL,
  PRIMARY KEY(record, field, tag)
) STRICT, WITHOUT ROWID;
CREATE INDEX tagged_tag ON tagged(tag, field);
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
-- Who is this? Normalised e-mail (1), phone (2), domain (3) of living records.
CREATE TABLE handle(
  kind   INTEGER NOT NULL,
  value  TEXT NOT NULL,
  record INTEGER NOT NULL,
  field  INTEGER NOT NULL,
  entity INTEGER NOT NULL,
  PRIMARY KEY(kind, value, record, field)
) STRICT, WITHOUT ROWID;
CREATE INDEX handle_record ON handle(record);

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

-- Full text of living records; rowid = record id. All text is folded (str_fold_search) before it comes here, queries too.
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

-- Accounts. Secrets come hashed; no history of them is kept.
CREATE TABLE credential(
  user       INTEGER PRIMARY KEY,
  password   TEXT,
  epoch      INTEGER NOT NULL DEFAULT 0,
  changed_at INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE session(
  id         INTEGER PRIMARY KEY,
  hash       BLOB NOT NULL UNIQUE,
  user       INTEGER NOT NULL,
  epoch      INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  seen_at    INTEGER NOT NULL,
  csrf       TEXT NOT NULL,
  agent      TEXT
) STRICT;
CREATE INDEX session_user ON session(user);
CREATE TABLE token(
  id         INTEGER PRIMARY KEY,
  hash       BLOB NOT NULL UNIQUE,
  user       INTEGER NOT NULL,
  epoch      INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  used_at    INTEGER NOT NULL DEFAULT 0,
  scope      INTEGER NOT NULL,
  name       TEXT
) STRICT;
CREATE INDEX token_user ON token(user);
CREATE TABLE code(
  hash       BLOB PRIMARY KEY,
  kind       TEXT NOT NULL,
  user       INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  UNIQUE(kind, user)
) STRICT, WITHOUT ROWID;
-- Idempotency keys with the answer that was given.
CREATE TABLE answer(
  user    INTEGER NOT NULL,
  key     TEXT NOT NULL,
  request BLOB NOT NULL,
  status  INTEGER NOT NULL,
  headers TEXT,
  body    TEXT,
  at      INTEGER NOT NULL,
  PRIMARY KEY(user, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX answer_at ON answer(at);
CREATE TABLE pref(
  user INTEGER PRIMARY KEY,
  json TEXT NOT NULL
) STRICT;
CREATE TABLE fact(
  key   TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The bytes of attachments that lie in files/, named by their SHA-256 (lib/store/files.h); counter
-- stored_bytes: their sum. unused_since: no record names them any more; a week later they go.
CREATE TABLE stored_file(
  hash         TEXT PRIMARY KEY,
  size         INTEGER NOT NULL,
  at           INTEGER NOT NULL,
  unused_since INTEGER
) STRICT, WITHOUT ROWID;

-- Durable jobs and timers.
CREATE TABLE job(
  id          INTEGER PRIMARY KEY,
  kind        TEXT NOT NULL,
  user        INTEGER NOT NULL,
  root        INTEGER NOT NULL DEFAULT 0,
  params      TEXT NOT NULL,
  position    TEXT,
  result      TEXT,
  error       TEXT,
  state       INTEGER NOT NULL,
  due_at      INTEGER NOT NULL,
  lease_until INTEGER NOT NULL DEFAULT 0,
  created_at  INTEGER NOT NULL,
  updated_at  INTEGER NOT NULL,
  tries       INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX job_due ON job(due_at, id) WHERE state IN (1, 2);
CREATE INDEX job_user ON job(user, id);
CREATE TABLE timer(
  id     INTEGER PRIMARY KEY,
  kind   TEXT NOT NULL,
  record INTEGER NOT NULL,
  key    TEXT NOT NULL,
  due_at INTEGER NOT NULL,
  UNIQUE(kind, record, key)
) STRICT;
CREATE INDEX timer_due ON timer(due_at);

-- What users are told in the program (the bell). Of (user, kind, record, key) one row ever comes to be; old ones are tidied.
-- record: what it is about; entry: the note that says it; actor: who caused it; 0 each: none. params: JSON, by kind.
-- due_at: it waits until then (quiet hours). digest: -1 waits for the next one; else the notification in which it came, 0: it came
-- by itself. cs: root of the change-set it tells of, gone: of the one by which it is no longer true; 0 each: none.
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
  due_at  INTEGER NOT NULL DEFAULT 0,
  digest  INTEGER NOT NULL DEFAULT 0,
  cs      INTEGER NOT NULL DEFAULT 0,
  gone    INTEGER NOT NULL DEFAULT 0,
  UNIQUE(user, kind, record, key)
) STRICT;
CREATE INDEX notification_user ON notification(user, id);
CREATE INDEX notification_unseen ON notification(user, id) WHERE seen_at = 0;
CREATE INDEX notification_made ON notification(made_at);
CREATE INDEX notification_record ON notification(record, kind);
CREATE INDEX notification_digest ON notification(digest) WHERE digest <> 0;
CREATE INDEX notification_cs ON notification(cs) WHERE cs <> 0;
CREATE INDEX notification_gone ON notification(gone) WHERE gone <> 0;
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
