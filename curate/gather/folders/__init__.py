"""What a folder tree says about labels and splits, and how that is shown and changed before an import.

Imported by the rest of `gather`, the Gather page and the command line.
"""
