"""Catalogue of the fusions by name, for word-pair models and pipelines."""

from jmere.models.fusions import adapcoatt, agban, maf, mega, ocsga, umgf
from jmere.models.fusions import text_only as text
from jmere.models.fusions.base import Fuser

FUSIONS: dict[str, Fuser] = {
    "text": Fuser(text.TextConfig, text.fuse),
    "adapcoatt": Fuser(adapcoatt.AdapCoAttConfig, adapcoatt.fuse),
    "ocsga": Fuser(ocsga.OcsgaConfig, ocsga.fuse),
    "agban": Fuser(agban.AgbanConfig, agban.fuse),
    "umgf": Fuser(umgf.UmgfConfig, umgf.fuse),
    "mega": Fuser(mega.MegaConfig, mega.fuse),
    "maf": Fuser(maf.MafConfig, maf.fuse),
}
