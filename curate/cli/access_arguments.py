"""Commands on the API's tokens: what they take. What they do is in `access_commands`."""

import click

from curate.cli import options


@click.group()
def token() -> None:
    """Tokens for programs that use the API."""


@token.command()
@click.argument("name")
@click.option(
    "--scope", "scopes", multiple=True, default=("read", "predict"), show_default=True, metavar="SCOPE",
    help="read, predict, review or manage; repeatable.",
)  # fmt: skip
@click.option("--owner", default=options.current_user, help="In whose name it decides.")
def new(name: str, scopes: tuple[str, ...], owner: str) -> None:
    """Make a token and print it, once.

    NAME says what it is for.
    """
    from curate.cli import access_commands

    access_commands.create_token(name, owner, scopes)


@token.command(name="list")
def list_() -> None:
    """List the tokens, with their last use."""
    from curate.cli import access_commands

    access_commands.list_tokens()


@token.command()
@click.argument("number", type=int)
def revoke(number: int) -> None:
    """Make a token useless, for good."""
    from curate.cli import access_commands

    access_commands.revoke(number)


COMMANDS = (token,)
