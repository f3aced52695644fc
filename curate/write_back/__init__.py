"""Writing back: the folder that a project came from is brought to the project's labels, by moves that can be undone."""
