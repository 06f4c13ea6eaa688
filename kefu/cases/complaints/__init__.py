"""Complaints: classed by subject, severity and validity, three independent fields; carried to the end by sections."""
