"""The settings of a training: their table, rules between them, presets and their forms in text. No torch.

Imported by pages, the command line and jobs.
"""
