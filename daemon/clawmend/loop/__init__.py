"""What wakes the cycle: events, timers, signals; and what is told about it."""
