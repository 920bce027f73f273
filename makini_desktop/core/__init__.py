"""What everything stands on: events, tasks, clock, paths, logs and words; no Qt, no I/O library."""
