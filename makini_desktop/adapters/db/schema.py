"""What is in the file: values as JSON beside the few columns that are asked for.

A file's version (`PRAGMA user_version`) is the number of `MIGRATIONS` it has been through. A released
step is never edited; a change is a new step at the end.
"""

from __future__ import annotations

_FIRST = """
CREATE TABLE account (
    name TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT;

CREATE TABLE connection (
    account TEXT NOT NULL REFERENCES account (name) ON DELETE CASCADE,
    id TEXT NOT NULL,
    value BLOB NOT NULL,
    PRIMARY KEY (account, id)
) STRICT;

-- `at` is the start in microseconds since 1970, NULL before it.
CREATE TABLE sync (
    account TEXT NOT NULL REFERENCES account (name) ON DELETE CASCADE,
    connection TEXT NOT NULL,
    id TEXT NOT NULL,
    at INTEGER,
    running INTEGER NOT NULL,
    value BLOB NOT NULL,
    PRIMARY KEY (account, connection, id)
) STRICT;
CREATE INDEX sync_running ON sync (account) WHERE running;

CREATE TABLE activity (
    id INTEGER PRIMARY KEY,
    account TEXT NOT NULL REFERENCES account (name) ON DELETE CASCADE,
    connection TEXT NOT NULL,
    at INTEGER NOT NULL,
    value BLOB NOT NULL
) STRICT;
CREATE INDEX activity_newest ON activity (account, connection, at);

-- One row holds a whole day, {connection: worst health}: thirty rows are read at the start, not thousands.
CREATE TABLE day (
    account TEXT NOT NULL REFERENCES account (name) ON DELETE CASCADE,
    day TEXT NOT NULL,
    value BLOB NOT NULL,
    PRIMARY KEY (account, day)
) STRICT;

CREATE TABLE setting (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;
"""

_SERVER = """
-- What an account's server offers, {capability: finding}, and what it says of its version.
CREATE TABLE server (
    account TEXT PRIMARY KEY REFERENCES account (name) ON DELETE CASCADE,
    findings BLOB,
    version BLOB
) STRICT;
"""

MIGRATIONS: tuple[str, ...] = (_FIRST, _SERVER)
