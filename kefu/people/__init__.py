"""Units, staff, posts with rights, data scope, sign-in."""
