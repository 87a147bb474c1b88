"""The cycle: observing, planning, applying, verifying, undoing."""
