"""Prepares data, trains, evaluates and exports: what a Forkpoint compute job runs."""
