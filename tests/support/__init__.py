"""What several tests share: trees on disk, cases, a clock that never waits, faults."""
