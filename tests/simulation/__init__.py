"""The real monitor, state machine and incident code, on a clock that jumps, in a world that breaks."""
