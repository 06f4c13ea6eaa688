"""Subjects and what happened to them: case history, audit trail and live feed in one append-only line."""
