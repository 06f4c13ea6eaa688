"""Compliance (制度符合性): every clause, how it is carried out, proven, kept and broken."""
