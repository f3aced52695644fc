"""What a training can be told: settings, choices, presets, validation and their forms in text. No torch.

Imported by pages, the command line and jobs.
"""
