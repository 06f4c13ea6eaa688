"""Regulations, their clauses, and the packs that turn them into limits, forms, lists and settings."""
