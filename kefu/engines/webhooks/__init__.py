"""Telling other systems what happens: who hears of what, signed deliveries with retries, dead letters. Knows the line, no capability."""
