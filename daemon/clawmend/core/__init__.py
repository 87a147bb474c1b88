"""Decisions: no disk, no process, no network, no clock, no logging."""
