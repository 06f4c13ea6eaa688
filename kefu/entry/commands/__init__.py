"""One file a command. Heavy imports stay inside ``run``, so that ``kefu --help`` is quick."""
