"""Models that differ in how words take in the picture, in word-pair form."""

from jmere.exports import exports

__getattr__, __all__ = exports(
    __name__,
    {
        "adapcoatt": ("AdapCoAtt", "AdapCoAttConfig"),
        "agban": ("Agban", "AgbanConfig"),
        "base": ("Fused", "Fuser", "Fusion"),
        "maf": ("Maf", "MafConfig"),
        "mega": ("Mega", "MegaConfig"),
        "ocsga": ("Ocsga", "OcsgaConfig"),
        "pair_config": ("PairConfig",),
        "text_only": ("Text", "TextConfig"),
        "umgf": ("Umgf", "UmgfConfig"),
        "visual_nodes": ("ObjectConfig", "VisualFusionConfig"),
    },
)
