"""How an operation on a stack runs: nested stacks, events, exports, signals, rolling updates, rollback, cleanup."""
