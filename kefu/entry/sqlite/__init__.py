"""Django's backend of SQLite whose writers take turns."""
