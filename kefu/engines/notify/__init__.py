"""Notices to people of the centre: the bell, the list, the acknowledgement."""
