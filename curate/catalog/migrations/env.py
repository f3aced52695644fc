"""Alembic's entry: migrations run on the connection, and inside the transaction, that `database` opened."""

from alembic import context

from curate.catalog import step_models, team_models, view_models, write_back_models  # noqa: F401 (tables of Base, too)
from curate.catalog.models import Base

context.configure(
    connection=context.config.attributes["connection"], target_metadata=Base.metadata, render_as_batch=True
)
with context.begin_transaction():
    context.run_migrations()
