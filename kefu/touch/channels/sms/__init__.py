"""SMS as a channel: texts of agents and notices to residents go out, what people text comes in as conversations."""
