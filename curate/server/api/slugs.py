"""Projects' names in addresses of the API."""

import re
import unicodedata
from collections.abc import Sequence

from curate import whole_number
from curate.catalog import projects
from curate.catalog.projects import ProjectSummary
from curate.errors import NotFound


def slug_of(name: str) -> str:
    """A name as an address has it: letters and digits in lower case, with hyphens between.

    >>> slug_of("Cats & Dogs (2026)"), slug_of("Haustiere: Bär"), slug_of("9:16"), slug_of("?!")
    ('cats-dogs-2026', 'haustiere-bär', 'project-9-16', 'project')
    """
    plain = re.sub(r"[\W_]+", "-", unicodedata.normalize("NFKC", name).lower()).strip("-")
    return plain if plain and not plain[0].isdigit() else f"project-{plain}".rstrip("-")


def slugs_of(names: Sequence[tuple[int, str]]) -> dict[int, str]:
    """{project id: slug}; of several with the same slug the oldest has it plain, the others with their number.

    names: (id, name), oldest first.

    >>> slugs_of([(1, "Pets"), (2, "pets!"), (3, "Pets 2")])
    {1: 'pets', 2: 'pets-2', 3: 'pets-2-3'}
    """
    slugs: dict[int, str] = {}
    taken: set[str] = set()
    for project_id, name in names:
        slug = slug_of(name)
        while slug in taken:
            slug = f"{slug}-{project_id}"
        taken.add(slug)
        slugs[project_id] = slug
    return slugs


def find_project(key: str) -> ProjectSummary:
    """The project of that slug or number. Raises NotFound."""
    number = whole_number.parse(key)
    return projects.find_project(_id_of(key) if number is None else number)


def find_project_id(key: str) -> int:
    """The id of the project of that slug or number. Raises NotFound."""
    number = whole_number.parse(key)
    return _id_of(key) if number is None else projects.find_project(number).id


def _id_of(key: str) -> int:
    for project_id, slug in slugs_of(projects.project_names()).items():
        if slug == key:
            return project_id
    raise NotFound(f"There is no project {key!r:.80}.", "GET /api/v1/projects lists them.")
