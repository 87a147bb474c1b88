"""One module per rule and an explicit registry."""
