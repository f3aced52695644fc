"""What surrounds every page: navigation, the chosen project, the address, identity, running jobs.

Imported by every other folder of `ui` and by the pages.
"""
