"""``mien models``: optional files, fetched once."""

import typer

from mien.vision.downloads import CACHE, DOWNLOADS, MIRROR, is_pulled, place_of, pull

app = typer.Typer(help="Fetch optional files once, such as a better face finder.", no_args_is_help=True)
_NAMES = ", ".join(DOWNLOADS)


@app.command("list")
def list_models() -> None:
    """List the files that can be pulled, and which of them are there.

    For example:

        mien models list
    """
    for name, file in DOWNLOADS.items():
        state = f"in {place_of(name)}" if is_pulled(name) else f"not here: mien models pull {name}"
        typer.echo(f"{name}  {file.size / 1e6:.2f} MB  {file.licence}  {state}\n    {file.purpose}")


@app.command("pull", epilog=f"Environment: {CACHE} (the folder of pulled files), {MIRROR} (an address to fetch from).")
def pull_model(name: str = typer.Argument(help=f"What to fetch: {_NAMES}.")) -> None:
    """Fetch a file into the cache; after that it works offline.

    Its size and SHA-256 are checked before it is kept. Proxies are those of the environment, such as HTTPS_PROXY.

    For example:

        mien models pull yunet
    """
    if name not in DOWNLOADS:
        raise typer.BadParameter(f"{name!r} is not one of {_NAMES}", param_hint="NAME")
    typer.echo(f"{name}: {pull(name)}")
