-- From the tables of version 3 to those of version 4 (user_version); schema/system.sql is what a new database gets.

-- Notifications that wait for the end of quiet hours or for a digest, and the change they tell of.
ALTER TABLE notification ADD COLUMN due_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE notification ADD COLUMN digest INTEGER NOT NULL DEFAULT 0;
ALTER TABLE notification ADD COLUMN cs INTEGER NOT NULL DEFAULT 0;
ALTER TABLE notification ADD COLUMN gone INTEGER NOT NULL DEFAULT 0;
CREATE INDEX notification_digest ON notification(digest) WHERE digest <> 0;
CREATE INDEX notification_cs ON notification(cs) WHERE cs <> 0;
CREATE INDEX notification_gone ON notification(gone) WHERE gone <> 0;
