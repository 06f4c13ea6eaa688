"""Fax as a channel: files of a watched folder or of letters become conversations with their pages as pictures."""
