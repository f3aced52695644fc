"""A model as files for elsewhere: a zip that answers by itself, and pictures with the answers expected to them."""
