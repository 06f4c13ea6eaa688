"""The public pages: a resident submits, tracks, urges and rates; an employee without an account passes on a complaint."""
