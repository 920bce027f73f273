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

_HISTORY = """
-- `at` and `evidence_at` are microseconds since 1970.
CREATE TABLE health_change (
    account TEXT NOT NULL REFERENCES account (name) ON DELETE CASCADE,
    connection TEXT NOT NULL,
    at INTEGER NOT NULL,
    health TEXT NOT NULL,
    source TEXT NOT NULL,
    evidence_at INTEGER NOT NULL,
    detail TEXT NOT NULL,
    request_id TEXT,
    PRIMARY KEY (account, connection, at)
) STRICT, WITHOUT ROWID;

-- What is left of changes whose detail was let go of: a day's sums, times in microseconds.
CREATE TABLE health_day (
    account TEXT NOT NULL REFERENCES account (name) ON DELETE CASCADE,
    connection TEXT NOT NULL,
    day TEXT NOT NULL,
    working INTEGER NOT NULL,
    known INTEGER NOT NULL,
    breaks INTEGER NOT NULL,
    repairs INTEGER NOT NULL,
    repairing INTEGER NOT NULL,
    broken_since INTEGER,
    PRIMARY KEY (account, connection, day)
) STRICT, WITHOUT ROWID;

CREATE TABLE incident (
    account TEXT NOT NULL REFERENCES account (name) ON DELETE CASCADE,
    id TEXT NOT NULL,
    opened_at INTEGER NOT NULL,
    closed_at INTEGER,
    value BLOB NOT NULL,
    PRIMARY KEY (account, id)
) STRICT;

CREATE TABLE note (
    account TEXT NOT NULL REFERENCES account (name) ON DELETE CASCADE,
    connection TEXT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (account, connection)
) STRICT, WITHOUT ROWID;

CREATE TABLE repair_queue (
    account TEXT PRIMARY KEY REFERENCES account (name) ON DELETE CASCADE,
    value BLOB NOT NULL
) STRICT;
"""

MIGRATIONS: tuple[str, ...] = (_FIRST, _SERVER, _HISTORY)
