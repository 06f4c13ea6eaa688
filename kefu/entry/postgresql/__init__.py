"""Django's backend of PostgreSQL with a cheaper look whether a kept connection still stands."""
