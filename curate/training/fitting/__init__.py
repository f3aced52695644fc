"""Fitting with fastai: data, learner, callbacks, schedules and scoring. Imports torch; job processes only."""
