"""Rows from Excel and CSV: read in any usual form, checked as a whole, written as a whole or not at all."""
