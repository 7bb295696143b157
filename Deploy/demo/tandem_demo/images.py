"""Two releases of each product, as real packages and as signed images."""

import os
from dataclasses import dataclass

from tandem_demo import packages, release
from tandem_demo.cli import Tandem
from tandem_demo.identities import Identities
from tandem_demo.network import Network

OLD = "12.5.0"
NEW = "12.6.0"


@dataclass(frozen=True)
class Release:
    """One release of one product, ready to be installed and to be staged."""

    product: str
    version: str
    schema: str
    description: str
    """Its `release.yaml`; packages and hooks lie beside it."""
    image: str

    @property
    def text(self) -> str:
        """As `tandem` shows it."""
        return f"{self.product} {self.version}"

    @property
    def argument(self) -> str:
        """As `tandem` takes it."""
        return f"{self.product}-{self.version}"


@dataclass(frozen=True)
class Pair:
    """What a cluster runs, and what it is upgraded to."""

    old: Release
    new: Release


def make_pair(product: str, network: Network, identities: Identities, tandem: Tandem) -> Pair:
    """Builds, signs and verifies both images of a product.

    The new release has another form of the configuration than the old one where the product is
    not `cmp`, and then needs the new `cmp` as well.
    """
    is_cmp = product == "cmp"
    old = release.Surroundings(schema="1")
    new = release.Surroundings([OLD], "" if is_cmp else NEW, "1" if is_cmp else "2")
    made = []
    for version, surroundings in ((OLD, old), (NEW, new)):
        recipe = packages.Recipe(product, version)
        description = network.build_release(recipe, surroundings)
        image = os.path.join(tandem.folder, f"{product}-{version}.iso")
        tandem.do("image", "build", description, "--output", image)
        tandem.do("image", "sign", image, "--key", identities.signing_key)
        tandem.do("image", "verify", image, "--trust", identities.trust)
        schema = f"{product}-{surroundings.schema}"
        made.append(Release(product, version, schema, description, image))
    return Pair(*made)


def configuration(of: Release) -> str:
    """A configuration document of a release."""
    return (
        f"# {of.text}, form {of.schema}\ngreeting = hello from Tandem's demo\nform = {of.schema}\n"
    )
