"""Adapters to the machine: files, databases, checkpoints, the gateway, service managers, the clock."""
