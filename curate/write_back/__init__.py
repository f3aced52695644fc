"""Writing back: moves the files of a project's source folder to follow its labels; every move can be undone."""
