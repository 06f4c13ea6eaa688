"""Who is offered which waiting conversation: by skill, load and longest idle; each has one owner."""
