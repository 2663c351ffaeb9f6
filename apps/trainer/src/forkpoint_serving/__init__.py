"""What the serving engine loads from us."""
