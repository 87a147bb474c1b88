"""Commands and rendering."""
