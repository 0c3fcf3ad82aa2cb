"""Joint multimodal entity-relation extraction: posts with pictures in, quintuples out."""

from typing import TYPE_CHECKING

from jmere.exports import exports

if TYPE_CHECKING:
    from jmere.data.jsonl import read_posts as read_posts
    from jmere.data.jsonl import write_posts as write_posts
    from jmere.data.predictions import read_predictions as read_predictions
    from jmere.evaluation.gold import evaluate as evaluate
    from jmere.evaluation.scores import Scores as Scores
    from jmere.evaluation.scores import score as score
    from jmere.extract import Extractor as Extractor
    from jmere.integrations.frame_results import extract_frame as extract_frame
    from jmere.knowledge.graph import KnowledgeGraph as KnowledgeGraph
    from jmere.knowledge.merge import merge as merge
    from jmere.knowledge.write import write_graph as write_graph
    from jmere.records import Alignment as Alignment
    from jmere.records import Entity as Entity
    from jmere.records import Extraction as Extraction
    from jmere.records import Grounding as Grounding
    from jmere.records import Post as Post
    from jmere.records import Quintuple as Quintuple
    from jmere.records import SceneGraph as SceneGraph
    from jmere.records import SceneObject as SceneObject
    from jmere.records import SceneRelation as SceneRelation
    from jmere.scenes.files.scene_files import read_scenes as read_scenes
    from jmere.scenes.visual_config import VisualConfig as VisualConfig
    from jmere.tags import TagSet as TagSet
    from jmere.training.start import train as train

__version__ = "0.2.0"

__getattr__, __all__ = exports(
    __name__,
    {
        "data.jsonl": ("read_posts", "write_posts"),
        "data.predictions": ("read_predictions",),
        "evaluation.gold": ("evaluate",),
        "evaluation.scores": ("Scores", "score"),
        "extract": ("Extractor",),
        "integrations.frame_results": ("extract_frame",),
        "knowledge.graph": ("KnowledgeGraph",),
        "knowledge.merge": ("merge",),
        "knowledge.write": ("write_graph",),
        "records": (
            *("Alignment", "Entity", "Extraction", "Grounding", "Post", "Quintuple"),
            *("SceneGraph", "SceneObject", "SceneRelation"),
        ),
        "scenes.files.scene_files": ("read_scenes",),
        "scenes.visual_config": ("VisualConfig",),
        "tags": ("TagSet",),
        "training.start": ("train",),
    },
)
