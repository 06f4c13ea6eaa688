"""E-mail as a channel: letters are taken in once, kept safe, and find their conversation."""
