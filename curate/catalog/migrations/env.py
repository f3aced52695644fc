"""Alembic's entry: migrations run on the connection, and inside the transaction, that `database` opened."""

from alembic import context

from curate.catalog.every_table import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
