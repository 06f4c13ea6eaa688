"""Journeys that cross capabilities, one file each."""
