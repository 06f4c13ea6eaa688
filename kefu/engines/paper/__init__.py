"""Scanned paper: the pages of PDF and TIFF files as pictures, drawn in a process of its own with bounds."""
