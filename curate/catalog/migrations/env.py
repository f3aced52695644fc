"""Alembic's entry: migrations run on the connection, and inside the transaction, that `database` opened."""

from alembic import context

from curate.catalog.tables.metadata import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
