"""How jobs are asked for: one module per kind of work, with the checks made before it is queued. No torch.

Imported by pages, the server and the command line.
"""
