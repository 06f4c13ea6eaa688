"""Background work and the timetable, in the database: no broker, nothing lost, the same on SQLite and PostgreSQL."""
