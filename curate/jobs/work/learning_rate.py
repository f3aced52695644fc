"""The job that searches a learning rate for a project; a person then chooses one."""

from typing import Any

from curate import store
from curate.catalog import runs
from curate.errors import BadInput, JobFailed
from curate.jobs.context import Cancelled, JobContext
from curate.jobs.work.training_progress import Watch
from curate.training.fitting import device
from curate.training.fitting.rate_finder import find_rates
from curate.training.settings.config import TrainConfig


def run(context: JobContext) -> dict[str, Any]:
    """Returns {"rates", "losses": smoothed, "suggestions": {name: rate}}. args: {"config": TrainConfig as JSON}."""
    if context.project_id is None:
        raise BadInput("A search for a learning rate needs a project.")
    config = TrainConfig.from_json(context.args["config"]).validated()
    chosen = runs.training_set(context.project_id)
    pictures = store.blob_paths(chosen.shas)
    watch = Watch(context, None, device.choose(config).label)
    given = (pictures, chosen.labels, chosen.is_valid, chosen.label_names, config)
    try:
        return find_rates(*given, context.folder, watch).to_json()
    except JobFailed as error:
        if context.cancel:
            raise Cancelled from error
        raise
