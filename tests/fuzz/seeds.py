"""Valid inputs of every kind, made here."""

import io
import json
import lzma

import numpy as np
import yaml

POSTS = [
    {
        "id": "a",
        "text": "Ada Lovelace lives in London",
        "image": "a.png",
        "alt_text": "a woman with a hat",
        "scene_graph": {
            "objects": [
                {"label": "woman", "box": [0, 0, 4, 6], "score": 0.9},
                {"label": "hat", "box": [1, 0, 3, 2]},
            ],
            "relations": [{"subject": 0, "predicate": "wearing", "object": 1, "score": 0.5}],
            "size": [8, 8],
        },
        "quintuples": [
            {
                "head": {"start": 0, "end": 12, "type": "per"},
                "tail": {"start": 22, "end": 28, "type": "loc"},
                "relation": "place_of_residence",
            }
        ],
    },
    {"id": "b", "tokens": ["Messi", "won"], "entities": [{"start": 0, "end": 5, "type": "per"}]},
]

PREDICTIONS = [
    {
        "id": "a",
        "text": "Ada Lovelace lives in London",
        "image": "a.png",
        "quintuples": [
            {
                "head": {"start": 0, "end": 12, "type": "per", "text": "Ada Lovelace"},
                "tail": {"start": 22, "end": 28, "type": "loc", "text": "London"},
                "relation": "place_of_residence",
                "score": 0.75,
            },
            {
                "head": {"start": 22, "end": 28, "type": "loc", "text": "London"},
                "tail": {"start": 0, "end": 12, "type": "per", "text": "Ada Lovelace"},
                "relation": "alternate_names",
                "score": 0.5,
            },
        ],
        "entities": [{"start": 0, "end": 12, "type": "per", "text": "Ada Lovelace"}],
        "warnings": ["no picture"],
    },
    {
        "id": "b",
        "quintuples": [
            {
                "head": {"text": "Messi", "type": "per"},
                "tail": {"text": "FIFA", "type": "org"},
                "relation": "member_of",
            }
        ],
    },
]

MNRE = (
    b"{'token': ['RT', 'Ada', 'in', 'London'], 'h': {'name': 'Ada', 'pos': [1, 2]}, "
    b"'t': {'name': 'London', 'pos': [3, 4]}, 'img_id': 'a.jpg', "
    b"'relation': '/per/loc/place_of_residence'}\n"
    b"{'token': ['NASA'], 'h': {'name': 'NASA', 'pos': [0, 1]}, "
    b"'t': {'name': 'NASA', 'pos': [0, 1]}, 'img_id': 'b.jpg', 'relation': 'None'}\n"
)

CONLL = (
    b"IMGID:17\nAda\tB-PER\nLovelace\tI-PER\nlives\tO\nin\tO\nLondon\tB-LOC\n\nIMGID:18\nHi\tO\n"
)

RELEASE = [
    {
        "token": ["Ada", "in", "London"],
        "img_id": "a.jpg",
        "label_list": [
            [
                {
                    "beg_ent": {"name": "Ada", "pos": [0, 1], "tags": "per"},
                    "sec_ent": {"name": "London", "pos": [2, 3], "tags": "loc"},
                    "relation": "place_of_residence",
                }
            ]
        ],
    }
]

CAPTIONS = b"a.jpg :a man with a hat\nb.jpg :two dogs\n"

SCENES = {"a.jpg": {"bbox_labels": ["man", "hat"], "rel_labels": ["0_man => wearing => 1_hat"]}}

PREDICTED_SCENES = {
    "0": {
        "bbox": [[0, 0, 4, 4], [1, 1, 3, 3]],
        "bbox_labels": [1, 2],
        "bbox_scores": [0.9, 0.8],
        "rel_pairs": [[0, 1]],
        "rel_labels": [1],
        "rel_scores": [0.7],
    }
}

SCENES_INFO = {
    "idx_to_files": ["img/a.jpg"],
    "ind_to_classes": ["__background__", "man", "hat"],
    "ind_to_predicates": ["__background__", "wearing"],
}

VRD = {
    "objects": ["man", "hat"],
    "predicates": ["on", "has"],
    "images": [
        {
            "image": "a.jpg",
            "objects": [{"label": 0, "box": [0, 0, 9, 9]}, {"label": 1, "box": [2, 0, 4, 3]}],
            "relations": [{"subject": 0, "object": 1, "predicates": [1]}],
        }
    ],
}

CONLLU = (
    b"# text = Ada sings\n1\tAda\tAda\tPROPN\tNNP\t_\t2\tnsubj\t_\t_\n"
    b"2\tsings\tsing\tVERB\tVBZ\t_\t0\troot\t_\t_\n\n"
)

TAGS = {"entity_types": ["per", "loc"], "relations": ["peer", "place_of_residence"]}

RUN = {
    "output": "run",
    "encoder": "encoder",
    "model": {"name": "eega", "heads": 2, "object_width": 8, "pair_form": "biaffine"},
    "data": {"train": ["a.jsonl"], "dev": "b.jsonl", "visual": "real"},
    "graphs": {"objects": 3, "parser": None},
    "decoding": {"symmetric": True, "entity_bias": 0.1},
    "training": {"epochs": 3, "learning_rate": 1e-3, "reading": "directed"},
}

PIPELINE = {**RUN, "model": {"name": "pipeline", "entities": {"name": "umgf", "layers": 2}}}

ROWS = {
    "title": "Two models",
    "config": "run.yaml",
    "rows": {"one": {"set": ["model.name=text"]}, "two": {"name": "Two", "set": []}},
    "against": "one",
}

SHARED = (
    b"a: &a {x: 1, y: [1, 2.5, true, null]}\nb:\n  <<: *a\n  z: |\n    text\n? [k]\n: !!str 3\n"
)

SETTINGS = b"training.epochs=3\nmodel.heads=4\ndata.train=[a, b]\nloss={}\n"


def json_of(value):
    """A value as JSON."""
    return json.dumps(value).encode()


def lines_of(values):
    """Values as JSON Lines."""
    return b"".join(json_of(value) + b"\n" for value in values)


def yaml_of(value):
    """A value as YAML."""
    return yaml.safe_dump(value, sort_keys=False).encode()


def conllu_xz():
    """The treebank, packed."""
    return lzma.compress(CONLLU)


def npy(kind="<f4", shape=(2, 3)):
    """An array's file."""
    stream = io.BytesIO()
    np.save(stream, np.ones(shape, kind))
    return stream.getvalue()


def npz(*, packed):
    """Two arrays' file."""
    stream = io.BytesIO()
    save = np.savez_compressed if packed else np.savez
    save(stream, a=np.ones((2, 3), np.float32), b=np.zeros((1, 3)))
    return stream.getvalue()


def hdf5(folder, *, packed):
    """Two arrays' HDF5 file."""
    import h5py

    path = folder / "seed.h5"
    with h5py.File(path, "w") as file:
        options = {"compression": "gzip", "chunks": (1, 3), "shuffle": True} if packed else {}
        file.create_dataset("a", data=np.ones((2, 3), np.float32), **options)
        file.create_dataset("b", data=np.zeros((1, 3), np.int32))
    return path.read_bytes()


def pictures():
    """A small picture in each form."""
    from PIL import Image

    pixels = np.arange(8 * 9 * 3, dtype=np.uint8).reshape(8, 9, 3)
    found = []
    for form in ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF"):
        stream = io.BytesIO()
        Image.fromarray(pixels).save(stream, form)
        found.append(stream.getvalue())
    return found
