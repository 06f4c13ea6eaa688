"""Calendars, limits, obligations and the ticker: every promise stands on a clock."""
